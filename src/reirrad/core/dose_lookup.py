"""The loops behind a look-up of dose at points.

The 64 coefficients of :mod:`reirrad.core.spline` around a point make the dose there.
How far it may leave the range of its eight voxels is explained in
:mod:`reirrad.core.dose`.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = [
    "PEAK_ALLOWANCE",
    "clearances",
    "looked_up",
]

SingleArray = npt.NDArray[np.float32]
Place = tuple[float, float, float]
"""Fractional voxel indices (k, j, i)."""

# A peak narrower than the parabola through its neighbours rises higher than one eighth
# of the second difference; twice that covers a Gaussian of two voxels' standard
# deviation (1.2 times) with room to spare.
PEAK_ALLOWANCE = 2.0 / 8.0


@compiled
def looked_up(
    values: FloatArray,
    coefficients: SingleArray,
    to_indices: FloatArray,
    points: FloatArray,
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Dose at points, and whether the grid covers them.

    Parameters
    ----------
    values
        ``(k, j, i)`` dose of the voxels.
    coefficients
        Of the spline through them; without any voxel, the dose is trilinear.
    to_indices
        ``(3, 4)``: maps a point to fractional voxel indices.
    points
        ``(n, 3)``.

    Returns
    -------
    dose, covered
        ``(n,)`` each. Beyond the outermost voxel centres the dose is that of the
        nearest point between them; half a voxel further out it is not covered any more.
    """
    dose = np.empty(len(points))
    covered = np.empty(len(points), dtype=np.bool_)
    # Nearly all points lie away from the borders and within the range of their voxels.
    # What the others need would slow the loop over these.
    others = np.empty(len(points), dtype=np.int64)
    count = 0
    slices, rows, columns = values.shape
    cubic = coefficients.size > 0
    for n in range(len(points)):
        at, covered[n] = _nearest(to_indices, points, n, values.shape)
        k, j, i = int(at[0]), int(at[1]), int(at[2])
        plain = False
        if cubic and 0 < k < slices - 2 and 0 < j < rows - 2 and 0 < i < columns - 2:
            dose[n] = _inner_value(coefficients, (k, j, i), at)
            low, high = _range(values, k, j, i)
            plain = low <= dose[n] <= high
        if not plain:
            others[count] = n
            count += 1
    for n in others[:count]:
        at, _ = _nearest(to_indices, points, n, values.shape)
        dose[n] = _cubic(values, coefficients, at) if cubic else _linear(values, at)
    return dose, covered


@compiled
def _nearest(
    to_indices: FloatArray, points: FloatArray, n: int, shape: tuple[int, int, int]
) -> tuple[Place, bool]:
    """Indices of the nearest place between voxel centres, and whether it is covered."""
    x, y, z = points[n, 0], points[n, 1], points[n, 2]
    k = to_indices[0, 3] + to_indices[0, 0] * x
    k = k + to_indices[0, 1] * y + to_indices[0, 2] * z
    j = to_indices[1, 3] + to_indices[1, 0] * x
    j = j + to_indices[1, 1] * y + to_indices[1, 2] * z
    i = to_indices[2, 3] + to_indices[2, 0] * x
    i = i + to_indices[2, 1] * y + to_indices[2, 2] * z
    at = (
        min(max(k, 0.0), shape[0] - 1.0),
        min(max(j, 0.0), shape[1] - 1.0),
        min(max(i, 0.0), shape[2] - 1.0),
    )
    farthest = max(abs(k - at[0]), abs(j - at[1]), abs(i - at[2]))
    return at, farthest <= 0.5


@compiled
def clearances(
    values: FloatArray,
    coefficients: SingleArray,
    steepest: SingleArray,
    to_indices: FloatArray,
    spacing: tuple[float, float, float],
    points: FloatArray,
    level: float,
    flattest: float,
    far: float,
) -> FloatArray:
    """Excess of the dose over a level, divided by the steepest gradient nearby.

    Where the nearest voxel alone shows that the level is further away than `far`, the
    dose at the point itself is not asked: what is returned then is no more than the
    excess would give.

    Parameters
    ----------
    values, coefficients, to_indices, points
        As in :func:`looked_up`.
    steepest
        Of :func:`reirrad.core.dose_gradients.steepest_gradients`.
    spacing
        Voxel distances along k, j and i.
    level
        Of the isodose. A point that the grid does not cover receives nothing.
    flattest
        Added to every gradient, so that none is zero.
    far
        Distance beyond which the sign alone matters.

    Returns
    -------
    ndarray, shape (n,)
    """
    result = np.empty(len(points))
    for n in range(len(points)):
        at, covered = _nearest(to_indices, points, n, values.shape)
        k, j, i = int(np.rint(at[0])), int(np.rint(at[1])), int(np.rint(at[2]))
        square = ((at[0] - k) * spacing[0]) ** 2
        square += ((at[1] - j) * spacing[1]) ** 2
        square += ((at[2] - i) * spacing[2]) ** 2
        gradient = steepest[k, j, i] + flattest
        if not covered:
            result[n] = -level / gradient
            continue
        excess = values[k, j, i] - level
        least = abs(excess) / gradient - np.sqrt(square)
        if least > far:
            result[n] = least if excess > 0.0 else -least
        elif coefficients.size:
            result[n] = (_cubic(values, coefficients, at) - level) / gradient
        else:
            result[n] = (_linear(values, at) - level) / gradient
    return result


