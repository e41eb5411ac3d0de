"""Courses whose anatomies coincide, placed together by a known registration."""

import numpy as np

from reirrad.core.courses import Course
from reirrad.core.settings import Settings
from reirrad.core.transforms import RigidTransform
from reirrad.workflows.place import KnownTransform, PlacedPatient, place
from tests.workflows.exports import FEW_DRAWS

__all__ = ["placed"]


def placed(
    *courses: Course,
    off_mm: float = 0.0,
    reference_course: int | None = None,
    settings: Settings = FEW_DRAWS,
) -> PlacedPatient:
    """Place courses in frames of their own, the registration being off along x.

    The last course is the reference, unless another one is asked for.
    """

    def known(moving: Course, reference: Course) -> KnownTransform | None:
        here, there = moving.frame_of_reference_uid, reference.frame_of_reference_uid
        if here == there:
            return None
        matrix = np.eye(4)
        matrix[0, 3] = off_mm
        return RigidTransform(matrix, here, there), "given"

    return place(
        courses,
        settings,
        reference_course=reference_course or len(courses),
        known=known,
        progress=lambda _: None,
    )
