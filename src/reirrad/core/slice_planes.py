"""Areas in the plane of an image slice: where a function is large enough, and clipping.

A function is sampled on a raster of at most one millimetre; between its nodes the curve
on which it has a given value is found by linear interpolation (marching squares).
"""

from collections.abc import Callable
from dataclasses import dataclass

import contourpy
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.enclosed_area import areal
from reirrad.core.geometry import FloatArray
from reirrad.core.half_spaces import HalfSpace
from reirrad.core.sections import rings_of
from reirrad.core.sources import SeriesReference
from reirrad.core.structures import Contour

__all__ = [
    "NOTHING",
    "Raster",
    "SlicePlane",
    "contours_of",
    "half_plane",
    "raster_over",
    "slice_planes",
    "writable",
]

COARSEST_MM, FINEST_MM = 1.0, 0.25
NODES_ACROSS = 80
MARGIN_MM = 2.0
SIMPLIFIED_MM = 0.01
MOST_VERTICES = 1_800
"""Of a contour: an element of Explicit VR holds 65,534 bytes of decimal strings."""
SMALLEST_MM2 = 0.05
"""Area that the four written decimals of a coordinate no longer describe well."""

NOTHING: BaseGeometry = shapely.MultiPolygon()


@dataclass(frozen=True, slots=True, eq=False)
class SlicePlane:
    """The plane of one slice, with coordinates u along its rows, v along its columns.

    Parameters
    ----------
    origin_mm
        ``(3,)`` centre of its first voxel, where u and v are 0.
    along_row, along_column
        ``(3,)`` unit vectors.
    """

    origin_mm: FloatArray
    along_row: FloatArray
    along_column: FloatArray

    @property
    def normal(self) -> FloatArray:
        """Unit vector across the plane, shape (3,)."""
        return np.cross(self.along_row, self.along_column)

    @property
    def height_mm(self) -> float:
        """Coordinate of the plane along its normal."""
        return float(self.origin_mm @ self.normal)

    def points_mm(self, plane_mm: FloatArray) -> FloatArray:
        """Points, shape (..., 3), of coordinates (u, v), shape (..., 2)."""
        u, v = plane_mm[..., :1], plane_mm[..., 1:]
        return self.origin_mm + u * self.along_row + v * self.along_column

    def coordinates_mm(self, points_mm: FloatArray) -> FloatArray:
        """Coordinates (u, v), shape (..., 2), of the feet of points, shape (..., 3)."""
        axes = np.array([self.along_row, self.along_column]).T
        return np.asarray((points_mm - self.origin_mm) @ axes)


