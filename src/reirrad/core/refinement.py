"""Finer cells where the near-maximum dose of a structure is decided.

The dose at a small volume hangs on the hottest cells alone. Where these are few, those
up to well beyond the volume are halved along each edge, those halves that lie outside
the solid left out, and the dose asked again. So the near-maximum dose of a liver is as
sharp as its mean, at its edge too, at the cost of some thousand points.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.sampling import SamplePoints
from reirrad.core.sections import Sections

__all__ = ["MORE_PASSES", "decisive_cells", "halved"]

HOTTEST_CC = (0.035, 0.1, 0.5, 1.0)
ENOUGH_CELLS = 200
MARGIN_RATIO = 1.4
MARGIN_CELLS = 200
"""A coarse cell may hold doses far above that of its point."""
MORE_PASSES = 3


def decisive_cells(
    samples: SamplePoints, values_gy: FloatArray, *, structure_cc: float
) -> npt.NDArray[np.bool_]:
    """The cells to split, shape (n,).

    Parameters
    ----------
    samples : SamplePoints
        Of the whole structure, or of its hottest cells.
    values_gy : ndarray, shape (m, n)
        Doses whose metrics are asked: each course's, and their sum.
    structure_cc : float
        Volume of the structure.
    """
    chosen = np.zeros(len(samples.volumes_cc), dtype=np.bool_)
    small = [volume for volume in HOTTEST_CC if volume < structure_cc / 2.0]
    for values in values_gy if small else ():
        hottest_first = _hottest(values, samples.volumes_cc, small[-1])
        volumes = samples.volumes_cc[hottest_first]
        hotter = np.cumsum(volumes)
        for volume in small:
            at = int(np.searchsorted(hotter, MARGIN_RATIO * volume))
            at = max(at, int(np.searchsorted(hotter, volume)) + MARGIN_CELLS)
            coarse = volumes[:at] > volume / ENOUGH_CELLS
            chosen[hottest_first[:at][coarse]] = True
    return chosen


def _hottest(
    values_gy: FloatArray, volumes_cc: FloatArray, volume_cc: float
) -> npt.NDArray[np.intp]:
    """Points of at least a volume and the margin beyond it, hottest first."""
    count = 4 * MARGIN_CELLS
    while True:
        count = min(2 * count, len(values_gy))
        hottest = np.argpartition(values_gy, -count)[-count:]
        enough = volumes_cc[hottest].sum() > MARGIN_RATIO * volume_cc
        if count == len(values_gy) or enough:
            return hottest[np.argsort(values_gy[hottest])[::-1]]


def halved(samples: SamplePoints, sections: Sections) -> SamplePoints:
    """Halve the cells of a structure along each edge, inside of it.

    The volume of a cell is shared evenly by the parts whose centres lie in the solid; a
    cell without such a part keeps its point.

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
    corners = (np.indices((2, 2, 2)).reshape(3, -1).T - 0.5) / 2.0
    centres = boxes[:, None, :3] + boxes[:, None, 3:] * corners
    inside = sections.solid.contains(centres.reshape(-1, 3)).reshape(-1, 8)
    lost = ~inside.any(axis=1)
    own = linear_map(samples.points_mm, sections.axes)
    centres[lost, 0] = own[lost]
    inside[lost, 0] = True
    count = inside.sum(axis=1)
    parent, _ = np.nonzero(inside)
    local = centres[inside]
    sizes = boxes[parent, 3:] / 2.0
    return SamplePoints(
        points_mm=linear_map(local, sections.axes.T),
        volumes_cc=(samples.volumes_cc / count)[parent],
        extents_mm=sizes,
        axes=samples.axes,
        largest_cc=(samples.largest_cc / count)[parent],
        ends=samples.ends[parent],
        boxes_mm=np.hstack([local, sizes]),
    )
