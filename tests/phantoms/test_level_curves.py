"""Curves enclose what is negative, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import Point, Polygon

from reirrad.phantoms.level_curves import zero_curves


def circle(radius: float, centre: tuple[float, float] = (20.0, 20.0)) -> np.ndarray:
    row, column = np.indices((41, 41))
    return np.asarray(np.hypot(row - centre[0], column - centre[1]) - radius)


def signed_area(curve: np.ndarray) -> float:
    row, column = curve.T
    return float(np.sum(row * np.roll(column, -1) - column * np.roll(row, -1)) / 2.0)


def test_circle_is_one_curve_on_the_circle() -> None:
    (curve,) = zero_curves(circle(12.3))
    distance = np.hypot(*(curve - 20.0).T)
    np.testing.assert_allclose(distance, 12.3, atol=0.02)
    assert abs(signed_area(curve)) == pytest.approx(np.pi * 12.3**2, rel=2e-3)


def test_hole_is_a_second_curve_turning_the_other_way() -> None:
    outer, inner = sorted(
        zero_curves(np.maximum(circle(15.0), -circle(6.0))), key=len, reverse=True
    )
    assert signed_area(outer) * signed_area(inner) < 0
    assert Polygon(outer).contains(Polygon(inner))


def test_two_parts_are_two_curves() -> None:
    both = np.minimum(circle(5.0, (10.0, 10.0)), circle(7.0, (28.0, 28.0)))
    assert len(zero_curves(both)) == 2


def test_region_at_the_border_is_closed_along_it() -> None:
    (curve,) = zero_curves(circle(10.0, (0.0, 20.0)))
    assert abs(signed_area(curve)) == pytest.approx(np.pi * 50.0, rel=0.01)
    assert curve.min() > -0.01


def test_nothing_negative_gives_no_curve() -> None:
    assert zero_curves(np.ones((5, 5))) == []
    assert zero_curves(np.zeros((5, 5))) == []


def test_all_negative_is_the_whole_raster() -> None:
    (curve,) = zero_curves(-np.ones((5, 7)))
    assert abs(signed_area(curve)) == pytest.approx(24.0, abs=0.1)


@given(arrays(np.float64, (7, 8), elements=st.floats(-3, 3, width=32)))
def test_every_raster_point_is_on_its_side_of_the_curves(level: np.ndarray) -> None:
    curves = [Polygon(curve) for curve in zero_curves(level)]
    for index, value in np.ndenumerate(level):
        around = sum(polygon.contains(Point(index)) for polygon in curves)
        if abs(value) > 1e-3 and not (value > 0 and _on_a_border(index)):
            assert around % 2 == int(value < 0)


def _on_a_border(index: tuple[int, ...]) -> bool:
    return index[0] in {0, 6} or index[1] in {0, 7}
