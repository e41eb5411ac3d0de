"""``reirrad cohort report`` and ``outcome``: what became of the patients."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reirrad.cli.cohort_options import Database, database_url
from reirrad.cli.outcome import explained

if TYPE_CHECKING:
    from reirrad.stats.cohort_results import CohortResults

__all__ = ["add_reporting_commands"]

YEAR_MONTHS = 12.0


class Strata(StrEnum):
    """By what patients, courses and lesions are grouped."""

    RESBRT_TYPE = "resbrt_type"
    AS_APPLIED_TYPE = "as_applied_type"
    ESTRO_EORTC = "estro_eortc"
    PRIMARY_SITE = "primary_site"
    SEX = "sex"
    TECHNIQUE = "technique"
    IRRADIATED_SITE = "irradiated_site"


By = Annotated[
    Strata,
    typer.Option("--by", help="Groups that are compared: type of re-irradiation, ..."),
]


def report(
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Folder of the report.", show_default=False),
    ],
    database: Database = "",
    by: By = Strata.RESBRT_TYPE,
    horizon: Annotated[
        list[float] | None,
        typer.Option(
            metavar="MONTHS",
            min=0.1,
            help="Time at which survival, control and response are given; may be given "
            "several times.",
            show_default="12",
        ),
    ] = None,
) -> None:
    """Report the cohort: page, PDF, tables, curves and a paragraph on methods."""
    with explained():
        from reirrad.workflows.cohort_report import write_cohort_report
        from reirrad.workflows.publish import check_writable

        check_writable(out)
        results = _results(database, by, tuple(horizon or (YEAR_MONTHS,)))
        write_cohort_report(results, out)
        typer.echo(out / "report.html")


def outcome(
    *,
    months: Annotated[
        float, typer.Option(metavar="MONTHS", min=0.1, help="Time that is asked for.")
    ] = YEAR_MONTHS,
    database: Database = "",
    by: By = Strata.RESBRT_TYPE,
) -> None:
    """Show survival, local progression, response and toxicity at a time, by group."""
    with explained():
        from reirrad.reports.cohort_outcome_text import outcome_text

        typer.echo(outcome_text(_results(database, by, (months,)), months))


def _results(database: str, by: Strata, months: tuple[float, ...]) -> "CohortResults":
    from reirrad.stats.questions import Questions
    from reirrad.workflows.cohort_results import cohort_results

    questions = Questions(strata=by.value, horizons_months=months)
    return cohort_results(database_url(database), questions)


def add_reporting_commands(cohort: typer.Typer) -> None:
    """Give ``reirrad cohort`` its commands that report."""
    cohort.command("report")(report)
    cohort.command("outcome")(outcome)
