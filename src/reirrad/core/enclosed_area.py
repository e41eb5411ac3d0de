"""What the contours of one plane enclose.

``CLOSEDPLANAR_XOR`` contours combine by exclusive or. Contours that are
``CLOSED_PLANAR`` add up when they lie apart, cut a hole when one lies wholly inside
another, and are united when they cross. A contour that touches itself (keyhole)
encloses what an odd number of its turns surrounds.

References
----------
DICOM PS3.3, section C.8.8.6.3: where contours combine by exclusive or, all contours of
the region do, in any order.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.findings import Severity
from reirrad.core.structures import ContourKind

__all__ = ["DECIDED", "Outline", "areal", "enclosed_area"]

WHOLE_RATIO = 0.999
"""Share of a contour inside another from which it counts as wholly inside."""

HOLE, CROSSING, REPEATED, MIXED = "nested", "crossing", "repeated", "mixed-kinds"
DECIDED: Mapping[str, tuple[Severity, str]] = {
    HOLE: ("info", "contours inside others were taken as holes, and as parts in holes"),
    CROSSING: (
        "warning",
        "contours cross each other and were united; make sure that none is a hole",
    ),
    REPEATED: ("info", "a contour is drawn twice and counts once"),
    MIXED: (
        "warning",
        "CLOSED_PLANAR contours meet CLOSEDPLANAR_XOR ones; all were combined by XOR",
    ),
}


class Outline(NamedTuple):
    """A contour in the coordinates of its plane."""

    polygon: BaseGeometry
    kind: ContourKind


def enclosed_area(contours: Sequence[Outline]) -> tuple[BaseGeometry, set[str]]:
    """Area enclosed by the contours of one plane, and what was decided about them.

    Returns
    -------
    region : Polygon or MultiPolygon
    decided : set of str
        Keys of `DECIDED`.
    """
    if len(contours) == 1:
        return contours[0].polygon, set()
    polygons = [contour.polygon for contour in contours]
    touching = shapely.intersects(np.array(polygons)[:, None], np.array(polygons))
    apart = np.count_nonzero(touching) == len(polygons)
    xor = [contour.kind is ContourKind.CLOSEDPLANAR_XOR for contour in contours]
    if any(xor):
        region = polygons[0]
        for polygon in polygons[1:]:
            region = areal(region.symmetric_difference(polygon))
        return region, set() if all(xor) or apart else {MIXED}
    plain = all(polygon.geom_type == "Polygon" for polygon in polygons)
    if plain and apart:
        return shapely.multipolygons(polygons), set()
    if plain and _lie_apart_or_inside(polygons, touching):
        return _nested(polygons, touching), {HOLE}
    return _nest_or_unite(polygons, touching)


def _lie_apart_or_inside(
    polygons: Sequence[BaseGeometry], touching: npt.NDArray[np.bool_]
) -> bool:
    """Whether no outline touches another or is drawn twice, so that none is cut."""
    if shapely.get_num_interior_rings(polygons).any():
        return False
    one, other = np.nonzero(np.triu(touching, 1))
    first, second = np.array(polygons)[one], np.array(polygons)[other]
    inside = shapely.contains_properly(first, second)
    inside |= shapely.contains_properly(second, first)
    areas = np.sort([shapely.area(first), shapely.area(second)], axis=0)
    return bool(np.all(inside & (areas[0] <= WHOLE_RATIO * areas[1])))


def _nested(
    polygons: Sequence[BaseGeometry], touching: npt.NDArray[np.bool_]
) -> BaseGeometry:
    """Area of polygons without holes that lie apart or wholly inside one another."""
    order = sorted(range(len(polygons)), key=lambda n: -polygons[n].area)
    around = {n: [m for m in order[:k] if touching[n, m]] for k, n in enumerate(order)}
    holes: dict[int, list[BaseGeometry]] = {}
    for n in order:
        if len(around[n]) % 2:
            holes[around[n][-1]].append(polygons[n].exterior)
        else:
            holes[n] = []
    parts = [
        shapely.polygons(polygons[n].exterior, inner) if inner else polygons[n]
        for n, inner in holes.items()
    ]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _nest_or_unite(
    polygons: Sequence[BaseGeometry], touching: npt.NDArray[np.bool_]
) -> tuple[BaseGeometry, set[str]]:
    """Area of polygons of which some touch, as the table of all pairs says."""
    order = sorted(range(len(polygons)), key=lambda n: -polygons[n].area)
    region: BaseGeometry = shapely.Polygon()
    decided = set()
    for number, n in enumerate(order):
        polygon = polygons[n]
        if polygon.area == 0:
            continue
        near = [polygons[m] for m in order[:number] if touching[n, m]]
        shares = [polygon.intersection(one).area / polygon.area for one in near]
        twice = any(
            share > WHOLE_RATIO and polygon.area > WHOLE_RATIO * larger.area
            for share, larger in zip(shares, near, strict=True)
        )
        if twice:
            decided.add(REPEATED)
            continue
        depth = sum(share > WHOLE_RATIO for share in shares)
        if depth:
            decided.add(HOLE)
        if any(1.0 - WHOLE_RATIO < share <= WHOLE_RATIO for share in shares):
            decided.add(CROSSING)
        region = areal(
            region.difference(polygon) if depth % 2 else region.union(polygon)
        )
    return region, decided


def areal(geometry: BaseGeometry) -> BaseGeometry:
    """Drop the points and lines that a valid result may contain beside its areas."""
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
