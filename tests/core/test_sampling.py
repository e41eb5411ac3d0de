"""Sample points: volumes, moments, evenness, cost."""

import numpy as np
import pytest

from reirrad.core.geometry import GridGeometry
from reirrad.core.sampling import (
    grid_cells,
    plausible_volumes_cc,
    sample,
    sampling_spacing_mm,
    shared_cc,
    split,
)
from reirrad.core.sections import Sections, is_inside, sections_of
from reirrad.core.solid import BODY
from reirrad.phantoms.analytic import SliceStack, analytic_structure
from reirrad.phantoms.closed_forms import cap_volume_cc
from reirrad.phantoms.solids import Frustum, Solid, ball


def drawn(solid: Solid, spacing_mm: float, offset_mm: float = 0.7) -> Sections:
    contours = solid.contours(SliceStack(spacing_mm, offset_mm=offset_mm))
    structure = analytic_structure("organ", contours, frame_of_reference_uid="1")
    return sections_of(structure, slice_spacing_mm=spacing_mm)


@pytest.mark.parametrize("centred", [True, False])
def test_points_carry_the_volume_of_the_solid(*, centred: bool) -> None:
    sections = drawn(ball([3, -2, 1], 14.0), 3.0)
    points = sample(sections, centred=centred)
    assert points.volume_cc == pytest.approx(sections.volume_cc, rel=1e-9)


def test_first_and_second_moments_are_those_of_a_ball() -> None:
    points = sample(drawn(ball([3, -2, 1], 14.0), 2.0))
    weights = points.volumes_cc / points.volume_cc
    assert weights @ points.points_mm == pytest.approx([3.0, -2, 1], abs=1e-3)
    squares = weights @ (points.points_mm - [3, -2, 1]) ** 2
    assert squares == pytest.approx(np.full(3, 14.0**2 / 5), rel=2e-3)


def test_centred_points_lie_inside() -> None:
    sections = drawn(ball([3, -2, 1], 14.0), 3.0)
    points = sample(sections, centred=True)
    present = points.where(points.volumes_cc > 0)
    inside = is_inside(sections, present.points_mm)
    assert present.volumes_cc[inside].sum() > 0.998 * points.volume_cc


def test_spread_points_leave_the_solid_by_half_a_cell_at_most() -> None:
    points = sample(drawn(ball([3, -2, 1], 14.0), 3.0))
    present = points.where(points.volumes_cc > 0)
    away = np.linalg.norm(present.points_mm - [3, -2, 1], axis=1) - 14.0
    assert (away < present.radii_mm).all()
    assert present.volumes_cc[away > 0].sum() < 0.015 * points.volume_cc


@pytest.mark.parametrize("direction", np.eye(3).tolist())
def test_no_two_points_share_a_coordinate(direction: list[float]) -> None:
    """Rows of points with one dose would make steps in a curve."""
    points = sample(drawn(ball([0, 0, 0], 12.0), 3.0))
    along = np.sort(points.points_mm @ direction)
    steps = np.diff(along)
    assert steps.max() < 0.35
    assert np.unique(np.round(along, 6)).size > 0.9 * len(along)


@pytest.mark.parametrize("volume_cc", [0.3, 1.0, 30.0, 300.0, 1900.0])
@pytest.mark.parametrize("spacing_mm", [1.0, 3.0])
def test_the_number_of_points_is_bounded(volume_cc: float, spacing_mm: float) -> None:
    radius = (volume_cc * 750 / np.pi) ** (1 / 3)
    points = sample(drawn(ball([0, 0, 0], radius), spacing_mm))
    assert 2_000 < len(points.volumes_cc) < 60_000


def test_spacing_follows_the_volume() -> None:
    spacings = [sampling_spacing_mm(v) for v in (0.1, 1, 10, 100, 1000, 10000)]
    assert spacings == sorted(spacings)
    assert spacings[0] >= 0.2


def test_a_finer_spacing_can_be_asked_for() -> None:
    sections = drawn(ball([0, 0, 0], 12.0), 3.0)
    coarse, fine = (sample(sections, spacing_mm=mm) for mm in (2.0, 1.0))
    assert len(fine.volumes_cc) > 5 * len(coarse.volumes_cc)


def test_split_cells_keep_volume_and_doubt() -> None:
    points = sample(drawn(ball([0, 0, 0], 9.0), 3.0), centred=True)
    finer = split(points)
    assert finer.volume_cc == pytest.approx(points.volume_cc)
    assert finer.ends is not None
    assert points.ends is not None
    assert np.array_equal(finer.ends[::8], points.ends)
    together = points.where(points.ends == BODY).together_with(
        split(points.where(points.ends != BODY))
    )
    assert together.volume_cc == pytest.approx(points.volume_cc)


