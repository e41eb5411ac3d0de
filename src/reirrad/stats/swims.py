"""Lines of the swimmer plot."""

from collections.abc import Iterator
from datetime import date

from reirrad.stats.cohort_results import Swim, SwimEvent
from reirrad.stats.endpoints import followed_months
from reirrad.stats.responses import evaluations
from reirrad.stats.strata import stratum_of_course
from reirrad.stats.study import Study
from reirrad.stats.treated import Treated, months_between

__all__ = ["swims"]

SEVERE = 3


def swims(study: Study) -> tuple[Swim, ...]:
    """A line for each patient with a follow-up, longest first."""
    lines = [_swim(study, one) for one in study.patients]
    return tuple(
        sorted(
            (line for line in lines if line is not None),
            key=lambda line: (-line.months, line.patient),
        )
    )


def _swim(study: Study, one: Treated) -> Swim | None:
    months = followed_months(one)
    if months is None:
        return None
    events = [
        SwimEvent(after, what)
        for day, what in _happened(study, one)
        if (after := months_between(one.first.end_date, day)) is not None
    ]
    return Swim(
        one.name,
        stratum_of_course(one, one.first, study.questions.strata),
        months,
        one.followup.death_date is not None,
        tuple(sorted(events, key=lambda event: (event.months, event.what))),
    )


def _happened(study: Study, one: Treated) -> Iterator[tuple[date, str]]:
    for progression in one.records.progression:
        if progression.date >= one.first.start_date:
            local = progression.place == "local"
            yield progression.date, "local progression" if local else "progression"
    for course in one.courses[1:]:
        yield course.start_date, "re-irradiation"
    for event in study.toxicity[one.name]:
        if event.grade >= SEVERE:
            yield event.day, f"toxicity grade {event.grade}"
    complete = [
        found.day for found in evaluations(one, study.rules) if found.category == "CR"
    ]
    if complete:
        yield complete[0], "CR"
