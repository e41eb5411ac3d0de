"""Cumulative incidence and Gray's test."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from reirrad.stats.competing import cumulative_incidence, gray, incidence
from reirrad.stats.results import AtHorizon, TimeToEvent
from reirrad.stats.risk_sets import risk_sets
from reirrad.stats.survival import product_limit
from reirrad.stats.times import CENSORED, COMPETING, EVENT
from tests.stats.groups import Units, group, same_test, stretched, units


def slow_steps(rows: Units) -> Iterator[tuple[float, Fraction, Fraction, Fraction]]:
    """Time, both incidences and the probability of neither, person by person."""
    own = competing = Fraction(0)
    free = Fraction(1)
    yield 0, own, competing, free
    for time in sorted({when for when, _ in rows}):
        at_risk = [what for when, what in rows if when >= time]
        now = [what for when, what in rows if when == time]
        own += free * Fraction(now.count(EVENT), len(at_risk))
        competing += free * Fraction(now.count(COMPETING), len(at_risk))
        free *= 1 - Fraction(len(now) - now.count(CENSORED), len(at_risk))
        yield time, own, competing, free


@given(units())
def test_incidence_is_the_sum_of_what_happens_to_the_event_free(rows: Units) -> None:
    estimate, _ = incidence(group(rows))
    by_time = {time: own for time, own, _, _ in slow_steps(rows)}
    assert estimate == pytest.approx(np.array(list(by_time.values()), float), abs=1e-12)


@given(units())
def test_both_incidences_and_nothing_add_up(rows: Units) -> None:
    turned = [
        (when, {EVENT: COMPETING, COMPETING: EVENT}.get(what, what))
        for when, what in rows
    ]
    either = [(when, min(what, EVENT)) for when, what in rows]
    total = (
        incidence(group(rows))[0]
        + incidence(group(turned))[0]
        + product_limit(group(either))[0]
    )
    assert total == pytest.approx(np.ones(len(total)), abs=1e-12)


@given(units(outcomes=1))
def test_without_competition_incidence_is_the_rest_of_survival(rows: Units) -> None:
    survival, _ = product_limit(group(rows))
    assert incidence(group(rows))[0] == pytest.approx(1 - survival, abs=1e-12)


def slow_variance(rows: Units) -> list[float]:
    """The sum in the documentation, term by term."""
    sets = risk_sets(group(rows))
    steps = {float(time): step for time, *step in slow_steps(rows)}
    own = [float(steps[time][0]) for time in sets.times_months]
    free = [float(steps[time][2]) for time in sets.times_months]
    result = []
    for t in range(len(own)):
        total = 0.0
        for s in range(1, t + 1):
            n = float(sets.at_risk[s])
            later = (own[t] - own[s]) / free[s] if free[s] else 0.0
            for count, factor in (
                (float(sets.events[s]), 1 - later),
                (float(sets.competing[s]), later),
            ):
                ties = (n - count) / (n - 1) if count > 1 else 1.0
                total += factor**2 * free[s - 1] ** 2 * count / n**2 * ties
        result.append(total)
    return result


@given(units().map(lambda rows: [(when + 1, what) for when, what in rows]))
def test_the_variance_is_the_documented_sum(rows: Units) -> None:
    assert incidence(group(rows))[1] == pytest.approx(
        np.array(slow_variance(rows)), abs=1e-12
    )


def only(result: TimeToEvent) -> AtHorizon:
    (at,) = result.at
    return at


def test_numbers_of_a_group() -> None:
    rows = [(3, EVENT), (4, COMPETING), (5, CENSORED), (13, EVENT), (14, CENSORED)]
    result = cumulative_incidence(group(rows, "1B", missing=1), fewest_at_risk=2)
    assert (result.n, result.events, result.competing, result.missing) == (5, 2, 1, 1)
    assert result.median_months is None
    assert result.curve is not None
    assert result.curve.estimate == pytest.approx((0, 0.2, 0.2, 0.2, 0.5, 0.5))
    assert result.curve.censored == (0, 0, 0, 1, 0, 1)
    at = only(result)
    assert at.estimate == pytest.approx(0.2)
    assert (at.at_risk, at.note) == (2, "")
    assert at.low is not None
    assert at.high is not None
    assert 0 < at.low < 0.2 < at.high < 1


def test_without_the_event_the_exact_interval_is_of_all_that_are_known() -> None:
    rows = [(3, COMPETING), (7, CENSORED), *[(14, CENSORED)] * 5, (15, COMPETING)]
    at = only(cumulative_incidence(group(rows)))
    assert (at.estimate, at.low, at.high, at.at_risk) == (0.0, None, None, 6)
    # Six are under observation, and one died before: of seven it is known.
    assert at.note == (
        "no patient had it by then; exact interval (Clopper-Pearson) 0.0 to 41.0 %, "
        "of the 7 patients of which it is known"
    )


def test_who_has_a_competing_event_at_the_time_is_known_once() -> None:
    at = only(cumulative_incidence(group([(12, COMPETING), *[(14, CENSORED)] * 5])))
    assert "of the 6 patients of which it is known" in at.note


def test_where_every_unit_has_the_event_there_is_no_interval() -> None:
    result = cumulative_incidence(group([(3, EVENT), (5, EVENT), (12, EVENT)]))
    assert result.curve is not None
    assert result.curve.estimate[-1] == 1.0
    assert result.curve.high[-1] is None
    shown = only(
        cumulative_incidence(group([(12, EVENT)] * 5), horizons_months=(12.0,))
    )
    assert shown.note.startswith("every patient had it by then")


def test_with_too_few_left_nothing_is_given() -> None:
    at = only(cumulative_incidence(group([(3, EVENT), (14, CENSORED)])))
    assert (at.estimate, at.at_risk) == (None, 1)
    assert "fewer than 5" in at.note


def test_nobody_has_no_curve() -> None:
    result = cumulative_incidence(group([], missing=2))
    assert (result.n, result.missing, result.curve) == (0, 2, None)
    assert only(result).note == "not given: there is no unit with a time"


@pytest.mark.parametrize("what", [CENSORED, COMPETING])
def test_without_events_incidence_stays_at_zero(what: int) -> None:
    estimate, variance = incidence(group([(2, what), (5, what)]))
    assert estimate.tolist() == [0, 0, 0]
    assert variance.tolist() == [0, 0, 0]


@given(units(), units(), units())
def test_gray_knows_neither_order_nor_scale(a: Units, b: Units, c: Units) -> None:
    one = gray([group(a, "1A"), group(b, "1B"), group(c, "2")])
    two = gray(
        [group(stretched(r), name) for r, name in ((a, "1A"), (b, "1B"), (c, "2"))]
    )
    same_test(one, two)
    turned = gray([group(c, "2"), group(a, "1A"), group(b, "1B")])
    if one.statistic is not None:
        assert turned.statistic == pytest.approx(one.statistic, rel=1e-6, abs=1e-9)
        assert one.statistic >= 0


@given(units())
def test_groups_that_are_alike_do_not_differ(rows: Units) -> None:
    result = gray([group(rows, "1A"), group(rows, "2")])
    if result.p is not None:
        assert result.p == pytest.approx(1.0)


def test_more_events_are_found() -> None:
    often = [(when, EVENT) for when in range(1, 16)] + [(20, CENSORED)] * 5
    seldom = [(when, COMPETING) for when in range(1, 16)] + [(20, CENSORED)] * 5
    result = gray([group(often, "1A"), group(seldom, "2")])
    assert result.p is not None
    assert result.p < 1e-4
    assert (result.name, result.degrees, result.note) == ("Gray", 1, "")


def test_without_the_event_groups_are_not_compared() -> None:
    died = [(5, COMPETING), (6, CENSORED)]
    result = gray([group(died, "1A"), group(died, "2")])
    assert (result.p, result.note) == (None, "not made: no event in any group")


def test_an_event_of_all_that_are_left_says_nothing() -> None:
    result = gray([group([(5, EVENT)], "1A"), group([(5, EVENT)], "2")])
    assert result.p is None
    assert "too few" in result.note
