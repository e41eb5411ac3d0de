"""What a solid is taken to be beyond its last section.

The next plane, one slice distance further, holds no contour: the solid ends somewhere
in between, and the contours decide where only if they shrink towards an end.

* Areas whose parabola through the last three planes reaches zero before the next plane
  are a *round* end: the parabola is followed (exact for balls, ellipsoids and tips of
  cones). Two planes are enough if a ball through both ends there.
* Areas that shrink, but not so fast, *taper* to nothing at the next plane.
* Other ends are *flat*: the trend of the areas is cut off half way to the next plane,
  as planning systems do.

The smallest plausible solid has no cap at all. The largest one reaches to the next
plane: at full section where the end is flat or the sections are few, as a dome
elsewhere.
"""

import numpy as np

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = ["MOST_CAP_PARTS", "cap_parts"]

MOST_CAP_PARTS = 3
FLAT_RATIO = 0.5
"""Area that the trend leaves at the next plane, from which an end counts as flat."""
MOST_GROWTH = 1.5
BALL_CURVATURE = -np.pi
"""Half the second derivative of a ball's section area."""
NO_LENGTH_RATIO = 1e-6
NEXT_TO_NOTHING = 0.01
ENOUGH_SHEETS = 3


@compiled
def cap_parts(
    depths_mm: FloatArray, areas_mm2: FloatArray, reach_mm: float
) -> FloatArray:
    """What is assumed beyond the last section.

    Parameters
    ----------
    depths_mm : ndarray, shape (n,)
        Distance of the last three sections, or fewer, from the very last one, whose
        own, 0, comes last.
    areas_mm2 : ndarray, shape (n,)
        Their areas.
    reach_mm : float
        Distance of the next plane, which is empty.

    Returns
    -------
    ndarray, shape (n, 9)
        Ranges of the distance beyond the last section, outwards: start and stop in mm,
        the coefficients of the area, and of the largest plausible area, for the powers
        0 to 2 of the share of the way from start to stop, and 1 where it is in doubt
        whether the solid is there at all.
    """
    last = areas_mm2[-1]
    trend = _trend(depths_mm, areas_mm2)
    at_reach = _value(trend, reach_mm) / last
    nothing, full = (0.0, 0.0, 0.0), (last, 0.0, 0.0)
    dome = (last, 0.0, -last / reach_mm**2)
    stop = _first_zero(trend, reach_mm)
    if stop < reach_mm or at_reach <= 0.0:
        area = trend
        # Two sections tell a ball from a disc by their size alone.
        largest = dome if len(depths_mm) >= ENOUGH_SHEETS else full
    elif at_reach < FLAT_RATIO:
        area = (last, -last / reach_mm, 0.0)
        largest = dome
    else:
        stop, area = reach_mm / 2.0, trend
        if at_reach > MOST_GROWTH:
            area = (last, (MOST_GROWTH - 1.0) * last / reach_mm, 0.0)
        largest = area
    parts = np.zeros((MOST_CAP_PARTS, 9))
    count = 0
    # A single section has some thickness: half of what planning systems give it.
    certain = stop / 2.0 if len(depths_mm) == 1 else 0.0
    for start, end, curve in (
        (0.0, certain, area),
        (certain, stop, area),
        (stop, reach_mm, nothing),
    ):
        if end - start > NO_LENGTH_RATIO * reach_mm:
            parts[count, 0], parts[count, 1] = start, end
            parts[count, 2:5] = _shifted(curve, start, end)
            parts[count, 5:8] = _shifted(largest, start, end)
            if _mean(parts[count, 5:8]) < _mean(parts[count, 2:5]):
                parts[count, 5:8] = parts[count, 2:5]
            parts[count, 8] = 0.0 if end <= certain else 1.0
            count += 1
    return parts[:count]


@compiled
def _trend(depths: FloatArray, areas: FloatArray) -> tuple[float, float, float]:
    """Area as a parabola of the distance beyond the last sheet."""
    constant = (areas[-1], 0.0, 0.0)
    if len(depths) == 1:
        return constant
    if len(depths) == 2:
        fall = (areas[1] - areas[0] + BALL_CURVATURE * depths[0] ** 2) / depths[0]
        ball = (areas[1], fall, BALL_CURVATURE)
        return ball if _value(ball, depths[0]) <= 0.0 else constant
    far, near = depths[0], depths[1]
    to_near = (areas[2] - areas[1]) / near
    to_far = (areas[1] - areas[0]) / (far - near)
    bend = (to_near - to_far) / far
    return areas[2], to_near + bend * near, bend


@compiled
def _value(trend: tuple[float, float, float], beyond_mm: float) -> float:
    return trend[0] + beyond_mm * (trend[1] + beyond_mm * trend[2])


@compiled
def _first_zero(trend: tuple[float, float, float], reach_mm: float) -> float:
    """Where a parabola that is positive at zero comes to nothing; at most the reach.

    The parabola of a cone only touches zero at the tip: next to nothing counts.
    """
    constant, slope, bend = trend
    if abs(bend) * reach_mm**2 < 1e-9 * constant:
        return min(-constant / slope, reach_mm) if slope < 0.0 else reach_mm
    lowest = -slope / (2.0 * bend)
    if bend > 0.0 and 0.0 < lowest < reach_mm:
        least = _value(trend, lowest)
        if 0.0 <= least <= NEXT_TO_NOTHING * constant:
            return lowest
    square = slope**2 - 4.0 * bend * constant
    if square < 0.0:
        return reach_mm
    # The form that does not cancel, whatever the signs.
    larger = -(slope + np.copysign(np.sqrt(square), slope)) / 2.0
    zero = reach_mm
    for candidate in (larger / bend, constant / larger):
        if 0.0 < candidate < zero:
            zero = candidate
    return zero


@compiled
def _shifted(
    curve: tuple[float, float, float], start: float, stop: float
) -> FloatArray:
    """Coefficients of the share of the way, from those of the distance in mm."""
    constant, slope, bend = curve
    length = stop - start
    return np.array(
        [
            constant + start * (slope + start * bend),
            length * (slope + 2.0 * start * bend),
            length**2 * bend,
        ]
    )


@compiled
def _mean(curve: FloatArray) -> float:
    return float(curve[0] + curve[1] / 2.0 + curve[2] / 3.0)
