"""Dose distributions, and the dose at a point.

Between voxel centres the dose is a cubic B-spline. Trilinear interpolation cuts off
every maximum and moves every isodose inwards by an amount that no finer sampling
repairs; it can be chosen, to compare with a planning system that uses it
(``docs/decisions/0003-cubic-dose.md``).

A cubic spline swings over at steps and noise. A parabola through a maximum half way
between two voxels rises above them by one eighth of the second difference there, so an
interpolated dose may leave the range of the eight voxels around it only as far as the
curvature at *all* eight of them supports: nothing at a step or at one noisy voxel, the
full amount at a true maximum. It is never below zero.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from reirrad.core.dose_gradients import steepest_gradients
from reirrad.core.dose_lookup import border_distances, clearances, looked_up
from reirrad.core.dose_roots import DoseRoots, corrections, dose_roots
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.spline import spline_coefficients

__all__ = [
    "DoseGrid",
    "DoseThere",
    "Interpolation",
    "border_there",
    "clearance_there",
    "correction_there",
    "dose_at",
    "dose_there",
    "steepest_there",
    "voxels_near",
]

SingleArray = npt.NDArray[np.float32]
Prepared = TypeVar("Prepared")

NO_COEFFICIENTS = np.empty((0, 0, 0), dtype=np.float32)


class Interpolation(Enum):
    """How the dose between voxel centres is found."""

    CUBIC = "cubic"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True, eq=False)
class DoseGrid:
    """Total physical dose in gray on a voxel grid.

    Parameters
    ----------
    values_gy
        ``(k, j, i)`` float array of the shape of `geometry`; zero or more, and at least
        two voxels along each axis. One that cannot be written to is kept as it is, any
        other is copied.
    geometry
        Where the voxels lie.
    interpolation
        How dose between voxel centres is found.
    """

    values_gy: FloatArray
    geometry: GridGeometry
    interpolation: Interpolation = Interpolation.CUBIC
    _prepared: dict[str, Any] = field(init=False, default_factory=dict, repr=False)
    _preparing: Lock = field(init=False, default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        values = np.ascontiguousarray(self.values_gy, dtype=np.float64)
        is_own = values is not self.values_gy and values.base is None
        if values.flags.writeable and not is_own:
            values = values.copy()
        if values.shape != self.geometry.shape or min(values.shape) < 2:
            msg = (
                f"values_gy has shape {values.shape}, its geometry "
                f"{self.geometry.shape}; both must agree and be 2 or more everywhere"
            )
            raise ValueError(msg)
        # A NaN is neither the one nor the other.
        if not (values.min() >= 0 and values.max() < np.inf):
            msg = "values_gy must be finite and 0 Gy or more"
            raise ValueError(msg)
        values.flags.writeable = False
        object.__setattr__(self, "values_gy", values)

    @property
    def coefficients(self) -> SingleArray:
        """Coefficients of the spline, ``(k, j, i)``; empty where the dose is linear."""
        if self.interpolation is Interpolation.LINEAR:
            return NO_COEFFICIENTS
        return self._once("spline", lambda: spline_coefficients(self.values_gy))

    @property
    def steepest_gy_per_mm(self) -> SingleArray:
        """Largest dose gradient in and next to each voxel, ``(k, j, i)``."""
        return self._once(
            "steepest",
            lambda: steepest_gradients(self.values_gy, self.geometry.spacing_mm),
        )

    @property
    def roots(self) -> DoseRoots:
        """Spline through the square roots of dose, and what supports it."""
        return self._once("roots", lambda: dose_roots(self.values_gy))

    def _once(self, name: str, prepare: Callable[[], Prepared]) -> Prepared:
        with self._preparing:
            if name not in self._prepared:
                self._prepared[name] = prepare()
            found: Prepared = self._prepared[name]
            return found


@dataclass(frozen=True, slots=True, eq=False)
class DoseThere:
    """Dose at points, and how far it can be relied on.

    Parameters
    ----------
    dose_gy
        ``(n,)``; beyond the outermost voxel centres, the dose of the nearest point
        between them.
    covered
        ``(n,)`` False more than half a voxel beyond the outermost centres, where the
        dose given is only the nearest one known.
    """

    dose_gy: FloatArray
    covered: npt.NDArray[np.bool_]


def dose_there(grid: DoseGrid, points_mm: npt.ArrayLike) -> DoseThere:
    """Dose at points of the grid's frame of reference, shape (n, 3)."""
    points = np.ascontiguousarray(points_mm, dtype=np.float64)
    to_indices = grid.geometry.to_indices
    return DoseThere(*looked_up(grid.values_gy, grid.coefficients, to_indices, points))


