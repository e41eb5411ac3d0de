"""What becomes of overlap and class if a registration is off by a fixed shift.

The earlier dose is shifted by the stated distance in each of the 26 directions of a
cube's faces, edges and corners. Volumes are sums over points, without the refinement of
the reported values: their changes matter here, not their last per mille. Only volumes
of few points, or none, are measured anew: whether there is any overlap is the class.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from reirrad.core.assessment import ClassStability
from reirrad.core.classification import resbrt_type
from reirrad.core.geometry import FloatArray
from reirrad.core.overlap import CourseIsodoses, isodose_cells
from reirrad.core.overlap_draws import MovedRegion, reachable_cells, shared_in_draws
from reirrad.core.perturbations import shifts
from reirrad.core.regions import cells_within, union
from reirrad.core.sampling import SamplePoints

__all__ = ["DIRECTIONS", "class_stability"]

ENOUGH_POINTS = 6_000
FEW_POINTS = 30
"""Up to so many, their sum is too coarse to tell a small overlap from none."""
SMALL_RATIO = 0.1
"""What a small overlap may be off by, of itself."""

_CUBE = np.array([d for d in np.ndindex(3, 3, 3) if d != (1, 1, 1)], dtype=np.float64)
DIRECTIONS: FloatArray = (_CUBE - 1.0) / np.linalg.norm(
    _CUBE - 1.0, axis=1, keepdims=True
)
"""Unit vectors to the faces, edges and corners of a cube, shape (26, 3)."""


def class_stability(
    earlier: Sequence[CourseIsodoses],
    later: CourseIsodoses,
    organ: SamplePoints,
    *,
    shift_mm: float,
    reported: str,
) -> ClassStability:
    """Repeat overlap and class for 26 shifts of the earlier courses.

    Parameters
    ----------
    earlier, later, organ
        As in :func:`reirrad.core.overlap.overlap_volumes`.
    shift_mm : float
        Length of every shift.
    reported : str
        Class of the courses as registered; the share of the shifts that have it is
        counted.
    """
    volumes = {
        name: _shifted_volumes(earlier, later, organ, name=name, shift_mm=shift_mm)
        for name in ("2Gy", "50%")
    }
    classes = [
        str(resbrt_type(ov2gy, ov50, minimal_ov2gy_cc=0.0))
        for ov2gy, ov50 in zip(volumes["2Gy"], volumes["50%"], strict=True)
    ]
    shifted = classes[1:]
    return ClassStability(
        shift_mm=shift_mm,
        same_class_percent=100.0 * shifted.count(reported) / len(shifted),
        classes=dict(sorted(Counter(shifted).items())),
        ov50_low_cc=float(volumes["50%"].min()),
        ov50_high_cc=float(volumes["50%"].max()),
        ov2gy_low_cc=float(volumes["2Gy"].min()),
        ov2gy_high_cc=float(volumes["2Gy"].max()),
    )


def _shifted_volumes(
    earlier: Sequence[CourseIsodoses],
    later: CourseIsodoses,
    organ: SamplePoints,
    *,
    name: str,
    shift_mm: float,
) -> FloatArray:
    """Overlap without a shift, then for each direction; shape (27,)."""
    within = cells_within(organ, later.named(name)[0], enough=ENOUGH_POINTS)
    stride = max(1, len(within.volumes_cc) // ENOUGH_POINTS)
    points, volumes = within.points_mm[::stride], within.volumes_cc[::stride]
    if not len(points):
        return np.zeros(1 + len(DIRECTIONS))
    scale = within.volume_cc / float(volumes.sum())
    motions = shifts(DIRECTIONS, shift_mm)
    shared = union(*(isodoses.named(name)[0] for isodoses in earlier))
    found = np.array(
        [
            scale * float(volumes[shared(points + shift) >= 0.0].sum())
            for shift in motions[:, :3, 3]
        ]
    )
    few = np.flatnonzero(found <= scale * FEW_POINTS * float(volumes.mean()))
    if len(few):
        moving = [_moved(isodoses, motions, name) for isodoses in earlier]
        near = organ.where(later.named(name)[0](organ.points_mm) > -organ.radii_mm)
        found[few] = shared_in_draws(
            near.where(reachable_cells(near, moving)),
            _moved(later, None, name),
            moving,
            draws=few,
            tolerated_ratio=SMALL_RATIO,
        )
    return found


def _moved(
    isodoses: CourseIsodoses, motions: FloatArray | None, name: str
) -> MovedRegion:
    region, lowest_gy = isodoses.named(name)
    if motions is None:
        return MovedRegion(region, np.empty((0, 3)), 0.0, None)
    voxels = isodose_cells(isodoses.placed, lowest_gy)
    radius_mm = float(voxels.radii_mm.max(initial=0.0))
    return MovedRegion(region, voxels.points_mm, radius_mm, motions)