@compiled
def _mirrored(index: int, count: int) -> int:
    if index < 0:
        index = -index
    if index >= count:
        index = 2 * count - 2 - index
    return max(index, 0)


@compiled
def _weights(x: float) -> tuple[float, float, float, float]:
    """Of the four coefficients around a point, x being the share of the way."""
    y = 1.0 - x
    return (
        y * y * y / 6.0,
        2.0 / 3.0 - x * x * (2.0 - x) / 2.0,
        2.0 / 3.0 - y * y * (2.0 - y) / 2.0,
        x * x * x / 6.0,
    )


@compiled
def _cubic(values: FloatArray, coefficients: SingleArray, at: Place) -> float:
    slices, rows, columns = values.shape
    k = min(int(at[0]), slices - 2)
    j = min(int(at[1]), rows - 2)
    i = min(int(at[2]), columns - 2)
    if 0 < k < slices - 2 and 0 < j < rows - 2 and 0 < i < columns - 2:
        value = _inner_value(coefficients, (k, j, i), at)
    else:
        wk, wj, wi = _weights(at[0] - k), _weights(at[1] - j), _weights(at[2] - i)
        value = 0.0
        for a in range(4):
            for b in range(4):
                row = coefficients[
                    _mirrored(k - 1 + a, slices), _mirrored(j - 1 + b, rows)
                ]
                for c in range(4):
                    weight = wk[a] * wj[b] * wi[c]
                    value += weight * row[_mirrored(i - 1 + c, columns)]
    return _within_bounds(value, values, k, j, i)


@compiled
def _inner_value(
    coefficients: SingleArray, voxel: tuple[int, int, int], at: Place
) -> float:
    """Value of the spline where none of its 64 coefficients is beyond the borders.

    The four sums along a row do not wait for one another, and unsigned indices need no
    look at whether they count from the end.
    """
    k, j, i = voxel
    wk, wj, wi = _weights(at[0] - k), _weights(at[1] - j), _weights(at[2] - i)
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    for a in range(4):
        sum0, sum1, sum2, sum3 = 0.0, 0.0, 0.0, 0.0
        for b in range(4):
            at_k, at_j = np.uintp(k - 1 + a), np.uintp(j - 1 + b)
            sum0 += wj[b] * coefficients[at_k, at_j, np.uintp(i - 1)]
            sum1 += wj[b] * coefficients[at_k, at_j, np.uintp(i)]
            sum2 += wj[b] * coefficients[at_k, at_j, np.uintp(i + 1)]
            sum3 += wj[b] * coefficients[at_k, at_j, np.uintp(i + 2)]
        first += wk[a] * sum0
        second += wk[a] * sum1
        third += wk[a] * sum2
        fourth += wk[a] * sum3
    return wi[0] * first + wi[1] * second + (wi[2] * third + wi[3] * fourth)


@compiled
def _range(values: FloatArray, k: int, j: int, i: int) -> tuple[float, float]:
    """Least and largest of the eight voxels around a place."""
    low, high = np.inf, -np.inf
    for a in range(2):
        for b in range(2):
            for c in range(2):
                voxel = values[np.uintp(k + a), np.uintp(j + b), np.uintp(i + c)]
                low, high = min(low, voxel), max(high, voxel)
    return low, high


@compiled
def _within_bounds(value: float, values: FloatArray, k: int, j: int, i: int) -> float:
    """Keep a value within what its eight voxels and their curvature support."""
    low, high = _range(values, k, j, i)
    if low <= value <= high:
        return value
    pit, peak = np.inf, np.inf
    for a in range(2):
        for b in range(2):
            for c in range(2):
                up, down = _curvature(values, k + a, j + b, i + c)
                pit, peak = min(pit, up), min(peak, down)
    if value < low:
        return max(value, low - PEAK_ALLOWANCE * pit, 0.0)
    return min(value, high + PEAK_ALLOWANCE * peak)


@compiled
def _curvature(values: FloatArray, k: int, j: int, i: int) -> tuple[float, float]:
    """Sums over the axes of the upward and of the downward second differences."""
    slices, rows, columns = values.shape
    here = 2.0 * values[k, j, i]
    up, down = 0.0, 0.0
    if 0 < k < slices - 1:
        second = values[k - 1, j, i] + values[k + 1, j, i] - here
        up, down = up + max(second, 0.0), down + max(-second, 0.0)
    if 0 < j < rows - 1:
        second = values[k, j - 1, i] + values[k, j + 1, i] - here
        up, down = up + max(second, 0.0), down + max(-second, 0.0)
    if 0 < i < columns - 1:
        second = values[k, j, i - 1] + values[k, j, i + 1] - here
        up, down = up + max(second, 0.0), down + max(-second, 0.0)
    return up, down


@compiled
def _linear(values: FloatArray, at: Place) -> float:
    k = min(int(at[0]), values.shape[0] - 2)
    j = min(int(at[1]), values.shape[1] - 2)
    i = min(int(at[2]), values.shape[2] - 2)
    value = 0.0
    for a in range(2):
        for b in range(2):
            for c in range(2):
                weight = (
                    abs(1 - a - at[0] + k)
                    * abs(1 - b - at[1] + j)
                    * abs(1 - c - at[2] + i)
                )
                value += weight * values[k + a, j + b, i + c]
    return value
