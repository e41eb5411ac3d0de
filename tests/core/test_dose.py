import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from reirrad.core.dose import (
    DoseGrid,
    Interpolation,
    border_there,
    clearance_there,
    dose_at,
    dose_there,
    steepest_there,
    voxels_near,
)
from reirrad.core.geometry import FloatArray, GridGeometry

AXIAL_3MM = np.array([[0.0, 0, 3, 0], [0, 3, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]])


def grid_of(values: FloatArray, **options: Interpolation) -> DoseGrid:
    geometry = GridGeometry(values.shape, AXIAL_3MM, "1.1")
    return DoseGrid(values, geometry, **options)


def gaussian(sigma_mm: float, offset_mm: float) -> tuple[DoseGrid, FloatArray]:
    """A 60 Gy peak whose centre lies off the voxel centres."""
    centre = np.full(3, 30.0 + offset_mm)
    grid = np.moveaxis(np.indices((21, 21, 21)), 0, -1)[..., ::-1] * 3.0
    squares = ((grid - centre) ** 2).sum(axis=-1)
    return grid_of(60.0 * np.exp(-squares / (2 * sigma_mm**2))), centre


@pytest.mark.parametrize("sigma_mm", [6.0, 8.0, 12.0])
@pytest.mark.parametrize("offset_mm", [0.0, 0.7, 1.5])
def test_a_peak_between_voxels_is_not_cut_off(
    sigma_mm: float, offset_mm: float
) -> None:
    grid, centre = gaussian(sigma_mm, offset_mm)
    assert dose_at(grid, centre[None])[0] == pytest.approx(60.0, rel=0.006)


def test_a_dose_does_not_follow_what_is_written_later() -> None:
    values = np.full((3, 4, 5), 2.0)
    view = values.view()
    first, second = grid_of(values), grid_of(view)
    values[:] = 7.0
    assert first.values_gy.max() == second.values_gy.max() == 2.0
    assert grid_of(first.values_gy).values_gy is first.values_gy


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, -0.1])
def test_a_dose_is_finite_and_not_negative(wrong: float) -> None:
    values = np.full((3, 4, 5), 2.0)
    values[1, 2, 3] = wrong
    with pytest.raises(ValueError, match="finite and 0 Gy or more"):
        grid_of(values)


def test_voxel_centres_keep_their_dose() -> None:
    values = np.random.default_rng(1).uniform(0, 60, (6, 7, 8))
    grid = grid_of(values)
    points = grid.geometry.points_mm(np.indices(values.shape).reshape(3, -1).T)
    assert dose_at(grid, points) == pytest.approx(values.ravel(), abs=1e-4)


@given(st.lists(st.floats(0, 60), min_size=64, max_size=64), st.integers(0, 2**32 - 1))
def test_noise_never_gives_negative_dose(values: list[float], seed: int) -> None:
    grid = grid_of(np.array(values).reshape(4, 4, 4))
    points = np.random.default_rng(seed).uniform(0, 9, (50, 3))
    assert dose_at(grid, points).min() >= 0.0


def test_a_step_does_not_swing_over() -> None:
    values = np.zeros((10, 10, 10))
    values[..., 5:] = 50.0
    points = np.stack([np.linspace(0, 27, 400), *np.full((2, 400), 13.0)], axis=1)
    dose = dose_at(grid_of(values), points)
    assert dose.min() == 0.0
    assert dose.max() <= 50.0 + 1e-4


def test_points_beyond_half_a_voxel_have_no_dose() -> None:
    grid = grid_of(np.full((4, 4, 4), 10.0))
    there = dose_there(grid, [[-1.4, 4, 4], [-1.6, 4, 4], [4, 4, 10.6]])
    assert there.covered.tolist() == [True, False, False]
    assert there.dose_gy == pytest.approx([10.0] * 3)
    assert np.isnan(dose_at(grid, [[-1.6, 4, 4]])).all()


