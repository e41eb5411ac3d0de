"""The units of analysis: patients who were irradiated again, courses, lesions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any

from reirrad.core.cohort.clinical_records import FollowUp, Patient
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.times import DAYS_PER_MONTH

__all__ = [
    "Treated",
    "assessed_course",
    "earlier_course",
    "earlier_courses",
    "lesions_in",
    "months_between",
    "overlap_of",
    "single_patients",
    "treated_patients",
]

TYPE_ORDER = ("1B", "1B*", "1A", "2", "undetermined")


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

    The one that it names; else the last one that began before it. None where it names
    a course that is not there, or none began before.
    """
    if course.previous_course is not None:
        return next(
            (
                earlier
                for earlier in one.records.course
                if earlier.number == course.previous_course
            ),
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


def overlap_of(one: Treated, course: Course) -> Overlap | None:
    """The overlap that decides the type of a re-irradiation.

    With the course that it names, where it names one; of several, the one of the
    highest type (1B, 1B*, 1A, 2, undetermined, none).
    """
    found = [
        overlap
        for overlap in one.records.overlap
        if overlap.second == course.number
        and course.previous_course in {None, overlap.first}
    ]
    return min(found, key=_type_rank, default=None)


def _type_rank(overlap: Overlap) -> int:
    kind = overlap.resbrt_type
    return len(TYPE_ORDER) if kind is None else TYPE_ORDER.index(kind)


def assessed_course(one: Treated, assessment: int | None) -> Course:
    """The re-irradiation whose sum with earlier courses an assessment is.

    The latest among its overlaps; the last re-irradiation where it has none.
    """
    seconds = {
        overlap.second
        for overlap in one.records.overlap
        if assessment is not None and overlap.assessment == assessment
    }
    found = [course for course in one.courses if course.number in seconds]
    return found[-1] if found else one.courses[-1]


def months_between(start: date | None, end: date | None) -> float | None:
    """Months from a day to another, negative if it lies before; None if one is."""
    if start is None or end is None:
        return None
    return (end - start).days / DAYS_PER_MONTH
