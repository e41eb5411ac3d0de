"""Regions of space bounded by isodoses, and the volume of what they share.

A region is a function of points. It returns a *clearance* in mm: positive inside,
negative outside, and never more than the distance to the region's border. For an
isodose that is the excess of the dose over the level, divided by the steepest gradient
nearby; where the nearest voxel already shows it to be far away, the voxel's own excess.
Next to a border the dose is corrected for what a cubic spline leaves there.
Intersection and union of regions are the least and the largest clearance.

A volume is found by asking the clearance at the centres of cells. A cell smaller than
its clearance is wholly in or wholly out; the others are split into eight and asked
again, until what remains undecided no longer matters. These last ones are asked
anywhere in them instead of at their centres, which err all alike along a flat border.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reirrad.core.dose import (
    DoseGrid,
    border_there,
    clearance_there,
    correction_there,
    dose_there,
    steepest_there,
)
from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.sampling import SamplePoints, sample, sampling_spacing_mm, split
from reirrad.core.transforms import PointMap

__all__ = [
    "MeasuredVolume",
    "Region",
    "catchment",
    "cells_within",
    "intersection",
    "isodose_region",
    "measured_volume",
    "union",
]

Region = Callable[[FloatArray], FloatArray]
"""Points (n, 3) to clearance in mm (n,)."""

FLATTEST_GY_PER_MM = 1e-6
FAR_MM = 5.0
"""More than the radius of any cell: a point this far from a border is decided."""
MOST_CORRECTED_VOXELS = 0.025
"""What a correction moves a border by at most; further away it decides nothing."""
REACH_RADII = 2.0
"""Beyond its cells, a structure may reach by as much as they are large."""
FINER_RATIO = 0.7
"""To a structure of its own: a part is bounded by more of the surface's detail."""
WORTHWHILE_RATIO = 0.75
MOST_CELLS = 150_000
MOST_CUT_CELLS = 10_000_000
MAX_SPLITS = 5
TOLERATED_RATIO = 5e-4
TOLERATED_CC = 5e-4
UNDECIDED_SPREAD = 0.15
"""Standard deviation of the share of a cell that two opposite points get wrong."""


@dataclass(frozen=True, slots=True)
class MeasuredVolume:
    """A volume, and the standard deviation of what undecided cells may move it by."""

    volume_cc: float
    uncertainty_cc: float


def isodose_region(
    grids: Sequence[DoseGrid], *, level_gy: float, to_course: PointMap
) -> Region:
    """Region where the summed dose of a course is at least a level.

    Parameters
    ----------
    grids : sequence of DoseGrid
        Doses that add up; where a point lies outside a grid, that grid adds nothing.
    level_gy : float
        Isodose level of the sum.
    to_course : PointMap
        From the frame in which points are asked to the frame of the grids. Where it
        stretches, a border may be so much nearer.
    """
    stretch = to_course.stretch
    spacing_mm = max(max(grid.geometry.spacing_mm) for grid in grids)
    most_mm = MOST_CORRECTED_VOXELS * spacing_mm

    def clearance_mm(points_mm: FloatArray) -> FloatArray:
        points = to_course.apply(points_mm)
        clearance = _cubic_clearance(
            grids, points, level_gy=float(level_gy), far_mm=FAR_MM * stretch
        )
        near = np.flatnonzero(np.abs(clearance) < most_mm)
        if len(near):
            clearance[near] += _correction_mm(grids, points[near], most_mm)
        return clearance / stretch

    return clearance_mm


def intersection(*regions: Region) -> Region:
    """Region of the points that lie in every one of the regions.

    A point far outside one of them is far outside the intersection, so the others are
    not asked there.
    """
    return lambda points: _combined(points, regions, outer=np.minimum, sign=-1.0)


def union(*regions: Region) -> Region:
    """Region of the points that lie in at least one of the regions."""
    return lambda points: _combined(points, regions, outer=np.maximum, sign=1.0)


def catchment(
    centre_mm: FloatArray, others_mm: Sequence[FloatArray], *, to_course: PointMap
) -> Region:
    """Region of the points that are nearer to one target's centre than to any other."""
    stretch = to_course.stretch

    def clearance_mm(points_mm: FloatArray) -> FloatArray:
        points = to_course.apply(points_mm)
        own = np.linalg.norm(points - centre_mm, axis=1)
        nearest = np.min(
            [np.linalg.norm(points - o, axis=1) for o in others_mm], axis=0
        )
        return np.asarray((nearest - own) / (2.0 * stretch))

    return clearance_mm


def measured_volume(cells: SamplePoints, region: Region) -> MeasuredVolume:
    """Volume of the cells' part that lies in a region.

    Parameters
    ----------
    cells : SamplePoints
        Of a structure, or of a whole dose grid.
    region : Region
        Asked in the frame of the cells.

    Returns
    -------
    MeasuredVolume
        In cc; exact to about 0.05 % of itself or 0.0005 cc, whichever is larger.
    """
    cells, clearance = _fine_enough(cells, region)
    decided = 0.0
    splits = 0
    while True:
        undecided = np.abs(clearance) < cells.radii_mm
        inside = clearance >= 0.0
        decided += float(cells.volumes_cc[inside & ~undecided].sum())
        by_centre = float(cells.volumes_cc[undecided & inside].sum())
        cells = cells.where(undecided)
        spread = UNDECIDED_SPREAD * float(np.sqrt(np.sum(cells.volumes_cc**2)))
        tolerated = max(TOLERATED_CC, TOLERATED_RATIO * (decided + by_centre))
        if spread <= tolerated or splits == MAX_SPLITS:
            held = [region(points) >= 0.0 for points in cells.scattered_mm]
            by_points = float(np.mean([cells.volumes_cc[one].sum() for one in held]))
            return MeasuredVolume(decided + by_points, spread)
        cells = split(cells)
        clearance = region(cells.points_mm)
        splits += 1


