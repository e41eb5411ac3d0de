"""Records of a clinic's file taken into the registry: all that are right, or none."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from reirrad.core.cohort.pseudonyms import is_key_made
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, kind_of, records_of
from reirrad.errors import OutputError
from reirrad.interchange.entries import Entry, read_entries
from reirrad.interchange.file_faults import FileFault
from reirrad.interchange.spreadsheets import write_csv
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.reports.wording import plural
from reirrad.store.addresses import address_of
from reirrad.store.database import Store
from reirrad.store.registry import put_records, read_cohort
from reirrad.workflows.import_records import (
    Key,
    change_faults,
    given_records,
    patient_faults,
    union_faults,
)
from reirrad.workflows.registry_key import RegistryKey
from reirrad.workflows.withdrawal import withdrawn_patients

__all__ = [
    "Changes",
    "ImportChoices",
    "ImportResult",
    "check_faults_file",
    "import_records",
    "write_faults",
]

FAULT_HEADER = (
    "severity",
    "sheet",
    "row",
    "patient",
    "column",
    "value",
    "problem",
    "allowed",
)


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """How an import is to be done.

    Parameters
    ----------
    dry_run
        Say what would change; change nothing.
    update
        Records that the registry has with other values are replaced.
    skip_wrong
        Patients without any error are taken over, and others left out.
    own_pseudonyms
        Any pseudonym is taken; otherwise those of patients in the registry, and those
        that a key made.
    readmit
        Patients who were removed as withdrawn may come back.
    """

    dry_run: bool = False
    update: bool = False
    skip_wrong: bool = False
    own_pseudonyms: bool = False
    readmit: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import does to the records of one kind."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of an import.

    Parameters
    ----------
    faults
        Errors and warnings, as they stand in the file.
    notes
        How the file was understood.
    changes
        What was done, or would be, to each kind of record that the file has.
    n_patients
        Patients of the file.
    left_out
        Sheet and row of each patient that was left out, or would be.
    refused
        Whether nothing is taken over.
    may_skip
        Whether there are patients without an error beside others.
    """

    faults: tuple[FileFault, ...]
    notes: tuple[str, ...]
    changes: Mapping[str, Changes]
    n_patients: int
    left_out: tuple[tuple[str, int], ...]
    refused: bool
    may_skip: bool


