import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.perturbations import (
    RegistrationAccuracy,
    drawn_motions,
    farthest_mm,
    moved_points,
    relative_motions,
    shifts,
    unmoved,
)
from reirrad.core.stability import DIRECTIONS
from reirrad.core.transforms import RigidTransform, is_rigid

CENTRE = np.array([30.0, -20.0, 100.0])


def drawn(n_draws: int = 4096, seed: int = 1, **accuracy: float) -> np.ndarray:
    known = {"translation_mm": 3.0, "rotation_degrees": 2.0} | accuracy
    accuracies = {1: RegistrationAccuracy(source="test", **known)}
    return drawn_motions(accuracies, centre_mm=CENTRE, n_draws=n_draws, seed=seed)[1]


def test_a_shift_of_3_mm_is_what_tg132_is_quoted_with() -> None:
    moved = np.array([moved_points(m, CENTRE[None])[0] for m in drawn()])
    length = np.linalg.norm(moved - CENTRE, axis=1)
    assert np.sqrt(np.mean(length**2)) == pytest.approx(3.0, rel=0.01)
    assert length.mean() == pytest.approx(2.764, rel=0.01)
    assert np.quantile(length, 0.95) == pytest.approx(4.841, rel=0.01)
    assert (moved - CENTRE).std(axis=0) == pytest.approx(3 / np.sqrt(3), rel=0.01)


def test_the_rotation_has_the_stated_angle_about_the_centre() -> None:
    motions = drawn(translation_mm=0.0)
    angles = [RigidTransform(m, "a", "b").rotation_degrees for m in motions]
    assert np.sqrt(np.mean(np.square(angles))) == pytest.approx(2.0, rel=0.01)
    for motion in motions[:50]:
        assert is_rigid(motion)
        assert moved_points(motion, CENTRE[None])[0] == pytest.approx(CENTRE, abs=1e-9)


def test_no_error_moves_nothing() -> None:
    motions = drawn(n_draws=16, translation_mm=0.0, rotation_degrees=0.0)
    assert motions == pytest.approx(unmoved(16), abs=1e-12)


def test_the_seed_decides_the_draws() -> None:
    assert np.array_equal(drawn(100, seed=7), drawn(100, seed=7))
    assert not np.allclose(drawn(100, seed=7), drawn(100, seed=8))


def test_more_draws_begin_with_the_same_ones() -> None:
    assert np.array_equal(drawn(100), drawn(1000)[:100])


def test_courses_are_moved_independently() -> None:
    one = RegistrationAccuracy(3.0, 2.0, "test")
    motions = drawn_motions({1: one, 3: one}, centre_mm=CENTRE, n_draws=1024, seed=1)
    first, second = (motions[n][:, :3, 3] - CENTRE for n in (1, 3))
    between = np.corrcoef(first.T, second.T)[:3, 3:]
    assert np.abs(between).max() < 0.1


def test_no_course_moves_where_none_is_asked() -> None:
    assert drawn_motions({}, centre_mm=CENTRE, n_draws=16, seed=1) == {}


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_an_impossible_accuracy_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="translation_mm"):
        RegistrationAccuracy(value, 2.0, "test")
    with pytest.raises(ValueError, match="rotation_degrees"):
        RegistrationAccuracy(3.0, value, "test")


def test_no_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="n_draws"):
        drawn(n_draws=0)


def test_the_dose_of_its_own_course_stays_with_a_structure() -> None:
    motions = {1: drawn(8)}
    assert relative_motions(motions, 1, drawn_in=1) is None
    assert relative_motions(motions, 2, drawn_in=2) is None
    assert relative_motions(motions, 1, drawn_in=2) is motions[1]
    back = relative_motions(motions, 2, drawn_in=1)
    assert back is not None
    assert back @ motions[1] == pytest.approx(unmoved(8), abs=1e-9)


def test_two_moving_courses_meet_by_both_motions() -> None:
    motions = {1: drawn(8, seed=1), 3: drawn(8, seed=2)}
    both = relative_motions(motions, 1, drawn_in=3)
    assert both is not None
    assert both @ motions[3] == pytest.approx(motions[1], abs=1e-9)


@given(st.integers(0, 1000))
def test_no_point_goes_further_than_is_said(seed: int) -> None:
    points = np.random.default_rng(seed).uniform(-80, 80, (40, 3))
    motions = drawn(16, seed=seed)
    longest = max(
        np.linalg.norm(moved_points(m, points) - points, axis=1).max() for m in motions
    )
    assert longest <= farthest_mm(motions, points) + 1e-9
    assert farthest_mm(None, points) == 0.0


def test_fixed_shifts_have_their_length_and_come_after_the_registration() -> None:
    moves = shifts(DIRECTIONS, 3.0)
    assert moves.shape == (27, 4, 4)
    np.testing.assert_array_equal(moves[0], np.eye(4))
    moved = [moved_points(one, np.zeros((1, 3)))[0] for one in moves[1:]]
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 3.0)
    np.testing.assert_allclose(np.sum(moved, axis=0), 0.0, atol=1e-12)
