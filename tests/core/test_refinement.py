import numpy as np

from reirrad.core.refinement import decisive_cells
from reirrad.core.sampling import SamplePoints


def cells(count: int, volume_cc: float) -> SamplePoints:
    side = (volume_cc * 1000) ** (1 / 3)
    return SamplePoints(
        np.zeros((count, 3)),
        np.full(count, volume_cc),
        np.full((count, 3), side),
        np.eye(3),
    )


def test_the_hottest_cells_of_a_large_organ_are_too_coarse() -> None:
    dose = np.arange(40_000.0)
    chosen = decisive_cells(cells(40_000, 0.04), dose[None])
    assert chosen[-30:].all()
    assert chosen.sum() < 100


def test_each_course_and_their_sum_have_hottest_cells_of_their_own() -> None:
    rising = np.arange(40_000.0)
    chosen = decisive_cells(cells(40_000, 0.04), np.array([rising, rising[::-1]]))
    assert chosen[:30].all()
    assert chosen[-30:].all()
    assert not chosen[1000:-1000].any()


def test_fine_cells_stay() -> None:
    assert not decisive_cells(cells(20_000, 1e-4), np.arange(20_000.0)[None]).any()
