import numpy as np
import pytest

from reirrad.core.uncertainty import (
    Spread,
    no_spread,
    shares_percent,
    spread_of,
    type_sentence,
)


def test_a_spread_has_the_percentiles_of_its_draws() -> None:
    draws = np.random.default_rng(1).normal(10.0, 2.0, 1000)
    found = spread_of(draws, 10.0)
    assert (found.low, found.median, found.high) == pytest.approx(
        tuple(np.quantile(draws, [0.05, 0.5, 0.95]))
    )


def test_equal_draws_are_the_reported_value() -> None:
    assert spread_of(np.full(20, 3.5), 3.5) == Spread(3.5, 3.5, 3.5, 3.5)


def test_unknown_draws_widen_an_interval_until_there_is_none() -> None:
    draws = np.arange(1.0, 101.0)
    sure = spread_of(draws, 50.0)
    draws[[10, 50]] = np.nan
    some = spread_of(draws, 50.0)
    assert some.low is not None
    assert some.high is not None
    assert (some.low, some.high) != (sure.low, sure.high)
    assert some.low < (sure.low or 0.0)
    draws[:10] = np.nan
    assert spread_of(draws, 50.0) == no_spread(50.0)


def test_what_is_not_reported_has_no_spread() -> None:
    assert spread_of(np.arange(10.0), None) == Spread(None, None, None, None)
    assert spread_of(np.empty(0), 1.0) == no_spread(1.0)


def test_shares_add_up_and_are_told_by_size() -> None:
    shares = shares_percent(["1A"] * 29 + ["1B"] * 71)
    assert sum(shares.values()) == pytest.approx(100.0)
    assert type_sentence(shares).startswith("type 1B in 71 % of plausible")
    assert type_sentence({}) == ""
    assert type_sentence({"2": 100.0}) == "type 2 in 100 % of plausible registrations"
