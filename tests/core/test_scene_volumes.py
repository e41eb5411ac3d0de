"""What is shown of images and doses lies where arithmetic says."""

from dataclasses import replace

import contourpy
import numpy as np
import pytest
from scipy import ndimage

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.budget_map import LimitedSolid, VoxelLimit, remaining_dose
from reirrad.core.courses import TargetPrescription
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.scene import SceneVolume
from reirrad.core.scene_grids import Box, dose_grid, image_grid
from reirrad.core.scene_volumes import budget_volume, course_volumes, image_volume
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sphere_contours,
    sphere_dose,
)
from tests.core.specimens import course_with
from tests.core.two_courses import drawn_ball

EVERYWHERE = Box(np.full(3, -1e4), np.full(3, 1e4))


def gradient_image(frame: str = "1", *, shift_mm: FloatArray | None = None) -> Image:
    """Grey x + 10 y + 100 z of the anatomy, which is moved by a shift."""
    geometry = box_geometry(
        [-30, -24, -20],
        [30, 24, 20],
        spacing_mm=(4, 2, 3),
        frame_of_reference_uid=frame,
    )
    points = geometry.points_mm(np.moveaxis(np.indices(geometry.shape), 0, -1))
    points = points - (np.zeros(3) if shift_mm is None else shift_mm)
    values = (points @ np.array([1.0, 10.0, 100.0])).astype(np.float32)
    return Image(values, geometry, "MR")


def points_of(volume: SceneVolume) -> FloatArray:
    k, j, i = np.indices(volume.values.shape)
    return np.asarray(
        np.stack([i, j, k], axis=-1) * volume.spacing_mm + volume.origin_mm
    )


def test_the_reference_image_is_shown_as_it_is() -> None:
    image = gradient_image()
    grid = image_grid(image, EVERYWHERE)
    shown = image_volume(2, image, identity("1"), grid)
    np.testing.assert_array_equal(shown.values, image.values)
    assert (shown.name, shown.course, shown.modality) == ("image-2", 2, "MR")


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_image_stored_the_other_way_round_is_shown_the_same(axis: int) -> None:
    image = gradient_image()
    affine = image.geometry.affine.copy()
    last = np.zeros(3)
    last[axis] = image.values.shape[axis] - 1
    affine[:3, 3] = image.geometry.points_mm(last)
    affine[:3, axis] *= -1.0
    turned = Image(
        np.ascontiguousarray(np.flip(image.values, axis)),
        GridGeometry(image.geometry.shape, affine, "1"),
        "MR",
    )
    shown = image_volume(2, turned, identity("1"), image_grid(turned, EVERYWHERE))
    np.testing.assert_array_equal(shown.values, image.values)


def test_an_earlier_image_lies_where_the_registration_puts_it() -> None:
    shift = np.array([5.5, -3.25, 2.0])
    earlier = gradient_image("1.1", shift_mm=shift)
    way = np.eye(4)
    way[:3, 3] = shift
    grid = image_grid(gradient_image(), EVERYWHERE)
    shown = image_volume(1, earlier, RigidTransform(way, "1", "1.1"), grid)
    expected = points_of(shown) @ np.array([1.0, 10.0, 100.0])
    known = np.isfinite(shown.values)
    assert 0.6 < known.mean() < 1.0
    np.testing.assert_allclose(shown.values[known], expected[known], atol=1e-2)
    # The earlier image ends 5.5 mm sooner on the left, where nothing is known.
    assert np.isnan(shown.values[..., -1]).all()


def test_windows_follow_the_modality() -> None:
    image = gradient_image()
    grid = image_grid(image, EVERYWHERE)
    shown = image_volume(2, image, identity("1"), grid)
    assert shown.window is not None
    black, white = shown.window
    assert image.values.min() < black < white < image.values.max()
    ct = image_volume(2, replace(image, modality="CT"), identity("1"), grid)
    assert (ct.window, ct.unit) == ((-160.0, 240.0), "HU")


