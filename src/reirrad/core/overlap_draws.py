"""Overlap of isodoses in every draw of a perturbed registration.

As in :mod:`reirrad.core.regions`, cells are asked for their clearance, and those that
it does not decide are split; here all draws at once, each until its own volume is known
well enough. Cells are those of the whole organ that both isodoses can reach in any
draw, not only where they overlap as registered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.perturbations import farthest_mm
from reirrad.core.regions import UNDECIDED_SPREAD, Region
from reirrad.core.sampling import SamplePoints, split

__all__ = ["MovedRegion", "reachable_cells", "shared_in_draws"]

TOLERATED_CC = 3e-4
MOST_SPLITS = 6
PAIRS_AT_ONCE = 60_000


@dataclass(frozen=True, slots=True, eq=False)
class MovedRegion:
    """A region, and how the cells meet it in each draw.

    Parameters
    ----------
    region
        Asked in the reference frame.
    voxels_mm
        ``(n, 3)`` centres of the voxels that it can reach into, as registered.
    voxel_radius_mm
        Distance from such a centre to the corners of its voxel.
    motions
        ``(m, 4, 4)``, from :func:`reirrad.core.perturbations.relative_motions`; None
        where it moves with the cells.
    """

    region: Region
    voxels_mm: FloatArray
    voxel_radius_mm: float
    motions: FloatArray | None


@compiled
def _moved_each(
    points: FloatArray,
    chosen: npt.NDArray[np.int64],
    draws: npt.NDArray[np.int64],
    motions: FloatArray,
) -> FloatArray:
    """The chosen points, each moved as in its draw."""
    moved = np.empty((len(chosen), 3))
    for n in range(len(chosen)):
        motion, point = motions[draws[n]], points[chosen[n]]
        for axis in range(3):
            moved[n, axis] = motion[axis, 3]
            for part in range(3):
                moved[n, axis] += motion[axis, part] * point[part]
    return moved


def reachable_cells(
    cells: SamplePoints, regions: Sequence[MovedRegion]
) -> npt.NDArray[np.bool_]:
    """Which cells one of some regions may reach in some draw, shape (n,)."""
    reached = np.zeros(len(cells.volumes_cc), dtype=np.bool_)
    for moved in regions:
        if not len(moved.voxels_mm):
            continue
        if moved.motions is None:
            reached |= moved.region(cells.points_mm) > -cells.radii_mm
            continue
        way_mm = farthest_mm(moved.motions, cells.points_mm)
        reach_mm = way_mm + moved.voxel_radius_mm + cells.radii_mm
        away_mm, _ = cKDTree(moved.voxels_mm).query(
            cells.points_mm, distance_upper_bound=float(reach_mm.max(initial=0.0))
        )
        reached |= away_mm <= reach_mm
    return reached


def shared_in_draws(
    cells: SamplePoints,
    later: MovedRegion,
    earlier: Sequence[MovedRegion],
    *,
    draws: npt.NDArray[np.int64],
    tolerated_ratio: float,
) -> FloatArray:
    """Volume that a region shares with the union of others, in each draw.

    Parameters
    ----------
    cells
        Centred; only what lies in them is measured.
    later, earlier
        The regions.
    draws
        ``(k,)`` numbers of the draws that are asked.
    tolerated_ratio
        Share of a volume by which it may be off; at least 0.0003 cc are tolerated.

    Returns
    -------
    ndarray, shape (k,)
        In cc.
    """
    if not len(cells.volumes_cc):
        return np.zeros(len(draws))
    at_once = max(PAIRS_AT_ONCE // len(cells.volumes_cc), 1)
    return np.concatenate(
        [
            _shared(
                cells,
                later,
                earlier,
                draws=draws[first : first + at_once],
                tolerated_ratio=tolerated_ratio,
            )
            for first in range(0, len(draws), at_once)
        ]
    )


def _shared(
    cells: SamplePoints,
    later: MovedRegion,
    earlier: Sequence[MovedRegion],
    *,
    draws: npt.NDArray[np.int64],
    tolerated_ratio: float,
) -> FloatArray:
    """The volumes of a few draws; every pair of a cell and a draw is asked by itself.

    Cells that several draws ask are kept once, so that a region that does not move is
    asked there once.
    """
    count = len(draws)
    cell = np.tile(np.arange(len(cells.volumes_cc)), count)
    owner = np.repeat(np.arange(count), len(cells.volumes_cc))
    volume = np.zeros(count)
    for splits in range(MOST_SPLITS + 1):
        points, radii = cells.points_mm, cells.radii_mm[cell]
        volumes = cells.volumes_cc[cell]
        clearance = _clearance(points, cell, draws[owner], [later])
        near = np.flatnonzero(clearance > -radii)
        # A cell that is wholly out of one side need not be asked for the other.
        united = _clearance(points, cell[near], draws[owner[near]], earlier)
        clearance[near] = np.minimum(clearance[near], united)
        inside, undecided = clearance >= 0.0, np.abs(clearance) < radii
        sure, likely = inside & ~undecided, inside & undecided
        volume += np.bincount(owner[sure], volumes[sure], minlength=count)
        by_centre = np.bincount(owner[likely], volumes[likely], minlength=count)
        squares = np.bincount(
            owner[undecided], volumes[undecided] ** 2, minlength=count
        )
        tolerated = np.maximum(TOLERATED_CC, tolerated_ratio * (volume + by_centre))
        unsure = UNDECIDED_SPREAD * np.sqrt(squares) > tolerated
        unsure &= splits < MOST_SPLITS
        last = np.flatnonzero(undecided & ~unsure[owner])
        for points in cells.scattered_mm:
            held = last[
                _holds(points, cell[last], draws[owner[last]], [later])
                & _holds(points, cell[last], draws[owner[last]], earlier)
            ]
            volume += np.bincount(owner[held], volumes[held] / 2.0, minlength=count)
        again = np.flatnonzero(undecided & unsure[owner])
        if not len(again):
            break
        parents, position = np.unique(cell[again], return_inverse=True)
        chosen = np.zeros(len(cells.volumes_cc), dtype=np.bool_)
        chosen[parents] = True
        cells = split(cells.where(chosen))
        cell = (8 * position[:, None] + np.arange(8)).ravel()
        owner = np.repeat(owner[again], 8)
    return volume


def _holds(
    points_mm: FloatArray,
    cell: npt.NDArray[np.int64],
    draws: npt.NDArray[np.int64],
    regions: Sequence[MovedRegion],
) -> npt.NDArray[np.bool_]:
    return np.asarray(_clearance(points_mm, cell, draws, regions) >= 0.0)


def _clearance(
    points_mm: FloatArray,
    cell: npt.NDArray[np.int64],
    draws: npt.NDArray[np.int64],
    regions: Sequence[MovedRegion],
) -> FloatArray:
    """Clearance of the union of regions at pairs of a cell's point and a draw."""
    united = np.full(len(cell), -np.inf)
    for moved in regions:
        if moved.motions is None:
            own = moved.region(points_mm)[cell]
        else:
            own = moved.region(_moved_each(points_mm, cell, draws, moved.motions))
        united = np.maximum(united, own)
    return united
