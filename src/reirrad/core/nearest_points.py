"""Nearest points of two clouds, without asking every pair.

Each cloud is sorted into cubic blocks. Two blocks whose boxes lie further apart than
the nearest points known so far are never opened.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = ["Blocks", "in_blocks", "nearest_points"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A cloud of points, block after block.

    Parameters
    ----------
    order
        ``(n,)`` where each point of the sorted cloud stands in the given one.
    points_mm
        ``(n, 3)`` sorted.
    starts
        ``(b + 1,)`` first point of each block, and the number of points.
    low_mm, high_mm
        ``(b, 3)`` box around the points of each block.
    """

    order: IntArray
    points_mm: FloatArray
    starts: IntArray
    low_mm: FloatArray
    high_mm: FloatArray


def in_blocks(points_mm: FloatArray, *, side_mm: float) -> Blocks:
    """Sort points, shape (n, 3) with n at least 1, into blocks of a side."""
    keys = np.floor((points_mm - points_mm.min(axis=0)) / side_mm).astype(np.int64)
    rows = keys.max(axis=0) + 1
    flat = (keys[:, 0] * rows[1] + keys[:, 1]) * rows[2] + keys[:, 2]
    order = np.argsort(flat, kind="stable").astype(np.int64)
    points = np.ascontiguousarray(points_mm[order])
    firsts = np.flatnonzero(np.diff(flat[order], prepend=-1))
    return Blocks(
        order,
        points,
        np.append(firsts, len(points)).astype(np.int64),
        np.minimum.reduceat(points, firsts, axis=0),
        np.maximum.reduceat(points, firsts, axis=0),
    )


def nearest_points(
    first: Blocks, second: Blocks, *, beyond_mm: float
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Distances between two clouds, for the points that are nearly the nearest.

    Parameters
    ----------
    beyond_mm
        How far beyond the least distance others are wanted.

    Returns
    -------
    there : ndarray, shape (n,)
        From each point of the first cloud, as it was given, to the nearest of the
        second; infinite where that is more than wanted.
    partners : ndarray, shape (n,)
        Which point of the second cloud that is; -1 where none.
    back : ndarray, shape (m,)
        From each point of the second cloud.
    """
    there, partners, back = _nearest(
        first.points_mm,
        first.starts,
        first.low_mm,
        first.high_mm,
        second.points_mm,
        second.starts,
        second.low_mm,
        second.high_mm,
        beyond_mm,
    )
    sorted_there, sorted_back = np.empty_like(there), np.empty_like(back)
    sorted_partners = np.empty_like(partners)
    sorted_there[first.order] = there
    sorted_back[second.order] = back
    sorted_partners[first.order] = np.where(
        partners >= 0, second.order[partners], partners
    )
    return sorted_there, sorted_partners, sorted_back


@compiled
def _square_gap(
    low: FloatArray, high: FloatArray, other_low: FloatArray, other_high: FloatArray
) -> float:
    """Square of the distance between two boxes."""
    square = 0.0
    for axis in range(3):
        gap = max(other_low[axis] - high[axis], low[axis] - other_high[axis], 0.0)
        square += gap * gap
    return square


@compiled
def _nearest(  # noqa: PLR0913 - the parts of two clouds
    points: FloatArray,
    starts: IntArray,
    low: FloatArray,
    high: FloatArray,
    others: FloatArray,
    other_starts: IntArray,
    other_low: FloatArray,
    other_high: FloatArray,
    beyond: float,
) -> tuple[FloatArray, IntArray, FloatArray]:
    there = np.full(len(points), np.inf)
    partners = np.full(len(points), -1)
    back = np.full(len(others), np.inf)
    n_blocks, n_others = len(starts) - 1, len(other_starts) - 1
    gaps = np.empty((n_blocks, n_others))
    best = np.inf
    for a in range(n_blocks):
        for b in range(n_others):
            gaps[a, b] = _square_gap(low[a], high[a], other_low[b], other_high[b])
            one, two = points[starts[a]], others[other_starts[b]]
            square = 0.0
            for axis in range(3):
                square += (one[axis] - two[axis]) ** 2
            best = min(best, square)
    for search in range(2):
        # First the least distance, then all that are not much more.
        most = (np.sqrt(best) + beyond) ** 2
        for a in range(n_blocks):
            for b in range(n_others):
                if gaps[a, b] > (best if search == 0 else most):
                    continue
                for i in range(starts[a], starts[a + 1]):
                    x, y, z = points[i, 0], points[i, 1], points[i, 2]
                    for j in range(other_starts[b], other_starts[b + 1]):
                        square = (
                            (x - others[j, 0]) ** 2
                            + (y - others[j, 1]) ** 2
                            + (z - others[j, 2]) ** 2
                        )
                        if search == 0:
                            best = min(best, square)
                            continue
                        if square > most:
                            continue
                        if square < there[i]:
                            there[i] = square
                            partners[i] = j
                        back[j] = min(back[j], square)
    return np.sqrt(there), partners, np.sqrt(back)
