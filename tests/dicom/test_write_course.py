"""A written course, read back with pydicom alone."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage
from scipy.spatial.transform import Rotation

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.images import Image
from reirrad.core.structures import Role
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)

FRAME = "1.2.826.0.1.3680043.8.498.1"
PATIENT = PatientIdentity("P1", "Phantom^Écho", "1950-02-03", "F")
TILTED = Rotation.from_euler("xyz", [12.0, -7.0, 4.0], degrees=True).as_matrix()


def small_course(axes: np.ndarray, *, n_doses: int = 1) -> Course:
    image_geometry = box_geometry(
        [-30, -32, -27], [30, 32, 27], spacing_mm=(3.0, 2.0, 1.5),
        frame_of_reference_uid=FRAME, axes=axes,
    )  # fmt: skip
    dose_geometry = box_geometry(
        [-25, -26, -24], [25, 26, 24], spacing_mm=(3.0, 2.5, 2.0),
        frame_of_reference_uid=FRAME, axes=axes,
    )  # fmt: skip
    slices = SliceStack(3.0, axes=axes)
    outer = sphere_contours([0, 0, 0], 20.0, slices=slices, n_vertices=60)
    inner = sphere_contours([0, 0, 0], 9.0, slices=slices, n_vertices=30)
    ring = analytic_structure(
        "Liver", outer + inner, frame_of_reference_uid=FRAME, number=3
    )
    ptv = analytic_structure(
        "PTV", inner, frame_of_reference_uid=FRAME, number=7, role=Role.PTV
    )
    dose = sphere_dose([1, 2, 3], radius_at={50.0: 8.0, 5.0: 22.0})
    rng = np.random.default_rng(0)
    values = rng.integers(0, 1200, image_geometry.shape).astype(np.float32)
    grids = tuple(sampled_dose(dose.at, dose_geometry) for _ in range(n_doses))
    return Course(
        number=1,
        start_date=date(2023, 3, 6),
        plan_label="Liver S8",
        frame_of_reference_uid=FRAME,
        prescription=Prescription(
            50.0, 5, "test", (TargetPrescription(50.0, 7, "PTV"),)
        ),
        deliveries=(Delivery(grids, 5),),
        structures=(ring, ptv),
        image=Image(values, image_geometry, "MR"),
    )


@pytest.fixture(params=[np.eye(3), TILTED], ids=["axial", "tilted"])
def course(request: pytest.FixtureRequest) -> Course:
    return small_course(request.param)


@pytest.fixture
def written(course: Course, tmp_path: Path) -> dict[str, list[Dataset]]:
    by_modality: dict[str, list[Dataset]] = {}
    for path in write_course(course, tmp_path, patient=PATIENT):
        dataset = pydicom.dcmread(path)
        by_modality.setdefault(dataset.Modality, []).append(dataset)
    return by_modality


def affine_of(dataset: Dataset) -> np.ndarray:
    """(row, column) of one plane to point, by DICOM PS3.3 C.7.6.2.1.1."""
    orientation = np.array(dataset.ImageOrientationPatient, dtype=float)
    rows, columns = (float(value) for value in dataset.PixelSpacing)
    position = np.array(dataset.ImagePositionPatient, dtype=float)
    return np.column_stack(
        [orientation[3:] * rows, orientation[:3] * columns, position]
    )


def test_a_course_is_images_structures_plan_and_dose(
    written: dict[str, list[Dataset]],
) -> None:
    counts = {modality: len(found) for modality, found in written.items()}
    assert counts == {"MR": 19, "RTSTRUCT": 1, "RTPLAN": 1, "RTDOSE": 1}


def test_everything_is_of_one_patient_study_and_frame(
    written: dict[str, list[Dataset]],
) -> None:
    datasets = [one for found in written.values() for one in found]
    assert {str(one.PatientName) for one in datasets} == {"Phantom^Écho"}
    assert {one.PatientID for one in datasets} == {"P1"}
    assert {one.PatientBirthDate for one in datasets} == {"19500203"}
    assert {one.StudyDate for one in datasets} == {"20230306"}
    assert {one.FrameOfReferenceUID for one in datasets} == {FRAME}
    assert len({one.StudyInstanceUID for one in datasets}) == 1
    assert len({one.SOPInstanceUID for one in datasets}) == len(datasets)
    assert len({one.SeriesInstanceUID for one in datasets}) == 4


def test_images_have_their_values_and_places(
    course: Course, written: dict[str, list[Dataset]]
) -> None:
    assert course.image is not None
    for k, dataset in enumerate(written["MR"]):
        assert dataset.SOPClassUID == MRImageStorage
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
        np.testing.assert_array_equal(dataset.pixel_array, course.image.values[k])
        point = affine_of(dataset) @ [5.0, 8.0, 1.0]
        np.testing.assert_allclose(
            point, course.image.geometry.points_mm([k, 5, 8]), atol=1e-6
        )


def test_dose_is_within_half_a_scaling_step_and_in_place(
    course: Course, written: dict[str, list[Dataset]]
) -> None:
    (dataset,) = written["RTDOSE"]
    grid = course.deliveries[0].doses[0]
    scaling = float(dataset.DoseGridScaling)
    read = dataset.pixel_array * scaling
    assert np.abs(read - grid.values_gy).max() <= 0.5 * scaling * (1 + 1e-6)
    assert scaling < 1e-7
    offsets = np.array(dataset.GridFrameOffsetVector, dtype=float)
    plane = affine_of(dataset)
    orientation = np.array(dataset.ImageOrientationPatient, dtype=float)
    normal = np.cross(orientation[:3], orientation[3:])
    point = plane @ [4.0, 6.0, 1.0] + offsets[9] * normal
    np.testing.assert_allclose(point, grid.geometry.points_mm([9, 4, 6]), atol=1e-5)
    assert (dataset.DoseUnits, dataset.DoseType) == ("GY", "PHYSICAL")
    assert dataset.DoseSummationType == "PLAN"


def test_contours_keep_their_points_kind_and_order(
    course: Course, written: dict[str, list[Dataset]]
) -> None:
    (dataset,) = written["RTSTRUCT"]
    for structure, item in zip(
        course.structures, dataset.ROIContourSequence, strict=True
    ):
        assert item.ReferencedROINumber == structure.number
        for contour, read in zip(structure.contours, item.ContourSequence, strict=True):
            points = np.array(read.ContourData, dtype=float).reshape(-1, 3)
            assert read.NumberOfContourPoints == len(points)
            assert read.ContourGeometricType == "CLOSED_PLANAR"
            assert np.abs(points - contour.points_mm).max() <= 1e-4
    assert [one.ROIName for one in dataset.StructureSetROISequence] == ["Liver", "PTV"]
    assert [one.RTROIInterpretedType for one in dataset.RTROIObservationsSequence] == [
        "ORGAN",
        "PTV",
    ]


def test_contours_refer_to_the_image_they_lie_on(
    written: dict[str, list[Dataset]],
) -> None:
    images = {one.SOPInstanceUID: one for one in written["MR"]}
    (dataset,) = written["RTSTRUCT"]
    for item in dataset.ROIContourSequence:
        for contour in item.ContourSequence:
            (reference,) = contour.ContourImageSequence
            image = images[reference.ReferencedSOPInstanceUID]
            orientation = np.array(image.ImageOrientationPatient, dtype=float)
            normal = np.cross(orientation[:3], orientation[3:])
            points = np.array(contour.ContourData, dtype=float).reshape(-1, 3)
            offset = (points - np.array(image.ImagePositionPatient, float)) @ normal
            assert np.abs(offset).max() < 1e-3
    frame = dataset.ReferencedFrameOfReferenceSequence[0]
    series = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == written["MR"][0].SeriesInstanceUID
    listed = [one.ReferencedSOPInstanceUID for one in series.ContourImageSequence]
    assert listed == list(images)


def test_objects_refer_to_one_another(written: dict[str, list[Dataset]]) -> None:
    (structures,), (plan,), (dose,) = (
        written[modality] for modality in ("RTSTRUCT", "RTPLAN", "RTDOSE")
    )
    to_structures = plan.ReferencedStructureSetSequence[0]
    assert to_structures.ReferencedSOPInstanceUID == structures.SOPInstanceUID
    to_plan = dose.ReferencedRTPlanSequence[0]
    assert to_plan.ReferencedSOPInstanceUID == plan.SOPInstanceUID
    assert to_plan.ReferencedSOPClassUID == plan.SOPClassUID


def test_plan_says_what_was_ordered(written: dict[str, list[Dataset]]) -> None:
    (plan,) = written["RTPLAN"]
    (reference,) = plan.DoseReferenceSequence
    assert reference.DoseReferenceType == "TARGET"
    assert reference.TargetPrescriptionDose == 50.0
    assert reference.ReferencedROINumber == 7
    (group,) = plan.FractionGroupSequence
    assert group.NumberOfFractionsPlanned == 5
    numbers = [one.ReferencedBeamNumber for one in group.ReferencedBeamSequence]
    assert numbers == [one.BeamNumber for one in plan.BeamSequence]
    assert group.NumberOfBeams == len(numbers) == 3
    assert (plan.RTPlanLabel, plan.RTPlanDate) == ("Liver S8", "20230306")


def test_same_course_gives_the_same_bytes(course: Course, tmp_path: Path) -> None:
    first = write_course(course, tmp_path / "a", patient=PATIENT)
    second = write_course(course, tmp_path / "b", patient=PATIENT)
    assert [one.name for one in first] == [one.name for one in second]
    assert len(first) == 22
    for left, right in zip(first, second, strict=True):
        assert left.read_bytes() == right.read_bytes()


def test_another_axes_or_dose_gives_other_uids(tmp_path: Path) -> None:
    uids = [
        {
            pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID
            for path in write_course(
                small_course(axes), tmp_path / str(n), patient=PATIENT
            )
        }
        for n, axes in enumerate((np.eye(3), TILTED))
    ]
    assert uids[0].isdisjoint(uids[1])


def test_every_decimal_string_has_sixteen_characters_at_most(
    course: Course, tmp_path: Path
) -> None:
    for path in write_course(course, tmp_path, patient=PATIENT):
        for element in pydicom.dcmread(path).iterall():
            if element.VR == "DS" and not element.is_empty:
                many = element.value if element.VM > 1 else [element.value]
                assert max(len(str(one)) for one in many) <= 16, element


def test_doses_of_one_plan_become_beam_doses(tmp_path: Path) -> None:
    paths = write_course(small_course(np.eye(3), n_doses=2), tmp_path, patient=PATIENT)
    doses = [pydicom.dcmread(path) for path in paths if path.name.startswith("RD")]
    plan = pydicom.dcmread(tmp_path / "RP.dcm")
    assert [one.DoseSummationType for one in doses] == ["BEAM", "BEAM"]
    beams = [
        one.ReferencedRTPlanSequence[0]
        .ReferencedFractionGroupSequence[0]
        .ReferencedBeamSequence[0]
        .ReferencedBeamNumber
        for one in doses
    ]
    assert beams == [one.BeamNumber for one in plan.BeamSequence] == [1, 2]
    assert doses[0].SOPInstanceUID != doses[1].SOPInstanceUID


def test_course_without_image_is_written_without_references(tmp_path: Path) -> None:
    full = small_course(np.eye(3))
    course = Course(
        full.number, full.start_date, full.plan_label, FRAME, full.prescription,
        full.deliveries, full.structures, None,
    )  # fmt: skip
    paths = write_course(course, tmp_path, patient=PATIENT)
    assert [one.name for one in paths] == ["RS.dcm", "RP.dcm", "RD_1.dcm"]
    contour = pydicom.dcmread(paths[0]).ROIContourSequence[0].ContourSequence[0]
    assert "ContourImageSequence" not in contour


def test_slices_run_along_the_normal_in_order(
    written: dict[str, list[Dataset]],
) -> None:
    places = [np.array(one.ImagePositionPatient, dtype=float) for one in written["MR"]]
    steps = [np.linalg.norm(after - before) for before, after in pairwise(places)]
    np.testing.assert_allclose(steps, 3.0, atol=1e-6)


def test_course_of_several_deliveries_is_refused(tmp_path: Path) -> None:
    full = small_course(np.eye(3))
    course = Course(
        full.number, full.start_date, full.plan_label, FRAME, full.prescription,
        full.deliveries * 2, full.structures, full.image,
    )  # fmt: skip
    with pytest.raises(ValueError, match="one delivery"):
        write_course(course, tmp_path, patient=PATIENT)
    assert list(tmp_path.iterdir()) == []
