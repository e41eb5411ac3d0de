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

    def at(self, points_mm: FloatArray, draws: npt.NDArray[np.int64]) -> FloatArray:
        """Clearance of points (n, 3), each in the draw of its number."""
        if self.motions is None:
            return self.region(points_mm)
        return self.region(_moved_each(points_mm, draws, self.motions))


@compiled
def _moved_each(
    points: FloatArray, draws: npt.NDArray[np.int64], motions: FloatArray
) -> FloatArray:
    moved = np.empty_like(points)
    for n in range(len(points)):
        motion = motions[draws[n]]
        for axis in range(3):
            moved[n, axis] = motion[axis, 3]
            for part in range(3):
                moved[n, axis] += motion[axis, part] * points[n, part]
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
                draws[first : first + at_once],
                tolerated_ratio,
            )
            for first in range(0, len(draws), at_once)
        ]
    )


def _shared(
    cells: SamplePoints,
    later: MovedRegion,
    earlier: Sequence[MovedRegion],
    draws: npt.NDArray[np.int64],
    tolerated_ratio: float,
) -> FloatArray:
    count = len(draws)
    every = np.tile(np.arange(len(cells.volumes_cc)), count)
    owner = np.repeat(np.arange(count), len(cells.volumes_cc))
    cells = _taken(cells, every)
    volume = np.zeros(count)
    for splits in range(MOST_SPLITS + 1):
        clearance = _clearance(cells, later, earlier, draws[owner])
        inside = clearance >= 0.0
        open_ = np.abs(clearance) < cells.radii_mm
        volumes = cells.volumes_cc
        sure = inside & ~open_
        volume += np.bincount(owner[sure], volumes[sure], minlength=count)
        likely = inside & open_
        by_centre = np.bincount(owner[likely], volumes[likely], minlength=count)
        spread = UNDECIDED_SPREAD * np.sqrt(
            np.bincount(owner[open_], volumes[open_] ** 2, minlength=count)
        )
        unsure = spread > np.maximum(
            TOLERATED_CC, tolerated_ratio * (volume + by_centre)
        )
        if splits == MOST_SPLITS:
            unsure[:] = False
        volume[~unsure] += by_centre[~unsure]
        again = np.flatnonzero(open_ & unsure[owner])
        if not len(again):
            break
        cells = split(_taken(cells, again))
        owner = np.repeat(owner[again], 8)
    return volume


def _taken(cells: SamplePoints, at: npt.NDArray[np.intp]) -> SamplePoints:
    return SamplePoints(
        cells.points_mm[at], cells.volumes_cc[at], cells.extents_mm[at], cells.axes
    )


def _clearance(
    cells: SamplePoints,
    later: MovedRegion,
    earlier: Sequence[MovedRegion],
    draws: npt.NDArray[np.int64],
) -> FloatArray:
    """Clearance of the overlap; a cell that is wholly out of one side is not asked."""
    clearance = later.at(cells.points_mm, draws)
    near = np.flatnonzero(clearance > -cells.radii_mm)
    points, own = cells.points_mm[near], draws[near]
    united = np.full(len(near), -np.inf)
    for moved in earlier:
        united = np.maximum(united, moved.at(points, own))
    clearance[near] = np.minimum(clearance[near], united)
    return clearance
