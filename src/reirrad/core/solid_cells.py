"""The cells that a solid is cut into, column by column."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = ["Cells", "between", "copied", "kept_within", "room_for"]


class Cells(NamedTuple):
    """Cells of a solid.

    Parameters
    ----------
    points_mm
        ``(n, 3)`` point (u, v, height) of each.
    volumes_cc
        ``(n,)`` volume.
    extents_mm
        ``(n, 3)`` size of the covered part.
    largest_cc
        ``(n,)`` largest plausible volume.
    ends
        ``(n,)`` BODY, BOTTOM or TOP.
    boxes_mm
        ``(n, 6)`` the whole cell: its centre and its size.
    slopes_per_mm
        ``(n,)`` by how much more of the solid there is a mm further up, as a share of
        what is at half the height of the cell.
    """

    points_mm: FloatArray
    volumes_cc: FloatArray
    extents_mm: FloatArray
    largest_cc: FloatArray
    ends: npt.NDArray[np.int8]
    boxes_mm: FloatArray
    slopes_per_mm: FloatArray


@compiled
def room_for(count: int) -> Cells:
    """Room for a number of cells, not filled."""
    return Cells(
        np.empty((count, 3)),
        np.empty(count),
        np.empty((count, 3)),
        np.empty(count),
        np.empty(count, dtype=np.int8),
        np.empty((count, 6)),
        np.empty(count),
    )


@compiled
def between(cells: Cells, start: int, stop: int) -> Cells:
    """The cells from one number up to another, in the same memory."""
    return Cells(
        cells.points_mm[start:stop],
        cells.volumes_cc[start:stop],
        cells.extents_mm[start:stop],
        cells.largest_cc[start:stop],
        cells.ends[start:stop],
        cells.boxes_mm[start:stop],
        cells.slopes_per_mm[start:stop],
    )


@compiled
def copied(cells: Cells, count: int, room: int) -> Cells:
    """The first cells, with room for more."""
    copy = room_for(room)
    copy.points_mm[:count] = cells.points_mm[:count]
    copy.volumes_cc[:count] = cells.volumes_cc[:count]
    copy.extents_mm[:count] = cells.extents_mm[:count]
    copy.largest_cc[:count] = cells.largest_cc[:count]
    copy.ends[:count] = cells.ends[:count]
    copy.boxes_mm[:count] = cells.boxes_mm[:count]
    copy.slopes_per_mm[:count] = cells.slopes_per_mm[:count]
    return copy


@compiled
def kept_within(cells: Cells, box: FloatArray) -> int:
    """Put cells with their centres in a box first, in place; how many there are.

    Parameters
    ----------
    box
        ``(2, 3)`` lowest and highest (u, v, height).
    """
    count = 0
    for n in range(len(cells.volumes_cc)):
        inside = True
        for axis in range(3):
            at = cells.boxes_mm[n, axis]
            inside = inside and box[0, axis] <= at <= box[1, axis]
        if not inside:
            continue
        if count < n:
            _copy_cell(cells, n, count)
        count += 1
    return count


@compiled
def _copy_cell(cells: Cells, source: int, target: int) -> None:
    cells.points_mm[target] = cells.points_mm[source]
    cells.volumes_cc[target] = cells.volumes_cc[source]
    cells.extents_mm[target] = cells.extents_mm[source]
    cells.largest_cc[target] = cells.largest_cc[source]
    cells.ends[target] = cells.ends[source]
    cells.boxes_mm[target] = cells.boxes_mm[source]
    cells.slopes_per_mm[target] = cells.slopes_per_mm[source]
