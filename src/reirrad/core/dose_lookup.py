"""The loops behind a look-up of dose: spline coefficients and values at points.

Cubic B-spline interpolation after Unser (IEEE Signal Process Mag 1999;16:22-38), with
mirrored borders: a recursive filter turns voxel values into coefficients, 64 of which
make the dose at a point. How far a value may leave the range of its eight voxels is
explained in :mod:`reirrad.core.dose`.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = [
    "PEAK_ALLOWANCE",
    "clearances",
    "looked_up",
    "spline_coefficients",
]

SingleArray = npt.NDArray[np.float32]

POLE = np.sqrt(3.0) - 2.0
GAIN = 6.0
LONG_LINE = 24
"""The pole to this power is nothing: what mirrors at the far end cannot be seen."""
BANDS = 4

# A peak narrower than the parabola through its neighbours rises higher than one eighth
# of the second difference; twice that covers a Gaussian of two voxels' standard
# deviation (1.2 times) with room to spare.
PEAK_ALLOWANCE = 2.0 / 8.0


def spline_coefficients(values: FloatArray | SingleArray) -> SingleArray:
    """Coefficients of the cubic B-spline through voxel values.

    Parameters
    ----------
    values
        ``(k, j, i)``, two or more voxels along each axis.

    Returns
    -------
    ndarray of float32, shape (k, j, i)
    """
    coefficients = values.astype(np.float32)
    slices, rows, _ = values.shape
    with ThreadPoolExecutor() as pool:
        for part in np.array_split(np.arange(slices), min(BANDS, slices)):
            pool.submit(_filter_slices, coefficients[part[0] : part[-1] + 1])
    with ThreadPoolExecutor() as pool:
        for part in np.array_split(np.arange(rows), min(BANDS, rows)):
            pool.submit(_filter_rows, coefficients[:, part[0] : part[-1] + 1])
    return coefficients


@compiled
def _filter_slices(values: SingleArray) -> None:
    """Filter every slice along its columns and its rows, in place."""
    for k in range(values.shape[0]):
        for j in range(values.shape[1]):
            _filter_line(values[k, j])
        _filter_rows(values[k])


@compiled
def _filter_line(line: SingleArray) -> None:
    count = len(line)
    total = np.float64(line[0])
    if count >= LONG_LINE:
        power = POLE
        for n in range(1, LONG_LINE):
            total += power * line[n]
            power *= POLE
    else:
        total += _mirrored_sum(line)
        total /= 1.0 - POLE ** (2 * count - 2)
    before = GAIN * total
    line[0] = before
    for n in range(1, count):
        before = GAIN * line[n] + POLE * before
        line[n] = before
    after = POLE / (POLE * POLE - 1.0) * (line[count - 1] + POLE * line[count - 2])
    line[count - 1] = after
    for n in range(count - 2, -1, -1):
        after = POLE * (after - line[n])
        line[n] = after


@compiled
def _mirrored_sum(line: SingleArray) -> float:
    """What the line and its mirror image add to the first term of the filter."""
    count = len(line)
    total = POLE ** (count - 1) * line[count - 1]
    for n in range(1, count - 1):
        total += (POLE**n + POLE ** (2 * count - 2 - n)) * line[n]
    return float(total)


@compiled
def _filter_rows(values: SingleArray) -> None:
    """Filter along the first of two or three axes, in place."""
    count = len(values)
    first = values[0].astype(np.float64)
    if count >= LONG_LINE:
        power = POLE
        for n in range(1, LONG_LINE):
            first += power * values[n]
            power *= POLE
    else:
        first += POLE ** (count - 1) * values[count - 1]
        for n in range(1, count - 1):
            first += (POLE**n + POLE ** (2 * count - 2 - n)) * values[n]
        first /= 1.0 - POLE ** (2 * count - 2)
    values[0] = (GAIN * first).astype(np.float32)
    gain, pole = np.float32(GAIN), np.float32(POLE)
    for n in range(1, count):
        values[n] = gain * values[n] + pole * values[n - 1]
    last = np.float32(POLE / (POLE * POLE - 1.0))
    values[count - 1] = last * (values[count - 1] + pole * values[count - 2])
    for n in range(count - 2, -1, -1):
        values[n] = pole * (values[n + 1] - values[n])


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
    covered = np.ones(len(points), dtype=np.bool_)
    at = np.empty(3)
    for n in range(len(points)):
        for axis in range(3):
            index = to_indices[axis, 3]
            for part in range(3):
                index += to_indices[axis, part] * points[n, part]
            nearest = min(max(index, 0.0), values.shape[axis] - 1.0)
            if abs(index - nearest) > 0.5:
                covered[n] = False
            at[axis] = nearest
        if coefficients.size:
            dose[n] = _cubic(values, coefficients, at)
        else:
            dose[n] = _linear(values, at)
    return dose, covered


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
    at = np.empty(3)
    voxel = np.empty(3, dtype=np.int64)
    for n in range(len(points)):
        covered = True
        square = 0.0
        for axis in range(3):
            index = to_indices[axis, 3]
            for part in range(3):
                index += to_indices[axis, part] * points[n, part]
            at[axis] = min(max(index, 0.0), values.shape[axis] - 1.0)
            covered = covered and abs(index - at[axis]) <= 0.5
            voxel[axis] = int(np.rint(at[axis]))
            square += ((at[axis] - voxel[axis]) * spacing[axis]) ** 2
        k, j, i = voxel
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
def _cubic(values: FloatArray, coefficients: SingleArray, at: FloatArray) -> float:
    slices, rows, columns = values.shape
    k = min(int(at[0]), slices - 2)
    j = min(int(at[1]), rows - 2)
    i = min(int(at[2]), columns - 2)
    wk, wj, wi = _weights(at[0] - k), _weights(at[1] - j), _weights(at[2] - i)
    value = 0.0
    if 0 < k < slices - 2 and 0 < j < rows - 2 and 0 < i < columns - 2:
        for a in range(4):
            for b in range(4):
                row = coefficients[k - 1 + a, j - 1 + b]
                value += (
                    wk[a]
                    * wj[b]
                    * (
                        wi[0] * row[i - 1]
                        + wi[1] * row[i]
                        + wi[2] * row[i + 1]
                        + wi[3] * row[i + 2]
                    )
                )
    else:
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
def _within_bounds(value: float, values: FloatArray, k: int, j: int, i: int) -> float:
    """Keep a value within what its eight voxels and their curvature support."""
    low, high = np.inf, -np.inf
    for a in range(2):
        for b in range(2):
            for c in range(2):
                voxel = values[k + a, j + b, i + c]
                low, high = min(low, voxel), max(high, voxel)
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
def _linear(values: FloatArray, at: FloatArray) -> float:
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
