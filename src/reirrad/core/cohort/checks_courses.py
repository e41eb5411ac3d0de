"""Whether the courses of a patient are there once, and as courses usually are."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from reirrad.core.cohort.clinical_records import Progression, Response
from reirrad.core.cohort.clinical_rules import ClinicalRules, CourseRules
from reirrad.core.cohort.faults import Fault, fault_of
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course, Lesion, Plan

__all__ = ["course_faults"]

LONGEST_COURSE_DAYS = 90
"""From the first day to the last: seven weeks of daily fractions with a pause of a
month stay below; what is longer is more likely a wrong date, or two courses."""


def course_faults(one: Cohort, *, rules: ClinicalRules) -> Iterator[Fault]:
    """Faults in starts, length and fractions of the courses of one patient.

    Parameters
    ----------
    one
        All records of the patient.
    rules
        What is usual in a course.
    """
    yield from _near_starts(one, rules.course)
    yield from _long_courses(one)
    yield from _progressions_within(one)
    yield from _odd_fractions(one, rules.course)


def _near_starts(one: Cohort, rules: CourseRules) -> Iterator[Fault]:
    """Courses that may be one, entered twice."""
    courses = sorted(one.course, key=lambda course: (course.start_date, course.number))
    for former, latter in pairwise(courses):
        days = (latter.start_date - former.start_date).days
        if days == 0:
            yield fault_of(
                latter,
                "start_date",
                f"course {former.number} started on the same day",
                "each course once, with a lesion for each place that was treated",
            )
        elif days <= rules.same_course_days and not _told_apart(former, latter, one):
            yield fault_of(
                latter,
                "start_date",
                f"course {former.number} started only {days} days earlier, and no "
                f"prescription of lesions tells the two apart",
                f"each course once; two seldom start within "
                f"{rules.same_course_days:g} days",
                severity="warning",
            )


def _told_apart(former: Course, latter: Course, one: Cohort) -> bool:
    """Whether all prescriptions of two courses are known, and none is in both."""
    some, others = (
        {
            (lesion.dose_gy, lesion.n_fractions)
            for lesion in one.lesion
            if lesion.course == course.number
        }
        for course in (former, latter)
    )
    known = all(None not in prescription for prescription in some | others)
    return bool(some and others) and known and some.isdisjoint(others)


def _long_courses(one: Cohort) -> Iterator[Fault]:
    for course in one.course:
        days = 0 if course.end_date is None else _days(course, course.end_date)
        if days > LONGEST_COURSE_DAYS:
            yield fault_of(
                course,
                "end_date",
                f"{days} days after the start on {course.start_date}",
                f"at most {LONGEST_COURSE_DAYS} days after the start",
                severity="warning",
            )


def _progressions_within(one: Cohort) -> Iterator[Fault]:
    """Progressions during a course: time to an event runs from the end of it."""
    seen: list[Progression | Response] = [*one.progression]
    seen += [
        response
        for response in one.response
        if not response.baseline and (response.category == "PD" or response.new_lesion)
    ]
    for event in seen:
        course = _course_before(event, one)
        if course is None or course.end_date is None:
            continue
        if course.start_date < event.date < course.end_date:
            yield fault_of(
                event,
                "date",
                f"a progression before course {course.number} ended on "
                f"{course.end_date}",
                f"{course.end_date} or later",
                severity="warning",
            )


def _course_before(event: Progression | Response, one: Cohort) -> Course | None:
    """The course of the lesion, without one the last that started earlier."""
    of_lesion = {lesion.number: lesion.course for lesion in one.lesion}
    number = of_lesion.get(event.lesion or 0)
    if number is not None:
        return next((course for course in one.course if course.number == number), None)
    earlier = [course for course in one.course if _days(course, event.date) > 0]
    return max(earlier, key=lambda course: course.start_date, default=None)


def _days(course: Course, day: date) -> int:
    """Days from the start of a course."""
    return (day - course.start_date).days


def _odd_fractions(one: Cohort, rules: CourseRules) -> Iterator[Fault]:
    low_gy, high_gy = rules.dose_per_fraction_low_gy, rules.dose_per_fraction_high_gy
    all_prescribed: tuple[Lesion | Plan, ...] = (*one.lesion, *one.plan)
    for prescribed in all_prescribed:
        dose_gy, n_fractions = prescribed.dose_gy, prescribed.n_fractions
        if dose_gy is None or n_fractions is None:
            continue
        if not low_gy <= dose_gy / n_fractions <= high_gy:
            yield fault_of(
                prescribed,
                "dose_gy",
                f"in {n_fractions} fractions this is {dose_gy / n_fractions:.3g} Gy "
                f"each; dose and number of fractions may be exchanged, or the dose is "
                f"that of one fraction",
                f"the dose of all fractions, {low_gy:g} to {high_gy:g} Gy each",
                severity="warning",
            )
