import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.geometry import GridGeometry, require_same_frame, same_grid
from reirrad.errors import FrameMismatchError

OBLIQUE = np.array(
    [[0.0, 0.6, 1.6, 10], [0, 0.8, -1.2, -20], [-3, 0, 0, 30], [0, 0, 0, 1]]
)


@pytest.fixture
def grid() -> GridGeometry:
    return GridGeometry((40, 60, 80), OBLIQUE, "1.2.3")


@given(st.tuples(*[st.floats(-100, 100)] * 3))
def test_points_and_indices_are_inverse(index: tuple[float, float, float]) -> None:
    grid = GridGeometry((40, 60, 80), OBLIQUE, "1.2.3")
    assert grid.indices(grid.points_mm(index)) == pytest.approx(index, abs=1e-9)


def test_the_way_to_indices_is_the_inverse_of_the_affine(grid: GridGeometry) -> None:
    index = np.array([3.0, 20.5, 61.0])
    point = np.append(grid.points_mm(index), 1.0)
    assert grid.to_indices @ point == pytest.approx(index, abs=1e-9)


def test_spacing_is_named_in_array_order(grid: GridGeometry) -> None:
    assert grid.spacing_mm == pytest.approx((3.0, 1.0, 2.0))
    assert grid.voxel_volume_cc == pytest.approx(0.006)


def test_corners_reach_half_a_voxel_beyond_the_centres() -> None:
    grid = GridGeometry((2, 2, 2), np.eye(4)[[2, 1, 0, 3]], "1")
    assert grid.corners_mm().min(axis=0) == pytest.approx([-0.5] * 3)
    assert grid.corners_mm().max(axis=0) == pytest.approx([1.5] * 3)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(GridGeometry((40, 60, 80), OBLIQUE, "9.9.9"), id="other frame"),
        pytest.param(GridGeometry((40, 60, 81), OBLIQUE, "1.2.3"), id="other shape"),
        pytest.param(
            GridGeometry(
                (40, 60, 80),
                OBLIQUE
                + 0.01 * np.eye(4)[:, [3, 1, 2, 0]] * np.array([[1], [0], [0], [0]]),
                "1.2.3",
            ),
            id="other affine",
        ),
    ],
)
def test_same_grid_says_no(grid: GridGeometry, other: GridGeometry) -> None:
    assert same_grid(grid, grid)
    assert not same_grid(grid, other)
    assert not same_grid(other, grid)


def test_an_affine_without_volume_is_refused() -> None:
    with pytest.raises(ValueError, match="no volume"):
        GridGeometry((2, 2, 2), np.diag([1.0, 1.0, 0.0, 1.0]), "1")


def test_a_matrix_of_the_wrong_form_is_refused() -> None:
    with pytest.raises(ValueError, match="last row"):
        GridGeometry((2, 2, 2), np.ones((4, 4)), "1")


def test_different_frames_are_refused_by_name() -> None:
    require_same_frame("1", "1", left_name="a", right_name="b")
    with pytest.raises(FrameMismatchError, match="course 1 dose and course 2 dose"):
        require_same_frame(
            "1", "2", left_name="course 1 dose", right_name="course 2 dose"
        )
