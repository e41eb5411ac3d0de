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
        centre = cells.boxes_mm[n, :3]
        if (centre < box[0]).any() or (centre > box[1]).any():
            continue
        cells.points_mm[count] = cells.points_mm[n]
        cells.volumes_cc[count] = cells.volumes_cc[n]
        cells.extents_mm[count] = cells.extents_mm[n]
        cells.largest_cc[count] = cells.largest_cc[n]
        cells.ends[count] = cells.ends[n]
        cells.boxes_mm[count] = cells.boxes_mm[n]
        cells.slopes_per_mm[count] = cells.slopes_per_mm[n]
        count += 1
    return count