def slice_planes(series: SeriesReference) -> tuple[SlicePlane, ...]:
    """The planes of all slices of a series, each at its stated position."""
    return tuple(
        SlicePlane(position, series.along_row, series.along_column)
        for position in series.positions_mm
    )


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Nodes of a square lattice in a plane.

    Parameters
    ----------
    plane
        The plane.
    u_mm, v_mm
        ``(columns,)`` and ``(rows,)`` coordinates of the nodes.
    """

    plane: SlicePlane
    u_mm: FloatArray
    v_mm: FloatArray

    def sampled(self, function: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """Values of a function of points (n, 3), shape (rows, columns)."""
        u, v = np.meshgrid(self.u_mm, self.v_mm)
        nodes = np.stack([u, v], axis=-1).reshape(-1, 2)
        return function(self.plane.points_mm(nodes)).reshape(u.shape)

    def area_of(self, values: FloatArray, lowest: float) -> BaseGeometry:
        """Where values, shape (rows, columns), are at least `lowest`."""
        highest = float(values.max())
        if highest < lowest:
            return NOTHING
        generator = contourpy.contour_generator(
            self.u_mm, self.v_mm, values, fill_type=contourpy.FillType.OuterOffset
        )
        found = generator.filled(lowest, max(highest, lowest) + 1.0)
        polygons = [
            shapely.Polygon(rings[0], rings[1:])
            for points, offsets in zip(*found, strict=True)
            if (rings := np.split(points, offsets[1:-1].astype(np.intp)))
        ]
        return writable(
            shapely.union_all([shapely.make_valid(one) for one in polygons])
        )

    @property
    def frame(self) -> BaseGeometry:
        """The rectangle that the raster fills."""
        return shapely.box(self.u_mm[0], self.v_mm[0], self.u_mm[-1], self.v_mm[-1])


def raster_over(plane: SlicePlane, points_mm: FloatArray) -> Raster:
    """Raster over the feet of points, shape (n, 3), with a margin.

    Its nodes are 1 mm apart, less for a small one: a chord of 1 mm cuts 2 % off a disc
    of 3 mm radius.
    """
    feet = plane.coordinates_mm(points_mm)
    low = np.floor(feet.min(axis=0) - MARGIN_MM)
    high = np.ceil(feet.max(axis=0) + MARGIN_MM)
    step = float(max(high - low)) / NODES_ACROSS
    step = min(max(step, FINEST_MM), COARSEST_MM)
    u, v = (np.arange(low[n], high[n] + step, step) for n in range(2))
    return Raster(plane, u, v)


def half_plane(
    half: HalfSpace, plane: SlicePlane, within: BaseGeometry
) -> BaseGeometry:
    """The part of a convex polygon of a plane that lies in a half-space."""
    ring = shapely.get_coordinates(within)[:-1]
    if not len(ring):
        return NOTHING
    height = plane.points_mm(ring) @ half.normal + half.offset
    kept: list[FloatArray] = []
    for n in range(len(ring)):
        m = (n + 1) % len(ring)
        if height[n] >= 0.0:
            kept.append(ring[n])
        if (height[n] >= 0.0) != (height[m] >= 0.0):
            share = height[n] / (height[n] - height[m])
            kept.append(ring[n] + share * (ring[m] - ring[n]))
    return shapely.Polygon(kept) if len(kept) > 2 else NOTHING


def writable(geometry: BaseGeometry) -> BaseGeometry:
    """Drop points, lines and areas too small to be written."""
    parts = shapely.get_parts(areal(geometry))
    kept = parts[shapely.area(parts) >= SMALLEST_MM2]
    return shapely.multipolygons(kept) if len(kept) else NOTHING


def contours_of(area: BaseGeometry, plane: SlicePlane) -> list[Contour]:
    """One closed contour around each part of an area.

    A hole is reached by a channel without width, the keyhole of DICOM PS3.3 C.8.8.6.3
    (``docs/decisions/0023-dicom-export.md``). Vertices without which no outline moves
    by 0.01 mm are left out; more only where an element could not hold them all.
    """
    contours = []
    for part in shapely.get_parts(_simplified(area, SIMPLIFIED_MM)):
        tolerance = SIMPLIFIED_MM
        ring = _keyhole_ring(part)
        while len(ring) > MOST_VERTICES:
            tolerance *= 2.0
            ring = _keyhole_ring(_simplified(part, tolerance))
        contours.append(Contour(plane.points_mm(ring)))
    return contours


def _simplified(area: BaseGeometry, tolerance_mm: float) -> BaseGeometry:
    return writable(shapely.simplify(area, tolerance_mm, preserve_topology=True))


def _keyhole_ring(polygon: BaseGeometry) -> FloatArray:
    """One ring, shape (n, 2), around a polygon with its holes.

    The hole that is nearest to the ring so far comes first, so that the shortest way to
    it crosses no other.
    """
    ring, *holes = rings_of(polygon)
    holes = [hole for hole in holes if shapely.Polygon(hole).area >= SMALLEST_MM2]
    while holes:
        line = shapely.LinearRing(ring)
        distances = [line.distance(shapely.LinearRing(hole)) for hole in holes]
        hole = holes.pop(int(np.argmin(distances)))
        here, there = shapely.get_coordinates(
            shapely.shortest_line(line, shapely.LinearRing(hole))
        )
        ring, hole = _beginning_at(here, ring), _beginning_at(there, hole)
        ring = np.concatenate([ring, ring[:1], hole, hole[:1]])
    return ring


def _beginning_at(point: FloatArray, ring: FloatArray) -> FloatArray:
    """A ring that begins at a point on it, which becomes a vertex."""
    following = np.roll(ring, -1, axis=0)
    edges = shapely.linestrings(np.stack([ring, following], axis=1))
    edge = int(np.argmin(shapely.distance(edges, shapely.Point(point))))
    rest = np.roll(ring, -edge - 1, axis=0)
    kept = [one for one in (rest[0], rest[-1]) if np.allclose(one, point, atol=1e-9)]
    if not kept:
        return np.concatenate([point[None], rest])
    first = 0 if np.allclose(rest[0], point, atol=1e-9) else len(rest) - 1
    return np.roll(rest, -first, axis=0)
