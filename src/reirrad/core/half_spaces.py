"""Half-spaces: what a dose grid covers, and which target a point is nearest to.

A dose grid covers its voxels up to half a voxel beyond the outermost centres: six
half-spaces. What several grids cover together is bounded by the half-spaces of all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.geometry import FloatArray, GridGeometry, same_grid
from reirrad.core.transforms import RigidTransform

__all__ = [
    "HalfSpace",
    "covered_half_spaces",
    "holds",
    "is_one_region",
    "nearer_to",
]


@dataclass(frozen=True, slots=True, eq=False)
class HalfSpace:
    """The points p, in mm, with ``normal @ p + offset >= 0``; the normal is (3,)."""

    normal: FloatArray
    offset: float


def covered_half_spaces(placed: PlacedCourse) -> tuple[HalfSpace, ...]:
    """Half-spaces of the reference frame in whose intersection all grids give dose."""
    grids = [grid for one in placed.course.deliveries for grid in one.doses]
    return tuple(
        half
        for geometry in _different(grid.geometry for grid in grids)
        for half in _half_spaces(geometry, placed.from_reference)
    )


def is_one_region(placed: PlacedCourse) -> bool:
    """Whether all grids of a course cover the same points."""
    grids = [grid for one in placed.course.deliveries for grid in one.doses]
    return len(_different(grid.geometry for grid in grids)) == 1


def nearer_to(
    own_mm: FloatArray, other_mm: FloatArray, *, from_reference: RigidTransform
) -> HalfSpace:
    """Points nearer to one point of a course's frame than to another of it."""
    matrix = from_reference.matrix
    direction = 2.0 * (own_mm - other_mm)
    constant = float(other_mm @ other_mm - own_mm @ own_mm)
    return HalfSpace(
        direction @ matrix[:3, :3], float(direction @ matrix[:3, 3]) + constant
    )


def holds(
    half_spaces: Sequence[HalfSpace], points_mm: FloatArray
) -> npt.NDArray[np.bool_]:
    """Whether points, shape (..., 3), lie in all half-spaces."""
    inside = np.ones(points_mm.shape[:-1], dtype=np.bool_)
    for half in half_spaces:
        inside &= points_mm @ half.normal + half.offset >= 0.0
    return inside


def _half_spaces(
    geometry: GridGeometry, from_reference: RigidTransform
) -> list[HalfSpace]:
    to_index = np.linalg.inv(geometry.affine) @ from_reference.matrix
    result = []
    for axis, count in enumerate(geometry.shape):
        normal, constant = to_index[axis, :3], float(to_index[axis, 3])
        result.append(HalfSpace(normal, constant + 0.5))
        result.append(HalfSpace(-normal, count - 0.5 - constant))
    return result


def _different(geometries: Iterable[GridGeometry]) -> list[GridGeometry]:
    different: list[GridGeometry] = []
    for one in geometries:
        if not any(same_grid(one, other) for other in different):
            different.append(one)
    return different
