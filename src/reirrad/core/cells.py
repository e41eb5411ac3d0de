"""Square cells cut by an outline: covered shares and their centroids.

The outline is the zero level of values at the centres of the cells, positive inside. In
one cell it is the straight line that the centre's level and gradient give, so that the
covered share and its centroid are exact for straight outlines.
"""

import numpy as np

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = ["cut_cells", "fraction", "level_shift"]

NEGLIGIBLE_SHARE = 1e-7
ITERATIONS = 12
DECIDED_SIDES = 2.0
"""A level of this many sides decides a cell: levels are distances, or nearly."""
SMALL_SHIFT_SIDES = 0.25
# Multiples of these, less their whole part, fill the unit square evenly, however many
# there are.
PLASTIC_U, PLASTIC_V = 0.7548776662466927, 0.5698402909980532


@compiled
def fraction(number: float) -> float:
    """What a number of zero or more leaves beside its whole part."""
    # The same as number % 1.0 to the last digit, in a fraction of the time.
    return float(number - np.floor(number))


@compiled
def _gradient(levels: FloatArray, row: int, column: int) -> tuple[float, float]:
    """Change of the level per cell along u and v."""
    rows, columns = levels.shape
    if 0 < row < rows - 1 and 0 < column < columns - 1:
        along_u = levels[row, column + 1] - levels[row, column - 1]
        along_v = levels[row + 1, column] - levels[row - 1, column]
        return along_u / 2.0, along_v / 2.0
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
        ``(rows, columns)`` at the centres of square cells, mm.
    side_mm
        Side of the cells.
    area_mm2
        Area wanted; more than nothing, at most that of all cells.
    """
    rows, columns = levels.shape
    wanted = area_mm2 / side_mm**2
    # Nearly always the shift is small, and few cells are worth a look.
    for most_sides in (SMALL_SHIFT_SIDES, DECIDED_SIDES):
        near = (DECIDED_SIDES + most_sides) * side_mm
        open_cells, whole = _open_cells(levels, near)
        # The shift is as exact for a large section as for its edge.
        far = int(np.count_nonzero(levels >= 2.0 * DECIDED_SIDES * side_mm))
        shift, found = _shift_of(open_cells, whole - far, wanted - far, side_mm)
        if found and abs(shift) <= most_sides * side_mm:
            return shift
    # The area is far from that of the zero level: every cell may change sides.
    shift = 0.0
    low, high = -levels.max() - side_mm, -levels.min() + side_mm
    for _ in range(60):
        shift = (low + high) / 2.0
        covered = 0.0
        for row in range(rows):
            for column in range(columns):
                along_u, along_v = _gradient(levels, row, column)
                covered += _share(levels[row, column] + shift, along_u, along_v)
        if covered < wanted:
            low = shift
        else:
            high = shift
    return shift


@compiled
def _open_cells(levels: FloatArray, near: float) -> tuple[FloatArray, int]:
    """Level and gradient, ``(n, 3)``, of the cells near the outline; others inside."""
    rows, columns = levels.shape
    open_cells = np.empty((rows * columns, 3))
    count, inside = 0, 0
    for row in range(rows):
        for column in range(columns):
            level = levels[row, column]
            if abs(level) < near:
                along_u, along_v = _gradient(levels, row, column)
                open_cells[count, 0] = level
                open_cells[count, 1] = along_u
                open_cells[count, 2] = along_v
                count += 1
            elif level > 0.0:
                inside += 1
    return open_cells[:count], inside


@compiled
def _shift_of(
    open_cells: FloatArray, whole: int, wanted: float, side_mm: float
) -> tuple[float, bool]:
    """Shift after which cells (level, gradient) and whole ones are as many as wanted.

    Returns
    -------
    shift, found
    """
    shift = 0.0
    for _ in range(ITERATIONS):
        covered, length = float(whole), 0.0
        for n in range(len(open_cells)):
            along_u, along_v = open_cells[n, 1], open_cells[n, 2]
            share = _share(open_cells[n, 0] + shift, along_u, along_v)
            covered += share
            if 0.0 < share < 1.0:
                steepness = np.sqrt(along_u * along_u + along_v * along_v)
                length += 1.0 / max(steepness, 0.1 * side_mm)
        missing = wanted - covered
        if abs(missing) <= 1e-6 * max(covered, 1.0):
            return shift, True
        if length == 0.0:
            return shift, False
        shift += missing / length
    return shift, False


@compiled
def cut_cells(
    levels: FloatArray,
    largest: FloatArray,
    corner: tuple[float, float],
    side_mm: float,
    spread: bool,
) -> FloatArray:
    """The cells that a section covers, or could cover.

    Parameters
    ----------
    levels
        ``(rows, columns)`` at the centres of square cells, mm.
    largest
        The same for the largest plausible section.
    corner
        (u, v) of the centre of the first cell.
    side_mm
        Side of the cells.
    spread
        Whether each point lies anywhere in its cell's covered part, or at its centroid.

    Returns
    -------
    ndarray, shape (n, 6)
        u and v of a point in each cell's covered part (where the section leaves the
        cell empty, in the part that the largest one covers), covered share, share
        covered by the largest, and u and v of the whole cell's centre.
    """
    rows, columns = levels.shape
    cells = np.empty((rows * columns, 6))
    count = 0
    for row in range(rows):
        for column in range(columns):
            share = _cell_share(levels, row, column, side_mm)
            most = share
            if largest is not levels:
                most = _cell_share(largest, row, column, side_mm)
            if max(share, most) <= NEGLIGIBLE_SHARE:
                continue
            evenly = (-1.0, -1.0)
            if spread:
                evenly = (
                    fraction(PLASTIC_U * (count + 1)),
                    fraction(PLASTIC_V * (count + 1)),
                )
            if share <= NEGLIGIBLE_SHARE:
                share = 0.0
                u, v = _point_of(largest, row, column, most, evenly)
            else:
                u, v = _point_of(levels, row, column, share, evenly)
            cells[count, 0] = corner[0] + (column + u) * side_mm
            cells[count, 1] = corner[1] + (row + v) * side_mm
            cells[count, 2] = share
            cells[count, 3] = most
            cells[count, 4] = corner[0] + column * side_mm
            cells[count, 5] = corner[1] + row * side_mm
            count += 1
    return cells[:count]


@compiled
def _point_of(
    levels: FloatArray,
    row: int,
    column: int,
    share: float,
    evenly: tuple[float, float],
) -> tuple[float, float]:
    if share < 1.0:
        along_u, along_v = _gradient(levels, row, column)
        return _covered_point(levels[row, column], along_u, along_v, evenly)
    if evenly[0] < 0.0:
        return 0.0, 0.0
    return evenly[0] - 0.5, evenly[1] - 0.5


@compiled
def _cell_share(levels: FloatArray, row: int, column: int, side_mm: float) -> float:
    level = levels[row, column]
    if level > DECIDED_SIDES * side_mm:
        return 1.0
    if level < -DECIDED_SIDES * side_mm:
        return 0.0
    along_u, along_v = _gradient(levels, row, column)
    return _share(level, along_u, along_v)


@compiled
def _covered_point(
    level: float, along_u: float, along_v: float, evenly: tuple[float, float]
) -> tuple[float, float]:
    """A point of the covered part of a unit cell, from the cell's centre.

    Parameters
    ----------
    level, along_u, along_v
        Level of the centre, and its change per cell.
    evenly
        Two numbers between 0 and 1 that choose the point, every part being as likely as
        it is large; negative for the centroid.
    """
    corners_u = (-0.5, 0.5, 0.5, -0.5)
    corners_v = (-0.5, -0.5, 0.5, 0.5)
    area, moment_u, moment_v = 0.0, 0.0, 0.0
    first_u, first_v = 0.0, 0.0
    # Triangles from the first covered corner or crossing to each following edge: once
    # for the area, and once to find the triangle in which the chosen point lies.
    for chosen in (False, True):
        count, passed = 0, 0.0
        last_u, last_v = 0.0, 0.0
        for n in range(4):
            m = (n + 1) % 4
            here = level + along_u * corners_u[n] + along_v * corners_v[n]
            there = level + along_u * corners_u[m] + along_v * corners_v[m]
            for crossing in (False, True):
                if not crossing and here < 0.0:
                    continue
                if crossing and (here >= 0.0) == (there >= 0.0):
                    continue
                at = here / (here - there) if crossing else 0.0
                u = corners_u[n] + at * (corners_u[m] - corners_u[n])
                v = corners_v[n] + at * (corners_v[m] - corners_v[n])
                if count == 0:
                    first_u, first_v = u, v
                else:
                    twice = (last_u - first_u) * (v - first_v)
                    twice -= (u - first_u) * (last_v - first_v)
                    if not chosen:
                        area += twice
                        moment_u += twice * (first_u + last_u + u) / 3.0
                        moment_v += twice * (first_v + last_v + v) / 3.0
                    elif twice > 0.0 and passed + twice >= evenly[0] * area:
                        across = np.sqrt((evenly[0] * area - passed) / twice)
                        up = evenly[1] * across
                        down = across - up
                        return (
                            first_u + down * (last_u - first_u) + up * (u - first_u),
                            first_v + down * (last_v - first_v) + up * (v - first_v),
                        )
                    passed += twice
                last_u, last_v = u, v
                count += 1
        if area <= 1e-12:
            return first_u, first_v
        if evenly[0] < 0.0:
            break
    return moment_u / area, moment_v / area
