"""From what stands in a file to records: read, completed and checked."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from reirrad.core.cohort.pseudonyms import is_key_made
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS
from reirrad.interchange.columns import column_of
from reirrad.interchange.entries import Entry
from reirrad.interchange.file_faults import FileFault

__all__ = [
    "GivenRecords",
    "Key",
    "change_faults",
    "given_records",
    "patient_faults",
    "union_faults",
]

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
    entries: Sequence[Entry],
    registry: Mapping[Key, Record],
    rules: ClinicalRules,
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
    rules
        Grades of each term of CTCAE.
    """
    first: dict[Key, Entry] = {}
    records: dict[Key, Record] = {}
    faults: list[FileFault] = []
    for entry in entries:
        key = (entry.kind, entry.patient, entry.number)
        if entry.is_implied and key not in registry:
            continue
        if key in first:
            faults.append(_repeated(entry, first[key]))
            continue
        first[key] = entry
        record, wrong = _record(entry, registry.get(key), rules)
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


def _record(
    entry: Entry, kept: Record | None, rules: ClinicalRules
) -> tuple[Record | None, list[FileFault]]:
    """The record, unless a value that it cannot be without is wrong."""
    values: dict[str, Any] = {}
    faults, possible = [], True
    for field in fields_of(KINDS[entry.kind]):
        if field.name not in entry.texts and kept is not None:
            values[field.name] = getattr(kept, field.name)
            continue
        value = value_of(field, entry.texts.get(field.name, ""))
        if isinstance(value, NotAllowed):
            faults.append(
                _wrong_value(entry, field, _allowed(entry, field, value, rules))
            )
            possible = possible and not field.required
            value = None
        values[field.name] = value
    if not possible:
        return None, faults
    kind = KINDS[entry.kind]
    return kind(patient=entry.patient, number=entry.number, **values), faults


def _allowed(
    entry: Entry, field: Field, value: NotAllowed, rules: ClinicalRules
) -> str:
    """What may stand there; for a grade, those that its term has."""
    if (entry.kind, field.name) == ("toxicity", "grade"):
        of_term = entry.texts.get("term", "")
        for term, rule in rules.terms.items():
            if term == of_term:
                return f"a whole number from {rule.lowest} to {rule.highest}"
    return value.allowed


def _wrong_value(entry: Entry, field: Field, allowed: str) -> FileFault:
    column = column_of(entry.kind, field.name)
    if field.name not in entry.texts:
        return _fault(entry, column, "the column is missing", allowed)
    missing = not entry.texts[field.name]
    problem = "must not be empty" if missing else "not a value of this field"
    near = get_close_matches(entry.texts[field.name], field.choices, n=1)
    hint = f"{near[0]}, perhaps; " if near else ""
    return _fault(entry, column, problem, f"{hint}{allowed}")


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


def patient_faults(
    entries: Iterable[Entry],
    kept: Collection[str],
    withdrawn: Collection[str],
    *,
    own_pseudonyms: bool,
) -> Iterator[FileFault]:
    """Patients who may not be taken over as they are told, each where it stands first.

    Parameters
    ----------
    entries
        What stands in the file.
    kept
        Patients in the registry.
    withdrawn
        Patients who were removed from it, and may not come back.
    own_pseudonyms
        Whether any pseudonym is taken, also one that may be a hospital number.
    """
    told = set()
    for entry in entries:
        patient = entry.patient
        if patient in kept or patient in told:
            continue
        told.add(patient)
        fault = _fault(entry, entry.whose, "", "")
        if patient in withdrawn:
            yield replace(
                fault,
                problem=f"patient {patient} was removed from the registry as withdrawn",
                allowed="a file without this patient; with a new consent, the option "
                "--readmit",
            )
        elif not (own_pseudonyms or is_key_made(patient)):
            yield replace(
                fault,
                problem="neither in the registry nor a pseudonym that reirrad made, "
                "so that it may be a hospital number",
                allowed="the clinic's Patient ID in a column patient_id, which reirrad "
                "replaces by a pseudonym; for pseudonyms of your own, the option "
                "--own-pseudonyms",
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

    Those that the registry has without the file are warnings, unless they stand in a
    record that the file changes.
    """
    union = {**registry, **given.records}
    unread = [key for key in given.entries if key not in given.records]
    faults = faults_between(union.values(), today=today, rules=rules, unread=unread)
    earlier = set(faults_between(registry.values(), today=today, rules=rules))
    for fault in faults:
        key = (fault.kind, fault.patient, fault.number)
        is_changed = key in given.records and registry.get(key) != given.records[key]
        brought = is_changed or fault not in earlier
        yield _placed(fault, given.entries.get(key), brought=brought)


def _placed(fault: Fault, entry: Entry | None, *, brought: bool) -> FileFault:
    where = f" ({fault.kind} {fault.number} of patient {fault.patient} in the registry)"
    return FileFault(
        sheet=entry.sheet if entry else "",
        row=entry.row if entry else 0,
        column=column_of(fault.kind, fault.field),
        value=fault.value,
        problem=fault.problem if entry else f"{fault.problem}{where}",
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
