"""``reirrad commission``: run the acceptance tests, print and keep their result."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reirrad.cli.outcome import Exit
from reirrad.cli.progress import steps_shown
from reirrad.cli.terminal_text import print_problem, printable
from reirrad.errors import InputError
from reirrad.phantoms.checks import CheckGroup, Commissioning
from reirrad.reports.check_wording import answer, failure, outcome, tolerance
from reirrad.reports.commissioning_record import write_commissioning
from reirrad.workflows.commission import commission
from reirrad.workflows.publish import check_writable, publish
from reirrad.workflows.settings import load_settings
from reirrad.workflows.tps_comparison import compare_with_planning_system

__all__ = ["CommissionRequest", "print_commissioning", "run_commission"]

PIPED_WIDTH = 120
STYLES = {True: "green", False: "bold red"}


@dataclass(frozen=True, slots=True)
class CommissionRequest:
    """What the user asked ``reirrad commission`` to do.

    Parameters
    ----------
    paths
        DICOM export of one course of a patient; empty for phantoms alone.
    dvh_files
        DVHs that a planning system exported for that course.
    settings_file
        Settings with which that course is read, or None.
    """

    paths: list[Path] = field(default_factory=list)
    dvh_files: list[Path] = field(default_factory=list)
    settings_file: Path | None = None


def run_commission(request: CommissionRequest, out: Path) -> Exit:
    """Run the tests, publish their record to `out` and print the table."""
    check_writable(out)
    with steps_shown() as progress:
        comparisons = _compared(request, progress)
        result = commission(progress=progress, comparisons=comparisons)
        progress("writing the record")
        publish(out, lambda folder: write_commissioning(result, folder))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    print_commissioning(result, console)
    typer.echo(f"Record: {out / 'commissioning.pdf'}")
    for group in result.groups:
        for check in group.failures:
            print_problem(failure(group.title, check))
    return Exit.ASSESSED if result.holds else Exit.NOT_COMMISSIONED


def print_commissioning(result: Commissioning, console: Console) -> None:
    """Print every check, the groups, and the verdict."""
    for group in result.groups:
        console.print(_checks(group))
        for remark in group.remarks:
            console.print(Text(printable(remark)))
        console.print()
    console.print(_summary(result))
    verdict = f"{result.word}: {result.sentence}"
    console.print(Text(verdict, style=STYLES[result.holds]))


def _compared(
    request: CommissionRequest, progress: Callable[[str], None]
) -> list[CheckGroup]:
    """The comparison with a planning system, first: bad input ends before long work."""
    if not request.dvh_files and not request.paths:
        return []
    if not request.dvh_files:
        msg = (
            "A DICOM export was given without --tps-dvh. Give the planning system's "
            "histograms to compare with, or no PATH."
        )
        raise InputError(msg)
    if not request.paths:
        msg = (
            "--tps-dvh needs the DICOM export of the same course as PATH: structures, "
            "dose and plan."
        )
        raise InputError(msg)
    return compare_with_planning_system(
        request.paths,
        request.dvh_files,
        load_settings(request.settings_file),
        progress=progress,
    )


def _checks(group: CheckGroup) -> Table:
    table = Table(
        title=Text(group.title, style="bold"),
        title_justify="left",
        box=None,
        pad_edge=False,
        expand=True,
        header_style="dim",
    )
    table.add_column("asked", ratio=1)
    for heading, width in (("expected", 10), ("found", 10), ("tolerance", 14)):
        table.add_column(heading, justify="right", width=width)
    table.add_column("result", width=6)
    for check in group.checks:
        table.add_row(
            Text(printable(check.subject)),
            Text(printable(answer(check.expected, check))),
            Text(printable(answer(check.found, check))),
            Text(tolerance(check)),
            Text(outcome(check.holds), style=STYLES[check.holds]),
        )
    return table


def _summary(result: Commissioning) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("group")
    table.add_column("checks", justify="right")
    table.add_column("time", justify="right")
    table.add_column("result")
    for group in result.groups:
        table.add_row(
            Text(group.title),
            f"{len(group.checks) - len(group.failures)} of {len(group.checks)}",
            f"{group.seconds:.0f} s",
            Text(outcome(group.holds), style=STYLES[group.holds]),
        )
    return table
