import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.near_maximum import (
    highest_within,
    hottest_on_hottest,
    searched_maxima,
)
from tests.core.point_doses import point_doses
from tests.core.two_courses import doses_of, drawn_ball, two_courses

RATIO = 3.0


@given(st.integers(0, 10_000), st.floats(0.5, 30.0))
def test_the_highest_nearby_is_that_of_a_plain_search(
    seed: int, distance_mm: float
) -> None:
    random = np.random.default_rng(seed)
    points, values = random.uniform(-20, 20, (120, 3)), random.random(120)
    near = cKDTree(points).query_ball_point(points, distance_mm)
    slow = np.array([values[some].max() for some in near])
    assert np.array_equal(highest_within(points, values, distance_mm), slow)


def test_without_distance_every_point_keeps_its_value() -> None:
    points, values = np.zeros((3, 3)), np.array([1.0, 2.0, 3.0])
    assert np.array_equal(highest_within(points, values, 0.0), values)


def test_a_search_never_lowers_and_grows_with_its_distance() -> None:
    full = doses_of(drawn_ball((0, 25, 0), 15.0), two_courses())
    registered = full.metric("D0.1cc[Gy]", "cumulative", "EQD2", RATIO)
    hottest = []
    for mm in (0.0, 1.0, 3.0, 6.0):
        found = searched_maxima(full.samples, full.doses, RATIO, distances_mm={1: mm})
        value = found["D0.1cc[Gy]"]
        assert value is not None
        hottest.append(value)
    assert hottest[0] == pytest.approx(registered)
    assert hottest == sorted(hottest)
    assert hottest[2] > 1.05 * hottest[0]


def test_the_search_stays_inside_the_organ() -> None:
    full = doses_of(drawn_ball((-60, 0, 0), 12.0), two_courses())
    own = full.metric("Max[Gy]", 1, "EQD2", RATIO)
    other = full.metric("Max[Gy]", 2, "EQD2", RATIO)
    found = searched_maxima(full.samples, full.doses, RATIO, distances_mm={1: 50.0})
    # All of the tumour of course 1 lies within 50 mm, but not in the organ.
    assert own is not None
    assert other is not None
    assert own <= (found["Max[Gy]"] or 0.0) <= own + other + 1e-9


@given(st.integers(0, 1000))
def test_hottest_on_hottest_is_the_sum_of_ordered_doses(seed: int) -> None:
    random = np.random.default_rng(seed)
    doses = random.uniform(0, 50, (2, 40))
    curves = [dose_volume(one, np.full(40, 0.25)) for one in doses]
    total = hottest_on_hottest(curves, 10.0)
    slow = dose_volume(np.sort(doses, axis=1).sum(axis=0), np.full(40, 0.25))
    for name in ("Mean[Gy]", "Max[Gy]", "D0.5cc[Gy]", "V40Gy[cc]", "D50%[Gy]"):
        assert metric_value(name, total) == pytest.approx(metric_value(name, slow))


def test_drawings_of_different_volume_meet_at_their_hottest() -> None:
    small = dose_volume(np.array([30.0, 10.0]), np.array([1.0, 1.0]))
    large = dose_volume(np.array([20.0, 5.0, 1.0]), np.array([1.0, 2.0, 7.0]))
    total = hottest_on_hottest([small, large], 5.0)
    assert total.volume_cc == pytest.approx(5.0)
    assert total.values_gy.tolist() == [50.0, 15.0, 11.0]
    assert total.volumes_cc == pytest.approx([1.0, 2.0, 2.0])


def test_the_sum_of_hottest_parts_is_no_bound_of_a_small_volume() -> None:
    volumes = np.full(100, 0.06)
    first, second = np.zeros(100), np.zeros(100)
    first[0], second[1] = 40.0, 40.0
    parts = [dose_volume(first, volumes), dose_volume(second, volumes)]
    worst = hottest_on_hottest(parts, 6.0)
    together = dose_volume(first + second, volumes)
    assert metric_value("D0.09cc[Gy]", together) > metric_value("D0.09cc[Gy]", worst)


@pytest.mark.parametrize(("outside_gy", "known"), [(2.0, True), (30.0, False)])
def test_maxima_that_may_be_higher_beyond_the_grid_are_not_given(
    outside_gy: float, *, known: bool
) -> None:
    """The points lie 5.2 mm apart: none is near another, or the neighbours are."""
    doses = point_doses(
        {1: ([40.0, 1.0, outside_gy], 5), 2: ([1.0] * 3, 5)}, uncovered={1: [2]}
    )
    for distance_mm in (0.0, 6.0):
        found = searched_maxima(
            doses.samples, doses.doses, RATIO, distances_mm={1: distance_mm}
        )
        assert (found["Max[Gy]"] is not None) is known
