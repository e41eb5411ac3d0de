import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from reirrad.core.geometry import FloatArray
from reirrad.core.nearest_points import in_blocks, nearest_points


def cloud(seed: int, count: int, centre_mm: float) -> FloatArray:
    points = np.random.default_rng(seed).normal(centre_mm, 8.0, size=(count, 3))
    return np.asarray(points)


@given(
    seed=st.integers(0, 10_000),
    counts=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    apart_mm=st.floats(0.0, 40.0),
    lengths_mm=st.tuples(st.floats(1.0, 30.0), st.floats(0.0, 10.0)),
)
def test_as_every_pair_asked(
    seed: int,
    counts: tuple[int, int],
    apart_mm: float,
    lengths_mm: tuple[float, float],
) -> None:
    side_mm, beyond_mm = lengths_mm
    one, two = cloud(seed, counts[0], 0.0), cloud(seed + 1, counts[1], apart_mm)
    there, partners, back = nearest_points(
        in_blocks(one, side_mm=side_mm),
        in_blocks(two, side_mm=side_mm),
        beyond_mm=beyond_mm,
    )
    distances = cdist(one, two)
    most = distances.min() + beyond_mm
    for found, slow in ((there, distances.min(axis=1)), (back, distances.min(axis=0))):
        clear = np.abs(slow - most) > 1e-9
        np.testing.assert_array_equal(np.isfinite(found)[clear], (slow < most)[clear])
        known = np.isfinite(found)
        np.testing.assert_allclose(found[known], slow[known], rtol=1e-12)
    assert there.min() == pytest.approx(distances.min())
    at = np.flatnonzero(partners >= 0)
    np.testing.assert_allclose(distances[at, partners[at]], there[at], rtol=1e-12)


def test_blocks_keep_every_point() -> None:
    points = cloud(1, 200, 5.0)
    blocks = in_blocks(points, side_mm=6.0)
    np.testing.assert_array_equal(points[blocks.order], blocks.points_mm)
    assert blocks.starts[0] == 0
    assert blocks.starts[-1] == len(points)
    for low, high, start, stop in zip(
        blocks.low_mm, blocks.high_mm, blocks.starts, blocks.starts[1:], strict=False
    ):
        inside = blocks.points_mm[start:stop]
        assert np.all((inside >= low) & (inside <= high))
