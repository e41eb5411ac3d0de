import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.geometry import FloatArray
from reirrad.core.signed_distance import level_at, ring_moments, signed_distances

CORNER, PITCH = (-14.0, -14.0), 0.7


def star(radii: list[float]) -> FloatArray:
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return np.stack([radii * np.cos(angle), radii * np.sin(angle)], axis=1)


def lattice(*rings: FloatArray, band: float = 3.0) -> np.ndarray:
    nodes = np.empty((41, 41), dtype=np.float32)
    starts = np.cumsum([0, *(len(ring) for ring in rings)])
    signed_distances(nodes, np.concatenate(rings), starts, CORNER, PITCH, band)
    return nodes


def true_distances(region: shapely.Geometry) -> FloatArray:
    v, u = np.meshgrid(
        CORNER[1] + PITCH * np.arange(41),
        CORNER[0] + PITCH * np.arange(41),
        indexing="ij",
    )
    away = shapely.distance(region.boundary, shapely.points(u, v))
    inside = shapely.contains_xy(region, u, v)
    return np.asarray(np.where(inside, away, -away))


@given(st.lists(st.floats(2.0, 12.0), min_size=5, max_size=24))
def test_distances_are_those_of_a_geometry_library(radii: list[float]) -> None:
    ring = star(radii)
    found, true = lattice(ring), true_distances(shapely.Polygon(ring))
    near = np.abs(true) < 2.99
    assert found[near] == pytest.approx(true[near], abs=1e-4)
    decided = np.abs(true) > 1e-6
    assert np.array_equal(np.sign(found)[decided], np.sign(true)[decided])
    assert np.abs(found).max() <= 3.0 + 1e-6


def test_a_ring_within_a_ring_is_a_hole() -> None:
    outer, inner = star([11.0] * 60), star([5.0] * 60)
    found = lattice(outer, inner)
    true = true_distances(shapely.Polygon(outer, [inner]))
    near = np.abs(true) < 2.99
    assert found[near] == pytest.approx(true[near], abs=1e-4)


def test_levels_between_nodes_are_bilinear_and_fall_outside() -> None:
    nodes = np.array([[0.0, 1.0], [2.0, 3.0]], dtype=np.float32)
    assert level_at(nodes, (10.0, 20.0), 2.0, 11.0, 21.0) == pytest.approx(1.5)
    assert level_at(nodes, (10.0, 20.0), 2.0, 15.0, 24.0) == pytest.approx(3 - 13**0.5)


@given(st.lists(st.floats(1.0, 12.0), min_size=3, max_size=24), st.floats(-50, 50))
def test_moments_are_those_of_a_geometry_library(
    radii: list[float], off: float
) -> None:
    ring = star(radii) + off
    area, moment_u, moment_v, length = ring_moments(ring)
    polygon = shapely.Polygon(ring)
    assert area == pytest.approx(polygon.area)
    assert length == pytest.approx(polygon.length)
    centroid = ring[0] + np.array([moment_u, moment_v]) / area
    assert centroid == pytest.approx(np.array(polygon.centroid.coords[0]), abs=1e-6)
