"""Dose grids of one course, whose doses add up.

A course is one grid, one for each of its beams, or one for each of its plans. Where a
point lies outside a grid, that grid adds nothing to the sum.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from reirrad.core.dose import DoseGrid, dose_there, voxels_near
from reirrad.core.geometry import FloatArray, GridGeometry, same_grid

__all__ = ["border_gy", "distinct_grids", "highest_gy", "is_cut", "reaching_voxels"]

SPLINE_REACH = 2
"""A spline rises above its voxels by less than the step to the next but one."""
ENDING_GY = 0.1
ENDING_RATIO = 0.02
"""Dose that ends at a border and is less, in Gy and as a share of a level, cuts no
isodose: as much unknown dose is tolerated of every metric."""


def distinct_grids(grids: Iterable[DoseGrid]) -> list[DoseGrid]:
    """Grids of which no two lie on the same voxels: those that do are added up."""
    places: list[list[DoseGrid]] = []
    for grid in grids:
        for same in places:
            if same_grid(same[0].geometry, grid.geometry):
                same.append(grid)
                break
        else:
            places.append([grid])
    return [_summed(same) for same in places]


def _summed(same: Sequence[DoseGrid]) -> DoseGrid:
    if len(same) == 1:
        return same[0]
    total = same[0].values_gy.copy()
    for grid in same[1:]:
        total += grid.values_gy
    return DoseGrid(total, same[0].geometry, same[0].interpolation)


def highest_gy(grids: Iterable[DoseGrid]) -> float:
    """Highest dose of a sum of grids at any of their voxels, in Gy; 0 without a grid.

    A grid's dose at one of its voxels is the voxel's own; that needs no interpolation.
    """
    several = distinct_grids(grids)
    highest = max((float(grid.values_gy.max()) for grid in several), default=0.0)
    if len(several) == 1:
        return highest
    # Where a sum is highest, one of the grids has its share of that at least.
    share_gy = highest / max(len(several), 1)
    for number, grid in enumerate(several):
        high = np.argwhere(grid.values_gy >= share_gy)
        if len(high):
            total = grid.values_gy[tuple(high.T)]
            total += _added_gy(_others(several, number), grid.geometry.points_mm(high))
            highest = max(highest, float(total.max()))
    return highest


def border_gy(grids: Iterable[DoseGrid]) -> float:
    """Highest dose that ends at an outer face of a grid, in Gy.

    It is what may be cut off there: of the grids that go on beyond, nothing is.
    """
    return max(float(ending.max()) for ending, _ in _faces(distinct_grids(grids)))


def is_cut(grids: Iterable[DoseGrid], level_gy: float) -> bool:
    """Whether an isodose of the sum may be cut off by the border of a grid.

    At an outer face the sum reaches the level, and what ends there is more than 0.1 Gy
    and 2 % of it.
    """
    least_gy = min(max(ENDING_GY, ENDING_RATIO * level_gy), level_gy)
    return any(
        bool(np.any((total >= level_gy) & (ending >= least_gy)))
        for ending, total in _faces(distinct_grids(grids))
    )


def _faces(several: Sequence[DoseGrid]) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Each outer face's voxels: the dose that ends there, and all of it; (n,) each."""
    for number, grid in enumerate(several):
        others = _others(several, number)
        for axis in range(3):
            last = grid.geometry.shape[axis] - 1
            for at, outwards in ((0, -1), (last, 1)):
                own = np.take(grid.values_gy, at, axis).ravel()
                if not others:
                    yield own, own
                    continue
                voxels = _plane(grid.geometry.shape, axis, at)
                points = grid.geometry.points_mm(voxels)
                voxels[:, axis] += outwards
                beyond = grid.geometry.points_mm(voxels)
                added, ending = np.zeros((2, len(own)))
                for other in others:
                    there = dose_there(other, points)
                    more = np.where(there.covered, there.dose_gy, 0.0)
                    added += more
                    ending += np.where(dose_there(other, beyond).covered, 0.0, more)
                yield own + ending, own + added


