import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.accumulation import (
    CourseDose,
    KnownDose,
    PlacedCourse,
    course_dose,
    known_dose,
)
from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import sphere_dose
from tests.core.point_doses import point_doses
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
    assert known.without is known.more is None
    assert known.metric("Mean[Gy]") == 1.5


def cord(border_gy: float, *, hottest_gy: float = 27.0) -> KnownDose:
    """4 cc that fall evenly to a grid's border, and 1 cc beyond it, 0.1 cc each."""
    inside = np.linspace(hottest_gy, border_gy, 40)
    values = np.append(inside, np.full(10, border_gy))
    return known_dose(values, np.full(50, 0.1), np.arange(50) < 40)


HOT = ("Max[Gy]", "D0.035cc[Gy]", "D0.1cc[Gy]", "D0.5cc[Gy]", "D2%[Gy]")


@pytest.mark.parametrize("name", [*HOT, "D1cc[Gy]", "V30Gy[cc]", "CV30Gy[cc]"])
def test_dose_that_may_go_on_rising_beyond_the_grid_is_not_known(name: str) -> None:
    """Twice the 22 Gy of the border are more than 27 Gy, and than 30 Gy."""
    assert cord(22.0).metric(name) is None
    assert cord(22.0).intervals([name]) == {name: None}


def test_intervals_span_all_plausible_solids_whenever_they_are_asked() -> None:
    solids = [np.array([1.0, 1.0, 0.0]), np.array([0.0, 2.0, 1.0])]
    known = known_dose(
        np.array([30.0, 20.0, 10.0]),
        np.ones(3),
        np.ones(3, dtype=np.bool_),
        plausible_cc=lambda: iter(solids),
    )
    names = ("Max[Gy]", "Min[Gy]", "Mean[Gy]")
    together = known.intervals(names)
    assert together["Max[Gy]"] == (20.0, 30.0)
    assert together["Min[Gy]"] == (10.0, 20.0)
    low, high = together["Mean[Gy]"] or (np.nan, np.nan)
    assert low < (2 * 20 + 10) / 3 < (30 + 20) / 2 < high
    assert {name: known.intervals([name])[name] for name in names} == together


def test_the_interval_reaches_the_end_of_a_rod_of_just_the_volume_asked() -> None:
    """A rod of 1 mm2 along which the dose falls by 1 Gy a mm, which ends somewhere.

    Its contours say that it is 80 to 120 mm long, and 0.1 cc are 100 mm of it.
    """
    along_mm: FloatArray = np.linspace(0.005, 119.995, 12_000)

    def rod_cc(length_mm: float) -> FloatArray:
        return np.asarray(1e-5 * (along_mm < length_mm), dtype=np.float64)

    known = known_dose(
        200.0 - along_mm,
        rod_cc(85.0),
        np.ones(len(along_mm), dtype=np.bool_),
        plausible_cc=lambda: map(rod_cc, (80.0, 120.0)),
    )
    low, high = known.intervals(["D0.1cc[Gy]"])["D0.1cc[Gy]"] or (np.nan, np.nan)
    # 80 mm have 120 Gy and more, 100 of 120 mm have 100 Gy and more.
    assert 99.0 < low <= 100.0
    assert 120.0 <= high < 121.0


@pytest.mark.parametrize("name", [*HOT, "V15Gy[cc]", "V30Gy[cc]", "CV15Gy[cc]"])
@pytest.mark.parametrize("border_gy", [0.0, 0.3, 1.0])
def test_a_cord_with_little_dose_at_the_border_stays_evaluable(
    name: str, border_gy: float
) -> None:
    known = cord(border_gy)
    value = known.metric(name)
    assert value is not None
    assert value == metric_value(name, known.curve)


@given(border_gy=st.floats(0.0, 27.0))
def test_a_maximum_is_known_up_to_half_of_it_at_the_border(border_gy: float) -> None:
    tolerated = 27.0 * 1.02
    maximum = cord(border_gy).metric("Max[Gy]")
    assert (maximum is not None) is (2.0 * border_gy <= tolerated)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_known_metric_holds_for_all_that_is_up_to_twice_the_border(seed: int) -> None:
    """Whatever the points beyond the grid hold, up to twice the nearest dose."""
    rng = np.random.default_rng(seed)
    values = rng.gamma(0.5, 10.0, 60)
    covered = rng.random(60) > 0.2
    volumes = rng.uniform(0.01, 0.3, 60)
    known = known_dose(values, volumes, covered)
    true = np.where(covered, values, values * rng.uniform(0.0, 2.0, 60))
    curve = dose_volume(true, volumes)
    for name in ("Mean[Gy]", "Max[Gy]", "D1cc[Gy]", "D50%[Gy]", "V9Gy[cc]", "CV9Gy[%]"):
        value = known.metric(name)
        if value is not None:
            least = 0.5 if name.endswith("[Gy]") else 0.1
            tolerated = max(least, 0.02 * abs(value))
            assert metric_value(name, curve) == pytest.approx(value, abs=tolerated)


@pytest.mark.parametrize(
    ("border_gy", "known"), [(0.23, True), (0.49, True), (0.55, False)]
)
@pytest.mark.parametrize("name", ["Max[Gy]", "D0.1cc[Gy]"])
def test_next_to_no_dose_stays_known_up_to_half_a_gray_more(
    name: str, border_gy: float, *, known: bool
) -> None:
    """The dose ends at the border, where it is highest but for the first."""
    assert (cord(border_gy, hottest_gy=0.3).metric(name) is not None) is known


def test_twice_the_dose_is_more_than_twice_the_equivalent_dose() -> None:
    """EQD2 of 30, 17 and 34 Gy in 5: 54, 21.8 and 66.6 Gy."""
    doses = point_doses({1: ([30.0, 17.0], 5)}, uncovered={1: [1]})
    for quantity in ("physical", "EQD2", "BED"):
        assert doses.metric("Max[Gy]", 1, quantity, 3.0) is None
    little = point_doses({1: ([30.0, 12.0], 5)}, uncovered={1: [1]})
    assert little.metric("Max[Gy]", 1, "EQD2", 3.0) == pytest.approx(54.0)


def test_only_the_course_whose_grid_ends_may_have_more_there() -> None:
    """Its border has 0.3 Gy; the other course's 30 Gy (EQD2 54 Gy) are known."""
    doses = point_doses({1: ([40.0, 0.3], 5), 2: ([0.0, 30.0], 5)}, uncovered={1: [1]})
    assert doses.metric("Max[Gy]", "cumulative", "EQD2", 3.0) == pytest.approx(88.0)


def test_only_points_beyond_the_grid_may_have_more() -> None:
    dose = CourseDose(
        ((np.array([8.0, 3.0]), 5), (np.array([1.0, 2.0]), 3)), np.array([True, False])
    )
    (first, five), (second, three) = dose.more_outside().delivered_gy
    assert first.tolist() == [8.0, 6.0]
    assert second.tolist() == [1.0, 4.0]
    assert (five, three) == (5, 3)
