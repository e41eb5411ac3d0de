"""The commands that keep the registry: list, history, backup, restore, remove, ..."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reirrad.cli.cohort_options import (
    Database,
    Key,
    Who,
    database_url,
    key_file,
    signed,
)
from reirrad.cli.outcome import Exit, explained

__all__ = ["add_keeping_commands"]


class Reason(StrEnum):
    """Why a patient is removed."""

    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    MISTAKE = "mistake"


Backup = Annotated[
    Path,
    typer.Argument(metavar="FILE.zip", help="The backup.", show_default=False),
]
FROM_STDIN = "-"


def list_patients(*, database: Database = "") -> None:
    """List the patients: courses, type of re-irradiation, follow-up."""
    with explained():
        from reirrad.cli.cohort_listing import show_patients
        from reirrad.stats.questions import Questions
        from reirrad.stats.strata import stratified_by
        from reirrad.workflows.cohort_results import listed_patients

        strata = Questions().strata
        rows = listed_patients(database_url(database), strata)
        show_patients(rows, stratified_by(strata))


def history(
    *,
    patient: Annotated[
        str,
        typer.Option(
            metavar="PSEUDONYM", help="Of this patient alone.", show_default=False
        ),
    ] = "",
    database: Database = "",
) -> None:
    """Show every change of the registry: when, who, which record, which values."""
    with explained():
        from reirrad.cli.cohort_listing import show_changes
        from reirrad.workflows.cohort_keeping import changes_of

        show_changes(changes_of(database_url(database), patient or None))


def backup(file: Backup, *, database: Database = "") -> None:
    """Write the whole registry, with its history, to one file.

    The key of the pseudonyms is not in it: keep a copy of that file apart.
    """
    with explained():
        from reirrad.cli.cohort_listing import show_counts
        from reirrad.workflows.cohort_keeping import back_up

        show_counts(back_up(database_url(database), file))
        typer.echo(file)


def restore(file: Backup, *, database: Database = "", who: Who = "") -> None:
    """Put a backup into an empty registry, SQLite or PostgreSQL."""
    with explained():
        from reirrad.cli.cohort_listing import show_counts
        from reirrad.workflows import cohort_keeping

        url = database_url(database)
        show_counts(cohort_keeping.restore(url, file, who=signed(who)))


def remove(
    patient: Annotated[
        str,
        typer.Argument(metavar="PSEUDONYM", help="Which patient.", show_default=False),
    ],
    *,
    reason: Annotated[
        Reason, typer.Option(help="Why; kept with the change.", show_default=False)
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask whether it is meant.")
    ] = False,
    database: Database = "",
    who: Who = "",
) -> None:
    """Remove a patient with all records; what they were stays in the history."""
    with explained():
        from reirrad.reports.wording import plural
        from reirrad.workflows.cohort_keeping import remove_patient

        if not yes:
            _confirm(patient)
        n_records = remove_patient(
            database_url(database), patient, who=signed(who), reason=reason.value
        )
        typer.echo(f"Removed {plural(n_records, 'record')} of {patient}.")


def _confirm(patient: str) -> None:
    """Ask whether a removal is meant; end the command where it is not."""
    ended = Exit.REFUSED
    try:
        if typer.confirm(f"Remove all records of {patient}?"):
            return
    except typer.Abort as no_answer:
        typer.echo(err=True)
        if isinstance(no_answer.__context__, KeyboardInterrupt):
            ended = Exit.INTERRUPTED
    typer.echo("Nothing was removed. --yes removes without asking.", err=True)
    raise typer.Exit(ended)


def pseudonym(
    patient_id: Annotated[
        str,
        typer.Argument(
            metavar="PATIENT_ID",
            help="Patient ID of the clinic, or - to read one from each line that is "
            "typed: the shell keeps no history of those.",
            show_default=False,
        ),
    ],
    *,
    database: Database = "",
    key: Key = None,
) -> None:
    """Show by which pseudonym the registry knows a patient."""
    with explained():
        from reirrad.workflows.cohort_keeping import pseudonyms

        ids = [patient_id]
        if patient_id == FROM_STDIN:
            ids = sys.stdin.read().splitlines()
        url = database_url(database)
        for one in pseudonyms(ids, key_file(key, url), url):
            typer.echo(one)


def add_keeping_commands(cohort: typer.Typer) -> None:
    """Give the cohort its commands that keep the registry."""
    cohort.command(name="list")(list_patients)
    cohort.command()(history)
    cohort.command()(backup)
    cohort.command()(restore)
    cohort.command()(remove)
    cohort.command()(pseudonym)
