"""What a solid is taken to be beyond its last section.

The next plane, one slice distance further, holds no contour: the solid ends somewhere in
between, and the contours decide where only if they shrink towards an end.

* Areas whose parabola through the last three planes reaches zero before the next plane
  are a *round* end: the parabola is followed (exact for balls, ellipsoids and tips of
  cones). Two planes are enough if a ball through both ends there.
* Areas that shrink, but not so fast, *taper* to nothing at the next plane.
* Other ends are *flat*: the trend of the areas is cut off half way to the next plane, as
  planning systems do.

The smallest plausible solid has no cap at all. The largest one reaches to the next plane:
at full section where the end is flat or the sections are few, as a dome elsewhere.
"""

from typing import NamedTuple

import numpy as np

from reirrad.core.geometry import FloatArray

__all__ = ["Cap", "CapPart", "cap"]

FLAT_RATIO = 0.5
"""Area that the trend leaves at the next plane, from which an end counts as flat."""
MOST_GROWTH = 1.5
BALL_CURVATURE = -np.pi
"""Half the second derivative of a ball's section area."""
NO_LENGTH_RATIO = 1e-6
ENOUGH_SHEETS = 3


class CapPart(NamedTuple):
    """A range of distances beyond the last section, with areas in it.

    ``area`` and ``largest`` are coefficients of the powers 0 to 3 of the distance's share
    of the way from ``start_mm`` to ``stop_mm``.
    """

    start_mm: float
    stop_mm: float
    area: FloatArray
    largest: FloatArray
    in_doubt: bool


Cap = tuple[CapPart, ...]


def cap(depths_mm: FloatArray, areas_mm2: FloatArray, *, reach_mm: float) -> Cap:
    """What is assumed beyond the last section.

    Parameters
    ----------
    depths_mm : ndarray, shape (n,)
        Distance of the last sections from the very last one, whose own, 0, comes last.
    areas_mm2 : ndarray, shape (n,)
        Their areas.
    reach_mm : float
        Distance of the next plane, which is empty.

    Returns
    -------
    tuple of CapPart
        From the last section outwards.
    """
    last = float(areas_mm2[-1])
    trend = _trend(depths_mm[-3:], areas_mm2[-3:])
    at_reach = _value(trend, reach_mm) / last
    full = np.array([last, 0.0, 0.0])
    dome = np.array([last, 0.0, -last / reach_mm**2])
    if at_reach <= 0.0:
        stop, area = _first_zero(trend, reach_mm), trend
        # Two sections tell a ball from a disc by their size alone.
        largest = dome if len(depths_mm) >= ENOUGH_SHEETS else full
    elif at_reach < FLAT_RATIO:
        stop, area = reach_mm, np.array([last, -last / reach_mm, 0.0])
        largest = dome
    else:
        growth = (MOST_GROWTH - 1.0) * last / reach_mm
        line = np.array([last, growth, 0.0])
        stop = reach_mm / 2.0
        area = largest = trend if at_reach <= MOST_GROWTH else line
    parts = [
        _part(0.0, stop, area, largest),
        _part(stop, reach_mm, np.zeros(3), largest),
    ]
    if len(depths_mm) == 1:
        # A single section has some thickness: half of what planning systems give it.
        certain = _part(0.0, stop / 2.0, area, largest)._replace(in_doubt=False)
        parts[:1] = [certain, _part(stop / 2.0, stop, area, largest)]
    return tuple(
        part
        for part in parts
        if part.stop_mm - part.start_mm > NO_LENGTH_RATIO * reach_mm
    )


def _trend(depths: FloatArray, areas: FloatArray) -> FloatArray:
    """Area as a parabola of the distance beyond the last sheet."""
    constant = np.array([areas[-1], 0.0, 0.0])
    if len(depths) == 1:
        return constant
    if len(depths) == 2:
        fall = (areas[1] - areas[0] + BALL_CURVATURE * depths[0] ** 2) / depths[0]
        ball = np.array([areas[1], fall, BALL_CURVATURE])
        return ball if _value(ball, float(depths[0])) <= 0.0 else constant
    far, near = depths[0], depths[1]
    to_near = (areas[2] - areas[1]) / near
    to_far = (areas[1] - areas[0]) / (far - near)
    bend = (to_near - to_far) / far
    return np.array([areas[2], to_near + bend * near, bend])


def _value(trend: FloatArray, beyond_mm: float) -> float:
    return float(trend[0] + beyond_mm * (trend[1] + beyond_mm * trend[2]))


def _first_zero(trend: FloatArray, reach_mm: float) -> float:
    """Where a parabola that is positive at zero, and not at the reach, becomes zero."""
    constant, slope, bend = (float(c) for c in trend)
    if abs(bend) * reach_mm**2 < 1e-9 * constant:
        return min(-constant / slope, reach_mm)
    root = np.sqrt(slope**2 - 4.0 * bend * constant)
    # The form that does not cancel, whatever the signs.
    larger = -(slope + np.copysign(root, slope)) / 2.0
    ahead = [zero for zero in (larger / bend, constant / larger) if zero > 0.0]
    return float(min(*ahead, reach_mm))


def _part(start: float, stop: float, area: FloatArray, largest: FloatArray) -> CapPart:
    """Coefficients of the share of the way, from those of the distance in mm."""
    length = stop - start
    curves = np.zeros((2, 4))
    for curve, (constant, slope, bend) in zip(curves, (area, largest), strict=True):
        curve[0] = constant + start * (slope + start * bend)
        curve[1] = length * (slope + 2.0 * start * bend)
        curve[2] = length**2 * bend
    if _sum(curves[1]) < _sum(curves[0]):
        curves[1] = curves[0]
    return CapPart(start, stop, curves[0], curves[1], in_doubt=True)


def _sum(curve: FloatArray) -> float:
    return float(np.sum(curve / np.arange(1, 5)))
