"""``reirrad cohort template``, ``import`` and ``export``."""

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
from reirrad.cli.outcome import explained

__all__ = ["add_exchange_commands"]


def template(
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Folder of the files.", show_default=False),
    ],
) -> None:
    """Write empty tables to fill in, and the data dictionary for REDCap."""
    with explained():
        from reirrad.workflows.cohort_export import TEMPLATE_FILES, write_templates

        write_templates(out)
        for name in TEMPLATE_FILES:
            typer.echo(out / name)


def import_file(  # noqa: PLR0913 - the options of the command
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A filled-in template, or an export of REDCap: .xlsx or .csv.",
            show_default=False,
        ),
    ],
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would change; change nothing."),
    ] = False,
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Replace records that the registry has with other values. An empty "
            "cell removes the value; a column that the file lacks keeps it.",
        ),
    ] = False,
    skip_wrong: Annotated[
        bool,
        typer.Option(
            "--skip-wrong",
            help="Import the patients without any error, and leave the others out.",
        ),
    ] = False,
    own_pseudonyms: Annotated[
        bool,
        typer.Option(
            "--own-pseudonyms",
            help="Take every record_id for a pseudonym; without it, those alone that "
            "the registry has or reirrad made, as others may be hospital numbers.",
        ),
    ] = False,
    readmit: Annotated[
        bool,
        typer.Option(
            "--readmit",
            help="Take back patients who were removed as withdrawn.",
        ),
    ] = False,
    errors: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Write all errors and warnings to a table.",
            show_default=False,
        ),
    ] = None,
    database: Database = "",
    key: Key = None,
    who: Who = "",
) -> None:
    """Bring a clinic's table into the registry: all of it, or nothing."""
    with explained():
        from datetime import datetime

        from reirrad.cli.cohort_importing import show_import
        from reirrad.workflows.cohort_import import (
            ImportChoices,
            check_faults_file,
            import_records,
        )

        url = database_url(database)
        if errors is not None:
            check_faults_file(errors, file)
        result = import_records(
            file,
            url,
            ImportChoices(
                dry_run=dry_run,
                update=update,
                skip_wrong=skip_wrong,
                own_pseudonyms=own_pseudonyms,
                readmit=readmit,
            ),
            key_file=key_file(key, url),
            who=signed(who),
            today=datetime.now().astimezone().date(),
        )
        raise typer.Exit(show_import(result, errors_file=errors, dry_run=dry_run))


def export(
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Folder of the files.", show_default=False),
    ],
    database: Database = "",
) -> None:
    """Write the registry as a CSV file for REDCap and an XLSX file for people."""
    with explained():
        from reirrad.reports.wording import plural
        from reirrad.workflows.cohort_export import COHORT_FILES, export_registry

        cohort = export_registry(database_url(database), out)
        patients = plural(len(cohort.patient), "patient")
        typer.echo(f"{patients}, {plural(len(cohort.course), 'course')}")
        for name in COHORT_FILES:
            typer.echo(out / name)


def add_exchange_commands(cohort: typer.Typer) -> None:
    """Give the cohort its commands for tables."""
    cohort.command()(template)
    cohort.command(name="import")(import_file)
    cohort.command()(export)
