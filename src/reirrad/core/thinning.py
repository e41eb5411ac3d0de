"""Fewer points of a structure, for doses that are asked hundreds of times.

Perturbed registrations move the dose by some millimetres, so points may be sparse where
no metric is decided by single cells, but not where the hottest part of the structure
may come to lie in *any* of the draws. Some draws are therefore tried first on points
all over the structure, then on the cells around the hottest of those:

* hot: cells among the hottest 0.14 cc in some trial. Cells too coarse for that are
  halved inside the structure.
* warm: among the hottest 1.4 cc in some trial.
* the rest.

Each part is cut along a space-filling curve into strata of equal volume, and one point
of each, its position in the stratum spread evenly from 0 to 1, stands for all of it. So
every metric of the few points is an unbiased estimate of that of all, for any dose.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reirrad.core.geometry import FloatArray
from reirrad.core.refinement import halved
from reirrad.core.sampling import SamplePoints
from reirrad.core.sections import Sections

__all__ = ["TriedDoses", "spread_choice", "thinned"]

TriedDoses = Callable[[FloatArray], FloatArray]
"""Points (n, 3) to the doses there, shape (trials, n), one row for each trial and each
dose whose hottest part matters."""

HOT_CC, WARM_CC = 0.14, 1.4
HOT_POINT_CC, WARM_POINT_CC = 0.035 / 16.0, 0.5 / 16.0
LEAST_HOT_CELLS = 8
MOST_HOT_POINTS, MOST_WARM_POINTS, REST_POINTS = 900, 500, 1200
SEARCH_POINTS = 1500
SEARCHED_SHARE = 0.01
MOST_CANDIDATES = 4000
MOST_PASSES = 3
BITS = 10
GOLDEN = 0.6180339887498949


def thinned(
    samples: SamplePoints, sections: Sections, tried: TriedDoses
) -> tuple[FloatArray, FloatArray]:
    """Points that stand for a structure under perturbed registrations.

    Parameters
    ----------
    samples
        The structure, with the boxes of its cells.
    sections
        That it was sampled from.
    tried
        Doses in some of the draws, the registered one among them.

    Returns
    -------
    points_mm, volumes_cc
        ``(n, 3)`` and ``(n,)``; the volumes add up to those of the structure.
    """
    present = samples.where(samples.volumes_cc > 0.0)
    near = _candidates(present, tried)
    cells, doses = _fine_enough(present.where(near), sections, tried)
    hot, warm = _hottest(cells.volumes_cc, doses)
    far = present.where(~near)
    kept = [
        _strata(
            cells.points_mm[hot], cells.volumes_cc[hot], HOT_POINT_CC, MOST_HOT_POINTS
        ),
        _strata(
            cells.points_mm[warm],
            cells.volumes_cc[warm],
            WARM_POINT_CC,
            MOST_WARM_POINTS,
        ),
        _strata(
            np.concatenate([cells.points_mm[~hot & ~warm], far.points_mm]),
            np.concatenate([cells.volumes_cc[~hot & ~warm], far.volumes_cc]),
            0.0,
            REST_POINTS,
        ),
    ]
    points = np.concatenate([points for points, _ in kept])
    volumes = np.concatenate([volumes for _, volumes in kept])
    return points, volumes


def _candidates(samples: SamplePoints, tried: TriedDoses) -> npt.NDArray[np.bool_]:
    """Cells around the points that are hot in some trial, shape (n,)."""
    points = samples.points_mm
    few = spread_choice(points, samples.volumes_cc, SEARCH_POINTS)
    hottest = max(int(SEARCHED_SHARE * len(few)), 4)
    doses = tried(points[few])
    at = np.unique(np.argpartition(doses, -hottest, axis=1)[:, -hottest:])
    spacing_mm = (1000.0 * samples.volume_cc / len(few)) ** (1.0 / 3.0)
    away_mm, _ = cKDTree(points[few[at]]).query(
        points, distance_upper_bound=1.5 * spacing_mm
    )
    near = np.isfinite(away_mm)
    if near.sum() > MOST_CANDIDATES:
        nearest = np.argpartition(away_mm, MOST_CANDIDATES)[:MOST_CANDIDATES]
        near = np.zeros(len(points), dtype=np.bool_)
        near[nearest] = True
    return near


def _fine_enough(
    cells: SamplePoints, sections: Sections, tried: TriedDoses
) -> tuple[SamplePoints, FloatArray]:
    """Halve the hot cells that are too coarse for the smallest volumes.

    Returns the cells with their doses in the trials, shape (trials, n).
    """
    doses = tried(cells.points_mm)
    for _ in range(MOST_PASSES):
        coarse = cells.volumes_cc > 2.0 * HOT_POINT_CC
        if coarse.any():
            coarse &= _hottest(cells.volumes_cc, doses)[0]
        if not coarse.any():
            break
        finer = halved(cells.where(coarse), sections)
        cells = cells.where(~coarse).together_with(finer)
        doses = np.hstack([doses[:, ~coarse], tried(finer.points_mm)])
    return cells, doses


def _hottest(
    volumes_cc: FloatArray, doses_gy: FloatArray
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which cells are hot, and which are warm but not hot; shape (n,) each."""
    hot = np.zeros(len(volumes_cc), dtype=np.bool_)
    warm = hot.copy()
    for doses in doses_gy:
        falling = np.argsort(doses)[::-1]
        hotter = np.cumsum(volumes_cc[falling])
        last = max(int(np.searchsorted(hotter, HOT_CC)), LEAST_HOT_CELLS)
        hot[falling[:last]] = True
        warm[falling[: int(np.searchsorted(hotter, WARM_CC)) + 1]] = True
    return hot, warm & ~hot


