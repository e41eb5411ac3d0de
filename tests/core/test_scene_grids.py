"""Grids of a scene: which planes, how fine, and what is cropped."""

import numpy as np
import pytest

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.scene_grids import (
    MOST_IMAGE_VOXELS,
    Box,
    body_box,
    dose_box,
    dose_grid,
    image_grid,
    origin_mm,
    spacing_xyz_mm,
)
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import AXIAL_AXES, box_geometry, sphere_dose
from tests.core.specimens import course_with

EVERYWHERE = Box(np.full(3, -1e4), np.full(3, 1e4))


def image(
    spacing_mm: tuple[float, float, float],
    *,
    half_mm: float = 40.0,
    axes: tuple[tuple[float, ...], ...] = AXIAL_AXES,
    modality: str = "MR",
) -> Image:
    geometry = box_geometry(
        np.array([0.3, 0.7, 0.1]) - half_mm,
        np.full(3, half_mm),
        spacing_mm=spacing_mm,
        frame_of_reference_uid="1",
        axes=axes,
    )
    return Image(np.zeros(geometry.shape, dtype=np.float32), geometry, modality)


def positions(grid: GridGeometry, axis: int) -> FloatArray:
    count = grid.shape[2 - axis]
    steps = np.arange(count, dtype=np.float64)
    return origin_mm(grid)[axis] + spacing_xyz_mm(grid)[axis] * steps


def test_planes_are_the_slices_of_the_image() -> None:
    own = image((3.0, 1.5, 1.5))
    grid = image_grid(own, EVERYWHERE)
    assert grid.shape == own.geometry.shape
    np.testing.assert_allclose(grid.affine, own.geometry.affine)


def test_a_box_crops_to_whole_voxels_of_the_image() -> None:
    own = image((3.0, 1.5, 1.5))
    grid = image_grid(own, Box(np.array([-10.0, -20, -7]), np.array([10.0, 5, 9])))
    for axis, low, high in ((0, -10.0, 10.0), (1, -20.0, 5.0), (2, -7.0, 9.0)):
        shown = positions(grid, axis)
        native = own.geometry.affine[axis, 3] + np.arange(200) * (3.0, 1.5)[axis < 2]
        assert low <= shown[0] < low + 3.0
        assert high - 3.0 < shown[-1] <= high
        assert np.abs(shown[:, None] - native).min(axis=1).max() < 1e-9


def test_no_voxel_is_below_a_millimetre_and_slices_stay_slices() -> None:
    own = image((0.6, 0.5, 0.5))
    grid = image_grid(own, EVERYWHERE)
    assert spacing_xyz_mm(grid) == pytest.approx((1.0, 1.0, 1.2))
    native = own.geometry.affine[2, 3] + 0.6 * np.arange(own.geometry.shape[0])
    shown = positions(grid, 2)
    assert np.abs(shown[:, None] - native).min(axis=1).max() < 1e-9


def test_a_feet_first_image_has_the_same_planes() -> None:
    own = image((3.0, 1.5, 1.5))
    affine = own.geometry.affine.copy()
    affine[:3, 3] = own.geometry.points_mm([own.geometry.shape[0] - 1, 0, 0])
    affine[:3, 0] *= -1.0
    flipped = GridGeometry(own.geometry.shape, affine, "1")
    grid = image_grid(Image(own.values, flipped, "MR"), EVERYWHERE)
    np.testing.assert_allclose(grid.affine, own.geometry.affine)


def test_an_oblique_image_is_covered_along_the_patient_axes() -> None:
    tilt = np.radians(15.0)
    axes = (
        (1.0, 0.0, 0.0),
        (0.0, float(np.cos(tilt)), float(np.sin(tilt))),
        (0.0, float(-np.sin(tilt)), float(np.cos(tilt))),
    )
    own = image((4.0, 1.0, 1.0), axes=axes)
    grid = image_grid(own, EVERYWHERE)
    assert np.count_nonzero(grid.affine[:3, :3]) == 3
    assert spacing_xyz_mm(grid) == pytest.approx((1.0, 1.0, 4.0))
    centres = own.geometry.points_mm(
        np.moveaxis(np.indices(own.geometry.shape), 0, -1).reshape(-1, 3)
    )
    at = grid.indices(centres)
    assert at.min() > -1.0
    assert np.all(at < np.array(grid.shape))


def test_a_huge_image_becomes_coarser_across_but_keeps_its_slices() -> None:
    geometry = GridGeometry((300, 512, 512), np.diag([1.0, 1, 1, 1])[[2, 1, 0, 3]], "1")
    values = np.broadcast_to(np.float32(0.0), geometry.shape)
    grid = image_grid(Image(values, geometry, "CT"), EVERYWHERE)
    assert 0.9 * MOST_IMAGE_VOXELS < np.prod(grid.shape) <= 1.01 * MOST_IMAGE_VOXELS
    assert grid.shape[0] == 300


def test_a_box_beside_the_image_shows_all_of_it() -> None:
    own = image((3.0, 1.5, 1.5))
    beside = Box(np.full(3, 500.0), np.full(3, 510.0))
    assert image_grid(own, beside).shape == own.geometry.shape


@pytest.mark.parametrize(("modality", "inside"), [("CT", 20.0), ("MR", 300.0)])
def test_the_body_is_what_is_above_background(modality: str, inside: float) -> None:
    own = image((4.0, 2.0, 2.0), modality=modality)
    values = np.full(own.values.shape, -1000.0 if modality == "CT" else 3.0)
    values[5:12, 10:30, 8:20] = inside
    values[0, 0, 0] = inside
    found = body_box(Image(values.astype(np.float32), own.geometry, modality))
    np.testing.assert_allclose(found.low_mm, own.geometry.points_mm([5, 10, 8]))
    np.testing.assert_allclose(found.high_mm, own.geometry.points_mm([11, 29, 19]))


def test_an_empty_image_is_all_body() -> None:
    own = image((4.0, 2.0, 2.0), modality="CT")
    empty = Image(own.values - 1000.0, own.geometry, "CT")
    np.testing.assert_allclose(
        body_box(empty).low_mm, own.geometry.points_mm([0, 0, 0])
    )


def test_a_dose_box_follows_the_registration() -> None:
    dose = sphere_dose((10.0, -20.0, 5.0), radius_at={2.0: 30.0, 50.0: 10.0})
    way = np.eye(4)
    way[:3, 3] = [7.0, 0.0, -3.0]
    placed = PlacedCourse(course_with(dose), RigidTransform(way, "1", "1.1"))
    box = dose_box(placed, 2.0)
    assert box is not None
    centre = np.array([10.0, -20.0, 5.0]) - way[:3, 3]
    assert np.all(box.low_mm <= centre - 30.0)
    assert np.all(box.high_mm >= centre + 30.0)
    assert np.all(box.high_mm - box.low_mm <= 60.0 + 2 * 2 * 3.0)
    assert dose_box(placed, 1000.0) is None


def test_doses_lie_no_further_apart_than_between_which_one_can_interpolate() -> None:
    dose = sphere_dose((0.0, 0.0, 0.0), radius_at={2.0: 30.0, 50.0: 10.0})
    placed = PlacedCourse(course_with(dose), identity("1.1"))
    grid = dose_grid([placed], Box(np.full(3, -40.0), np.full(3, 40.0)), "1.1")
    assert spacing_xyz_mm(grid) == pytest.approx((2.5, 2.5, 2.5))
    huge = dose_grid([placed], Box(np.full(3, -900.0), np.full(3, 900.0)), "1.1")
    assert np.prod(huge.shape) < 6_100_000
