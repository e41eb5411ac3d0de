"""Dose-volume metrics of weighted points.

The cumulative curve gives, for each point's value, the volume that receives more plus
half the point's own; it is interpolated linearly between points. ``D2%`` is the dose
that the hottest 2 % of the volume exceed, ``V15Gy`` the volume that receives 15 Gy or
more (ICRU 83), ``CV15Gy`` the volume that receives less. Names follow TG-263.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = [
    "METRIC_NAME",
    "STANDARD_METRICS",
    "DoseVolume",
    "coldest_between_gy",
    "coldest_gy",
    "cumulative_curve",
    "dose_volume",
    "dose_volumes",
    "is_metric",
    "metric_bounds",
    "metric_value",
]

STANDARD_METRICS = (
    "Mean[Gy]",
    "Max[Gy]",
    "Min[Gy]",
    "D0.035cc[Gy]",
    "D0.1cc[Gy]",
    "D0.5cc[Gy]",
    "D1cc[Gy]",
    "D2%[Gy]",
    "D50%[Gy]",
    "D95%[Gy]",
    "D98%[Gy]",
)

SAMPLING_FACTOR = 2.5
INTERPOLATION_RATIO = 1e-3
NEAR_CELLS = 8
FALLS_BEYOND = 1.5

METRIC_NAME = re.compile(
    r"(?P<plain>Mean|Max|Min)\[Gy\]"
    r"|D(?P<d_at>\d+(?:\.\d+)?)(?P<d_unit>cc|%)\[Gy\]"
    r"|(?P<cold>C?)V(?P<v_at>\d+(?:\.\d+)?)Gy\[(?P<v_unit>cc|%)\]"
)


@dataclass(frozen=True, slots=True, eq=False)
class DoseVolume:
    """Values at points, hottest first, with the volume up to each.

    Parameters
    ----------
    values_gy
        ``(n,)`` falling.
    volumes_cc
        ``(n,)`` volume that each point stands for.
    hotter_cc
        ``(n,)`` volume receiving more than a point, plus half its own.
    """

    values_gy: FloatArray
    volumes_cc: FloatArray
    hotter_cc: FloatArray

    @property
    def volume_cc(self) -> float:
        """Total volume."""
        return float(self.volumes_cc.sum())


def dose_volume(values_gy: FloatArray, volumes_cc: FloatArray) -> DoseVolume:
    """Order points by their values.

    Parameters
    ----------
    values_gy : ndarray, shape (n,)
        Dose or equivalent dose at each point; finite.
    volumes_cc : ndarray, shape (n,)
        Volume that each point stands for; a point of none is left out.

    Raises
    ------
    ValueError
        If there is no point, or a value is not finite.
    """
    (curve,) = dose_volumes(values_gy, [volumes_cc])
    return curve


def dose_volumes(
    values_gy: FloatArray, volumes_cc: Iterable[FloatArray]
) -> Iterator[DoseVolume]:
    """The same values, once for each choice of the points' volumes.

    Parameters
    ----------
    values_gy, volumes_cc
        As in :func:`dose_volume`.
    """
    if not len(values_gy) or not np.all(np.isfinite(values_gy)):
        msg = "values_gy must hold at least one value, all finite"
        raise ValueError(msg)
    order = np.argsort(values_gy)[::-1]
    for choice in volumes_cc:
        curve = DoseVolume(*_ordered(values_gy, choice, order))
        if not len(curve.values_gy):
            msg = "no point has a volume"
            raise ValueError(msg)
        yield curve


@compiled
def _ordered(
    values: FloatArray, volumes: FloatArray, order: npt.NDArray[np.intp]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What a :class:`DoseVolume` holds, of points in a given order."""
    ordered, present = np.empty(len(order)), np.empty(len(order))
    hotter = np.empty(len(order))
    count, total = 0, 0.0
    for n in order:
        if volumes[n] > 0.0:
            total += volumes[n]
            ordered[count], present[count] = values[n], volumes[n]
            hotter[count] = total - volumes[n] / 2.0
            count += 1
    return ordered[:count], present[:count], hotter[:count]


