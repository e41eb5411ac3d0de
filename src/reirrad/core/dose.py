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

__all__ = ["DoseGrid", "Interpolation", "dose_at", "gradient_bound_gy_per_mm"]


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
        ``(k, j, i)`` float array of the shape of `geometry`; zero or more.
    geometry
        Where the voxels lie.
    """

    values_gy: FloatArray
    geometry: GridGeometry
    _prepared: "_Spline" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        values = np.array(self.values_gy, dtype=np.float64)
        if values.shape != self.geometry.shape:
            msg = (
                f"values_gy has shape {values.shape}, "
                f"its geometry {self.geometry.shape}"
            )
            raise ValueError(msg)
        if not np.all(np.isfinite(values)) or values.min() < 0:
            msg = "values_gy must be finite and 0 Gy or more"
            raise ValueError(msg)
        values.flags.writeable = False
        object.__setattr__(self, "values_gy", values)
        object.__setattr__(self, "_prepared", _Spline.through(values))
