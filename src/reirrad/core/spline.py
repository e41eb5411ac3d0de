"""Coefficients of the cubic B-spline through the voxels of a dose.

After Unser (IEEE Signal Process Mag 1999;16:22-38), with mirrored borders: a recursive
filter along each axis turns voxel values into coefficients.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.processors import processors

__all__ = ["spline_coefficients"]

SingleArray = npt.NDArray[np.float32]

POLE = np.sqrt(3.0) - 2.0
GAIN = 6.0
LONG_LINE = 24
"""The pole to this power is nothing: what mirrors at the far end cannot be seen."""
BANDS = 4
NEXT_TO_NOTHING = np.float32(1e-20)
"""Gy, in size."""


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
    with ThreadPoolExecutor(processors()) as pool:
        parts = np.array_split(np.arange(slices), min(BANDS, slices))
        list(pool.map(lambda k: _filter_slices(coefficients[k[0] : k[-1] + 1]), parts))
        parts = np.array_split(np.arange(rows), min(BANDS, rows))
        list(pool.map(lambda j: _filter_rows(coefficients[:, j[0] : j[-1] + 1]), parts))
    return coefficients


@compiled
def _filter_slices(values: SingleArray) -> None:
    """Filter every slice along its rows and its columns, in place."""
    for k in range(values.shape[0]):
        _filter_columns(values[k])
        # A slice of its own axis: rows of one voxel's depth.
        _filter_rows(values[k].reshape((values.shape[1], 1, values.shape[2])))


@compiled
def _settled(value: float) -> float:
    """The number, or nothing where it is next to nothing.

    Beyond the end of a dose coefficients fall to numbers so small that processors take
    a hundred times as long for them.
    """
    return value if abs(value) > NEXT_TO_NOTHING else value * 0.0


@compiled
def _filter_columns(values: SingleArray) -> None:
    """Filter along the second of two axes, in place; line beside line."""
    lines, count = values.shape
    before = np.empty(lines)
    for line in range(lines):
        before[line] = GAIN * _first_term(values[line])
        values[line, 0] = before[line]
    for n in range(1, count):
        for line in range(lines):
            here = _settled(GAIN * values[line, n] + POLE * before[line])
            before[line] = here
            values[line, n] = here
    last = POLE / (POLE * POLE - 1.0)
    for line in range(lines):
        before[line] = last * (values[line, count - 1] + POLE * values[line, count - 2])
        values[line, count - 1] = before[line]
    for n in range(count - 2, -1, -1):
        for line in range(lines):
            here = _settled(POLE * (before[line] - values[line, n]))
            before[line] = here
            values[line, n] = here


@compiled
def _first_term(line: SingleArray) -> float:
    """What a line and its mirror image before it add up to at its first voxel."""
    count = len(line)
    total = np.float64(line[0])
    power = POLE
    if count >= LONG_LINE:
        for n in range(1, LONG_LINE):
            total += power * line[n]
            power *= POLE
        return total
    total += POLE ** (count - 1) * line[count - 1]
    for n in range(1, count - 1):
        total += (POLE**n + POLE ** (2 * count - 2 - n)) * line[n]
    return float(total / (1.0 - POLE ** (2 * count - 2)))


@compiled
def _filter_rows(values: SingleArray) -> None:
    """Filter along the first of three axes, in place."""
    count, rows, columns = values.shape
    gain, pole = np.float32(GAIN), np.float32(POLE)
    last = np.float32(POLE / (POLE * POLE - 1.0))
    for row in range(rows):
        for column in range(columns):
            first = _first_term(values[:, row, column])
            values[0, row, column] = np.float32(GAIN * first)
        for n in range(1, count):
            for column in range(columns):
                here = gain * values[n, row, column] + pole * values[n - 1, row, column]
                values[n, row, column] = _settled(here)
        for column in range(columns):
            near = values[count - 2, row, column]
            here = last * (values[count - 1, row, column] + pole * near)
            values[count - 1, row, column] = _settled(here)
        for n in range(count - 2, -1, -1):
            for column in range(columns):
                here = pole * (values[n + 1, row, column] - values[n, row, column])
                values[n, row, column] = _settled(here)
