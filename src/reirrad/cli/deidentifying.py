"""``reirrad deidentify``: clean, publish, say what was written and left out."""

from pathlib import Path

import typer

from reirrad.cli.outcome import Exit
from reirrad.cli.progress import steps_shown
from reirrad.cli.terminal_text import finding_line, print_problem, printable
from reirrad.workflows.deidentify import REPORT, deidentify

__all__ = ["run_deidentification"]


def run_deidentification(
    paths: list[Path], *, out: Path, key_file: Path | None
) -> Exit:
    """Write cleaned objects to `out` and print what became of the input.

    Paths of files that were left out may hold names: they go to stderr, with the
    progress, and not to stdout, which people keep and send.
    """
    with steps_shown() as progress:
        result = deidentify(paths, out, key_file=key_file, progress=progress)
    for one in result.left_out:
        print_problem(f"left out: {one.path}: {one.reason}")
    for patient, objects in result.patients.items():
        counted = ", ".join(f"{count} {kind}" for kind, count in objects.items())
        typer.echo(f"{patient}: {counted}")
    typer.echo(f"Files left out: {len(result.left_out)}")
    for name, kept in result.texts_kept.items():
        typer.echo(printable(f"{name} kept: {', '.join(kept)}"))
    for finding in result.findings:
        typer.echo(printable(finding_line(finding)))
    typer.echo(f"Report: {out / REPORT}")
    return Exit.ASSESSED
