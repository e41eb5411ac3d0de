"""Least distances of targets, as values."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Point", "TargetDistance", "organ_distances_mm"]

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class TargetDistance:
    """Least distance from a target of the new course to an organ or an older target.

    Parameters
    ----------
    target
        Label of the GTV or PTV.
    target_course
        Course in which it is drawn.
    other
        Label of the organ or older target.
    other_kind
        Which of the two it is.
    other_course
        Course in which that is drawn.
    distance_mm
        Between the surfaces; 0 where the two touch or overlap.
    shared_cc
        Volume that both have in common; 0 where they do not overlap.
    target_point_mm, other_point_mm
        Where the distance is attained, LPS in the reference frame; the same point of
        the common part where they overlap.
    plus_minus_mm
        Stated accuracy of the registrations that the distance hangs on; None where both
        structures are drawn on one anatomy.
    interval_days
        From the older target's course, or for an organ from the latest earlier course,
        to the new one; None where one has no date.
    """

    target: str
    target_course: int
    other: str
    other_kind: Literal["organ", "target"]
    other_course: int
    distance_mm: float
    shared_cc: float
    target_point_mm: Point
    other_point_mm: Point
    plus_minus_mm: float | None
    interval_days: int | None


def organ_distances_mm(distances: Iterable[TargetDistance]) -> dict[str, float]:
    """Label of each organ to its distance from the nearest of the new targets."""
    apart: dict[str, float] = {}
    for one in distances:
        if one.other_kind == "organ":
            known = apart.get(one.other, one.distance_mm)
            apart[one.other] = min(known, one.distance_mm)
    return apart
