"""Reconstruct a solid from its sections: which part of one plane follows from which.

Every outer border is a part of a body, every hole a part of a hole. Parts of neighbouring
planes that overlap are linked; so is the only part of a plane with the only part of the
next, if it is no further away than the planes are. As long as one part faces one part
they form a stretch; where parts split or merge, the parts on both sides form a short
stretch of their own.

Area and centre of a stretch follow, between two planes, the cubic through the nearest
four, and where that swings too far the straight line.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.caps import cap_parts
from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.outline import smooth_outline
from reirrad.core.signed_distance import ring_moments, signed_distances
from reirrad.core.solid import (
    AREA,
    BODY,
    BOTTOM,
    CENTRE_U,
    CENTRE_V,
    LARGEST,
    PIECE,
    SHEET,
    TOP,
    Solid,
    Tables,
    integrals,
    polynomial,
    sheet_level,
)

__all__ = ["Plane", "reconstructed"]

Part = int
IntArray = npt.NDArray[np.int64]

NODES_IN_VOLUME = 20_000.0
FINEST_PITCH_MM, COARSEST_PITCH_MM = 0.2, 2.5
MARGIN_NODES = 3
BAND_NODES = 4.0
NODES_IN_THICKNESS = 3.0
FINEST_RATIO = 0.5
LEAST_AREA, MOST_AREA = 0.25, 1.5
"""Bounds of the area between two planes, in units of the smaller and the larger."""
COMPARED_VERTICES = 48


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
class _Outlines:
    """Borders of one kind, plane by plane; all lists run over the parts.

    ``owner`` numbers the part of a body that each belongs to.
    """

    rings: list[FloatArray]
    polygons: npt.NDArray[np.object_]
    plane: list[int]
    owner: list[int]
    thickness_mm: list[float]


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch before it is measured: groups of parts, plane by plane."""

    groups: list[tuple[Part, ...]]
    starts_below: bool
    ends_above: bool


def reconstructed(planes: Sequence[Plane]) -> Solid:
    """Reconstruct the solid from its planes, ordered by their heights."""
    volume_mm3 = sum(p.region.area * (p.below_mm + p.above_mm) / 2.0 for p in planes)
    pitch_mm = (volume_mm3 / NODES_IN_VOLUME) ** (1.0 / 3.0)
    pitch_mm = min(max(pitch_mm, FINEST_PITCH_MM), COARSEST_PITCH_MM)
    bodies, holes = _outlines(planes)
    body_runs, hole_runs = _runs(planes, bodies), _runs(planes, holes)
    body_tables = _tables(planes, bodies, body_runs, pitch_mm)
    hole_tables = _tables(planes, holes, hole_runs, pitch_mm)
    pierced = [{holes.owner[p] for g in run.groups for p in g} for run in hole_runs]
    holes_of = tuple(
        np.array(
            [
                len(body_runs) + number
                for number, owners in enumerate(pierced)
                if not owners.isdisjoint(part for group in run.groups for part in group)
            ],
            dtype=np.int64,
        )
        for run in body_runs
    )
    return Solid(_joined(body_tables, hole_tables), holes_of)


def _outlines(planes: Sequence[Plane]) -> tuple[_Outlines, _Outlines]:
    """Outer borders, and borders of holes."""
    regions = np.array([plane.region for plane in planes])
    parts, plane = shapely.get_parts(regions, return_index=True)
    thickness = 2.0 * shapely.area(parts) / shapely.length(parts)
    exteriors = shapely.get_exterior_ring(parts)
    bodies = _Outlines(
        _rings(exteriors),
        shapely.polygons(exteriors),
        plane.tolist(),
        list(range(len(parts))),
        thickness.tolist(),
    )
    owner = np.repeat(np.arange(len(parts)), shapely.get_num_interior_rings(parts))
    if not len(owner):
        return bodies, _Outlines([], np.array([], dtype=object), [], [], [])
    interiors = np.concatenate(
        [
            shapely.get_interior_ring(
                part, np.arange(shapely.get_num_interior_rings(part))
            )
            for part in parts[np.unique(owner)]
        ]
    )
    return bodies, _Outlines(
        _rings(interiors),
        shapely.polygons(interiors),
        plane[owner].tolist(),
        owner.tolist(),
        thickness[owner].tolist(),
    )


