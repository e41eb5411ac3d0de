import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import sample
from reirrad.core.thinning import spread_choice, thinned
from tests.core.two_courses import drawn_ball


@given(st.integers(0, 1000), st.integers(1, 300))
def test_points_are_chosen_by_their_volume(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    points, volumes = random.uniform(-9, 9, (200, 3)), random.uniform(0.1, 1.0, 200)
    chosen = spread_choice(points, volumes, count)
    assert len(chosen) == min(count, 200)
    if count < 200:
        assert volumes[chosen].mean() > volumes.min()
    else:
        assert np.array_equal(chosen, np.arange(200))


def test_no_stratum_is_left_out() -> None:
    line = np.stack([np.arange(1000.0), np.zeros(1000), np.zeros(1000)], axis=1)
    chosen = line[spread_choice(line, np.ones(1000), 10), 0]
    assert np.array_equal(chosen // 100, np.arange(10))


def test_a_hot_spot_of_one_trial_alone_is_sampled_densely() -> None:
    placed = drawn_ball((0, 0, 0), 60.0)
    samples = sample(placed.sections)

    def hot_at(points: FloatArray, x: float) -> FloatArray:
        square = np.sum((points - (x, 0, 0)) ** 2, axis=1)
        return np.asarray(np.exp(-square / 200.0))

    points, volumes = thinned(
        samples,
        placed.sections,
        lambda where: np.array([hot_at(where, -30.0), hot_at(where, 30.0)]),
        hot_at(samples.points_mm, -30.0),
    )
    assert volumes.sum() == pytest.approx(samples.volume_cc)
    assert len(points) < 2300
    for x in (-30.0, 30.0):
        near = np.linalg.norm(points - (x, 0, 0), axis=1) < 3.0
        assert near.sum() > 20
    away = np.abs(points[:, 0]) < 5.0
    assert 0 < away.sum() < 300
