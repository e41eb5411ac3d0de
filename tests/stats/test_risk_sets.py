"""Counts of a group at its times."""

import math

import numpy as np
import pytest
from hypothesis import given

from reirrad.stats.risk_sets import checked, risk_sets
from reirrad.stats.times import CENSORED, COMPETING, EVENT, Observed
from tests.stats.groups import group, units


def test_counts_at_each_time() -> None:
    sets = risk_sets(
        group([(2, EVENT), (2, CENSORED), (5, COMPETING), (5, EVENT), (9, CENSORED)])
    )
    assert sets.times_months.tolist() == [0, 2, 5, 9]
    assert sets.at_risk.tolist() == [5, 5, 3, 1]
    assert sets.events.tolist() == [0, 1, 1, 0]
    assert sets.competing.tolist() == [0, 0, 1, 0]
    assert sets.censored.tolist() == [0, 1, 0, 1]


def test_what_happens_at_the_origin_stands_at_time_0() -> None:
    sets = risk_sets(group([(0, EVENT), (0, CENSORED), (3, EVENT)]))
    assert (sets.times_months.tolist(), sets.at_risk.tolist()) == ([0, 3], [3, 1])
    assert (sets.events.tolist(), sets.censored.tolist()) == ([1, 1], [1, 0])


def test_nobody_leaves_time_0_alone() -> None:
    sets = risk_sets(group([]))
    assert (sets.times_months.tolist(), sets.at_risk.tolist()) == ([0], [0])


def test_given_times_hold_those_of_several_groups() -> None:
    sets = risk_sets(group([(2, EVENT)]), np.array([1.0, 2.0, 3.0]))
    assert (sets.at_risk.tolist(), sets.events.tolist()) == ([1, 1, 0], [0, 1, 0])


@given(units(outcomes=2))
def test_who_is_at_risk_is_who_has_not_left(rows: list[tuple[float, int]]) -> None:
    sets = risk_sets(group(rows))
    left = sets.events + sets.competing + sets.censored
    assert left.sum() == len(rows)
    assert (sets.at_risk[1:] == sets.at_risk[:-1] - left[:-1]).all()


def _observed(months: tuple[float, ...], outcome: tuple[int, ...]) -> Observed:
    return Observed("overall survival", "all", "patient", months, outcome, 0)


@pytest.mark.parametrize(
    ("months", "outcome", "message"),
    [
        ((1.0, 2.0), (EVENT,), "2 times, but 1 outcomes"),
        ((-0.1,), (EVENT,), "0 or more"),
        ((math.nan,), (EVENT,), "0 or more"),
        ((math.inf,), (CENSORED,), "0 or more"),
        ((1.0,), (3,), r"found \[3\]"),
    ],
)
def test_times_that_cannot_be_are_refused(
    months: tuple[float, ...], outcome: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        checked(_observed(months, outcome))
