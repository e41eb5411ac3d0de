"""Solids whose sections, and whose parts in a half-space or a ball, are known exactly.

An ellipsoid is the image of the unit ball under a linear map, so that half-spaces and
ellipsoids of its own shape cut it as they cut a ball. A frustum (cylinder and cone
included) stands upright on the slices; its parts are integrals of circle segments and
lenses along its axis, by Gauss-Legendre quadrature between the heights at which the
integrand has a kink.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.core.structures import Contour
from reirrad.phantoms.analytic import SliceStack
from reirrad.phantoms.closed_forms import lens_volume_cc

__all__ = ["Frustum", "Solid", "TiltedEllipsoid", "ball"]

MM3_PER_CC = 1000.0
UNIT_BALL = 4.0 / 3.0 * math.pi
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)


@dataclass(frozen=True, slots=True, eq=False)
class TiltedEllipsoid:
    """The points ``centre + axes.T @ u`` with ``|u| <= 1``.

    Parameters
    ----------
    centre_mm
        ``(3,)``.
    axes_mm
        ``(3, 3)``: rows are the semi-axes, as vectors at right angles to one another.
    """

    centre_mm: FloatArray
    axes_mm: FloatArray

    @property
    def volume_cc(self) -> float:
        """Volume."""
        return float(UNIT_BALL * abs(np.linalg.det(self.axes_mm)) / MM3_PER_CC)

    @property
    def centroid_mm(self) -> FloatArray:
        """Centre of mass."""
        return self.centre_mm

    def contours(
        self, slices: SliceStack, *, n_vertices: int = 256
    ) -> tuple[Contour, ...]:
        """Sections on the planes, as polygons whose vertices are on the surface."""
        normal = np.asarray(slices.axes, dtype=np.float64)[2]
        along = self.axes_mm @ normal
        reach = float(np.linalg.norm(along))
        pole = along / reach
        first = np.cross(pole, np.eye(3)[np.argmin(np.abs(pole))])
        first /= np.linalg.norm(first)
        second = np.cross(pole, first)
        angle = np.linspace(0.0, 2.0 * np.pi, n_vertices, endpoint=False)[:, None]
        ring = np.cos(angle) * first + np.sin(angle) * second
        height = float(normal @ self.centre_mm)
        result = []
        for at in slices.heights_mm(height - reach, height + reach):
            depth = (at - height) / reach
            unit = depth * pole + math.sqrt(1.0 - depth**2) * ring
            result.append(Contour(self.centre_mm + unit @ self.axes_mm))
        return tuple(result)

    def beyond_plane_cc(self, direction: FloatArray, distance_mm: float) -> float:
        """Volume of the points with ``direction @ point >= distance_mm``."""
        reach = float(np.linalg.norm(self.axes_mm @ direction))
        depth = (distance_mm - float(direction @ self.centre_mm)) / reach
        depth = min(max(depth, -1.0), 1.0)
        share = (1.0 - depth) ** 2 * (2.0 + depth) / 4.0
        return float(self.volume_cc * share)

    def within_ellipsoid_cc(self, other: "TiltedEllipsoid") -> float:
        """Volume shared with an ellipsoid of the same shape and tilt.

        Both are balls in the unit space of this one.

        Raises
        ------
        ValueError
            If the other ellipsoid has another shape or tilt.
        """
        ratio = _size_ratio(other.axes_mm, self.axes_mm)
        offset = np.linalg.solve(self.axes_mm.T, other.centre_mm - self.centre_mm)
        shared = lens_volume_cc(1.0, ratio, distance_mm=float(np.linalg.norm(offset)))
        return float(shared * MM3_PER_CC / UNIT_BALL * self.volume_cc)


def ball(centre_mm: npt.ArrayLike, radius_mm: float) -> TiltedEllipsoid:
    """A ball."""
    centre = np.asarray(centre_mm, dtype=np.float64)
    return TiltedEllipsoid(centre, radius_mm * np.eye(3))


@dataclass(frozen=True, slots=True, eq=False)
class Frustum:
    """Upright body with circular sections whose radius changes evenly with height.

    Parameters
    ----------
    base_mm
        ``(3,)`` centre of its lower face; it stands along z.
    height_mm
        Distance of its faces.
    lower_radius_mm, upper_radius_mm
        Equal for a cylinder; one of them 0 for a cone.
    """

    base_mm: FloatArray
    height_mm: float
    lower_radius_mm: float
    upper_radius_mm: float

    @property
    def volume_cc(self) -> float:
        """Volume."""
        low, high = self.lower_radius_mm, self.upper_radius_mm
        squares = low * low + low * high + high * high
        return math.pi * self.height_mm * squares / 3.0 / MM3_PER_CC

    @property
    def centroid_mm(self) -> FloatArray:
        """Centre of mass."""
        low, high = self.lower_radius_mm, self.upper_radius_mm
        squares = low * low + low * high + high * high
        share = (low * low + 2 * low * high + 3 * high * high) / (4 * squares)
        rise = np.array([0.0, 0.0, share * self.height_mm])
        return np.asarray(self.base_mm + rise)

    def contours(
        self, slices: SliceStack, *, n_vertices: int = 256
    ) -> tuple[Contour, ...]:
        """Sections on axial planes, as polygons whose vertices are on the surface."""
        low = float(self.base_mm[2])
        angle = np.linspace(0.0, 2.0 * np.pi, n_vertices, endpoint=False)
        ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(n_vertices)], axis=1)
        result = []
        for at in slices.heights_mm(low, low + self.height_mm):
            middle = np.array([self.base_mm[0], self.base_mm[1], at])
            radius = float(self._radius_mm(np.array([at]))[0])
            result.append(Contour(middle + radius * ring))
        return tuple(result)

    def beyond_plane_cc(self, direction: FloatArray, distance_mm: float) -> float:
        """Volume of the points with ``direction @ point >= distance_mm``."""
        sideways = math.hypot(direction[0], direction[1])
        across = float(direction[:2] @ self.base_mm[:2])
        upright = float(direction[2])

        def area(z: FloatArray) -> FloatArray:
            missing = distance_mm - across - upright * z
            radius = self._radius_mm(z)
            if sideways < 1e-12:
                return np.asarray(np.where(missing <= 0, math.pi * radius**2, 0.0))
            return _segment_area(radius, missing / sideways)

        # Where the plane meets the axis and the two outlines, the integrand has kinks.
        kinks = []
        slope = (self.upper_radius_mm - self.lower_radius_mm) / self.height_mm
        low = float(self.base_mm[2])
        for side in (-1.0, 0.0, 1.0):
            rise = upright + side * sideways * slope
            start = across + side * sideways * (self.lower_radius_mm - slope * low)
            if abs(rise) > 1e-12:
                kinks.append((distance_mm - start) / rise)
        return self._integral(area, kinks)

    def within_ellipsoid_cc(self, other: TiltedEllipsoid) -> float:
        """Volume shared with a ball.

        Raises
        ------
        ValueError
            If the other solid is no ball.
        """
        centre_mm, radius = other.centre_mm, _size_ratio(other.axes_mm, np.eye(3))
        away = float(np.linalg.norm(centre_mm[:2] - self.base_mm[:2]))
        height = float(centre_mm[2])

        def area(z: FloatArray) -> FloatArray:
            square = np.maximum(radius**2 - (z - height) ** 2, 0.0)
            return _lens_area(self._radius_mm(z), np.sqrt(square), away)

        kinks = [height - radius, height, height + radius]
        # Where the ball's section touches the solid's from inside or outside.
        slope = (self.upper_radius_mm - self.lower_radius_mm) / self.height_mm
        low = float(self.base_mm[2])
        for side in (-1.0, 1.0):
            # (r(z) + side * away)^2 + (z - height)^2 = radius^2
            start = self.lower_radius_mm + side * away - slope * low
            roots = np.roots(
                [
                    slope**2 + 1.0,
                    2 * slope * start - 2 * height,
                    start**2 + height**2 - radius**2,
                ]
            )
            kinks += [float(r.real) for r in roots if abs(r.imag) < 1e-12]
        return self._integral(area, kinks)

    def _radius_mm(self, z: FloatArray) -> FloatArray:
        share = (z - self.base_mm[2]) / self.height_mm
        change = self.upper_radius_mm - self.lower_radius_mm
        return np.asarray(self.lower_radius_mm + share * change)

    def _integral(
        self, area: Callable[[FloatArray], FloatArray], kinks: list[float]
    ) -> float:
        low = float(self.base_mm[2])
        high = low + self.height_mm
        ends = sorted({low, high, *(k for k in kinks if low < k < high)})
        total = 0.0
        for start, end in pairwise(ends):
            # The sine stretches the nodes towards both ends, where roots begin.
            phase = math.pi / 2.0 * NODES
            z = (start + end) / 2.0 + (end - start) / 2.0 * np.sin(phase)
            weight = (end - start) / 2.0 * math.pi / 2.0 * np.cos(phase) * WEIGHTS
            total += float(weight @ area(z))
        return total / MM3_PER_CC


Solid = TiltedEllipsoid | Frustum


def _size_ratio(axes: FloatArray, of: FloatArray) -> float:
    """How much larger one ellipsoid is than another of its shape and tilt."""
    ratio = float(np.cbrt(abs(np.linalg.det(axes) / np.linalg.det(of))))
    if not np.allclose(axes.T @ axes, ratio**2 * (of.T @ of), rtol=1e-9, atol=1e-9):
        msg = "the ellipsoids differ in shape or tilt"
        raise ValueError(msg)
    return ratio


def _segment_area(radius: FloatArray, distance: FloatArray) -> FloatArray:
    """Part of a disc further from its centre than a line, along the line's normal."""
    safe = np.maximum(radius, 1e-12)
    cosine = np.clip(distance / safe, -1.0, 1.0)
    return np.asarray(safe**2 * (np.arccos(cosine) - cosine * np.sqrt(1 - cosine**2)))


def _lens_area(first: FloatArray, second: FloatArray, distance: float) -> FloatArray:
    """What two discs share."""
    smaller = np.minimum(first, second)
    area = np.where(distance <= np.abs(first - second), math.pi * smaller**2, 0.0)
    partly = (distance > np.abs(first - second)) & (distance < first + second)
    one, two = first[partly], second[partly]
    foot = (distance**2 + one**2 - two**2) / (2.0 * distance)
    area[partly] = _segment_area(one, foot) + _segment_area(two, distance - foot)
    return np.asarray(area)
