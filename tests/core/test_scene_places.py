"""The hottest points lie where the doses are highest."""

import numpy as np

from reirrad.core.scene_places import hottest_points
from reirrad.core.structure_doses import structure_doses
from tests.core.two_courses import drawn_ball, two_courses

ORGAN = ((0.0, 0.0, 0.0), 30.0)


def test_each_course_and_the_sum_have_their_own_place() -> None:
    organ, courses = drawn_ball(*ORGAN), two_courses(apart_mm=30.0)
    doses = structure_doses(organ, list(courses.values()), [1, 2])
    found = {
        place.scope: np.array(place.point_mm) for place in hottest_points(organ, doses)
    }
    assert list(found) == ["course 1", "course 2", "cumulative"]
    np.testing.assert_allclose(found["course 1"], [-15.0, 0.0, 0.0], atol=1.5)
    np.testing.assert_allclose(found["course 2"], [15.0, 0.0, 5.0], atol=1.5)
    between = found["cumulative"]
    assert min(np.linalg.norm(between - found[f"course {n}"]) for n in (1, 2)) < 6.0


def test_without_a_course_there_is_no_sum() -> None:
    organ, courses = drawn_ball(*ORGAN), two_courses()
    doses = structure_doses(organ, [courses[2]], [1, 2])
    assert [place.scope for place in hottest_points(organ, doses)] == ["course 2"]


def test_a_point_without_calculated_dose_is_not_the_hottest() -> None:
    # The sum is highest on the right, where course 1 was not calculated.
    organ = drawn_ball(*ORGAN)
    courses = two_courses(half_width_mm=12.0)
    doses = structure_doses(organ, list(courses.values()), [1, 2])
    places = hottest_points(organ, doses)
    assert len(places) == 3
    for place in places:
        number = 2 if place.scope == "course 2" else 1
        (grid,) = courses[number].course.deliveries[0].doses
        corners = grid.geometry.corners_mm()
        assert np.all(np.array(place.point_mm) >= corners.min(axis=0))
        assert np.all(np.array(place.point_mm) <= corners.max(axis=0))


def test_where_nothing_was_calculated_there_is_no_place() -> None:
    organ = drawn_ball((300.0, 0.0, 0.0), 10.0)
    doses = structure_doses(organ, list(two_courses().values()), [1, 2])
    assert hottest_points(organ, doses) == ()
