"""Toxicity by CTCAE v5.0 (National Cancer Institute, 2017)."""

from collections.abc import Iterable, Mapping
from typing import Literal

from reirrad.core.cohort.clinical_records import Laboratory
from reirrad.core.cohort.clinical_rules import (
    ClinicalRules,
    GradeStep,
    LaboratoryRule,
    OutcomeRules,
    TermRule,
    UnitFactor,
)
from reirrad.core.cohort.terms import Analyte, LaboratoryUnit, ToxicityTerm

__all__ = [
    "ToxicityWindow",
    "graded_term",
    "impossible_grade",
    "laboratory_grade",
    "max_grade",
    "toxicity_window",
    "value_in",
]

ToxicityWindow = Literal["acute", "late"]

DECIMALS = 9
MULTIPLE: LaboratoryUnit = "multiple_of_uln"


def laboratory_grade(
    sample: Laboratory, *, baseline: Laboratory | None, rules: ClinicalRules
) -> int | None:
    """Grade of a laboratory value, 0 for none.

    A baseline beyond the limit of normal is abnormal; then multiples of the baseline
    count where CTCAE says so. Without a baseline only the limits of normal count.

    Parameters
    ----------
    sample
        The value with its unit and limits of normal.
    baseline
        The last value of the same analyte before the treatment.
    rules
        Limits of the grades, and factors between units.

    Returns
    -------
    int or None
        None where the limit of normal, or a factor between units, is missing. Grades
        that depend on symptoms or on treatment are not given.
    """
    rule = rules.laboratory[sample.analyte]
    if rule.worse == "lower":
        return _low_grade(sample, rule, rules.units)
    ratio = _scaled(sample, rule, rules.units)
    if ratio is None:
        return None
    by_normal = _grade(ratio, rule.steps)
    if baseline is None or rule.baseline == "never":
        return by_normal
    return _grade_beside_baseline(sample, baseline, by_normal, rules)


def graded_term(analyte: Analyte, rules: ClinicalRules) -> ToxicityTerm:
    """Term that a laboratory value is graded under."""
    return rules.laboratory[analyte].term


def max_grade(term: ToxicityTerm, terms: Mapping[ToxicityTerm, TermRule]) -> int:
    """Highest grade that CTCAE v5.0 gives a term."""
    return terms[term].highest


def impossible_grade(
    term: ToxicityTerm, grade: int, terms: Mapping[ToxicityTerm, TermRule]
) -> str:
    """What is wrong with a grade that a term cannot have; empty where it can."""
    rule = terms[term]
    if rule.lowest <= grade <= rule.highest:
        return ""
    return (
        f"{term} has grades {rule.lowest} to {rule.highest} in CTCAE v5.0, found grade "
        f"{grade}."
    )


def toxicity_window(days_after_end: int, rules: OutcomeRules) -> ToxicityWindow:
    """Whether an event is acute or late.

    Parameters
    ----------
    days_after_end
        Days from the last day of treatment; negative while it is going on.
    rules
        Last day that is acute.
    """
    return "acute" if days_after_end <= rules.acute_up_to_days else "late"


def value_in(
    unit: LaboratoryUnit, sample: Laboratory, units: Iterable[UnitFactor]
) -> float | None:
    """Value of a sample in another unit, or None where no factor is known."""
    factor = _factor(sample, unit, units)
    return None if factor is None else sample.value * factor


def _factor(
    sample: Laboratory, unit: LaboratoryUnit, units: Iterable[UnitFactor]
) -> float | None:
    if sample.unit == unit:
        return 1.0
    for one in units:
        if one.analyte == sample.analyte:
            if (one.unit, one.into) == (sample.unit, unit):
                return one.factor
            if (one.into, one.unit) == (sample.unit, unit):
                return 1.0 / one.factor
    return None


def _grade(value: float, steps: tuple[GradeStep, ...]) -> int:
    # Rounded, so that 1.8 is no more than 1.5 times 1.2.
    value = round(value, DECIMALS)
    reached = [
        step.grade
        for step in steps
        if value > step.beyond or (step.inclusive and value == step.beyond)
    ]
    return max(reached, default=0)


def _scaled(
    sample: Laboratory, rule: LaboratoryRule, units: tuple[UnitFactor, ...]
) -> float | None:
    """The value on the scale of the steps."""
    if rule.scale == "value":
        return value_in(rule.unit, sample, units)
    if sample.unit == MULTIPLE:
        return sample.value
    return sample.value / sample.upper_normal if sample.upper_normal else None


def _low_grade(
    sample: Laboratory, rule: LaboratoryRule, units: tuple[UnitFactor, ...]
) -> int | None:
    value = value_in(rule.unit, sample, units)
    if value is None:
        return None
    value = round(value, DECIMALS)
    worst = max((s.grade for s in rule.steps if value < s.beyond), default=0)
    if worst:
        return worst
    if sample.lower_normal is None:
        return None
    return 1 if sample.value < sample.lower_normal else 0


def _grade_beside_baseline(
    sample: Laboratory, baseline: Laboratory, by_normal: int, rules: ClinicalRules
) -> int | None:
    rule = rules.laboratory[sample.analyte]
    times = _times_baseline(sample, baseline, rule, rules.units)
    if times is None:
        return None
    by_baseline = _grade(times, rule.baseline_steps)
    if rule.baseline == "always":
        return max(by_normal, by_baseline)
    return by_baseline if _abnormal(baseline, sample, rule, rules.units) else by_normal


def _times_baseline(
    sample: Laboratory,
    baseline: Laboratory,
    rule: LaboratoryRule,
    units: tuple[UnitFactor, ...],
) -> float | None:
    """The value in multiples of the baseline, by way of normal where units differ."""
    now: float | None = sample.value
    before = value_in(sample.unit, baseline, units)
    if before is None:
        now, before = _scaled(sample, rule, units), _scaled(baseline, rule, units)
    return now / before if now is not None and before else None


def _abnormal(
    baseline: Laboratory,
    sample: Laboratory,
    rule: LaboratoryRule,
    units: tuple[UnitFactor, ...],
) -> bool:
    """Whether the baseline was above its own limit of normal, or else the sample's."""
    own = _scaled(baseline, rule, units)
    if own is not None:
        return own > 1.0
    before = value_in(sample.unit, baseline, units)
    return bool(before and sample.upper_normal and before > sample.upper_normal)
