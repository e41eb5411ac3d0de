"""What a solid is taken to be beyond its last section.

The next plane, one slice distance further, holds no contour: the solid ends somewhere in
between, and the contours decide where only if they shrink towards an end.

* Areas whose parabola through the last three planes reaches zero before the next plane
  are a *round* end: the parabola is followed (exact for balls, ellipsoids and tips of
  cones).
* Areas that shrink, but not so fast, *taper* to nothing at the next plane.
* Other ends are *flat*: the trend of the areas is cut off half way to the next plane, as
  planning systems do.

The smallest plausible solid has no cap at all. The largest one reaches to the next plane:
at full section where the end is flat, as a dome elsewhere.
"""

from collections.abc import Sequence

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.solid import BODY, BOTTOM, TOP, Piece, Sheet

__all__ = ["cap_pieces"]

FLAT_RATIO = 0.5
"""Area that the trend leaves at the next plane, from which an end counts as flat."""
MOST_GROWTH = 1.5
BALL_CURVATURE = -np.pi
"""Half the second derivative of a ball's section area."""


def cap_pieces(
    sheets: Sequence[Sheet], *, reach_mm: float, end: int, drifts: bool
) -> list[Piece]:
    """The pieces beyond the last sheet.

    Parameters
    ----------
    sheets : sequence of Sheet
        From far inside to the end.
    reach_mm : float
        Distance of the next plane, which is empty.
    end : int
        TOP where heights grow towards the end, BOTTOM where they fall.
    drifts : bool
        Whether the centre goes on moving as between the last two sheets.

    Returns
    -------
    list of Piece
        In the order of their heights.
    """
    last = sheets[-1]
    trend = _trend(sheets)
    at_reach = _value(trend, reach_mm) / last.area_mm2
    if at_reach <= 0.0:
        stop = _first_zero(trend, reach_mm)
        area, largest = trend, _dome(last.area_mm2, reach_mm)
        if len(sheets) < len(trend):
            # Two sections tell a ball from a disc by its size alone.
            largest = np.array([last.area_mm2, 0.0, 0.0])
    elif at_reach < FLAT_RATIO:
        stop = reach_mm
        area = np.array([last.area_mm2, -last.area_mm2 / reach_mm, 0.0])
        largest = _dome(last.area_mm2, reach_mm)
    else:
        stop = reach_mm / 2.0
        area = trend if at_reach <= MOST_GROWTH else _line(last.area_mm2, reach_mm)
        largest = area
    drift = np.zeros(2)
    if drifts and len(sheets) > 1:
        inner = sheets[-2]
        step = abs(last.height_mm - inner.height_mm)
        drift = np.array([last.u_mm - inner.u_mm, last.v_mm - inner.v_mm]) / step
    spans = [(0.0, stop, area)]
    if len(sheets) == 1:
        # A single section has some thickness: half of what planning systems give it.
        spans = [(0.0, stop / 2.0, area), (stop / 2.0, stop, area)]
    if stop < reach_mm:
        spans.append((stop, reach_mm, np.zeros(3)))
    pieces = [
        _piece(last, span, largest, drift, end=end, aligned=len(sheets) > 1)
        for span in spans
    ]
    if len(sheets) == 1:
        pieces[0] = pieces[0]._replace(end=BODY)
    return pieces if end == TOP else pieces[::-1]


def _trend(sheets: Sequence[Sheet]) -> FloatArray:
    """Area as a parabola of the distance beyond the last sheet."""
    last = sheets[-1]
    depth = np.array([abs(s.height_mm - last.height_mm) for s in sheets[-3:]])
    areas = np.array([s.area_mm2 for s in sheets[-3:]])
    if len(depth) == 3:
        return np.linalg.solve((-depth)[:, None] ** np.arange(3), areas)
    if len(depth) == 2:
        fall = (areas[1] - areas[0] + BALL_CURVATURE * depth[0] ** 2) / depth[0]
        ball = np.array([areas[1], fall, BALL_CURVATURE])
        if _value(ball, depth[0]) <= 0.0:
            return ball
    return np.array([last.area_mm2, 0.0, 0.0])


def _value(trend: FloatArray, beyond_mm: float) -> float:
    return float(trend[0] + beyond_mm * (trend[1] + beyond_mm * trend[2]))


def _first_zero(trend: FloatArray, reach_mm: float) -> float:
    roots = np.roots(trend[::-1])
    real = roots.real[np.abs(roots.imag) < 1e-9]
    ahead = real[(real > 0.0) & (real <= reach_mm * (1.0 + 1e-9))]
    return float(min(ahead.min(), reach_mm)) if len(ahead) else reach_mm


def _dome(area: float, reach_mm: float) -> FloatArray:
    return np.array([area, 0.0, -area / reach_mm**2])


def _line(area: float, reach_mm: float) -> FloatArray:
    return np.array([area, (MOST_GROWTH - 1.0) * area / reach_mm, 0.0])


def _piece(
    sheet: Sheet,
    span: tuple[float, float, FloatArray],
    largest: FloatArray,
    drift: FloatArray,
    *,
    end: int,
    aligned: bool,
) -> Piece:
    start, stop, area = span
    near, far = (start, stop) if end == TOP else (stop, start)
    sign = 1.0 if end == TOP else -1.0
    # Polynomials of the share of the way up, through their values at four heights.
    share = np.linspace(0.0, 1.0, 4)
    beyond = near + share * (far - near)
    powers = share[:, None] ** np.arange(4)
    default = np.array([max(_value(area, b), 0.0) for b in beyond])
    most = np.maximum([_value(largest, b) for b in beyond], default)
    centre = np.array([sheet.u_mm, sheet.v_mm]) + beyond[:, None] * drift
    curves = np.linalg.solve(powers, np.column_stack([default, most, centre]))
    ends = sorted((sheet.height_mm + sign * start, sheet.height_mm + sign * stop))
    return Piece(
        ends[0],
        ends[1],
        curves[:, 0],
        curves[:, 1],
        curves[:, 2],
        curves[:, 3],
        sheet,
        sheet,
        aligned,
        end,
    )