def test_linear_interpolation_is_the_mean_of_neighbours() -> None:
    values = np.zeros((2, 2, 2))
    values[..., 1] = 8.0
    grid = grid_of(values, interpolation=Interpolation.LINEAR)
    assert dose_at(grid, [[1.5, 1.5, 1.5]])[0] == pytest.approx(4.0)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_impossible_doses_are_refused(bad: float) -> None:
    values = np.ones((3, 3, 3))
    values[1, 1, 1] = bad
    with pytest.raises(ValueError, match="0 Gy or more"):
        grid_of(values)


@pytest.mark.parametrize("interpolation", list(Interpolation))
def test_a_clearance_is_the_excess_over_the_gradient_and_far_away_no_more(
    interpolation: Interpolation,
) -> None:
    peak, centre = gaussian(8.0, 0.7)
    grid = grid_of(np.asarray(peak.values_gy), interpolation=interpolation)
    random = np.random.default_rng(3)
    points = centre + random.uniform(-45.0, 45.0, (20_000, 3))
    excess = dose_there(grid, points).dose_gy - 20.0
    exact = excess / (steepest_there(grid, points) + 1e-6)
    exact = np.minimum(exact, border_there(grid, points))

    clearance = clearance_there(
        grid, points, level_gy=20.0, flattest_gy_per_mm=1e-6, far_mm=5.0
    )

    far = np.abs(clearance) >= 5.0
    assert far.any()
    assert not far.all()
    np.testing.assert_allclose(clearance[~far], exact[~far], rtol=1e-5, atol=1e-9)
    np.testing.assert_array_equal(np.sign(clearance), np.sign(exact))
    assert np.all(np.abs(clearance[far]) <= (1.0 + 1e-6) * np.abs(exact[far]))


def test_distances_to_the_border_are_those_of_an_oblique_box() -> None:
    turn = Rotation.from_euler("xyz", [17, -9, 31], degrees=True).as_matrix()
    spacing = np.array([3.0, 2.5, 1.5])
    affine = np.eye(4)
    affine[:3, :3] = turn * spacing
    affine[:3, 3] = [4.0, -7.0, 11.0]
    shape = (5, 8, 13)
    grid = DoseGrid(np.ones(shape), GridGeometry(shape, affine, "1.1"))
    size = np.array(shape) * spacing
    places = np.random.default_rng(9).uniform(-0.5, 1.5, (500, 3)) * size
    points = grid.geometry.points_mm(places / spacing - 0.5)

    expected = np.minimum(places, size - places).min(axis=1)

    np.testing.assert_allclose(border_there(grid, points), expected, atol=1e-9)
    np.testing.assert_array_equal(dose_there(grid, points).covered, expected >= 0.0)


@pytest.mark.parametrize("axis", range(3))
def test_a_point_that_is_not_a_number_is_nowhere(axis: int) -> None:
    grid = grid_of(np.full((6, 6, 6), 10.0))
    points = np.full((1, 3), 7.0)
    points[0, axis] = np.nan
    assert not dose_there(grid, points).covered.any()
    assert np.isnan(border_there(grid, points)).all()
    clearance = clearance_there(
        grid, points, level_gy=5.0, flattest_gy_per_mm=1e-6, far_mm=5.0
    )
    assert clearance[0] == -5.0


@given(seed=st.integers(0, 2**32 - 1), reach=st.integers(0, 3))
def test_voxels_near_a_dose_are_those_whose_neighbours_reach_it(
    seed: int, reach: int
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.0, 50.0, rng.integers(2, 7, 3))
    level_gy = float(rng.choice(values.ravel()))
    found = voxels_near(grid_of(values), level_gy, reach=reach)
    for k, j, i in np.ndindex(values.shape):
        around = values[
            max(k - reach, 0) : k + reach + 1,
            max(j - reach, 0) : j + reach + 1,
            max(i - reach, 0) : i + reach + 1,
        ]
        assert found[k, j, i] == (around.max() >= level_gy)
