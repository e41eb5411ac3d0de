"""``reirrad cohort demo``: made-up patients to try everything on."""

from pathlib import Path
from typing import Annotated

import typer

from reirrad.cli.outcome import explained
from reirrad.cli.progress import steps_shown

__all__ = ["add_example_commands"]


def demo(
    *,
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Folder of the registry and its report; empty or new."
        ),
    ] = Path("cohort-demo"),
    patients: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=5000,
            help="How many patients.",
            show_default="18, with 20 re-irradiation courses of 25 lesions",
        ),
    ] = None,
) -> None:
    """Make a registry of made-up patients and report it."""
    with explained():
        from reirrad.workflows.cohort_demo import (
            DEMO_REGISTRY,
            DEMO_REPORT,
            write_cohort_demo,
        )

        with steps_shown() as progress:
            write_cohort_demo(out, patients, progress=progress)
        typer.echo(f"report    {out / DEMO_REPORT / 'report.html'}")
        typer.echo(f"registry  {out / DEMO_REGISTRY}")
        typer.echo("Ask it, for one:")
        typer.echo(
            f"  reirrad cohort outcome --database sqlite:///{out / DEMO_REGISTRY}"
        )


def add_example_commands(cohort: typer.Typer) -> None:
    """Give ``reirrad cohort`` its made-up patients."""
    cohort.command("demo")(demo)
