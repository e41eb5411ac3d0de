import numpy as np
import pytest

from reirrad.registration.appearance import Appearance, appearance
from reirrad.registration.refinement import Likeness, Stage, Views, refined, views
from tests.registration.abdomen import View, abdomen, liver_points, matrix, moved

MOVE = matrix((3.0, -4.0, 2.5), (2.0, -1.0, 1.5))
QUICK = Stage(n_samples=0, first_step_mm=1.0, last_step_mm=0.1, n_iterations=8)
STAGE = Stage(n_samples=20_000, first_step_mm=2.0, last_step_mm=0.01, n_iterations=60)


def seen(contrast: str, *, move: bool) -> Appearance:
    view = View(contrast, spacing_mm=(4.0, 4.0, 4.0), seed=5 + move)
    image = abdomen(view, moved_by=MOVE if move else np.eye(4), frame="1")
    return appearance(image, spacing_mm=4.0, name="The image")


def shown(fixed: Appearance, moving: Appearance) -> Views:
    return views(fixed, moving, neighbourhood_mm=12.0, smoothing_mm=0.0)


@pytest.mark.parametrize(
    ("contrast", "likeness", "stage", "within_mm"),
    [
        ("CT", Likeness.CORRELATION, STAGE, 0.3),
        ("CT", Likeness.MUTUAL_INFORMATION, STAGE, 0.4),
        ("MR", Likeness.MUTUAL_INFORMATION, STAGE, 1.0),
        pytest.param(
            "MR", Likeness.SQUARED_CORRELATION, QUICK, 2.0, marks=pytest.mark.slow
        ),
    ],
)
def test_each_likeness_finds_the_move(
    contrast: str, likeness: Likeness, stage: Stage, within_mm: float
) -> None:
    pair = shown(seen("CT", move=False), seen(contrast, move=True))

    found = refined(pair, np.eye(4), likeness=likeness, stage=stage)

    points = liver_points()
    error = np.linalg.norm(moved(moved(points, MOVE), found) - points, axis=1)
    assert error.mean() < within_mm


def test_a_repeat_gives_the_same_bits() -> None:
    pair = shown(seen("CT", move=False), seen("CT", move=True))
    first, second = (
        refined(pair, np.eye(4), likeness=likeness, stage=STAGE)
        for likeness in (Likeness.CORRELATION, Likeness.CORRELATION)
    )
    assert first.tobytes() == second.tobytes()


def test_images_that_do_not_meet_make_simpleitk_fail() -> None:
    pair = shown(seen("CT", move=False), seen("CT", move=True))
    away = matrix((900.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    with pytest.raises(RuntimeError):
        refined(pair, away, likeness=Likeness.MUTUAL_INFORMATION, stage=STAGE)


def test_a_region_outside_the_body_is_refused() -> None:
    image = seen("CT", move=False)
    with pytest.raises(RuntimeError, match="inside the body"):
        views(
            image,
            image,
            neighbourhood_mm=12.0,
            smoothing_mm=0.0,
            fixed_region=~image.body,
        )
