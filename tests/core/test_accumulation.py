import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.accumulation import (
    CourseDose,
    PlacedCourse,
    course_dose,
    known_dose,
)
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import sphere_dose
from tests.core.specimens import course_with

COVERED = np.ones(1, dtype=np.bool_)


def given_dose(*parts: tuple[float, int]) -> CourseDose:
    return CourseDose(tuple((np.array([d]), n) for d, n in parts), COVERED)


def test_plans_of_the_same_sessions_add_up_before_conversion() -> None:
    together = given_dose((40.0, 5))
    apart = given_dose((20.0, 5), (20.0, 5))
    assert together.eqd2_gy(3.0)[0] == pytest.approx(88.0)
    assert apart.eqd2_gy(3.0)[0] == pytest.approx(56.0)
    assert together.physical_gy()[0] == apart.physical_gy()[0] == 40.0


@given(
    st.lists(st.tuples(st.floats(0, 60), st.integers(1, 30)), min_size=1, max_size=4)
)
def test_the_order_of_deliveries_does_not_matter(
    parts: list[tuple[float, int]],
) -> None:
    there = given_dose(*parts)
    back = given_dose(*reversed(parts))
    assert there.eqd2_gy(3.0)[0] == pytest.approx(back.eqd2_gy(3.0)[0])
    assert there.bed_gy(3.0)[0] == pytest.approx(there.eqd2_gy(3.0)[0] * 5.0 / 3.0)


def test_two_plans_of_a_course_are_summed_at_each_point() -> None:
    left = sphere_dose([-30, 0, 0], radius_at={2.0: 40, 25.0: 15})
    right = sphere_dose([30, 0, 0], radius_at={2.0: 40, 25.0: 15})
    both = course_with(left, right)
    points = np.array([[0.0, 0, 0], [-30, 0, 0], [30, 0, 0]])
    dose = course_dose(PlacedCourse(both, identity("1.1")), points)
    expected = left.at(points) + right.at(points)
    assert dose.physical_gy() == pytest.approx(expected, rel=2e-3)


def test_points_beyond_the_grid_are_marked() -> None:
    course = course_with(sphere_dose([0, 0, 0], radius_at={2.0: 40, 25.0: 15}))
    points = np.array([[0.0, 0, 0], [500.0, 0, 0]])
    dose = course_dose(PlacedCourse(course, identity("1.1")), points)
    assert dose.covered.tolist() == [True, False]


def test_a_metric_that_hangs_on_unknown_dose_is_not_given() -> None:
    values = np.array([10.0, 8.0, 6.0, 4.0])
    covered = np.array([True, True, True, False])
    known = known_dose(values, np.ones(4), covered)
    assert known.metric("Max[Gy]") == 10.0
    assert known.metric("Mean[Gy]") is None
    assert known.metric("D98%[Gy]") is None


def test_a_little_unknown_dose_changes_no_metric_much() -> None:
    values = np.append(np.full(999, 10.0), 9.0)
    covered = np.append(np.ones(999, dtype=np.bool_), False)
    known = known_dose(values, np.ones(1000), covered)
    assert known.metric("Mean[Gy]") == pytest.approx(9.999)


def test_full_coverage_asks_nothing_twice() -> None:
    known = known_dose(np.array([1.0, 2.0]), np.ones(2), np.ones(2, dtype=np.bool_))
    assert known.without is None
    assert known.metric("Mean[Gy]") == 1.5
