import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.dose import DoseGrid, dose_there, voxels_near
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.sampling import grid_cells
from reirrad.core.summed_grids import (
    border_gy,
    distinct_grids,
    highest_gy,
    is_cut,
    reaching_voxels,
)

AXIAL_2MM = np.array([[0, 0, 2, 0], [0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1.0]])


def grid_of(
    values: FloatArray,
    *,
    at_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
    spacing_mm: float = 2.0,
    turned: float = 0.0,
) -> DoseGrid:
    """A grid whose first voxel lies at a point, turned about z by an angle."""
    affine = AXIAL_2MM.copy()
    cos, sin = np.cos(turned), np.sin(turned)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    affine[:3, :3] = turn @ affine[:3, :3] * spacing_mm / 2.0
    affine[:3, 3] = at_mm
    return DoseGrid(values, GridGeometry(values.shape, affine, "1.2"))


def blob(dose_gy: float, x_mm: float = 0.0) -> DoseGrid:
    values = np.zeros((5, 5, 5))
    values[1:4, 1:4, 1:4] = dose_gy
    return grid_of(values, at_mm=(x_mm, 0.0, 0.0))


def summed_gy(grids: list[DoseGrid], points_mm: FloatArray) -> FloatArray:
    found = [dose_there(grid, points_mm) for grid in grids]
    return np.asarray(sum(np.where(f.covered, f.dose_gy, 0.0) for f in found))


def test_grids_on_the_same_voxels_are_added_and_no_others() -> None:
    one, other = blob(20.0), blob(30.0, x_mm=4.0)
    first, second = distinct_grids([one, other, one])
    np.testing.assert_array_equal(first.values_gy, 2.0 * one.values_gy)
    assert second is other
    assert distinct_grids([one]) == [one]


def test_the_highest_dose_of_one_grid_is_its_highest_voxel() -> None:
    assert highest_gy([blob(19.7)]) == 19.7
    assert highest_gy([]) == 0


def test_one_grid_given_twice_counts_twice() -> None:
    once = blob(20)
    assert highest_gy([once, once]) == pytest.approx(40, rel=1e-3)


def test_doses_at_one_place_add_up() -> None:
    assert highest_gy([blob(20), blob(30)]) == pytest.approx(50, rel=1e-3)


def test_doses_far_apart_do_not_add_up() -> None:
    assert highest_gy([blob(20), blob(30, x_mm=500)]) == pytest.approx(30, rel=1e-3)


@pytest.mark.parametrize("x_mm", [0.0, 2.0], ids=["same voxels", "other voxels"])
def test_beams_that_are_highest_at_their_entrance_add_up_in_the_middle(
    x_mm: float,
) -> None:
    """Where each single beam is highest the sum is 35 Gy; where they meet, 50."""
    left, right = np.zeros((2, 7, 7, 12))
    left[2:5, 2:5, 1:8] = 25.0
    left[2:5, 2:5, 1] = 35.0
    right[2:5, 2:5, 4:11] = 25.0
    right[2:5, 2:5, 10] = 35.0
    # Shifted by a voxel to the other side, it stays where it was.
    moved = np.roll(right, -round(x_mm / 2.0), axis=2)
    beams = [grid_of(left), grid_of(moved, at_mm=(x_mm, 0.0, 0.0))]
    assert highest_gy(beams) == pytest.approx(50.0, abs=1e-4)


def test_the_border_dose_is_the_highest_on_any_face() -> None:
    values = np.zeros((5, 5, 5))
    values[2, 2, 2] = 60.0
    assert border_gy([grid_of(values)]) == 0.0
    values[2, 4, 2] = 7.0
    assert border_gy([grid_of(values)]) == 7.0


def test_at_a_common_border_the_doses_of_all_beams_end() -> None:
    beam = grid_of(np.full((5, 5, 5), 1.5))
    beams = [beam, beam, beam]
    assert border_gy(beams) == pytest.approx(4.5)
    assert is_cut(beams, 4.5)
    assert not is_cut(beams, 4.6)
    assert not is_cut([beam], 2.0)


def test_at_a_common_border_of_other_voxels_they_end_too() -> None:
    """From -1 to 11 mm both."""
    coarse = grid_of(np.full((6, 6, 6), 1.5))
    fine = grid_of(np.full((12, 12, 12), 1.5), spacing_mm=1.0, at_mm=(-0.5,) * 3)
    assert border_gy([coarse, fine]) == pytest.approx(3.0)
    assert is_cut([coarse, fine], 3.0)


