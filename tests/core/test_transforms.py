import numpy as np
import pytest
from hypothesis import given

from reirrad.core.transforms import RigidTransform, identity, is_rigid
from reirrad.errors import FrameMismatchError
from tests.strategies import rigid_transforms

POINTS = np.array([[0.0, 0.0, 0.0], [100.0, -50.0, 30.0], [-7.0, 8.0, 9.0]])


@given(rigid_transforms())
def test_a_transform_and_its_inverse_cancel(transform: RigidTransform) -> None:
    back = transform.inverse().apply(transform.apply(POINTS))
    assert back == pytest.approx(POINTS, abs=1e-9)
    both = transform.then(transform.inverse())
    assert both.matrix == pytest.approx(np.eye(4), abs=1e-9)
    assert (both.from_frame, both.to_frame) == ("1.1", "1.1")


@given(rigid_transforms())
def test_distances_are_kept(transform: RigidTransform) -> None:
    moved = transform.apply(POINTS)
    assert np.linalg.norm(moved[1] - moved[0]) == pytest.approx(
        np.linalg.norm(POINTS[1] - POINTS[0])
    )


def test_rotation_angle_of_a_quarter_turn() -> None:
    matrix = np.eye(4)
    matrix[:2, :2] = [[0, -1], [1, 0]]
    assert RigidTransform(matrix, "1", "2").rotation_degrees == pytest.approx(90.0)
    assert identity("1").rotation_degrees == 0.0


def test_transforms_of_unrelated_frames_do_not_follow_one_another() -> None:
    with pytest.raises(FrameMismatchError):
        identity("1").then(identity("2"))


@pytest.mark.parametrize(
    "matrix",
    [
        pytest.param(np.diag([1.1, 1.0, 1.0, 1.0]), id="scaling"),
        pytest.param(np.diag([-1.0, 1.0, 1.0, 1.0]), id="mirror"),
        pytest.param(np.eye(3), id="wrong shape"),
        pytest.param(np.full((4, 4), np.nan), id="not a number"),
        pytest.param(np.eye(4) + np.eye(4)[[1, 0, 2, 3]] * 0.1, id="shear"),
    ],
)
def test_what_is_not_rigid_is_refused(matrix: np.ndarray) -> None:
    assert not is_rigid(matrix)
    with pytest.raises(ValueError, match="not a rotation"):
        RigidTransform(matrix, "1", "2")
