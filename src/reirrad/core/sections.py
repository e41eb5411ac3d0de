"""A structure plane by plane: what its contours enclose, and the solid they tell of.

How contours become areas (``docs/decisions/0002-from-contours-to-volume.md``):

* Contours may lie at any orientation, all of one structure in parallel planes.
* In one plane, ``CLOSEDPLANAR_XOR`` contours combine by exclusive or. Contours that are
  ``CLOSED_PLANAR`` add up when they lie apart, cut a hole when one lies wholly inside
  another, and are united, with a remark, when they cross. A contour that touches itself
  (keyhole) encloses what an odd number of its turns surrounds.
* Planes further apart than one and a half times their neighbours leave a gap, with a
  remark: nothing joins its two sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.reconstruction import reconstructed
from reirrad.core.runs import Plane
from reirrad.core.solid import Solid
from reirrad.core.structures import ContourKind, Structure
from reirrad.errors import InputError

__all__ = ["Section", "Sections", "is_inside", "rings_of", "sections_of"]

SAME_PLANE_MM = 0.1
FLAT_WITHIN_MM = 0.5
GAP_RATIO = 1.5
ISOLATED_RATIO = 2.5
WHOLE_RATIO = 0.999
"""Share of a contour inside another from which it counts as wholly inside."""


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """What a structure's contours enclose in one plane, and the slab around it.

    Parameters
    ----------
    region
        Polygon or polygons in the plane's own coordinates (u, v), mm.
    bottom_mm, top_mm
        Half way to the neighbouring planes along the normal.
    """

    region: BaseGeometry
    bottom_mm: float
    top_mm: float

    @property
    def thickness_mm(self) -> float:
        """Thickness of the slab."""
        return self.top_mm - self.bottom_mm


@dataclass(frozen=True, slots=True, eq=False)
class Sections:
    """All sections of one structure, along its normal, and the solid between them.

    Parameters
    ----------
    axes
        ``(3, 3)``: rows are the directions u and v in the plane and the normal, as unit
        vectors in patient coordinates.
    slabs
        Ordered along the normal.
    solid
        In the coordinates u, v and height.
    remarks
        What was decided about contours that do not speak for themselves.
    """

    axes: FloatArray
    slabs: tuple[Section, ...]
    solid: Solid
    remarks: tuple[str, ...]

    @property
    def volume_cc(self) -> float:
        """Volume of the solid."""
        return self.solid.volume_cc


def sections_of(
    structure: Structure, *, slice_spacing_mm: float | None = None
) -> Sections:
    """Combine the contours of a structure into sections, and those into a solid.

    Parameters
    ----------
    structure : Structure
        With at least one contour.
    slice_spacing_mm : float, optional
        Distance between the slices of the image it was drawn on; needed where a
        structure has a single plane, and tells isolated planes from wide spacing.

    Raises
    ------
    InputError
        If its contours are not flat, not parallel, enclose nothing, or if the thickness
        of a single plane is unknown.
    """
    if not structure.contours:
        msg = f"structure {structure.name!r} has no closed contour"
        raise InputError(msg)
    vertices = _Vertices.of(structure)
    axes = _axes(structure, vertices)
    drawn = _planes(structure, vertices, axes)
    spacing = _usual_spacing_mm(
        structure, np.array([height for height, _ in drawn]), slice_spacing_mm
    )
    remarks: list[str] = []
    regions = []
    for height, contours in drawn:
        region, crossing = _region(contours)
        if crossing:
            remarks.append(
                f"contours cross each other at {height:.1f} mm and were united"
            )
        if not region.is_empty:
            regions.append((height, region))
    if not regions:
        msg = f"structure {structure.name!r}: its contours enclose no area"
        raise InputError(msg)
    planes = _neighbours(regions, spacing)
    remarks += _gaps(planes)
    slabs = tuple(
        Section(
            plane.region,
            plane.height_mm - plane.below_mm / 2.0,
            plane.height_mm + plane.above_mm / 2.0,
        )
        for plane in planes
    )
    return Sections(axes, slabs, reconstructed(planes), tuple(remarks))


def is_inside(sections: Sections, points_mm: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether points, shape (n, 3), lie inside the solid of a structure."""
    points = np.asarray(points_mm, dtype=np.float64)
    return sections.solid.contains(linear_map(points, sections.axes))


