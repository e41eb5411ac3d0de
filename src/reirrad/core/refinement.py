"""Finer cells where the near-maximum dose of a structure is decided.

The dose at a small volume hangs on the hottest cells alone. Where these are few, those
up to well beyond the volume are halved along each edge, those halves that lie outside
the solid left out, and the dose asked again. So the near-maximum dose of a liver is as
sharp as its mean, at its edge too, at the cost of some thousand points.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.cells import fraction
from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.sampling import SamplePoints
from reirrad.core.sections import Sections

__all__ = ["decisive_cells", "halved", "likely_cells"]

# Multiples of these, less their whole part, fill a cube evenly, however many there are.
PLASTIC = (0.8191725133961645, 0.6710436067037893, 0.5497004779019703)

HOTTEST_CC = (0.035, 0.1, 0.5, 1.0)
ENOUGH_CELLS = 50
MOST_CELLS = 150
CELLS_PER_FALL = 1000
"""Cells for a volume, times the share by which the dose falls at twice the volume."""
MARGIN_RATIO = 1.4
MARGIN_CELLS = 30
"""A coarse cell may hold doses far above that at its centre."""
LIKELY_RATIO = 2.0
LIKELY_CELLS = 200


def _decided_cc(structure_cc: float) -> list[float]:
    """Volumes so small in a structure that its hottest cells alone decide."""
    return [volume for volume in HOTTEST_CC if volume < structure_cc / 2.0]


def likely_cells(
    samples: SamplePoints, values_gy: FloatArray, *, structure_cc: float
) -> npt.NDArray[np.bool_]:
    """The hottest cells, well beyond those that :func:`decisive_cells` may choose.

    Parameters
    ----------
    samples : SamplePoints
        Of the whole structure.
    values_gy : ndarray, shape (m, n)
        Doses at the points whose metrics are asked: each course's, and their sum.
    structure_cc : float
        Volume of the structure.
    """
    likely = np.zeros(len(samples.volumes_cc), dtype=np.bool_)
    small = _decided_cc(structure_cc)
    if not small or samples.volumes_cc.max() <= small[0] / ENOUGH_CELLS:
        return likely
    for values in values_gy:
        hottest = np.empty(0, dtype=np.intp)
        while (
            len(hottest) < len(values)
            and samples.volumes_cc[hottest].sum() < LIKELY_RATIO * small[-1]
        ):
            count = min(max(2 * len(hottest), LIKELY_CELLS), len(values))
            hottest = np.argpartition(values, -count)[-count:]
        likely[hottest] = True
    return likely


def decisive_cells(
    samples: SamplePoints, centres_gy: FloatArray, *, structure_cc: float
) -> npt.NDArray[np.bool_]:
    """The cells to split, shape (n,).

    They are chosen by the dose at their centres. By the dose at their points, cells
    with a point that is hotter than the rest of the cell would be split, those with a
    colder one not, and hot volume would be lost at the limit between them.

    Parameters
    ----------
    samples : SamplePoints
        The hottest cells of the structure.
    centres_gy : ndarray, shape (m, n)
        Doses at the centres of the cells: each course's, and their sum.
    structure_cc : float
        Volume of the structure.
    """
    chosen = np.zeros(len(samples.volumes_cc), dtype=np.bool_)
    for values in centres_gy:
        hottest_first = np.argsort(values)[::-1]
        volumes = samples.volumes_cc[hottest_first]
        hotter = np.cumsum(volumes)
        for volume in _decided_cc(structure_cc):
            at = int(np.searchsorted(hotter, MARGIN_RATIO * volume))
            at = max(at, int(np.searchsorted(hotter, volume)) + MARGIN_CELLS)
            enough = _enough_cells(values[hottest_first], hotter, volume)
            coarse = volumes[:at] > volume / enough
            chosen[hottest_first[:at][coarse]] = True
    return chosen


def _enough_cells(
    falling_gy: FloatArray, hotter_cc: FloatArray, volume: float
) -> float:
    """Of how many cells a volume is to be made: more where the dose falls steeply.

    Parameters
    ----------
    falling_gy
        Doses of the cells, hottest first.
    hotter_cc
        Volume of each cell and of all that are hotter.
    volume
        In cc.
    """
    steps = np.searchsorted(hotter_cc, [volume, 2.0 * volume])
    dose, further = falling_gy[np.minimum(steps, len(falling_gy) - 1)]
    fall = (dose - further) / dose if dose > 0.0 else 0.0
    return float(min(max(CELLS_PER_FALL * fall, ENOUGH_CELLS), MOST_CELLS))


def halved(samples: SamplePoints, sections: Sections) -> SamplePoints:
    """Halve the cells of a structure along each edge, inside of it.

    The point of a part lies anywhere in it: rows of points with the same dose would
    make steps in a dose-volume curve. The volume of a cell is shared evenly by the
    parts whose points lie in the solid; a cell without such a part keeps its point,
    and what is left of the cell lies around it.

    Parameters
    ----------
    samples : SamplePoints
        Of these sections, with their boxes.
    sections : Sections
    """
    boxes = samples.boxes_mm
    if boxes is None or samples.largest_cc is None or samples.ends is None:
        msg = "samples must come from a solid"
        raise ValueError(msg)
    points, centres = _eighths(boxes)
    inside = sections.solid.contains(points).reshape(-1, 8)
    lost = ~inside.any(axis=1)
    points[::8][lost] = linear_map(samples.points_mm[lost], sections.axes)
    centres[::8][lost] = points[::8][lost]
    inside[lost, 0] = True
    count = inside.sum(axis=1)
    at = np.flatnonzero(inside)
    parent = at // 8
    sizes = boxes[parent, 3:] / 2.0
    return SamplePoints(
        points_mm=linear_map(points[at], sections.axes.T),
        volumes_cc=(samples.volumes_cc / count)[parent],
        extents_mm=sizes,
        axes=samples.axes,
        largest_cc=(samples.largest_cc / count)[parent],
        ends=samples.ends[parent],
        boxes_mm=np.hstack([centres[at], sizes]),
    )


@compiled
def _eighths(boxes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A point in each of the eight parts of every cell, and the parts' centres."""
    points, centres = np.empty((8 * len(boxes), 3)), np.empty((8 * len(boxes), 3))
    for n in range(len(points)):
        for axis in range(3):
            size = boxes[n // 8, 3 + axis]
            upper = (n >> (2 - axis)) & 1
            centres[n, axis] = boxes[n // 8, axis] + size * (upper - 0.5) / 2.0
            spread = fraction((n + 1) * PLASTIC[axis]) - 0.5
            points[n, axis] = centres[n, axis] + size / 2.0 * spread
    return points, centres
