"""Very small two-course patients in folders and zips, as many as wanted."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course
from reirrad.core.structures import Role, Structure
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.analytic import (
    SliceStack,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.plain_course import plain_course

__all__ = ["QUICK_SETTINGS", "small_course", "write_patients", "write_small_patient"]

QUICK_SETTINGS = """
constraints = ["uk2022"]

[registration]
draws = 16

[budget]
fractions = [5]
"""
FRAME = "1.2.826.0.1.3680043.10.1511.77"
HALF_WIDTH_MM = 60.0


def small_course(number: int, *, target_x_mm: float) -> Course:
    """A liver of 65 cc with a target, in the same frame for every number."""
    geometry = box_geometry(
        np.full(3, -HALF_WIDTH_MM),
        np.full(3, HALF_WIDTH_MM),
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=FRAME,
    )
    target = np.array([target_x_mm, 0.0, 0.0])
    dose = sphere_dose(target, radius_at={2.0: 30.0, 50.0: 8.0})
    course = plain_course(
        number,
        sampled_dose(dose.at, geometry),
        [
            _ball(1, "Liver", Role.ORGAN, centre_x_mm=0.0, radius_mm=25.0),
            _ball(2, "PTV", Role.PTV, centre_x_mm=target_x_mm, radius_mm=8.0),
            _ball(3, "GTV", Role.GTV, centre_x_mm=target_x_mm, radius_mm=5.0),
        ],
        prescription_gy=50.0,
        n_fractions=5,
    )
    return replace(course, start_date=date(2020, 3, 1) + timedelta(days=400 * number))


def write_small_patient(
    folder: Path, patient_id: str, *, shift_mm: float = 14.0
) -> Path:
    """Two courses, the later target beside the earlier one."""
    who = PatientIdentity(patient_id, "Test^Case", "1950-05-17", "F")
    for course in (
        small_course(1, target_x_mm=0.0),
        small_course(2, target_x_mm=shift_mm),
    ):
        write_course(course, folder / f"course{course.number}", patient=who)
    return folder


def write_patients(root: Path, count: int) -> Path:
    """Patients P0, P1 and so on, each in a folder and a little different."""
    for index in range(count):
        shift_mm = 10.0 + index % 10
        write_small_patient(root / f"p{index}", f"P{index}", shift_mm=shift_mm)
    return root


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
