"""The loop behind the steepest dose gradient next to a voxel."""

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = ["steepest_gradients"]

SingleArray = npt.NDArray[np.float32]


@compiled
def steepest_gradients(
    values: FloatArray, spacing: tuple[float, float, float]
) -> SingleArray:
    """Largest gradient in and next to each voxel, per unit of the spacing.

    Parameters
    ----------
    values
        ``(k, j, i)``.
    spacing
        Voxel distances along k, j and i.

    Returns
    -------
    ndarray of float32, shape (k, j, i)
    """
    slices, rows, columns = values.shape
    squares = np.empty(values.shape, dtype=np.float32)
    for k in range(slices):
        for j in range(rows):
            for i in range(columns):
                here = values[k, j, i]
                along_k = max(
                    abs(values[max(k - 1, 0), j, i] - here),
                    abs(values[min(k + 1, slices - 1), j, i] - here),
                )
                along_j = max(
                    abs(values[k, max(j - 1, 0), i] - here),
                    abs(values[k, min(j + 1, rows - 1), i] - here),
                )
                along_i = max(
                    abs(values[k, j, max(i - 1, 0)] - here),
                    abs(values[k, j, min(i + 1, columns - 1)] - here),
                )
                squares[k, j, i] = (
                    (along_k / spacing[0]) ** 2
                    + (along_j / spacing[1]) ** 2
                    + (along_i / spacing[2]) ** 2
                )
    largest = np.empty_like(squares)
    for k in range(slices):
        for j in range(rows):
            for i in range(columns):
                left, right = max(i - 1, 0), min(i + 1, columns - 1)
                largest[k, j, i] = max(
                    squares[k, j, left], squares[k, j, i], squares[k, j, right]
                )
    for k in range(slices):
        for j in range(rows):
            above, below = max(j - 1, 0), min(j + 1, rows - 1)
            for i in range(columns):
                squares[k, j, i] = max(
                    largest[k, above, i], largest[k, j, i], largest[k, below, i]
                )
    for k in range(slices):
        lower, upper = max(k - 1, 0), min(k + 1, slices - 1)
        for j in range(rows):
            for i in range(columns):
                largest[k, j, i] = np.sqrt(
                    max(squares[lower, j, i], squares[k, j, i], squares[upper, j, i])
                )
    return largest
