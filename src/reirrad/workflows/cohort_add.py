"""Assessments into the registry."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reirrad.core.cohort.pseudonyms import is_pseudonym, pseudonym_of
from reirrad.core.cohort.records import kind_of, records_of
from reirrad.errors import InputError
from reirrad.store.database import Store
from reirrad.store.registry import put_records, read_cohort, remove_records
from reirrad.workflows.assessed_records import assessed_records
from reirrad.workflows.assessment_document import read_assessment
from reirrad.workflows.registry_key import RegistryKey
from reirrad.workflows.withdrawal import require_not_withdrawn

__all__ = [
    "Addition",
    "PatientNamed",
    "add_assessment",
    "named_as",
    "named_by_key",
    "named_in_registry",
]

REASON = "assessment added"
REASON_OF_REMOVAL = "replaced by a newer assessment"

PatientNamed = Callable[[str], str]
"""From the Patient ID in an assessment to the pseudonym in the registry."""


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


def named_by_key(key: bytes) -> PatientNamed:
    """Pseudonyms made of the Patient ID with the secret of the registry."""
    return lambda patient_id: pseudonym_of(patient_id, key)


def named_in_registry(key: RegistryKey, store: Store, *, who: str) -> PatientNamed:
    """Pseudonyms of a registry, which keeps with which key they are made."""

    def named(patient_id: str) -> str:
        pseudonym = key.pseudonym(patient_id)
        key.keep(store, who=who)
        return pseudonym

    return named


def named_as(pseudonym: str) -> PatientNamed:
    """One pseudonym, whatever the Patient ID is.

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
    return lambda _: pseudonym


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
    patient_id = read.document.patient.id
    if not patient_id.strip():
        msg = "the assessment has no Patient ID. Say who it is with --as."
        raise InputError(msg)
    patient = patient_named(patient_id)
    kept = read_cohort(store, [patient])
    if not readmit:
        require_not_withdrawn(store, patient)
    found = assessed_records(read, patient, kept)
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
