"""Small patches of an image, and where each of them is found in another.

A patch is a box of a few voxels. Its grey values, freed of their mean and spread, are
compared with those of the other image at the same points: the square of the correlation
coefficient knows neither brightness nor contrast nor which tissue is the brighter one,
so that a coil's sensitivity, another scanner or another modality do not disturb it. One
Gauss-Newton step, whose derivatives come from the fixed patch alone and are computed
once [1]_, tells how far the patch has moved.

References
----------
.. [1] Baker S, Matthews I. Lucas-Kanade 20 years on: a unifying framework. Int J Comput
   Vis 2004;56:221-255.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.registration.interpolation import Spline, cubic_patch, linear_patch
from reirrad.registration.volumes import Volume, in_pieces, inverted

__all__ = ["Compared", "Patches", "compared", "described", "strongest"]

BoolArray = npt.NDArray[np.bool_]
Float32Array = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.int64]

# Below it a patch shows nothing but rounding.
LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Patches of the fixed image, ready to be compared.

    Parameters
    ----------
    affine
        ``(4, 4)`` index of the fixed grid to point.
    centres
        ``(n, 3)`` index of each patch's middle voxel.
    radius
        Voxels of a patch beside its middle along k, j and i.
    values
        ``(n, p)`` grey values with mean 0 and length 1.
    slopes
        ``(n, 3, p)`` their derivatives along k, j and i, at right angles to the values
        and to a constant.
    curvature
        ``(n, 3, 3)`` products of the slopes, per mm^2 along x, y and z.
    """

    affine: FloatArray
    centres: IndexArray
    radius: tuple[int, int, int]
    values: Float32Array
    slopes: Float32Array
    curvature: FloatArray

    @property
    def points_mm(self) -> FloatArray:
        """Middle of each patch, (n, 3)."""
        affine = self.affine
        return np.asarray(self.centres @ affine[:3, :3].T + affine[:3, 3])


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """How each patch resembles the other image.

    Parameters
    ----------
    correlation
        ``(n,)`` correlation coefficient, NaN where the patch leaves the other image.
    pull
        ``(n, 3)`` slopes times the other image's normalised values, per mm.
    """

    correlation: FloatArray
    pull: FloatArray