def rings_of(region: BaseGeometry) -> list[FloatArray]:
    """Borders of a region: counter-clockwise outside, clockwise around holes.

    Returns
    -------
    list of ndarray, shape (n, 2)
        Without a repeated last vertex.
    """
    rings = []
    for polygon in shapely.get_parts(region):
        oriented = shapely.orient_polygons(polygon)
        rings.append(shapely.get_coordinates(oriented.exterior)[:-1])
        rings += [shapely.get_coordinates(hole)[:-1] for hole in oriented.interiors]
    return rings


class _Vertices(NamedTuple):
    """Vertices of all contours of a structure, ``(n, 3)``, and where each begins."""

    points_mm: FloatArray
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, structure: Structure) -> "_Vertices":
        points = [contour.points_mm for contour in structure.contours]
        return cls(np.concatenate(points), np.cumsum([0, *map(len, points)]))


class _Outline(NamedTuple):
    """A contour in the coordinates of its plane."""

    polygon: BaseGeometry
    kind: ContourKind


def _axes(structure: Structure, vertices: _Vertices) -> FloatArray:
    """Plane directions and normal, from the vector areas of the contours."""
    areas = _vector_areas(*vertices)
    largest = areas[np.argmax(np.linalg.norm(areas, axis=1))]
    size = np.linalg.norm(largest)
    if size == 0:
        msg = f"structure {structure.name!r}: its contours enclose no area"
        raise InputError(msg)
    normal = largest / size
    normal *= np.sign(normal[np.argmax(np.abs(normal))])
    normal[np.abs(normal) < 1e-6] = 0.0
    normal /= np.linalg.norm(normal)
    # The patient axis that lies flattest in the plane gives the first direction, so
    # that axial contours keep x and y.
    flattest = np.eye(3)[np.argmin(np.abs(normal))]
    u = flattest - (flattest @ normal) * normal
    u /= np.linalg.norm(u)
    return np.array([u, np.cross(normal, u), normal])


@compiled
def _vector_areas(points: FloatArray, starts: npt.NDArray[np.intp]) -> FloatArray:
    """Area of each polygon in space, times its normal."""
    areas = np.zeros((len(starts) - 1, 3))
    for contour in range(len(areas)):
        first = points[starts[contour]]
        for n in range(starts[contour] + 1, starts[contour + 1] - 1):
            a0, a1, a2 = points[n] - first
            b0, b1, b2 = points[n + 1] - first
            areas[contour, 0] += (a1 * b2 - a2 * b1) / 2.0
            areas[contour, 1] += (a2 * b0 - a0 * b2) / 2.0
            areas[contour, 2] += (a0 * b1 - a1 * b0) / 2.0
    return areas


def _planes(
    structure: Structure, vertices: _Vertices, axes: FloatArray
) -> list[tuple[float, list[_Outline]]]:
    """Contours grouped by their height along the normal, lowest first."""
    local = linear_map(vertices.points_mm, axes)
    starts, counts = vertices.starts[:-1], np.diff(vertices.starts)
    highest = np.maximum.reduceat(local[:, 2], starts)
    deviation = float(np.max(highest - np.minimum.reduceat(local[:, 2], starts)))
    if deviation > FLAT_WITHIN_MM:
        msg = (
            f"structure {structure.name!r}: a contour deviates by {deviation:.1f} mm "
            f"from the plane of the others. All contours of a structure must lie in "
            f"parallel planes; export it again, drawn in one orientation"
        )
        raise InputError(msg)
    heights = np.add.reduceat(local[:, 2], starts) / counts
    rings = shapely.linearrings(
        local[:, :2], indices=np.repeat(range(len(counts)), counts)
    )
    polygons = shapely.polygons(rings)
    valid = shapely.is_valid(polygons)
    planes: list[tuple[float, list[_Outline]]] = []
    for n in np.argsort(heights, kind="stable").tolist():
        polygon = polygons[n] if valid[n] else _areal(shapely.make_valid(polygons[n]))
        outline = _Outline(polygon, structure.contours[n].kind)
        if planes and heights[n] - planes[-1][0] <= SAME_PLANE_MM:
            planes[-1][1].append(outline)
        else:
            planes.append((float(heights[n]), [outline]))
    return planes


