"""Closed curves along which a sampled function is zero (marching squares).

References
----------
.. [1] Lorensen WE, Cline HE. Marching cubes. Comput Graph 1987;21(4):163-169; the same
   in two dimensions, with the cell's mean deciding the two ambiguous cases.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray

__all__ = ["zero_curves"]

# Cell corners clockwise from (row, column): 0 = (0, 0), 1 = (0, 1), 2 = (1, 1),
# 3 = (1, 0); edge e joins corner e to the next. Per pattern of negative corners
# (bit e for corner e): the edges at which a curve enters and leaves the cell, with the
# inside always on the same hand, so that the pieces chain into closed curves.
SEGMENTS: dict[int, tuple[tuple[int, int], ...]] = {
    0b0001: ((3, 0),),
    0b0010: ((0, 1),),
    0b0011: ((3, 1),),
    0b0100: ((1, 2),),
    0b0110: ((0, 2),),
    0b0111: ((3, 2),),
    0b1000: ((2, 3),),
    0b1001: ((2, 0),),
    0b1011: ((2, 1),),
    0b1100: ((1, 3),),
    0b1101: ((1, 0),),
    0b1110: ((0, 3),),
}
SADDLES = {
    (0b0101, True): ((1, 0), (3, 2)),
    (0b0101, False): ((3, 0), (1, 2)),
    (0b1010, True): ((0, 3), (2, 1)),
    (0b1010, False): ((0, 1), (2, 3)),
}


def zero_curves(level: FloatArray) -> list[FloatArray]:
    """Closed curves around the negative part of a raster.

    Parameters
    ----------
    level
        ``(rows, columns)`` values; outside the raster counts as positive, so a region
        that reaches the border is closed along it.

    Returns
    -------
    list of ndarray, each (n, 2)
        Vertices (row, column) in fractional indices, without repetition of the first;
        outer curves turn one way, those around holes the other.
    """
    # Exact zeros would put one vertex on several edges.
    tiny = 1e-9 * max(1.0, float(np.abs(level).max(initial=0.0)))
    padded = np.pad(np.where(level == 0.0, tiny, level), 1, constant_values=1e6)
    edge_after = _chained_edges(padded)
    curves = []
    while edge_after:
        start, edge = edge_after.popitem()
        curve = [start]
        while edge != start:
            curve.append(edge)
            edge = edge_after.pop(edge)
        if len(curve) >= 3:
            curves.append(_crossings(np.array(curve), padded) - 1.0)
    return curves


def _chained_edges(level: FloatArray) -> dict[int, int]:
    """For each crossed grid edge the next one along the curve."""
    n_columns = level.shape[1]
    corners = (level[:-1, :-1], level[:-1, 1:], level[1:, 1:], level[1:, :-1])
    inside = np.array([corner < 0 for corner in corners])
    pattern = np.einsum("e,eij->ij", [1, 2, 4, 8], inside)
    rows, columns = np.nonzero((pattern > 0) & (pattern < 15))
    middle = np.sum([corner[rows, columns] for corner in corners], axis=0) < 0
    # An edge is numbered 2 * (its first grid point) + (0 along the row, 1 down it).
    point = rows * n_columns + columns
    numbers = np.column_stack(
        [2 * point, 2 * (point + 1) + 1, 2 * (point + n_columns), 2 * point + 1]
    ).tolist()
    after: dict[int, int] = {}
    cells = zip(pattern[rows, columns].tolist(), middle.tolist(), numbers, strict=True)
    for case, is_inside, edges in cells:
        pieces = SEGMENTS.get(case) or SADDLES[case, is_inside]
        for enter, leave in pieces:
            after[edges[enter]] = edges[leave]
    return after


def _crossings(edges: npt.NDArray[np.intp], level: FloatArray) -> FloatArray:
    """Where the level is zero on each edge, linearly."""
    row, column = np.divmod(edges // 2, level.shape[1])
    down = edges % 2
    first = level[row, column]
    second = level[row + down, column + 1 - down]
    ratio = first / (first - second)
    return np.column_stack([row + ratio * down, column + ratio * (1 - down)])
