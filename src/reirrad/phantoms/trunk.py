"""Outline of the trunk, and the layers of its wall."""

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.phantoms.shapes import Field, Shape

__all__ = ["SEMI_AXES_MM", "abdominal_wall", "cavity", "trunk", "wall_point"]

SEMI_AXES_MM = (178.0, 117.0)
SQUARENESS = 2.45
WALL_MM = 12.0


def trunk() -> Shape:
    """Skin of the abdomen and lower chest, without end in z."""
    return Field(_skin_level, _box(0.0))


def abdominal_wall() -> Shape:
    """Everything under the subcutaneous fat."""
    return Field(lambda points: _skin_level(points) + _fat_mm(points), _box(8.0))


def cavity() -> Shape:
    """Everything inside the muscles of the wall."""
    return Field(
        lambda points: _skin_level(points) + _fat_mm(points) + WALL_MM,
        _box(8.0 + WALL_MM),
    )


def wall_point(
    angle_degrees: float, z_mm: float, *, depth_mm: float
) -> tuple[float, float, float]:
    """Point in the middle of the wall's muscles, for what lies in it.

    Parameters
    ----------
    angle_degrees
        0 at the back, 90 at the patient's left, -90 at the right.
    z_mm
        Height.
    depth_mm
        Depth under the fat.
    """
    angle = np.radians(angle_degrees)
    direction = np.array([np.sin(angle), np.cos(angle), 0.0])
    radii = np.arange(60.0, 200.0, 0.5)
    points = radii[:, None] * direction + [0.0, 0.0, z_mm]
    level = _skin_level(points) + _fat_mm(points) + depth_mm
    x, y, z = points[int(np.argmin(np.abs(level)))]
    return float(x), float(y), float(z)


def _skin_level(points: FloatArray) -> FloatArray:
    x, y, z = points.T
    wide = SEMI_AXES_MM[0] + 5.0 * np.cos((z + 110.0) / 55.0)
    deep = SEMI_AXES_MM[1] - 3.0 * np.cos(z / 70.0)
    ratio = (np.abs(x / wide) ** SQUARENESS + np.abs(y / deep) ** SQUARENESS) ** (
        1.0 / SQUARENESS
    )
    radius = np.hypot(x, y)
    level = radius * (1.0 - 1.0 / np.maximum(ratio, 1e-6))
    level = np.where(ratio < 1e-3, -SEMI_AXES_MM[1], level)
    groove = 7.0 * np.exp(-((x / 16.0) ** 2)) * (y > 0) * np.clip(y / 80.0, 0, 1)
    navel = 4.0 * np.exp(-((x / 70.0) ** 2)) * np.clip(-y / 80.0, 0, 1)
    return np.asarray(level + groove - navel, dtype=np.float64)


def _fat_mm(points: FloatArray) -> FloatArray:
    """Thickness of the fat under the skin: thin in front, thick at flanks and back."""
    x, y, z = points.T
    across, along = np.clip(x / 160.0, -1, 1), np.clip(y / 110.0, -1, 1)
    lumps = 1.5 * np.sin(x / 21.0 + 1.0) * np.sin(z / 33.0) * np.sin(y / 27.0)
    flanks = 5.0 * across**2 * np.clip(-z / 90.0, -0.6, 1)
    return np.asarray(14.0 + flanks + 3.0 * along + lumps, dtype=np.float64)


def _box(inset_mm: float) -> FloatArray:
    a, b = SEMI_AXES_MM[0] + 7.0 - inset_mm, SEMI_AXES_MM[1] + 12.0 - inset_mm
    return np.array([[-a, -b, -1e4], [a, b, 1e4]])
