"""Which courses of the registry the courses of an assessment are."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from reirrad.core.assessment import CourseSummary
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course
from reirrad.errors import InputError
from reirrad.knowledge.rules import rule_limits
from reirrad.workflows.assessment_document import AssessmentDocument
from reirrad.workflows.kept_records import completed, free_number

__all__ = ["KnownCourses", "known_courses"]


@dataclass(frozen=True, slots=True)
class KnownCourses:
    """The courses of an assessment as the registry has them.

    Parameters
    ----------
    numbers
        Number in the assessment to number in the registry.
    records
        A record for each, earliest first.
    remarks
        What a person should know.
    """

    numbers: Mapping[int, int]
    records: tuple[Course, ...]
    remarks: tuple[str, ...]


def known_courses(
    document: AssessmentDocument, patient: str, kept: Cohort
) -> KnownCourses:
    """Find every course by its first day, or give it the next number.

    A course of the registry that begins at most ``same_course_days`` of the
    gathering rules earlier or later is the same: an export often has the date of the
    plan, and the registry that of the first fraction. A new course with one of the
    registry before it is a re-irradiation, whether that one was assessed with it or
    not. With which course it is compared is for a person to name: all its overlaps
    count else, also those of other assessments.

    Parameters
    ----------
    document
        The assessment.
    patient
        Pseudonym.
    kept
        Everything that the registry has of this patient.

    Raises
    ------
    InputError
        If a course has no date, or could be two of the registry.
    """
    dates = _start_dates(document.courses)
    known = _matches(dates, kept.course)
    fresh = free_number(kept.course)
    numbers: dict[int, int] = {}
    for course in dates:
        if course in known:
            numbers[course] = known[course].number
        else:
            numbers[course], fresh = fresh, fresh + 1
    records, remarks = [], []
    for index, (course, start_date) in enumerate(dates.items()):
        earlier = list(numbers.values())[:index]
        found = Course(
            patient=patient,
            number=numbers[course],
            start_date=start_date,
            reirradiation=bool(earlier),
        )
        before = _not_assessed(kept.course, numbers.values(), before=start_date)
        if before and not earlier:
            found, about = _after_others(known.get(course), found, before)
            remarks += about
        record, said = _joined(known.get(course), found, source=course)
        records.append(record)
        remarks += said
    return KnownCourses(numbers, tuple(records), tuple(remarks))


def _not_assessed(
    kept: Iterable[Course], assessed: Collection[int], *, before: date
) -> list[int]:
    """Courses of the registry that began before a day and are not assessed here."""
    return [
        one.number
        for one in kept
        if one.number not in assessed and one.start_date < before
    ]


def _after_others(
    kept: Course | None, found: Course, before: Sequence[int]
) -> tuple[Course, list[str]]:
    """The first course of an assessment, of which the registry has earlier ones.

    Where the registry has the course itself, it stays what it is there.
    """
    if kept is not None and kept.reirradiation:
        return replace(found, reirradiation=True), []
    listed = " and ".join(str(number) for number in before)
    if kept is not None:
        said = (
            f"course {found.number} is no re-irradiation in the registry, although "
            f"course {listed} began before it. Correct it if that is wrong."
        )
        return found, [said]
    said = (
        f"course {found.number} is a re-irradiation, as course {listed} of the "
        f"registry began before it. How they overlap is not known; assess both."
    )
    return replace(found, reirradiation=True), [said]


def _start_dates(courses: Sequence[CourseSummary]) -> dict[int, date]:
    """First day by number, earliest first."""
    dates: dict[int, date] = {}
    problems = []
    for course in courses:
        try:
            dates[course.number] = date.fromisoformat(course.start_date)
        except ValueError:
            problems.append(
                f"course {course.number} has no date. Give it in the settings under "
                f"[start_date] and assess again."
            )
    if len(courses) < 2:
        problems.append(
            "there are fewer than two courses, so that nothing is re-irradiated."
        )
    if len(set(dates.values())) < len(dates):
        problems.append(
            "two courses begin on the same day, so that they cannot be told apart. "
            "Give their dates in the settings under [start_date] and assess again."
        )
    if problems:
        raise InputError(*problems)
    return dict(sorted(dates.items(), key=lambda item: item[1]))


def _matches(dates: Mapping[int, date], kept: Sequence[Course]) -> dict[int, Course]:
    exact = {
        course: [one for one in kept if one.start_date == day]
        for course, day in dates.items()
    }
    taken = {one.number for found in exact.values() for one in found}
    left = [one for one in kept if one.number not in taken]
    near_days = rule_limits("gathering_rules")["same_course_days"]
    found = {
        course: exact[course]
        or [one for one in left if abs((one.start_date - day).days) <= near_days]
        for course, day in dates.items()
    }
    problems = [*_doubts(dates, found)]
    if problems:
        raise InputError(*problems)
    return {course: those[0] for course, those in found.items() if those}


def _doubts(
    dates: Mapping[int, date], found: Mapping[int, Sequence[Course]]
) -> Iterator[str]:
    mend = (
        "Correct the dates in the registry, or give them in the settings under "
        "[start_date] and assess again."
    )
    for course, those in found.items():
        if len(those) > 1:
            listed = " and ".join(
                f"{one.number} ({one.start_date.isoformat()})" for one in those
            )
            yield (
                f"course {course} of the assessment ({dates[course].isoformat()}) may "
                f"be course {listed} of the registry. {mend}"
            )
    by_number: dict[int, list[int]] = {}
    for course, those in found.items():
        for one in those:
            by_number.setdefault(one.number, []).append(course)
    for number, courses in by_number.items():
        if len(courses) > 1:
            listed = " and ".join(str(course) for course in courses)
            yield (
                f"courses {listed} of the assessment may both be course {number} of "
                f"the registry. {mend}"
            )


def _joined(
    kept: Course | None, found: Course, *, source: int
) -> tuple[Course, list[str]]:
    """What the registry has stays, but a course with one before is a re-irradiation."""
    open_end = (
        f"course {found.number} (course {source} of the assessment, "
        f"{found.start_date.isoformat()}): its last day is not known and is to be "
        f"entered."
    )
    if kept is None:
        return found, [open_end]
    record, remarks = completed(replace(kept, reirradiation=found.reirradiation), found)
    if kept.end_date is None:
        remarks.append(open_end)
    if kept.reirradiation:
        return replace(record, reirradiation=True), remarks
    if found.reirradiation:
        remarks.append(
            f"course {kept.number} was not a re-irradiation in the registry and is one "
            f"now: an earlier course was assessed with it."
        )
    return record, remarks
