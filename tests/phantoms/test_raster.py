"""Shapes on grids: the same levels as asked directly, wherever the grid lies."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import GridGeometry
from reirrad.phantoms.analytic import box_geometry
from reirrad.phantoms.raster import Deformation, Raster, contours_of
from reirrad.phantoms.shapes import Clipped, Ellipsoid, Grown

BALL = Ellipsoid((5.0, -4.0, 3.0), (24.0, 24.0, 24.0))


@pytest.fixture
def geometry() -> GridGeometry:
    return box_geometry(
        [-45, -45, -45], [45, 45, 45], spacing_mm=(3, 1.5, 1.5),
        frame_of_reference_uid="1.2",
    )  # fmt: skip


@pytest.fixture
def turned() -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", [5, -3, 12], degrees=True).as_matrix()
    matrix[:3, 3] = 2.0, -1.0, 4.0
    return matrix


def test_levels_near_the_surface_are_those_of_the_shape(
    geometry: GridGeometry, turned: np.ndarray
) -> None:
    block = Raster(geometry, turned).level(BALL)
    assert block is not None
    indices = np.moveaxis(np.indices(geometry.shape), 0, -1)[block.window]
    points = geometry.points_mm(indices.reshape(-1, 3))
    exact = BALL.level_mm(points @ turned[:3, :3].T + turned[:3, 3])
    exact = exact.reshape(block.level_mm.shape)
    near = np.abs(exact) < 4.0
    np.testing.assert_allclose(block.level_mm[near], exact[near], atol=1e-4)
    np.testing.assert_array_equal(block.level_mm < 0, exact < 0)


def test_window_holds_the_whole_shape(
    geometry: GridGeometry, turned: np.ndarray
) -> None:
    block = Raster(geometry, turned).level(BALL)
    assert block is not None
    for axis in range(3):
        assert np.take(block.level_mm, 0, axis).min() > 0
        assert np.take(block.level_mm, -1, axis).min() > 0


def test_deformed_anatomy_is_seen_where_its_tissue_has_gone(
    geometry: GridGeometry,
) -> None:
    away = np.array([0.0, 6.0, -4.0])
    deformation = Deformation(lambda points: np.tile(away, (len(points), 1)), 8.0)
    raster = Raster(geometry, np.eye(4), deformation=deformation)
    contours = contours_of(raster.level(BALL), geometry)
    middle = np.vstack([one.points_mm for one in contours])
    box = (middle.min(axis=0) + middle.max(axis=0)) / 2.0
    np.testing.assert_allclose(box, np.array(BALL.centre_mm) - away, atol=1.6)
    off = np.linalg.norm(middle + away - np.array(BALL.centre_mm), axis=1)
    np.testing.assert_allclose(off, 24.0, atol=0.1)


def test_grown_shape_is_the_same_level_less_the_margin(geometry: GridGeometry) -> None:
    raster = Raster(geometry, np.eye(4))
    plain, grown = raster.level(BALL), raster.level(Grown(Grown(BALL, 3.0), 2.0))
    assert plain is not None
    assert grown is not None
    np.testing.assert_allclose(grown.level_mm, plain.level_mm - 5.0, atol=1e-5)


def test_growing_beyond_the_window_is_refused(geometry: GridGeometry) -> None:
    with pytest.raises(ValueError, match="cannot grow by"):
        Raster(geometry, np.eye(4)).level(Grown(BALL, 8.0))


def test_shape_beside_the_grid_has_no_level_and_no_contour(
    geometry: GridGeometry,
) -> None:
    away = Ellipsoid((500.0, 0.0, 0.0), (5.0, 5.0, 5.0))
    assert Raster(geometry, np.eye(4)).level(away) is None
    assert contours_of(None, geometry) == ()


def test_contours_are_on_slices_and_on_the_surface(
    geometry: GridGeometry, turned: np.ndarray
) -> None:
    contours = contours_of(Raster(geometry, turned).level(BALL), geometry)
    assert len(contours) == 16
    for contour in contours:
        k = geometry.indices(contour.points_mm)[:, 0]
        np.testing.assert_allclose(k, round(k[0]), atol=1e-9)
        points = contour.points_mm @ turned[:3, :3].T + turned[:3, 3]
        assert np.abs(BALL.level_mm(points)).max() < 0.05


def test_hole_is_a_contour_of_its_own(geometry: GridGeometry) -> None:
    hollow = Clipped(BALL, None, (Ellipsoid(BALL.centre_mm, (9.0, 9.0, 9.0)),))
    contours = contours_of(Raster(geometry, np.eye(4)).level(hollow), geometry)
    in_middle = [one for one in contours if one.points_mm[0, 2] == 3.0]
    assert len(in_middle) == 2
