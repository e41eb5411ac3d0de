"""The units of analysis: patients who were irradiated again, courses, lesions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from math import inf
from operator import attrgetter
from typing import Any, Literal

from reirrad.core.cohort.clinical_records import FollowUp, Patient
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.times import DAYS_PER_MONTH

__all__ = [
    "UNDETERMINED",
    "Policy",
    "Treated",
    "assessed_course",
    "assessed_courses",
    "earlier_course",
    "earlier_courses",
    "lesions_in",
    "months_between",
    "overlap_of",
    "overlaps_of",
    "single_patients",
    "treated_patients",
]

UNDETERMINED = "undetermined"
TYPE_ORDER = ("1B", UNDETERMINED, "1B*", "1A", "2")
"""Highest first; a type that is not known may be any, and only 1B is not raised."""

Policy = Literal["resbrt_type", "as_applied_type"]
"""By which reading of minimal overlap a type is told: strict, or as applied."""


@dataclass(frozen=True, slots=True)
class Treated:
    """A patient who was irradiated again.

    Parameters
    ----------
    name
        Pseudonym.
    records
        A cohort of this patient alone.
    courses
        The re-irradiations, earliest first; one at least.
    """

    name: str
    records: Cohort
    courses: tuple[Course, ...]

    @property
    def first(self) -> Course:
        """First re-irradiation."""
        return self.courses[0]

    @property
    def patient(self) -> Patient:
        """Who it is; all unknown where there is no such record."""
        return next(iter(self.records.patient), Patient(patient=self.name))

    @property
    def followup(self) -> FollowUp:
        """The last contact; all unknown where there is no such record."""
        return next(iter(self.records.followup), FollowUp(patient=self.name))

    @property
    def died_unknown_day(self) -> bool:
        """Whether a cause of death is recorded and no date of it."""
        followup = self.followup
        return followup.death_cause is not None and followup.death_date is None


def single_patients(cohort: Cohort) -> dict[str, Cohort]:
    """A cohort for each patient, by pseudonym in alphabetical order."""
    kinds = [field.name for field in fields(Cohort)]
    by_number = attrgetter("number")
    sorted_in: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for kind in kinds:
        for record in getattr(cohort, kind):
            sorted_in[record.patient][kind].append(record)
    return {
        name: Cohort(
            **{kind: tuple(sorted(found, key=by_number)) for kind, found in of.items()}
        )
        for name, of in sorted(sorted_in.items())
    }


def treated_patients(cohort: Cohort) -> tuple[Treated, ...]:
    """Patients with a re-irradiation, by pseudonym in alphabetical order."""
    found = []
    for name, records in single_patients(cohort).items():
        courses = _in_order(one for one in records.course if one.reirradiation)
        if courses:
            found.append(Treated(name, records, courses))
    return tuple(found)


def _in_order(courses: Iterable[Course]) -> tuple[Course, ...]:
    return tuple(sorted(courses, key=lambda one: (one.start_date, one.number)))


def lesions_in(one: Treated, course: Course) -> tuple[Lesion, ...]:
    """Lesions treated in a course."""
    return tuple(
        lesion for lesion in one.records.lesion if lesion.course == course.number
    )


def earlier_course(one: Treated, course: Course) -> Course | None:
    """The course that a re-irradiation is compared with.

    The one that it names; else the one of the overlap that decides its type; else the
    last one that began before it. None where it names a course that is not there, or
    none began before.
    """
    overlap = overlap_of(one, course)
    named = course.previous_course or (overlap.first if overlap else None)
    if named is not None:
        return next(
            (earlier for earlier in one.records.course if earlier.number == named),
            None,
        )
    before = [
        earlier
        for earlier in one.records.course
        if earlier.start_date < course.start_date
    ]
    return _in_order(before)[-1] if before else None


def earlier_courses(one: Treated) -> tuple[tuple[Course, Course], ...]:
    """Each course that a re-irradiation is compared with, once, and the first such."""
    seen: dict[int, tuple[Course, Course]] = {}
    for course in one.courses:
        earlier = earlier_course(one, course)
        if earlier is not None:
            seen.setdefault(earlier.number, (earlier, course))
    return tuple(seen.values())


def overlaps_of(one: Treated, course: Course) -> tuple[Overlap, ...]:
    """Overlaps of a re-irradiation: with the course that it names, or with any."""
    return tuple(
        overlap
        for overlap in one.records.overlap
        if overlap.second == course.number
        and course.previous_course in {None, overlap.first}
    )


def overlap_of(
    one: Treated, course: Course, policy: Policy = "resbrt_type"
) -> Overlap | None:
    """The overlap that decides the type of a re-irradiation.

    Of several the one of the highest type (1B, 1B*, 1A, 2), then of the largest Ov2Gy
    in the organ, then of the largest Ov50%. Without a 1B the type is undetermined
    where that of any is undetermined, or is not recorded while others are.

    Parameters
    ----------
    one, course
        The re-irradiation.
    policy
        Which type.
    """

    def rank(overlap: Overlap) -> tuple[float, ...]:
        kind = getattr(overlap, policy)
        return (
            TYPE_ORDER.index(UNDETERMINED if kind is None else kind),
            kind is None,
            -_or_less(overlap.ov2gy_organ_cc),
            -_or_less(overlap.ov50_organ_cc),
            overlap.first,  # the same whatever the order of the records
            -(overlap.assessment or 0),
        )

    found = overlaps_of(one, course)
    deciding = min(found, key=rank, default=None)
    if deciding is None or getattr(deciding, policy) is not None:
        return deciding
    others = any(getattr(overlap, policy) is not None for overlap in found)
    unknown: dict[str, Any] = {policy: UNDETERMINED} if others else {}
    return replace(deciding, **unknown)


def _or_less(volume_cc: float | None) -> float:
    return -inf if volume_cc is None else volume_cc


def assessed_course(one: Treated, assessment: int | None) -> Course:
    """The re-irradiation whose sum with earlier courses an assessment is.

    The latest of its courses; the last re-irradiation where none is known.
    """
    numbers = assessed_courses(one, assessment)
    found = [course for course in one.courses if course.number in numbers]
    return found[-1] if found else one.courses[-1]


def assessed_courses(one: Treated, assessment: int | None) -> frozenset[int]:
    """Numbers of the courses that an assessment sums; none where it is not known.

    Those of its overlaps alone may be too few: a newer assessment of some of its
    courses takes their overlaps over.
    """
    if assessment is None:
        return frozenset()
    of = one.records
    told = [
        *((made.number, made.reference_course) for made in of.assessment),
        *((overlap.assessment, overlap.first) for overlap in of.overlap),
        *((overlap.assessment, overlap.second) for overlap in of.overlap),
        *((dose.assessment, dose.course) for dose in of.organ_dose),
        *((check.assessment, check.course) for check in of.limit),
    ]
    return frozenset(
        course for number, course in told if number == assessment and course is not None
    )


def months_between(start: date | None, end: date | None) -> float | None:
    """Months from a day to another, negative if it lies before; None if one is."""
    if start is None or end is None:
        return None
    return (end - start).days / DAYS_PER_MONTH
