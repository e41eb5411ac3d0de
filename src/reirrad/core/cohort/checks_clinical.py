"""Whether grades, responses and states of a patient agree with their definitions."""

from collections.abc import Iterator

from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.ctcae import MULTIPLE, value_in
from reirrad.core.cohort.faults import Fault, fault_of
from reirrad.core.cohort.oligometastatic import course_state
from reirrad.core.cohort.records import Cohort

__all__ = ["clinical_faults"]

FATAL = 5
FATAL_WITHIN_DAYS = 30
"""Days from an event of grade 5 to death: the event may be dated by its begin."""


def clinical_faults(one: Cohort, *, rules: ClinicalRules) -> Iterator[Fault]:
    """Faults in toxicity, response, samples and oligometastatic states of one patient.

    Parameters
    ----------
    one
        All records of the patient.
    rules
        Grades of each term of CTCAE, and the units of samples.
    """
    yield from _grades(one, rules)
    yield from _units(one, rules)
    yield from _states(one)
    yield from _progressions(one)
    for response in one.response:
        if response.new_lesion and response.category not in {None, "PD"}:
            yield fault_of(
                response,
                "category",
                "a new lesion is progression by RECIST 1.1",
                "PD",
                severity="warning",
            )


def _grades(one: Cohort, rules: ClinicalRules) -> Iterator[Fault]:
    deaths = [known.death_date for known in one.followup if known.death_date]
    for event in one.toxicity:
        term = rules.terms[event.term]
        if not term.lowest <= event.grade <= term.highest:
            yield fault_of(
                event,
                "grade",
                f"CTCAE v5.0 has no such grade of {event.term}",
                f"a whole number from {term.lowest} to {term.highest}",
            )
        elif event.grade == FATAL and not deaths:
            yield fault_of(
                event,
                "grade",
                "grade 5 is death, and followup_death_date is empty",
                "the date of death, or a lower grade",
            )
        elif event.grade == FATAL and (deaths[0] - event.date).days > FATAL_WITHIN_DAYS:
            yield fault_of(
                event,
                "date",
                f"grade 5 is death, but the patient died on {deaths[0]}, "
                f"{(deaths[0] - event.date).days} days later",
                f"a day at most {FATAL_WITHIN_DAYS} days before death, or a lower "
                f"grade",
                severity="warning",
            )


def _units(one: Cohort, rules: ClinicalRules) -> Iterator[Fault]:
    for sample in one.laboratory:
        unit = rules.laboratory[sample.analyte].unit
        if sample.unit != MULTIPLE and value_in(unit, sample, rules.units) is None:
            yield fault_of(
                sample,
                "unit",
                f"{sample.analyte} cannot be converted to {unit}, and is not graded",
                f"{unit}, or a unit that it can be converted from",
                severity="warning",
            )


def _states(one: Cohort) -> Iterator[Fault]:
    for course in one.course:
        state, reported = course_state(course), course.oligometastatic_state_reported
        if state is not None and reported is not None and state != reported:
            yield fault_of(
                course,
                "oligometastatic_state_reported",
                f"the answers of this course lead to {state}",
                "the state that the answers lead to, or other answers",
                severity="warning",
            )


def _progressions(one: Cohort) -> Iterator[Fault]:
    """The first response that is a progression of which no record tells."""
    again = [course.start_date for course in one.course if course.reirradiation]
    if not again:
        return
    said: set[int | None] = set()
    for response in sorted(one.response, key=lambda found: (found.date, found.number)):
        progressed = response.category == "PD" or response.new_lesion
        if response.baseline or not progressed or response.date <= min(again):
            continue
        of_lesion = response.category == "PD" and response.lesion is not None
        lesion = response.lesion if of_lesion else None
        recorded = any(
            min(again) < record.date <= response.date
            and (lesion is None or record.lesion in {None, lesion})
            and (lesion is None or record.place == "local")
            for record in one.progression
        )
        if not recorded and lesion not in said:
            said |= {None, lesion}
            yield fault_of(
                response,
                "category" if response.category == "PD" else "new_lesion",
                "this is a progression, and none is recorded up to this day; it "
                "counts as one",
                "a record of the progression, or another response",
                severity="warning",
            )
