"""Level functions are zero on their surface and negative inside."""

import numpy as np
import pytest

from reirrad.phantoms.shapes import (
    Balls,
    Clipped,
    Ellipsoid,
    Grown,
    Joined,
    merged,
    tube,
)


def at(*points: tuple[float, float, float]) -> np.ndarray:
    return np.array(points, dtype=np.float64)


def test_ellipsoid_level_is_zero_on_its_surface() -> None:
    shape = Ellipsoid((1.0, 2.0, 3.0), (10.0, 20.0, 30.0))
    level = shape.level_mm(at((11, 2, 3), (1, 22, 3), (1, 2, -27), (1, 2, 3)))
    np.testing.assert_allclose(level[:3], 0.0, atol=1e-12)
    assert level[3] == -10.0


def test_sphere_level_is_the_distance() -> None:
    shape = Ellipsoid((0.0, 0.0, 0.0), (10.0, 10.0, 10.0))
    np.testing.assert_allclose(shape.level_mm(at((0, 13, 0), (4, 0, 0))), [3.0, -6.0])


def test_turned_ellipsoid_points_the_other_way() -> None:
    shape = Ellipsoid((0.0, 0.0, 0.0), (10.0, 20.0, 5.0), 90.0)
    np.testing.assert_allclose(shape.level_mm(at((20, 0, 0), (0, 10, 0))), 0, atol=1e-9)


def test_waves_stay_within_their_height() -> None:
    plain = Ellipsoid((0.0, 0.0, 0.0), (40.0, 40.0, 40.0))
    waved = Ellipsoid((0.0, 0.0, 0.0), (40.0, 40.0, 40.0), 0.0, 2.0)
    points = np.random.default_rng(0).uniform(-50, 50, (500, 3))
    difference = waved.level_mm(points) - plain.level_mm(points)
    assert 0.5 < np.abs(difference).max() <= 2.0


def test_balls_of_different_size_are_exactly_their_union() -> None:
    balls = np.array([[0, 0, 0, 4.0], [7, 0, 0, 9.0], [0, 12, 0, 2.0]])
    points = np.random.default_rng(0).uniform(-12, 20, (4000, 3))
    distances = np.linalg.norm(points[:, None] - balls[None, :, :3], axis=2)
    inside = np.any(distances <= balls[:, 3], axis=1)
    np.testing.assert_array_equal(Balls(balls).level_mm(points) <= 0, inside)
    assert inside.any()
    assert not inside.all()


def test_tube_has_its_radius_along_its_way() -> None:
    shape = tube([(0, 0, 0), (0, 0, 50)], 6.0)
    level = shape.level_mm(at((6, 0, 25), (0, 0, 25), (0, 9, 10), (0, 0, 56)))
    np.testing.assert_allclose(level, [0.0, -6.0, 3.0, 0.0], atol=0.03)


def test_far_from_a_tube_is_far() -> None:
    shape = tube([(0, 0, 0), (0, 0, 50)], 6.0)
    assert shape.level_mm(at((40, 0, 25)))[0] > 12.0


def test_folds_narrow_and_widen_a_tube() -> None:
    shape = tube([(0, 0, 0), (0, 0, 60)], 10.0, fold_mm=3.0, fold_length_mm=60.0)
    level = shape.level_mm(at((12.9, 0, 15), (7.5, 0, 45)))
    assert level[0] < 0.1
    assert level[1] > 0.0


def test_merged_balls_are_either() -> None:
    both = merged([tube([(0, 0, 0), (0, 0, 9)], 2.0), tube([(9, 0, 0), (9, 0, 9)], 3)])
    level = both.level_mm(at((0, 0, 5), (9, 0, 5), (4.5, 0, 5)))
    np.testing.assert_allclose(level, [-2.0, -3.0, 1.5], atol=0.1)


def test_grown_moves_the_surface_and_the_box() -> None:
    shape = Grown(Ellipsoid((0.0, 0.0, 0.0), (10.0, 10.0, 10.0)), 5.0)
    assert shape.level_mm(at((15, 0, 0)))[0] == pytest.approx(0.0)
    np.testing.assert_array_equal(shape.bounds_mm, [[-15.0] * 3, [15.0] * 3])


def test_joined_with_a_seam_fills_the_notch() -> None:
    left = Ellipsoid((-9.0, 0.0, 0.0), (10.0, 10.0, 10.0))
    right = Ellipsoid((9.0, 0.0, 0.0), (10.0, 10.0, 10.0))
    notch = at((0, 6, 0))
    assert Joined((left, right)).level_mm(notch)[0] > 0
    assert Joined((left, right), 8.0).level_mm(notch)[0] < 0


def test_clipped_is_inside_the_one_and_outside_the_other() -> None:
    ball = Ellipsoid((0.0, 0.0, 0.0), (10.0, 10.0, 10.0))
    limit = Ellipsoid((-5.0, 0.0, 0.0), (10.0, 10.0, 10.0))
    hole = Ellipsoid((-3.0, 0.0, 0.0), (2.0, 2.0, 2.0))
    shape = Clipped(ball, limit, (hole,))
    inside = shape.level_mm(at((0, 0, 0), (-3, 0, 0), (7, 0, 0), (-12, 0, 0))) < 0
    assert inside.tolist() == [True, False, False, False]
    np.testing.assert_array_equal(shape.bounds_mm[1], [5.0, 10.0, 10.0])


def test_what_is_clipped_knows_nothing_of_shapes_far_away() -> None:
    ball = Ellipsoid((0.0, 0.0, 0.0), (10.0, 10.0, 10.0))
    far = Ellipsoid((90.0, 0.0, 0.0), (10.0, 10.0, 10.0))
    points = np.random.default_rng(0).uniform(-15, 15, (200, 3))
    np.testing.assert_array_equal(
        Clipped(ball, None, (far,)).level_mm(points), ball.level_mm(points)
    )
