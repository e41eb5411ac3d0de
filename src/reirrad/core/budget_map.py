"""What can still be given, voxel by voxel, inside the organs that have limits.

A limit of the maximum, or of a near maximum, of the summed EQD2 bounds the new course's
dose at every point of the organ; one of the new course's own maximum does so plainly.
Where organs overlap, or an organ has several limits, the least counts. Limits of means
and of large volumes bound no single voxel and are not in the map.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.accumulation import CourseDose, PlacedCourse, course_dose
from reirrad.core.budget import remaining_dose_gy
from reirrad.core.constraints import Constraint
from reirrad.core.geometry import FloatArray, GridGeometry, linear_map
from reirrad.core.organ_budgets import is_near_maximum
from reirrad.core.organ_limits import OrganLimit, organ_limits
from reirrad.core.radiobiology import eqd2_from_bed
from reirrad.core.sections import Sections, is_inside
from reirrad.core.structure_doses import PlacedStructure

__all__ = [
    "LimitedSolid",
    "RemainingDose",
    "VoxelLimit",
    "limited_solids",
    "remaining_dose",
    "remaining_inside",
    "target_grid",
]

GRID_SPACING_MM = 2.5
GRID_MARGIN_MM = 50.0


@dataclass(frozen=True, slots=True)
class VoxelLimit:
    """An upper bound of the dose at every point of an organ.

    Parameters
    ----------
    text
        The limit in words.
    level_gy
        Of the summed EQD2, or of the new course's physical dose.
    alpha_beta_gy
        Ratio of an EQD2; None for physical dose.
    cumulative
        Whether the background counts; if not, it is a limit of the new course alone.
    """

    text: str
    level_gy: float
    alpha_beta_gy: float | None
    cumulative: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class LimitedSolid:
    """An organ with the limits that bound every point of it."""

    label: str
    sections: Sections
    limits: tuple[VoxelLimit, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RemainingDose:
    """Largest physical dose of a new course at points, shape (n,) each.

    Parameters
    ----------
    dose_gy
        Total over all fractions; NaN where no organ with limits is, and where the
        background is not known.
    limited
        Whether an organ with limits is there.
    known
        Whether every course of the background was calculated there.
    organs
        Labels of the organs in which at least one of the points lies.
    """

    dose_gy: FloatArray
    limited: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    organs: tuple[str, ...]


def limited_solids(
    structures: Collection[PlacedStructure],
    constraints: Collection[Constraint],
    *,
    n_fractions: int,
) -> tuple[LimitedSolid, ...]:
    """Organs with a binding limit of their maximum, for a number of fractions.

    Limits on an organ without its GTVs are left out: they say nothing of the voxels in
    the tumour, and the map shows whole organs.

    Parameters
    ----------
    structures
        Organs, each standard name once.
    constraints
        Rows of the sets to evaluate.
    n_fractions
        Number of fractions of the new course.
    """
    solids = []
    for placed in structures:
        limits = organ_limits(
            constraints,
            placed.structure.standard_name or "",
            n_fractions=n_fractions,
            alpha_beta_gy=placed.alpha_beta_gy,
        )
        bounds = tuple(_voxel_limit(one) for one in limits if _bounds_voxels(one))
        if bounds:
            solids.append(LimitedSolid(placed.label, placed.sections, bounds))
    return tuple(solids)


def _bounds_voxels(limit: OrganLimit) -> bool:
    row = limit.constraint
    return (
        limit.applicable
        and limit.binding
        and row.basis == "whole"
        and is_near_maximum(row.metric)
    )


def _voxel_limit(limit: OrganLimit) -> VoxelLimit:
    row = limit.constraint
    level, ratio = row.limit, row.alpha_beta_gy
    if row.quantity == "BED" and ratio is not None:
        level = float(eqd2_from_bed(level, alpha_beta_gy=ratio))
    text = f"{row.metric} {row.relation} {row.limit:g} {row.quantity} ({row.set})"
    if row.quantity == "physical":
        ratio = None
    return VoxelLimit(text, level, ratio, limit.scope == "cumulative")


def remaining_dose(
    points_mm: FloatArray,
    solids: Sequence[LimitedSolid],
    background: Sequence[PlacedCourse],
    *,
    n_fractions: int,
) -> RemainingDose:
    """The least that any limit leaves at each point, shape (n, 3).

    Parameters
    ----------
    points_mm
        Points of the reference frame.
    solids
        Of :func:`limited_solids`, for the same number of fractions.
    background
        Every course but the new one; all of their dose counts.
    n_fractions
        Number of fractions of the new course.
    """
    dose = np.full(len(points_mm), np.inf)
    limited = np.zeros(len(points_mm), dtype=np.bool_)
    known = np.ones(len(points_mm), dtype=np.bool_)
    organs = []
    for solid in solids:
        inside = np.flatnonzero(_within(solid.sections, points_mm))
        if not len(inside):
            continue
        limited[inside] = True
        organs.append(solid.label)
        left = remaining_inside(
            solid, points_mm[inside], background, n_fractions=n_fractions
        )
        known[inside] &= np.isfinite(left)
        dose[inside] = np.minimum(dose[inside], left)
    given = np.where(limited & known, dose, np.nan)
    return RemainingDose(given, limited, known, tuple(organs))


def remaining_inside(
    solid: LimitedSolid,
    points_mm: FloatArray,
    background: Sequence[PlacedCourse],
    *,
    n_fractions: int,
) -> FloatArray:
    """The least that the limits of one organ leave at points inside it, shape (n, 3).

    Returns
    -------
    ndarray, shape (n,)
        In Gy; NaN where a course of the background was not calculated.
    """
    doses = [course_dose(one, points_mm) for one in background]
    left = np.full(len(points_mm), np.inf)
    for limit in solid.limits:
        left = np.minimum(left, _left_gy(limit, doses, n_fractions))
    known = np.logical_and.reduce([one.covered for one in doses])
    return np.where(known, left, np.nan)


def _left_gy(
    limit: VoxelLimit, doses: Sequence[CourseDose], n_fractions: int
) -> FloatArray | float:
    ratio = limit.alpha_beta_gy
    if ratio is None:
        return limit.level_gy
    background = np.sum([one.eqd2_gy(ratio) for one in doses], axis=0)
    return remaining_dose_gy(
        background if limit.cumulative else np.zeros_like(background),
        limit_eqd2_gy=limit.level_gy,
        n_fractions=n_fractions,
        alpha_beta_gy=ratio,
    )


def _within(sections: Sections, points_mm: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether points lie inside; only those in a box around the solid are asked."""
    own = linear_map(points_mm, sections.axes)
    corners = linear_map(_corners(sections), sections.axes)
    # A solid may end up to a slice beyond its slabs.
    margin = max(slab.thickness_mm for slab in sections.slabs)
    low, high = corners.min(axis=0) - margin, corners.max(axis=0) + margin
    near = np.flatnonzero(np.all((own >= low) & (own <= high), axis=1))
    inside = np.zeros(len(points_mm), dtype=np.bool_)
    inside[near] = is_inside(sections, points_mm[near])
    return inside


