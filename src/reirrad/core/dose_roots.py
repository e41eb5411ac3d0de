"""What a cubic spline leaves at steep isodoses, from the square roots of the dose.

Where dose falls from 80 to 20 % within two voxels, the isodoses of a cubic spline lie
up to 0.04 mm off, one per cent of a volume of 1 cc. No spline through the dose does
much better; one without end, the sinc, halves it. The square root bends less: a
quintic spline through the roots, squared, leaves a tenth. It fails where the spline has
nothing to follow, at kinks and in noise, so its share fades out there
(``docs/decisions/0003-cubic-dose.md``).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = ["DoseRoots", "corrections", "dose_roots", "root_coefficients", "smoothness"]

SingleArray = npt.NDArray[np.float32]

DEGREE = 5
FULL_SHARE = 1.0
NO_SHARE = 2.0
"""Fourth over second differences of a wave of six voxels' length, and of four; a kink
has two to four, white noise three."""
SWING = 5
"""Voxels for which the spline swings after a kink, or after the grid's border, where
the mirrored dose has one."""
NO_CURVATURE = np.float32(1e-6)
BORDER = 2
"""Mirrored voxels beyond the outermost that differences and spline reach into."""
LOWEST_GY = 1.0
LOWEST_SHARE = 0.02
"""Of the highest dose, where that is less; isodoses below are not corrected."""
MARGIN = 13
"""Voxels after which a spline forgets its border to 0.002 %; no less than the share
and the differences that it is made of reach."""


class DoseRoots(NamedTuple):
    """What corrections ask of a dose, prepared for the box in which there is any.

    Parameters
    ----------
    corner
        ``(k, j, i)`` of the box's first voxel.
    coefficients
        Of :func:`root_coefficients`, for the voxels of the box.
    shares
        Of :func:`smoothness`, likewise.
    """

    corner: npt.NDArray[np.int64]
    coefficients: SingleArray
    shares: SingleArray


def dose_roots(values: FloatArray) -> DoseRoots:
    """Prepare corrections of the isodoses of 1 Gy and more.

    Parameters
    ----------
    values
        ``(k, j, i)``, zero or more; two or more voxels along each axis.
    """
    lowest = min(LOWEST_GY, LOWEST_SHARE * float(values.max()))
    reached = values >= lowest
    spans = []
    for axis, length in enumerate(values.shape):
        others = tuple(other for other in range(3) if other != axis)
        at = np.flatnonzero(reached.any(axis=others))
        spans.append((max(at[0] - MARGIN, 0), min(at[-1] + 1 + MARGIN, length)))
    box = values[tuple(slice(*span) for span in spans)]
    corner = np.array([first for first, _ in spans], dtype=np.int64)
    return DoseRoots(corner, root_coefficients(box), smoothness(box))


def root_coefficients(values: FloatArray) -> SingleArray:
    """Coefficients of the quintic B-spline through square roots of dose.

    Parameters
    ----------
    values
        ``(k, j, i)``, zero or more; two or more voxels along each axis.

    Returns
    -------
    ndarray of float32, shape (k + 4, j + 4, i + 4)
        With two mirrored voxels on every side.
    """
    roots = np.sqrt(values, dtype=np.float32, casting="same_kind")
    ndimage.spline_filter(roots, order=DEGREE, output=roots, mode="mirror")
    return np.pad(roots, BORDER, mode="reflect")


def smoothness(values: FloatArray) -> SingleArray:
    """Share of the correction that the voxels around each voxel support.

    Parameters
    ----------
    values
        ``(k, j, i)``, zero or more.

    Returns
    -------
    ndarray of float32, shape (k, j, i)
        One where the roots vary over six voxels or more, zero where over four or less:
        near kinks and in noise. Zero in the outermost five voxels.
    """
    roots = np.sqrt(values, dtype=np.float32, casting="same_kind")
    second, fourth = _differences(np.pad(roots, BORDER, mode="reflect"))
    for sums in (second, fourth):
        ndimage.uniform_filter(sums, 2 * SWING + 1, output=sums, mode="mirror")
    fourth /= second + NO_CURVATURE
    inner = (slice(SWING, -SWING),) * 3
    shares = np.zeros_like(fourth)
    shares[inner] = (NO_SHARE - fourth[inner]) / (NO_SHARE - FULL_SHARE)
    return np.clip(shares, 0.0, 1.0, out=shares)


@compiled
def corrections(
    values: FloatArray, roots: DoseRoots, *, indices: FloatArray, cubic: FloatArray
) -> FloatArray:
    """What is to be added to the dose of a cubic spline.

    Parameters
    ----------
    values
        ``(k, j, i)`` dose of the voxels.
    roots
        Of :func:`dose_roots`.
    indices
        ``(n, 3)`` fractional voxel indices, none beyond the outermost voxels.
    cubic
        ``(n,)`` dose of the cubic spline there.

    Returns
    -------
    ndarray, shape (n,)
        The sum leaves the range of a point's eight voxels no further than `cubic` does.
    """
    corner, shares = roots.corner, roots.shares
    added = np.zeros(len(indices))
    weights = np.empty((3, 6))
    first = np.empty(3, dtype=np.int64)
    for n in range(len(indices)):
        is_known = True
        for axis in range(3):
            first[axis] = min(int(indices[n, axis]), values.shape[axis] - 2)
            in_box = first[axis] - corner[axis]
            is_known &= 0 <= in_box < shares.shape[axis] - 1
            for tap in range(6):
                away = abs(indices[n, axis] - first[axis] - (tap - BORDER))
                weights[axis, tap] = _quintic(away)
        if not is_known:
            continue
        low, high = _range(values, first)
        share = _share(shares, indices[n] - corner, first - corner)
        if share > 0.0:
            root = _root(roots.coefficients, weights, first - corner)
            mended = cubic[n] + share * (root**2 - cubic[n])
            mended = min(max(mended, min(low, cubic[n])), max(high, cubic[n]))
            added[n] = mended - cubic[n]
    return added


@compiled
def _quintic(away: float) -> float:
    """The B-spline of degree five, by the distance from its middle."""
    if away >= 2.0:
        return float((3.0 - away) ** 5 / 120.0)
    if away >= 1.0:
        inner = 0.625 + away * (-1.75 + away * (1.25 + away * (-0.375 + away / 24.0)))
        return 0.425 + away * inner
    square = away * away
    return 0.55 + square * (-0.5 + square * (0.25 - away / 12.0))


@compiled
def _root(
    roots: SingleArray, weights: FloatArray, first: npt.NDArray[np.int64]
) -> float:
    """Root of the dose, where no swing takes it below zero."""
    k, j, i = first
    along_k, along_j, along_i = weights
    root = 0.0
    for a in range(6):
        for b in range(6):
            row = roots[k + a, j + b, i : i + 6]
            root += (
                along_k[a]
                * along_j[b]
                * (
                    along_i[0] * row[0]
                    + along_i[1] * row[1]
                    + along_i[2] * row[2]
                    + along_i[3] * row[3]
                    + along_i[4] * row[4]
                    + along_i[5] * row[5]
                )
            )
    return max(root, 0.0)


@compiled
def _range(values: FloatArray, first: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Lowest and highest dose of the eight voxels around a point."""
    k, j, i = first
    low, high = np.inf, -np.inf
    for a in range(2):
        for b in range(2):
            for c in range(2):
                low = min(low, values[k + a, j + b, i + c])
                high = max(high, values[k + a, j + b, i + c])
    return low, high