@pytest.mark.parametrize(
    ("edge_gy", "level_gy", "cut"),
    [(0.0, 2.0, False), (0.05, 2.0, False), (0.3, 2.0, True), (0.3, 20.0, False)],
)
def test_what_goes_on_beyond_a_border_is_not_cut(
    edge_gy: float, level_gy: float, *, cut: bool
) -> None:
    """The grid of a boost lies in the dose of the large fields, 30 Gy."""
    fields = np.zeros((20, 20, 20))
    fields[3:-3, 3:-3, 3:-3] = 30.0
    boost = np.full((6, 6, 6), edge_gy)
    boost[2:4, 2:4, 2:4] = 10.0
    both = [grid_of(fields), grid_of(boost, at_mm=(14.0, 14.0, 14.0))]
    assert border_gy(both) == pytest.approx(edge_gy, abs=1e-6)
    assert is_cut(both, level_gy) is cut


def test_on_the_same_voxels_those_near_the_summed_dose_are_chosen() -> None:
    values = np.zeros((9, 9, 9))
    values[4, 4, 4] = 1.5
    geometry, chosen = reaching_voxels([grid_of(values), grid_of(values)], 3.0)
    expected = np.zeros_like(chosen)
    expected[2:7, 2:7, 2:7] = True
    np.testing.assert_array_equal(chosen, expected)
    assert geometry.shape == (9, 9, 9)
    _, none = reaching_voxels([grid_of(values), grid_of(values)], 3.1)
    assert not none.any()


def test_one_grid_keeps_its_voxels() -> None:
    grid = blob(20.0)
    geometry, chosen = reaching_voxels([grid], 10.0)
    assert geometry is grid.geometry
    np.testing.assert_array_equal(chosen, voxels_near(grid, 10.0, reach=2))


def test_the_finest_voxels_go_on_over_all_grids() -> None:
    coarse = grid_of(np.full((5, 5, 5), 9.0), spacing_mm=4.0)
    fine = grid_of(np.full((3, 3, 3), 9.0), at_mm=(21.0, 1.0, 1.0))
    geometry, chosen = reaching_voxels([coarse, fine], 2.0)
    assert geometry.spacing_mm == (2.0, 2.0, 2.0)
    corners = geometry.corners_mm()
    assert corners.min(axis=0).tolist() == [-2.0, -2.0, -2.0]
    assert corners.max(axis=0).tolist() == [26.0, 18.0, 18.0]
    assert chosen[:, :, :10].all()


@given(
    seed=st.integers(0, 2**32 - 1),
    turned=st.floats(-0.6, 0.6),
    spacings=st.lists(st.sampled_from([1.0, 2.0, 3.1]), min_size=2, max_size=3),
)
def test_no_place_that_reaches_the_dose_is_left_out(
    seed: int, turned: float, spacings: list[float]
) -> None:
    rng = np.random.default_rng(seed)
    grids = []
    for n, spacing_mm in enumerate(spacings):
        values = rng.uniform(0.0, 30.0, rng.integers(2, 7, 3))
        at = rng.uniform(-12.0, 12.0, 3)
        place = (float(at[0]), float(at[1]), float(at[2]))
        angle = turned if n else 0.0
        grids.append(grid_of(values, at_mm=place, spacing_mm=spacing_mm, turned=angle))
    level_gy = float(rng.uniform(10.0, 40.0))
    geometry, chosen = reaching_voxels(grids, level_gy)
    corners = np.concatenate([grid.geometry.corners_mm() for grid in grids])
    points = rng.uniform(corners.min(axis=0), corners.max(axis=0), (2000, 3))
    points = points[summed_gy(grids, points) >= level_gy]
    voxels = np.rint(geometry.indices(points)).astype(int)
    assert (voxels >= 0).all()
    assert chosen[tuple(voxels.T)].all()
    # Each place is there once, and none beyond the grids.
    assert grid_cells(geometry, chosen).volume_cc <= sum(
        np.prod(np.asarray(g.geometry.shape) + 8) * g.geometry.voxel_volume_cc
        for g in grids
    )