def import_records(
    file: Path,
    url: str,
    choices: ImportChoices,
    *,
    key_file: Path,
    who: str,
    today: date,
) -> ImportResult:
    """Read a file, check it against the registry, and take its records over.

    Parameters
    ----------
    file
        CSV in REDCap's layout, or XLSX with a sheet for each kind.
    url
        Database of the registry.
    choices
        How it is to be done.
    key_file
        Secret of pseudonyms; made where it is needed and not there yet.
    who
        Who makes the change.
    today
        The day after which nothing can have happened.

    Raises
    ------
    InputError
        If the file or the key cannot be read, or it is not the key of the registry.
    OutputError
        If a new key cannot be written.
    StoreError
        If the registry cannot be read or written, or was changed meanwhile.
    """
    key = RegistryKey(key_file, url)
    found = read_entries(file, key.pseudonym)
    kept = _kept(url, {entry.patient for entry in found.entries}, choices)
    rules = load_clinical_rules()
    given = given_records(found.entries, kept.records, rules)
    faults = [*found.faults, *given.faults]
    faults += patient_faults(
        found.entries,
        kept.patients,
        kept.withdrawn,
        own_pseudonyms=choices.own_pseudonyms,
    )
    if not choices.update:
        faults += change_faults(given, kept.records)
    faults += union_faults(given, kept.records, today=today, rules=rules)
    wrong = {fault.patient for fault in faults if fault.severity == "error"}
    right = [one for one in given.records.values() if one.patient not in wrong]
    some = "" not in wrong and bool(right)
    result = ImportResult(
        faults=_shown(faults, None if choices.own_pseudonyms else kept.patients),
        notes=found.notes,
        changes=_changes(right, kept.records),
        n_patients=len({entry.patient for entry in found.entries}),
        left_out=_rows(found.entries, wrong),
        refused=bool(wrong) and not (choices.skip_wrong and some),
        may_skip=bool(wrong) and some,
    )
    if right and not result.refused and not choices.dry_run:
        _put(right, kept, url, key=key, who=who)
    return result


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the registry has of the patients of a file.

    Parameters
    ----------
    records
        Theirs, as they were when they were read.
    withdrawn
        Who was removed as withdrawn, and may not come back.
    """

    records: Mapping[Key, Record]
    withdrawn: Collection[str]

    @property
    def patients(self) -> set[str]:
        return {patient for kind, patient, _ in self.records if kind == "patient"}


def _kept(url: str, patients: Collection[str], choices: ImportChoices) -> _Kept:
    """Records of some patients; a dry run makes no database that is not there."""
    if choices.dry_run and address_of(url).is_missing:
        return _Kept({}, ())
    with closing(Store.open(url)) as store:
        records = records_of(read_cohort(store, patients))
        withdrawn = () if choices.readmit else withdrawn_patients(store)
    return _Kept({_key_of(one): one for one in records}, withdrawn)


def _put(
    right: Sequence[Record], kept: _Kept, url: str, *, key: RegistryKey, who: str
) -> None:
    with closing(Store.open(url)) as store:
        key.keep(store, who=who)
        put_records(
            store,
            right,
            who=who,
            reason=f"import of {plural(len(right), 'record')}",
            expected=kept.records.values(),
        )


def _shown(
    faults: Iterable[FileFault], known: Collection[str] | None
) -> tuple[FileFault, ...]:
    """Faults in their order, without what may be a hospital number.

    Parameters
    ----------
    faults
        All of the file.
    known
        Pseudonyms beside those that a key made; None if all are.
    """
    return tuple(
        fault
        if known is None or fault.patient in known or is_key_made(fault.patient)
        else replace(fault, patient="")
        for fault in sorted(faults, key=_place)
    )


def check_faults_file(errors: Path, file: Path) -> None:
    """Make sure that faults can be written, before anything is imported.

    Parameters
    ----------
    errors
        Where they are to be written.
    file
        The file that is imported, which must not be overwritten.

    Raises
    ------
    OutputError
        If they cannot.
    """
    if errors.exists() and file.exists() and errors.samefile(file):
        msg = (
            f"{errors}: that is the file to be imported. Choose another file with "
            f"--errors."
        )
        raise OutputError(msg)
    is_there = errors.exists()
    with _explained(errors):
        errors.open("a").close()
        if not is_there:
            errors.unlink()


@contextmanager
def _explained(errors: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = (
            f"{errors}: the errors cannot be written there ({reason}). Choose another "
            f"file with --errors."
        )
        raise OutputError(msg) from error


def write_faults(faults: Iterable[FileFault], file: Path) -> None:
    """Write faults as a CSV table.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    rows = [
        [
            fault.severity,
            fault.sheet,
            fault.row or None,
            fault.patient,
            fault.column,
            fault.value,
            fault.problem,
            fault.allowed,
        ]
        for fault in faults
    ]
    with _explained(file):
        file.touch(mode=0o600)
        write_csv(file, [FAULT_HEADER, *rows])


def _key_of(record: Record) -> Key:
    return kind_of(record), record.patient, record.number


def _place(fault: FileFault) -> tuple[bool, str, int, str]:
    return fault.severity == "warning", fault.sheet, fault.row, fault.column


def _rows(
    entries: Iterable[Entry], patients: Iterable[str]
) -> tuple[tuple[str, int], ...]:
    """Where each patient stands first, by preference in a row of kind patient."""
    left_out = set(patients)
    first: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda one: one.kind != "patient"):
        if entry.patient in left_out:
            first.setdefault(entry.patient, entry)
    return tuple(sorted((one.sheet, one.row) for one in first.values()))


def _changes(
    records: Iterable[Record], registry: Mapping[Key, Record]
) -> dict[str, Changes]:
    """How many records of each kind are new, differ or are the same."""
    counts: Counter[tuple[str, str]] = Counter()
    for record in records:
        kept = registry.get(_key_of(record))
        done = "unchanged" if kept == record else "changed" if kept else "added"
        counts[kind_of(record), done] += 1
    return {
        kind: Changes(
            counts[kind, "added"], counts[kind, "changed"], counts[kind, "unchanged"]
        )
        for kind in KINDS
        if any(one == kind for one, _ in counts)
    }
