"""``reirrad cohort``: the registry of a clinic's patients and what it comes to."""

import typer

from reirrad.cli.cohort_fhir import add_fhir_commands

__all__ = ["add_cohort_commands"]

cohort = typer.Typer(
    no_args_is_help=True,
    help="The registry of a clinic's patients: courses, outcome, toxicity, survival.",
)


def add_cohort_commands(app: typer.Typer) -> None:
    """Give the program its commands for cohorts."""
    add_fhir_commands(cohort)
    app.add_typer(cohort, name="cohort")
