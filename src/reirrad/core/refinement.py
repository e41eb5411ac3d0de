"""Which cells decide the near-maximum dose of a structure, and are too coarse for it.

The dose at a small volume hangs on the hottest cells alone. Where these are few, those
up to a little beyond the volume are split, and asked again. So the near-maximum dose of
a liver is as sharp as its mean, at the cost of some hundred points.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import SamplePoints

__all__ = ["MOST_PASSES", "decisive_cells"]

HOTTEST_CC = (0.035, 0.1, 0.5, 1.0)
ENOUGH_CELLS = 100
MARGIN_RATIO = 1.4
MARGIN_CELLS = 8
MOST_PASSES = 4


def decisive_cells(
    samples: SamplePoints, values_gy: FloatArray
) -> npt.NDArray[np.bool_]:
    """The cells to split, shape (n,).

    Parameters
    ----------
    samples : SamplePoints
    values_gy : ndarray, shape (m, n)
        Doses whose metrics are asked: each course's, and their sum.
    """
    chosen = np.zeros(len(samples.volumes_cc), dtype=np.bool_)
    small = [volume for volume in HOTTEST_CC if volume < samples.volume_cc / 2.0]
    for values in values_gy:
        hottest_first = np.argsort(values)[::-1]
        volumes = samples.volumes_cc[hottest_first]
        hotter = np.cumsum(volumes)
        for volume in small:
            at = int(np.searchsorted(hotter, MARGIN_RATIO * volume))
            at = max(at, int(np.searchsorted(hotter, volume)) + MARGIN_CELLS)
            coarse = volumes[:at] > volume / ENOUGH_CELLS
            chosen[hottest_first[:at][coarse]] = True
    return chosen