def _rings(borders: npt.NDArray[np.object_]) -> list[FloatArray]:
    """Vertices of each border, counter-clockwise, of the curve they were taken from."""
    coordinates, of = shapely.get_coordinates(borders, return_index=True)
    starts = np.searchsorted(of, np.arange(len(borders) + 1))
    counter_clockwise = shapely.is_ccw(borders)
    rings = []
    for n, keep in enumerate(counter_clockwise):
        ring = coordinates[starts[n] : starts[n + 1] - 1]
        rings.append(smooth_outline(ring if keep else np.ascontiguousarray(ring[::-1])))
    return rings


def _runs(planes: Sequence[Plane], outlines: _Outlines) -> list[_Run]:
    above, below = _links(planes, outlines)
    runs = []
    for part in range(len(outlines.rings)):
        if _one_to_one(below[part], above):
            continue
        run = [part]
        while _one_to_one(above[run[-1]], below):
            run.append(above[run[-1]][0])
        starts, ends = bool(below[run[0]]), bool(above[run[-1]])
        if len(run) > 1 or not (starts and ends):
            runs.append(_Run([(p,) for p in run], starts, ends))
    return runs + [
        _Run([low, high], True, True) for low, high in _junctions(above, below)
    ]


def _links(
    planes: Sequence[Plane], outlines: _Outlines
) -> tuple[dict[Part, list[Part]], dict[Part, list[Part]]]:
    """Parts of the next plane above, and below, that overlap each part."""
    by_plane: dict[int, list[Part]] = defaultdict(list)
    for part, number in enumerate(outlines.plane):
        by_plane[number].append(part)
    pairs = np.array(
        [
            (low, high)
            for number, plane in enumerate(planes)
            if plane.joined
            for low in by_plane[number]
            for high in by_plane[number + 1]
        ],
        dtype=np.intp,
    ).reshape(-1, 2)
    above: dict[Part, list[Part]] = defaultdict(list)
    below: dict[Part, list[Part]] = defaultdict(list)
    lower, upper = outlines.polygons[pairs[:, 0]], outlines.polygons[pairs[:, 1]]
    overlap = shapely.intersects(lower, upper)
    for n, (low, high) in enumerate(pairs.tolist()):
        linked = bool(overlap[n])
        number = outlines.plane[low]
        if not linked and len(by_plane[number]) == len(by_plane[number + 1]) == 1:
            apart = planes[number + 1].height_mm - planes[number].height_mm
            linked = bool(shapely.distance(lower[n], upper[n]) <= apart)
        if linked:
            above[low].append(high)
            below[high].append(low)
    return above, below


def _one_to_one(linked: list[Part], back: dict[Part, list[Part]]) -> bool:
    return len(linked) == 1 and len(back[linked[0]]) == 1


def _junctions(
    above: dict[Part, list[Part]], below: dict[Part, list[Part]]
) -> list[tuple[tuple[Part, ...], tuple[Part, ...]]]:
    """Groups of linked parts, where not one faces one."""
    groups = []
    seen: set[Part] = set()
    for start in sorted(part for part, linked in above.items() if linked):
        if start in seen or _one_to_one(above[start], below):
            continue
        lower, upper = [start], list[Part]()
        for part in lower:
            upper += [high for high in above[part] if high not in upper]
            lower += [low for high in upper for low in below[high] if low not in lower]
        lower = list(dict.fromkeys(lower))
        seen.update(lower)
        groups.append((tuple(sorted(lower)), tuple(sorted(upper))))
    return groups


