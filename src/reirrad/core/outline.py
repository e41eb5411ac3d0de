"""The curve that a contour's vertices were taken from.

A polygon through points of a circle has too small an area: by 0.6 % with 32 vertices.
Where a contour turns by small angles it is taken for a sampled curve, and each edge
gets one vertex more, so that it encloses what a circle's arc would. Corners stay
corners. A contour that this would change by a negligible amount stays as it is.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.signed_distance import ring_moments

__all__ = ["smooth_outline", "smooth_outlines"]

SMOOTH_DEGREES = 12.0
CORNER_DEGREES = 20.0
NEGLIGIBLE_RATIO = 2e-4
ARC_SHARE = 4.0 / 3.0
"""Height of the triangle that has the area of a flat arc of height 1."""


@compiled
def smooth_outlines(
    vertices: FloatArray,
    starts: npt.NDArray[np.int64],
    clockwise: npt.NDArray[np.bool_],
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Smooth many outlines, and turn the clockwise ones round.

    Parameters
    ----------
    vertices
        ``(n, 2)`` of all, each with its first vertex repeated at its end.
    starts
        First vertex of each, and the number of all.
    clockwise
        Which ones to turn round.

    Returns
    -------
    vertices, starts
        The same of the smooth ones, without repeated vertices.
    """
    smooth = np.empty((2 * len(vertices), 2))
    begins = np.zeros(len(starts), dtype=np.int64)
    for n in range(len(clockwise)):
        ring = vertices[starts[n] : starts[n + 1] - 1]
        if clockwise[n]:
            ring = ring[::-1].copy()
        finer = smooth_outline(ring)
        begins[n + 1] = begins[n] + len(finer)
        smooth[begins[n] : begins[n + 1]] = finer
    return smooth[: begins[-1]].copy(), begins


@compiled
def smooth_outline(ring: FloatArray) -> FloatArray:
    """Add a vertex to every edge of a smooth outline.

    Parameters
    ----------
    ring
        ``(n, 2)`` vertices without a repeated last one.

    Returns
    -------
    ndarray, shape (n, 2) or (2 n, 2)
        Through the same vertices.
    """
    count = len(ring)
    turns = np.zeros(count)
    for n in range(count):
        before, after = ring[n - 1], ring[(n + 1) % count]
        au, av = ring[n, 0] - before[0], ring[n, 1] - before[1]
        bu, bv = after[0] - ring[n, 0], after[1] - ring[n, 1]
        turns[n] = np.arctan2(au * bv - av * bu, au * bu + av * bv)
    finer = np.empty((2 * count, 2))
    added = 0.0
    for n in range(count):
        m = (n + 1) % count
        sharpest = max(abs(turns[n]), abs(turns[m])) * 180.0 / np.pi
        smooth = (CORNER_DEGREES - sharpest) / (CORNER_DEGREES - SMOOTH_DEGREES)
        smooth = min(max(smooth, 0.0), 1.0)
        du, dv = ring[m, 0] - ring[n, 0], ring[m, 1] - ring[n, 1]
        # An arc of length l that turns by t rises by l t / 8; outwards is to the right
        # of a counter-clockwise outline.
        rise = smooth * ARC_SHARE * (turns[n] + turns[m]) / 16.0
        finer[2 * n] = ring[n]
        finer[2 * n + 1, 0] = (ring[n, 0] + ring[m, 0]) / 2.0 + rise * dv
        finer[2 * n + 1, 1] = (ring[n, 1] + ring[m, 1]) / 2.0 - rise * du
        added += rise * (du * du + dv * dv) / 2.0
    area = abs(ring_moments(ring)[0])
    if abs(added) < NEGLIGIBLE_RATIO * area:
        return ring
    return finer
