"""Assessments into the registry."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from reirrad.core.assessment import PatientIdentity
from reirrad.core.cohort.pseudonyms import is_pseudonym
from reirrad.core.cohort.records import kind_of, records_of
from reirrad.errors import InputError
from reirrad.store.database import Store
from reirrad.store.registry import (
    KeptChange,
    history,
    put_records,
    read_cohort,
    remove_records,
)
from reirrad.workflows.assessed_records import assessed_records
from reirrad.workflows.assessment_document import read_assessment
from reirrad.workflows.registry_key import RegistryKey
from reirrad.workflows.withdrawal import require_not_withdrawn

__all__ = [
    "Addition",
    "PatientNamed",
    "add_assessment",
    "named_as",
    "named_in_registry",
]

REASON = "assessment added"
REASON_OF_REMOVAL = "replaced by a newer assessment"

PatientNamed = Callable[[PatientIdentity], str]
"""From the patient in an assessment to the pseudonym in the registry."""

WORD = re.compile(r"[^\W\d_]+|\d+")
FEWEST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Addition:
    """What came of an assessment in the registry.

    Parameters
    ----------
    patient
        Pseudonym.
    added, changed, unchanged, removed
        Numbers of records.
    remarks
        What a person should know or enter.
    """

    patient: str
    added: int
    changed: int
    unchanged: int
    removed: int
    remarks: tuple[str, ...]


def named_in_registry(key: RegistryKey, store: Store, *, who: str) -> PatientNamed:
    """Pseudonyms of a registry, which keeps with which key they are made."""

    def named(identity: PatientIdentity) -> str:
        pseudonym = key.pseudonym(identity.id)
        key.keep(store, who=who)
        return pseudonym

    return named


def named_as(pseudonym: str) -> PatientNamed:
    """One pseudonym, whatever the Patient ID is.

    The pseudonym is refused, when it is asked for, if it has the Patient ID or a part
    of the name in it.

    Raises
    ------
    InputError
        If it is none.
    """
    if not is_pseudonym(pseudonym):
        msg = (
            f"{pseudonym!r} is no pseudonym. Give letters, digits, - and _, 32 at "
            f"most, and no name."
        )
        raise InputError(msg)

    def named(identity: PatientIdentity) -> str:
        if _tells(pseudonym, identity):
            msg = (
                "the pseudonym has the Patient ID or a part of the name in it. Give "
                "another with --as, or leave --as out."
            )
            raise InputError(msg)
        return pseudonym

    return named


def _tells(pseudonym: str, identity: PatientIdentity) -> bool:
    """Whether a pseudonym has words of the name, or the words of the Patient ID."""
    words, patient_id = _words(pseudonym), _words(identity.id)
    names = {word for word in _words(identity.name) if len(word) >= FEWEST_LETTERS}
    starts = range(len(words) - len(patient_id) + 1)
    n_id = len(patient_id)
    return not names.isdisjoint(words) or (
        n_id > 0 and any(words[at : at + n_id] == patient_id for at in starts)
    )


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def add_assessment(
    store: Store,
    case: Path,
    *,
    patient_named: PatientNamed,
    who: str,
    readmit: bool = False,
) -> Addition:
    """Take the result of an assessment over into the registry.

    Adding the same again changes nothing. What is left of an interrupted addition is
    completed by the next.

    Parameters
    ----------
    store
        The registry.
    case
        Result folder, or its ``assessment.json``.
    patient_named
        Gives the pseudonym.
    who
        Kept with the change.
    readmit
        Whether a patient who was removed as withdrawn may come back.

    Raises
    ------
    InputError
        If the file is no assessment, or cannot be taken over; each reason in a
        sentence. The registry is then as it was.
    StoreError
        If the registry refuses a value or cannot be written.
    """
    read = read_assessment(case)
    identity = read.document.patient
    if not identity.id.strip():
        msg = "the assessment has no Patient ID. Say who it is with --as."
        raise InputError(msg)
    patient = patient_named(identity)
    kept = read_cohort(store, [patient])
    if not readmit:
        require_not_withdrawn(store, patient)
    found = assessed_records(
        read, patient, kept, measured=_measured(history(store, patient))
    )
    counts = put_records(
        store, found.records, who=who, reason=REASON, expected=records_of(kept)
    )
    removed = 0
    if found.outdated:
        keys = [(kind_of(one), one.patient, one.number) for one in found.outdated]
        removed = remove_records(store, keys, who=who, reason=REASON_OF_REMOVAL)
    return Addition(
        patient=patient,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        removed=removed,
        remarks=found.remarks,
    )


def _measured(changes: Iterable[KeptChange]) -> frozenset[tuple[int, str]]:
    """Number and field of every value of a lesion that an assessment gave last."""
    found: set[tuple[int, str]] = set()
    for change in changes:
        if change.kind != "lesion":
            continue
        before, after = change.before or {}, change.after or {}
        changed = {
            (change.number, name)
            for name in {*before, *after}
            if before.get(name) != after.get(name)
        }
        found = found | changed if change.reason == REASON else found - changed
    return frozenset(found)