def _tables(
    planes: Sequence[Plane], outlines: _Outlines, runs: Sequence[_Run], pitch_mm: float
) -> Tables:
    """Measure every sheet once, then fit the pieces of every stretch."""
    number: dict[tuple[Part, ...], int] = {}
    for run in runs:
        for group in run.groups:
            number.setdefault(group, len(number))
    vertices = np.concatenate([*outlines.rings, np.empty((0, 2))])
    first = np.cumsum([0, *(len(ring) for ring in outlines.rings)])
    members = np.array([p for group in number for p in group], dtype=np.int64)
    starts = np.cumsum([0, *(len(group) for group in number)])
    sheets = np.zeros(len(number), dtype=SHEET)
    sheets["height_mm"] = [planes[outlines.plane[g[0]]].height_mm for g in number]
    thickness = np.array(outlines.thickness_mm)
    _measure(sheets, vertices, first, (members, starts), thickness, pitch_mm)
    nodes = np.empty(int((sheets["rows"] * sheets["columns"]).sum()), dtype=np.float32)
    _fill_nodes(nodes, sheets, vertices, first, (members, starts))
    pieces, curves, begins = [np.zeros(0, dtype=PIECE)], [np.empty((0, 4, 4))], [0]
    for run in runs:
        chain = np.array([number[group] for group in run.groups], dtype=np.int64)
        body, shape = _fitted(nodes, sheets, chain, (vertices, first, members, starts))
        below = planes[outlines.plane[run.groups[0][0]]].below_mm
        above = planes[outlines.plane[run.groups[-1][0]]].above_mm
        parts = [(body, shape)]
        if not run.starts_below:
            follows = int(body[0]["aligned"]) if len(body) else 0
            up = np.ascontiguousarray(chain[::-1])
            parts.insert(0, _capped(sheets, up, follows, below, BOTTOM))
        if not run.ends_above:
            follows = int(body[-1]["aligned"]) if len(body) else 0
            parts.append(_capped(sheets, chain, follows, above, TOP))
        body = np.concatenate([part[0] for part in parts])
        shape = np.concatenate([part[1] for part in parts])
        pieces.append(body)
        curves.append(shape)
        begins.append(begins[-1] + len(body))
    tables = Tables(
        nodes, sheets, np.concatenate(pieces), np.concatenate(curves), np.array(begins)
    )
    _sum_up(tables)
    return tables


def _joined(bodies: Tables, holes: Tables) -> Tables:
    sheets, pieces = holes.sheets.copy(), holes.pieces.copy()
    sheets["first_node"] += len(bodies.nodes_mm)
    pieces["lower"] += len(bodies.sheets)
    pieces["upper"] += len(bodies.sheets)
    return Tables(
        np.concatenate([bodies.nodes_mm, holes.nodes_mm]),
        np.concatenate([bodies.sheets, sheets]),
        np.concatenate([bodies.pieces, pieces]),
        np.concatenate([bodies.curves, holes.curves]),
        np.concatenate([bodies.starts, holes.starts[1:] + len(bodies.pieces)]),
    )


@compiled
def _measure(
    sheets: npt.NDArray[np.void],
    vertices: FloatArray,
    first: IntArray,
    groups: tuple[IntArray, IntArray],
    thickness: FloatArray,
    pitch: float,
) -> None:
    """Area, centre and box of every sheet, and the lattice around it; in place."""
    members, starts = groups
    next_node = 0
    for n in range(len(sheets)):
        area, moment_u, moment_v, length = 0.0, 0.0, 0.0, 0.0
        low_u, low_v, high_u, high_v = np.inf, np.inf, -np.inf, -np.inf
        for part in members[starts[n] : starts[n + 1]]:
            ring = vertices[first[part] : first[part + 1]]
            own, own_u, own_v, _ = ring_moments(ring)
            area += own
            moment_u += own_u + own * ring[0, 0]
            moment_v += own_v + own * ring[0, 1]
            length += 2.0 * own / thickness[part]
            for m in range(len(ring)):
                low_u, high_u = min(low_u, ring[m, 0]), max(high_u, ring[m, 0])
                low_v, high_v = min(low_v, ring[m, 1]), max(high_v, ring[m, 1])
        sheet = sheets[n]
        sheet.area_mm2 = area
        sheet.u_mm, sheet.v_mm = moment_u / area, moment_v / area
        sheet.thickness_mm = 2.0 * area / length
        sheet.low_u, sheet.low_v = low_u, low_v
        sheet.high_u, sheet.high_v = high_u, high_v
        side = max(sheet.thickness_mm / NODES_IN_THICKNESS, FINEST_RATIO * pitch)
        side = min(pitch, side)
        sheet.pitch_mm = side
        sheet.corner_u = low_u - MARGIN_NODES * side
        sheet.corner_v = low_v - MARGIN_NODES * side
        sheet.columns = int(np.ceil((high_u - low_u) / side)) + 2 * MARGIN_NODES + 1
        sheet.rows = int(np.ceil((high_v - low_v) / side)) + 2 * MARGIN_NODES + 1
        sheet.first_node = next_node
        next_node += sheet.rows * sheet.columns


