"""Pitfall 53: which way a registration object maps, and what it must not be."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import UID

from reirrad.core.transforms import RigidTransform
from reirrad.dicom.importing import Imported
from reirrad.dicom.spatial_registration import transform_between
from reirrad.dicom.write_reg import write_registration
from reirrad.errors import InputError
from reirrad.workflows.assess import assess
from tests.dicom.exports import (
    ROOT,
    CourseExport,
    bare,
    course_export,
    item,
    registration,
    written,
)
from tests.dicom.pitfalls.dose_cases import assert_names, codes, fate, surveyed
from tests.workflows.exports import FEW_DRAWS, PATIENT, course, write_patient

# A turn of 30 degrees about z, so that no exchange of directions goes unnoticed.
TURN = np.array(
    [
        [np.sqrt(0.75), -0.5, 0.0, 12.0],
        [0.5, np.sqrt(0.75), 0.0, -7.0],
        [0.0, 0.0, 1.0, 30.0],
        [0.0, 0.0, 0.0, 1.0],
    ]
)
LANDMARKS = np.array([[0.0, 0.0, 0.0], [50.0, 0.0, 0.0], [0.0, 80.0, -20.0]])
LANDMARKS_THERE = np.array(
    [
        [12.0, -7.0, 30.0],
        [12.0 + 50.0 * np.sqrt(0.75), 18.0, 30.0],
        [-28.0, -7.0 + 80.0 * np.sqrt(0.75), 10.0],
    ]
)
DEFORMABLE = UID("1.2.840.10008.5.1.4.1.1.66.3")


@pytest.fixture
def two() -> tuple[CourseExport, CourseExport]:
    return course_export(1), course_export(2)


def read(folder: Path, *exports: CourseExport) -> Imported:
    return surveyed(folder, *exports)


@pytest.mark.parametrize("stored_backwards", [False, True])
def test_pitfall_53_landmarks_are_carried_there_and_back(
    two: tuple[CourseExport, CourseExport], tmp_path: Path, *, stored_backwards: bool
) -> None:
    first, second = two
    if stored_backwards:
        there, here, matrix = first.frame, second.frame, np.linalg.inv(TURN)
    else:
        here, there, matrix = first.frame, second.frame, TURN
    first.objects["reg.dcm"] = registration(f"{ROOT}.9.1", here, there, matrix.tolist())
    maps = read(tmp_path, first, second).registrations
    forth = transform_between(maps, first.frame, second.frame)
    back = transform_between(maps, second.frame, first.frame)
    assert forth is not None
    assert back is not None
    np.testing.assert_allclose(forth.apply(LANDMARKS), LANDMARKS_THERE, atol=1e-6)
    np.testing.assert_allclose(back.apply(LANDMARKS_THERE), LANDMARKS, atol=1e-6)


def test_pitfall_53_a_registration_written_here_is_read_the_same_way(
    two: tuple[CourseExport, CourseExport], tmp_path: Path
) -> None:
    first, second = two
    folder = written(tmp_path, first, second)
    transform = RigidTransform(TURN, first.frame, second.frame)
    file = write_registration(
        transform, tmp_path, patient=PATIENT, day=date(2024, 1, 1)
    )
    dataset = dcmread(file)
    dataset.PatientID = "PHANTOM-1"
    dataset.save_as(file)
    maps = read(folder, first, second).registrations
    read_back = transform_between(maps, first.frame, second.frame)
    assert read_back is not None
    np.testing.assert_allclose(read_back.apply(LANDMARKS), LANDMARKS_THERE, atol=1e-5)


def deformable(export: CourseExport, other: CourseExport) -> CourseExport:
    one = bare("REG", f"{ROOT}.9.2", FrameOfReferenceUID=other.frame)
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = DEFORMABLE
    one.DeformableRegistrationSequence = [item(SourceFrameOfReferenceUID=export.frame)]
    export.objects["deformable.dcm"] = one
    return export


def test_pitfall_53_a_deformable_one_without_grid_is_refused_and_the_courses_stay(
    two: tuple[CourseExport, CourseExport], tmp_path: Path
) -> None:
    first, second = two
    result = read(tmp_path, deformable(first, second), second)
    assert result.registrations == ()
    assert result.problems == ()
    assert codes(result) == ["registration-refused"]
    status, reason = fate(result, "deformable.dcm")
    assert status == "refused"
    assert_names(reason, "deformable.dcm", "(0064,0002)", "no grid")


def test_pitfall_53_an_unusable_deformable_one_asked_for_stops(tmp_path: Path) -> None:
    folder = write_patient(
        tmp_path / "patient",
        course(1, target_x=-20),
        course(2, target_x=20, offset_mm=15),
    )
    one = deformable(course_export(1), course_export(2))["deformable.dcm"]
    one.PatientID = PATIENT.id
    one.save_as(tmp_path / "deformable.dcm", enforce_file_format=True)
    with pytest.raises(InputError, match=r"cannot be used: .* no grid"):
        assess(
            [folder],
            settings=FEW_DRAWS,
            registration=tmp_path / "deformable.dcm",
            progress=lambda _: None,
        )


def test_pitfall_53_a_matrix_that_is_not_rigid_is_refused(
    two: tuple[CourseExport, CourseExport], tmp_path: Path
) -> None:
    first, second = two
    metres = TURN.copy()
    metres[:3, :3] *= 1000.0
    first.objects["reg.dcm"] = registration(
        f"{ROOT}.9.1", first.frame, second.frame, metres.tolist()
    )
    result = read(tmp_path, first, second)
    assert result.registrations == ()
    assert_names(fate(result, "reg.dcm")[1], "reg.dcm", "Matrix (3006,00C6)", "RIGID")
