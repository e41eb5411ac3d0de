"""Exact areas and centroids of polygons within the cells of a square lattice.

Green's theorem, cell by cell: every edge is cut at the lattice lines, and each piece
adds the area between itself and the right border of its cell, and whole strips to the
cells further right. For rings that are counter-clockwise outside and clockwise around
holes the sums are the covered areas, without rounding to any sub-pixel raster.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray

__all__ = ["CoveredCells", "covered_cells"]

NEGLIGIBLE_RATIO = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class CoveredCells:
    """The lattice cells that a region touches.

    Parameters
    ----------
    centroids
        ``(n, 2)`` centroid of the covered part of each cell, in the region's units.
    ratios
        ``(n,)`` covered share of each cell, above 0 and up to 1.
    """

    centroids: FloatArray
    ratios: FloatArray


def covered_cells(rings: Sequence[FloatArray], *, spacing: float) -> CoveredCells:
    """Coverage of a region bounded by rings.

    Parameters
    ----------
    rings
        Vertex arrays of shape (n, 2), without a repeated last vertex:
        counter-clockwise for outer borders, clockwise for holes.
    spacing
        Side of the square cells. The lattice is anchored at the region's lowest corner.

    Returns
    -------
    CoveredCells
        Their ratios times ``spacing ** 2`` add up to the region's area.
    """
    origin = np.min([ring.min(axis=0) for ring in rings], axis=0)
    start = np.concatenate([(ring - origin) / spacing for ring in rings])
    end = np.concatenate([(np.roll(ring, -1, 0) - origin) / spacing for ring in rings])
    pieces = _cut_at_lattice(start, end)
    area, moment_x, moment_y = _accumulate(pieces)
    row, column = np.nonzero(area > NEGLIGIBLE_RATIO)
    ratio = area[row, column]
    within = (
        np.stack([moment_x[row, column], moment_y[row, column]], 1) / ratio[:, None]
    )
    # Cancellation in a sliver can push a centroid out of its own cell.
    corner = np.stack([column, row], axis=1).astype(np.float64)
    centroids = (corner + np.clip(within, 0.0, 1.0)) * spacing + origin
    return CoveredCells(centroids, np.minimum(ratio, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Edge pieces, each within one cell: start and end, (n, 2), in cell units."""

    start: FloatArray
    end: FloatArray


def _cut_at_lattice(start: FloatArray, end: FloatArray) -> _Pieces:
    edge_of, cut_at = [], []
    number = np.arange(len(start))
    for position in (np.zeros(len(start)), np.ones(len(start))):
        edge_of.append(number)
        cut_at.append(position)
    for axis in range(2):
        edge, line = _crossings(start[:, axis], end[:, axis])
        edge_of.append(edge)
        cut_at.append(
            (line - start[edge, axis]) / (end[edge, axis] - start[edge, axis])
        )
    edges, cuts = np.concatenate(edge_of), np.concatenate(cut_at)
    order = np.lexsort((cuts, edges))
    edges, cuts = edges[order], np.clip(cuts[order], 0.0, 1.0)
    same = edges[1:] == edges[:-1]
    edge, first, second = edges[:-1][same], cuts[:-1][same], cuts[1:][same]
    step = end[edge] - start[edge]
    return _Pieces(
        start[edge] + first[:, None] * step, start[edge] + second[:, None] * step
    )


def _crossings(
    start: FloatArray, end: FloatArray
) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Edges and the lattice lines strictly between their ends, along one axis."""
    first = np.floor(np.minimum(start, end)) + 1
    count = np.maximum(np.ceil(np.maximum(start, end)) - first, 0).astype(np.intp)
    edge = np.repeat(np.arange(len(start)), count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return edge, first[edge] + nth


def _accumulate(pieces: _Pieces) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Area and first moments of the region in each cell, arrays (row, column)."""
    middle = (pieces.start + pieces.end) / 2.0
    cell = np.maximum(np.floor(middle), 0.0)
    rows, columns = int(cell[:, 1].max()) + 1, int(cell[:, 0].max()) + 1
    index = (cell[:, 1] * columns + cell[:, 0]).astype(np.intp)
    x0, y0 = (pieces.start - cell).T
    x1, y1 = (pieces.end - cell).T
    # A left border runs downwards in a counter-clockwise ring: it opens the region.
    height = y0 - y1
    mean_y = (y0 + y1) / 2.0
    mean_xy = (2 * x0 * y0 + x0 * y1 + x1 * y0 + 2 * x1 * y1) / 6.0
    mean_xx = (x0 * x0 + x0 * x1 + x1 * x1) / 3.0

    def by_cell(weights: FloatArray) -> FloatArray:
        flat = np.bincount(index, weights, minlength=rows * columns)
        return np.asarray(flat, dtype=np.float64).reshape(rows, columns)

    def from_the_left(strips: FloatArray) -> FloatArray:
        return np.cumsum(strips, axis=1) - strips

    opened = by_cell(height)
    area = by_cell(height * (1.0 - (x0 + x1) / 2.0)) + from_the_left(opened)
    moment_x = by_cell(height * (1.0 - mean_xx) / 2.0) + from_the_left(opened) / 2.0
    moment_y = by_cell(height * (mean_y - mean_xy)) + from_the_left(
        by_cell(height * mean_y)
    )
    return area, moment_x, moment_y
