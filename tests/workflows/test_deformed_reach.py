import numpy as np
import pytest

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.deformation import DeformableMap
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import box_geometry
from reirrad.workflows.deformed_reach import carried_both_ways, deformed_course
from tests.workflows.exports import FRAMES, course

ONE, TWO = FRAMES[1], FRAMES[2]


def moved(x: float, turn_degrees: float = 0.0) -> RigidTransform:
    """From the frame of course 2 into that of course 1."""
    matrix = np.eye(4)
    cosine, sine = np.cos(np.radians(turn_degrees)), np.sin(np.radians(turn_degrees))
    matrix[:2, :2] = [[cosine, -sine], [sine, cosine]]
    matrix[0, 3] = x
    return RigidTransform(matrix, TWO, ONE)


def a_map(after: RigidTransform) -> DeformableMap:
    geometry = box_geometry(
        np.full(3, -60.0),
        np.full(3, 60.0),
        spacing_mm=(20.0, 20.0, 20.0),
        frame_of_reference_uid=TWO,
    )
    field = np.full((*geometry.shape, 3), 2.0, dtype=np.float32)
    return DeformableMap(identity(TWO), geometry, field, after)


@pytest.mark.parametrize(
    ("after", "hold"),
    [
        (moved(15.0), True),
        (moved(15.9), True),
        (moved(16.1), False),
        (moved(0.0), False),
        # At 130 mm from the axis 0.3 degrees are 0.7 mm, 1 degree is 2.3 mm.
        (moved(15.0, 0.3), True),
        (moved(15.0, 1.0), False),
    ],
)
def test_rigid_parts_hold_that_are_the_judged_registration(
    after: RigidTransform, *, hold: bool
) -> None:
    placed = PlacedCourse(course(1, target_x=0), moved(15.0))
    assert deformed_course(a_map(after), placed).rigid_parts_hold is hold


def test_what_the_map_says_nothing_of_is_not_carried() -> None:
    placed = PlacedCourse(course(1, target_x=0), moved(15.0))
    points = np.array([[0.0, 10.0, 0.0], [0.0, 80.0, 0.0]])
    forth, back = carried_both_ways(deformed_course(a_map(moved(0.0)), placed))
    assert forth(points)[0] == pytest.approx([2.0, 12.0, 2.0])
    assert np.isnan(forth(points)[1]).all()
    assert back(points)[0] == pytest.approx([-2.0, 8.0, -2.0], abs=1e-3)
    assert np.isnan(back(points)[1]).all()


def test_where_the_rigid_parts_hold_everything_is_carried() -> None:
    placed = PlacedCourse(course(1, target_x=0), moved(15.0))
    points = np.array([[0.0, 10.0, 0.0], [0.0, 80.0, 0.0]])
    forth, back = carried_both_ways(deformed_course(a_map(moved(15.0)), placed))
    assert forth(points) == pytest.approx(
        np.array([[17.0, 12.0, 2.0], [15.0, 80.0, 0.0]])
    )
    assert back(points) == pytest.approx(
        np.array([[-17.0, 8.0, -2.0], [-15.0, 80.0, 0.0]]), abs=1e-3
    )
