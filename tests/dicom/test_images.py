from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reirrad.core.images import Image
from reirrad.dicom.audit import Audit
from reirrad.dicom.images import image_series, read_image
from reirrad.dicom.scan import scan
from reirrad.errors import DicomError
from tests.dicom.exports import SLICES, CourseExport, course_export, item


def read(export: CourseExport, folder: Path) -> Image:
    for name, dataset in export.objects.items():
        if name.startswith("ct"):
            dataset.save_as(folder / name, enforce_file_format=True)
    return read_folder(folder)


def read_folder(folder: Path) -> Image:
    found = scan([folder], Audit(), progress=lambda _: None)
    (series,) = image_series(found)
    return read_image(series).image


def test_slices_are_sorted_by_position_and_rescaled(tmp_path: Path) -> None:
    image = read(course_export(1), tmp_path)
    assert image.values[:, 0, 0].tolist() == [2 * (100 + k) - 1000 for k in range(5)]
    np.testing.assert_allclose(image.geometry.points_mm([2, 0, 0]), [-7, -8, 8])
    assert image.geometry.spacing_mm == pytest.approx((4.0, 3.0, 2.0))
    assert image.modality == "CT"


@pytest.mark.parametrize(
    ("slope", "intercept"), [(None, None), (1, 0), (1, None), (1, -24), (0.37, 0)]
)
def test_values_are_stored_ones_times_slope_plus_intercept(
    slope: float | None, intercept: float | None, tmp_path: Path
) -> None:
    export = course_export(1)
    stored = np.arange(48, dtype="<i2").reshape(6, 8) * 601 - 9000
    for k in range(SLICES):
        one = export[f"ct{k}.dcm"]
        one.PixelData = stored.tobytes()
        one.RescaleSlope, one.RescaleIntercept = slope, intercept
    expected = stored * np.float64(1 if slope is None else slope) + (intercept or 0.0)
    values = read(export, tmp_path).values
    np.testing.assert_array_equal(values[3], expected.astype(np.float32))


def test_feet_first_slices_grow_along_their_normal(tmp_path: Path) -> None:
    export = course_export(1)
    for k in range(SLICES):
        export[f"ct{k}.dcm"].ImageOrientationPatient = [-1, 0, 0, 0, 1, 0]
    image = read(export, tmp_path)
    np.testing.assert_allclose(image.geometry.points_mm([0, 0, 0]), [-7, -8, 16])
    np.testing.assert_allclose(image.geometry.points_mm([4, 0, 1]), [-9, -8, 0])
    assert image.values[0, 0, 0] == 2 * 104 - 1000


def test_twelve_bits_do_not_carry_what_stands_above_them(tmp_path: Path) -> None:
    export = course_export(1)
    for k in range(SLICES):
        one = export[f"ct{k}.dcm"]
        one.BitsStored, one.HighBit, one.PixelRepresentation = 12, 11, 0
        one.PixelData = np.full((6, 8), 0xF000 + 7, dtype="<u2").tobytes()
    assert np.all(read(export, tmp_path).values == 2 * 7 - 1000)


def change(keyword: str, value: object, k: int = 2) -> Callable[[CourseExport], None]:
    def changed(export: CourseExport) -> None:
        setattr(export[f"ct{k}.dcm"], keyword, value)

    return changed


def drop(k: int) -> Callable[[CourseExport], None]:
    def dropped(export: CourseExport) -> None:
        del export.objects[f"ct{k}.dcm"]

    return dropped


def lacking(*missing: int) -> Callable[[CourseExport], None]:
    def dropped(export: CourseExport) -> None:
        for k in missing:
            drop(k)(export)

    return dropped


def tilt(export: CourseExport) -> None:
    for k in range(SLICES):
        export[f"ct{k}.dcm"].ImagePositionPatient = [-7.0, -8.0 + k, 4.0 * k]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lacking(2, 3), "Slices are missing or uneven"),
        (lacking(1, 2, 3, 4), "one slice is no volume"),
        (tilt, "tilted gantry"),
        (change("ImagePositionPatient", [-7, -8, 4.0]), "more than one phase"),
        (change("ImagePositionPatient", [-7, -8, 11.0]), "missing or uneven"),
        (change("ImagePositionPatient", None), "must hold 3 numbers, found nothing"),
        (change("ImageOrientationPatient", [0, 1, 0, 1, 0, 0]), "slices differ in"),
        (change("PixelSpacing", [3.0, 2.5]), "slices differ in"),
        (change("Columns", 4), "slices differ in Rows"),
        (change("NumberOfFrames", 3), "Functional Groups Sequence"),
        (change("PhotometricInterpretation", "PALETTE COLOR"), "found 'PALETTE COLOR"),
        (change("ModalityLUTSequence", [item()]), "by a table"),
        (change("PixelData", bytes(20)), "found 20"),
    ],
)
def test_an_irregular_series_is_refused(
    tmp_path: Path, fault: Callable[[CourseExport], None], message: str
) -> None:
    export = course_export(1)
    fault(export)
    with pytest.raises(DicomError, match=message):
        read(export, tmp_path)


def test_a_truncated_slice_is_refused(tmp_path: Path) -> None:
    read(course_export(1), tmp_path)
    path = tmp_path / "ct3.dcm"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DicomError, match=r"ct3.dcm: the file is cut short"):
        read_folder(tmp_path)


def test_series_of_one_uid_in_two_frames_stay_apart(tmp_path: Path) -> None:
    export = course_export(1)
    change("FrameOfReferenceUID", "1.2.3", 0)(export)
    for name, dataset in export.objects.items():
        dataset.save_as(tmp_path / name, enforce_file_format=True)
    found = scan([tmp_path], Audit(), progress=lambda _: None)
    slices = [one for one in found if one.kind == "CT"]
    assert [len(one.slices) for one in image_series(slices)] == [1, 4]


def test_a_real_series_is_read(shared: Path) -> None:
    folder = shared / "data/liver_ct_two_course/course1/CT"
    image = read_folder(folder)
    assert image.values.shape == (112, 101, 122)
    assert image.geometry.spacing_mm == pytest.approx((3.0, 3.0, 3.0))
    assert image.values.min() >= -2000


def test_a_real_truncated_slice_is_refused(shared: Path) -> None:
    found = scan(
        [shared / "data/rtdose_oddities/MR_truncated.dcm"],
        Audit(),
        progress=lambda _: None,
    )
    (series,) = image_series(found)
    with pytest.raises(DicomError, match="claims 8192 bytes and has 8130"):
        read_image(series)
