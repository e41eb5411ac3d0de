"""Grey values on a grid: coarser copies, and one grid's values carried onto another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.processors import processors

__all__ = ["Volume", "carried", "in_pieces", "inverted", "shrunk"]

Float32Array = npt.NDArray[np.float32]

LEAST_BLOCKS = 8
# The pieces are the same on every machine, so that nothing depends on its processors.
N_PIECES = 16


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Grey values and where they lie.

    Parameters
    ----------
    values
        ``(k, j, i)`` float32.
    affine
        ``(4, 4)`` voxel index (k, j, i) to point in mm.
    """

    values: Float32Array
    affine: FloatArray

    @property
    def spacing_mm(self) -> FloatArray:
        """Voxel size along k, j and i."""
        return np.asarray(np.linalg.norm(self.affine[:3, :3], axis=0))


def inverted(matrix: FloatArray) -> FloatArray:
    """Inverse of a (4, 4) matrix."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def in_pieces(task: Callable[[int, int], None], n: int) -> None:
    """Call ``task(start, stop)`` for pieces of ``range(n)``, side by side."""
    edges = np.linspace(0, n, N_PIECES + 1).astype(int).tolist()
    with ThreadPoolExecutor(processors()) as pool:
        list(pool.map(task, edges[:-1], edges[1:]))


def shrunk(volume: Volume, *, spacing_mm: float) -> Volume:
    """Mean over whole blocks of voxels, so that voxels reach about `spacing_mm`.

    Blocks keep the exact place of what they average; nothing is interpolated. No axis
    is made finer than it is, or shorter than eight blocks.
    """
    shape = volume.values.shape
    blocks = [
        int(min(max(round(spacing_mm / step), 1), max(size // LEAST_BLOCKS, 1)))
        for step, size in zip(volume.spacing_mm, shape, strict=True)
    ]
    if blocks == [1, 1, 1]:
        return volume
    smaller = np.empty(
        [size // block for size, block in zip(shape, blocks, strict=True)], np.float32
    )

    def task(start: int, stop: int) -> None:
        _block_means(
            volume.values, blocks[0], blocks[1], blocks[2], smaller, start, stop
        )

    in_pieces(task, len(smaller))
    affine = volume.affine.copy()
    affine[:3, :3] *= blocks
    affine[:3, 3] += volume.affine[:3, :3] @ ((np.array(blocks) - 1) / 2.0)
    return Volume(smaller, affine)


def carried(
    volume: Volume, onto: Volume, matrix: FloatArray, *, outside: float = 0.0
) -> Float32Array:
    """Values on another grid, trilinear.

    Parameters
    ----------
    volume
        What is carried.
    onto
        Its grid is used.
    matrix
        ``(4, 4)`` point of `onto` to point of `volume`.
    outside
        Value beyond the faces of the outermost voxels.
    """
    index = inverted(volume.affine) @ matrix @ onto.affine
    result = np.empty(onto.values.shape, dtype=np.float32)

    def task(start: int, stop: int) -> None:
        _interpolated(volume.values, index, np.float32(outside), result, start, stop)

    in_pieces(task, len(result))
    return result


@compiled
def _block_means(
    values: Float32Array,
    nk: int,
    nj: int,
    ni: int,
    smaller: Float32Array,
    start: int,
    stop: int,
) -> None:
    share = np.float32(1.0 / (nk * nj * ni))
    for k in range(start, stop):
        for j in range(smaller.shape[1]):
            row = smaller[k, j]
            row[:] = 0.0
            for dk in range(nk):
                for dj in range(nj):
                    source = values[k * nk + dk, j * nj + dj]
                    for i in range(len(row)):
                        total = np.float32(0.0)
                        for di in range(ni):
                            total += source[i * ni + di]
                        row[i] += total
            for i in range(len(row)):
                row[i] *= share


@compiled
def _interpolated(
    values: Float32Array,
    index: FloatArray,
    outside: np.float32,
    result: Float32Array,
    start: int,
    stop: int,
) -> None:
    nk, nj, ni = values.shape
    for k in range(start, stop):
        for j in range(result.shape[1]):
            for i in range(result.shape[2]):
                z = index[0, 0] * k + index[0, 1] * j + index[0, 2] * i + index[0, 3]
                y = index[1, 0] * k + index[1, 1] * j + index[1, 2] * i + index[1, 3]
                x = index[2, 0] * k + index[2, 1] * j + index[2, 2] * i + index[2, 3]
                if (
                    z < -0.5
                    or y < -0.5
                    or x < -0.5
                    or z > nk - 0.5
                    or y > nj - 0.5
                    or x > ni - 0.5
                ):
                    result[k, j, i] = outside
                    continue
                a = min(max(int(z), 0), nk - 2)
                b = min(max(int(y), 0), nj - 2)
                c = min(max(int(x), 0), ni - 2)
                u = np.float32(min(max(z - a, 0.0), 1.0))
                v = np.float32(min(max(y - b, 0.0), 1.0))
                w = np.float32(min(max(x - c, 0.0), 1.0))
                near = values[a, b, c] + w * (values[a, b, c + 1] - values[a, b, c])
                far = values[a, b + 1, c] + w * (
                    values[a, b + 1, c + 1] - values[a, b + 1, c]
                )
                low = near + v * (far - near)
                near = values[a + 1, b, c] + w * (
                    values[a + 1, b, c + 1] - values[a + 1, b, c]
                )
                far = values[a + 1, b + 1, c] + w * (
                    values[a + 1, b + 1, c + 1] - values[a + 1, b + 1, c]
                )
                high = near + v * (far - near)
                result[k, j, i] = low + u * (high - low)
