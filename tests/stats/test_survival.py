"""Kaplan-Meier, follow-up and the log-rank test."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from reirrad.stats.results import AtHorizon, TimeToEvent
from reirrad.stats.survival import (
    kaplan_meier,
    log_rank,
    product_limit,
    reverse_kaplan_meier,
)
from reirrad.stats.times import CENSORED, COMPETING, EVENT, Observed
from tests.stats.groups import Units, group, groups_of, same_test, stretched, units


def slow_survival(rows: Units, months: float) -> Fraction:
    """Product over the times of events, person by person."""
    survival = Fraction(1)
    for time in sorted({when for when, what in rows if what == EVENT}):
        if time <= months:
            at_risk = [row for row in rows if row[0] >= time]
            died = [row for row in at_risk if row == (time, EVENT)]
            survival *= 1 - Fraction(len(died), len(at_risk))
    return survival


def slow_follow_up(rows: Units, months: float) -> Fraction:
    """The same for censoring, which those with an event at that time do not await."""
    follow_up = Fraction(1)
    for time in sorted({when for when, what in rows if what == CENSORED}):
        if time <= months:
            ends = [row for row in rows if row == (time, CENSORED)]
            later = [row for row in rows if row[0] > time]
            follow_up *= 1 - Fraction(len(ends), len(ends) + len(later))
    return follow_up


def curve_values(result: TimeToEvent) -> list[tuple[float, float]]:
    assert result.curve is not None
    return list(zip(result.curve.times_months, result.curve.estimate, strict=True))


@given(units(outcomes=2))
def test_survival_is_the_product_over_deaths(rows: Units) -> None:
    for months, survival in curve_values(kaplan_meier(group(rows))):
        assert survival == pytest.approx(float(slow_survival(rows, months)), abs=1e-12)


@given(units(outcomes=2))
def test_follow_up_is_the_product_over_censorings(rows: Units) -> None:
    for months, followed in curve_values(reverse_kaplan_meier(group(rows))):
        expected = float(slow_follow_up(rows, months))
        assert followed == pytest.approx(expected, abs=1e-12)


@given(units(outcomes=1))
def test_without_ties_follow_up_is_survival_turned_round(rows: Units) -> None:
    distinct = [(float(at), what) for at, (_, what) in enumerate(sorted(rows))]
    turned = [(months, 1 - what) for months, what in distinct]
    one = curve_values(reverse_kaplan_meier(group(distinct)))
    other = curve_values(kaplan_meier(group(turned)))
    assert np.array(one) == pytest.approx(np.array(other), abs=1e-12)


@given(units(outcomes=2))
def test_an_interval_is_around_its_estimate(rows: Units) -> None:
    curve = kaplan_meier(group(rows)).curve
    assert curve is not None
    for low, value, high in zip(curve.low, curve.estimate, curve.high, strict=True):
        if value in {0.0, 1.0}:
            assert low is None
            assert high is None
        else:
            assert low is not None
            assert high is not None
            assert 0 <= low < value < high <= 1


@given(units(outcomes=2))
def test_the_order_of_units_changes_nothing(rows: Units) -> None:
    assert kaplan_meier(group(rows)) == kaplan_meier(
        Observed(
            "overall survival",
            "all",
            "patient",
            tuple(float(months) for months, _ in reversed(rows)),
            tuple(what for _, what in reversed(rows)),
            0,
        )
    )


def test_numbers_of_a_group() -> None:
    rows = [(3, EVENT), (4, CENSORED), (5, COMPETING), (8, EVENT), (14, CENSORED)]
    result = kaplan_meier(group(rows, "1A", missing=2))
    assert (result.endpoint, result.stratum) == ("overall survival", "1A")
    assert (result.n, result.events, result.competing, result.missing) == (5, 2, 1, 2)
    assert result.curve is not None
    assert result.curve.at_risk == (5, 5, 4, 3, 2, 1)
    assert result.curve.events == (0, 1, 0, 0, 1, 0)
    # The competing event counts as censored in this curve.
    assert result.curve.censored == (0, 0, 1, 1, 0, 1)
    follow_up = reverse_kaplan_meier(group(rows))
    assert (follow_up.events, follow_up.competing) == (2, 0)
    assert follow_up.curve is not None
    assert follow_up.curve.events == (0, 0, 1, 0, 0, 1)
    assert follow_up.curve.censored == (0, 1, 0, 1, 1, 0)


def only(result: TimeToEvent) -> AtHorizon:
    (at,) = result.at
    return at


def test_an_event_at_the_horizon_counts() -> None:
    at = only(kaplan_meier(group([(12, EVENT), (20, CENSORED)]), fewest_at_risk=2))
    assert (at.estimate, at.at_risk) == (0.5, 2)


def test_with_too_few_left_nothing_is_given() -> None:
    rows = [(3, EVENT), (6, CENSORED), *[(12 + at, CENSORED) for at in range(4)]]
    at = only(kaplan_meier(group(rows)))
    assert at.note == (
        "not given: 4 patients under observation at 12 months, fewer than 5"
    )
    assert (at.estimate, at.low, at.high, at.at_risk) == (None, None, None, 4)
    shown = only(kaplan_meier(group(rows), fewest_at_risk=4))
    assert shown.estimate == pytest.approx(5 / 6)
    assert shown.note == ""
    one = only(kaplan_meier(group([(3, EVENT), (12, CENSORED)])))
    assert (
        one.note == "not given: 1 patient under observation at 12 months, fewer than 5"
    )


def test_beyond_follow_up_nothing_is_given() -> None:
    at = only(kaplan_meier(group([(3, EVENT), (10.26, CENSORED)]), fewest_at_risk=0))
    assert at.note == "not given: nobody is under observation beyond 10.3 months"
    assert (at.estimate, at.at_risk) == (None, 0)


def test_without_events_the_exact_interval_is_named() -> None:
    rows = [(6, CENSORED), *[(14, CENSORED)] * 6]
    at = only(kaplan_meier(group(rows)))
    assert (at.estimate, at.low, at.high) == (1.0, None, None)
    assert at.note == (
        "no patient had it by then; exact interval (Clopper-Pearson) 54.1 to 100.0 %, "
        "of the 6 patients of which it is known"
    )
    assert at.exact_low == pytest.approx(0.541, abs=5e-4)
    assert at.exact_high == 1.0


def test_where_everybody_died_at_the_horizon_the_exact_interval_is_named() -> None:
    at = only(kaplan_meier(group([(12, EVENT)] * 5)))
    assert (at.estimate, at.low, at.high) == (0.0, None, None)
    assert at.note.startswith("every patient had it by then")
    assert at.note.endswith("0.0 to 52.2 %, of the 5 patients of which it is known")


def test_where_everybody_died_before_nothing_is_given() -> None:
    result = kaplan_meier(group([(at, EVENT) for at in range(1, 8)]))
    assert (
        only(result).note == "not given: nobody is under observation beyond 7.0 months"
    )
    assert result.median_months == 4


def test_a_flat_half_has_its_median_in_the_middle() -> None:
    rows = [(1, EVENT), (2, EVENT), (5, EVENT), (6, EVENT)]
    assert kaplan_meier(group(rows)).median_months == 3.5
    # Where the flat half has no end, its start is all that is known.
    open_ended = [(1, EVENT), (2, EVENT), (5, CENSORED), (6, CENSORED)]
    assert kaplan_meier(group(open_ended)).median_months == 2


def test_a_median_that_is_not_reached_is_not_given() -> None:
    result = kaplan_meier(group([(1, EVENT), (5, CENSORED), (6, CENSORED)]))
    assert (result.median_months, result.median_high) == (None, None)


def test_one_unit() -> None:
    died = kaplan_meier(group([(7, EVENT)]))
    assert died.curve is not None
    assert died.curve.estimate == (1.0, 0.0)
    assert (died.median_months, died.median_low, died.median_high) == (7, None, None)
    alive = kaplan_meier(group([(7, CENSORED)]))
    assert alive.curve is not None
    assert alive.curve.estimate == (1.0, 1.0)


def test_events_at_the_origin() -> None:
    result = kaplan_meier(group([(0, EVENT), (0, CENSORED), (4, CENSORED), (9, EVENT)]))
    assert np.array(curve_values(result)) == pytest.approx(
        np.array([(0, 0.75), (4, 0.75), (9, 0.0)])
    )


@pytest.mark.parametrize("estimate", [kaplan_meier, reverse_kaplan_meier])
def test_nobody_has_no_curve(estimate: Callable[..., TimeToEvent]) -> None:
    result = estimate(group([], "1B", missing=3), horizons_months=(6, 12))
    assert (result.n, result.missing, result.curve) == (0, 3, None)
    assert result.median_months is None
    assert [at.note for at in result.at] == [
        "not given: there is no unit with a time"
    ] * 2


def test_an_event_at_the_time_of_a_censoring_leaves_its_risk_set() -> None:
    tied = [(5, EVENT), (5, CENSORED), (9, CENSORED)]
    assert curve_values(reverse_kaplan_meier(group(tied)))[1] == (5, 0.5)


def test_greenwood_by_hand() -> None:
    rows = [(1, EVENT), (2, CENSORED), (3, EVENT), (4, EVENT), (5, CENSORED)]
    survival, error = product_limit(group(rows))
    assert survival.tolist() == pytest.approx([1, 4 / 5, 4 / 5, 8 / 15, 4 / 15, 4 / 15])
    expected = 8 / 15 * np.sqrt(1 / (5 * 4) + 1 / (3 * 2))
    assert error[3] == pytest.approx(expected)


def slow_log_rank(one: Units, other: Units) -> float:
    """Mantel-Haenszel over the two-by-two tables of the times of events."""
    difference = variance = 0.0
    for time in sorted({when for when, what in [*one, *other] if what == EVENT}):
        n1 = sum(when >= time for when, _ in one)
        n2 = sum(when >= time for when, _ in other)
        d1, d2 = (list(rows).count((time, EVENT)) for rows in (one, other))
        d, n = d1 + d2, n1 + n2
        difference += d1 - d * n1 / n
        if n > 1:
            variance += d * (n - d) * n1 * n2 / (n * n * (n - 1))
    return difference**2 / variance if variance else np.nan


@given(units(outcomes=2), units(outcomes=2))
def test_log_rank_of_two_groups_is_mantel_haenszel(one: Units, other: Units) -> None:
    result = log_rank([group(one, "1A"), group(other, "2")])
    expected = slow_log_rank(one, other)
    if result.statistic is None:
        assert result.note
        assert np.isnan(expected) or "only" in result.note
    else:
        assert result.statistic == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert result.degrees == 1


@given(units(outcomes=1), units(outcomes=1), units(outcomes=1))
def test_log_rank_knows_neither_order_nor_scale(a: Units, b: Units, c: Units) -> None:
    one = log_rank([group(a, "1A"), group(b, "1B"), group(c, "2")])
    other = log_rank(
        [
            group(stretched(rows), name)
            for rows, name in ((c, "2"), (a, "1A"), (b, "1B"))
        ]
    )
    same_test(one, other)


def test_published_log_rank_of_freireich() -> None:
    groups = groups_of("freireich")
    result = log_rank([groups["6-MP"], groups["placebo"]])
    assert result.statistic == pytest.approx(16.79, abs=0.005)
    assert result.groups == {"6-MP": 21, "placebo": 21}
    assert (result.name, result.note) == ("log-rank", "")


def test_published_log_rank_of_the_rats() -> None:
    groups = groups_of("rats")
    result = log_rank([groups["1"], groups["2"]])
    assert (result.statistic, result.p) == pytest.approx((3.12, 0.077), abs=0.005)


DIED = [(2, EVENT), (4, EVENT), (9, CENSORED)]


@pytest.mark.parametrize(
    ("others", "note"),
    [
        ([], "not made: only 1A has units under observation at an event"),
        ([("1B", [])], "not made: only 1A has units under observation at an event"),
        (
            [("1B", [(1, CENSORED)])],
            "not made: only 1A has units under observation at an event",
        ),
    ],
)
def test_one_group_is_not_compared(others: list[tuple[str, Units]], note: str) -> None:
    groups = [group(DIED, "1A"), *[group(rows, name) for name, rows in others]]
    result = log_rank(groups)
    assert (result.statistic, result.degrees, result.p) == (None, None, None)
    assert result.note == note


def test_without_events_groups_are_not_compared() -> None:
    alive = [(5, CENSORED), (6, COMPETING)]
    result = log_rank([group(alive, "1A"), group(alive, "2")])
    assert (result.p, result.note) == (None, "not made: no event in any group")


def test_an_event_of_all_that_are_left_says_nothing() -> None:
    result = log_rank([group([(5, EVENT)], "1A"), group([(5, EVENT)], "2")])
    assert result.p is None
    assert result.note == (
        "not made: the events are too few to tell how much they vary by chance"
    )


def test_a_group_that_cannot_take_part_is_named_and_counts_no_degree() -> None:
    later = [(3, EVENT), (7, CENSORED), (8, EVENT)]
    result = log_rank([group(DIED, "1A"), group([], "1B"), group(later, "2")])
    assert result.note == "left out, as nobody is under observation at an event: 1B"
    assert result.groups == {"1A": 3, "1B": 0, "2": 3}
    two = log_rank([group(DIED, "1A"), group(later, "2")])
    assert (result.statistic, result.degrees) == (two.statistic, 1)


@pytest.mark.parametrize("strata", [("1A", "1A"), ()])
def test_groups_have_names_of_their_own(strata: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="names of their own"):
        log_rank([group(DIED, stratum) for stratum in strata])
