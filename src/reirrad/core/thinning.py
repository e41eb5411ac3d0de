"""Fewer points of a structure, for doses that are asked hundreds of times.

Perturbed registrations move the dose by some millimetres, so points may be sparse where
no metric is decided by single cells, but not where the hottest part of the structure
may come to lie in *any* of the draws. Some draws are therefore tried first on points
all over the structure, then on the cells around the hottest of those:

* peaks: the hottest cell of each trial, all of them.
* hot: cells among the hottest 0.14 cc in some trial. Cells too coarse for that are
  halved inside the structure.
* warm: among the hottest 1.4 cc in some trial.
* the rest, with more points where the trials differ more.

Each part is cut along a space-filling curve into strata, and one point of each, its
position in the stratum spread evenly from 0 to 1, stands for all of it. So the few
points are a fair sample of all, for any dose.
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
MOST_HOT_POINTS, MOST_WARM_POINTS, REST_POINTS = 700, 400, 1000
SEARCH_POINTS = 1500
SEARCHED_SHARE = 0.01
MOST_CANDIDATES = 8000
LEAST_DENSITY, MOST_DENSITY = 0.5, 8.0
MOST_PASSES = 3
BAND_POINTS = 25
MOST_SCALED = 3.0
BITS = 10
GOLDEN = 0.6180339887498949


def thinned(
    samples: SamplePoints,
    sections: Sections,
    tried: TriedDoses,
    registered_gy: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Points that stand for a structure under perturbed registrations.

    Parameters
    ----------
    samples
        The structure, with the boxes of its cells.
    sections
        That it was sampled from.
    tried
        Doses in some of the draws; its first row is that as registered.
    registered_gy
        ``(n,)`` the same at the points of `samples`.

    Returns
    -------
    points_mm, volumes_cc
        ``(n, 3)`` and ``(n,)``; the volumes add up to those of the structure.
    """
    present = samples.where(samples.volumes_cc > 0.0)
    near, density = _searched(present, tried)
    cells, doses = _fine_enough(present.where(near), sections, tried)
    hot, warm = _hottest(cells.volumes_cc, doses)
    peaks = np.zeros(len(hot), dtype=np.bool_)
    peaks[np.argmax(doses, axis=1)] = True
    hot, warm = hot & ~peaks, warm & ~peaks
    far = present.where(~near)
    cool = ~hot & ~warm & ~peaks
    rest_mm = np.concatenate([cells.points_mm[cool], far.points_mm])
    rest_cc = np.concatenate([cells.volumes_cc[cool], far.volumes_cc])
    dense = np.concatenate([np.full(int(cool.sum()), density.max()), density[~near]])
    kept = [
        _strata(
            cells.points_mm[chosen],
            cells.volumes_cc[chosen],
            cells.volumes_cc[chosen],
            min(max(int(cells.volumes_cc[chosen].sum() / point_cc), 1), most),
        )
        for chosen, point_cc, most in (
            (hot, HOT_POINT_CC, MOST_HOT_POINTS),
            (warm, WARM_POINT_CC, MOST_WARM_POINTS),
        )
    ]
    kept.append(_strata(rest_mm, rest_cc, rest_cc * dense, REST_POINTS))
    kept.append((cells.points_mm[peaks], cells.volumes_cc[peaks]))
    points = np.concatenate([points for points, _ in kept])
    volumes = np.concatenate([volumes for _, volumes in kept])
    return points, _calibrated(
        volumes, tried(points)[0], samples.volumes_cc, registered_gy
    )


