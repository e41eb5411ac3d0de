"""``reirrad cohort add`` and ``reirrad cohort assess``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from reirrad.cli.terminal_text import print_problem, printable

if TYPE_CHECKING:
    from reirrad.workflows.cohort_add import Addition

__all__ = ["add_adding_commands", "print_addition"]


def add_adding_commands(cohort: typer.Typer) -> None:
    """Give the cohort its commands that assess patients and add assessments."""
    cohort.command()(add)
    cohort.command()(assess)


def add(
    cases: Annotated[
        list[Path],
        typer.Argument(
            metavar="CASE_DIR",
            help="Result folders of reirrad assess, or their assessment.json.",
            show_default=False,
        ),
    ],
    *,
    database: Database = "",
    key: Key = None,
    who: Who = "",
    pseudonym: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="PSEUDONYM",
            help="Who it is in the registry, for one patient; without it, the "
            "pseudonym of the Patient ID.",
            show_default=False,
        ),
    ] = "",
    readmit: Annotated[
        bool,
        typer.Option(
            "--readmit", help="Take back a patient who was removed as withdrawn."
        ),
    ] = False,
) -> None:
    """Add assessments to the registry: courses, lesions, overlaps, organ doses.

    What a person entered stays. Adding the same again changes nothing; a newer
    assessment of the same courses replaces the older one.
    """
    with explained():
        raise typer.Exit(
            _add(
                cases,
                url=database_url(database),
                key=key,
                who=signed(who),
                pseudonym=pseudonym,
                readmit=readmit,
            )
        )


def assess(  # noqa: PLR0913 - the options of the command
    root: Annotated[
        Path,
        typer.Argument(
            metavar="ROOT",
            help="Folder with the DICOM files of all patients, in whatever folders "
            "and zips.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Folder of the results; each patient gets one in it.",
            show_default=False,
        ),
    ],
    *,
    settings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            help="Everything else that a user may decide, for all patients.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Patients that are assessed side by side, each on one processor.",
            show_default="all processors",
        ),
    ] = None,
    scheduler: Annotated[
        str,
        typer.Option(
            metavar="tcp://HOST:PORT",
            help="Dask scheduler whose workers do it instead; they must see ROOT and "
            "DIR under the same paths.",
            show_default=False,
        ),
    ] = "",
    json_only: Annotated[
        bool, typer.Option("--json-only", help="Write assessment.json, no reports.")
    ] = False,
    add: Annotated[
        bool, typer.Option("--add", help="Add each finished patient to the registry.")
    ] = False,
    database: Database = "",
    key: Key = None,
    who: Who = "",
) -> None:
    """Assess all patients below a folder; go on where an earlier run was interrupted.

    A patient who cannot be assessed stops nobody else. Exit code 0: all assessed; 3:
    some with their verdict withheld; 2: some refused or failed.
    """
    with explained():
        from functools import partial

        from reirrad.cli.cohort_batch import RegistryEntry, run_batch
        from reirrad.core.cohort.pseudonyms import pseudonym_of
        from reirrad.workflows.cohort_assess import BatchOrder
        from reirrad.workflows.pseudonym_key import lasting_key
        from reirrad.workflows.registry_key import RegistryKey
        from reirrad.workflows.settings import load_settings

        url = database_url(database)
        order = BatchOrder(
            root=root,
            out=out,
            settings=load_settings(settings),
            json_only=json_only,
            n_workers=workers,
            scheduler=scheduler,
        )
        file = key_file(key, url)
        entry = RegistryEntry(url, signed(who), RegistryKey(file, url)) if add else None
        named = (
            entry.key.pseudonym
            if entry
            else partial(pseudonym_of, key=lasting_key(file))
        )
        try:
            ended = run_batch(order, named, entry)
        except KeyboardInterrupt:
            typer.echo(
                "Interrupted. Finished patients are kept; the same command goes on "
                "with the others.",
                err=True,
            )
            ended = Exit.INTERRUPTED
        raise typer.Exit(ended)


def print_addition(addition: "Addition") -> None:
    """Print what came of an assessment, and what is left to a person."""
    from reirrad.reports.wording import plural

    typer.echo(
        f"{addition.patient}: {plural(addition.added, 'record')} added, "
        f"{addition.changed} changed, {addition.unchanged} unchanged, "
        f"{addition.removed} removed"
    )
    for remark in addition.remarks:
        typer.echo(printable(f"  {remark}"))


def _add(
    cases: list[Path],
    *,
    url: str,
    key: Path | None,
    who: str,
    pseudonym: str,
    readmit: bool,
) -> Exit:
    from reirrad.errors import InputError, ReirradError
    from reirrad.store.database import Store
    from reirrad.workflows.cohort_add import (
        add_assessment,
        named_as,
        named_in_registry,
    )
    from reirrad.workflows.registry_key import RegistryKey

    if pseudonym and len(cases) > 1:
        msg = (
            f"--as {pseudonym} names one patient, and there are {len(cases)} cases. "
            f"Give one, or leave --as out."
        )
        raise InputError(msg)
    secret = RegistryKey(key_file(key, url), url)
    given = named_as(pseudonym) if pseudonym else None
    refused = 0
    store = Store.open(url)
    named = given or named_in_registry(secret, store, who=who)
    try:
        for case in cases:
            try:
                print_addition(
                    add_assessment(
                        store, case, patient_named=named, who=who, readmit=readmit
                    )
                )
            except ReirradError as error:
                refused += 1
                for problem in error.problems:
                    told = problem.startswith(str(case))
                    print_problem(problem if told else f"{case}: {problem}")
    finally:
        store.close()
    if len(cases) > 1:
        typer.echo(f"{len(cases) - refused} of {len(cases)} assessments added")
    return Exit.REFUSED if refused else Exit.ASSESSED
