"""Both sides of a paired organ as one, where its limits are for both together.

Nothing is drawn anew: the points of both sides are put together with their doses, so
that a volume is the sum of two volumes and a curve that of all points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reirrad.core.accumulation import Placed
from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraints import MADE_OF, NOT_DRAWN, WITHOUT_GTV
from reirrad.core.nomenclature import PAIRED_ORGANS
from reirrad.core.sampling import shared_cc
from reirrad.core.structure_doses import (
    PlacedStructure,
    StructureDoses,
    structure_doses,
)

__all__ = ["PairedOrgan", "PairedOrgans", "paired_organs"]

TRACE_RATIO = 0.01
"""Share of the smaller side in the other one that is no more than a touch."""


@dataclass(frozen=True, slots=True, eq=False)
class PairedOrgan:
    """A left and a right organ that are one for limits.

    Parameters
    ----------
    name
        Standard name of both together.
    sides
        As they were drawn, in one course.
    """

    name: str
    sides: tuple[PlacedStructure, PlacedStructure]

    @property
    def label(self) -> str:
        """The names of both sides as drawn."""
        return " + ".join(side.label for side in self.sides)

    @property
    def alpha_beta_gy(self) -> float:
        """Ratio of the sides: the smaller one, which makes more of a high dose."""
        return min(side.alpha_beta_gy for side in self.sides)

    def doses(
        self, courses: Sequence[Placed], all_courses: Sequence[int]
    ) -> StructureDoses:
        """Doses of every placed course in both sides."""
        left, right = (
            structure_doses(side, courses, all_courses) for side in self.sides
        )
        return left.together_with(right)


@dataclass(frozen=True, slots=True, eq=False)
class PairedOrgans:
    """Paired organs that limits can be asked of.

    Parameters
    ----------
    organs
        Of which both sides were drawn.
    reasons
        Standard name of both together to why there is no such organ.
    """

    organs: tuple[PairedOrgan, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Standard names of the organs."""
        return {organ.name for organ in self.organs}

    def noted(self, result: ConstraintResult) -> ConstraintResult:
        """A limit with what it was made of, or why it was not."""
        name = result.structure.removesuffix(WITHOUT_GTV)
        for organ in self.organs:
            if organ.name == name:
                note = f"{MADE_OF}{organ.label} together"
                return replace(
                    result, note="; ".join(filter(None, [note, result.note]))
                )
        if name in self.reasons and result.note.startswith(NOT_DRAWN):
            note = result.note.replace(
                NOT_DRAWN, f"{NOT_DRAWN}: {self.reasons[name]}", 1
            )
            return replace(result, note=note)
        return result


def paired_organs(structures: Sequence[PlacedStructure]) -> PairedOrgans:
    """Put the sides of organs together that were not drawn as one.

    They must come from one course, so that they lie in one image and move with one
    registration, and may not overlap by more than a trace: what lies in both would be
    counted twice.

    Parameters
    ----------
    structures
        Everything in the reference frame.
    """
    organs, reasons = [], {}
    for name, sides in PAIRED_ORGANS.items():
        if _named(structures, name):
            continue
        drawn = [_named(structures, side) for side in sides]
        reason = _reason(sides, drawn)
        if reason:
            reasons[name] = reason
        elif any(drawn):
            organs.append(PairedOrgan(name, (drawn[0][0], drawn[1][0])))
    return PairedOrgans(tuple(organs), reasons)


def _named(structures: Sequence[PlacedStructure], name: str) -> list[PlacedStructure]:
    return [one for one in structures if one.structure.standard_name == name]


def _reason(names: tuple[str, str], drawn: Sequence[Sequence[PlacedStructure]]) -> str:
    """Why two sides are not put together; empty where they are, or none is drawn."""
    if not any(drawn):
        return ""
    for name, found, other in zip(names, drawn, reversed(names), strict=True):
        if not found:
            return f"only {other} is drawn, and the limit is for both sides together"
        if len(found) > 1:
            return f"{len(found)} structures mean {name}"
    left, right = drawn[0][0], drawn[1][0]
    apart = ""
    if left.source_course != right.source_course:
        apart = (
            f"{names[0]} is drawn in course {left.source_course} and {names[1]} in "
            f"course {right.source_course}"
        )
    elif (both_cc := shared_cc(left.sections, right.sections)) > TRACE_RATIO * min(
        left.sections.volume_cc, right.sections.volume_cc
    ):
        apart = f"{names[0]} and {names[1]} share {both_cc:.1f} cc"
    return f"{apart}: they are not put together" if apart else ""