def is_metric(name: str) -> bool:
    """Whether a name is a metric that :func:`metric_value` understands."""
    return METRIC_NAME.fullmatch(name) is not None


def metric_value(name: str, curve: DoseVolume) -> float:
    """One metric of a dose-volume curve.

    Parameters
    ----------
    name : str
        TG-263 spelling, such as ``Mean[Gy]``, ``D0.1cc[Gy]``, ``D95%[Gy]``,
        ``V15Gy[cc]``, ``V10Gy[%]`` or ``CV15Gy[cc]``.
    curve : DoseVolume

    Returns
    -------
    float
        Gy, cc or per cent. ``D5cc`` of a structure below 5 cc is its lowest dose.

    Raises
    ------
    ValueError
        If the name is no metric.
    """
    match = METRIC_NAME.fullmatch(name)
    if match is None:
        msg = f"{name!r} is not a dose metric such as D0.1cc[Gy], V15Gy[cc] or Mean[Gy]"
        raise ValueError(msg)
    if match["plain"]:
        return _plain(match["plain"], curve)
    if match["d_at"]:
        volume = float(match["d_at"])
        if match["d_unit"] == "%":
            volume *= curve.volume_cc / 100.0
        return float(np.interp(volume, curve.hotter_cc, curve.values_gy))
    volume = float(_volumes_at(np.array([float(match["v_at"])]), curve)[0])
    if match["cold"]:
        volume = curve.volume_cc - volume
    return volume if match["v_unit"] == "cc" else 100.0 * volume / curve.volume_cc


def metric_bounds(name: str, curve: DoseVolume) -> tuple[float, float]:
    """A metric, less and plus what evenly placed points may be off.

    A volume in which n points lie is uncertain by about the share n^(-2/3): that of the
    cells that a smooth surface cuts, divided by the square root of their number. The
    dose at a volume is uncertain as the volume is, the mean by the same share of the
    spread of the values; and every dose by a thousandth, for its interpolation.

    Parameters
    ----------
    name, curve
        As in :func:`metric_value`.
    """
    match = METRIC_NAME.fullmatch(name)
    value = metric_value(name, curve)
    if match is None or match["plain"] in {"Max", "Min"}:
        return value, value
    if match["plain"]:
        off = _uncertain_share(len(curve.values_gy)) * float(curve.values_gy.std())
        return _widened(value - off, value + off)
    if match["d_at"]:
        volume = float(match["d_at"])
        if match["d_unit"] == "%":
            volume *= curve.volume_cc / 100.0
        more, less = _uncertain_volume(volume, curve)
        # Single points may lie a little outside: the last few say no more than one.
        less = min(less, curve.volume_cc - _coldest_cells_cc(curve))
        high = float(np.interp(less, curve.hotter_cc, curve.values_gy))
        return _widened(_lowest_at(more, curve), high)
    scale = 1.0 if match["v_unit"] == "cc" else 100.0 / curve.volume_cc
    more, less = _uncertain_volume(value / scale, curve)
    return max(less, 0.0) * scale, min(more, curve.volume_cc) * scale


def coldest_gy(curve: DoseVolume) -> float:
    """A dose that no part of the structure falls below, though no point lies there.

    Towards its coldest corner, or the tip of a cone, the dose falls with the cube root
    of the volume that is colder, towards a smooth surface faster. So beyond a few of
    the coldest cells it falls by no more than from eight times as many to them, but
    for the scatter of the points: half as much again is allowed for.
    """
    near_cc = _coldest_cells_cc(curve)
    at = curve.volume_cc - np.array([near_cc, 8.0 * near_cc])
    near, before = np.interp(at, curve.hotter_cc, curve.values_gy)
    lowest = float(curve.values_gy[-1])
    beyond = float(near - FALLS_BEYOND * (before - near))
    return max(min(lowest, beyond), 0.0)


