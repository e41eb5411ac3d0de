"""What the isodoses of a course enclose in the plane of an image slice.

The same regions as in :mod:`reirrad.core.overlap`, cut by a plane: the area inside the
level curve of the dose, where the dose grid covers it, and for a target's own level
among the points nearest to that target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.dose import DoseGrid, dose_there, voxels_near
from reirrad.core.geometry import FloatArray
from reirrad.core.half_spaces import covered_half_spaces, is_one_region, nearer_to
from reirrad.core.overlap import ISO2_GY, ISO50_RATIO, TargetLevel, iso50_levels
from reirrad.core.slice_planes import (
    NOTHING,
    Raster,
    SlicePlane,
    half_plane,
    raster_over,
    writable,
)

__all__ = ["LEVELS", "IsodoseCutter", "Level", "beyond_slices", "levels_of"]

Level = Literal["2Gy", "50%", "100%"]
LEVELS: tuple[Level, ...] = ("2Gy", "50%", "100%")


def levels_of(placed: PlacedCourse, level: Level) -> tuple[TargetLevel, ...]:
    """The dose that bounds an isodose: one for the course, or one for each target."""
    if level == "2Gy":
        return (TargetLevel(ISO2_GY, None),)
    half_doses, _ = iso50_levels(placed.course)
    share = 1.0 if level == "50%" else 1.0 / ISO50_RATIO
    return tuple(TargetLevel(share * t.level_gy, t.centre_mm) for t in half_doses)


def beyond_slices(
    planes: Sequence[SlicePlane], placed: PlacedCourse, level: Level
) -> bool:
    """Whether an isodose has voxels more than half a slice beyond the outermost."""
    heights = [plane.height_mm for plane in planes]
    half = (max(heights) - min(heights)) / (len(heights) - 1) / 2.0
    lowest = min(one.level_gy for one in levels_of(placed, level))
    at = _reached_mm(placed, lowest, reach=0) @ planes[0].normal
    return bool(np.any((at < min(heights) - half) | (at > max(heights) + half)))


@dataclass(frozen=True, slots=True, eq=False)
class IsodoseCutter:
    """A course, ready to be cut by many planes.

    Parameters
    ----------
    placed
        The course.
    reached_mm
        ``(n, 3)`` voxels, in the reference frame, near which it may reach any level.
    reach_mm
        How far from such a voxel.
    one_region
        Whether all its grids cover the same points: then its dose is steady up to their
        common border, and clipped there.
    levels
        The doses that bound each isodose.
    """

    placed: PlacedCourse
    reached_mm: FloatArray
    reach_mm: float
    one_region: bool
    levels: Mapping[Level, tuple[TargetLevel, ...]]

    @classmethod
    def of(cls, placed: PlacedCourse) -> "IsodoseCutter":
        """Prepare a course."""
        levels = {level: levels_of(placed, level) for level in LEVELS}
        lowest = min(one.level_gy for of_one in levels.values() for one in of_one)
        longest = max(
            float(np.linalg.norm(grid.geometry.spacing_mm)) for grid in _grids(placed)
        )
        return cls(
            placed,
            _reached_mm(placed, lowest, reach=2),
            longest,
            is_one_region(placed),
            levels,
        )

    def areas(self, plane: SlicePlane) -> Mapping[Level, BaseGeometry]:
        """Area inside every level, from one look-up of the dose in a plane."""
        heights = self.reached_mm @ plane.normal
        near = np.abs(heights - plane.height_mm) <= self.reach_mm
        if not near.any():
            return dict.fromkeys(LEVELS, NOTHING)
        raster = raster_over(plane, self.reached_mm[near])
        dose_gy = raster.sampled(self._dose_gy)
        covered = raster.frame
        if self.one_region:
            for half in covered_half_spaces(self.placed):
                covered = half_plane(half, plane, covered)
        return {
            level: writable(
                shapely.union_all(
                    [
                        raster.area_of(dose_gy, target.level_gy)
                        .intersection(covered)
                        .intersection(self._catchment(target, level, raster))
                        for target in self.levels[level]
                    ]
                )
            )
            for level in LEVELS
        }

    def _dose_gy(self, points_mm: FloatArray) -> FloatArray:
        """Summed dose; beyond a common border that of the border, else none."""
        points = self.placed.from_reference.apply(points_mm)
        total = np.zeros(len(points))
        for grid in _grids(self.placed):
            there = dose_there(grid, points)
            known = there.covered | self.one_region
            total += np.where(known, there.dose_gy, 0.0)
        return total

    def _catchment(
        self, target: TargetLevel, level: Level, raster: Raster
    ) -> BaseGeometry:
        """The part of a plane that is nearer to a target than to any other."""
        near = raster.frame
        if target.centre_mm is None:
            return near
        for other in self.levels[level]:
            if other.centre_mm is not None and other.level_gy != target.level_gy:
                half = nearer_to(
                    target.centre_mm,
                    other.centre_mm,
                    from_reference=self.placed.from_reference,
                )
                near = half_plane(half, raster.plane, near)
        return near


def _reached_mm(placed: PlacedCourse, lowest_gy: float, *, reach: int) -> FloatArray:
    """Voxels, in the reference frame, near which a course may reach a dose.

    Where several grids add up, one of them has its share of it at least.
    """
    grids = _grids(placed)
    points = []
    for grid in grids:
        chosen = np.argwhere(voxels_near(grid, lowest_gy / len(grids), reach=reach))
        points.append(grid.geometry.points_mm(chosen))
    return placed.from_reference.inverse().apply(np.concatenate(points))


def _grids(placed: PlacedCourse) -> list[DoseGrid]:
    return [grid for one in placed.course.deliveries for grid in one.doses]
