"""Nearest points of two clouds, without asking every pair.

Each cloud is sorted into cubic blocks. Two blocks whose boxes lie further apart than
the nearest points known so far are never opened.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = ["Blocks", "in_blocks", "nearest_points"]

IntArray = npt.NDArray[np.int64]


class Blocks(NamedTuple):
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
    there, partners, back = _nearest(first, second, beyond_mm)
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
def _square(one: FloatArray, two: FloatArray) -> float:
    """Square of the distance between two points."""
    x, y, z = one[0] - two[0], one[1] - two[1], one[2] - two[2]
    return float(x * x + y * y + z * z)


@compiled
def _square_gaps(first: Blocks, second: Blocks) -> FloatArray:
    """Square of the distance between the boxes of any two blocks."""
    n_first, n_second = len(first.starts) - 1, len(second.starts) - 1
    gaps = np.empty((n_first, n_second))
    for a in range(n_first):
        for b in range(n_second):
            gaps[a, b] = _square_gap(
                first.low_mm[a], first.high_mm[a], second.low_mm[b], second.high_mm[b]
            )
    return gaps


@compiled
def _least_square(first: Blocks, second: Blocks, gaps: FloatArray) -> float:
    """Square of the least distance between two clouds."""
    least = np.inf
    for a in range(gaps.shape[0]):
        for b in range(gaps.shape[1]):
            one = first.points_mm[first.starts[a]]
            least = min(least, _square(one, second.points_mm[second.starts[b]]))
    for a in range(gaps.shape[0]):
        for b in range(gaps.shape[1]):
            if gaps[a, b] >= least:
                continue
            for i in range(first.starts[a], first.starts[a + 1]):
                for j in range(second.starts[b], second.starts[b + 1]):
                    square = _square(first.points_mm[i], second.points_mm[j])
                    least = min(least, square)
    return least


@compiled
def _nearest(
    first: Blocks, second: Blocks, beyond_mm: float
) -> tuple[FloatArray, IntArray, FloatArray]:
    """As :func:`nearest_points`, of the sorted clouds."""
    there = np.full(len(first.points_mm), np.inf)
    partners = np.full(len(first.points_mm), -1)
    back = np.full(len(second.points_mm), np.inf)
    gaps = _square_gaps(first, second)
    least = _least_square(first, second, gaps)
    # The square of a rounded root may be less than what it is the root of.
    most = max((np.sqrt(least) + beyond_mm) ** 2, least)
    for a in range(gaps.shape[0]):
        for b in range(gaps.shape[1]):
            if gaps[a, b] > most:
                continue
            for i in range(first.starts[a], first.starts[a + 1]):
                for j in range(second.starts[b], second.starts[b + 1]):
                    square = _square(first.points_mm[i], second.points_mm[j])
                    if square > most:
                        continue
                    back[j] = min(back[j], square)
                    if square < there[i]:
                        there[i], partners[i] = square, j
    return np.sqrt(there), partners, np.sqrt(back)
