"""Single objects: registrations, flipped grids, and what cannot be written."""

from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.assessment import PatientIdentity
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import GridGeometry
from reirrad.core.images import Image
from reirrad.core.structures import Contour, ContourKind
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.identity import Study, decimal, stable_uid
from reirrad.dicom.write_image import image_datasets
from reirrad.dicom.write_reg import write_registration
from reirrad.dicom.write_rtdose import DoseMeaning, rtdose_dataset
from reirrad.dicom.write_rtstruct import rtstruct_dataset
from reirrad.phantoms.analytic import analytic_structure

PATIENT = PatientIdentity("P1", "Phantom", None, None)
STUDY = Study(PATIENT, date(2024, 1, 2), "1.2.3")
SQUARE = Contour(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=float))


def geometry(affine: np.ndarray | None = None) -> GridGeometry:
    if affine is None:
        affine = np.eye(4)[[2, 1, 0, 3]]
    return GridGeometry((3, 4, 5), affine, "1.2.3")


def move() -> RigidTransform:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", [3, -2, 4], degrees=True).as_matrix()
    matrix[:3, 3] = 11.0, -8.25, 0.1
    return RigidTransform(matrix, "1.2.3", "1.2.4")


def test_registration_carries_the_first_frame_into_its_own(tmp_path: Path) -> None:
    path = write_registration(
        move(), tmp_path / "reg", patient=PATIENT, day=date(2024, 1, 2)
    )
    dataset = pydicom.dcmread(path)
    assert dataset.FrameOfReferenceUID == "1.2.4"
    matrices = {
        item.FrameOfReferenceUID: np.array(
            item.MatrixRegistrationSequence[0]
            .MatrixSequence[0]
            .FrameOfReferenceTransformationMatrix,
            dtype=float,
        ).reshape(4, 4)
        for item in dataset.RegistrationSequence
    }
    np.testing.assert_array_equal(matrices["1.2.4"], np.eye(4))
    np.testing.assert_allclose(matrices["1.2.3"], move().matrix, atol=1e-9)


def test_same_registration_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (
        write_registration(
            move(), tmp_path / name, patient=PATIENT, day=date(2024, 1, 2)
        ).read_bytes()
        for name in "ab"
    )
    assert first == second


def test_grid_that_runs_against_its_normal_has_falling_offsets() -> None:
    affine = np.eye(4)[[2, 1, 0, 3]]
    affine[2, 0] = -3.0
    values = np.arange(60.0).reshape(3, 4, 5)
    dataset = rtdose_dataset(DoseGrid(values, geometry(affine)), study=STUDY)
    assert [float(one) for one in dataset.GridFrameOffsetVector] == [0.0, -3.0, -6.0]


def test_dose_of_nothing_is_written_as_nothing() -> None:
    dataset = rtdose_dataset(DoseGrid(np.zeros((3, 4, 5)), geometry()), study=STUDY)
    assert float(dataset.DoseGridScaling) > 0
    assert set(dataset.PixelData) == {0}


def test_effective_dose_says_so() -> None:
    dataset = rtdose_dataset(
        DoseGrid(np.ones((3, 4, 5)), geometry()),
        study=STUDY,
        meaning=DoseMeaning("EFFECTIVE", "MULTI_PLAN", comment="EQD2"),
    )
    assert (dataset.DoseType, dataset.DoseSummationType) == ("EFFECTIVE", "MULTI_PLAN")
    assert dataset.DoseComment == "EQD2"


@pytest.mark.parametrize("largest_gy", [1e-6, 0.3, 62.4999, 1234.5])
def test_largest_dose_uses_and_fits_thirty_two_bits(largest_gy: float) -> None:
    values = np.full((3, 4, 5), largest_gy)
    dataset = rtdose_dataset(DoseGrid(values, geometry()), study=STUDY)
    stored = np.frombuffer(dataset.PixelData, "<u4")
    assert 4.28e9 < stored.max() < 2**32 - 1
    assert stored.max() * float(dataset.DoseGridScaling) == pytest.approx(largest_gy)


def test_oblique_axes_are_refused() -> None:
    sheared = np.eye(4)[[2, 1, 0, 3]]
    sheared[0, 0] = 0.2
    with pytest.raises(ValueError, match="right angles"):
        rtdose_dataset(DoseGrid(np.ones((3, 4, 5)), geometry(sheared)), study=STUDY)


def test_ct_is_stored_in_hounsfield_units() -> None:
    values = np.linspace(-1024, 3000, 60).reshape(3, 4, 5).astype(np.float32)
    first = image_datasets(Image(values, geometry(), "CT"), study=STUDY)[0]
    stored = np.frombuffer(first.PixelData, "<u2").reshape(4, 5)
    read = stored * float(first.RescaleSlope) + float(first.RescaleIntercept)
    np.testing.assert_array_equal(read, np.rint(values[0]))


@pytest.mark.parametrize(
    ("modality", "value"), [("CT", -1100.0), ("MR", -1.0), ("MR", 7e4)]
)
def test_values_beyond_sixteen_bits_are_refused(modality: str, value: float) -> None:
    values = np.full((3, 4, 5), value, dtype=np.float32)
    with pytest.raises(ValueError, match="must lie between"):
        image_datasets(Image(values, geometry(), modality), study=STUDY)


def test_other_modalities_are_refused() -> None:
    values = np.ones((3, 4, 5), dtype=np.float32)
    with pytest.raises(ValueError, match="only MR and CT"):
        image_datasets(Image(values, geometry(), "PT"), study=STUDY)


def test_structures_of_another_frame_are_refused() -> None:
    stranger = analytic_structure("Liver", (SQUARE,), frame_of_reference_uid="9.9")
    with pytest.raises(ValueError, match=r"another frame.*Liver"):
        rtstruct_dataset(
            [stranger], study=STUDY, label="S", frame_of_reference_uid="1.2.3"
        )


def test_two_structures_of_one_number_are_refused() -> None:
    one = analytic_structure("Liver", (SQUARE,), frame_of_reference_uid="1.2.3")
    with pytest.raises(ValueError, match="different numbers"):
        rtstruct_dataset(
            [one, one], study=STUDY, label="S", frame_of_reference_uid="1.2.3"
        )


def test_exclusive_contours_keep_their_kind() -> None:
    contour = Contour(SQUARE.points_mm, ContourKind.CLOSEDPLANAR_XOR)
    one = analytic_structure("Liver", (contour,), frame_of_reference_uid="1.2.3")
    dataset = rtstruct_dataset(
        [one], study=STUDY, label="S", frame_of_reference_uid="1.2.3"
    )
    item = dataset.ROIContourSequence[0].ContourSequence[0]
    assert item.ContourGeometricType == "CLOSEDPLANAR_XOR"


def test_uids_depend_on_content_and_on_where_one_part_ends() -> None:
    assert stable_uid("a", "b") == stable_uid("a", "b")
    assert stable_uid("a", "b") != stable_uid("ab", "")
    assert stable_uid("a", b"b") != stable_uid("b", "a")
    assert len(stable_uid("a")) <= 64


@pytest.mark.parametrize("value", [1.0, -1 / 3, 1e-17, -123456.789012345678, 1e12])
def test_decimals_are_short_and_exact_to_ten_digits(value: float) -> None:
    text = decimal(value)
    assert len(text) <= 16
    assert float(text) == pytest.approx(value, rel=1e-9)
