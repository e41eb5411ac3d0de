"""Smooth bodies given by a level function, for anatomy that knows its own outline.

A level is roughly the signed distance to the surface in mm, negative inside. It is a
function of points, so a shape has no voxels and can be cut by any plane.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from scipy.spatial import KDTree

from reirrad.core.geometry import FloatArray

__all__ = [
    "Balls",
    "Clipped",
    "Ellipsoid",
    "Field",
    "Grown",
    "Joined",
    "Shape",
    "by_pieces",
    "everywhere",
    "merged",
    "tube",
]

# Beyond NEAR_MM of a part its exact distance changes nothing that is drawn or painted.
NEAR_MM = 12.0
FAR_MM = 1000.0
TUBE_STEP_MM = 1.0
PIECE = 8192


class Shape(Protocol):
    """Anything with an inside."""

    @property
    def bounds_mm(self) -> FloatArray:
        """``(2, 3)`` lowest and highest corner of a box around the shape."""
        ...

    def level_mm(self, points_mm: FloatArray) -> FloatArray:
        """Level at points ``(n, 3)``: negative inside, zero on the surface."""
        ...


def by_pieces(
    function: Callable[[FloatArray], FloatArray], points_mm: FloatArray
) -> FloatArray:
    """A function of points ``(n, 3)``, asked for a few thousand at a time.

    Its intermediate results then stay in the processor's cache, and its products of
    small matrices on one processor: twice as fast as all at once.
    """
    values = np.empty(len(points_mm))
    for start in range(0, len(points_mm), PIECE):
        piece = slice(start, start + PIECE)
        values[piece] = function(points_mm[piece])
    return values


def everywhere() -> FloatArray:
    """Bounds of a shape that has none of its own."""
    return np.array([[-1e4] * 3, [1e4] * 3])


@dataclass(frozen=True, slots=True, eq=False)
class Ellipsoid:
    """An ellipsoid, turned about the z axis, with a gently waved surface.

    Parameters
    ----------
    centre_mm, semi_axes_mm
        Centre and half lengths.
    turn_degrees
        Rotation about z.
    wave_mm
        Height of the waves on the surface; 0 is a plain ellipsoid.
    """

    centre_mm: tuple[float, float, float]
    semi_axes_mm: tuple[float, float, float]
    turn_degrees: float = 0.0
    wave_mm: float = 0.0

    @property
    def bounds_mm(self) -> FloatArray:
        """Box around the ellipsoid in any rotation about z."""
        a, b, c = self.semi_axes_mm
        reach = np.array([max(a, b), max(a, b), c]) + self.wave_mm
        if self.turn_degrees == 0.0:
            reach = np.array([a, b, c]) + self.wave_mm
        centre: FloatArray = np.asarray(self.centre_mm, dtype=np.float64)
        box: FloatArray = np.array([centre - reach, centre + reach])
        return box

    def level_mm(self, points_mm: FloatArray) -> FloatArray:
        """First-order distance: the ellipsoid's equation over its gradient."""
        offset = points_mm - np.asarray(self.centre_mm)
        if self.turn_degrees != 0.0:
            offset = offset @ _turn(self.turn_degrees)
        scaled = offset / np.asarray(self.semi_axes_mm)
        radius = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
        steep = scaled / np.asarray(self.semi_axes_mm)
        gradient = np.sqrt(np.einsum("ij,ij->i", steep, steep))
        level = radius * (radius - 1.0) / np.maximum(gradient, 1e-9)
        level = np.where(radius < 1e-6, -min(self.semi_axes_mm), level)
        if self.wave_mm:
            waves = np.sin(points_mm * (2.0 * np.pi / 47.0) + [0.4, 1.9, 3.1])
            level = level + self.wave_mm * waves.prod(axis=1)
        return np.asarray(level, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Balls:
    """The union of many balls: vessels, bowel, ribs.

    Parameters
    ----------
    balls
        ``(n, 4)`` centre and radius in mm of every ball.
    """

    balls: FloatArray
    _tree: KDTree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        radii = self.balls[:, 3]
        # A fourth axis of sqrt(R^2 - r^2) makes the nearest neighbour the ball with the
        # least |p - c|^2 - r^2, whose zero level is exactly the union of all balls.
        lift = np.sqrt(radii.max() ** 2 - radii**2)
        tree = KDTree(np.column_stack([self.balls[:, :3], lift]))
        object.__setattr__(self, "_tree", tree)

    @property
    def bounds_mm(self) -> FloatArray:
        """Box around all balls."""
        centres, radii = self.balls[:, :3], self.balls[:, 3:]
        return np.array([(centres - radii).min(axis=0), (centres + radii).max(axis=0)])

    def level_mm(self, points_mm: FloatArray) -> FloatArray:
        """Distance to the nearest ball, not followed beyond 12 mm."""
        lifted = np.column_stack([points_mm, np.zeros(len(points_mm))])
        reach = float(self.balls[:, 3].max()) + NEAR_MM
        _, nearest = self._tree.query(lifted, distance_upper_bound=reach)
        level = np.full(len(points_mm), FAR_MM)
        near = nearest < len(self.balls)
        balls = self.balls[nearest[near]]
        level[near] = np.linalg.norm(points_mm[near] - balls[:, :3], axis=1)
        level[near] -= balls[:, 3]
        return level


def tube(
    knots_mm: npt.ArrayLike,
    radii_mm: float | Sequence[float],
    *,
    fold_mm: float = 0.0,
    fold_length_mm: float = 30.0,
) -> Balls:
    """Balls strung along a smooth curve.

    Parameters
    ----------
    knots_mm
        ``(m, 3)`` points on the curve, m at least 2.
    radii_mm
        Radius at every knot, or one for all.
    fold_mm, fold_length_mm
        Depth and period of folds along the tube, as of the colon.
    """
    knots = np.asarray(knots_mm, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radii_mm, dtype=np.float64), len(knots))
    pieces = np.linalg.norm(np.diff(knots, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(pieces)])
    n_steps = int(np.ceil(along[-1] / TUBE_STEP_MM)) + 1
    at = np.linspace(0.0, along[-1], n_steps)
    balls = PchipInterpolator(along, np.column_stack([knots, radii]))(at)
    balls[:, 3] += fold_mm * np.sin(2.0 * np.pi * at / fold_length_mm)
    return Balls(balls)


