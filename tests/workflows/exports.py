"""Small two-course patients, written as DICOM by the project itself."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.structures import Role, Structure
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.analytic import (
    SliceStack,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.workflows.settings import load_settings

__all__ = ["FEW_DRAWS", "PATIENT", "course", "write_patient"]

# The defaults, for tests that do not ask how far plausible registrations spread.
FEW_DRAWS = replace(load_settings(None), registration_draws=16)
PATIENT = PatientIdentity(id="P1", name="Test^Case", birth_date=None, sex="O")
FRAMES = {1: "1.2.3.1", 2: "1.2.3.2", 3: "1.2.3.3"}
HALF_WIDTH = 90.0


def _ball(
    number: int,
    name: str,
    role: Role,
    *,
    centre: FloatArray,
    radius_mm: float,
    frame: str,
) -> Structure:
    contours = sphere_contours(
        centre, radius_mm, slices=SliceStack(spacing_mm=5.0), n_vertices=64
    )
    return Structure(number, name, name, role, contours, frame)


def course(
    number: int,
    *,
    target_x: float,
    frame: str | None = None,
    offset_mm: float = 0.0,
    organ: str = "Liver",
    dose_gy: float = 50.0,
    start: date | None = None,
) -> Course:
    """A course whose anatomy is moved by `offset_mm` along x in its own frame."""
    uid = frame or FRAMES[number]
    shift = np.array([offset_mm, 0.0, 0.0])
    target = np.array([target_x, 0.0, 0.0]) + shift
    geometry = box_geometry(
        shift - HALF_WIDTH,
        shift + HALF_WIDTH,
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=uid,
    )
    grid = np.moveaxis(np.indices(geometry.shape), 0, -1).reshape(-1, 3)
    anatomy = geometry.points_mm(grid) - shift
    radius = np.linalg.norm(anatomy, axis=1)
    texture = np.sin(anatomy / 9.0 + np.sin(anatomy[:, ::-1] / 13.0)).sum(axis=1)
    values = np.where(radius < 80, 300 + 40 * texture, 0) + np.where(
        radius < 60, 200, 0
    )
    dose = sphere_dose(target, radius_at={2.0: 40.0, dose_gy: 10.0})
    return Course(
        number=number,
        start_date=start or date(2022 + number, 3, 1),
        plan_label=f"PLAN{number}",
        frame_of_reference_uid=uid,
        prescription=Prescription(
            dose_gy, 5, "RTPLAN", (TargetPrescription(dose_gy, 2, "PTV"),)
        ),
        deliveries=(Delivery((sampled_dose(dose.at, geometry),), 5),),
        structures=(
            _ball(1, organ, Role.ORGAN, centre=shift, radius_mm=60.0, frame=uid),
            _ball(2, "PTV", Role.PTV, centre=target, radius_mm=9.0, frame=uid),
            _ball(
                3,
                "Duodenum",
                Role.ORGAN,
                centre=shift + np.array([0, 40.0, 0]),
                radius_mm=12.0,
                frame=uid,
            ),
        ),
        image=Image(values.reshape(geometry.shape).astype(np.float32), geometry, "MR"),
    )


def write_patient(folder: Path, *courses: Course) -> Path:
    """Write every course into a folder of its own."""
    for one in courses:
        write_course(one, folder / f"course{one.number}", patient=PATIENT)
    return folder
