"""Published rules for the spinal cord, where one is drawn."""

from collections.abc import Sequence
from itertools import pairwise

from reirrad.core.cord_results import CordRules
from reirrad.core.cord_rules import (
    CordCourses,
    cord_criteria,
    cord_score,
    overall_verdict,
)
from reirrad.core.findings import Finding, Severity
from reirrad.core.recovery import months_between
from reirrad.core.structure_doses import PlacedStructure, StructureDoses
from reirrad.knowledge.cord_rules import CordTable
from reirrad.workflows.place import PlacedPatient

__all__ = ["cord_findings", "cord_rules_of", "shortest_interval_months"]


def shortest_interval_months(patient: PlacedPatient) -> float | None:
    """Shortest time between the starts of consecutive courses; None of one course."""
    starts = [outlined.course.start_date for outlined in patient.outlined]
    gaps = [months_between(first, second) for first, second in pairwise(starts)]
    return min(gaps, default=None)


def cord_rules_of(
    placed: PlacedStructure,
    doses: StructureDoses,
    table: CordTable,
    *,
    interval_months: float | None,
) -> CordRules | None:
    """The rules for one structure; None if it is not like a cord.

    Parameters
    ----------
    placed, doses
        The structure and the doses at its points.
    table
        The rules, with the alpha/beta ratio that they were made with.
    interval_months
        Shortest time between consecutive courses, None if it is not known.
    """
    if placed.structure.standard_name not in table.structures:
        return None
    ratio, latest = table.alpha_beta_gy, max(doses.all_courses)
    courses = CordCourses(
        total_eqd2_gy=doses.metric("Max[Gy]", "cumulative", "EQD2", ratio),
        latest_eqd2_gy=doses.metric("Max[Gy]", latest, "EQD2", ratio),
        total_bed_gy=doses.metric("Max[Gy]", "cumulative", "BED", ratio),
        course_bed_gy=[
            doses.metric("Max[Gy]", number, "BED", ratio)
            for number in doses.all_courses
        ],
        interval_months=interval_months,
    )
    criteria = cord_criteria(courses, table.criterion)
    return CordRules(
        structure=placed.label,
        alpha_beta_gy=ratio,
        criteria=criteria,
        criteria_verdict=overall_verdict(criteria),
        score=cord_score(courses, table.score),
        reason=_missing(courses),
    )


def cord_findings(rules: Sequence[CordRules]) -> list[Finding]:
    """What a reader must know of the rules."""
    findings = []
    unknown = [one for one in rules if one.reason]
    if unknown:
        listed = "; ".join(f"{one.structure}: {one.reason}" for one in unknown)
        message = f"The rules for the spinal cord cannot be applied in full: {listed}."
        findings.append(
            Finding("cord-rules-not-evaluable", "warning", "spinal cord", message)
        )
    for one in rules:
        missed = [c.quantity for c in one.criteria if c.verdict == "exceeded"]
        if missed:
            message = (
                f"{one.structure}: criteria of lower risk for irradiating the cord "
                f"again that are not met: {', '.join(missed)}."
            )
            severity: Severity = "info" if _is_small(one) else "warning"
            findings.append(
                Finding("cord-criteria-not-met", severity, one.structure, message)
            )
    return findings


def _is_small(rules: CordRules) -> bool:
    """Whether all courses together give less than the latest one alone might.

    Its share of so small a sum says nothing.
    """
    by_quantity = {one.quantity: one for one in rules.criteria}
    total, latest = by_quantity["total EQD2"], by_quantity["latest EQD2"]
    return total.value is not None and total.value <= latest.limit


def _missing(courses: CordCourses) -> str:
    reasons = []
    if courses.total_eqd2_gy is None:
        reasons.append("the sum of the courses is not known")
    if courses.latest_eqd2_gy is None:
        reasons.append("the dose of the latest course is not known")
    elif None in courses.course_bed_gy and courses.total_eqd2_gy is not None:
        reasons.append("the dose of a course is not known")
    if courses.interval_months is None:
        reasons.append("the interval between the courses is not known")
    return ", ".join(reasons)
