"""``reirrad cohort fhir``: the registry as FHIR bundles."""

from pathlib import Path
from typing import Annotated

import typer

from reirrad.cli.cohort_options import Database, database_url
from reirrad.cli.outcome import explained

__all__ = ["add_fhir_commands"]


def fhir(
    *,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE.json|DIR",
            help="One file for all patients, or a folder for one file each.",
            show_default=False,
        ),
    ],
    database: Database = "",
    full_birth_date: Annotated[
        bool,
        typer.Option(
            "--full-birth-date", help="Write the day of birth, not the year alone."
        ),
    ] = False,
) -> None:
    """Write the patients as FHIR R4 bundles by mCODE and CodeX Radiation Therapy."""
    with explained():
        from reirrad.reports.wording import plural
        from reirrad.workflows.cohort_fhir import export_fhir

        done = export_fhir(
            database_url(database), out, birth_date="day" if full_birth_date else "year"
        )
        patients = plural(done.n_patients, "patient")
        typer.echo(f"{out}: {patients}, {plural(done.n_resources, 'resource')}")


def add_fhir_commands(cohort: typer.Typer) -> None:
    """Give the cohort its FHIR command."""
    cohort.command()(fhir)
