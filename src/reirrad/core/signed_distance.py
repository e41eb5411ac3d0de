"""Signed distances to the outline of a plane region, and the cells that it cuts.

A region bounded by rings is kept as its signed distance (mm, positive inside) on a square
lattice around it. Between lattice nodes the distance is bilinear, beyond the lattice it
falls with the distance from it. Distances matter near the outline only; they are exact
within a band and no larger than the band elsewhere.

A square cell is cut along the straight line that its centre's level and gradient give:
covered share and centroid of the covered part are those of that cut.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = [
    "Frame",
    "Levels",
    "add_levels",
    "cut_cells",
    "level_shift",
    "levels_around",
    "point_levels",
    "ring_moments",
]

NEGLIGIBLE_SHARE = 1e-7
MARGIN_NODES = 3
ITERATIONS = 12


class Levels(NamedTuple):
    """Signed distance to an outline on a square lattice.

    ``values_mm`` has rows along v and columns along u; the first node lies at
    (``u_mm``, ``v_mm``), neighbours are ``pitch_mm`` apart.
    """

    values_mm: npt.NDArray[np.float32]
    u_mm: float
    v_mm: float
    pitch_mm: float


class Frame(NamedTuple):
    """Where a section lies in its plane and how large it is: (u, v) and a length."""

    u_mm: float
    v_mm: float
    size_mm: float


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


def levels_around(
    rings: list[FloatArray], *, pitch_mm: float, band_mm: float
) -> Levels:
    """Signed distances around the region that an odd number of rings encloses.

    Parameters
    ----------
    rings
        Vertex arrays ``(n, 2)`` without a repeated last vertex.
    pitch_mm
        Distance between lattice nodes.
    band_mm
        How far from the outline distances are kept.
    """
    vertices = np.concatenate(rings)
    starts = np.cumsum([0, *(len(ring) for ring in rings)])
    low = vertices.min(axis=0) - MARGIN_NODES * pitch_mm
    size = vertices.max(axis=0) + MARGIN_NODES * pitch_mm - low
    columns, rows = (int(n) + 1 for n in np.ceil(size / pitch_mm))
    values = _distances(
        vertices, starts, (rows, columns), (low[0], low[1]), pitch_mm, band_mm
    )
    return Levels(values, float(low[0]), float(low[1]), float(pitch_mm))


@compiled
def _distances(
    vertices: FloatArray,
    starts: npt.NDArray[np.intp],
    shape: tuple[int, int],
    corner: tuple[float, float],
    pitch: float,
    band: float,
) -> npt.NDArray[np.float32]:
    rows, columns = shape
    squares = np.full((rows, columns), np.float32(band * band), dtype=np.float32)
    flips = np.zeros((rows, columns), dtype=np.bool_)
    for ring in range(len(starts) - 1):
        for n in range(starts[ring], starts[ring + 1]):
            m = n + 1 if n + 1 < starts[ring + 1] else starts[ring]
            au = (vertices[n, 0] - corner[0]) / pitch
            av = (vertices[n, 1] - corner[1]) / pitch
            bu = (vertices[m, 0] - corner[0]) / pitch
            bv = (vertices[m, 1] - corner[1]) / pitch
            _near_edge(squares, (au, av, bu, bv), pitch, band / pitch)
            _crossed_rows(flips, au, av, bu, bv)
    for row in range(rows):
        inside = False
        for column in range(columns):
            inside ^= flips[row, column]
            distance = np.sqrt(squares[row, column])
            squares[row, column] = distance if inside else -distance
    return squares


@compiled
def _near_edge(
    squares: npt.NDArray[np.float32],
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
    for row in range(first_row, last_row + 1):
        for column in range(first_column, last_column + 1):
            pu, pv = column - au, row - av
            along = 0.0
            if length2 > 0.0:
                along = min(max((pu * du + pv * dv) / length2, 0.0), 1.0)
            eu, ev = pu - along * du, pv - along * dv
            square = np.float32((eu * eu + ev * ev) * pitch * pitch)
            squares[row, column] = min(squares[row, column], square)


@compiled
def _crossed_rows(
    flips: npt.NDArray[np.bool_], au: float, av: float, bu: float, bv: float
) -> None:
    """Mark, row by row, the first node right of an edge."""
    low, high = min(av, bv), max(av, bv)
    for row in range(
        max(int(np.ceil(low)), 0), min(int(np.ceil(high)), flips.shape[0])
    ):
        crossing = au + (row - av) / (bv - av) * (bu - au)
        column = int(np.ceil(crossing))
        if column < flips.shape[1]:
            flips[row, max(column, 0)] ^= True


@compiled
def _level(levels: Levels, u: float, v: float) -> float:
    """Signed distance at a point, beyond the lattice less the distance from it."""
    values = levels.values_mm
    column = (u - levels.u_mm) / levels.pitch_mm
    row = (v - levels.v_mm) / levels.pitch_mm
    last_column, last_row = values.shape[1] - 1.0, values.shape[0] - 1.0
    near_column = min(max(column, 0.0), last_column)
    near_row = min(max(row, 0.0), last_row)
    i = min(int(near_column), values.shape[1] - 2)
    j = min(int(near_row), values.shape[0] - 2)
    x, y = near_column - i, near_row - j
    level = (1.0 - y) * ((1.0 - x) * values[j, i] + x * values[j, i + 1]) + y * (
        (1.0 - x) * values[j + 1, i] + x * values[j + 1, i + 1]
    )
    if near_column != column or near_row != row:
        level -= levels.pitch_mm * np.hypot(column - near_column, row - near_row)
    return float(level)


@compiled
def add_levels(
    out: FloatArray,
    corner: tuple[float, float],
    side_mm: float,
    section: tuple[Levels, Frame, Frame, float],
) -> None:
    """Add the levels of a section, carried to another place and size, to cells.

    Parameters
    ----------
    out
        ``(rows, columns)`` levels at the centres of square cells, mm; changed.
    corner
        (u, v) of the centre of the first cell.
    side_mm
        Side of the cells.
    section
        Levels of the section, its own frame, the frame it is carried to, and the weight
        with which it counts.
    """
    levels, own, there, weight = section
    ratio = own.size_mm / there.size_mm
    for row in range(out.shape[0]):
        v = own.v_mm + (corner[1] + row * side_mm - there.v_mm) * ratio
        for column in range(out.shape[1]):
            u = own.u_mm + (corner[0] + column * side_mm - there.u_mm) * ratio
            out[row, column] += weight * _level(levels, u, v) / ratio


@compiled
def point_levels(
    out: FloatArray,
    points: FloatArray,
    section: tuple[Levels, Frame, FloatArray, FloatArray],
) -> None:
    """Add the levels of a section, carried to another place and size, at points.

    Parameters
    ----------
    out
        ``(n,)`` levels in mm; changed.
    points
        ``(n, 2)`` coordinates (u, v).
    section
        Levels, own frame, and for each point the frame it is carried to, ``(n, 3)``,
        and its weight, ``(n,)``.
    """
    levels, own, there, weight = section
    for n in range(len(out)):
        if weight[n] == 0.0:
            continue
        ratio = own.size_mm / there[n, 2]
        u = own.u_mm + (points[n, 0] - there[n, 0]) * ratio
        v = own.v_mm + (points[n, 1] - there[n, 1]) * ratio
        out[n] += weight[n] * _level(levels, u, v) / ratio


@compiled
def _gradient(levels: FloatArray, row: int, column: int) -> tuple[float, float]:
    """Change of the level per cell along u and v."""
    rows, columns = levels.shape
    left, right = max(column - 1, 0), min(column + 1, columns - 1)
    below, above = max(row - 1, 0), min(row + 1, rows - 1)
    along_u = (levels[row, right] - levels[row, left]) / max(right - left, 1)
    along_v = (levels[above, column] - levels[below, column]) / max(above - below, 1)
    return along_u, along_v


@compiled
def _share(level: float, along_u: float, along_v: float) -> float:
    """Covered share of a unit cell from its centre's level and gradient."""
    steep, flat = abs(along_u), abs(along_v)
    if flat > steep:
        steep, flat = flat, steep
    reach = (steep + flat) / 2.0
    if level >= reach:
        return 1.0
    if level <= -reach:
        return 0.0
    if flat < 1e-9 * steep:
        return 0.5 + level / steep
    middle = (steep - flat) / 2.0
    if level < -middle:
        return (level + reach) ** 2 / (2.0 * steep * flat)
    if level > middle:
        return 1.0 - (reach - level) ** 2 / (2.0 * steep * flat)
    return 0.5 + level / steep