def test_an_isodose_between_the_nodes_is_off_by_less_than_a_third_of_a_millimetre() -> (
    None
):
    centre = np.array([1.3, -2.1, 0.4])
    radii = {2.0: 27.0, 25.0: 15.0, 50.0: 10.0}
    placed = PlacedCourse(
        course_with(sphere_dose(centre, radius_at=radii), half_width_mm=60.0),
        identity("1.1"),
    )
    grid = dose_grid([placed], Box(np.full(3, -40.0), np.full(3, 40.0)), "1.1")
    dose, eqd2 = course_volumes(placed, grid, alpha_beta_gy=3.0)
    assert (dose.name, eqd2.name, eqd2.alpha_beta_gy) == ("dose-1", "eqd2-1", 3.0)
    n_k, n_j, n_i = dose.values.shape
    x, y, z = (
        first + step * np.arange(n)
        for first, step, n in zip(
            dose.origin_mm, dose.spacing_mm, (n_i, n_j, n_k), strict=True
        )
    )
    worst = []
    for height in (centre[2], 3.9, -6.2):
        between = np.full(n_j * n_i, (height - z[0]) / dose.spacing_mm[2])
        j, i = np.indices((n_j, n_i)).reshape(2, -1)
        plane = ndimage.map_coordinates(dose.values, [between, j, i], order=1)
        traced = contourpy.contour_generator(x, y, plane.reshape(n_j, n_i))
        for level, radius in radii.items():
            if level == 50.0:
                continue
            circle = np.sqrt(radius**2 - (height - centre[2]) ** 2)
            lines = [np.asarray(line) for line in traced.lines(level)]
            assert len(lines) == 1
            far = np.linalg.norm(lines[0] - centre[:2], axis=1)
            worst.append(np.abs(far - circle).max())
    assert max(worst) < 0.3


def test_what_was_not_calculated_is_not_known() -> None:
    dose = sphere_dose((0.0, 0.0, 0.0), radius_at={2.0: 30.0, 50.0: 10.0})
    placed = PlacedCourse(course_with(dose, half_width_mm=20.0), identity("1.1"))
    grid = dose_grid([placed], Box(np.full(3, -40.0), np.full(3, 40.0)), "1.1")
    physical, eqd2 = course_volumes(placed, grid, alpha_beta_gy=3.0)
    outside = (np.abs(points_of(physical)) > 23.0).any(axis=-1)
    assert np.isnan(physical.values[outside]).all()
    assert np.isnan(eqd2.values[outside]).all()
    inside = (np.abs(points_of(physical)) < 20.0).all(axis=-1)
    assert np.isfinite(physical.values[inside]).all()
    per_fraction = physical.values[inside] / 5
    np.testing.assert_allclose(
        eqd2.values[inside],
        physical.values[inside] * (per_fraction + 3.0) / 5.0,
        rtol=1e-5,
    )


def test_two_targets_have_their_own_half_dose() -> None:
    left, right = (
        analytic_structure(
            name,
            sphere_contours(centre, 8.0, slices=SliceStack(3.0)),
            frame_of_reference_uid="1.1",
            number=number,
        )
        for name, centre, number in (("A", (30, 0, 0), 1), ("B", (-30, 0, 0), 2))
    )
    high = sphere_dose((30, 0, 0), radius_at={20.0: 15.0, 40.0: 8.0})
    low = sphere_dose((-30, 0, 0), radius_at={10.0: 15.0, 20.0: 8.0})
    course = course_with(
        high,
        low,
        structures=(left, right),
        targets=(TargetPrescription(40.0, 1, "A"), TargetPrescription(20.0, 2, "B")),
        half_width_mm=60.0,
    )
    placed = PlacedCourse(course, identity("1.1"))
    grid = dose_grid([placed], Box(np.full(3, -50.0), np.full(3, 50.0)), "1.1")
    physical, _, half = course_volumes(placed, grid, alpha_beta_gy=3.0)
    assert (half.name, half.kind, half.unit) == ("half-1", "half", "")
    x = points_of(half)[..., 0]
    ratio = physical.values / half.values
    # Their centres are as far from x = 0 as contours on slices let them be.
    np.testing.assert_allclose(ratio[x > 1.0], 20.0, rtol=1e-5)
    np.testing.assert_allclose(ratio[x < -1.0], 10.0, rtol=1e-5)


def test_the_budget_is_shown_inside_limited_organs_alone() -> None:
    organ = drawn_ball((10.0, 0.0, 0.0), 20.0)
    solid = LimitedSolid(organ.label, organ.sections, (VoxelLimit("x", 60.0, 3.0),))
    dose = sphere_dose((0.0, 0.0, 0.0), radius_at={2.0: 30.0, 50.0: 10.0})
    background = [PlacedCourse(course_with(dose, half_width_mm=22.0), identity("1.1"))]
    grid = dose_grid(background, Box(np.full(3, -40.0), np.full(3, 40.0)), "1.1")
    shown = budget_volume(grid, [solid, solid], background, n_fractions=5)
    assert shown is not None
    assert (shown.kind, shown.course, shown.n_fractions) == ("budget", None, 5)
    points = points_of(shown).reshape(-1, 3)
    expected = remaining_dose(points, [solid], background, n_fractions=5)
    np.testing.assert_allclose(shown.values.ravel(), expected.dose_gy, rtol=1e-6)
    assert 0 < np.isfinite(shown.values).sum() < expected.limited.sum()
    assert budget_volume(grid, [], background, n_fractions=5) is None
