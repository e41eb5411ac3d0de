"""Reconstruct a solid from its sections: which part of one plane follows from which.

Every outer border is a part of a body, every hole a part of a hole. Parts of neighbouring
planes that overlap are linked; so is the only part of a plane with the only part of the
next, if it is no further away than the planes are.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.caps import cap_pieces
from reirrad.core.geometry import FloatArray
from reirrad.core.outline import smooth_outline
from reirrad.core.signed_distance import levels_around, ring_moments
from reirrad.core.solid import BOTTOM, TOP, Sheet, Solid, Stretch, body_pieces

__all__ = ["Plane", "reconstructed", "sampling_spacing_mm"]

POINTS_AT_30_CC = 50_000
MOST_POINTS = 120_000
FINEST_SPACING_MM = 0.2

BAND_NODES = 3
THIN_NODES = 3.0
FINEST_RATIO = 0.25

Part = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """What a structure encloses in one plane, and where its neighbours are.

    Parameters
    ----------
    height_mm
        Position along the normal.
    region
        Polygon or polygons in the plane's coordinates (u, v), mm; not empty.
    below_mm, above_mm
        Distance of the neighbouring planes, drawn or not.
    joined
        Whether the next plane above continues this one.
    """

    height_mm: float
    region: BaseGeometry
    below_mm: float
    above_mm: float
    joined: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Outline:
    """One part: its polygon without holes, and the part of a body it belongs to."""

    polygon: BaseGeometry
    ring: FloatArray
    owner: Part
    thickness_mm: float


def sampling_spacing_mm(volume_cc: float) -> float:
    """Spacing of the cells of a structure: finer for a small one.

    The number of points grows with the cube root of the volume: about 16,000 for 1 cc,
    50,000 for 30 cc (0.8 mm) and 120,000, the most, for a liver (2.1 mm).
    """
    n_points = min(POINTS_AT_30_CC * (volume_cc / 30.0) ** (1.0 / 3.0), MOST_POINTS)
    wanted = (volume_cc * 1000.0 / n_points) ** (1.0 / 3.0)
    return float(max(wanted, FINEST_SPACING_MM))


def reconstructed(planes: Sequence[Plane], *, pitch_mm: float) -> Solid:
    """Reconstruct the solid.

    Parameters
    ----------
    planes
        Ordered by their heights.
    pitch_mm
        Distance between the nodes at which signed distances are kept; finer where the
        structure is thin.
    """
    bodies: dict[Part, _Outline] = {}
    holes: dict[Part, _Outline] = {}
    for number, plane in enumerate(planes):
        for polygon in shapely.get_parts(plane.region):
            owner = (number, sum(1 for key in bodies if key[0] == number))
            thickness = 2.0 * polygon.area / polygon.length
            bodies[owner] = _outline(polygon.exterior, owner, thickness)
            for ring in polygon.interiors:
                key = (number, len(holes))
                holes[key] = _outline(ring, owner, thickness)
    return Solid(
        _stretches(planes, bodies, pitch_mm=pitch_mm),
        _stretches(planes, holes, pitch_mm=pitch_mm),
    )


def _outline(ring: BaseGeometry, owner: Part, thickness_mm: float) -> _Outline:
    vertices = shapely.get_coordinates(ring)[:-1]
    if ring_moments(vertices)[0] < 0.0:
        vertices = np.ascontiguousarray(vertices[::-1])
    return _Outline(
        shapely.Polygon(ring), smooth_outline(vertices), owner, thickness_mm
    )


def _stretches(
    planes: Sequence[Plane], outlines: dict[Part, _Outline], *, pitch_mm: float
) -> tuple[Stretch, ...]:
    above, below = _links(planes, outlines)
    result = []
    started: set[Part] = set()
    for part in outlines:
        if part in started or _one_to_one(below[part], above):
            continue
        run = [part]
        while _one_to_one(above[run[-1]], below):
            run.append(above[run[-1]][0])
        started.update(run)
        sheets = [_sheet(planes, outlines, [p], pitch_mm) for p in run]
        result.append(
            _stretch(planes, sheets, open_ends=(below[run[0]], above[run[-1]]))
        )
    for lower, upper in _junctions(above, below):
        sheets = [_sheet(planes, outlines, group, pitch_mm) for group in (lower, upper)]
        result.append(_stretch(planes, sheets, open_ends=(lower, upper)))
    return tuple(stretch for stretch in result if stretch is not None)


def _links(
    planes: Sequence[Plane], outlines: dict[Part, _Outline]
) -> tuple[dict[Part, list[Part]], dict[Part, list[Part]]]:
    """Parts of the next plane above, and below, that overlap each part."""
    by_plane: dict[int, list[Part]] = defaultdict(list)
    for part in outlines:
        by_plane[part[0]].append(part)
    pairs = [
        (low, high)
        for number, plane in enumerate(planes)
        if plane.joined
        for low in by_plane[number]
        for high in by_plane[number + 1]
    ]
    above: dict[Part, list[Part]] = defaultdict(list)
    below: dict[Part, list[Part]] = defaultdict(list)
    if not pairs:
        return above, below
    polygons = [
        np.array([outlines[pair[side]].polygon for pair in pairs]) for side in (0, 1)
    ]
    distances = shapely.distance(*polygons)
    for (low, high), distance in zip(pairs, distances, strict=True):
        alone = len(by_plane[low[0]]) == 1 and len(by_plane[high[0]]) == 1
        apart = planes[high[0]].height_mm - planes[low[0]].height_mm
        if distance == 0.0 or (alone and distance <= apart):
            above[low].append(high)
            below[high].append(low)
    return above, below


def _one_to_one(linked: list[Part], back: dict[Part, list[Part]]) -> bool:
    return len(linked) == 1 and len(back[linked[0]]) == 1


def _junctions(
    above: dict[Part, list[Part]], below: dict[Part, list[Part]]
) -> list[tuple[list[Part], list[Part]]]:
    """Groups of linked parts, where not one faces one."""
    groups = []
    seen: set[Part] = set()
    for start in [part for part in list(above) if above[part]]:
        if start in seen or _one_to_one(above[start], below):
            continue
        lower, upper = [start], []
        for part in lower:
            for high in above[part]:
                if high not in upper:
                    upper.append(high)
                    lower += [low for low in below[high] if low not in lower]
        seen.update(lower)
        groups.append((sorted(lower), sorted(upper)))
    return groups


def _sheet(
    planes: Sequence[Plane],
    outlines: dict[Part, _Outline],
    parts: list[Part],
    pitch_mm: float,
) -> Sheet:
    plane = planes[parts[0][0]]
    chosen = [outlines[part] for part in parts]
    rings = [outline.ring for outline in chosen]
    vertices = np.concatenate(rings)
    thickness = min(outline.thickness_mm for outline in chosen)
    pitch = max(min(pitch_mm, thickness / THIN_NODES), FINEST_RATIO * pitch_mm)
    moments = np.array([ring_moments(ring) for ring in rings])
    area = moments[:, 0]
    first = np.array([ring[0] for ring in rings])
    centre = (moments[:, 1:3] + area[:, None] * first).sum(axis=0) / area.sum()
    distance = max(plane.below_mm, plane.above_mm)
    band = max(BAND_NODES * pitch, min(distance, 2.0 * BAND_NODES * pitch))
    return Sheet(
        height_mm=plane.height_mm,
        ring=vertices,
        low_mm=vertices.min(axis=0),
        high_mm=vertices.max(axis=0),
        levels=levels_around(rings, pitch_mm=pitch, band_mm=band),
        area_mm2=float(area.sum()),
        u_mm=float(centre[0]),
        v_mm=float(centre[1]),
        thickness_mm=float(thickness),
        parts=frozenset(outline.owner for outline in chosen),
    )


def _stretch(
    planes: Sequence[Plane],
    sheets: list[Sheet],
    *,
    open_ends: tuple[list[Part], list[Part]],
) -> Stretch | None:
    """Pieces between the sheets, with caps where nothing follows."""
    pieces = body_pieces(sheets)
    below, above = open_ends
    by_height = {plane.height_mm: plane for plane in planes}
    if not below:
        reach = by_height[sheets[0].height_mm].below_mm
        drifts = bool(pieces) and pieces[0].aligned
        caps = cap_pieces(sheets[::-1], reach_mm=reach, end=BOTTOM, drifts=drifts)
        pieces = caps + pieces
    if not above:
        reach = by_height[sheets[-1].height_mm].above_mm
        drifts = len(sheets) > 1 and pieces[-1].aligned
        pieces = pieces + cap_pieces(sheets, reach_mm=reach, end=TOP, drifts=drifts)
    if not pieces:
        return None
    return Stretch(tuple(pieces), frozenset().union(*(s.parts for s in sheets)))