def test_split_cells_hold_what_the_solid_has_at_their_heights() -> None:
    """Layers of 4 mm at the bottom of a ball have more at their upper ends."""
    radius_mm = 40.0
    cells = sample(drawn(ball([0, 0, 0], radius_mm), 3.0), spacing_mm=4.0, centred=True)
    finer = split(split(split(cells)))
    finer_mm = 0.5
    bottom = finer.points_mm[:, 2] - finer_mm / 2.0
    for height_mm in (9.0, 13.0, 17.0):
        limit = height_mm - radius_mm
        held = np.clip((limit - bottom) / finer_mm, 0.0, 1.0) @ finer.volumes_cc
        expected = cap_volume_cc(radius_mm, height_mm)
        assert held == pytest.approx(expected, rel=2e-3)


def test_cells_of_a_box_are_those_of_the_whole_there() -> None:
    sections = drawn(ball([3, -2, 1], 14.0), 3.0)
    box = np.array([[-4.0, -9.0, -3.0], [8.0, 20.0, 40.0]])
    whole = sample(sections, centred=True)
    part = sample(sections, centred=True, box_mm=box)
    assert whole.boxes_mm is not None
    centres = whole.boxes_mm[:, :3]
    expected = whole.where(((centres >= box[0]) & (centres <= box[1])).all(axis=1))
    assert 0 < len(expected.volumes_cc) < len(whole.volumes_cc)
    np.testing.assert_array_equal(part.points_mm, expected.points_mm)
    np.testing.assert_array_equal(part.volumes_cc, expected.volumes_cc)


def test_points_anywhere_in_cells_are_spread_over_every_direction() -> None:
    """On each side of a plane there are as many points as there is volume."""
    voxels = np.ones((1, 40, 40), dtype=np.bool_)
    cells = grid_cells(GridGeometry(voxels.shape, np.eye(4), "1"), voxels)
    both = (cells.scattered_mm - cells.points_mm) @ cells.axes.T
    np.testing.assert_allclose(both[0], -both[1], atol=1e-12)
    within = both[0]
    assert np.abs(within).max() <= 0.5
    for axis in range(3):
        for share in (0.1, 0.37, 0.5, 0.82):
            below = np.mean(within[:, axis] < share - 0.5)
            assert below == pytest.approx(share, abs=0.003)


def test_replaced_points_give_way_to_others() -> None:
    points = sample(drawn(ball([0, 0, 0], 9.0), 3.0))
    chosen = points.points_mm[:, 0] > 5.0
    others = points.where(chosen)
    found = points.replaced(chosen, others)
    order = np.concatenate([np.flatnonzero(~chosen), np.flatnonzero(chosen)])
    for name in ("points_mm", "volumes_cc", "extents_mm", "largest_cc", "ends"):
        assert np.array_equal(getattr(found, name), getattr(points, name)[order])
    assert points.boxes_mm is not None
    assert found.boxes_mm is not None
    assert np.array_equal(found.boxes_mm, points.boxes_mm[order])
    assert points.replaced(chosen, split(others)).boxes_mm is None


def test_plausible_volumes_go_from_no_cap_to_the_next_slice() -> None:
    tube = Frustum(np.array([0.0, 0, 0]), 20.0, 10.0, 10.0)
    sections = drawn(tube, 3.0, offset_mm=1.0)
    heights = sorted(c for c in (1.0, 4, 7, 10, 13, 16, 19))
    per_mm = np.pi * 100 / 1000
    none, both, below, above = (v.sum() for v in plausible_volumes_cc(sample(sections)))
    assert none == pytest.approx(per_mm * (heights[-1] - heights[0]), rel=1e-3)
    assert both == pytest.approx(none + 2 * 3 * per_mm, rel=1e-3)
    assert below == pytest.approx(none + 3 * per_mm, rel=1e-3)
    assert above == pytest.approx(none + 3 * per_mm, rel=1e-3)
    assert sections.solid.volume_interval_cc() == pytest.approx((none, both), rel=1e-6)


def test_voxels_of_a_grid_are_in_no_doubt() -> None:
    points = sample(drawn(ball([0, 0, 0], 9.0), 3.0))
    bare = type(points)(
        points.points_mm, points.volumes_cc, points.extents_mm, points.axes
    )
    assert not list(plausible_volumes_cc(bare))


@pytest.mark.parametrize("apart_mm", [0.0, 6.0, 15.0, 20.0, 28.0, 40.0])
def test_balls_share_the_lens_of_the_closed_form(apart_mm: float) -> None:
    one = drawn(ball([3, -2, 1], 14.0), 2.0)
    other = drawn(ball([3 + apart_mm, -2, 1], 14.0), 2.0)
    reach = max(2 * 14.0 - apart_mm, 0.0)
    lens_cc = np.pi * (4 * 14.0 + apart_mm) * reach**2 / 12.0 / 1000.0
    assert shared_cc(one, other) == pytest.approx(lens_cc, rel=0.01)
    assert shared_cc(one, other) == pytest.approx(shared_cc(other, one), rel=0.01)
