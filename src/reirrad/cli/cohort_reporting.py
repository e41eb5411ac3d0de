"""``reirrad cohort report`` and ``outcome``: what became of the patients."""

import shutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reirrad.cli.cohort_options import Database, database_url
from reirrad.cli.outcome import explained

if TYPE_CHECKING:
    from reirrad.stats.cohort_results import CohortResults

__all__ = ["add_reporting_commands", "checked_months"]

YEAR_MONTHS = 12.0
LONGEST_MONTHS = 1200
WIDEST = 100


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
        results = _results(database, by, horizon or [YEAR_MONTHS])
        _check_not_empty(results)
        write_cohort_report(results, out)
        typer.echo(out / "report.html")


def outcome(
    *,
    months: Annotated[
        float, typer.Option(metavar="MONTHS", help="Time that is asked for.")
    ] = YEAR_MONTHS,
    database: Database = "",
    by: By = Strata.RESBRT_TYPE,
) -> None:
    """Show survival, local progression, response and toxicity at a time, by group."""
    with explained():
        from reirrad.reports.cohort_outcome_text import outcome_text

        columns = shutil.get_terminal_size((WIDEST, 1)).columns
        results = _results(database, by, [months])
        typer.echo(outcome_text(results, months, columns))


def _results(database: str, by: Strata, asked: list[float]) -> "CohortResults":
    from reirrad.stats.questions import Questions
    from reirrad.workflows.cohort_results import cohort_results

    months = checked_months(asked)
    questions = Questions(strata=by.value, horizons_months=months)
    return cohort_results(database_url(database), questions)


def _check_not_empty(results: "CohortResults") -> None:
    from reirrad.errors import InputError

    if not results.n_patients:
        msg = (
            "0 patients with a re-irradiation in the registry: nothing to report, and "
            "nothing was written. Add them with `reirrad cohort import` or "
            "`reirrad cohort add`; a course counts where `reirradiation` is yes."
        )
        raise InputError(msg)


def checked_months(asked: list[float]) -> tuple[float, ...]:
    """Times that are asked for, sorted and once.

    Raises
    ------
    InputError
        If one of them is not between 0 and 1200 months.
    """
    from reirrad.errors import InputError

    wrong = [f"{months:g}" for months in asked if not 0 < months < LONGEST_MONTHS]
    if wrong:
        msg = (
            f"{', '.join(wrong)}: not a time from the end of re-irradiation. Give "
            f"months above 0 and below {LONGEST_MONTHS}."
        )
        raise InputError(msg)
    return tuple(sorted(set(asked)))


def add_reporting_commands(cohort: typer.Typer) -> None:
    """Give ``reirrad cohort`` its commands that report."""
    cohort.command("report")(report)
    cohort.command("outcome")(outcome)
