"""Published rules for irradiating the spinal cord again.

Four criteria of lower risk for stereotactic re-irradiation (Sahgal 2012) and a risk
score (Nieder 2005). Both look at the point maximum of thecal sac or cord, with an
alpha/beta ratio of their own. They are experience, not tolerance: all criteria met does
not make a plan safe.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reirrad.core.constraints import Verdict, Verification, holds
from reirrad.core.cord_results import CordCriterion, CordQuantity, CordScore

__all__ = [
    "CordCourses",
    "CriterionRule",
    "ScoreRule",
    "cord_criteria",
    "cord_score",
    "overall_verdict",
]

ROUNDING = 1e-9
"""A dose that equals a step of the score to this share has not passed it."""


@dataclass(frozen=True, slots=True)
class CriterionRule:
    """One criterion, as the knowledge table has it."""

    quantity: CordQuantity
    relation: Literal["<", "<=", ">", ">="]
    limit: float
    unit: str
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """The numbers of the risk score.

    Parameters
    ----------
    free_bed_gy, step_bed_gy, most_dose_points
        Cumulative BED without a point, BED that each further point stands for, and the
        most points for dose.
    short_interval_months, high_course_bed_gy
        A shorter interval, and a course of this BED or more, each add extra points.
    extra_points
        How many.
    low_points, intermediate_points
        Most points of the groups of low and of intermediate risk.
    risk_percent
        Group to the share with myelopathy that was reported.
    """

    free_bed_gy: float
    step_bed_gy: float
    most_dose_points: int
    short_interval_months: float
    high_course_bed_gy: float
    extra_points: float
    low_points: float
    intermediate_points: float
    risk_percent: dict[str, float]
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class CordCourses:
    """What the rules ask of one structure; None where it is not known.

    Parameters
    ----------
    total_eqd2_gy, latest_eqd2_gy
        Point maximum of the sum of all courses, and of the latest one.
    total_bed_gy, course_bed_gy
        Point maximum of the sum in BED, and of each course.
    interval_months
        Shortest time between consecutive courses.
    """

    total_eqd2_gy: float | None
    latest_eqd2_gy: float | None
    total_bed_gy: float | None
    course_bed_gy: Sequence[float | None]
    interval_months: float | None


def cord_criteria(
    courses: CordCourses, rules: Sequence[CriterionRule]
) -> tuple[CordCriterion, ...]:
    """Test every criterion; "not evaluable" where its value is not known."""
    return tuple(_criterion(courses, rule) for rule in rules)


def overall_verdict(criteria: Sequence[CordCriterion]) -> Verdict:
    """Whether every criterion is "met", or one is "exceeded"."""
    verdicts = {criterion.verdict for criterion in criteria}
    if "exceeded" in verdicts:
        return "exceeded"
    return "met" if verdicts == {"met"} else "not evaluable"


def cord_score(courses: CordCourses, rule: ScoreRule) -> CordScore:
    """Points and group of risk; None for both where a part of the score is missing."""
    known = [bed for bed in courses.course_bed_gy if bed is not None]
    total, interval = courses.total_bed_gy, courses.interval_months
    if total is None or interval is None or len(known) < len(courses.course_bed_gy):
        return CordScore(total, None, None, None, rule.source, rule.verification)
    steps = (total - rule.free_bed_gy) / rule.step_bed_gy
    points = float(min(max(math.ceil(steps - ROUNDING), 0), rule.most_dose_points))
    if interval < rule.short_interval_months:
        points += rule.extra_points
    if max(known) >= rule.high_course_bed_gy * (1.0 - ROUNDING):
        points += rule.extra_points
    group: Literal["low", "intermediate", "high"] = "high"
    if points <= rule.low_points:
        group = "low"
    elif points <= rule.intermediate_points:
        group = "intermediate"
    return CordScore(
        total,
        points,
        group,
        rule.risk_percent[group],
        rule.source,
        rule.verification,
    )


def _criterion(courses: CordCourses, rule: CriterionRule) -> CordCriterion:
    value = _value(courses, rule.quantity)
    verdict: Verdict = "not evaluable"
    if value is not None and not math.isnan(value):
        verdict = "met" if holds(value, rule.relation, rule.limit) else "exceeded"
    return CordCriterion(
        rule.quantity,
        value,
        rule.relation,
        rule.limit,
        rule.unit,
        verdict,
        rule.source,
        rule.verification,
    )


def _value(courses: CordCourses, quantity: CordQuantity) -> float | None:
    if quantity == "interval":
        return courses.interval_months
    if quantity == "total EQD2":
        return courses.total_eqd2_gy
    if quantity == "latest EQD2":
        return courses.latest_eqd2_gy
    total, latest = courses.total_eqd2_gy, courses.latest_eqd2_gy
    if total is None or latest is None:
        return None
    # Without any dose the latest course is no part of anything.
    return latest / total if total > 0.0 else 0.0
