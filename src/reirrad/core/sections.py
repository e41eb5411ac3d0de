"""A structure as a stack of slabs: what its contours enclose, plane by plane.

How contours become a volume (``docs/decisions/0002-from-contours-to-volume.md``):

* Contours may lie at any orientation, all of one structure in parallel planes.
* In one plane, ``CLOSEDPLANAR_XOR`` contours combine by exclusive or. Contours that are
  ``CLOSED_PLANAR`` add up when they lie apart, cut a hole when one lies wholly inside
  another, and are united, with a remark, when they cross. A contour that touches itself
  (keyhole) encloses what an odd number of its turns surrounds.
* A plane stands for the slab half way to its neighbours; the first and last slabs are
  as thick as the rest. Planes further apart than one and a half times the usual
  distance leave a gap, in which nothing is assumed, with a remark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.structures import Contour, ContourKind, Structure
from reirrad.errors import InputError

__all__ = ["Section", "Sections", "is_inside", "rings_of", "sections_of"]

SAME_PLANE_MM = 0.1
FLAT_WITHIN_MM = 0.5
PARALLEL_WITHIN_DEGREES = 1.0
GAP_RATIO = 1.5
ISOLATED_RATIO = 2.5
WHOLE_RATIO = 0.999
"""Share of a contour inside another from which it counts as wholly inside."""


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """What a structure's contours enclose in one plane, and the slab it stands for.

    Parameters
    ----------
    region
        Polygon or polygons in the plane's own coordinates (u, v), mm.
    bottom_mm, top_mm
        Where the slab begins and ends along the normal.
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
    """All sections of one structure, along its normal.

    Parameters
    ----------
    axes
        ``(3, 3)``: rows are the directions u and v in the plane and the normal, as unit
        vectors in patient coordinates.
    slabs
        Ordered along the normal.
    remarks
        What was decided about contours that do not speak for themselves.
    """

    axes: FloatArray
    slabs: tuple[Section, ...]
    remarks: tuple[str, ...]

    @property
    def volume_cc(self) -> float:
        """Volume of all slabs."""
        return float(sum(s.region.area * s.thickness_mm for s in self.slabs) / 1000.0)


def sections_of(
    structure: Structure, *, slice_spacing_mm: float | None = None
) -> Sections:
    """Combine the contours of a structure into slabs.

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
    axes = _axes(structure)
    planes = _planes(structure, axes)
    heights = np.array([height for height, _ in planes])
    spacing = _usual_spacing_mm(structure, heights, slice_spacing_mm)
    remarks: list[str] = []
    slabs = []
    for (height, contours), (bottom, top) in zip(
        planes, _slabs(heights, spacing), strict=True
    ):
        region, crossing = _region(contours, axes)
        if crossing:
            remarks.append(
                f"contours cross each other at {height:.1f} mm and were united"
            )
        if not region.is_empty:
            slabs.append(Section(region, bottom, top))
    if not slabs:
        msg = f"structure {structure.name!r}: its contours enclose no area"
        raise InputError(msg)
    remarks += _gaps(heights, spacing)
    return Sections(axes, tuple(slabs), tuple(remarks))


def is_inside(sections: Sections, points_mm: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether points, shape (n, 3), lie inside a structure.

    A point on the border between two slabs belongs to the upper one.
    """
    points = np.asarray(points_mm, dtype=np.float64)
    u, v, height = linear_map(points, sections.axes).T
    inside = np.zeros(len(u), dtype=np.bool_)
    for slab in sections.slabs:
        here = np.flatnonzero((height >= slab.bottom_mm) & (height < slab.top_mm))
        if len(here):
            shapely.prepare(slab.region)
            inside[here] |= shapely.contains_xy(slab.region, u[here], v[here])
    return inside


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


def _axes(structure: Structure) -> FloatArray:
    """Plane directions and normal, from the vector areas of the contours."""
    areas = np.array(
        [_vector_area(contour.points_mm) for contour in structure.contours]
    )
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


def _vector_area(points: FloatArray) -> FloatArray:
    centred = points - points.mean(axis=0)
    return np.asarray(np.cross(centred, np.roll(centred, -1, 0)).sum(axis=0) / 2.0)


def _planes(
    structure: Structure, axes: FloatArray
) -> list[tuple[float, list[Contour]]]:
    """Contours grouped by their height along the normal, lowest first."""
    measured = []
    for contour in structure.contours:
        heights = contour.points_mm @ axes[2]
        if np.ptp(heights) > FLAT_WITHIN_MM:
            msg = (
                f"structure {structure.name!r}: a contour deviates by "
                f"{np.ptp(heights):.1f} mm from the plane of the others. All contours "
                f"of a structure must lie in parallel planes; export it again, drawn "
                f"in one orientation"
            )
            raise InputError(msg)
        measured.append((float(heights.mean()), contour))
    measured.sort(key=lambda item: item[0])
    planes: list[tuple[float, list[Contour]]] = []
    for height, contour in measured:
        if planes and height - planes[-1][0] <= SAME_PLANE_MM:
            planes[-1][1].append(contour)
        else:
            planes.append((height, [contour]))
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


def _slabs(heights: FloatArray, spacing: float) -> list[tuple[float, float]]:
    middles = (heights[:-1] + heights[1:]) / 2.0
    near = np.diff(heights) <= GAP_RATIO * spacing
    top = np.append(np.where(near, middles, heights[:-1] + spacing / 2), 0.0)
    bottom = np.insert(np.where(near, middles, heights[1:] - spacing / 2), 0, 0.0)
    top[-1] = heights[-1] + spacing / 2
    bottom[0] = heights[0] - spacing / 2
    return [(float(b), float(t)) for b, t in zip(bottom, top, strict=True)]


def _gaps(heights: FloatArray, spacing: float) -> list[str]:
    return [
        f"no contour between {low:.1f} and {high:.1f} mm although the others are "
        f"{spacing:.1f} mm apart; nothing is assumed there"
        for low, high in pairwise(heights)
        if high - low > GAP_RATIO * spacing
    ]


def _region(contours: Sequence[Contour], axes: FloatArray) -> tuple[BaseGeometry, bool]:
    """Area enclosed by the contours of one plane, and whether some of them cross."""
    polygons = [_polygon(contour.points_mm @ axes[:2].T) for contour in contours]
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


def _polygon(vertices: FloatArray) -> BaseGeometry:
    polygon = shapely.Polygon(vertices)
    return polygon if polygon.is_valid else _areal(shapely.make_valid(polygon))


def _areal(geometry: BaseGeometry) -> BaseGeometry:
    """Drop the points and lines that a valid result may contain beside its areas."""
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
