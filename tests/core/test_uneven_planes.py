import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.geometry import FloatArray
from reirrad.core.uneven_planes import is_even, n_even_planes, on_even_planes


def positions(*steps: float) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(steps)])


@pytest.mark.parametrize(
    ("steps", "even"),
    [([2, 2, 2], True), ([2, 2.01, 2], True), ([2, 2.05, 2], False), ([3], True)],
)
def test_even_is_even_to_a_hundredth_of_a_millimetre(
    steps: list[float], *, even: bool
) -> None:
    assert is_even(positions(*steps)) is even


@pytest.mark.parametrize(
    ("steps", "step"),
    [
        ([2, 2, 4, 4], 2.0),
        ([2, 3, 3], 1.0),
        ([2.5, 5, 2.5], 2.5),
        ([1.25, 2], 0.25),
        ([1.37, 2.913, 3.331, 4.617], 12.231 / 18),
    ],
)
def test_the_step_is_the_largest_common_one_or_half_the_smallest(
    steps: list[float], step: float
) -> None:
    at = positions(*steps)
    n_planes = n_even_planes(at)
    assert (at[-1] - at[0]) / (n_planes - 1) == pytest.approx(step)


steps_of_half_mm = st.lists(st.integers(1, 12), min_size=3, max_size=15)


@given(steps=steps_of_half_mm, seed=st.integers(0, 2**32 - 1))
def test_planes_keep_their_values_and_nothing_leaves_what_its_neighbours_allow(
    steps: list[int], seed: int
) -> None:
    at = positions(*(0.5 * step for step in steps))
    values = np.random.default_rng(seed).uniform(0.0, 60.0, (len(at), 2, 3))
    even = np.linspace(at[0], at[-1], 2 * round(at[-1]) * 2 + 1)
    even = np.unique(np.concatenate([even, at]))
    found = on_even_planes(values, at, even)
    np.testing.assert_allclose(found[np.searchsorted(even, at)], values, atol=1e-9)
    assert found.min() >= 0.0
    below = np.clip(np.searchsorted(at, even, "right") - 1, 0, len(at) - 2)
    around = np.stack([values[below], values[below + 1]])
    rise = np.max(found - around.max(axis=0))
    assert rise <= 60.0 * max(steps) ** 2 / min(steps) ** 2


def test_a_parabola_between_uneven_planes_is_exact() -> None:
    at = positions(2, 4, 3, 2, 5, 2)
    even = np.linspace(at[1], at[-2], 25)

    def hill(z: FloatArray) -> FloatArray:
        return np.asarray(90.0 - 0.8 * (z - 9.0) ** 2)

    values = np.broadcast_to(hill(at)[:, None, None], (len(at), 2, 3))
    found = on_even_planes(np.array(values), at, even)
    np.testing.assert_allclose(found[:, 1, 2], hill(even), atol=1e-9)


def test_steps_and_single_hot_planes_do_not_swing() -> None:
    at = positions(2, 2, 4, 4, 2, 2)
    for line in ([0, 0, 0, 50, 50, 50, 50], [0, 0, 0, 50, 0, 0, 0]):
        values = np.broadcast_to(np.array(line, float)[:, None, None], (7, 2, 2))
        found = on_even_planes(np.array(values), at, np.linspace(0, at[-1], 161))
        assert found.min() == 0.0
        assert found.max() == 50.0
