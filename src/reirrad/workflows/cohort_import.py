"""Records of a clinic's file taken into the registry: all that are right, or none."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reirrad.core.cohort.pseudonyms import pseudonym_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, kind_of, records_of
from reirrad.errors import OutputError
from reirrad.interchange.entries import Entry, read_entries
from reirrad.interchange.file_faults import FileFault
from reirrad.interchange.spreadsheets import write_csv
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.store.addresses import address_of
from reirrad.store.database import Store
from reirrad.store.registry import put_records, read_cohort
from reirrad.workflows.import_records import (
    Key,
    change_faults,
    given_records,
    union_faults,
)
from reirrad.workflows.pseudonym_key import existing_key, new_key, write_key

__all__ = [
    "Changes",
    "ImportChoices",
    "ImportResult",
    "import_records",
    "write_faults",
]

FAULT_HEADER = ("severity", "sheet", "row", "column", "value", "problem", "allowed")


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
    """

    dry_run: bool = False
    update: bool = False
    skip_wrong: bool = False


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
        Whether nothing can be taken over.
    """

    faults: tuple[FileFault, ...]
    notes: tuple[str, ...]
    changes: Mapping[str, Changes]
    n_patients: int
    left_out: tuple[tuple[str, int], ...]
    refused: bool


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
        If the file or the key cannot be read.
    OutputError
        If a new key cannot be written.
    StoreError
        If the registry cannot be read or written.
    """
    key = _Key(key_file)
    found = read_entries(file, key.pseudonym)
    patients = {entry.patient for entry in found.entries}
    registry = {_key_of(one): one for one in _kept(url, patients, choices)}
    given = given_records(found.entries, registry)
    faults = [*found.faults, *given.faults]
    if not choices.update:
        faults += change_faults(given, registry)
    faults += union_faults(given, registry, today=today, rules=load_clinical_rules())
    wrong = {fault.patient for fault in faults if fault.severity == "error"}
    refused = "" in wrong or bool(wrong and not choices.skip_wrong)
    right = [one for one in given.records.values() if one.patient not in wrong]
    if right and not refused and not choices.dry_run:
        key.keep()
        with closing(Store.open(url)) as store:
            put_records(store, right, who=who, reason=f"import of {len(right)} records")
    return ImportResult(
        faults=tuple(sorted(faults, key=_place)),
        notes=found.notes,
        changes=_changes(right, registry),
        n_patients=len(patients),
        left_out=_rows(found.entries, wrong),
        refused=refused,
    )


def _kept(
    url: str, patients: Collection[str], choices: ImportChoices
) -> tuple[Record, ...]:
    """Records of some patients; a dry run makes no database that is not there."""
    address = address_of(url)
    file = address.url.database or ""
    if choices.dry_run and address.kind == "sqlite" and not Path(file).exists():
        return ()
    with closing(Store.open(url)) as store:
        return records_of(read_cohort(store, patients))


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
            fault.column,
            fault.value,
            fault.problem,
            fault.allowed,
        ]
        for fault in faults
    ]
    try:
        write_csv(file, [FAULT_HEADER, *rows])
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = (
            f"{file}: the errors cannot be written there ({reason}). Choose another "
            f"file with --errors."
        )
        raise OutputError(msg) from error


class _Key:
    """The secret of pseudonyms, looked for only once a Patient ID is met."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: bytes | None = None
        self._new: bytes | None = None

    def pseudonym(self, patient_id: str) -> str:
        """Pseudonym of a Patient ID."""
        return pseudonym_of(patient_id, self._secret())

    def keep(self) -> None:
        """Write the secret down where it is a new one."""
        if self._new is not None:
            write_key(self._file, self._new)

    def _secret(self) -> bytes:
        if self._kept is None:
            self._kept = existing_key(self._file)
        if self._kept is None:
            self._kept = self._new = new_key()
        return self._kept


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
