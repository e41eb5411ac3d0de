import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.cells import _covered_point, cut_cells, fraction, level_shift
from reirrad.core.geometry import FloatArray

SIDE = 0.5
CORNER = (-3.0, -3.0)


def centres() -> tuple[FloatArray, FloatArray]:
    at = CORNER[0] + SIDE * np.arange(13)
    v, u = np.meshgrid(at, at, indexing="ij")
    return u, v


def half_plane(degrees: float, distance: float) -> FloatArray:
    u, v = centres()
    angle = np.radians(degrees)
    return np.asarray(u * np.cos(angle) + v * np.sin(angle) - distance)


def covered(degrees: float, distance: float) -> shapely.Geometry:
    angle = np.radians(degrees)
    along, across = (
        np.array([np.cos(angle), np.sin(angle)]),
        np.array([-np.sin(angle), np.cos(angle)]),
    )
    return shapely.Polygon(
        [
            distance * along - 20 * across,
            distance * along + 20 * across,
            (distance + 40) * along + 20 * across,
            (distance + 40) * along - 20 * across,
        ]
    )


@given(st.floats(0, 360), st.floats(-2, 2))
def test_a_straight_outline_cuts_cells_exactly(degrees: float, distance: float) -> None:
    levels = half_plane(degrees, distance)
    cells = cut_cells(levels, levels, CORNER, SIDE, spread=False)
    plane = covered(degrees, distance)
    for u, v, share, most, middle_u, middle_v in cells:
        cell = shapely.box(
            middle_u - SIDE / 2,
            middle_v - SIDE / 2,
            middle_u + SIDE / 2,
            middle_v + SIDE / 2,
        )
        part = cell.intersection(plane)
        if part.area < 1e-3 * cell.area:
            continue
        assert share == most == pytest.approx(part.area / cell.area, abs=1e-6)
        assert [u, v] == pytest.approx(list(part.centroid.coords[0]), abs=1e-5)


@given(st.floats(0, 360), st.floats(-2, 2))
def test_spread_points_stay_in_the_covered_part(
    degrees: float, distance: float
) -> None:
    levels = half_plane(degrees, distance)
    cells = cut_cells(levels, levels, CORNER, SIDE, spread=True)
    inside = covered(degrees, distance).buffer(1e-6)
    assert shapely.contains_xy(inside, cells[:, 0], cells[:, 1]).all()


@pytest.mark.parametrize(
    ("level", "along_u", "along_v"),
    [(-0.3, 0.5, 0.5), (0.1, 0.9, 0.3), (0.3, -0.2, 0.7)],
)
def test_spread_points_are_even(level: float, along_u: float, along_v: float) -> None:
    count = 4000
    points = np.array(
        [
            _covered_point(
                level,
                along_u,
                along_v,
                ((0.7548776662 * n) % 1.0, (0.5698402910 * n) % 1.0),
            )
            for n in range(1, count + 1)
        ]
    )
    fine = (np.indices((400, 400)).reshape(2, -1).T + 0.5) / 400 - 0.5
    true = fine[level + fine @ [along_u, along_v] >= 0]
    assert points.mean(axis=0) == pytest.approx(true.mean(axis=0), abs=2e-3)
    assert np.cov(points.T) == pytest.approx(np.cov(true.T), abs=1e-3)


@pytest.mark.parametrize("number", [0.0, 0.25, 1.0, 7.999999999, 123456.789])
def test_a_fraction_is_what_the_whole_part_leaves(number: float) -> None:
    assert fraction(number) == number % 1.0


@pytest.mark.parametrize("wanted", [0.3, 1.0, 12.0, 20.0, 36.0])
def test_a_shift_gives_the_area_asked_for(wanted: float) -> None:
    u, v = centres()
    levels = 2.0 - np.hypot(u, v)
    shifted = levels + level_shift(levels, SIDE, wanted)
    cells = cut_cells(shifted, shifted, CORNER, SIDE, spread=False)
    assert cells[:, 2].sum() * SIDE**2 == pytest.approx(wanted, rel=2e-4)


def test_the_largest_section_adds_cells_of_no_share() -> None:
    u, v = centres()
    levels, largest = 1.0 - np.hypot(u, v), 2.0 - np.hypot(u, v)
    cells = cut_cells(levels, largest, CORNER, SIDE, spread=False)
    outside = cells[:, 2] == 0.0
    assert outside.any()
    assert (cells[:, 3] >= cells[:, 2] - 1e-9).all()
    assert np.hypot(cells[outside, 0], cells[outside, 1]).min() > 0.9