def _plane(shape: tuple[int, int, int], axis: int, at: int) -> npt.NDArray[np.intp]:
    """Indices of the voxels of one plane of a grid, shape (n, 3)."""
    sides = list(shape)
    sides[axis] = 1
    voxels = np.indices(sides).reshape(3, -1).T.copy()
    voxels[:, axis] = at
    return voxels


def reaching_voxels(
    grids: Iterable[DoseGrid], level_gy: float
) -> tuple[GridGeometry, npt.NDArray[np.bool_]]:
    """Voxels in which a sum of grids may reach a dose.

    Returns
    -------
    geometry, chosen
        Where all grids lie on the same voxels, those; else the voxels of the finest
        grid, going on over the extent of all, so that each place is there once.
        ``(k, j, i)`` whether the dose may be reached in a voxel.
    """
    several = distinct_grids(grids)
    if len(several) == 1:
        return several[0].geometry, voxels_near(
            several[0], level_gy, reach=SPLINE_REACH
        )
    box = _enclosing(several)
    chosen = np.zeros(box.shape, dtype=np.bool_)
    for grid in several:
        # Where a sum reaches a dose, one of the grids has its share of that at least.
        _mark(chosen, box, grid, level_gy / len(several))
    return box, chosen


def _enclosing(several: Sequence[DoseGrid]) -> GridGeometry:
    """The voxels of the finest grid, and those that follow, up to all corners."""
    finest = min(
        (grid.geometry for grid in several),
        key=lambda g: (round(g.voxel_volume_cc, 6), -math.prod(g.shape)),
    )
    corners = finest.indices(np.concatenate([g.geometry.corners_mm() for g in several]))
    # Rounding shall not add a layer where borders meet.
    low = np.floor(corners.min(axis=0) + 0.5 + 1e-6)
    high = np.ceil(corners.max(axis=0) - 0.5 - 1e-6)
    slices, rows, columns = (high - low).astype(int) + 1
    affine = finest.affine.copy()
    affine[:3, 3] = finest.points_mm(low)
    return GridGeometry(
        (int(slices), int(rows), int(columns)), affine, finest.frame_of_reference_uid
    )


def _mark(
    chosen: npt.NDArray[np.bool_], box: GridGeometry, grid: DoseGrid, level_gy: float
) -> None:
    """Add the voxels of a box in which a grid may reach a dose."""
    half_mm = float(np.linalg.norm(box.spacing_mm)) / 2.0
    further = math.ceil(half_mm / min(grid.geometry.spacing_mm))
    near = voxels_near(grid, level_gy, reach=SPLINE_REACH + further)
    if not near.any():
        return
    extent = [
        np.flatnonzero(near.any(axis=others))[[0, -1]]
        for others in ((1, 2), (0, 2), (0, 1))
    ]
    ends = np.array(extent) + np.array([-0.5, 0.5])
    corners = np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(-1, 3)
    reached = box.indices(grid.geometry.points_mm(corners))
    last = np.asarray(box.shape) - 1
    low = np.clip(np.floor(reached.min(axis=0)), 0, last).astype(int)
    high = np.clip(np.ceil(reached.max(axis=0)), 0, last).astype(int)
    sides = high - low + 1
    plane = np.indices((1, sides[1], sides[2])).reshape(3, -1).T + low
    for k in range(low[0], high[0] + 1):
        plane[:, 0] = k
        nearest = np.rint(grid.geometry.indices(box.points_mm(plane))).astype(np.intp)
        # Cells that the border cuts have their centres beyond it.
        nearest = np.clip(nearest, 0, np.asarray(near.shape) - 1)
        found = near[tuple(nearest.T)].reshape(sides[1:])
        chosen[k, low[1] : high[1] + 1, low[2] : high[2] + 1] |= found


def _others(several: Sequence[DoseGrid], number: int) -> list[DoseGrid]:
    return [grid for n, grid in enumerate(several) if n != number]


def _added_gy(grids: Sequence[DoseGrid], points_mm: FloatArray) -> FloatArray:
    """Sum of grids at points, shape (n,); nothing where they do not cover them."""
    total = np.zeros(len(points_mm))
    for grid in grids:
        there = dose_there(grid, points_mm)
        total += np.where(there.covered, there.dose_gy, 0.0)
    return total
