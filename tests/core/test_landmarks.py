import numpy as np
import pytest

from reirrad.core.landmarks import LandmarkPair, target_registration_errors_mm
from reirrad.core.transforms import RigidTransform, identity

QUARTER_TURN = RigidTransform(
    np.array(
        [
            [0.0, -1.0, 0.0, 10.0],
            [1.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, -5.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    ),
    "earlier",
    "reference",
)


def test_the_error_is_the_distance_that_is_left() -> None:
    pairs = [
        LandmarkPair("exact", 1, (2.0, 3.0, 4.0), (7.0, 2.0, -1.0)),
        LandmarkPair("off by 3, 4, 12", 1, (2.0, 3.0, 4.0), (10.0, 6.0, 11.0)),
        LandmarkPair("off by 2", 1, (0.0, 0.0, 0.0), (8.0, 0.0, -5.0)),
    ]
    errors = target_registration_errors_mm(pairs, QUARTER_TURN)
    assert errors == pytest.approx([0.0, 13.0, 2.0])


def test_the_map_goes_from_the_earlier_course_and_not_back() -> None:
    pair = LandmarkPair("point", 1, (1.0, 0.0, 0.0), (10.0, 1.0, -5.0))
    assert target_registration_errors_mm([pair], QUARTER_TURN) == pytest.approx([0.0])
    back = QUARTER_TURN.inverse()
    assert target_registration_errors_mm([pair], back)[0] > 5.0


def test_no_landmark_has_no_error() -> None:
    assert target_registration_errors_mm([], identity("1.2")).shape == (0,)


def test_landmarks_of_several_courses_need_a_map_each() -> None:
    point = (0.0, 0.0, 0.0)
    pairs = [LandmarkPair("a", 1, point, point), LandmarkPair("a", 2, point, point)]
    with pytest.raises(ValueError, match="several courses"):
        target_registration_errors_mm(pairs, identity("1.2"))
