"""Signed distances to the outline of a plane region.

A region bounded by rings is kept as its signed distance (mm, positive inside) on a
square lattice around it. Between lattice nodes the distance is bilinear, beyond the
lattice it falls with the distance from it. Distances matter near the outline only; they
are exact within a band and no larger than the band elsewhere.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = [
    "between_nodes",
    "level_at",
    "node_below",
    "ring_moments",
    "signed_distances",
]

SingleArray = npt.NDArray[np.float32]


@compiled
def ring_moments(ring: FloatArray) -> tuple[float, float, float, float]:
    """Signed area, its first moments about the first vertex, and length of a ring.

    Parameters
    ----------
    ring
        ``(n, 2)`` vertices without a repeated last one.
    """
    area, moment_u, moment_v, length = 0.0, 0.0, 0.0, 0.0
    u0, v0 = ring[0, 0], ring[0, 1]
    for n in range(len(ring)):
        m = n + 1 if n + 1 < len(ring) else 0
        au, av = ring[n, 0] - u0, ring[n, 1] - v0
        bu, bv = ring[m, 0] - u0, ring[m, 1] - v0
        cross = au * bv - bu * av
        area += cross / 2.0
        moment_u += cross * (au + bu) / 6.0
        moment_v += cross * (av + bv) / 6.0
        length += np.hypot(bu - au, bv - av)
    return area, moment_u, moment_v, length


@compiled
def signed_distances(
    nodes: SingleArray,
    vertices: FloatArray,
    starts: npt.NDArray[np.intp],
    corner: tuple[float, float],
    pitch: float,
    band: float,
) -> None:
    """Fill a lattice with signed distances to the rings that bound a region.

    Parameters
    ----------
    nodes
        ``(rows, columns)``, rows along v; overwritten.
    vertices
        ``(n, 2)`` vertices of all rings, none with a repeated last vertex. A point is
        inside where an odd number of them surrounds it.
    starts
        Where each ring begins in `vertices`, and at the end their number.
    corner
        (u, v) of the first node.
    pitch
        Distance between nodes.
    band
        How far from the outline distances are kept.
    """
    rows, columns = nodes.shape
    nodes[:] = np.float32(band * band)
    flips = np.zeros((rows, columns), dtype=np.bool_)
    for ring in range(len(starts) - 1):
        for n in range(starts[ring], starts[ring + 1]):
            m = n + 1 if n + 1 < starts[ring + 1] else starts[ring]
            au = (vertices[n, 0] - corner[0]) / pitch
            av = (vertices[n, 1] - corner[1]) / pitch
            bu = (vertices[m, 0] - corner[0]) / pitch
            bv = (vertices[m, 1] - corner[1]) / pitch
            _near_edge(nodes, (au, av, bu, bv), pitch, band / pitch)
            _crossed_rows(flips, au, av, bu, bv)
    for row in range(rows):
        inside = False
        for column in range(columns):
            inside ^= flips[row, column]
            distance = np.sqrt(nodes[row, column])
            nodes[row, column] = distance if inside else -distance


@compiled
def _near_edge(
    squares: SingleArray,
    edge: tuple[float, float, float, float],
    pitch: float,
    band: float,
) -> None:
    """Lower the squared distances of the nodes within the band of an edge."""
    au, av, bu, bv = edge
    du, dv = bu - au, bv - av
    length2 = du * du + dv * dv
    first_row = max(int(np.ceil(min(av, bv) - band)), 0)
    last_row = min(int(np.floor(max(av, bv) + band)), squares.shape[0] - 1)
    first_column = max(int(np.ceil(min(au, bu) - band)), 0)
    last_column = min(int(np.floor(max(au, bu) + band)), squares.shape[1] - 1)
    inverse = 1.0 / length2 if length2 > 0.0 else 0.0
    scale = pitch * pitch
    for row in range(first_row, last_row + 1):
        pv = row - av
        line = squares[row, first_column : last_column + 1]
        for n in range(len(line)):
            pu = first_column + n - au
            along = min(max((pu * du + pv * dv) * inverse, 0.0), 1.0)
            eu, ev = pu - along * du, pv - along * dv
            square = np.float32((eu * eu + ev * ev) * scale)
            line[n] = min(line[n], square)


@compiled
def _crossed_rows(
    flips: npt.NDArray[np.bool_], au: float, av: float, bu: float, bv: float
) -> None:
    """Mark, row by row, the first node right of an edge."""
    low, high = min(av, bv), max(av, bv)
    first = max(int(np.ceil(low)), 0)
    last = min(int(np.ceil(high)), flips.shape[0])
    for row in range(first, last):
        crossing = au + (row - av) / (bv - av) * (bu - au)
        column = int(np.ceil(crossing))
        if column < flips.shape[1]:
            flips[row, max(column, 0)] ^= True


@compiled
def level_at(
    nodes: SingleArray, corner: tuple[float, float], pitch: float, u: float, v: float
) -> float:
    """Signed distance at a point, beyond the lattice less the distance from it.

    Parameters
    ----------
    nodes, corner, pitch
        As in :func:`signed_distances`.
    """
    i, x, beyond_u = node_below((u - corner[0]) / pitch, nodes.shape[1])
    j, y, beyond_v = node_below((v - corner[1]) / pitch, nodes.shape[0])
    level = between_nodes(nodes, j, i, y, x)
    if beyond_u != 0.0 or beyond_v != 0.0:
        level -= pitch * np.hypot(beyond_u, beyond_v)
    return level


@compiled
def node_below(at: float, count: int) -> tuple[int, float, float]:
    """Where a place along a line of nodes lies, in units of their distance.

    Returns
    -------
    node, share, beyond
        Number of the node below, share of the way to the next, and how far the place
        lies beyond the first or last node.
    """
    near = min(max(at, 0.0), count - 1.0)
    node = min(int(near), count - 2)
    return node, near - node, at - near


@compiled
def between_nodes(nodes: SingleArray, j: int, i: int, y: float, x: float) -> float:
    """Signed distance between four nodes, shares y and x of the way from (j, i)."""
    # Unsigned numbers need no look at whether they count from the end.
    low, high = np.uintp(j), np.uintp(j + 1)
    left, right = np.uintp(i), np.uintp(i + 1)
    below = (1.0 - x) * nodes[low, left] + x * nodes[low, right]
    above = (1.0 - x) * nodes[high, left] + x * nodes[high, right]
    return float((1.0 - y) * below + y * above)