@compiled
def level_shift(levels: FloatArray, side_mm: float, area_mm2: float) -> float:
    """What must be added to the levels of cells so that they cover a given area.

    Parameters
    ----------
    levels
        ``(rows, columns)`` mm.
    side_mm
        Side of the cells.
    area_mm2
        Area wanted; at most that of all cells.
    """
    wanted = area_mm2 / side_mm**2
    low, high = -levels.max() - side_mm, -levels.min() + side_mm
    shift = 0.0
    for _ in range(ITERATIONS):
        covered, length = 0.0, 0.0
        for row in range(levels.shape[0]):
            for column in range(levels.shape[1]):
                level = levels[row, column] + shift
                # The level changes by no more than its distance: far cells are decided.
                if level > 2.0 * side_mm:
                    covered += 1.0
                elif level > -2.0 * side_mm:
                    along_u, along_v = _gradient(levels, row, column)
                    share = _share(level, along_u, along_v)
                    covered += share
                    if 0.0 < share < 1.0:
                        length += 1.0 / max(np.hypot(along_u, along_v), 0.1 * side_mm)
        missing = wanted - covered
        if abs(missing) <= 1e-5 * wanted:
            break
        if missing > 0.0:
            low = shift
        else:
            high = shift
        step = missing / length if length > 0.0 else np.inf
        shift = shift + step
        if not low < shift < high:
            shift = (low + high) / 2.0
    return shift