def target_grid(
    targets: Sequence[Sections], frame_of_reference_uid: str
) -> GridGeometry:
    """A grid of 2.5 mm around targets, along the patient axes, 5 cm wider all around.

    Parameters
    ----------
    targets
        At least one.
    frame_of_reference_uid
        Frame in which they lie.
    """
    vertices = np.concatenate([_corners(one) for one in targets])
    low = np.floor(vertices.min(axis=0) - GRID_MARGIN_MM)
    high = vertices.max(axis=0) + GRID_MARGIN_MM
    count = np.ceil((high - low) / GRID_SPACING_MM).astype(int) + 1
    affine = np.eye(4)
    affine[:3, :3] = GRID_SPACING_MM * np.eye(3)[:, ::-1]
    affine[:3, 3] = low
    shape = (int(count[2]), int(count[1]), int(count[0]))
    return GridGeometry(shape, affine, frame_of_reference_uid)


def _corners(sections: Sections) -> FloatArray:
    """Corners of the slabs' boxes, shape (n, 3)."""
    corners = [
        (u, v, height)
        for slab in sections.slabs
        for u in slab.region.bounds[::2]
        for v in slab.region.bounds[1::2]
        for height in (slab.bottom_mm, slab.top_mm)
    ]
    return linear_map(np.array(corners, dtype=np.float64), sections.axes.T)
