"""What a list of cases shows of an assessment, and what its changes start from."""

from collections.abc import Iterator, Mapping
from typing import Any

from reirrad.core.assessment import Assessment
from reirrad.reports.emphasis import evaluable, leading_pair, urgent_findings

__all__ = ["adjustable_courses", "case_summary"]


def case_summary(assessment: Assessment) -> dict[str, Any]:
    """Plain values for the list of cases; the Patient ID, but no name.

    ``registrations`` has the exact matrix of every earlier course, from which a later
    version is adjusted.
    """
    pair = leading_pair(assessment)
    return {
        "label": assessment.patient.id,
        "organ": assessment.organ,
        "reference_course": assessment.reference_course,
        "resbrt_type": None if pair is None else pair.classification.resbrt_type,
        "interval_days": None if pair is None else pair.interval_days,
        "flags": list(_flags(assessment)),
        "frames": {
            str(course.number): course.frame_of_reference_uid
            for course in assessment.courses
        },
        "registrations": [
            {
                "course": item.from_course,
                "verdict": item.verdict,
                "matrix": None
                if item.matrix is None
                else [list(row) for row in item.matrix],
            }
            for item in assessment.registrations
        ],
    }


def adjustable_courses(summary: Mapping[str, Any]) -> list[int]:
    """Earlier courses whose registration can be given by hand; none for three frames.

    A matrix relates two frames of reference: see
    `reirrad.workflows.given_registration`.
    """
    frames: dict[str, str] = summary["frames"]
    here = frames[str(summary["reference_course"])]
    if len(set(frames.values())) != 2:
        return []
    return [int(number) for number, frame in frames.items() if frame != here]


def _flags(assessment: Assessment) -> Iterator[str]:
    pairs = (*assessment.pairs, *assessment.united_pairs)
    if any(one.classification.resbrt_type == "undetermined" for one in pairs):
        yield "verdict withheld"
    exceeded = sum(item.verdict == "exceeded" for item in evaluable(assessment))
    if exceeded:
        yield f"{exceeded} limit{'s' if exceeded > 1 else ''} exceeded"
    urgent = urgent_findings(assessment)
    errors = sum(item.severity == "error" for item in urgent)
    if errors:
        yield f"{errors} error{'s' if errors > 1 else ''}"
    if len(urgent) > errors:
        warnings = len(urgent) - errors
        yield f"{warnings} warning{'s' if warnings > 1 else ''}"
