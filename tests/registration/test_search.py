from dataclasses import replace

import numpy as np
import pytest

from reirrad.registration.appearance import Appearance, appearance
from reirrad.registration.search import likely_starts
from tests.registration.abdomen import View, abdomen, liver_points, matrix, moved

VIEW = View(spacing_mm=(5.0, 5.0, 5.0))


def seen(
    contrast: str, move: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> Appearance:
    view = View(contrast, spacing_mm=(5.0, 5.0, 5.0), seed=len(contrast) + 3)
    return appearance(
        abdomen(view, moved_by=move, frame="1"), spacing_mm=5.0, name="The image"
    )


@pytest.mark.parametrize("contrast", ["CT", "MR"])
@pytest.mark.parametrize(
    "move",
    [
        matrix((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        matrix((36.0, -24.0, 40.0), (14.0, 0.0, 0.0)),
        matrix((-30.0, 30.0, -30.0), (0.0, 14.0, -14.0)),
    ],
)
def test_the_best_start_lies_within_reach_of_the_optimiser(
    contrast: str, move: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> None:
    best = likely_starts(seen("CT", np.eye(4)), seen(contrast, move), n_starts=1)[0]

    points = liver_points()
    error = np.linalg.norm(moved(moved(points, move), best.matrix) - points, axis=1)
    assert error.mean() < 14.0


def test_starts_come_best_first_and_no_more_than_asked() -> None:
    image = seen("CT", np.eye(4))
    starts = likely_starts(image, image, n_starts=5)
    scores = [start.score for start in starts]
    assert len(starts) == 5
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9


def test_edges_that_never_meet_give_no_start() -> None:
    image = seen("CT", np.eye(4))
    volume = replace(image.volume, values=image.volume.values * np.float32(0.0))
    flat = Appearance(volume, image.body)
    assert likely_starts(image, flat, n_starts=3) == []


def test_without_a_turn_only_the_shift_is_sought() -> None:
    move = matrix((36.0, -24.0, 40.0), (0.0, 0.0, 0.0))
    starts = likely_starts(
        seen("CT", np.eye(4)), seen("CT", move), n_starts=5, turned=False
    )
    assert len(starts) == 1
    np.testing.assert_array_equal(starts[0].matrix[:3, :3], np.eye(3))
    np.testing.assert_allclose(starts[0].matrix[:3, 3], -move[:3, 3], atol=12.0)
