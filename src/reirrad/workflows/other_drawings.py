"""Organs that several courses drew: what the drawings that are not shown say.

Doses and limits are those of one drawing, the reference course's where it has one. A
drawing that ends earlier, or was copied to another place, misses dose that the course
gave on its own drawing. See ``docs/decisions/0040-drawings-of-other-courses.md``.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reirrad.core.assessment import ConstraintResult, StructureAssessment
from reirrad.core.constraints import Measured, Query, holds
from reirrad.core.cord_results import CordRules
from reirrad.core.cord_rules import overall_verdict
from reirrad.core.findings import Finding
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import (
    PlacedStructure,
    Scope,
    StructureDoses,
    structure_doses,
)
from reirrad.core.structures import Role
from reirrad.workflows.biology import BiologyQuestion
from reirrad.workflows.cord import cord_rules_of
from reirrad.workflows.limits import answered
from reirrad.workflows.place import PlacedPatient, placed_structure
from reirrad.workflows.structure_robustness import query_of

__all__ = [
    "HottestPart",
    "OtherDrawing",
    "cautious_rules",
    "drawing_findings",
    "is_left_open",
    "kept_on_every_drawing",
    "other_drawings",
]

NEAR_MAXIMUM = "D0.1cc[Gy]"
HIGHER_RATIO = 1.1
HIGHER_GY = 1.0
LEFT_OPEN = "met on the drawing of course"


@dataclass(frozen=True, slots=True)
class HottestPart:
    """D0.1cc of an organ on two drawings.

    Parameters
    ----------
    scope
        Number of the course that gave the dose, physical; or "cumulative", EQD2.
    shown_gy, other_gy
        On the drawing that is shown, and on the other one.
    """

    scope: Scope
    shown_gy: float
    other_gy: float

    @property
    def clearly_hotter(self) -> bool:
        """Whether the other one is hotter by more than drawings always differ."""
        more_gy = self.other_gy - self.shown_gy
        return more_gy > HIGHER_GY and self.other_gy > HIGHER_RATIO * self.shown_gy


@dataclass(frozen=True, slots=True, eq=False)
class OtherDrawing:
    """What the drawing of another course says of an organ.

    Parameters
    ----------
    label
        Of the organ as it is shown.
    shown_course, course
        Whose drawing is shown, and whose this one is.
    hottest
        In the doses of `course`, and in the sum; without what is not known.
    limits
        Limits of `course` and of the sum on this drawing.
    cord
        Rules for the spinal cord on this drawing.
    """

    label: str
    shown_course: int
    course: int
    hottest: tuple[HottestPart, ...]
    limits: Mapping[Query, Measured]
    cord: CordRules | None

    @property
    def clearly_hotter(self) -> bool:
        """Whether what is shown misses dose that this drawing has."""
        return any(part.clearly_hotter for part in self.hottest)


def other_drawings(
    placed: PlacedStructure, assessed: StructureAssessment, question: BiologyQuestion
) -> tuple[OtherDrawing, ...]:
    """Ask every other drawing of an organ, carried over by the registration.

    Of courses that can be related, and of organs with a standard name: no other has
    limits. A course's own limits are asked of its own drawing, those of the sum of
    every drawing.

    Parameters
    ----------
    placed, assessed
        The organ as it is shown, and its metrics.
    question
        What limits ask of every organ, and the rules for the spinal cord.
    """
    patient = question.patient
    queries = question.queries.get(placed.label, ())
    found = []
    for drawn in _others(placed, patient, question.settings):
        number = drawn.source_course
        there = structure_doses(drawn, patient.placed, patient.course_numbers)
        asked = [query for query in queries if query.scope in {number, "cumulative"}]
        found.append(
            OtherDrawing(
                placed.label,
                placed.source_course,
                number,
                tuple(_hottest(assessed, there, number)),
                answered(asked, there, question.gtvs),
                cord_rules_of(
                    drawn,
                    there,
                    question.cord,
                    interval_months=question.interval_months,
                ),
            )
        )
    return tuple(found)


def _others(
    placed: PlacedStructure, patient: PlacedPatient, settings: Settings
) -> Iterator[PlacedStructure]:
    name = placed.structure.standard_name
    if name is None or placed.structure.role is not Role.ORGAN:
        return
    to_reference = {p.course.number: p.from_reference.inverse() for p in patient.placed}
    for source in patient.outlined:
        number = source.course.number
        if number == placed.source_course or number not in to_reference:
            continue
        for structure in source.course.structures:
            if structure.standard_name != name or structure.role is not Role.ORGAN:
                continue
            if structure.number in source.sections:
                yield placed_structure(
                    source,
                    structure,
                    to_reference[number],
                    label=placed.label,
                    settings=settings,
                )


def _hottest(
    shown: StructureAssessment, other: StructureDoses, number: int
) -> Iterator[HottestPart]:
    (course,) = [course for course in shown.courses if course.number == number]
    ratio = shown.alpha_beta_gy
    pairs: list[tuple[Scope, float | None, float | None]] = [
        (
            number,
            course.physical[NEAR_MAXIMUM],
            other.metric(NEAR_MAXIMUM, number, "physical", None),
        ),
        (
            "cumulative",
            shown.cumulative.eqd2[NEAR_MAXIMUM],
            other.metric(NEAR_MAXIMUM, "cumulative", "EQD2", ratio),
        ),
    ]
    for scope, here, there in pairs:
        if here is not None and there is not None:
            yield HottestPart(scope, here, there)


def kept_on_every_drawing(
    constraints: Sequence[ConstraintResult], drawings: Sequence[OtherDrawing]
) -> tuple[ConstraintResult, ...]:
    """The limits, without those met on one drawing and exceeded on another.

    They become "not evaluable", and their note says both values.
    """
    return tuple(_on_every_drawing(item, drawings) for item in constraints)


def _on_every_drawing(
    item: ConstraintResult, drawings: Sequence[OtherDrawing]
) -> ConstraintResult:
    if item.verdict != "met" or item.value is None:
        return item
    query = query_of(item)
    for drawing in drawings:
        other = drawing.limits.get(query)
        value = None if other is None else _least(other)
        if value is not None and not holds(value, item.relation, item.limit):
            unit = item.metric.partition("[")[2].rstrip("]")
            why = (
                f"{LEFT_OPEN} {drawing.shown_course} ({item.value:.4g} {unit}), "
                f"exceeded on that of course {drawing.course} ({value:.4g} "
                f"{unit})"
            )
            return replace(
                item,
                verdict="not evaluable",
                value=None,
                interval=None,
                note="; ".join(filter(None, (why, item.note))),
            )
    return item


def _least(measured: Measured) -> float | None:
    """A value, or the one with least dose where it hangs on dose beyond a grid."""
    unknown = math.isnan(measured.value)
    return measured.without_outside if unknown else measured.value


def is_left_open(item: ConstraintResult) -> bool:
    """Whether a limit is not evaluable since the drawings disagree about it."""
    return item.note.startswith(LEFT_OPEN)


def cautious_rules(
    shown: CordRules | None, drawings: Sequence[OtherDrawing]
) -> CordRules | None:
    """The rules for the spinal cord, without what a clearly hotter drawing exceeds.

    Criteria met on the drawing that is shown and exceeded there are "not evaluable";
    the score is that of the drawing with most points.
    """
    if shown is None:
        return None
    rules = shown
    for drawing in drawings:
        if drawing.cord is not None and drawing.clearly_hotter:
            rules = _together(rules, drawing.cord, drawing.course)
    return rules


def _together(shown: CordRules, other: CordRules, course: int) -> CordRules:
    pairs = list(zip(shown.criteria, other.criteria, strict=True))
    left = [
        here.quantity
        for here, there in pairs
        if (here.verdict, there.verdict) == ("met", "exceeded")
    ]
    criteria = tuple(
        replace(here, verdict="not evaluable", value=None)
        if here.quantity in left
        else here
        for here, _ in pairs
    )
    why = f"exceeded on the drawing of course {course}: {', '.join(left)}"
    reasons = (shown.reason, why if left else "")
    return replace(
        shown,
        criteria=criteria,
        criteria_verdict=overall_verdict(criteria),
        score=max(shown.score, other.score, key=lambda score: score.points or 0.0),
        reason=", ".join(filter(None, reasons)),
    )


def drawing_findings(
    drawings: Sequence[OtherDrawing], constraints: Sequence[ConstraintResult]
) -> list[Finding]:
    """Organs whose drawings differ in their hottest part, and limits left open.

    Parameters
    ----------
    drawings
        Of all organs.
    constraints
        Of :func:`kept_on_every_drawing`.
    """
    findings = []
    for drawing in drawings:
        parts = [part for part in drawing.hottest if part.clearly_hotter]
        if not parts:
            continue
        listed = "; ".join(_in_words(part) for part in parts)
        message = (
            f"{drawing.label}: D0.1cc is higher on the drawing of course "
            f"{drawing.course} than on that of course {drawing.shown_course}, which is "
            f"shown: {listed}. Other doses and what can still be given are those of "
            f"course {drawing.shown_course}'s drawing alone. Compare the drawings: one "
            f"may end earlier, or the organ or the registration has moved. Extend the "
            f"drawing, or show another one with --reference-course."
        )
        findings.append(Finding("drawings-differ", "warning", drawing.label, message))
    open_ = [item for item in constraints if is_left_open(item)]
    if open_:
        listed = "; ".join(
            f"{item.structure} {item.metric} {item.quantity} ({item.scope}) "
            f"{item.relation} {item.limit:.4g}: {item.note.partition(';')[0]}"
            for item in open_
        )
        message = f"Limits left open, since two drawings of the organ differ: {listed}."
        findings.append(
            Finding("limit-hangs-on-drawing", "warning", "constraints", message)
        )
    return findings


def _in_words(part: HottestPart) -> str:
    where = "cumulative EQD2" if part.scope == "cumulative" else f"course {part.scope}"
    return f"{where} {part.other_gy:.4g} instead of {part.shown_gy:.4g} Gy"
