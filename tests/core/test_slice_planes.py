"""Areas in a slice plane, and contours around them."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from reirrad.core.half_spaces import HalfSpace
from reirrad.core.sections import sections_of
from reirrad.core.slice_planes import (
    MOST_VERTICES,
    NOTHING,
    SlicePlane,
    contours_of,
    half_plane,
    raster_over,
)
from reirrad.core.structures import Contour, Role, Structure

TILT = Rotation.from_euler("xyz", [20, -10, 5], degrees=True).as_matrix()
PLANE = SlicePlane(np.array([4.0, -3.0, 11.0]), TILT[0], TILT[1])


def area_of(contours: list[Contour]) -> float:
    """Area that the project's own reader of contours finds in them."""
    structure = Structure(1, "x", None, Role.OTHER, tuple(contours), "1.2")
    (slab,) = sections_of(structure, slice_spacing_mm=3.0).slabs
    return float(slab.region.area)


@given(st.floats(3.0, 40.0), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_a_disc_has_its_area_at_sub_pixel_precision(
    radius_mm: float, u: float, v: float
) -> None:
    centre = PLANE.points_mm(np.array([u, v]))
    reach = centre + np.array([-1, 1])[:, None] * radius_mm * TILT[:2].sum(axis=0)
    raster = raster_over(PLANE, reach)
    sampled = raster.sampled(lambda at: -np.linalg.norm(at - centre, axis=1))
    area = raster.area_of(sampled, -radius_mm)
    exact = np.pi * radius_mm**2
    assert area.area == pytest.approx(exact, rel=3e-3)
    for contour in contours_of(area, PLANE):
        away = np.linalg.norm(contour.points_mm - centre, axis=1) - radius_mm
        assert np.abs(away).max() < 0.03
        heights = contour.points_mm @ PLANE.normal - PLANE.height_mm
        assert np.abs(heights).max() < 1e-9


def test_what_is_nowhere_high_enough_has_no_area() -> None:
    raster = raster_over(PLANE, PLANE.points_mm(np.zeros((1, 2))))
    values = raster.sampled(lambda at: np.zeros(len(at)))
    assert raster.area_of(values, 1.0).is_empty
    assert contours_of(NOTHING, PLANE) == []


def test_holes_are_reached_by_a_keyhole() -> None:
    disc = shapely.Point(0, 0).buffer(30)
    for centre, radius in (((-10, 0), 5), ((10, 3), 6), ((0, -15), 4), ((0, 16), 3)):
        disc = disc.difference(shapely.Point(centre).buffer(radius))
    contours = contours_of(disc, PLANE)
    assert len(contours) == 1
    assert area_of(contours) == pytest.approx(disc.area, rel=1e-3)


def test_an_island_in_a_hole_is_a_contour_of_its_own() -> None:
    ring = shapely.Point(0, 0).buffer(20).difference(shapely.Point(0, 0).buffer(10))
    both = ring.union(shapely.Point(1, 0).buffer(4))
    contours = contours_of(both, PLANE)
    assert len(contours) == 2
    assert area_of(contours) == pytest.approx(both.area, rel=1e-3)


def test_a_contour_fits_into_its_element() -> None:
    angles = np.linspace(0, 2 * np.pi, 9000, endpoint=False)
    radius = 150 + 3 * np.sin(400 * angles)
    rough = shapely.Polygon(
        np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])
    )
    (contour,) = contours_of(rough, PLANE)
    assert 500 < len(contour.points_mm) <= MOST_VERTICES
    assert area_of([contour]) == pytest.approx(rough.area, rel=1e-2)


def test_half_a_square_is_left_on_one_side() -> None:
    plane = SlicePlane(np.zeros(3), np.eye(3)[0], np.eye(3)[1])
    square = shapely.box(-1, -1, 1, 1)
    half = half_plane(HalfSpace(np.array([1.0, 0, 0]), -0.5), plane, square)
    assert half.bounds == pytest.approx((0.5, -1, 1, 1))
    away = half_plane(HalfSpace(np.array([1.0, 0, 0]), -3.0), plane, square)
    assert away.is_empty
    assert half_plane(HalfSpace(np.array([1.0, 0, 0]), 0.0), plane, away).is_empty