@compiled
def _fill_nodes(
    nodes: npt.NDArray[np.float32],
    sheets: npt.NDArray[np.void],
    vertices: FloatArray,
    first: IntArray,
    groups: tuple[IntArray, IntArray],
) -> None:
    """Signed distances on the lattice of every sheet."""
    members, starts = groups
    for n in range(len(sheets)):
        sheet = sheets[n]
        parts = members[starts[n] : starts[n + 1]]
        count = 0
        for part in parts:
            count += first[part + 1] - first[part]
        rings = np.empty((count, 2))
        begins = np.zeros(len(parts) + 1, dtype=np.intp)
        for m in range(len(parts)):
            ring = vertices[first[parts[m]] : first[parts[m] + 1]]
            begins[m + 1] = begins[m] + len(ring)
            rings[begins[m] : begins[m + 1]] = ring
        last_node = sheet.first_node + sheet.rows * sheet.columns
        lattice = nodes[sheet.first_node : last_node]
        signed_distances(
            lattice.reshape((sheet.rows, sheet.columns)),
            rings,
            begins,
            (sheet.corner_u, sheet.corner_v),
            sheet.pitch_mm,
            BAND_NODES * sheet.pitch_mm,
        )


@compiled
def _fitted(
    nodes: npt.NDArray[np.float32],
    sheets: npt.NDArray[np.void],
    chain: IntArray,
    drawn: tuple[FloatArray, IntArray, IntArray, IntArray],
) -> tuple[npt.NDArray[np.void], FloatArray]:
    """Pieces between the sheets of a chain, and their curves."""
    count = len(chain) - 1
    pieces = np.zeros(count, dtype=PIECE)
    curves = np.zeros((count, 4, 4))
    for n in range(count):
        lower, upper = sheets[chain[n]], sheets[chain[n + 1]]
        piece = pieces[n]
        piece.low_mm, piece.high_mm = lower.height_mm, upper.height_mm
        piece.lower, piece.upper = chain[n], chain[n + 1]
        piece.end = BODY
        nearest = chain[max(n - 1, 0) : min(n + 3, len(chain))]
        for m in range(len(nearest)):
            at = (sheets[nearest[m]].height_mm - lower.height_mm) / (
                upper.height_mm - lower.height_mm
            )
            basis = _lagrange(sheets, nearest, m, lower.height_mm, upper.height_mm, at)
            sheet = sheets[nearest[m]]
            curves[n, AREA] += sheet.area_mm2 * basis
            curves[n, CENTRE_U] += sheet.u_mm * basis
            curves[n, CENTRE_V] += sheet.v_mm * basis
        least = LEAST_AREA * min(lower.area_mm2, upper.area_mm2)
        most = MOST_AREA * max(lower.area_mm2, upper.area_mm2)
        for share in range(9):
            area = polynomial(curves[n, AREA], share / 8.0)
            if not least <= area <= most:
                curves[n, AREA] = 0.0
                curves[n, AREA, 0] = lower.area_mm2
                curves[n, AREA, 1] = upper.area_mm2 - lower.area_mm2
                break
        curves[n, LARGEST] = curves[n, AREA]
        moved = _misfit(nodes, sheets, (chain[n], chain[n + 1]), drawn, True)
        plain = _misfit(nodes, sheets, (chain[n], chain[n + 1]), drawn, False)
        piece.aligned = 1 if moved <= plain else 0
    return pieces, curves


@compiled
def _lagrange(
    sheets: npt.NDArray[np.void],
    nearest: IntArray,
    m: int,
    low: float,
    high: float,
    at: float,
) -> FloatArray:
    """Cubic that is 1 at one sheet and 0 at the others, in shares of the way up."""
    basis = np.array([1.0, 0.0, 0.0, 0.0])
    degree = 0
    for other in range(len(nearest)):
        if other == m:
            continue
        zero = (sheets[nearest[other]].height_mm - low) / (high - low)
        degree += 1
        for power in range(degree, 0, -1):
            basis[power] = (basis[power - 1] - zero * basis[power]) / (at - zero)
        basis[0] = -zero * basis[0] / (at - zero)
    return basis


