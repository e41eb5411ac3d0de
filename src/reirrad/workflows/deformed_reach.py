"""Where a deformable registration of a course says nothing, and what is told of it.

See ``docs/decisions/0046-outside-the-grid-of-vectors.md``.
"""

from collections.abc import Callable

import numpy as np

from reirrad.core.accumulation import DeformedCourse, PlacedCourse
from reirrad.core.deformable_results import DeformableResult
from reirrad.core.deformation import DeformableMap
from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray
from reirrad.workflows.place import PlacedPatient

__all__ = ["carried_both_ways", "deformed_course", "reach_findings"]

SAME_MATRIX_MM = 1.0
"""By which rounding may move a point of one rigid registration exported twice; what is
farther off is another registration, which nobody judged."""


def deformed_course(forward: DeformableMap, placed: PlacedCourse) -> DeformedCourse:
    """A course placed by a deformable map instead of its judged rigid registration.

    The rigid parts of the map hold outside its grid of vectors where they carry no
    point of the course's doses elsewhere than the rigid registration does.
    """
    grids = [g for delivery in placed.course.deliveries for g in delivery.doses]
    # Two affine maps differ most at a corner of a box.
    there = np.concatenate([grid.geometry.corners_mm() for grid in grids])
    found = forward.rigid.apply(placed.from_reference.inverse().apply(there))
    miss_mm = np.linalg.norm(found - there, axis=1).max()
    return DeformedCourse(placed.course, forward, bool(miss_mm <= SAME_MATRIX_MM))


def carried_both_ways(
    deformed: DeformedCourse,
) -> tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]:
    """Carry points, shape (n, 3), into the course's frame, and back.

    NaN where the map says nothing of them.
    """
    way = deformed.from_reference
    if deformed.rigid_parts_hold:
        return way.apply, way.unapplied

    def forth(points_mm: FloatArray) -> FloatArray:
        inside = way.covers(points_mm)
        return np.where(inside[:, None], way.apply(points_mm), np.nan)

    def back(points_mm: FloatArray) -> FloatArray:
        found = way.unapplied(points_mm)
        return np.where(way.covers(found)[:, None], found, np.nan)

    return forth, back


def reach_findings(
    deformed: DeformedCourse, result: DeformableResult, patient: PlacedPatient
) -> list[Finding]:
    """What lies outside the grid of vectors, and what is therefore not compared."""
    if result.verdict == "rejected":
        return []
    about = f"registration {result.from_course} to {result.to_course}"
    findings = []
    names = _outside(deformed.from_reference, patient)
    if names:
        message = f"Wholly or in part outside the grid of vectors: {', '.join(names)}. "
        if deformed.rigid_parts_hold:
            message += (
                "There nothing is deformed: the rigid parts of the map hold, which "
                "agree with the rigid registration."
            )
        else:
            message += (
                f"The rigid parts of the map are not the rigid registration that was "
                f"judged, so the dose of course {result.from_course} is not known "
                f"there: values that hang on it are not given. Export a larger grid, "
                f"or one with the rigid registration as its matrix."
            )
        findings.append(Finding("deformable-outside-grid", "warning", about, message))
    if not result.pairs:
        message = (
            f"The overlaps and types of course {result.from_course} are not compared: "
            f"the grid of vectors does not reach all of its isodoses or of "
            f"{patient.organ.label}. Export a larger grid."
        )
        findings.append(
            Finding("deformable-overlap-not-compared", "warning", about, message)
        )
    return findings


def _outside(way: DeformableMap, patient: PlacedPatient) -> list[str]:
    """Structures with a point of their contours outside the grid."""
    return [
        placed.label
        for placed in patient.structures
        if not placed.transferred
        and not all(way.covers(c.points_mm).all() for c in placed.structure.contours)
    ]