def cells_within(cells: SamplePoints, region: Region, *, enough: int) -> SamplePoints:
    """Cells whose centres lie in a region, split until there are enough of them.

    Parameters
    ----------
    cells : SamplePoints
        Centred, as :func:`measured_volume` takes them.
    region : Region
    enough : int
        Number of cells that touch the region from which they are not split any more.
    """
    for _ in range(MAX_SPLITS):
        cells = cells.where(region(cells.points_mm) > -cells.radii_mm)
        if not 0 < len(cells.volumes_cc) < enough:
            break
        cells = split(cells)
    return cells.where(region(cells.points_mm) >= 0.0)


def _fine_enough(
    cells: SamplePoints, region: Region
) -> tuple[SamplePoints, FloatArray]:
    """The cells that a region reaches, and their clearance.

    Those of a structure are as fine as these few ask.

    The cells of a large structure follow its surface too coarsely for a small volume
    that lies along it.
    """
    while True:
        clearance = region(cells.points_mm)
        near = clearance > -REACH_RADII * cells.radii_mm
        reached = cells.where(near)
        if cells.source is None or not near.any():
            return reached, clearance[near]
        box_mm = _box_around(reached)
        spacing_mm = _finer_mm(cells, reached, box_mm)
        if spacing_mm > WORTHWHILE_RATIO * float(reached.extents_mm.max()):
            return reached, clearance[near]
        cells = sample(cells.source, spacing_mm=spacing_mm, centred=True, box_mm=box_mm)


def _box_around(cells: SamplePoints) -> FloatArray:
    """Lowest and highest coordinates along their axes, and a cell more, (2, 3)."""
    places = linear_map(cells.points_mm, cells.axes)
    return np.array(
        [
            (places - cells.extents_mm).min(axis=0),
            (places + cells.extents_mm).max(axis=0),
        ]
    )


def _finer_mm(cells: SamplePoints, reached: SamplePoints, box_mm: FloatArray) -> float:
    """Spacing for the cells that a region reaches, of which a box is to be cut anew.

    No finer than what bounds the number of cells in the box, and in the whole layers
    that must be cut to find them.
    """
    wanted_mm = sampling_spacing_mm(reached.volume_cc)
    if wanted_mm > WORTHWHILE_RATIO * float(reached.extents_mm.max()):
        return wanted_mm
    places = linear_map(cells.points_mm, cells.axes)
    within = (places >= box_mm[0]) & (places <= box_mm[1])
    layers_mm3 = 1000.0 * float(cells.volumes_cc[within[:, 2]].sum())
    box_mm3 = 1000.0 * float(cells.volumes_cc[within.all(axis=1)].sum())
    smallest_mm3 = max(layers_mm3 / MOST_CUT_CELLS, box_mm3 / MOST_CELLS)
    return max(FINER_RATIO * wanted_mm, float(np.cbrt(smallest_mm3)))


def _cubic_clearance(
    grids: Sequence[DoseGrid], points: FloatArray, *, level_gy: float, far_mm: float
) -> FloatArray:
    """Clearance of an isodose of cubic splines, points in the frame of the grids."""
    if len(grids) == 1:
        return clearance_there(
            grids[0],
            points,
            level_gy=level_gy,
            flattest_gy_per_mm=FLATTEST_GY_PER_MM,
            far_mm=far_mm,
        )
    excess = np.full(len(points), -level_gy)
    least, most = excess.copy(), excess.copy()
    border_mm = np.full(len(points), np.inf)
    for grid in grids:
        there = dose_there(grid, points)
        to_border_mm = border_there(grid, points)
        excess += np.where(there.covered, there.dose_gy, 0.0)
        least += np.where(to_border_mm > far_mm, there.dose_gy, 0.0)
        most += np.where(to_border_mm > -far_mm, there.dose_gy, 0.0)
        border_mm = np.fmin(border_mm, np.abs(to_border_mm))
    gradient = _steepest_gy_per_mm(grids, points)
    # Where a grid ends nearby, the sum is one thing here and another one there.
    either_mm = np.clip(excess / gradient, -border_mm, border_mm)
    same_on_both_sides = [least > 0.0, most < 0.0]
    return np.select(same_on_both_sides, [least / gradient, most / gradient], either_mm)


def _correction_mm(
    grids: Sequence[DoseGrid], points: FloatArray, most_mm: float
) -> FloatArray:
    correction_gy = np.zeros(len(points))
    for grid in grids:
        correction_gy += correction_there(grid, points)
    correction = correction_gy / _steepest_gy_per_mm(grids, points)
    return np.clip(correction, -most_mm, most_mm)


def _steepest_gy_per_mm(grids: Sequence[DoseGrid], points: FloatArray) -> FloatArray:
    gradient = np.full(len(points), FLATTEST_GY_PER_MM)
    for grid in grids:
        gradient += steepest_there(grid, points)
    return gradient


def _combined(
    points_mm: FloatArray, regions: Sequence[Region], *, outer: np.ufunc, sign: float
) -> FloatArray:
    clearance = regions[0](points_mm)
    for region in regions[1:]:
        near = sign * clearance < FAR_MM
        clearance[near] = outer(clearance[near], region(points_mm[near]))
    return clearance
