"""An organ between two steep doses, and the slow answer for one moved course."""

import numpy as np

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.geometry import FloatArray
from reirrad.core.sections import sections_of
from reirrad.core.structure_doses import (
    PlacedStructure,
    StructureDoses,
    structure_doses,
)
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    sphere_contours,
    sphere_dose,
)
from tests.core.specimens import course_with

__all__ = ["doses_of", "drawn_ball", "two_courses"]


def two_courses(
    apart_mm: float = 44.0, *, half_width_mm: float = 105.0
) -> dict[int, PlacedCourse]:
    """Course 1 (in a frame of its own) and course 2, half of it left and right."""
    left = sphere_dose((-apart_mm / 2, 0, 0), radius_at={2.0: 40, 25.0: 22, 50.0: 15})
    right = sphere_dose((apart_mm / 2, 0, 5), radius_at={2.0: 40, 25.0: 22, 50.0: 15})
    return {
        1: PlacedCourse(
            course_with(left, number=1, frame="1.7", half_width_mm=half_width_mm),
            RigidTransform(np.eye(4), "1.1", "1.7"),
        ),
        2: PlacedCourse(course_with(right, number=2), identity("1.1")),
    }


def drawn_ball(
    centre: tuple[float, float, float], radius_mm: float, *, transferred: bool = False
) -> PlacedStructure:
    """A ball drawn in course 2, or carried over from course 1."""
    contours = sphere_contours(centre, radius_mm, slices=SliceStack(spacing_mm=3.0))
    structure = analytic_structure("organ", contours, frame_of_reference_uid="1.1")
    return PlacedStructure(
        structure,
        sections_of(structure, slice_spacing_mm=3.0),
        "organ",
        1 if transferred else 2,
        transferred=transferred,
        alpha_beta_gy=3.0,
        alpha_beta_source="",
    )


def doses_of(
    placed: PlacedStructure,
    courses: dict[int, PlacedCourse],
    moved: dict[int, FloatArray] | None = None,
) -> StructureDoses:
    """All doses of a structure, courses moved by (4, 4) motions: slow and obvious."""
    shifted = [
        PlacedCourse(
            one.course,
            RigidTransform(
                one.from_reference.matrix @ (moved or {}).get(number, np.eye(4)),
                one.from_reference.from_frame,
                one.from_reference.to_frame,
            ),
        )
        for number, one in courses.items()
    ]
    return structure_doses(placed, shifted, list(courses))
