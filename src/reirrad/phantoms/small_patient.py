"""A patient of two courses that is assessed in two seconds, as many as are wanted.

A liver of 65 cc with a target in it; the same frame of reference in both courses, so
that nothing is registered.
"""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from reirrad.core.courses import Course
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.analytic import (
    SliceStack,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.plain_course import plain_course

__all__ = ["small_courses"]

FRAME = "1.2.826.0.1.3680043.10.1511.77"
HALF_WIDTH_MM = 60.0
PRESCRIPTION_GY = 50.0
DOSE_RADII_MM = {2.0: 30.0, PRESCRIPTION_GY: 8.0}


def small_courses(shift_mm: float, *, days_later: int = 0) -> tuple[Course, Course]:
    """Two courses, the second target beside the first.

    Parameters
    ----------
    shift_mm
        From the first target to the second.
    days_later
        By how many days the patient is treated later than on 1 March 2021 and 2022.
    """
    courses = (
        _course(1, target_x_mm=0.0),
        _course(2, target_x_mm=shift_mm),
    )
    first, second = (
        replace(one, start_date=one.start_date + timedelta(days=days_later))
        for one in courses
    )
    return first, second


def _course(number: int, *, target_x_mm: float) -> Course:
    geometry = box_geometry(
        np.full(3, -HALF_WIDTH_MM),
        np.full(3, HALF_WIDTH_MM),
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=FRAME,
    )
    dose = sphere_dose(np.array([target_x_mm, 0.0, 0.0]), radius_at=DOSE_RADII_MM)
    return plain_course(
        number,
        sampled_dose(dose.at, geometry),
        [
            _ball(1, "Liver", Role.ORGAN, centre_x_mm=0.0, radius_mm=25.0),
            _ball(2, "PTV", Role.PTV, centre_x_mm=target_x_mm, radius_mm=8.0),
            _ball(3, "GTV", Role.GTV, centre_x_mm=target_x_mm, radius_mm=5.0),
        ],
        prescription_gy=PRESCRIPTION_GY,
        n_fractions=5,
    )


def _ball(
    number: int, name: str, role: Role, *, centre_x_mm: float, radius_mm: float
) -> Structure:
    contours = sphere_contours(
        np.array([centre_x_mm, 0.0, 0.0]),
        radius_mm,
        slices=SliceStack(spacing_mm=2.5),
        n_vertices=32,
    )
    return Structure(number, name, name, role, contours, FRAME)