def _usual_spacing_mm(
    structure: Structure, heights: FloatArray, slice_spacing_mm: float | None
) -> float:
    if len(heights) > 1:
        usual = float(np.median(np.diff(heights)))
        if slice_spacing_mm is None or usual <= ISOLATED_RATIO * slice_spacing_mm:
            return usual
    if slice_spacing_mm is None:
        msg = (
            f"structure {structure.name!r} is drawn in a single plane and the distance "
            f"between image slices is unknown. Supply the planning image"
        )
        raise InputError(msg)
    return slice_spacing_mm


def _neighbours(
    regions: Sequence[tuple[float, BaseGeometry]], spacing: float
) -> list[Plane]:
    """Planes with the distances of those next to them, drawn or not."""
    heights = np.array([height for height, _ in regions])
    steps = np.diff(heights)
    beside = np.maximum(np.append(steps[1:], 0.0), np.insert(steps[:-1], 0, 0.0))
    # A wider distance that repeats itself is a wider spacing and no gap.
    joined = (steps <= GAP_RATIO * spacing) | (
        (steps <= GAP_RATIO * beside) & (steps <= ISOLATED_RATIO * spacing)
    )
    planes = []
    for n, (height, region) in enumerate(regions):
        below = steps[n - 1] if n > 0 else np.inf
        above = steps[n] if n < len(steps) else np.inf
        near_below = n > 0 and bool(joined[n - 1])
        near_above = n < len(steps) and bool(joined[n])
        usual = below if near_below else above if near_above else spacing
        if not near_below:
            below = min(above if near_above else spacing, below / 2.0)
        if not near_above:
            above = min(usual, above / 2.0)
        planes.append(Plane(height, region, float(below), float(above), near_above))
    return planes


def _gaps(planes: Sequence[Plane]) -> list[str]:
    return [
        f"no contour between {low.height_mm:.1f} and {high.height_mm:.1f} mm although "
        f"the others are {low.below_mm:.1f} mm apart; nothing is assumed there"
        for low, high in pairwise(planes)
        if not low.joined
    ]


def _region(contours: Sequence[_Outline]) -> tuple[BaseGeometry, bool]:
    """Area enclosed by the contours of one plane, and whether some of them cross."""
    polygons = [contour.polygon for contour in contours]
    if len(polygons) == 1:
        return polygons[0], False
    if any(contour.kind is ContourKind.CLOSEDPLANAR_XOR for contour in contours):
        region = polygons[0]
        for polygon in polygons[1:]:
            region = _areal(region.symmetric_difference(polygon))
        return region, False
    return _nest_or_unite(polygons)


def _nest_or_unite(polygons: Sequence[BaseGeometry]) -> tuple[BaseGeometry, bool]:
    ordered = sorted(polygons, key=lambda polygon: -polygon.area)
    region: BaseGeometry = shapely.Polygon()
    crossing = False
    for number, polygon in enumerate(ordered):
        if polygon.area == 0:
            continue
        shares = [
            polygon.intersection(larger).area / polygon.area
            for larger in ordered[:number]
        ]
        twice = any(
            share > WHOLE_RATIO and polygon.area > WHOLE_RATIO * larger.area
            for share, larger in zip(shares, ordered, strict=False)
        )
        if twice:
            continue
        depth = sum(share > WHOLE_RATIO for share in shares)
        crossing |= any(1.0 - WHOLE_RATIO < s <= WHOLE_RATIO for s in shares)
        region = _areal(
            region.difference(polygon) if depth % 2 else region.union(polygon)
        )
    return region, crossing


def _areal(geometry: BaseGeometry) -> BaseGeometry:
    """Drop the points and lines that a valid result may contain beside its areas."""
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
