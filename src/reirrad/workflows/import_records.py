"""From what stands in a file to records: read, completed and checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeAlias

from reirrad.core.cohort.checks import faults_between
from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.faults import Fault
from reirrad.core.cohort.field_values import (
    NotAllowed,
    text_of,
    value_of,
)
from reirrad.core.cohort.fields import Field, fields_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS
from reirrad.interchange.columns import column_of
from reirrad.interchange.entries import Entry
from reirrad.interchange.file_faults import FileFault

__all__ = ["GivenRecords", "Key", "change_faults", "given_records", "union_faults"]

Key: TypeAlias = tuple[str, str, int]
"""Kind, patient and number: which record."""


@dataclass(frozen=True, slots=True)
class GivenRecords:
    """Records of a file.

    Parameters
    ----------
    records
        Those that could be made.
    entries
        Where each record of the file stands, also of those that could not be made.
    faults
        What kept them, or a value, from being read.
    """

    records: Mapping[Key, Record]
    entries: Mapping[Key, Entry]
    faults: tuple[FileFault, ...]


def given_records(
    entries: Sequence[Entry], registry: Mapping[Key, Record]
) -> GivenRecords:
    """Make records of what stands in a file.

    A field whose column the file does not have keeps the value it has in the registry;
    an empty cell stands for a value that is not known.

    Parameters
    ----------
    entries
        What stands in the file.
    registry
        Records of the same patients that are kept already.
    """
    first: dict[Key, Entry] = {}
    records: dict[Key, Record] = {}
    faults: list[FileFault] = []
    for entry in entries:
        key = (entry.kind, entry.patient, entry.number)
        if key in first:
            faults.append(_repeated(entry, first[key]))
            continue
        first[key] = entry
        record, wrong = _record(entry, registry.get(key))
        faults += wrong
        if record is not None:
            records[key] = record
    faults += _without_patient(first, registry)
    return GivenRecords(records, first, tuple(faults))


def _repeated(entry: Entry, earlier: Entry) -> FileFault:
    single = entry.kind == "patient"
    same = "patient" if single else f"{entry.kind} {entry.number} of the patient"
    sheet = "" if entry.sheet == earlier.sheet else f" of sheet {earlier.sheet}"
    return _fault(
        entry,
        "",
        f"the same {same} stands in row {earlier.row}{sheet}",
        "each patient once" if single else "another number, or one of the two rows",
    )


def _record(entry: Entry, kept: Record | None) -> tuple[Record | None, list[FileFault]]:
    """The record, unless a value that it cannot be without is wrong."""
    values: dict[str, Any] = {}
    faults, possible = [], True
    for field in fields_of(KINDS[entry.kind]):
        if field.name not in entry.texts and kept is not None:
            values[field.name] = getattr(kept, field.name)
            continue
        value = value_of(field, entry.texts.get(field.name, ""))
        if isinstance(value, NotAllowed):
            faults.append(_wrong_value(entry, field, value))
            possible = possible and not field.required
            value = None
        values[field.name] = value
    if not possible:
        return None, faults
    kind = KINDS[entry.kind]
    return kind(patient=entry.patient, number=entry.number, **values), faults


def _wrong_value(entry: Entry, field: Field, value: NotAllowed) -> FileFault:
    column = column_of(entry.kind, field.name)
    if field.name not in entry.texts:
        return _fault(entry, column, "the column is missing", value.allowed)
    missing = not entry.texts[field.name]
    problem = "must not be empty" if missing else "not a value of this field"
    near = get_close_matches(entry.texts[field.name], field.choices, n=1)
    hint = f"{near[0]}, perhaps; " if near else ""
    return _fault(entry, column, problem, f"{hint}{value.allowed}")


def _without_patient(
    entries: Mapping[Key, Entry], registry: Mapping[Key, Record]
) -> Iterator[FileFault]:
    """Patients of whom there are records, but not that of the patient."""
    told = set()
    for _, patient, _ in entries:
        own = ("patient", patient, 1)
        if own in entries or own in registry or patient in told:
            continue
        told.add(patient)
        first = next(one for key, one in entries.items() if key[1] == patient)
        yield _fault(
            first,
            "",
            "there is no row of kind patient for this patient",
            "one row of kind patient, even if nothing but the patient is known",
        )


def change_faults(
    given: GivenRecords, registry: Mapping[Key, Record]
) -> Iterator[FileFault]:
    """Values that differ from those that the registry has already."""
    for key, record in given.records.items():
        kept = registry.get(key)
        if kept is None or kept == record:
            continue
        for field in fields_of(type(record)):
            new, old = getattr(record, field.name), getattr(kept, field.name)
            if new != old:
                yield _fault(
                    given.entries[key],
                    column_of(key[0], field.name),
                    f"the registry has {text_of(old) or 'nothing'}",
                    "the same, or the option --update to change the registry",
                )


def union_faults(
    given: GivenRecords,
    registry: Mapping[Key, Record],
    *,
    today: date,
    rules: ClinicalRules,
) -> Iterator[FileFault]:
    """Contradictions between the records of the file and of the registry.

    Those within the registry alone are warnings: this file did not bring them.
    """
    union = {**registry, **given.records}
    unread = [key for key in given.entries if key not in given.records]
    faults = faults_between(union.values(), today=today, rules=rules, unread=unread)
    for fault in faults:
        key = (fault.kind, fault.patient, fault.number)
        brought = key in given.records and registry.get(key) != given.records[key]
        yield _placed(fault, given.entries.get(key), brought=brought)


def _placed(fault: Fault, entry: Entry | None, *, brought: bool) -> FileFault:
    where = "" if entry else f" ({fault.kind} {fault.number} in the registry)"
    return FileFault(
        sheet=entry.sheet if entry else "",
        row=entry.row if entry else 0,
        column=column_of(fault.kind, fault.field),
        value=fault.value,
        problem=f"{fault.problem}{where}",
        allowed=fault.allowed,
        patient=fault.patient,
        severity=fault.severity if brought else "warning",
    )


def _fault(entry: Entry, column: str, problem: str, allowed: str) -> FileFault:
    field = column.removeprefix(f"{entry.kind}_")
    return FileFault(
        sheet=entry.sheet,
        row=entry.row,
        column=column,
        value=entry.texts.get(field, ""),
        problem=problem,
        allowed=allowed,
        patient=entry.patient,
    )
