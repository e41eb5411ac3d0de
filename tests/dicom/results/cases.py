"""Small patients in unusual positions, assessed and exported.

Two courses of one anatomy: balls of dose in a ball of liver. The second course lies in
another frame of reference, turned and moved; image and dose grids lie along different
axes, and no two voxel distances are alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from scipy.spatial.transform import Rotation

from reirrad.core.assessment import Assessment, PatientIdentity
from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.exportable import Exportable
from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.structures import Role
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.alterations import alter
from reirrad.dicom.results.folder import write_results
from reirrad.dicom.write_course import write_course
from reirrad.dicom.write_reg import write_registration
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.workflows.assess import assess
from tests.workflows.exports import FEW_DRAWS

__all__ = ["AXES", "FIRST_TO_SECOND", "PATIENT", "PDF", "Case", "case", "written_case"]

PATIENT = PatientIdentity("P1", "Phantom^Oné", "1950-02-03", "F")
FRAMES = ("1.2.826.0.1.3680043.10.1511.71", "1.2.826.0.1.3680043.10.1511.72")
# An odd number of bytes.
PDF = b"%PDF-1.4\n% a document of the test\n%%EOF"
SPACING_MM = (3.0, 2.0, 1.5)
RADII = {50.0: 10.0, 25.0: 18.0, 2.0: 30.0}
TARGETS_MM = ([-9.0, 0.0, 2.0], [11.0, 3.0, -2.0])
LIVER_MM = 34.0

AXES: Mapping[str, FloatArray] = {
    "axial": np.eye(3),
    "feet first": np.diag([-1.0, 1.0, -1.0]),
    "oblique": Rotation.from_euler("xyz", [12, -7, 4], degrees=True).as_matrix(),
    "coronal": np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]]),
}


def _first_to_second() -> RigidTransform:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", [3, -2, 4], degrees=True).as_matrix()
    matrix[:3, 3] = 11.0, -8.25, 6.5
    return RigidTransform(matrix, *FRAMES)


FIRST_TO_SECOND = _first_to_second()


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """An assessment, and its objects by the name of their file without its ends."""

    patient: Path
    folder: Path
    assessment: Assessment
    objects: Mapping[str, Dataset]

    @property
    def exportable(self) -> Exportable:
        assert self.assessment.exportable is not None
        return self.assessment.exportable

    @property
    def paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.dcm"))

    def of(self, modality: str) -> list[Dataset]:
        return [one for one in self.objects.values() if one.Modality == modality]


def case_course(number: int, axes: FloatArray) -> Course:
    """One of the two courses; its image and structures lie along `axes`."""
    frame = FRAMES[number - 1]
    move = FIRST_TO_SECOND if number == 2 else RigidTransform(np.eye(4), frame, frame)
    target = move.apply(TARGETS_MM[number - 1])
    centre = move.apply([0.0, 0.0, 0.0])
    local = np.asarray(axes) @ centre
    image_geometry = box_geometry(
        local - 42.0, local + 42.0, spacing_mm=SPACING_MM,
        frame_of_reference_uid=frame, axes=axes,
    )  # fmt: skip
    dose_geometry = box_geometry(
        centre - 48.0, centre + 48.0, spacing_mm=(2.5, 2.2, 2.4),
        frame_of_reference_uid=frame,
    )  # fmt: skip
    offset = float(np.asarray(axes)[2] @ image_geometry.affine[:3, 3])
    slices = SliceStack(SPACING_MM[0], offset_mm=offset, axes=axes)
    liver = sphere_contours(centre, LIVER_MM, slices=slices, n_vertices=90)
    ptv = sphere_contours(target, 10.0, slices=slices, n_vertices=40)
    indices = np.moveaxis(np.indices(image_geometry.shape), 0, -1)
    away = np.linalg.norm(image_geometry.points_mm(indices) - centre, axis=-1)
    values = np.where(away < LIVER_MM, 600.0, 90.0).astype(np.float32)
    return Course(
        number=number,
        start_date=date(2021 + 2 * number, 3, 6),
        plan_label=f"PLAN{number}",
        frame_of_reference_uid=frame,
        prescription=Prescription(
            50.0, 5, "test", (TargetPrescription(50.0, 2, "PTV"),)
        ),
        deliveries=(
            Delivery(
                (sampled_dose(sphere_dose(target, radius_at=RADII).at, dose_geometry),),
                5,
            ),
        ),
        structures=(
            analytic_structure("Liver", liver, frame_of_reference_uid=frame, number=1),
            analytic_structure(
                "PTV", ptv, frame_of_reference_uid=frame, number=2, role=Role.PTV
            ),
        ),
        image=Image(values, image_geometry, "MR"),
    )


def case(
    folder: Path, axes: FloatArray, *, with_image: bool = True, move: float = 0.0
) -> Case:
    """Write, assess and export the patient.

    Parameters
    ----------
    with_image
        Whether the second course has its image.
    move
        Error of the registration that is given, mm.
    """
    patient = written_case(folder / "patient", axes)
    if not with_image:
        for path in (patient / "course2").glob("MR_*.dcm"):
            path.unlink()
    matrix = FIRST_TO_SECOND.matrix.copy()
    matrix[0, 3] += move
    transform = RigidTransform(matrix, *FRAMES)
    write_registration(transform, patient, patient=PATIENT, day=date(2025, 3, 6))
    assessment = assess(
        [patient],
        settings=FEW_DRAWS,
        with_views=False,
        with_export=True,
        progress=lambda _: None,
    )
    assert assessment.exportable is not None
    paths = write_results(assessment, assessment.exportable, folder / "dicom", pdf=PDF)
    objects = {p.stem.removeprefix("reirrad_"): pydicom.dcmread(p) for p in paths}
    return Case(patient, folder / "dicom", assessment, objects)


def written_case(folder: Path, axes: FloatArray) -> Path:
    """The patient as DICOM, with a study that a hospital would have."""
    for number in (1, 2):
        into = folder / f"course{number}"
        for path in write_course(
            case_course(number, axes), into, patient=PATIENT, dose_bits=16
        ):
            alter(
                path,
                {
                    "StudyTime": "081530",
                    "StudyID": f"S{number}",
                    "AccessionNumber": f"A{number}",
                    "ReferringPhysicianName": "Phantom^Physician",
                },
            )
        if np.allclose(axes, AXES["feet first"]):
            for path in into.glob("MR_*.dcm"):
                alter(path, {"PatientPosition": "FFS"})
    return folder
