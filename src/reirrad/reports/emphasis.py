"""What comes first in a report: which pair, which limits, which findings.

Choosing is all that happens here; every number was computed before.
"""

from collections.abc import Sequence

from reirrad.core.assessment import Assessment, ConstraintResult, PairAssessment
from reirrad.core.findings import Finding
from reirrad.core.uncertainty import PairUncertainty
from reirrad.reports.wording import share_of_limit

__all__ = [
    "all_pairs",
    "by_urgency",
    "drawn_pair",
    "evaluable",
    "leading_pair",
    "urgent_findings",
    "worst_of_each_structure",
]

SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}


def all_pairs(assessment: Assessment) -> tuple[PairAssessment, ...]:
    """Pairs of courses, then later courses against all before them."""
    return assessment.pairs + assessment.united_pairs


def leading_pair(assessment: Assessment) -> PairAssessment | None:
    """The pair on page one: the latest course against everything before it.

    Where no united pair is given it is the latest course with the one just before it.
    None where there is a single course.
    """
    pairs = all_pairs(assessment)
    if not pairs:
        return None
    return max(pairs, key=lambda pair: (pair.second, len(pair.earlier), pair.first))


def drawn_pair(assessment: Assessment, pair: PairAssessment) -> PairUncertainty | None:
    """The same pair over the plausible registrations, where there are any."""
    if assessment.uncertainty is None:
        return None
    return next(
        (
            found
            for found in assessment.uncertainty.pairs
            if (found.earlier, found.second) == (pair.earlier, pair.second)
        ),
        None,
    )


def evaluable(assessment: Assessment) -> list[ConstraintResult]:
    """Constraints with a verdict: exceeded first, then the fullest limits."""
    return sorted(
        (item for item in assessment.constraints if item.verdict != "not evaluable"),
        key=lambda item: (item.verdict != "exceeded", -share_of_limit(item)),
    )


def worst_of_each_structure(assessment: Assessment) -> list[ConstraintResult]:
    """The most pressing constraint of every structure, worst structure first."""
    worst: dict[str, ConstraintResult] = {}
    for result in evaluable(assessment):
        worst.setdefault(result.structure, result)
    return list(worst.values())


def by_urgency(findings: Sequence[Finding]) -> list[Finding]:
    """Findings, errors first; otherwise in the order in which they were made."""
    return sorted(findings, key=lambda finding: SEVERITY_ORDER[finding.severity])


def urgent_findings(assessment: Assessment) -> list[Finding]:
    """Errors and warnings, errors first."""
    return [item for item in by_urgency(assessment.findings) if item.severity != "info"]