def _strata(
    points_mm: FloatArray, volumes_cc: FloatArray, least_cc: float, most: int
) -> tuple[FloatArray, FloatArray]:
    """One point for each stratum, and the volume that it stands for."""
    total = float(volumes_cc.sum())
    if not len(points_mm):
        return points_mm, volumes_cc
    count = most
    if least_cc > 0.0:
        count = min(max(int(total / least_cc), 1), most)
    if count >= len(points_mm):
        return points_mm, volumes_cc
    chosen, times = np.unique(
        spread_choice(points_mm, volumes_cc, count), return_counts=True
    )
    return points_mm[chosen], times * (total / count)


def spread_choice(
    points_mm: FloatArray, volumes_cc: FloatArray, count: int
) -> npt.NDArray[np.intp]:
    """Choose points evenly by volume, one of each stratum along a space-filling curve.

    Returns
    -------
    ndarray, shape (count,)
        Positions of the points; a point larger than a stratum comes repeatedly. All
        points, where there are not more than `count`.
    """
    if len(points_mm) <= count:
        return np.arange(len(points_mm))
    along = np.argsort(_curve_positions(points_mm), kind="stable")
    passed = np.cumsum(volumes_cc[along])
    spread = np.arange(count) + (GOLDEN * np.arange(1, count + 1)) % 1.0
    at = np.searchsorted(passed, spread * (passed[-1] / count), side="right")
    return along[np.minimum(at, len(along) - 1)]


def _curve_positions(points_mm: FloatArray) -> npt.NDArray[np.int64]:
    """Position of points along a Morton curve, shape (n,)."""
    low = points_mm.min(axis=0)
    extent = max(float((points_mm.max(axis=0) - low).max()), 1e-6)
    steps = ((points_mm - low) / extent * (2**BITS - 1)).astype(np.int64)
    position = np.zeros(len(points_mm), dtype=np.int64)
    for bit in range(BITS):
        for axis in range(3):
            position |= ((steps[:, axis] >> bit) & 1) << (3 * bit + axis)
    return position
