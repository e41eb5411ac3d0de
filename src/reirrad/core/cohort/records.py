"""The kinds of records that the registry keeps, and a cohort made of them.

Every record belongs to a patient, known by a pseudonym, and has a number among the
records of its kind. A value that is not known is None, never 0. There is no free text,
so that no name can get in. Terms are those of CTCAE v5.0, RECIST 1.1, ECOG, Child-Pugh
and Guckenberger et al. (Lancet Oncol 2020;21:e18).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Laboratory,
    Patient,
    Progression,
    Response,
    SystemicTherapy,
    Toxicity,
    Visit,
)
from reirrad.core.cohort.dose_records import (
    AssessmentRecord,
    LimitCheck,
    OrganDose,
    Overlap,
)
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.treatment_records import Course, Fraction, Lesion, Plan

__all__ = [
    "KINDS",
    "SINGLE_KINDS",
    "Cohort",
    "cohort_of",
    "kind_of",
    "records_of",
]

KINDS: dict[str, type[Record]] = {
    "patient": Patient,
    "followup": FollowUp,
    "course": Course,
    "lesion": Lesion,
    "plan": Plan,
    "fraction": Fraction,
    "response": Response,
    "progression": Progression,
    "toxicity": Toxicity,
    "laboratory": Laboratory,
    "visit": Visit,
    "systemic": SystemicTherapy,
    "overlap": Overlap,
    "organ_dose": OrganDose,
    "limit": LimitCheck,
    "assessment": AssessmentRecord,
}
"""Every kind of record by its name, which is its table and its REDCap instrument."""

SINGLE_KINDS = ("patient", "followup")
"""Kinds of which a patient has one record at most; its number is 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """All records of some patients, each kind ordered by patient and number."""

    patient: tuple[Patient, ...] = ()
    followup: tuple[FollowUp, ...] = ()
    course: tuple[Course, ...] = ()
    lesion: tuple[Lesion, ...] = ()
    plan: tuple[Plan, ...] = ()
    fraction: tuple[Fraction, ...] = ()
    response: tuple[Response, ...] = ()
    progression: tuple[Progression, ...] = ()
    toxicity: tuple[Toxicity, ...] = ()
    laboratory: tuple[Laboratory, ...] = ()
    visit: tuple[Visit, ...] = ()
    systemic: tuple[SystemicTherapy, ...] = ()
    overlap: tuple[Overlap, ...] = ()
    organ_dose: tuple[OrganDose, ...] = ()
    limit: tuple[LimitCheck, ...] = ()
    assessment: tuple[AssessmentRecord, ...] = ()


def kind_of(record: Record) -> str:
    """Name of a record's kind."""
    return next(name for name, kind in KINDS.items() if kind is type(record))


def records_of(cohort: Cohort) -> tuple[Record, ...]:
    """All records, kind after kind."""
    return tuple(record for kind in KINDS for record in getattr(cohort, kind))


def cohort_of(records: Iterable[Record]) -> Cohort:
    """A cohort of records in any order."""
    kept: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for record in records:
        kept[kind_of(record)].append(record)
    order = attrgetter("patient", "number")
    return Cohort(**{kind: tuple(sorted(kept[kind], key=order)) for kind in KINDS})
