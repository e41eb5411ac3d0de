import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.core.sections import Sections, sections_of
from reirrad.core.solid_surface import distances_mm, surface_of, surface_points
from reirrad.core.structures import Contour, Role, Structure
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    cylinder_contours,
    sphere_contours,
)


def ball(radius_mm: float, slices: SliceStack, *, x: float = 0.0) -> Sections:
    contours = sphere_contours([x, 2, 3], radius_mm, slices=slices)
    return sections_of(analytic_structure("ball", contours, frame_of_reference_uid="1"))


def tube(*, slices: SliceStack) -> Sections:
    contours = cylinder_contours([0, 0, 0], 20.0, length_mm=30.0, slices=slices)
    return sections_of(analytic_structure("tube", contours, frame_of_reference_uid="1"))


def plate(*heights: float, half: float = 30.0) -> Sections:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    contours = tuple(
        Contour(np.array([(u, v, z) for u, v in corners])) for z in heights
    )
    structure = Structure(1, "plate", None, Role.ORGAN, contours, "1")
    return sections_of(structure, slice_spacing_mm=1.0)


def turned(degrees: float) -> FloatArray:
    matrix = Rotation.from_euler("xy", [degrees, degrees / 2], degrees=True)
    return np.asarray(matrix.as_matrix())


@pytest.mark.parametrize("spacing_mm", [1.0, 3.0, 5.0])
@pytest.mark.parametrize("degrees", [0.0, 25.0])
def test_points_lie_on_the_surface_of_a_ball(spacing_mm: float, degrees: float) -> None:
    slices = SliceStack(spacing_mm, 0.7, turned(degrees))
    points = surface_points(ball(25.0, slices))
    radii = np.linalg.norm(points - [0, 2, 3], axis=1)
    assert np.abs(radii - 25.0).max() < 0.15
    assert np.abs(radii - 25.0).mean() < 0.03


@pytest.mark.parametrize("degrees", [0.0, 25.0])
def test_weights_are_shares_of_the_area(degrees: float) -> None:
    slices = SliceStack(3.0, 0.7, turned(degrees))
    surface = surface_of(ball(25.0, slices))
    ways = (surface.points_mm[surface.asked] - [0, 2, 3]) / 25.0
    # Of a ball's surface: every direction alike, squares of a third each.
    for way in (*np.eye(3), np.ones(3) / np.sqrt(3.0)):
        square = np.average((ways @ way) ** 2, weights=surface.weights)
        assert square == pytest.approx(1.0 / 3.0, abs=0.01)


@pytest.mark.parametrize("away_mm", [0.0, 0.4, 2.0, 9.0, -2.0, -9.0])
@pytest.mark.parametrize("radius_mm", [8.0, 40.0])
def test_the_distance_to_a_ball_is_that_to_its_surface(
    away_mm: float, radius_mm: float
) -> None:
    if radius_mm + away_mm < 1.0:
        away_mm = 1.0 - radius_mm
    ways = Rotation.random(500, random_state=3).as_matrix()[:, 0]
    surface = surface_points(ball(radius_mm, SliceStack(2.0)))
    found = distances_mm([0, 2, 3] + (radius_mm + away_mm) * ways, surface)
    np.testing.assert_allclose(found, abs(away_mm), atol=0.12)
    assert found.mean() == pytest.approx(abs(away_mm), abs=0.03)


def test_the_surface_of_a_cylinder_is_closed() -> None:
    sections = tube(slices=SliceStack(spacing_mm=3.0))
    cloud = surface_points(sections)
    low, high = sections.slabs[0].bottom_mm, sections.slabs[-1].top_mm
    for centre in ([0.0, 0.0, low], [0.0, 0.0, high], [20.0, 0.0, 0.0]):
        assert distances_mm(np.array([centre]), cloud)[0] < 0.1
    middle = np.array([[0.0, 0.0, (low + high) / 2]])
    assert distances_mm(middle, cloud)[0] == pytest.approx((high - low) / 2, abs=0.1)


@pytest.mark.parametrize("degrees", [0.0, 40.0])
def test_edges_and_corners_are_as_far_as_they_are(degrees: float) -> None:
    axes = turned(degrees)
    sections = tube(slices=SliceStack(3.0, 0.0, axes))
    cloud = surface_points(sections) @ sections.axes.T
    high = sections.slabs[-1].top_mm
    around = np.linspace(0.0, 2.0 * np.pi, 200)
    for out, up in ((3.0, 4.0), (5.0, 0.0), (0.0, 5.0), (-2.0, 6.0)):
        edge = np.stack(
            [
                (20.0 + out) * np.cos(around),
                (20.0 + out) * np.sin(around),
                np.full(200, high + up),
            ],
            axis=1,
        )
        expected = np.hypot(max(out, 0.0), up)
        found = distances_mm(edge, cloud)
        assert found.mean() == pytest.approx(expected, abs=0.25)
        assert np.abs(found - expected).max() < 0.5


@pytest.mark.parametrize("heights", [(0.0,), (0.0, 1.0), (0.0, 1.0, 2.0)])
def test_what_is_thinner_than_its_lattice_has_a_surface(
    heights: tuple[float, ...],
) -> None:
    for half in (30.0, 300.0):
        points = surface_points(plate(*heights, half=half))
        assert len(points) > 1000
        assert np.abs(points[:, 2] - np.mean(heights)).max() < len(heights)


@pytest.mark.parametrize(
    ("spacing_mm", "offset_mm"), [(1.0, 0.3), (3.0, 0.0), (3.0, 1.4), (5.0, 2.0)]
)
def test_the_margin_around_an_ellipsoid_does_not_hang_on_its_slices(
    spacing_mm: float, offset_mm: float
) -> None:
    axes = np.array([12.0, 18.0, 24.0])
    heights = np.arange(-40.0, 40.0, spacing_mm) + offset_mm
    inner, outer = ellipsoid(axes, heights), ellipsoid(1.25 * axes, heights)
    surface = surface_of(outer)
    asked = surface.points_mm[surface.asked]
    found = distances_mm(asked, surface_points(inner))
    exact = _to_ellipsoid(asked, axes)
    np.testing.assert_allclose(found, exact, atol=0.25)
    assert np.average(found, weights=surface.weights) == pytest.approx(
        np.average(exact, weights=surface.weights), abs=0.05
    )


def ellipsoid(axes: FloatArray, heights: FloatArray) -> Sections:
    angles = np.linspace(0.0, 2.0 * np.pi, 257)[:-1]
    ring = np.stack([np.cos(angles), np.sin(angles), np.zeros(256)], axis=1)
    contours = tuple(
        Contour(ring * axes * np.sqrt(1.0 - (z / axes[2]) ** 2) + [0.0, 0.0, z])
        for z in heights
        if abs(z) < 0.99 * axes[2]
    )
    return sections_of(Structure(1, "ball", None, Role.ORGAN, contours, "1"))


def _to_ellipsoid(points: FloatArray, axes: FloatArray) -> FloatArray:
    """Distance of points outside to an ellipsoid, by bisection of the multiplier.

    Eberly, Distance from a point to an ellipse, an ellipsoid, or a hyperellipsoid.
    """
    low = np.zeros(len(points))
    high = np.full(len(points), np.linalg.norm(points, axis=1).max() * axes.max())
    foot = points
    for _ in range(80):
        middle = (low + high) / 2.0
        foot = axes**2 * points / (axes**2 + middle[:, None])
        outside = ((foot / axes) ** 2).sum(axis=1) > 1.0
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    return np.asarray(np.linalg.norm(points - foot, axis=1))
