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

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.geometry import FloatArray, GridGeometry

__all__ = [
    "DoseGrid",
    "DoseThere",
    "Interpolation",
    "border_dose_gy",
    "dose_at",
    "dose_there",
]

FloatField = npt.NDArray[np.float32]

# A peak narrower than the parabola through its neighbours rises higher than one eighth
# of the second difference; twice that covers a Gaussian of two voxels' standard
# deviation (1.2 times) with room to spare.
PEAK_ALLOWANCE = 2.0 / 8.0


class Interpolation(Enum):
    """How the dose between voxel centres is found."""

    CUBIC = "cubic"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True, eq=False)
class _Spline:
    """Cubic B-spline coefficients and, per cell of eight voxels, the allowed range."""

    coefficients: npt.NDArray[np.float32]
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]

    @classmethod
    def through(cls, values: FloatArray) -> "_Spline":
        coefficients = ndimage.spline_filter(values, order=3, mode="mirror")
        # Bounds need no more digits than the dose is known to.
        single = values.astype(np.float32)
        peak, pit = np.zeros_like(single), np.zeros_like(single)
        for axis in range(3):
            second = _second_difference(single, axis)
            peak += np.maximum(-second, 0.0)
            pit += np.maximum(second, 0.0)
        low = _over_cells(np.minimum, single)
        high = _over_cells(np.maximum, single)
        low -= PEAK_ALLOWANCE * _over_cells(np.minimum, pit)
        high += PEAK_ALLOWANCE * _over_cells(np.minimum, peak)
        return cls(coefficients.astype(np.float32), np.maximum(low, 0.0), high)

    def at(self, indices: FloatArray) -> FloatArray:
        value = ndimage.map_coordinates(
            self.coefficients,
            indices,
            output=np.float64,
            order=3,
            mode="mirror",
            prefilter=False,
        )
        last = np.asarray(self.low.shape)[:, None] - 1
        cell = tuple(np.minimum(indices.astype(np.intp), last))
        np.maximum(value, self.low[cell], out=value)
        np.minimum(value, self.high[cell], out=value)
        return np.asarray(value)


@dataclass(frozen=True, slots=True, eq=False)
class DoseGrid:
    """Total physical dose in gray on a voxel grid.

    Parameters
    ----------
    values_gy
        ``(k, j, i)`` float array of the shape of `geometry`; zero or more, and at least
        two voxels along each axis.
    geometry
        Where the voxels lie.
    interpolation
        How dose between voxel centres is found.
    """

    values_gy: FloatArray
    geometry: GridGeometry
    interpolation: Interpolation = Interpolation.CUBIC
    steepest_gy_per_mm: npt.NDArray[np.float32] = field(init=False, repr=False)
    """Largest dose gradient in and next to each voxel, ``(k, j, i)``."""
    _spline: _Spline | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        values = np.array(self.values_gy, dtype=np.float64)
        if values.shape != self.geometry.shape or min(values.shape) < 2:
            msg = (
                f"values_gy has shape {values.shape}, its geometry "
                f"{self.geometry.shape}; both must agree and be 2 or more everywhere"
            )
            raise ValueError(msg)
        if not np.all(np.isfinite(values)) or values.min() < 0:
            msg = "values_gy must be finite and 0 Gy or more"
            raise ValueError(msg)
        values.flags.writeable = False
        object.__setattr__(self, "values_gy", values)
        steepest = _steepest(values, self.geometry.spacing_mm)
        object.__setattr__(self, "steepest_gy_per_mm", steepest)
        cubic = self.interpolation is Interpolation.CUBIC
        object.__setattr__(self, "_spline", _Spline.through(values) if cubic else None)

    def at_indices(self, indices: FloatArray) -> FloatArray:
        """Dose at fractional voxel indices, shape (3, n), inside the voxel centres."""
        if self._spline is not None:
            return self._spline.at(indices)
        return np.asarray(
            ndimage.map_coordinates(self.values_gy, indices, order=1, mode="nearest"),
            dtype=np.float64,
        )


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
    steepest_gy_per_mm
        ``(n,)`` largest gradient in and next to the nearest voxel.
    """

    dose_gy: FloatArray
    covered: npt.NDArray[np.bool_]
    steepest_gy_per_mm: npt.NDArray[np.float32]


def dose_there(grid: DoseGrid, points_mm: npt.ArrayLike) -> DoseThere:
    """Dose at points of the grid's frame of reference, shape (n, 3)."""
    indices = np.ascontiguousarray(grid.geometry.indices(points_mm).T)
    last = np.asarray(grid.geometry.shape, dtype=np.float64)[:, None] - 1.0
    nearest = np.minimum(np.maximum(indices, 0.0), last)
    covered = np.all(np.abs(indices - nearest) <= 0.5, axis=0)
    voxel = np.rint(nearest).astype(np.intp)
    return DoseThere(
        grid.at_indices(nearest),
        np.asarray(covered),
        np.asarray(grid.steepest_gy_per_mm[tuple(voxel)]),
    )


def dose_at(grid: DoseGrid, points_mm: npt.ArrayLike) -> FloatArray:
    """Dose at points of the grid's frame, shape (n, 3); NaN where it is not covered."""
    there = dose_there(grid, points_mm)
    return np.where(there.covered, there.dose_gy, np.nan)


def border_dose_gy(grid: DoseGrid) -> float:
    """Highest dose on the outermost voxels: what may be cut off beyond the grid."""
    values = grid.values_gy
    return float(
        max(np.take(values, face, axis).max() for axis in range(3) for face in (0, -1))
    )


def _steepest(
    values: FloatArray, spacing_mm: tuple[float, float, float]
) -> npt.NDArray[np.float32]:
    squares = np.zeros(values.shape, dtype=np.float32)
    for axis, spacing in enumerate(spacing_mm):
        difference = np.abs(np.diff(values, axis=axis)).astype(np.float32) / spacing
        padding = [(0, 0)] * 3
        padding[axis] = (1, 1)
        padded = np.pad(difference, padding)
        before = np.take(padded, range(values.shape[axis]), axis)
        after = np.take(padded, range(1, values.shape[axis] + 1), axis)
        squares += np.maximum(before, after) ** 2
    steepest = ndimage.maximum_filter(np.sqrt(squares), size=3, mode="nearest")
    return np.asarray(steepest, dtype=np.float32)


def _second_difference(values: FloatField, axis: int) -> FloatField:
    """Second difference along an axis; none is assumed across the border."""
    inner = np.diff(values, n=2, axis=axis)
    padding = [(0, 0)] * 3
    padding[axis] = (1, 1)
    return np.pad(inner, padding)


def _over_cells(ufunc: np.ufunc, values: FloatField) -> FloatField:
    """Combine the eight voxels at the corners of each cell."""
    values = ufunc(values[:-1], values[1:])
    values = ufunc(values[:, :-1], values[:, 1:])
    return np.asarray(ufunc(values[:, :, :-1], values[:, :, 1:]))