def coldest_between_gy(
    name: str, solids: Sequence[tuple[float, float]]
) -> float | None:
    """The least dose at a volume if the structure has just that volume.

    A larger solid has more that is hotter, a smaller one lacks what is coldest.

    Parameters
    ----------
    name
        Of a metric.
    solids
        Volume in cc and coldest dose in Gy of each plausible solid.

    Returns
    -------
    float or None
        None where the metric is no dose at a volume in cc, or where no solid is
        smaller or none larger.
    """
    match = METRIC_NAME.fullmatch(name)
    if match is None or match["d_unit"] != "cc":
        return None
    asked_cc = float(match["d_at"])
    between = [
        cold + (colder - cold) * (asked_cc - less_cc) / (more_cc - less_cc)
        for less_cc, cold in solids
        for more_cc, colder in solids
        if less_cc < asked_cc < more_cc
    ]
    return min(between) if between else None


def _coldest_cells_cc(curve: DoseVolume) -> float:
    return float(curve.volumes_cc[-NEAR_CELLS:].sum())


def _lowest_at(volume_cc: float, curve: DoseVolume) -> float:
    """Dose at a volume, falling to that of the coldest corner at the whole volume."""
    last_cc, last_gy = float(curve.hotter_cc[-1]), float(curve.values_gy[-1])
    if volume_cc <= last_cc:
        return float(np.interp(volume_cc, curve.hotter_cc, curve.values_gy))
    share = min((volume_cc - last_cc) / (curve.volume_cc - last_cc), 1.0)
    return last_gy + share * (coldest_gy(curve) - last_gy)


def _widened(low_gy: float, high_gy: float) -> tuple[float, float]:
    return low_gy * (1.0 - INTERPOLATION_RATIO), high_gy * (1.0 + INTERPOLATION_RATIO)


def _uncertain_volume(volume_cc: float, curve: DoseVolume) -> tuple[float, float]:
    """The most and the least that a volume, hot or cold, may be."""
    smaller = min(volume_cc, curve.volume_cc - volume_cc)
    at = int(np.searchsorted(curve.hotter_cc, volume_cc))
    count = min(at, len(curve.values_gy) - at)
    # Where the cells differ in size, those at the border of the volume matter.
    near = curve.volumes_cc[max(at - NEAR_CELLS, 0) : at + NEAR_CELLS]
    if len(near):
        count = min(count, int(smaller / near.mean()))
    off = max(smaller, 0.0) * _uncertain_share(count)
    return volume_cc + off, volume_cc - off


def _uncertain_share(count: int) -> float:
    return float(SAMPLING_FACTOR * max(count, 1) ** (-2.0 / 3.0))


def cumulative_curve(
    curve: DoseVolume, *, n_points: int = 256
) -> tuple[FloatArray, FloatArray]:
    """Dose axis in Gy and volume in per cent, for drawing."""
    dose = np.linspace(0.0, float(curve.values_gy[0]) * 1.02 + 1e-9, n_points)
    volume = _volumes_at(dose, curve)
    return dose, 100.0 * volume / curve.volume_cc


def _plain(name: str, curve: DoseVolume) -> float:
    if name == "Mean":
        return float(np.average(curve.values_gy, weights=curve.volumes_cc))
    return float(curve.values_gy[0 if name == "Max" else -1])


def _volumes_at(levels_gy: FloatArray, curve: DoseVolume) -> FloatArray:
    """Volume receiving each level or more."""
    values, hotter = curve.values_gy, curve.hotter_cc
    at_least = len(values) - np.searchsorted(values[::-1], levels_gy, side="left")
    # Between the last point at or above the level and the first below it.
    partly = (at_least > 0) & (at_least < len(values))
    volume = np.where(at_least == 0, 0.0, curve.volume_cc)
    inner = at_least[partly]
    above, below = values[inner - 1], values[inner]
    share = (above - levels_gy[partly]) / (above - below)
    volume[partly] = hotter[inner - 1] + share * (hotter[inner] - hotter[inner - 1])
    return volume