def strongest(
    volume: Volume, mask: Volume, *, radius: tuple[int, int, int], cell_mm: float
) -> IndexArray:
    """The patch of most contrast in every cell of a raster, (n, 3) indices.

    One for each cell, lest the strongest edges of one region (skin, gas) speak for all.

    Parameters
    ----------
    volume
        Image.
    mask
        Patches have their middle where the nearest voxel of the mask is above 0.5.
    radius
        Of the patches in voxels.
    cell_mm
        Edge of a cell.
    """
    cell = np.maximum(np.rint(cell_mm / volume.spacing_mm), 1).astype(np.int64)
    # The derivative needs one voxel more than the patch.
    margin = np.array(radius) + 1
    room = np.array(volume.values.shape) - 2 * margin
    if np.any(room < 1):
        return np.empty((0, 3), dtype=np.int64)
    n_cells = -(-room // cell)
    to_mask = inverted(mask.affine) @ volume.affine
    best = np.full((*n_cells, 3), -1, dtype=np.int64)

    def task(start: int, stop: int) -> None:
        _strongest(volume.values, mask.values, to_mask, margin, cell, best, start, stop)

    in_pieces(task, int(n_cells[0]))
    found = best.reshape(-1, 3)
    return found[found[:, 0] >= 0]


def described(
    volume: Volume, centres: IndexArray, *, radius: tuple[int, int, int]
) -> Patches:
    """Values and derivatives of patches of the fixed image."""
    n, size = len(centres), int(np.prod([2 * r + 1 for r in radius]))
    values = np.empty((n, size), dtype=np.float32)
    slopes = np.empty((n, 3, size), dtype=np.float32)
    curvature = np.empty((n, 3, 3))
    per_mm = np.asarray(np.linalg.inv(volume.affine[:3, :3]))
    reach = np.array(radius)

    def task(start: int, stop: int) -> None:
        _describe(
            volume.values,
            centres,
            reach,
            per_mm,
            values,
            slopes,
            curvature,
            start,
            stop,
        )

    in_pieces(task, n)
    return Patches(volume.affine, centres, radius, values, slopes, curvature)


def compared(patches: Patches, moving: Volume | Spline, matrix: FloatArray) -> Compared:
    """Compare every patch with the moving image.

    Parameters
    ----------
    patches
        Of the fixed image.
    moving
        The other image; between its voxels trilinear, or a spline.
    matrix
        ``(4, 4)`` fixed point to moving point.
    """
    cubic = isinstance(moving, Spline)
    image = moving.coefficients if isinstance(moving, Spline) else moving.values
    index = inverted(moving.affine) @ matrix @ patches.affine
    per_mm = np.asarray(np.linalg.inv(patches.affine[:3, :3]))
    n = len(patches.centres)
    correlation, pull = np.full(n, np.nan), np.zeros((n, 3))
    reach = np.array(patches.radius)

    def task(start: int, stop: int) -> None:
        _compare(
            image,
            cubic,
            patches.centres,
            reach,
            index,
            per_mm,
            patches.values,
            patches.slopes,
            correlation,
            pull,
            start,
            stop,
        )

    in_pieces(task, n)
    return Compared(correlation, pull)


@compiled
def _is_within(mask: Float32Array, to_mask: FloatArray, k: int, j: int, i: int) -> bool:
    """Whether the mask is above 0.5 at the voxel nearest to an index."""
    for axis in range(3):
        at = round(
            to_mask[axis, 0] * k
            + to_mask[axis, 1] * j
            + to_mask[axis, 2] * i
            + to_mask[axis, 3]
        )
        if not 0 <= at < mask.shape[axis]:
            return False
    z = to_mask[0, 0] * k + to_mask[0, 1] * j + to_mask[0, 2] * i + to_mask[0, 3]
    y = to_mask[1, 0] * k + to_mask[1, 1] * j + to_mask[1, 2] * i + to_mask[1, 3]
    x = to_mask[2, 0] * k + to_mask[2, 1] * j + to_mask[2, 2] * i + to_mask[2, 3]
    return bool(mask[round(z), round(y), round(x)] > 0.5)


@compiled
def _strongest(
    values: Float32Array,
    mask: Float32Array,
    to_mask: FloatArray,
    margin: IndexArray,
    cell: IndexArray,
    best: IndexArray,
    start: int,
    stop: int,
) -> None:
    rk, rj, ri = margin[0] - 1, margin[1] - 1, margin[2] - 1
    size = (2 * rk + 1) * (2 * rj + 1) * (2 * ri + 1)
    nk, nj, ni = values.shape
    for a in range(start, stop):
        for b in range(best.shape[1]):
            for c in range(best.shape[2]):
                most = 0.0
                for k in range(
                    margin[0] + a * cell[0],
                    min(margin[0] + (a + 1) * cell[0], nk - margin[0]),
                    max(rk, 1),
                ):
                    for j in range(
                        margin[1] + b * cell[1],
                        min(margin[1] + (b + 1) * cell[1], nj - margin[1]),
                        max(rj, 1),
                    ):
                        for i in range(
                            margin[2] + c * cell[2],
                            min(margin[2] + (c + 1) * cell[2], ni - margin[2]),
                            max(ri, 1),
                        ):
                            if not _is_within(mask, to_mask, k, j, i):
                                continue
                            total, squares = 0.0, 0.0
                            middle = values[k, j, i]
                            for dk in range(-rk, rk + 1):
                                for dj in range(-rj, rj + 1):
                                    for di in range(-ri, ri + 1):
                                        off = values[k + dk, j + dj, i + di] - middle
                                        total += off
                                        squares += off * off
                            variance = squares - total * total / size
                            if variance > most:
                                most = variance
                                best[a, b, c, 0] = k
                                best[a, b, c, 1] = j
                                best[a, b, c, 2] = i


@compiled
def _describe(
    image: Float32Array,
    centres: IndexArray,
    reach: IndexArray,
    per_mm: FloatArray,
    values: Float32Array,
    slopes: Float32Array,
    curvature: FloatArray,
    start: int,
    stop: int,
) -> None:
    half = np.float32(0.5)
    size = values.shape[1]
    products = np.empty((3, 3))
    for n in range(start, stop):
        k0, j0, i0 = centres[n, 0], centres[n, 1], centres[n, 2]
        p, total = 0, 0.0
        for k in range(k0 - reach[0], k0 + reach[0] + 1):
            for j in range(j0 - reach[1], j0 + reach[1] + 1):
                for i in range(i0 - reach[2], i0 + reach[2] + 1):
                    values[n, p] = image[k, j, i]
                    total += image[k, j, i]
                    slopes[n, 0, p] = half * (image[k + 1, j, i] - image[k - 1, j, i])
                    slopes[n, 1, p] = half * (image[k, j + 1, i] - image[k, j - 1, i])
                    slopes[n, 2, p] = half * (image[k, j, i + 1] - image[k, j, i - 1])
                    p += 1
        mean, squares = total / size, 0.0
        for p in range(size):
            values[n, p] -= mean
            squares += values[n, p] * values[n, p]
        length = np.sqrt(squares) + LEAST_SPREAD
        for p in range(size):
            values[n, p] /= length
        for axis in range(3):
            mean, along = 0.0, 0.0
            for p in range(size):
                mean += slopes[n, axis, p]
                along += slopes[n, axis, p] * values[n, p]
            mean /= size
            for p in range(size):
                slopes[n, axis, p] = (
                    slopes[n, axis, p] - mean - along * values[n, p]
                ) / length
        for a in range(3):
            for b in range(3):
                total = 0.0
                for p in range(size):
                    total += slopes[n, a, p] * slopes[n, b, p]
                products[a, b] = total
        for a in range(3):
            for b in range(3):
                total = 0.0
                for c in range(3):
                    for d in range(3):
                        total += per_mm[c, a] * products[c, d] * per_mm[d, b]
                curvature[n, a, b] = total


@compiled
def _compare(
    image: Float32Array,
    cubic: bool,
    centres: IndexArray,
    reach: IndexArray,
    index: FloatArray,
    per_mm: FloatArray,
    values: Float32Array,
    slopes: Float32Array,
    correlation: FloatArray,
    pull: FloatArray,
    start: int,
    stop: int,
) -> None:
    nk, nj, ni = image.shape
    size = values.shape[1]
    box = np.empty(
        (2 * reach[0] + 1, 2 * reach[1] + 1, 2 * reach[2] + 1), dtype=np.float32
    )
    seen, middle = box.reshape(size), np.empty(3)
    # Four coefficients along each axis reach one voxel further than two values.
    wide_k = wide_j = wide_i = 1.0 if cubic else 0.0
    for axis in range(3):
        wide_k += abs(index[0, axis]) * reach[axis]
        wide_j += abs(index[1, axis]) * reach[axis]
        wide_i += abs(index[2, axis]) * reach[axis]
    for n in range(start, stop):
        k, j, i = centres[n, 0], centres[n, 1], centres[n, 2]
        z0 = index[0, 0] * k + index[0, 1] * j + index[0, 2] * i + index[0, 3]
        y0 = index[1, 0] * k + index[1, 1] * j + index[1, 2] * i + index[1, 3]
        x0 = index[2, 0] * k + index[2, 1] * j + index[2, 2] * i + index[2, 3]
        if (
            z0 < wide_k
            or y0 < wide_j
            or x0 < wide_i
            or z0 + wide_k >= nk - 1
            or y0 + wide_j >= nj - 1
            or x0 + wide_i >= ni - 1
        ):
            continue
        middle[0], middle[1], middle[2] = z0, y0, x0
        if cubic:
            total = cubic_patch(image, middle, index, box)
        else:
            total = linear_patch(image, middle, index, box)
        mean = total / np.float32(size)
        squares, shared, g0, g1, g2 = 0.0, 0.0, 0.0, 0.0, 0.0
        for p in range(size):
            off = seen[p] - mean
            squares += off * off
            shared += off * values[n, p]
            g0 += off * slopes[n, 0, p]
            g1 += off * slopes[n, 1, p]
            g2 += off * slopes[n, 2, p]
        length = np.sqrt(squares) + LEAST_SPREAD
        correlation[n] = shared / length
        for a in range(3):
            pull[n, a] = (
                per_mm[0, a] * g0 + per_mm[1, a] * g1 + per_mm[2, a] * g2
            ) / length
