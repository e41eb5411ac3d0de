"""``reirrad cohort``: the registry of a clinic's patients and what it comes to."""

import typer

from reirrad.cli.cohort_adding import add_adding_commands
from reirrad.cli.cohort_example import add_example_commands
from reirrad.cli.cohort_exchange import add_exchange_commands
from reirrad.cli.cohort_fhir import add_fhir_commands
from reirrad.cli.cohort_keeping import add_keeping_commands
from reirrad.cli.cohort_reporting import add_reporting_commands

__all__ = ["add_cohort_commands"]

cohort = typer.Typer(
    no_args_is_help=True,
    help="The registry of a clinic's patients: courses, outcome, toxicity, survival.",
)
add_example_commands(cohort)
add_adding_commands(cohort)
add_exchange_commands(cohort)
add_reporting_commands(cohort)
add_fhir_commands(cohort)
add_keeping_commands(cohort)


def add_cohort_commands(app: typer.Typer) -> None:
    """Give the program its commands for cohorts."""
    app.add_typer(cohort, name="cohort")
