"""Planes at uneven distances, brought onto a grid with one step.

A dose grid has one step along each axis. A stack whose planes lie at several distances
is interpolated along its normal, column of voxels by column, with a cubic spline
through its own planes. The spline is held as a dose between voxels is
(:mod:`reirrad.core.dose`): it leaves the range of the two planes around a point only as
far as the curvature at both supports (``docs/decisions/0021-uneven-dose-planes.md``).
"""

import numpy as np
from scipy.interpolate import CubicSpline

from reirrad.core.dose_lookup import PEAK_ALLOWANCE
from reirrad.core.geometry import FloatArray

__all__ = ["EVEN_TOLERANCE_MM", "is_even", "n_even_planes", "on_even_planes"]

# Positions are written to a hundredth of a millimetre.
EVEN_TOLERANCE_MM = 0.01
MOST_PARTS = 10
"""Into how many parts the smallest distance is cut in search of a common step."""


def is_even(positions_mm: FloatArray) -> bool:
    """Whether growing positions, shape (n,), have one step within 0.01 mm."""
    even = np.linspace(positions_mm[0], positions_mm[-1], len(positions_mm))
    return bool(np.abs(positions_mm - even).max() <= EVEN_TOLERANCE_MM)


def n_even_planes(positions_mm: FloatArray) -> int:
    """How many planes with one step stand for uneven ones, from the first to the last.

    The step is the largest of which every distance is a multiple, so that each plane
    stays one. Where there is none, it is half the smallest distance or a little less.

    Parameters
    ----------
    positions_mm
        Growing positions of uneven planes, shape (n,).
    """
    span = float(positions_mm[-1] - positions_mm[0])
    smallest = float(np.diff(positions_mm).min())
    for parts in range(1, MOST_PARTS + 1):
        count = round(span / (smallest / parts))
        index = (positions_mm - positions_mm[0]) / (span / count)
        if np.abs(index - np.rint(index)).max() * span / count <= EVEN_TOLERANCE_MM:
            return count + 1
    return int(np.ceil(2.0 * span / smallest)) + 1


def on_even_planes(
    values: FloatArray, positions_mm: FloatArray, even_mm: FloatArray
) -> FloatArray:
    """Values of a stack between its planes.

    Parameters
    ----------
    values
        ``(n, rows, columns)``, zero or more.
    positions_mm
        Growing positions of its planes, shape (n,).
    even_mm
        Where to interpolate, shape (m,), between the first and the last of them.

    Returns
    -------
    ndarray, shape (m, rows, columns)
        The values themselves where a plane lies.
    """
    between = np.empty((len(even_mm), *values.shape[1:]))
    # Row by row: the spline of a whole grid takes four times the grid's memory.
    for row in range(values.shape[1]):
        between[:, row] = _between(values[:, row], positions_mm, even_mm)
    return between


def _between(values: FloatArray, at_mm: FloatArray, even_mm: FloatArray) -> FloatArray:
    """Spline through values (n, columns) at positions (m,), held to what they allow."""
    below = np.clip(np.searchsorted(at_mm, even_mm, "right") - 1, 0, len(at_mm) - 2)
    left, right = values[below], values[below + 1]
    bend = _second_derivative(values, at_mm)
    reach = PEAK_ALLOWANCE * (np.diff(at_mm)[below] ** 2)[:, None]
    rise = reach * np.maximum(np.minimum(-bend[below], -bend[below + 1]), 0.0)
    dip = reach * np.maximum(np.minimum(bend[below], bend[below + 1]), 0.0)
    lowest = np.maximum(np.minimum(left, right) - dip, 0.0)
    highest = np.maximum(left, right) + rise
    held: FloatArray = np.clip(CubicSpline(at_mm, values)(even_mm), lowest, highest)
    return held


def _second_derivative(values: FloatArray, at_mm: FloatArray) -> FloatArray:
    """Of the parabola through each plane and its neighbours; none at the ends."""
    bend = np.zeros_like(values)
    steps = np.diff(at_mm)[:, None]
    slopes = np.diff(values, axis=0) / steps
    bend[1:-1] = 2.0 * np.diff(slopes, axis=0) / (steps[1:] + steps[:-1])
    return bend
