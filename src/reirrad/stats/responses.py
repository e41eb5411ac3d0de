"""Response of a patient by RECIST 1.1: as recorded, or from the sums of diameters."""

from dataclasses import dataclass, replace
from datetime import date

from reirrad.core.cohort.clinical_records import Response
from reirrad.core.cohort.clinical_rules import ClinicalRules, OutcomeRules
from reirrad.core.cohort.recist import (
    RecistCategory,
    recist_category,
    response_at_landmark,
)
from reirrad.stats.treated import Treated, months_between

__all__ = ["Evaluation", "evaluations", "response_at"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An imaging after the first re-irradiation began.

    Parameters
    ----------
    day
        Date of the imaging.
    recorded, derived
        Category as recorded, and by the sums of diameters; None where not known.
    """

    day: date
    recorded: RecistCategory | None
    derived: RecistCategory | None

    @property
    def category(self) -> RecistCategory | None:
        """The recorded category, else the derived one."""
        return self.recorded or self.derived


def evaluations(one: Treated, rules: ClinicalRules) -> tuple[Evaluation, ...]:
    """Evaluations of the patient as a whole, earliest first."""
    whole = sorted(
        (found for found in one.records.response if found.lesion is None),
        key=lambda found: (found.date, found.number),
    )
    return tuple(
        Evaluation(
            found.date,
            None if found.category == "NE" else found.category,
            _derived(found, whole, rules),
        )
        for found in whole
        if not found.baseline and found.date >= one.first.start_date
    )


def _derived(
    now: Response, whole: list[Response], rules: ClinicalRules
) -> RecistCategory | None:
    """Category of the sum, from the last baseline before it on."""
    if now.new_lesion:
        return "PD"
    baselines = [found for found in whole if found.baseline and found.date <= now.date]
    if not baselines or now.sum_of_diameters_mm is None or now.new_lesion is None:
        return None
    baseline = baselines[-1]
    if not baseline.sum_of_diameters_mm:
        return None
    since = [
        found.sum_of_diameters_mm
        for found in whole
        if baseline.date <= found.date < now.date
        and found.sum_of_diameters_mm is not None
    ]
    return recist_category(
        baseline_mm=baseline.sum_of_diameters_mm,
        nadir_mm=min(since, default=baseline.sum_of_diameters_mm),
        now_mm=now.sum_of_diameters_mm,
        new_lesion=now.new_lesion,
        rules=rules.recist,
    )


def response_at(
    one: Treated, months: float, rules: ClinicalRules
) -> RecistCategory | None:
    """Response at a time after the end of the first re-irradiation.

    A recorded progression up to then is one. None where it cannot be evaluated.
    """
    found: list[tuple[float, RecistCategory]] = []
    dated: list[tuple[date, RecistCategory | None]] = [
        (evaluation.day, evaluation.category) for evaluation in evaluations(one, rules)
    ]
    dated += [
        (progression.date, "PD")
        for progression in one.records.progression
        if progression.date >= one.first.start_date
    ]
    for day, category in dated:
        after = months_between(one.first.end_date, day)
        if after is not None and category is not None:
            found.append((max(0.0, after), category))
    return response_at_landmark(found, _landmark(months, rules.outcome))


def _landmark(months: float, rules: OutcomeRules) -> OutcomeRules:
    """The same window around another time."""
    shift = months - rules.response_months
    return replace(
        rules,
        response_months=months,
        response_from_months=rules.response_from_months + shift,
        response_up_to_months=rules.response_up_to_months + shift,
    )
