"""The compiled loops against a library, and against the slow and obvious."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from reirrad.core.dose_gradients import steepest_gradients
from reirrad.core.dose_lookup import looked_up
from reirrad.core.spline import spline_coefficients

NOTHING = np.empty((0, 0, 0), dtype=np.float32)
TO_INDICES = np.hstack([np.eye(3), np.zeros((3, 1))])


def smooth(shape: tuple[int, int, int]) -> np.ndarray:
    noise = np.random.default_rng(2).uniform(0, 60, shape)
    return np.asarray(ndimage.gaussian_filter(noise, 3.0))


def test_values_are_those_of_a_library() -> None:
    values = smooth((12, 14, 16))
    points = np.random.default_rng(3).uniform(0, 1, (2000, 3)) * (
        np.array(values.shape) - 1
    )
    dose, covered = looked_up(values, spline_coefficients(values), TO_INDICES, points)
    expected = ndimage.map_coordinates(values, points.T, order=3, mode="mirror")
    assert dose == pytest.approx(expected, abs=2e-3)
    assert covered.all()


def test_linear_values_are_those_of_a_library() -> None:
    values = np.random.default_rng(2).uniform(0, 60, (5, 6, 7))
    points = np.random.default_rng(3).uniform(0, 1, (500, 3)) * (
        np.array(values.shape) - 1
    )
    dose, _ = looked_up(values, NOTHING, TO_INDICES, points)
    expected = ndimage.map_coordinates(values, points.T, order=1, mode="nearest")
    assert dose == pytest.approx(expected, abs=1e-9)


def test_points_are_mapped_to_indices() -> None:
    values = np.arange(24.0).reshape(2, 3, 4)
    to_indices = np.array([[0, 0, 0.5, 1.0], [0, 1.0, 0, 0], [2.0, 0, 0, -1.0]])
    dose, covered = looked_up(
        values, NOTHING, to_indices, np.array([[1.0, 2.0, -2.0], [9.0, 2, -2]])
    )
    assert dose.tolist() == [values[0, 2, 1], values[0, 2, 3]]
    assert covered.tolist() == [True, False]


@given(st.integers(0, 10**6), st.tuples(*[st.integers(2, 6)] * 3))
def test_no_gradient_between_neighbours_is_steeper(
    seed: int, shape: tuple[int, int, int]
) -> None:
    values = np.random.default_rng(seed).uniform(0, 60, shape)
    spacing = (3.0, 2.0, 1.5)
    found = steepest_gradients(values, spacing)
    squares = np.zeros(shape)
    for axis in range(3):
        step = np.abs(np.diff(values, axis=axis)) / spacing[axis]
        pad = [(0, 0)] * 3
        pad[axis] = (1, 1)
        padded = np.pad(step, pad)
        count = shape[axis]
        before, after = (np.take(padded, range(n, n + count), axis) for n in (0, 1))
        squares += np.maximum(before, after) ** 2
    expected = ndimage.maximum_filter(np.sqrt(squares), size=3, mode="nearest")
    assert found == pytest.approx(expected, rel=1e-5)
