"""Response of a patient at a time after re-irradiation, by RECIST 1.1."""

from dataclasses import replace

from reirrad.core.cohort.clinical_rules import ClinicalRules, OutcomeRules
from reirrad.core.cohort.recist import RecistCategory, response_at_landmark
from reirrad.stats.evaluations import evaluations
from reirrad.stats.progressions import progressions
from reirrad.stats.treated import Treated, months_between

__all__ = ["progressed_after", "response_at", "response_before_death"]


def response_at(
    one: Treated, months: float, rules: ClinicalRules
) -> RecistCategory | None:
    """Response at a time after the end of the first re-irradiation.

    A progression up to then, recorded or told by a response, stays one. None where it
    cannot be evaluated, and without a progression where the patient had died by then:
    who is dead has no response at that time.
    """
    standing = _standing(one, months, rules)
    return None if standing != "PD" and _died_by(one, months) else standing


def response_before_death(one: Treated, months: float, rules: ClinicalRules) -> bool:
    """Whether a response does not count, since the patient had died by then."""
    standing = _standing(one, months, rules)
    return standing not in {None, "PD"} and _died_by(one, months)


def _died_by(one: Treated, months: float) -> bool:
    """Whether a patient had died by a time, or may have: on an unknown day."""
    day = one.followup.death_date
    if one.died_unknown_day:
        alive = [one.followup.last_contact_date, one.followup.last_imaging_date]
        alive += [record.date for record in one.records.response]
        day = max(filter(None, alive), default=one.first.end_date)
    after = months_between(one.first.end_date, day)
    return after is not None and after <= months


def _standing(
    one: Treated, months: float, rules: ClinicalRules
) -> RecistCategory | None:
    known: list[tuple[float, RecistCategory]] = []
    for evaluation in evaluations(one, rules):
        after = months_between(one.first.end_date, evaluation.day)
        if after is not None and evaluation.category is not None:
            known.append((max(0.0, after), evaluation.category))
    for progressed in progressions(one, rules):
        after = months_between(one.first.end_date, progressed.day)
        if after is not None:
            known.append((max(0.0, after), "PD"))
    return response_at_landmark(known, _landmark(months, rules.outcome))


def progressed_after(one: Treated, months: float, rules: ClinicalRules) -> bool:
    """Whether the response at a time is a progression that came later only."""
    if response_at(one, months, rules) != "PD":
        return False
    after = [
        months_between(one.first.end_date, found.day)
        for found in progressions(one, rules)
    ]
    return all(month is None or month > months for month in after)


def _landmark(months: float, rules: OutcomeRules) -> OutcomeRules:
    """The same window around another time."""
    shift = months - rules.response_months
    return replace(
        rules,
        response_months=months,
        response_from_months=rules.response_from_months + shift,
        response_up_to_months=rules.response_up_to_months + shift,
    )
