"""Contours and doses of known shape are where and what they claim."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from reirrad.core.dose import dose_at
from reirrad.core.structures import Role
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    cylinder_contours,
    sampled_dose,
    shoulder_dose,
    sphere_contours,
    sphere_dose,
)

TILTED = Rotation.from_euler("xyz", [20.0, -35.0, 50.0], degrees=True).as_matrix()
CENTRE = np.array([12.0, -30.0, 7.0])


@pytest.mark.parametrize("axes", [np.eye(3), TILTED], ids=["axial", "tilted"])
def test_sphere_vertices_are_on_the_sphere_and_on_the_planes(axes: np.ndarray) -> None:
    slices = SliceStack(3.0, offset_mm=0.4, axes=axes)
    contours = sphere_contours(CENTRE, 20.0, slices=slices, n_vertices=40)
    assert len(contours) in {13, 14}
    for contour in contours:
        distance = np.linalg.norm(contour.points_mm - CENTRE, axis=1)
        np.testing.assert_allclose(distance, 20.0, atol=1e-9)
        heights = contour.points_mm @ axes[2]
        np.testing.assert_allclose(heights, heights[0], atol=1e-9)
        assert (heights[0] - 0.4) / 3.0 == pytest.approx(
            round((heights[0] - 0.4) / 3.0), abs=1e-9
        )
        assert contour.points_mm.shape == (40, 3)


def test_planes_that_only_touch_a_sphere_stay_empty() -> None:
    contours = sphere_contours([0, 0, 0], 9.0, slices=SliceStack(3.0))
    heights = [contour.points_mm[0, 2] for contour in contours]
    assert heights == [-6.0, -3.0, 0.0, 3.0, 6.0]


def test_sphere_between_two_planes_has_no_contour() -> None:
    assert sphere_contours([0, 0, 1.5], 1.0, slices=SliceStack(3.0)) == ()


def test_cylinder_has_one_radius_and_its_length() -> None:
    contours = cylinder_contours(
        CENTRE, 8.0, length_mm=31.0, slices=SliceStack(1.0, axes=TILTED)
    )
    assert len(contours) == 31
    for contour in contours:
        offset = contour.points_mm - CENTRE
        across = offset - np.outer(offset @ TILTED[2], TILTED[2])
        np.testing.assert_allclose(np.linalg.norm(across, axis=1), 8.0, atol=1e-9)


def test_structure_carries_name_role_and_frame() -> None:
    contours = sphere_contours([0, 0, 0], 9.0, slices=SliceStack(3.0))
    ball = analytic_structure(
        "PTV", contours, frame_of_reference_uid="1.2", number=4, role=Role.PTV
    )
    assert (ball.name, ball.number, ball.role) == ("PTV", 4, Role.PTV)
    assert ball.frame_of_reference_uid == "1.2"
    assert ball.contours == contours


@pytest.mark.parametrize("axes", [np.eye(3) * 2.0, np.ones((3, 3)), np.eye(2)])
def test_axes_that_are_not_orthonormal_are_refused(axes: np.ndarray) -> None:
    with pytest.raises(ValueError, match="three orthonormal rows"):
        SliceStack(3.0, axes=axes)


@pytest.mark.parametrize("spacing", [0.0, -1.0, np.nan])
def test_planes_without_distance_are_refused(spacing: float) -> None:
    with pytest.raises(ValueError, match="spacing_mm must be above 0"):
        SliceStack(spacing)


@pytest.mark.parametrize(
    "radius_at",
    [{25.0: 25.0, 2.0: 60.0}, {50.0: 15.0, 25.0: 25.0, 10.0: 30.0, 2.0: 60.0}],
)
def test_isodoses_have_the_radii_asked_for(radius_at: dict[float, float]) -> None:
    dose = sphere_dose(CENTRE, radius_at=radius_at)
    direction = np.array([2.0, -1.0, 2.0]) / 3.0
    for level, radius in radius_at.items():
        assert float(dose.at(CENTRE + radius * direction)) == pytest.approx(level)


@given(inner=st.floats(5.0, 30.0), gap=st.floats(5.0, 40.0), ratio=st.floats(1.1, 30.0))
def test_sphere_dose_never_rises_outwards(
    inner: float, gap: float, ratio: float
) -> None:
    dose = sphere_dose([0, 0, 0], radius_at={2.0 * ratio: inner, 2.0: inner + gap})
    outwards = np.linspace(0.0, 3.0 * (inner + gap), 200)[:, None] * [1.0, 0.0, 0.0]
    values = dose.at(outwards)
    assert np.all(np.diff(values) <= 0)
    assert np.all(values >= 0)


@pytest.mark.parametrize(
    "radius_at", [{2.0: 10.0}, {2.0: 10.0, 25.0: 20.0}, {2.0: 10.0, 0.0: 20.0}]
)
def test_levels_that_do_not_fall_outwards_are_refused(
    radius_at: dict[float, float],
) -> None:
    with pytest.raises(ValueError, match="fall outwards"):
        sphere_dose([0, 0, 0], radius_at=radius_at)


def test_shoulder_is_flat_then_straight_then_nothing() -> None:
    dose = shoulder_dose(
        [0, 0, 0], plateau_gy=50.0, plateau_radius_mm=10.0, zero_radius_mm=30.0
    )
    points = np.array([0.0, 10.0, 20.0, 30.0, 40.0])[:, None] * [0.0, 1.0, 0.0]
    np.testing.assert_allclose(dose.at(points), [50.0, 50.0, 25.0, 0.0, 0.0])


def test_shoulder_without_a_slope_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero_radius_mm"):
        shoulder_dose(
            [0, 0, 0], plateau_gy=1.0, plateau_radius_mm=10.0, zero_radius_mm=10.0
        )


@pytest.mark.parametrize("axes", [np.eye(3), TILTED], ids=["axial", "tilted"])
def test_sampled_dose_is_the_function_at_voxel_centres(axes: np.ndarray) -> None:
    geometry = box_geometry(
        [-20, -22, -24],
        [20, 22, 24],
        spacing_mm=(3.0, 2.0, 2.5),
        frame_of_reference_uid="1.2",
        axes=axes,
    )
    dose = sphere_dose([1, 2, 3], radius_at={25.0: 12.0, 5.0: 25.0})
    grid = sampled_dose(dose.at, geometry)
    assert geometry.shape == (17, 23, 17)
    assert geometry.spacing_mm == pytest.approx((3.0, 2.0, 2.5))
    point = geometry.points_mm([5, 6, 7])
    assert grid.values_gy[5, 6, 7] == pytest.approx(float(dose.at(point)))
    assert dose_at(grid, [point])[0] == pytest.approx(float(dose.at(point)), rel=1e-5)
    first = np.array([-20.0, -22.0, -24.0]) @ axes
    np.testing.assert_allclose(geometry.points_mm([0, 0, 0]), first, atol=1e-12)
