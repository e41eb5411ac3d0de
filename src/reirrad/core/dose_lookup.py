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
    "border_distances",
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
        at, asked = _nearest(to_indices, points, n, values.shape)
        covered[n] = _is_covered(at, asked)
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
) -> tuple[Place, Place]:
    """Nearest place between voxel centres, and the place asked for.

    Of a point that is not a number, the nearest is the first voxel.
    """
    x, y, z = points[n, 0], points[n, 1], points[n, 2]
    k = to_indices[0, 3] + to_indices[0, 0] * x
    k = k + to_indices[0, 1] * y + to_indices[0, 2] * z
    j = to_indices[1, 3] + to_indices[1, 0] * x
    j = j + to_indices[1, 1] * y + to_indices[1, 2] * z
    i = to_indices[2, 3] + to_indices[2, 0] * x
    i = i + to_indices[2, 1] * y + to_indices[2, 2] * z
    # max(0.0, k), not max(k, 0.0): the second of the two would hand on a NaN.
    at = (
        min(max(0.0, k), shape[0] - 1.0),
        min(max(0.0, j), shape[1] - 1.0),
        min(max(0.0, i), shape[2] - 1.0),
    )
    return at, (k, j, i)


@compiled
def _is_covered(at: Place, asked: Place) -> bool:
    """Whether a place is within half a voxel of the nearest between voxel centres."""
    return (
        abs(asked[0] - at[0]) <= 0.5
        and abs(asked[1] - at[1]) <= 0.5
        and abs(asked[2] - at[2]) <= 0.5
    )


@compiled
def border_distances(
    to_indices: FloatArray, shape: tuple[int, int, int], points: FloatArray
) -> FloatArray:
    """Distance of points to the border of what a grid covers, positive inside, mm.

    Outside, it is the distance to the border's nearest plane, which is no more than
    that to the border. A point that is not a number has none.
    """
    result = np.empty(len(points))
    layers = _layers_mm(to_indices)
    for n in range(len(points)):
        at, asked = _nearest(to_indices, points, n, shape)
        result[n] = _to_border(at, asked, shape, layers)
    return result


@compiled
def _layers_mm(to_indices: FloatArray) -> Place:
    """Distances between neighbouring layers of voxels along k, j and i."""
    k, j, i = to_indices[0, :3], to_indices[1, :3], to_indices[2, :3]
    return (
        1.0 / np.sqrt(np.sum(k * k)),
        1.0 / np.sqrt(np.sum(j * j)),
        1.0 / np.sqrt(np.sum(i * i)),
    )


@compiled
def _to_border(
    at: Place, asked: Place, shape: tuple[int, int, int], layers: Place
) -> float:
    k = min(at[0], shape[0] - 1 - at[0]) - abs(asked[0] - at[0])
    j = min(at[1], shape[1] - 1 - at[1]) - abs(asked[1] - at[1])
    i = min(at[2], shape[2] - 1 - at[2]) - abs(asked[2] - at[2])
    return min((0.5 + k) * layers[0], (0.5 + j) * layers[1], (0.5 + i) * layers[2])


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

    No more than the distance to the border of the grid, beyond which there is no dose.
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
        Of the isodose, more than nothing.
    flattest
        Added to every gradient, so that none is zero.
    far
        Distance beyond which the sign alone matters.

    Returns
    -------
    ndarray, shape (n,)
    """
    result = np.empty(len(points))
    layers = _layers_mm(to_indices)
    for n in range(len(points)):
        at, asked = _nearest(to_indices, points, n, values.shape)
        border = _to_border(at, asked, values.shape, layers)
        if not border > -far:
            result[n] = -far
            continue
        k, j, i = int(np.rint(at[0])), int(np.rint(at[1])), int(np.rint(at[2]))
        square = ((at[0] - k) * spacing[0]) ** 2
        square += ((at[1] - j) * spacing[1]) ** 2
        square += ((at[2] - i) * spacing[2]) ** 2
        gradient = steepest[k, j, i] + flattest
        excess = values[k, j, i] - level
        least = abs(excess) / gradient - np.sqrt(square)
        if least > far:
            within = least if excess > 0.0 else -least
        elif coefficients.size:
            within = (_cubic(values, coefficients, at) - level) / gradient
        else:
            within = (_linear(values, at) - level) / gradient
        result[n] = min(within, border)
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