def clearance_there(
    grid: DoseGrid,
    points_mm: npt.ArrayLike,
    *,
    level_gy: float,
    flattest_gy_per_mm: float,
    far_mm: float,
) -> FloatArray:
    """Excess over a level divided by the steepest gradient nearby, shape (n,), mm.

    Parameters
    ----------
    points_mm
        ``(n, 3)``; where the grid does not cover them the dose is nothing, and nowhere
        is the answer more than the distance to its border.
    flattest_gy_per_mm
        Added to every gradient, so that none is zero.
    far_mm
        Beyond it only the sign is that of the excess; the size may be less.
    """
    points = np.ascontiguousarray(points_mm, dtype=np.float64)
    return clearances(
        grid.values_gy,
        grid.coefficients,
        grid.steepest_gy_per_mm,
        grid.geometry.to_indices,
        grid.geometry.spacing_mm,
        points,
        float(level_gy),
        flattest_gy_per_mm,
        far_mm,
    )


def border_there(grid: DoseGrid, points_mm: npt.ArrayLike) -> FloatArray:
    """Distance to the border of what a grid covers, shape (n,), mm, positive inside.

    Outside, no more than that distance; NaN of a point that is not a number.
    """
    points = np.ascontiguousarray(points_mm, dtype=np.float64)
    return border_distances(grid.geometry.to_indices, grid.geometry.shape, points)


def correction_there(grid: DoseGrid, points_mm: npt.ArrayLike) -> FloatArray:
    """What brings the dose next to a steep isodose nearer to the truth, shape (n,), Gy.

    Parameters
    ----------
    points_mm
        ``(n, 3)``; nothing where the grid does not cover them or the dose is linear.
    """
    there = dose_there(grid, points_mm)
    if grid.interpolation is Interpolation.LINEAR:
        return np.zeros_like(there.dose_gy)
    last = np.asarray(grid.geometry.shape) - 1.0
    found = corrections(
        grid.values_gy,
        grid.roots,
        indices=np.clip(grid.geometry.indices(points_mm), 0.0, last),
        cubic=there.dose_gy,
    )
    return np.where(there.covered, found, 0.0)


def steepest_there(grid: DoseGrid, points_mm: npt.ArrayLike) -> SingleArray:
    """Largest gradient, Gy/mm, in and next to the nearest voxel of points (n, 3)."""
    indices = np.rint(grid.geometry.indices(points_mm)).astype(np.intp)
    last = np.asarray(grid.geometry.shape) - 1
    k, j, i = np.clip(indices, 0, last).T
    return np.asarray(grid.steepest_gy_per_mm[k, j, i])


def dose_at(grid: DoseGrid, points_mm: npt.ArrayLike) -> FloatArray:
    """Dose at points of the grid's frame, shape (n, 3); NaN where it is not covered."""
    there = dose_there(grid, points_mm)
    return np.where(there.covered, there.dose_gy, np.nan)


def voxels_near(
    grid: DoseGrid, level_gy: float, *, reach: int
) -> npt.NDArray[np.bool_]:
    """Voxels of at least a dose, and those around them, ``(k, j, i)``.

    Parameters
    ----------
    reach
        In voxels along each axis; a cube around each voxel, not a ball.
    """
    near = grid.values_gy >= level_gy
    for axis in range(3):
        before = near
        near = before.copy()
        rows, wider = np.moveaxis(before, axis, 0), np.moveaxis(near, axis, 0)
        for step in range(1, reach + 1):
            wider[step:] |= rows[:-step]
            wider[:-step] |= rows[step:]
    return near
