"""Whether the dates of a patient are possible, and in a possible order."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from reirrad.core.cohort.clinical_records import FollowUp, Progression, Toxicity
from reirrad.core.cohort.faults import Fault, fault_of
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, Cohort, kind_of
from reirrad.core.cohort.treatment_records import Course, Fraction

__all__ = ["date_faults"]

PERIODS = (("course", "start_date", "end_date"), ("systemic", "start_date", "end_date"))
AFTER_DEATH = frozenset({("assessment", "created"), ("followup", "death_date")})
"""Dates that may come after death; of the second, death itself."""
EARLIEST = date(1900, 1, 1)
"""Nobody who is treated today was born earlier, and radiotherapy is hardly older."""
LONGEST_LIFE_YEARS = 120
DAYS_PER_YEAR = 365.25
FOUND = ("response", "progression", "toxicity", "laboratory", "visit")
"""Kinds of which a record shows that the patient was alive on its date."""


def date_faults(one: Cohort, *, today: date) -> Iterator[Fault]:
    """Faults in the dates of one patient.

    Parameters
    ----------
    one
        All records of the patient.
    today
        The day after which nothing can have happened.
    """
    dates = list(_dates(one))
    for record, field, day in dates:
        if day > today:
            yield fault_of(record, field, "in the future", f"{today} or earlier")
        if day < EARLIEST:
            yield fault_of(record, field, "too long ago", f"{EARLIEST} or later")
    lived = [day for record, _, day in dates if kind_of(record) != "assessment"]
    yield from _too_old(one, [day for day in lived if day <= today])
    yield from _outside_life(one, dates)
    yield from _periods(one)
    yield from _follow_up(one)
    yield from _outside_course(one)
    yield from _odd_orders(one)


def _dates(one: Cohort) -> Iterator[tuple[Record, str, date]]:
    names = {
        kind: [field.name for field in fields_of(record) if field.type == "date"]
        for kind, record in KINDS.items()
    }
    for kind, fields in names.items():
        for record in getattr(one, kind):
            for field in fields:
                day = getattr(record, field)
                if day is not None:
                    yield record, field, day


def _too_old(one: Cohort, days: list[date]) -> Iterator[Fault]:
    latest = max(days, default=date.min)
    for patient in one.patient:
        birth = patient.birth_date
        if birth and (latest - birth).days > LONGEST_LIFE_YEARS * DAYS_PER_YEAR:
            yield fault_of(
                patient,
                "birth_date",
                f"more than {LONGEST_LIFE_YEARS} years before {latest}",
                f"a date at most {LONGEST_LIFE_YEARS} years before all others",
            )


def _outside_life(
    one: Cohort, dates: list[tuple[Record, str, date]]
) -> Iterator[Fault]:
    births = [patient.birth_date for patient in one.patient if patient.birth_date]
    deaths = [known.death_date for known in one.followup if known.death_date]
    for record, field, day in dates:
        if births and day < births[0]:
            yield fault_of(
                record, field, f"before birth on {births[0]}", f"{births[0]} or later"
            )
        after = deaths and day > deaths[0]
        if after and (kind_of(record), field) not in AFTER_DEATH:
            yield fault_of(
                record, field, f"after death on {deaths[0]}", f"{deaths[0]} or earlier"
            )


def _periods(one: Cohort) -> Iterator[Fault]:
    for kind, first, last in PERIODS:
        for record in getattr(one, kind):
            start, end = getattr(record, first), getattr(record, last)
            if end is not None and end < start:
                yield fault_of(
                    record, last, f"before the start on {start}", f"{start} or later"
                )


def _follow_up(one: Cohort) -> Iterator[Fault]:
    treated = max((c.end_date or c.start_date for c in one.course), default=None)
    for known in one.followup:
        yield from _last_contact(known, one, treated)
        if known.death_cause is not None and known.death_date is None:
            yield fault_of(
                known,
                "death_cause",
                "no date of death is given",
                "nothing, or the date of death",
                severity="warning",
            )


def _last_contact(
    known: FollowUp, one: Cohort, treated: date | None
) -> Iterator[Fault]:
    last = known.last_contact_date
    if last is None:
        return
    if treated is not None and last < treated:
        yield fault_of(
            known,
            "last_contact_date",
            f"before the end of the treatment on {treated}",
            f"{treated} or later",
        )
        return
    seen = [record.date for kind in FOUND for record in getattr(one, kind)]
    seen += [known.last_imaging_date] if known.last_imaging_date else []
    if seen and last < max(seen):
        yield fault_of(
            known,
            "last_contact_date",
            f"something was found later, on {max(seen)}",
            f"{max(seen)} or later",
            severity="warning",
        )


def _outside_course(one: Cohort) -> Iterator[Fault]:
    """Fractions, toxicity and local progression against the course they are of."""
    courses = {course.number: course for course in one.course}
    course_of_plan = {plan.number: courses.get(plan.course) for plan in one.plan}
    course_of_lesion = {
        lesion.number: courses.get(lesion.course) for lesion in one.lesion
    }
    for fraction in one.fraction:
        yield from _within(fraction, course_of_plan.get(fraction.plan))
    followed: list[tuple[Toxicity | Progression, Course | None]] = [
        *((event, courses.get(event.course or 0)) for event in one.toxicity),
        *(
            (event, course_of_lesion.get(event.lesion or 0))
            for event in one.progression
        ),
    ]
    for event, course in followed:
        if course is not None and event.date < course.start_date:
            yield fault_of(
                event,
                "date",
                f"before course {course.number} started on {course.start_date}",
                f"{course.start_date} or later",
            )


def _within(fraction: Fraction, course: Course | None) -> Iterator[Fault]:
    day = fraction.date
    if course is None or day is None:
        return
    end = course.end_date or date.max
    if not course.start_date <= day <= end:
        until = f"to {course.end_date}" if course.end_date else "or later"
        yield fault_of(
            fraction,
            "date",
            f"outside course {course.number}",
            f"{course.start_date} {until}",
        )


def _odd_orders(one: Cohort) -> Iterator[Fault]:
    """What is possible, but seldom true."""
    courses = sorted(one.course, key=lambda course: course.number)
    for former, latter in pairwise(courses):
        if latter.start_date < former.start_date:
            yield fault_of(
                latter,
                "start_date",
                f"course {former.number} started later, on {former.start_date}",
                "courses numbered by their start",
                severity="warning",
            )
        elif (
            former.end_date and former.start_date < latter.start_date <= former.end_date
        ):
            yield fault_of(
                latter,
                "start_date",
                f"course {former.number} ended later, on {former.end_date}",
                "an interval between two courses",
                severity="warning",
            )
    starts = [course.start_date for course in courses]
    for response in one.response:
        if response.baseline and starts and response.date > max(starts):
            yield fault_of(
                response,
                "date",
                f"a baseline, but the last course started on {max(starts)}",
                f"{max(starts)} or earlier, or baseline no",
                severity="warning",
            )
    for patient in one.patient:
        diagnosis = patient.primary_diagnosis_date
        if courses and diagnosis and diagnosis > courses[0].start_date:
            yield fault_of(
                patient,
                "primary_diagnosis_date",
                f"after the first course on {courses[0].start_date}",
                f"{courses[0].start_date} or earlier",
                severity="warning",
            )