def merged(parts: Sequence[Balls]) -> Balls:
    """Several unions of balls as one."""
    return Balls(np.concatenate([part.balls for part in parts]))


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A shape given by its level function and a box around it."""

    function: Callable[[FloatArray], FloatArray]
    bounds_mm: FloatArray = field(default_factory=everywhere)

    def level_mm(self, points_mm: FloatArray) -> FloatArray:
        """Level of the function."""
        return self.function(points_mm)


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """A shape with its surface moved outwards; inwards if `margin_mm` is negative."""

    shape: Shape
    margin_mm: float

    @property
    def bounds_mm(self) -> FloatArray:
        """Box of the shape, moved likewise."""
        margin = np.array([[-self.margin_mm], [self.margin_mm]])
        return np.asarray(self.shape.bounds_mm + margin, dtype=np.float64)

    def level_mm(self, points_mm: FloatArray) -> FloatArray:
        """Level of the shape less the margin."""
        return self.shape.level_mm(points_mm) - self.margin_mm


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Several shapes as one, their seams rounded over a width."""

    shapes: tuple[Shape, ...]
    seam_mm: float = 0.0

    @property
    def bounds_mm(self) -> FloatArray:
        """Box around all shapes; a rounded seam bulges by a quarter of its width."""
        boxes = np.array([shape.bounds_mm for shape in self.shapes])
        bulge = self.seam_mm / 4.0
        low, high = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
        return np.array([low - bulge, high + bulge])

    def level_mm(self, points_mm: FloatArray) -> FloatArray:
        """Smooth minimum of the levels."""
        level = self.shapes[0].level_mm(points_mm)
        for shape in self.shapes[1:]:
            level = _smooth_minimum(level, shape.level_mm(points_mm), self.seam_mm)
        return level


@dataclass(frozen=True, slots=True, eq=False)
class Clipped:
    """What of a shape lies inside one shape, if given, and outside all of some others.

    Parameters
    ----------
    shape
        What is clipped.
    inside
        Shape that limits it, or None.
    outside
        Shapes taken away.
    edge_mm
        Width over which the new edges are rounded.
    """

    shape: Shape
    inside: Shape | None = None
    outside: tuple[Shape, ...] = ()
    edge_mm: float = 0.0

    @property
    def bounds_mm(self) -> FloatArray:
        """Box of the shape, cut by that of the limit."""
        box = self.shape.bounds_mm
        if self.inside is None:
            return box
        limit = self.inside.bounds_mm
        return np.array([np.maximum(box[0], limit[0]), np.minimum(box[1], limit[1])])

    def level_mm(self, points_mm: FloatArray) -> FloatArray:
        """Smooth maximum of the levels, exact to 12 mm outside the shape."""
        level = self.shape.level_mm(points_mm)
        near = np.flatnonzero(level < NEAR_MM)
        points, opposite = points_mm[near], -level[near]
        if self.inside is not None:
            limit = -self.inside.level_mm(points)
            opposite = _smooth_minimum(opposite, limit, self.edge_mm)
        for shape in self.outside:
            close = np.flatnonzero(_within(shape.bounds_mm, points, NEAR_MM))
            other = shape.level_mm(points[close])
            opposite[close] = _smooth_minimum(opposite[close], other, self.edge_mm)
        level[near] = -opposite
        return level


def _within(
    bounds_mm: FloatArray, points: FloatArray, rim: float
) -> npt.NDArray[np.bool_]:
    inside = np.ones(len(points), dtype=np.bool_)
    for axis in range(3):
        low, high = bounds_mm[:, axis]
        if high < 1e4:
            inside &= (points[:, axis] > low - rim) & (points[:, axis] < high + rim)
    return inside


def _smooth_minimum(first: FloatArray, second: FloatArray, width: float) -> FloatArray:
    if width == 0.0:
        return np.minimum(first, second)
    near = np.maximum(width - np.abs(first - second), 0.0) / width
    return np.minimum(first, second) - near**2 * width / 4.0


def _turn(degrees: float) -> FloatArray:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
