"""Dose-volume metrics of many dose distributions at the same points.

The definitions are those of :mod:`reirrad.core.dvh`, which these loops repeat for
thousands of rows at once; a property test holds them together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.dvh import METRIC_NAME
from reirrad.core.geometry import FloatArray

__all__ = ["CurveRequest", "curve_metrics", "curve_request"]

MEAN, MAX, MIN, DOSE_AT_CC, DOSE_AT_SHARE, VOLUME, SHARE, COLD, COLD_SHARE = range(9)


@dataclass(frozen=True, slots=True)
class CurveRequest:
    """A metric as two numbers: which one it is, and the volume or dose it is taken at.

    Volumes are in cc or, where ``kind`` says so, a share of the whole.
    """

    kind: int
    at: float

    @property
    def is_dose(self) -> bool:
        """Whether the metric is a dose in Gy, not a volume."""
        return self.kind <= DOSE_AT_SHARE


def curve_request(name: str) -> CurveRequest:
    """What a metric's TG-263 name asks for.

    Raises
    ------
    ValueError
        If the name is no metric.

    Examples
    --------
    >>> curve_request("D2%[Gy]")
    CurveRequest(kind=4, at=0.02)
    """
    match = METRIC_NAME.fullmatch(name)
    if match is None:
        msg = f"{name!r} is not a dose metric such as D0.1cc[Gy], V15Gy[cc] or Mean[Gy]"
        raise ValueError(msg)
    if match["plain"]:
        return CurveRequest({"Mean": MEAN, "Max": MAX, "Min": MIN}[match["plain"]], 0.0)
    if match["d_at"]:
        if match["d_unit"] == "%":
            return CurveRequest(DOSE_AT_SHARE, float(match["d_at"]) / 100.0)
        return CurveRequest(DOSE_AT_CC, float(match["d_at"]))
    kinds = {"cc": (VOLUME, COLD), "%": (SHARE, COLD_SHARE)}[match["v_unit"]]
    return CurveRequest(kinds[1 if match["cold"] else 0], float(match["v_at"]))


def curve_metrics(
    values_gy: FloatArray, volumes_cc: FloatArray, requests: Sequence[CurveRequest]
) -> FloatArray:
    """Metrics of every row.

    Parameters
    ----------
    values_gy
        ``(m, n)`` doses, finite.
    volumes_cc
        ``(m, n)`` volume that each point stands for in each row; points of none are
        left out, and a row without any other has no metrics: NaN.
    requests
        Of :func:`curve_request`.

    Returns
    -------
    ndarray, shape (m, len(requests))
        In the metrics' own units.
    """
    return _row_metrics(
        np.ascontiguousarray(values_gy),
        np.ascontiguousarray(volumes_cc),
        np.argsort(values_gy, axis=1),
        np.array([request.kind for request in requests], dtype=np.int64),
        np.array([request.at for request in requests], dtype=np.float64),
    )


@compiled
def _row_metrics(
    values: FloatArray,
    volumes: FloatArray,
    rising: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.int64],
    at: FloatArray,
) -> FloatArray:
    rows, points = values.shape
    result = np.empty((rows, len(kinds)))
    falling, hotter = np.empty(points), np.empty(points)
    for row in range(rows):
        count, total, product = 0, 0.0, 0.0
        for n in range(points - 1, -1, -1):
            point = rising[row, n]
            volume = volumes[row, point]
            if volume <= 0.0:
                continue
            falling[count] = values[row, point]
            hotter[count] = total + volume / 2.0
            total += volume
            product += volume * values[row, point]
            count += 1
        if count == 0:
            result[row] = np.nan
            continue
        for m in range(len(kinds)):
            result[row, m] = _metric(
                falling[:count],
                hotter[:count],
                (total, product / total),
                kinds[m],
                at[m],
            )
    return result


@compiled
def _metric(
    falling: FloatArray,
    hotter: FloatArray,
    whole: tuple[float, float],
    kind: int,
    at: float,
) -> float:
    """One metric; ``whole`` has the volume and the mean dose."""
    total, mean = whole
    if kind == MEAN:
        return mean
    if kind == MAX:
        return float(falling[0])
    if kind == MIN:
        return float(falling[-1])
    if kind == DOSE_AT_CC:
        return _dose_at(falling, hotter, at)
    if kind == DOSE_AT_SHARE:
        return _dose_at(falling, hotter, at * total)
    volume = _volume_at(falling, hotter, total, at)
    if kind in (COLD, COLD_SHARE):
        volume = total - volume
    return volume if kind in (VOLUME, COLD) else 100.0 * volume / total


@compiled
def _dose_at(falling: FloatArray, hotter: FloatArray, volume: float) -> float:
    """Dose that the hottest volume exceeds."""
    if volume <= hotter[0]:
        return float(falling[0])
    if volume >= hotter[-1]:
        return float(falling[-1])
    above = np.searchsorted(hotter, volume, side="right") - 1
    share = (volume - hotter[above]) / (hotter[above + 1] - hotter[above])
    return float(falling[above] + share * (falling[above + 1] - falling[above]))


@compiled
def _volume_at(
    falling: FloatArray, hotter: FloatArray, total: float, level: float
) -> float:
    """Volume that receives a dose or more."""
    low, high = 0, len(falling)
    while low < high:
        middle = (low + high) // 2
        if falling[middle] >= level:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return 0.0
    if low == len(falling):
        return total
    share = (falling[low - 1] - level) / (falling[low - 1] - falling[low])
    return float(hotter[low - 1] + share * (hotter[low] - hotter[low - 1]))
