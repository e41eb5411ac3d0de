"""The short answer on stdout; everything else is in the report."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reirrad.cli.terminal_text import finding_line, printable
from reirrad.workflows.result_files import is_withheld

if TYPE_CHECKING:
    from reirrad.core.assessment import (
        Assessment,
        ConstraintResult,
        OverlapVolume,
        PairAssessment,
    )

__all__ = ["verdict_lines"]

LABEL_WIDTH = 20


def verdict_lines(assessment: "Assessment", report: Path) -> Iterator[str]:
    """The answer in lines of plain text, without patient name or identifier.

    Parameters
    ----------
    assessment
        What to tell about.
    report
        File that the reader should open next.
    """
    if is_withheld(assessment):
        yield "VERDICT WITHHELD: the courses cannot be related in space safely."
    lines = (
        *_pair_lines(assessment),
        *_registration_lines(assessment),
        *_constraint_lines(assessment.constraints),
        *_finding_lines(assessment),
        _labelled("Report", str(report)),
    )
    yield from map(printable, lines)


def _labelled(label: str, text: str) -> str:
    return f"{label:<{LABEL_WIDTH}}{text}"


def _pair_lines(assessment: "Assessment") -> Iterator[str]:
    for pair in (*assessment.pairs, *assessment.united_pairs):
        earlier = " and ".join(str(number) for number in pair.earlier)
        yield (
            f"Course {earlier} and course {pair.second}, "
            f"{pair.interval_days} days apart, start to start"
        )
        yield _labelled("  re-SBRT type", _resbrt_type(pair))
        yield _labelled("  ESTRO-EORTC", pair.classification.estro_eortc)
        for level, volume in pair.overlap.items():
            yield _labelled(f"  Overlap {level}", _overlap(volume, pair.organ))


def _resbrt_type(pair: "PairAssessment") -> str:
    strict = pair.classification.resbrt_type
    applied = pair.classification.as_applied_type
    if strict == applied:
        return strict
    return f"{strict}, as applied by the authors {applied}"


def _overlap(volume: "OverlapVolume", organ: str) -> str:
    return f"{_volume(volume.organ_cc)} in {organ}, {_volume(volume.total_cc)} in total"


def _volume(volume_cc: float | None) -> str:
    if volume_cc is None:
        return "not available"
    if 0.0 < volume_cc < 0.1:
        return "below 0.1 cc"
    return f"{volume_cc:.1f} cc"


def _registration_lines(assessment: "Assessment") -> Iterator[str]:
    for link in assessment.registrations:
        courses = f"Registration {link.from_course} to {link.to_course}"
        yield _labelled(courses, f"{link.verdict} ({link.method}): {link.reason}")


def _constraint_lines(results: "tuple[ConstraintResult, ...]") -> Iterator[str]:
    verdicts = Counter(result.verdict for result in results)
    yield _labelled(
        "Constraints",
        f"{verdicts['exceeded']} exceeded, {verdicts['met']} met, "
        f"{verdicts['not evaluable']} not evaluable",
    )
    for result in results:
        if result.verdict == "exceeded":
            yield f"  exceeded: {_constraint(result)}"


def _constraint(result: "ConstraintResult") -> str:
    value = "not available" if result.value is None else f"{result.value:.1f}"
    return (
        f"{result.structure} {result.quantity} {result.metric} {value}, limit "
        f"{result.relation} {result.limit:g} ({result.scope}; {result.level}; "
        f"{result.set}, {result.verification})"
    )


def _finding_lines(assessment: "Assessment") -> Iterator[str]:
    counts = Counter(finding.severity for finding in assessment.findings)
    yield _labelled(
        "Findings",
        f"{counts['error']} errors, {counts['warning']} warnings, "
        f"{counts['info']} notes",
    )
    for severity in ("error", "warning"):
        for finding in assessment.findings:
            if finding.severity == severity:
                yield f"  {finding_line(finding)}"
