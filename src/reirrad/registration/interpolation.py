"""Grey values between voxels, for all voxels of a patch at once.

Trilinear values are quick, but blur an edge to an amount, and askew, that depends on
where it lies between two voxels. Turned a little, two grids meet at every share of a
voxel and this averages out; shifted alone they meet at one, and every patch leans the
same way: edges 3 mm wide on slices of 3 mm by 0.08 mm. With a cubic B-spline [1]_ it is
0.01 mm.

References
----------
.. [1] Thevenaz P, Blu T, Unser M. Interpolation revisited. IEEE Trans Med Imaging
   2000;19:739-758.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.spline import spline_coefficients
from reirrad.registration.volumes import Volume

__all__ = ["Spline", "cubic_patch", "linear_patch", "splined"]

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Spline:
    """A cubic B-spline through the grey values of an image.

    Parameters
    ----------
    coefficients
        ``(k, j, i)`` float32.
    affine
        ``(4, 4)`` voxel index (k, j, i) to point in mm.
    """

    coefficients: Float32Array
    affine: FloatArray


def splined(volume: Volume) -> Spline:
    """The spline through an image; nothing is smoothed."""
    return Spline(spline_coefficients(volume.values), volume.affine)


@compiled
def linear_patch(
    image: Float32Array,
    middle: FloatArray,
    turn: FloatArray,
    seen: Float32Array,
) -> np.float32:
    """Fill in the trilinear values of a patch; their sum is returned.

    Parameters
    ----------
    image
        Grey values.
    middle
        ``(3,)`` index of the middle of the patch, with its fraction.
    turn
        ``(3, 3)`` change of that index for a voxel of the patch.
    seen
        ``(k, j, i)`` values, an odd number along each axis. None of them lies beyond
        the last voxels.
    """
    rk, rj, ri = seen.shape[0] // 2, seen.shape[1] // 2, seen.shape[2] // 2
    total = np.float32(0.0)
    for dk in range(-rk, rk + 1):
        for dj in range(-rj, rj + 1):
            for di in range(-ri, ri + 1):
                z, y, x = _index(middle, turn, (dk, dj, di))
                a, b, c = int(z), int(y), int(x)
                u, v, w = np.float32(z - a), np.float32(y - b), np.float32(x - c)
                q00, q01 = image[a, b, c], image[a, b + 1, c]
                q10, q11 = image[a + 1, b, c], image[a + 1, b + 1, c]
                q00 += w * (image[a, b, c + 1] - q00)
                q01 += w * (image[a, b + 1, c + 1] - q01)
                q10 += w * (image[a + 1, b, c + 1] - q10)
                q11 += w * (image[a + 1, b + 1, c + 1] - q11)
                q00 += v * (q01 - q00)
                q10 += v * (q11 - q10)
                q00 += u * (q10 - q00)
                seen[rk + dk, rj + dj, ri + di] = q00
                total += q00
    return total


@compiled
def cubic_patch(
    image: Float32Array,
    middle: FloatArray,
    turn: FloatArray,
    seen: Float32Array,
) -> np.float32:
    """Fill in the values of a patch from spline coefficients; as `linear_patch`.

    None of them lies beyond the last voxels but one.
    """
    rk, rj, ri = seen.shape[0] // 2, seen.shape[1] // 2, seen.shape[2] // 2
    total = np.float32(0.0)
    for dk in range(-rk, rk + 1):
        for dj in range(-rj, rj + 1):
            for di in range(-ri, ri + 1):
                z, y, x = _index(middle, turn, (dk, dj, di))
                a, b, c = int(z), int(y), int(x)
                along_z = _weights(np.float32(z - a))
                along_y = _weights(np.float32(y - b))
                w0, w1, w2, w3 = _weights(np.float32(x - c))
                value = np.float32(0.0)
                for q in range(4):
                    plane = np.float32(0.0)
                    for r in range(4):
                        row = image[a - 1 + q, b - 1 + r]
                        plane += along_y[r] * (
                            (w0 * row[c - 1] + w1 * row[c])
                            + (w2 * row[c + 1] + w3 * row[c + 2])
                        )
                    value += along_z[q] * plane
                seen[rk + dk, rj + dj, ri + di] = value
                total += value
    return total


@compiled
def _index(
    middle: FloatArray, turn: FloatArray, step: tuple[int, int, int]
) -> tuple[float, float, float]:
    """Index in the image, with its fraction, of the voxel so many steps off."""
    dk, dj, di = step
    return (
        middle[0] + turn[0, 0] * dk + turn[0, 1] * dj + turn[0, 2] * di,
        middle[1] + turn[1, 0] * dk + turn[1, 1] * dj + turn[1, 2] * di,
        middle[2] + turn[2, 0] * dk + turn[2, 1] * dj + turn[2, 2] * di,
    )


@compiled
def _weights(
    x: np.float32,
) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """Of the four coefficients around a point, x being the share of the way."""
    half, third = np.float32(0.5), np.float32(2.0 / 3.0)
    sixth, two = np.float32(1.0 / 6.0), np.float32(2.0)
    y = np.float32(1.0) - x
    return (
        sixth * y * y * y,
        third - half * x * x * (two - x),
        third - half * y * y * (two - y),
        sixth * x * x * x,
    )
