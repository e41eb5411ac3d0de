import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from reirrad.dicom.pixel_spacing import in_plane_spacing
from reirrad.dicom.plane import read_plane
from reirrad.errors import DicomError
from tests.dicom.exports import decimals, item


def placed() -> Dataset:
    return item(
        ImagePositionPatient=[10, 20, 30],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[3.0, 2.0],
    )


def test_rows_are_the_first_spacing_and_columns_the_second() -> None:
    spacing = in_plane_spacing(placed(), "x")
    assert (spacing.between_rows, spacing.between_columns) == (3.0, 2.0)


def test_the_row_index_steps_along_the_column_direction() -> None:
    affine = read_plane(placed(), "x").affine(5.0, 4.0)
    np.testing.assert_allclose(affine @ [0, 0, 0, 1], [10, 20, 35, 1])
    np.testing.assert_allclose(affine @ [0, 1, 0, 1], [10, 23, 35, 1])
    np.testing.assert_allclose(affine @ [0, 0, 1, 1], [12, 20, 35, 1])
    np.testing.assert_allclose(affine @ [1, 0, 0, 1], [10, 20, 39, 1])


@given(
    about_z=st.floats(-np.pi, np.pi),
    about_x=st.floats(-np.pi, np.pi),
)
def test_any_orientation_keeps_right_angles_and_spacings(
    about_z: float, about_x: float
) -> None:
    c, s = np.cos(about_z), np.sin(about_z)
    row = [c, s, 0.0]
    column = [-s * np.cos(about_x), c * np.cos(about_x), np.sin(about_x)]
    dataset = placed()
    dataset.ImageOrientationPatient = decimals([row, column])
    axes = read_plane(dataset, "x").affine(0.0, 4.0)[:3, :3]
    np.testing.assert_allclose(axes.T @ axes, np.diag([16.0, 9.0, 4.0]), atol=1e-6)
    assert np.linalg.norm(np.cross(axes[:, 2], axes[:, 1])) == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("keyword", "value", "message"),
    [
        ("PixelSpacing", None, r"Pixel Spacing \(0028,0030\) .* found nothing"),
        ("PixelSpacing", [1.0], "found 1"),
        ("PixelSpacing", [1.0, 0.0], "found 1 and 0"),
        ("PixelSpacing", [-1.0, 1.0], "found -1 and 1"),
        ("ImagePositionPatient", [1.0, 2.0], "must hold 3 numbers, found 2"),
        ("ImageOrientationPatient", [1, 0, 0], "must hold 6 numbers, found 3"),
        ("ImageOrientationPatient", [2, 0, 0, 0, 1, 0], "two unit vectors"),
        ("ImageOrientationPatient", [0] * 6, "two unit vectors"),
        ("ImageOrientationPatient", [1, 0, 0, 0.6, 0.8, 0], "right angles"),
    ],
)
def test_an_impossible_plane_is_refused(
    keyword: str, value: object, message: str
) -> None:
    dataset = placed()
    setattr(dataset, keyword, value)
    with pytest.raises(DicomError, match=message):
        read_plane(dataset, "RTDOSE a")


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(DicomError) as refusal:
        read_plane(Dataset(), "RTDOSE a")
    assert len(refusal.value.problems) == 3
