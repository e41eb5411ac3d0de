from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from reirrad.dicom.rtdose import DoseVoxels, header_faults, read_dose, read_dose_header
from reirrad.errors import DicomError
from tests.dicom.exports import (
    SLICES,
    course_export,
    dose_values_gy,
    found_file,
    found_object,
    item,
)


@pytest.fixture
def dose() -> Dataset:
    return course_export(1)["rd.dcm"]


def read(dataset: Dataset, folder: Path) -> DoseVoxels:
    return read_dose(read_dose_header(found_object(folder, dataset)))


def test_dose_is_stored_value_times_scaling(dose: Dataset, tmp_path: Path) -> None:
    voxels = read(dose, tmp_path)
    np.testing.assert_allclose(voxels.values_gy, dose_values_gy())
    np.testing.assert_allclose(voxels.geometry.points_mm([1, 2, 3]), [-1, -2, 4])
    assert voxels.geometry.spacing_mm == pytest.approx((4.0, 3.0, 2.0))


def test_descending_planes_give_the_same_dose(dose: Dataset, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    stored = rng.integers(1, 50_000, (SLICES, 6, 8)).astype("<u4")
    dose.PixelData = stored.tobytes()
    upwards = read(dose, tmp_path)
    dose.PixelData = stored[::-1].tobytes()
    dose.ImagePositionPatient = [-7.0, -8.0, 16.0]
    dose.GridFrameOffsetVector = [-4.0 * k for k in range(SLICES)]
    downwards = read(dose, tmp_path)
    np.testing.assert_allclose(downwards.values_gy, upwards.values_gy)
    np.testing.assert_allclose(
        downwards.geometry.affine, upwards.geometry.affine, atol=1e-9
    )


def test_oblique_dose_keeps_its_direction_cosines(
    dose: Dataset, tmp_path: Path
) -> None:
    dose.ImageOrientationPatient = [0.8, 0.6, 0, -0.6, 0.8, 0]
    affine = read(dose, tmp_path).geometry.affine
    np.testing.assert_allclose(affine[:3, 2], [1.6, 1.2, 0])
    np.testing.assert_allclose(affine[:3, 1], [-1.8, 2.4, 0])


def test_sixteen_bits_are_not_taken_as_signed(dose: Dataset, tmp_path: Path) -> None:
    dose.BitsAllocated, dose.BitsStored, dose.HighBit = 16, 16, 15
    dose.PixelData = np.full((SLICES, 6, 8), 60_000, dtype="<u2").tobytes()
    assert read(dose, tmp_path).values_gy.max() == pytest.approx(60.0)


def test_big_endian_is_read_like_little_endian(dose: Dataset, tmp_path: Path) -> None:
    dose.PixelData = np.round(dose_values_gy() / 0.001).astype(">u4").tobytes()
    dose.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    np.testing.assert_allclose(read(dose, tmp_path).values_gy, dose_values_gy())


@pytest.mark.parametrize(
    ("keyword", "value", "message"),
    [
        ("DoseUnits", "RELATIVE", r"Dose Units \(3004,0002\) must be GY, found RELATI"),
        ("DoseType", "EFFECTIVE", r"Dose Type \(3004,0004\) must be PHYSICAL, found E"),
        ("DoseSummationType", "FRACTION", "must be PLAN, or BEAM .* found FRACTION"),
        ("DoseSummationType", "MULTI_PLAN", "must be PLAN, or BEAM .* found MULTI_P"),
        ("DoseGridScaling", None, r"Scaling \(3004,000E\) must be above 0, found noth"),
        ("DoseGridScaling", 0, "must be above 0, found 0"),
        ("FrameOfReferenceUID", "", "the place of the dose is unknown"),
        (
            "ReferencedRTPlanSequence",
            [item(ReferencedSOPInstanceUID=f"1.2.{n}") for n in (1, 2)],
            "must name one plan, found 2",
        ),
    ],
)
def test_a_dose_that_must_not_be_used_says_why(
    dose: Dataset, tmp_path: Path, *, keyword: str, value: object, message: str
) -> None:
    setattr(dose, keyword, value)
    (fault,) = header_faults(read_dose_header(found_object(tmp_path, dose)))
    with pytest.raises(DicomError, match=message):
        raise DicomError(fault)
    assert "x.dcm" in fault


def test_a_sound_dose_has_no_faults(dose: Dataset, tmp_path: Path) -> None:
    assert header_faults(read_dose_header(found_object(tmp_path, dose))) == ()


def test_all_faults_are_told_at_once(dose: Dataset, tmp_path: Path) -> None:
    del dose.DoseUnits, dose.DoseType, dose.DoseGridScaling
    assert len(header_faults(read_dose_header(found_object(tmp_path, dose)))) == 3


@pytest.mark.parametrize(
    ("keyword", "value", "message"),
    [
        ("PixelData", bytes(100), r"must have 960 bytes for 5 frames .* found 100"),
        ("PixelData", b"", r"has no Pixel Data \(7FE0,0010\)"),
        ("PixelData", bytes(960), "no voxel has a dose above 0"),
        ("PixelSpacing", [3.0], "must be two distances above 0 mm, found 3"),
        ("PixelSpacing", None, "found nothing"),
        ("ImagePositionPatient", None, "must hold 3 numbers, found nothing"),
        ("ImageOrientationPatient", [1, 0, 0, 1, 0, 0], "at right angles"),
        ("NumberOfFrames", 4, "one value for each of 4 frames, found 5"),
        ("NumberOfFrames", None, "Frames .* must be 5, .* found nothing"),
        ("BitsAllocated", 64, "must be 8, 16 or 32"),
        ("SamplesPerPixel", 3, "3 samples"),
        ("Rows", None, r"Rows \(0028,0010\) must be 1 or more"),
    ],
)
def test_voxels_that_cannot_be_placed_or_read_are_refused(
    dose: Dataset, tmp_path: Path, *, keyword: str, value: object, message: str
) -> None:
    setattr(dose, keyword, value)
    with pytest.raises(DicomError, match=message):
        read(dose, tmp_path)


def test_geometry_and_pixels_are_refused_together(
    dose: Dataset, tmp_path: Path
) -> None:
    dose.PixelSpacing = None
    dose.PixelData = bytes(100)
    with pytest.raises(DicomError) as refusal:
        read(dose, tmp_path)
    assert len(refusal.value.problems) == 2


def test_noise_below_zero_is_clipped_and_reported(
    dose: Dataset, tmp_path: Path
) -> None:
    stored = np.round(dose_values_gy() / 0.001).astype("<i4")
    stored[0, 0, 0] = -100
    dose.PixelRepresentation = 1
    dose.PixelData = stored.tobytes()
    voxels = read(dose, tmp_path)
    assert voxels.clipped_gy == pytest.approx(-0.1)
    assert voxels.values_gy.min() == 0.0
    stored[0, 0, 0] = -10_000
    dose.PixelData = stored.tobytes()
    with pytest.raises(DicomError, match="never below 0"):
        read(dose, tmp_path)


def test_real_sixteen_bit_dose_has_its_known_grid(shared: Path) -> None:
    name = "1.3.46.670589.13.997910418.20181018190715.183309.dcm"
    header = read_dose_header(found_file(shared / "data/rtdose_oddities" / name))
    voxels = read_dose(header)
    assert voxels.geometry.shape == (50, 90, 150)
    assert voxels.geometry.spacing_mm == pytest.approx((2.5, 2.5, 2.5))
    assert len(header.plan_uids) == 1


def test_real_breast_dose_has_its_known_maximum(shared: Path) -> None:
    header = read_dose_header(found_file(shared / "data/breast_one_course/rtdose.dcm"))
    voxels = read_dose(header)
    assert voxels.geometry.shape == (98, 129, 194)
    assert voxels.values_gy.max() == pytest.approx(14.68, abs=0.005)


def test_big_endian_and_compressed_variants_hold_the_same_dose(shared: Path) -> None:
    values = []
    for name in ("rtdose.dcm", "rtdose_expb.dcm", "rtdose_rle.dcm"):
        header = read_dose_header(found_file(shared / "data/rtdose_oddities" / name))
        assert any("found RELATIVE" in fault for fault in header_faults(header))
        values.append(read_dose(header).values_gy)
    np.testing.assert_array_equal(values[0], values[1])
    np.testing.assert_array_equal(values[0], values[2])


def test_a_single_frame_of_a_dose_is_refused(shared: Path) -> None:
    file = shared / "data/rtdose_oddities/rtdose_1frame.dcm"
    with pytest.raises(DicomError, match=r"must be 15, .* found nothing"):
        read_dose(read_dose_header(found_file(file)))