def _calibrated(
    volumes_cc: FloatArray,
    doses_gy: FloatArray,
    all_cc: FloatArray,
    all_gy: FloatArray,
) -> FloatArray:
    """Volumes of few points, so that each band of dose has that of all points."""
    count = max(len(volumes_cc) // BAND_POINTS, 1)
    ordered = np.sort(doses_gy)
    borders = np.unique(ordered[(np.arange(1, count) * len(ordered)) // count])
    band = np.searchsorted(borders, doses_gy, side="right")
    few = np.bincount(band, volumes_cc, minlength=len(borders) + 1)
    every = np.bincount(
        np.searchsorted(borders, all_gy, side="right"),
        all_cc,
        minlength=len(borders) + 1,
    )
    scale = np.clip(every / np.maximum(few, 1e-12), 1.0 / MOST_SCALED, MOST_SCALED)
    scaled = volumes_cc * scale[band]
    return np.asarray(scaled * (all_cc.sum() / scaled.sum()), dtype=np.float64)


def _searched(
    samples: SamplePoints, tried: TriedDoses
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Cells around the points that are hot in some trial, and how dense to sample.

    Returns
    -------
    near, density
        ``(n,)`` each; the density is relative, from what the trials differ by at the
        nearest of some points all over the structure.
    """
    points = samples.points_mm
    few = spread_choice(points, samples.volumes_cc, SEARCH_POINTS)
    doses = tried(points[few])
    differ = doses.std(axis=0)
    mean = max(float(differ.mean()), 1e-9)
    _, nearest_few = cKDTree(points[few]).query(points)
    density = (LEAST_DENSITY + np.minimum(differ / mean, MOST_DENSITY))[nearest_few]
    hottest = max(int(SEARCHED_SHARE * len(few)), 4)
    at = np.unique(np.argpartition(doses, -hottest, axis=1)[:, -hottest:])
    spacing_mm = (1000.0 * samples.volume_cc / len(few)) ** (1.0 / 3.0)
    away_mm, _ = cKDTree(points[few[at]]).query(
        points, distance_upper_bound=1.5 * spacing_mm
    )
    near = np.asarray(np.isfinite(away_mm), dtype=np.bool_)
    if near.sum() > MOST_CANDIDATES:
        nearest = np.argpartition(away_mm, MOST_CANDIDATES)[:MOST_CANDIDATES]
        near = np.zeros(len(points), dtype=np.bool_)
        near[nearest] = True
    return near, density


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
        cells = cells.replaced(coarse, finer)
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
    points_mm: FloatArray, volumes_cc: FloatArray, weights: FloatArray, count: int
) -> tuple[FloatArray, FloatArray]:
    """One point for each stratum of equal weight, and the volume of the stratum."""
    if count >= len(points_mm):
        return points_mm, volumes_cc
    along = _along_curve(points_mm)
    passed = np.cumsum(weights[along])
    step = passed[-1] / count
    middle = passed - weights[along] / 2.0
    stratum = np.minimum((middle / step).astype(np.intp), count - 1)
    borders = np.searchsorted(stratum, np.arange(count + 1))
    lengths = np.diff(borders)
    filled = np.flatnonzero(lengths)
    share = (GOLDEN * np.arange(1, len(filled) + 1)) % 1.0
    chosen = borders[filled] + (share * lengths[filled]).astype(np.intp)
    volumes = np.bincount(stratum, volumes_cc[along], minlength=count)[filled]
    return points_mm[along[chosen]], np.asarray(volumes, dtype=np.float64)


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
    along = _along_curve(points_mm)
    passed = np.cumsum(volumes_cc[along])
    spread = np.arange(count) + (GOLDEN * np.arange(1, count + 1)) % 1.0
    at = np.searchsorted(passed, spread * (passed[-1] / count), side="right")
    return np.asarray(along[np.minimum(at, len(along) - 1)], dtype=np.intp)


def _along_curve(points_mm: FloatArray) -> npt.NDArray[np.intp]:
    """Order of points along a Morton curve, shape (n,)."""
    low = points_mm.min(axis=0)
    extent = max(float((points_mm.max(axis=0) - low).max()), 1e-6)
    steps = ((points_mm - low) / extent * (2**BITS - 1)).astype(np.int64)
    position = np.zeros(len(points_mm), dtype=np.int64)
    for bit in range(BITS):
        for axis in range(3):
            position |= ((steps[:, axis] >> bit) & 1) << (3 * bit + axis)
    return np.argsort(position, kind="stable")
