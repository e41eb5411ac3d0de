"""Fit the pieces of a stretch to its sheets.

Area and centre of a stretch follow, between two planes, the cubic through the nearest
four, and where that swings too far the straight line. Beyond the last plane
:mod:`reirrad.core.caps` says what is assumed.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.caps import MOST_CAP_PARTS, cap_parts
from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.signed_distance import ring_moments, signed_distances
from reirrad.core.solid import (
    AREA,
    BODY,
    BOTTOM,
    CENTRE_U,
    CENTRE_V,
    LARGEST,
    PIECE,
    TOP,
    Tables,
    integrals,
    polynomial,
    sheet_level,
)

__all__ = ["fill_nodes", "fitted", "measure", "stretches", "sum_up"]

IntArray = npt.NDArray[np.int64]

MARGIN_NODES = 3
BAND_NODES = 4.0
NODES_IN_THICKNESS = 3.0
NODES_ACROSS = 6.0
FINEST_RATIO = 0.5
MOST_NODES = 5e5
LEAST_AREA, MOST_AREA = 0.25, 1.5
"""Bounds of the area between two planes, in units of the smaller and the larger."""
COMPARED_VERTICES = 48


@compiled
def measure(
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
        side = min(pitch, side, np.sqrt(area) / NODES_ACROSS)
        # However long and thin it is, its lattice fits in memory.
        box = (high_u - low_u) * (high_v - low_v)
        side = max(side, np.sqrt(box / MOST_NODES))
        sheet.pitch_mm = side
        sheet.corner_u = low_u - MARGIN_NODES * side
        sheet.corner_v = low_v - MARGIN_NODES * side
        sheet.columns = int(np.ceil((high_u - low_u) / side)) + 2 * MARGIN_NODES + 1
        sheet.rows = int(np.ceil((high_v - low_v) / side)) + 2 * MARGIN_NODES + 1
        sheet.first_node = next_node
        next_node += sheet.rows * sheet.columns


@compiled
def fill_nodes(
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
def stretches(
    nodes: npt.NDArray[np.float32],
    sheets: npt.NDArray[np.void],
    chains: tuple[IntArray, IntArray],
    reaches_mm: FloatArray,
    drawn: tuple[FloatArray, IntArray, IntArray, IntArray],
) -> tuple[npt.NDArray[np.void], FloatArray, IntArray]:
    """Pieces of every stretch, one stretch after the other, and their curves.

    Parameters
    ----------
    nodes, sheets
        Of the solid.
    chains
        Sheets of every stretch from the lowest up, and where each chain begins.
    reaches_mm
        ``(n, 2)`` distance of the empty plane below and above each stretch; nothing
        where another one continues it.
    drawn
        Vertices, where each part begins, parts of the sheets, where each sheet begins.

    Returns
    -------
    pieces, curves, starts
        Records of PIECE, their curves, and the first piece of each stretch.
    """
    sheets_of, begins = chains
    most = len(sheets_of) + 2 * MOST_CAP_PARTS * len(reaches_mm)
    pieces, curves = np.zeros(most, dtype=PIECE), np.zeros((most, 4, 4))
    starts = np.zeros(len(begins), dtype=np.int64)
    count = 0
    for n in range(len(reaches_mm)):
        chain = sheets_of[begins[n] : begins[n + 1]]
        body = fitted(nodes, sheets, chain, drawn)
        last = len(body[0]) - 1
        if reaches_mm[n, 0] > 0.0:
            follows = body[0][0].aligned if last >= 0 else 0
            cap = _capped(sheets, chain[::-1].copy(), follows, reaches_mm[n, 0], BOTTOM)
            count = _append(pieces, curves, count, cap)
        count = _append(pieces, curves, count, body)
        if reaches_mm[n, 1] > 0.0:
            follows = body[0][last].aligned if last >= 0 else 0
            cap = _capped(sheets, chain, follows, reaches_mm[n, 1], TOP)
            count = _append(pieces, curves, count, cap)
        starts[n + 1] = count
    return pieces[:count], curves[:count], starts


@compiled
def _append(
    pieces: npt.NDArray[np.void],
    curves: FloatArray,
    count: int,
    more: tuple[npt.NDArray[np.void], FloatArray],
) -> int:
    for n in range(len(more[0])):
        pieces[count + n] = more[0][n]
    curves[count : count + len(more[0])] = more[1]
    return count + len(more[0])


@compiled
def fitted(
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
        moved = _misfit(nodes, sheets, (chain[n], chain[n + 1]), drawn, aligned=True)
        plain = _misfit(nodes, sheets, (chain[n], chain[n + 1]), drawn, aligned=False)
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
    aligned: bool,
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
def sum_up(tables: Tables) -> None:
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
