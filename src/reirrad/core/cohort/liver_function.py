"""Liver function: Child-Pugh points and class, ALBI score and grade."""

import math
from dataclasses import dataclass
from typing import Literal

from reirrad.core.cohort.clinical_records import Laboratory, Visit
from reirrad.core.cohort.clinical_rules import AlbiRule, ChildPughBand, ClinicalRules

__all__ = ["ChildPugh", "albi_grade", "albi_score", "child_pugh"]


@dataclass(frozen=True, slots=True)
class ChildPugh:
    """Sum of the points, 5 to 15, and the class."""

    points: int
    letter: Literal["A", "B", "C"]


def child_pugh(
    *,
    bilirubin: Laboratory | None,
    albumin: Laboratory | None,
    inr: Laboratory | None,
    findings: Visit | None,
    rules: ClinicalRules,
) -> ChildPugh | None:
    """Child-Pugh class, or None where one of its five parts is missing.

    Parameters
    ----------
    bilirubin, albumin, inr
        Samples; each is judged by the limits in its own unit.
    findings
        Visit with ascites and encephalopathy.
    rules
        Points of values and findings.
    """
    if findings is None or findings.ascites is None or findings.encephalopathy is None:
        return None
    rule = rules.child_pugh
    points = [_points(one, rules.child_pugh_bands) for one in (bilirubin, albumin, inr)]
    known = [one for one in points if one is not None]
    if len(known) < len(points):
        return None
    total = (
        sum(known)
        + rule.ascites[findings.ascites]
        + rule.encephalopathy[findings.encephalopathy]
    )
    if total >= rule.c_from:
        return ChildPugh(total, "C")
    return ChildPugh(total, "B" if total >= rule.b_from else "A")


def albi_score(bilirubin_umol_l: float, albumin_g_l: float, rule: AlbiRule) -> float:
    """ALBI score (Johnson et al., J Clin Oncol 2015;33:550); lower is better.

    Raises
    ------
    ValueError
        If the bilirubin, whose logarithm is taken, is not above 0.
    """
    if bilirubin_umol_l <= 0.0:
        msg = f"bilirubin must be above 0 umol/l, found {bilirubin_umol_l}"
        raise ValueError(msg)
    return (
        rule.log10_bilirubin_umol_l * math.log10(bilirubin_umol_l)
        + rule.albumin_g_l * albumin_g_l
    )


def albi_grade(score: float, rule: AlbiRule) -> int:
    """ALBI grade 1, 2 or 3; at a limit the lower one holds."""
    if score <= rule.grade_1_up_to:
        return 1
    return 2 if score <= rule.grade_2_up_to else 3


def _points(sample: Laboratory | None, bands: tuple[ChildPughBand, ...]) -> int | None:
    if sample is None:
        return None
    for band in bands:
        if (band.analyte, band.unit) == (sample.analyte, sample.unit):
            sign = 1.0 if band.worse == "higher" else -1.0
            if sign * sample.value > sign * band.three_points:
                return 3
            return 2 if sign * sample.value >= sign * band.two_points else 1
    return None