@compiled
def _misfit(
    nodes: npt.NDArray[np.float32],
    sheets: npt.NDArray[np.void],
    pair: tuple[int, int],
    drawn: tuple[FloatArray, IntArray, IntArray, IntArray],
    aligned: bool,  # noqa: FBT001 - a compiled function knows no keywords
) -> float:
    """Mean distance of the outlines of two sheets from each other."""
    vertices, first, members, starts = drawn
    total = 0.0
    for swapped in range(2):
        here, there = pair[swapped], pair[1 - swapped]
        own = sheets[here]
        frame = (own.u_mm, own.v_mm, np.sqrt(own.area_mm2))
        count = 0
        for part in members[starts[here] : starts[here + 1]]:
            count += first[part + 1] - first[part]
        step = max(1, count // COMPARED_VERTICES)
        away, asked = 0.0, 0
        for part in members[starts[here] : starts[here + 1]]:
            for n in range(first[part], first[part + 1], step):
                point = (vertices[n, 0], vertices[n, 1])
                level = sheet_level(nodes, sheets[there], frame, point, aligned)
                away += abs(level)
                asked += 1
        total += away / asked
    return total


@compiled
def _capped(
    sheets: npt.NDArray[np.void],
    chain: IntArray,
    follows: int,
    reach_mm: float,
    end: int,
) -> tuple[npt.NDArray[np.void], FloatArray]:
    """Pieces beyond the last sheet of a chain, in the order of their heights.

    ``follows`` tells whether the last two sheets were aligned.
    """
    last = sheets[chain[-1]]
    near = chain[-3:]
    depths, areas = np.empty(len(near)), np.empty(len(near))
    for n in range(len(near)):
        depths[n] = abs(sheets[near[n]].height_mm - last.height_mm)
        areas[n] = sheets[near[n]].area_mm2
    parts = cap_parts(depths, areas, reach_mm)
    pieces = np.zeros(len(parts), dtype=PIECE)
    curves = np.zeros((len(parts), 4, 4))
    # The centre goes on moving as between the last two sheets.
    drift_u, drift_v = 0.0, 0.0
    if follows:
        inner = sheets[chain[-2]]
        step = last.height_mm - inner.height_mm
        drift_u = (last.u_mm - inner.u_mm) / step
        drift_v = (last.v_mm - inner.v_mm) / step
    for m in range(len(parts)):
        n = m if end == TOP else len(parts) - 1 - m
        start, stop = parts[m, 0], parts[m, 1]
        low = last.height_mm + (start if end == TOP else -stop)
        piece = pieces[n]
        piece.low_mm, piece.high_mm = low, low + stop - start
        piece.lower = piece.upper = chain[-1]
        piece.aligned = 1 if len(chain) > 1 else 0
        piece.end = end if parts[m, 8] > 0.0 else BODY
        for curve, first in ((AREA, 2), (LARGEST, 5)):
            constant = parts[m, first]
            slope, bend = parts[m, first + 1], parts[m, first + 2]
            if end == BOTTOM:
                # The same curve of the share of the way up instead of down.
                constant, slope = constant + slope + bend, -slope - 2.0 * bend
            curves[n, curve, 0] = constant
            curves[n, curve, 1] = slope
            curves[n, curve, 2] = bend
        curves[n, CENTRE_U, 0] = last.u_mm + drift_u * (low - last.height_mm)
        curves[n, CENTRE_U, 1] = drift_u * (stop - start)
        curves[n, CENTRE_V, 0] = last.v_mm + drift_v * (low - last.height_mm)
        curves[n, CENTRE_V, 1] = drift_v * (stop - start)
    return pieces, curves


@compiled
def _sum_up(tables: Tables) -> None:
    """Fill in what lies below each piece in its stretch."""
    for stretch in range(len(tables.starts) - 1):
        volume, moment, largest = 0.0, 0.0, 0.0
        for n in range(tables.starts[stretch], tables.starts[stretch + 1]):
            piece = tables.pieces[n]
            piece.volume_below = volume
            piece.moment_below = moment
            piece.largest_below = largest
            own, own_moment, own_largest = integrals(tables, n, 1.0)
            volume += own
            moment += own_moment
            largest += own_largest
