"""What ``reirrad cohort assess`` does and shows while it runs and in the end."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from reirrad.cli.outcome import Exit
from reirrad.cli.progress import steps_shown
from reirrad.cli.terminal_text import print_problem, printable
from reirrad.errors import ReirradError
from reirrad.store.database import Store
from reirrad.workflows.cohort_add import add_assessment
from reirrad.workflows.cohort_assess import (
    BatchOrder,
    PlannedBatch,
    ends_of,
    locked,
    planned_batch,
)
from reirrad.workflows.cohort_summary import BatchSummary, write_summary
from reirrad.workflows.patient_job import PatientEnd
from reirrad.workflows.registry_key import RegistryKey

__all__ = ["RegistryEntry", "run_batch"]

Added: TypeAlias = Callable[[PatientEnd], "_Entered"]
GIVEN = ("assessed", "withheld")
FILE_NAMES = (
    "Files are counted in the order of their folders, not named, as names may tell who "
    "a patient is. `reirrad assess` with the patient's own files names them."
)


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """How finished patients are added to the registry.

    Parameters
    ----------
    url
        Address of the registry.
    who
        Kept with the change.
    key
        Makes the pseudonyms.
    """

    url: str
    who: str
    key: RegistryKey


def run_batch(
    order: BatchOrder,
    pseudonym_of: Callable[[str], str],
    entry: RegistryEntry | None,
) -> Exit:
    """Assess everybody who is not finished, add them if wished, and tell the end.

    Parameters
    ----------
    order
        What the user asked for.
    pseudonym_of
        From a Patient ID to the pseudonym.
    entry
        How to add them to the registry; None not to.
    """
    with locked(order.out):
        with steps_shown() as progress:
            progress("looking for patients")
            batch = planned_batch(order, pseudonym_of, progress=progress)
        ends = [*batch.ended]
        with _registry(order.out, entry) as added:
            entered = {end.pseudonym: added(end) for end in batch.ended}
            with _shown(batch) as tell:
                for end in ends_of(order, batch.jobs):
                    tell(end)
                    ends.append(end)
                    entered[end.pseudonym] = added(end)
        summary = write_summary(
            order.out,
            BatchSummary(
                tuple(ends),
                batch.problems,
                {pseudonym: one.remarks for pseudonym, one in entered.items()},
                batch.gone,
            ),
        )
    _print_summary(summary, len(batch.ended), order.out)
    for pseudonym, one in sorted(entered.items()):
        for problem in one.problems:
            print_problem(f"{pseudonym}: not added to the registry: {problem}")
    return _exit(summary, added=not any(one.problems for one in entered.values()))


@dataclass(frozen=True, slots=True)
class _Entered:
    """What came of adding a patient: why it failed, or what is left to a person."""

    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@contextmanager
def _registry(out: Path, entry: RegistryEntry | None) -> Iterator[Added]:
    """Something that adds a patient and says what came of it."""
    if entry is None:
        yield lambda _: _Entered()
        return
    store = Store.open(entry.url)

    def added(end: PatientEnd) -> _Entered:
        if end.kind not in GIVEN:
            return _Entered()
        try:
            addition = add_assessment(
                store,
                out / end.pseudonym,
                patient_named=lambda _: end.pseudonym,
                who=entry.who,
            )
        except ReirradError as error:
            return _Entered(problems=error.problems)
        return _Entered(remarks=addition.remarks)

    try:
        entry.key.keep(store, who=entry.who)
        yield added
    finally:
        store.close()


@contextmanager
def _shown(batch: PlannedBatch) -> Iterator[Callable[[PatientEnd], None]]:
    """A bar on a terminal, a line for each patient elsewhere; both on stderr."""
    console = Console(stderr=True)
    n_before, n_jobs = len(batch.ended), len(batch.jobs)
    count = itertools.count(n_before + 1)
    if not console.is_terminal:
        yield lambda end: typer.echo(
            f"{next(count)} of {n_before + n_jobs}: {end.pseudonym} {end.kind}",
            err=True,
        )
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        bar = progress.add_task("Patients", total=n_before + n_jobs, completed=n_before)

        def tell(end: PatientEnd) -> None:
            if end.kind not in GIVEN:
                progress.console.print(f"{end.pseudonym} {end.kind}")
            progress.advance(bar)

        yield tell


def _print_summary(summary: BatchSummary, n_before: int, out: Path) -> None:
    for end in summary.ends:
        for problem in end.problems:
            print_problem(f"{end.pseudonym}: {end.kind}: {problem}")
    for problem in summary.problems:
        print_problem(problem)
    if any("of this patient" in one for end in summary.ends for one in end.problems):
        print_problem(FILE_NAMES)
    count = summary.counts
    typer.echo(f"Patients           {len(summary.ends)}, {n_before} finished before")
    typer.echo(f"Assessed           {count['assessed']}")
    typer.echo(f"Verdict withheld   {count['withheld']}")
    typer.echo(f"Refused            {count['refused']}")
    typer.echo(f"Failed             {count['failed']}")
    if summary.gone:
        typer.echo(f"No files any more  {len(summary.gone)}")
    n_remarks = sum(len(one) for one in summary.remarks.values())
    if n_remarks:
        typer.echo(f"Left to enter      {n_remarks}, in the summary")
    typer.echo(printable(f"Summary            {out / 'summary.csv'}"))


def _exit(summary: BatchSummary, *, added: bool) -> Exit:
    count = summary.counts
    if count["refused"] or count["failed"] or summary.problems or not added:
        return Exit.REFUSED
    return Exit.WITHHELD if count["withheld"] else Exit.ASSESSED