@compiled
def _share(shares: SingleArray, at: FloatArray, first: npt.NDArray[np.int64]) -> float:
    """The share of a point between eight voxels."""
    k, j, i = first
    share = 0.0
    for a in range(2):
        for b in range(2):
            for c in range(2):
                share += (
                    abs(1 - a - at[0] + k)
                    * abs(1 - b - at[1] + j)
                    * abs(1 - c - at[2] + i)
                    * shares[k + a, j + b, i + c]
                )
    return share


@compiled
def _differences(padded: SingleArray) -> tuple[SingleArray, SingleArray]:
    """Sizes of the second and of the fourth differences, summed over the axes."""
    slices, rows, columns = padded.shape
    shape = (slices - 2 * BORDER, rows - 2 * BORDER, columns - 2 * BORDER)
    second = np.empty(shape, dtype=np.float32)
    fourth = np.empty(shape, dtype=np.float32)
    four, six = np.float32(4.0), np.float32(6.0)
    for k in range(2, slices - 2):
        for j in range(2, rows - 2):
            for i in range(2, columns - 2):
                here = padded[k, j, i]
                twice, sixfold = here + here, six * here
                near_k = padded[k - 1, j, i] + padded[k + 1, j, i]
                near_j = padded[k, j - 1, i] + padded[k, j + 1, i]
                near_i = padded[k, j, i - 1] + padded[k, j, i + 1]
                far_k = padded[k - 2, j, i] + padded[k + 2, j, i]
                far_j = padded[k, j - 2, i] + padded[k, j + 2, i]
                far_i = padded[k, j, i - 2] + padded[k, j, i + 2]
                second[k - 2, j - 2, i - 2] = (
                    abs(near_k - twice) + abs(near_j - twice) + abs(near_i - twice)
                )
                fourth[k - 2, j - 2, i - 2] = (
                    abs(far_k - four * near_k + sixfold)
                    + abs(far_j - four * near_j + sixfold)
                    + abs(far_i - four * near_i + sixfold)
                )
    return second, fourth
