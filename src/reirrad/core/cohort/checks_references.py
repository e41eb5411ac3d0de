"""Whether the records of a patient refer to one another as they should."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from reirrad.core.cohort.faults import Fault, fault_of
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course, Plan

__all__ = ["REFERENCES", "reference_faults"]

REFERENCES = (
    ("course", "previous_course", "course"),
    ("lesion", "course", "course"),
    ("lesion", "plan", "plan"),
    ("plan", "course", "course"),
    ("fraction", "plan", "plan"),
    ("response", "lesion", "lesion"),
    ("progression", "lesion", "lesion"),
    ("toxicity", "course", "course"),
    ("overlap", "first", "course"),
    ("overlap", "second", "course"),
    ("overlap", "assessment", "assessment"),
    ("organ_dose", "course", "course"),
    ("organ_dose", "assessment", "assessment"),
    ("limit", "course", "course"),
    ("limit", "assessment", "assessment"),
    ("assessment", "reference_course", "course"),
)
"""Kind, field, and the kind of record whose number the field gives."""


def reference_faults(
    one: Cohort, *, unread: Mapping[str, Collection[int]]
) -> Iterator[Fault]:
    """Faults in what the records of one patient refer to.

    Parameters
    ----------
    one
        All records of the patient.
    unread
        Numbers of records, by kind, that are there but could not be read.
    """
    yield from _missing(one, unread)
    yield from _wrong_plans(one)
    yield from _repeated_fractions(one)
    yield from _too_many_lesions(one)
    yield from _local_progressions(one)
    if not unread.get("course"):
        for course in one.course:
            yield from _earlier_course(course, one)
    yield from _overlap_order(one)


def _missing(one: Cohort, unread: Mapping[str, Collection[int]]) -> Iterator[Fault]:
    for kind, field, target in REFERENCES:
        read = {record.number for record in getattr(one, target)}
        there = sorted(read.union(unread.get(target, ())))
        numbers = ", ".join(map(str, there)) or "none is there"
        for record in getattr(one, kind):
            number = getattr(record, field)
            if number is not None and number not in there:
                yield fault_of(
                    record,
                    field,
                    f"the patient has no {target} {number}",
                    f"the number of a {target} of this patient ({numbers})",
                )


def _wrong_plans(one: Cohort) -> Iterator[Fault]:
    plans = {plan.number: plan for plan in one.plan}
    courses = {course.number for course in one.course}
    for lesion in one.lesion:
        plan = plans.get(lesion.plan or 0)
        if plan is None or not courses.issuperset({plan.course, lesion.course}):
            continue
        if plan.course != lesion.course:
            yield fault_of(
                lesion,
                "plan",
                f"the plan is of course {plan.course}, the lesion of {lesion.course}",
                f"a plan of course {lesion.course}",
            )
    yield from _fractions_of_lesions(one, plans)
    for fraction in one.fraction:
        plan = plans.get(fraction.plan)
        most = None if plan is None else plan.n_fractions
        if most is not None and fraction.index > most:
            yield fault_of(
                fraction,
                "index",
                f"plan {fraction.plan} has {most} fractions",
                f"a fraction from 1 to {most}",
            )


def _fractions_of_lesions(one: Cohort, plans: Mapping[int, Plan]) -> Iterator[Fault]:
    for lesion in one.lesion:
        plan = plans.get(lesion.plan or 0)
        planned = None if plan is None else plan.n_fractions
        if None not in {planned, lesion.n_fractions} and planned != lesion.n_fractions:
            yield fault_of(
                lesion,
                "n_fractions",
                f"plan {lesion.plan} has {planned} fractions",
                f"{planned}",
                severity="warning",
            )


def _repeated_fractions(one: Cohort) -> Iterator[Fault]:
    given = Counter((fraction.plan, fraction.index) for fraction in one.fraction)
    for fraction in one.fraction:
        if given[fraction.plan, fraction.index] > 1:
            yield fault_of(
                fraction,
                "index",
                f"plan {fraction.plan} has this fraction more than once",
                "each fraction of a plan once",
            )


def _too_many_lesions(one: Cohort) -> Iterator[Fault]:
    treated = Counter(lesion.course for lesion in one.lesion)
    for course in one.course:
        present = course.n_lesions_present
        if present is not None and treated[course.number] > present:
            yield fault_of(
                course,
                "n_lesions_present",
                f"{treated[course.number]} lesions of this course were treated",
                f"{treated[course.number]} or more",
            )


def _local_progressions(one: Cohort) -> Iterator[Fault]:
    for progression in one.progression:
        if progression.place == "local" and progression.lesion is None:
            yield fault_of(
                progression,
                "lesion",
                "a local progression is of a treated lesion",
                "the number of the lesion",
            )
        elif progression.place != "local" and progression.lesion is not None:
            yield fault_of(
                progression,
                "lesion",
                f"the progression is not local but {progression.place}",
                "nothing, or the place local",
            )


def _earlier_course(course: Course, one: Cohort) -> Iterator[Fault]:
    """Whether a re-irradiation has an earlier course, and the right one."""
    earlier = [
        other.number
        for other in one.course
        if other.number != course.number and other.start_date < course.start_date
    ]
    numbers = ", ".join(map(str, earlier)) or "there is none"
    if course.reirradiation and not earlier:
        yield fault_of(
            course,
            "reirradiation",
            "the patient has no course that started earlier",
            "no, or the earlier course as a record of its own",
        )
    previous = course.previous_course
    known = {other.number for other in one.course}
    if previous in known and previous not in earlier:
        yield fault_of(
            course,
            "previous_course",
            "that course did not start before this one",
            f"the number of an earlier course ({numbers})",
        )
    if previous is not None and not course.reirradiation:
        yield fault_of(
            course,
            "previous_course",
            "the course is said not to be a re-irradiation",
            "nothing, or reirradiation yes",
        )


def _overlap_order(one: Cohort) -> Iterator[Fault]:
    started = {course.number: course.start_date for course in one.course}
    for overlap in one.overlap:
        first, second = started.get(overlap.first), started.get(overlap.second)
        if overlap.first == overlap.second or (
            first is not None and second is not None and first >= second
        ):
            yield fault_of(
                overlap,
                "second",
                f"course {overlap.second} did not start after course {overlap.first}",
                "the earlier course first, the later second",
            )
    yield from _repeated_overlaps(one)


def _repeated_overlaps(one: Cohort) -> Iterator[Fault]:
    pairs = Counter((o.first, o.second, o.assessment) for o in one.overlap)
    for overlap in one.overlap:
        if pairs[overlap.first, overlap.second, overlap.assessment] > 1:
            yield fault_of(
                overlap,
                "second",
                "this pair of courses has more than one overlap",
                "one for each assessment",
                severity="warning",
            )
