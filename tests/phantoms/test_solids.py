"""Closed forms against the slow and obvious: counting random points."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.phantoms.analytic import SliceStack
from reirrad.phantoms.known_dose_volume import (
    GaussianDose,
    KnownDose,
    LinearDose,
    known_metric,
)
from reirrad.phantoms.solids import Frustum, Solid, TiltedEllipsoid, ball

COUNT = 400_000
NAMES = ("volume[cc]", "Mean[Gy]", "D98%[Gy]", "D50%[Gy]", "D2%[Gy]", "V28Gy[cc]")
ROTATION: FloatArray = Rotation.from_euler(
    "xyz", [20, -35, 70], degrees=True
).as_matrix()
TILTED = TiltedEllipsoid(
    np.array([1.0, 2, 3]), np.array([8.0, 10, 14])[:, None] * ROTATION
)
SOLIDS: list[Solid] = [
    ball([1, 2, 3], 9.0),
    TILTED,
    Frustum(np.array([1.0, 2, -4]), 20.0, 9.0, 9.0),
    Frustum(np.array([1.0, 2, -4]), 20.0, 9.0, 0.0),
    Frustum(np.array([1.0, 2, -4]), 20.0, 3.0, 8.0),
]


def inside(solid: Solid, points: FloatArray) -> np.ndarray:
    if isinstance(solid, TiltedEllipsoid):
        unit = (points - solid.centre_mm) @ np.linalg.inv(solid.axes_mm)
        return np.asarray(np.sum(unit**2, axis=1) <= 1)
    share = (points[:, 2] - solid.base_mm[2]) / solid.height_mm
    radius = solid.lower_radius_mm + share * (
        solid.upper_radius_mm - solid.lower_radius_mm
    )
    away = np.hypot(*(points[:, :2] - solid.base_mm[:2]).T)
    return np.asarray((share >= 0) & (share <= 1) & (away <= radius))


def doses(solid: Solid) -> list[KnownDose]:
    shape = solid.axes_mm / 10 if isinstance(solid, TiltedEllipsoid) else np.eye(3)
    return [
        LinearDose(30.0, np.array([0.3, 0.5, -0.4])),
        LinearDose(30.0, np.array([0.0, 0.0, 0.7])),
        LinearDose(30.0, np.array([0.8, 0.0, 0.0])),
        GaussianDose(50.0, np.array([5.0, 4, 0]), 12.0, shape),
    ]


@pytest.mark.parametrize("number", range(len(SOLIDS)))
def test_metrics_are_those_of_counted_points(number: int) -> None:
    solid = SOLIDS[number]
    low, high = np.array([-14.0, -14, -14]), np.array([17.0, 18, 19])
    points = np.random.default_rng(number).uniform(low, high, (COUNT, 3))
    points = points[inside(solid, points)]
    volume = np.prod(high - low) / 1000 * len(points) / COUNT
    for dose in doses(solid):
        found = np.sort(dose.at(points))[::-1]
        counted = {
            "volume[cc]": volume,
            "Mean[Gy]": found.mean(),
            "V28Gy[cc]": volume * (found >= 28).mean(),
            **{
                name: found[int(float(name[1:-5]) / 100 * len(found))]
                for name in NAMES
                if name.startswith("D")
            },
        }
        for name in NAMES:
            expected = known_metric(name, solid, dose)
            assert counted[name] == pytest.approx(expected, rel=0.02), name


@pytest.mark.parametrize("number", range(len(SOLIDS)))
def test_vertices_lie_on_the_surface(number: int) -> None:
    solid = SOLIDS[number]
    contours = solid.contours(SliceStack(2.0, offset_mm=0.4))
    points = np.concatenate([c.points_mm for c in contours])
    middle = np.array([[*solid.centroid_mm[:2], 0.0]])
    flat = points * [1, 1, 0]
    outwards = (flat - middle) / np.linalg.norm(flat - middle, axis=1, keepdims=True)
    if isinstance(solid, TiltedEllipsoid):
        unit = (points - solid.centre_mm) @ np.linalg.inv(solid.axes_mm)
        assert np.linalg.norm(unit, axis=1) == pytest.approx(np.ones(len(points)))
    else:
        assert inside(solid, points - 1e-6 * outwards).all()
        assert not inside(solid, points + 1e-6 * outwards).any()


def test_more_volume_than_there_is_takes_the_lowest_dose() -> None:
    dose = LinearDose(30.0, np.array([0.0, 0.0, 1.0]))
    small = ball([0, 0, 0], 2.0)
    assert known_metric("D1cc[Gy]", small, dose) == pytest.approx(28.0, abs=0.01)


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="shape or tilt"):
        TILTED.within_ellipsoid_cc(ball([0, 0, 0], 5.0))
    with pytest.raises(ValueError, match="shape or tilt"):
        SOLIDS[2].within_ellipsoid_cc(TILTED)