@compiled
def cut_cells(
    levels: FloatArray,
    largest: FloatArray,
    corner: tuple[float, float],
    side_mm: float,
) -> FloatArray:
    """The cells that a section covers, or could cover.

    Parameters
    ----------
    levels
        ``(rows, columns)`` levels at the centres of square cells, mm.
    largest
        The same for the largest plausible section.
    corner
        (u, v) of the centre of the first cell.
    side_mm
        Side of the cells.

    Returns
    -------
    ndarray, shape (n, 4)
        u and v of the centroid of each cell's covered part (where the section leaves
        the cell empty, of the part that the largest one covers), covered share, share
        covered by the largest.
    """
    rows, columns = levels.shape
    cells = np.empty((rows * columns, 4))
    count = 0
    for row in range(rows):
        for column in range(columns):
            share = _cell_share(levels, row, column, side_mm)
            most = _cell_share(largest, row, column, side_mm)
            if max(share, most) <= NEGLIGIBLE_SHARE:
                continue
            of = levels if share > NEGLIGIBLE_SHARE else largest
            u, v = 0.0, 0.0
            if max(share, 0.0) < 1.0:
                along_u, along_v = _gradient(of, row, column)
                u, v = _covered_centroid(of[row, column], along_u, along_v)
            cells[count, 0] = corner[0] + (column + u) * side_mm
            cells[count, 1] = corner[1] + (row + v) * side_mm
            cells[count, 2] = share
            cells[count, 3] = most
            count += 1
    return cells[:count].copy()


@compiled
def _cell_share(levels: FloatArray, row: int, column: int, side_mm: float) -> float:
    level = levels[row, column]
    if level > 2.0 * side_mm:
        return 1.0
    if level < -2.0 * side_mm:
        return 0.0
    along_u, along_v = _gradient(levels, row, column)
    return _share(level, along_u, along_v)


@compiled
def _covered_centroid(
    level: float, along_u: float, along_v: float
) -> tuple[float, float]:
    """Centroid of the covered part of a unit cell, from the cell's centre."""
    corners_u = (-0.5, 0.5, 0.5, -0.5)
    corners_v = (-0.5, -0.5, 0.5, 0.5)
    # The covered polygon, corner by corner, with a new one where the outline crosses.
    polygon = np.empty((8, 2))
    count = 0
    for n in range(4):
        m = (n + 1) % 4
        here = level + along_u * corners_u[n] + along_v * corners_v[n]
        there = level + along_u * corners_u[m] + along_v * corners_v[m]
        if here >= 0.0:
            polygon[count, 0], polygon[count, 1] = corners_u[n], corners_v[n]
            count += 1
        if (here >= 0.0) != (there >= 0.0):
            at = here / (here - there)
            polygon[count, 0] = corners_u[n] + at * (corners_u[m] - corners_u[n])
            polygon[count, 1] = corners_v[n] + at * (corners_v[m] - corners_v[n])
            count += 1
    if count < 3:
        return 0.0, 0.0
    area, moment_u, moment_v, _ = ring_moments(polygon[:count])
    if abs(area) < 1e-12:
        return polygon[0, 0], polygon[0, 1]
    return polygon[0, 0] + moment_u / area, polygon[0, 1] + moment_v / area
