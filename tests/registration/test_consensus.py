import numpy as np
import pytest

from reirrad.core.geometry import FloatArray
from reirrad.registration.consensus import Fit, fitted
from reirrad.registration.patches import Patches, described, strongest
from reirrad.registration.volumes import Volume
from tests.registration.abdomen import matrix

SHAPE = (30, 44, 44)
AFFINE = np.array(
    [[0, 0, 2.0, -43], [0, 2.0, 0, -43], [3.0, 0, 0, -43.5], [0, 0, 0, 1.0]],
    dtype=np.float64,
)
MOVE = matrix((2.0, -1.5, 2.5), (2.0, -1.0, 1.5))


def waves(move: FloatArray, *, deformed_above_mm: float = 1e9) -> Volume:
    """Grey values at every point, known without interpolation."""
    index = np.moveaxis(np.indices(SHAPE), 0, -1)
    points = index @ AFFINE[:3, :3].T + AFFINE[:3, 3]
    back = np.linalg.inv(move)
    points = points @ back[:3, :3].T + back[:3, 3]
    points[..., 2] += 4.0 * (points[..., 2] > deformed_above_mm)
    random = np.random.default_rng(3)
    total = np.zeros(SHAPE)
    for _ in range(14):
        direction = random.normal(size=3)
        direction *= (
            2.0 * np.pi / random.uniform(14.0, 30.0) / np.linalg.norm(direction)
        )
        total += np.sin(points @ direction + random.uniform(0.0, 6.3))
    return Volume(total.astype(np.float32), AFFINE)


def patches() -> Patches:
    image = waves(np.eye(4))
    mask = Volume(np.ones(SHAPE, dtype=np.float32), AFFINE)
    centres = strongest(image, mask, radius=(1, 2, 2), cell_mm=8.0)
    return described(image, centres, radius=(1, 2, 2))


PATCHES = patches()


def fit_of(moving: Volume, start: FloatArray, *, n_steps: int = 20) -> Fit:
    return fitted(PATCHES, moving, start, n_steps=n_steps, settled_mm=0.001)


def error_mm(fit: Fit) -> float:
    points = PATCHES.points_mm
    off = fit.matrix - MOVE
    away = points @ off[:3, :3].T + off[:3, 3]
    return float(np.linalg.norm(away, axis=1).max())


def test_a_known_move_is_found() -> None:
    fit = fit_of(waves(MOVE), np.eye(4))
    assert error_mm(fit) < 0.02
    assert fit.agreeing > 0.95
    assert fit.likeness > 0.95
    assert 0.5 < fit.shown <= 1.0


def test_the_half_that_deformed_has_no_say() -> None:
    fit = fit_of(waves(MOVE, deformed_above_mm=6.0), np.eye(4))
    assert error_mm(fit) < 0.05
    assert 0.45 < fit.agreeing < 0.75


def test_a_coil_and_turned_contrast_change_nothing() -> None:
    moving = waves(MOVE)
    ramp = np.linspace(0.8, 1.25, SHAPE[2], dtype=np.float32)
    fit = fit_of(Volume(300.0 - 40.0 * ramp * moving.values, AFFINE), np.eye(4))
    assert error_mm(fit) < 0.15  # what is promised; a steep sensitivity leans a patch


def test_unrelated_images_do_not_agree() -> None:
    noise = np.random.default_rng(5).normal(size=SHAPE).astype(np.float32)
    assert fit_of(Volume(noise, AFFINE), np.eye(4)).agreeing < 0.05


def test_images_that_do_not_meet_leave_the_start_and_agree_on_nothing() -> None:
    away = matrix((900.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    fit = fit_of(waves(MOVE), away)
    np.testing.assert_array_equal(fit.matrix, away)
    assert (fit.likeness, fit.agreeing) == (0.0, 0.0)


def test_a_repeat_gives_the_same_bits() -> None:
    moving = waves(MOVE)
    first, second = (fit_of(moving, np.eye(4)) for _ in "ab")
    assert first.matrix.tobytes() == second.matrix.tobytes()


@pytest.mark.parametrize("n_steps", [1, 2])
def test_steps_are_counted(n_steps: int) -> None:
    fewer = error_mm(fit_of(waves(MOVE), np.eye(4), n_steps=n_steps))
    more = error_mm(fit_of(waves(MOVE), np.eye(4), n_steps=n_steps + 2))
    assert more < fewer
