import numpy as np
import pytest

from reirrad.dicom.pixel_spacing import InPlaneSpacing
from reirrad.dicom.plane import Plane
from reirrad.dicom.slice_stack import SliceStack, stacked
from reirrad.errors import DicomError


def plane(height: float, *, x: float = 0.0, spacing: float = 2.0) -> Plane:
    return Plane(
        np.array([x, 0.0, height]),
        np.array([1.0, 0.0, 0.0]),
        np.array([0.0, 1.0, 0.0]),
        InPlaneSpacing(3.0, spacing),
    )


def stack(*heights: float) -> SliceStack:
    return stacked([plane(height) for height in heights], "series")


def test_slices_are_sorted_and_measured_from_the_lowest() -> None:
    found = stack(7.0, 1.0, 4.0)
    assert found.order == (1, 2, 0)
    assert found.distances_mm.tolist() == [0.0, 3.0, 6.0]
    assert found.grid_mm.tolist() == [0.0, 3.0, 6.0]


@pytest.mark.parametrize(
    ("heights", "uneven", "interrupted", "n_planes"),
    [
        ((0, 3, 6, 9), [], False, 4),
        ((0, 3.05, 6, 9.05), [], False, 4),
        ((0, 3.3, 6.5, 9.8, 13.1), [], False, 5),
        ((0, 3, 9, 12), [1], False, 5),
        ((0, 3, 6, 12, 18, 24), [0, 1], False, 9),
        ((0, 3, 6.5, 9.5), [1], False, 4),
        ((0, 3, 6, 14, 17), [2], True, 7),
        ((0, 3, 6, 6.5, 9), [0, 1, 2], True, 19),
    ],
)
def test_uneven_slices_are_found(
    heights: tuple[float, ...], uneven: list[int], *, interrupted: bool, n_planes: int
) -> None:
    found = stack(*heights)
    assert found.uneven.tolist() == uneven
    assert found.is_interrupted is interrupted
    assert len(found.grid_mm) == n_planes
    assert found.grid_mm[-1] == pytest.approx(heights[-1])


def test_slow_drift_of_the_distances_is_uneven_somewhere() -> None:
    heights = np.cumsum(3.0 + 0.004 * np.arange(60))
    found = stack(*heights)
    assert len(found.uneven) > 0
    assert not found.is_interrupted


def test_slices_at_one_place_are_found() -> None:
    assert stack(0.0, 3.0, 3.005, 6.0).repeated.tolist() == [1]


def test_every_attribute_that_varies_is_told_at_once() -> None:
    turned = plane(3.0, spacing=2.5)._replace(along_row=np.array([-1.0, 0.0, 0.0]))
    with pytest.raises(DicomError) as refusal:
        stacked([plane(0.0), turned, plane(6.0)], "series")
    orientation, spacing = refusal.value.problems
    assert "(0020,0037): 1 0 0 0 1 0 in 2, -1 0 0 0 1 0 in 1 slice(s)" in orientation
    assert "(0028,0030): 3 2 in 2, 3 2.5 in 1 slice(s)" in spacing


def test_slices_beside_one_another_are_refused() -> None:
    with pytest.raises(DicomError, match=r"by 0.5 mm \(tilted gantry\)"):
        stacked([plane(0.0), plane(3.0, x=0.5)], "series")
