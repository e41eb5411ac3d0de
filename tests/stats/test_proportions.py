"""Shares and their intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from reirrad.stats.proportions import clopper_pearson, share, shares, wilson
from reirrad.stats.results import Share

COUNTED = st.integers(1, 200).flatmap(
    lambda of: st.tuples(st.integers(0, of), st.just(of))
)


@given(COUNTED)
def test_exact_bounds_are_quantiles_of_beta(counted: tuple[int, int]) -> None:
    count, of = counted
    low, high = clopper_pearson(count, of)
    below = beta.ppf(0.025, count, of - count + 1) if count else 0.0
    above = beta.ppf(0.975, count + 1, of - count) if count < of else 1.0
    assert (low, high) == pytest.approx((below, above), abs=1e-12)


@given(COUNTED)
def test_exact_bounds_leave_a_tail_of_a_fortieth(counted: tuple[int, int]) -> None:
    count, of = counted
    low, high = clopper_pearson(count, of)
    if count > 0:
        assert binom.sf(count - 1, of, low) == pytest.approx(0.025, abs=1e-9)
    if count < of:
        assert binom.cdf(count, of, high) == pytest.approx(0.025, abs=1e-9)


@given(COUNTED)
def test_score_bounds_solve_their_equation(counted: tuple[int, int]) -> None:
    count, of = counted
    observed = count / of
    for bound in wilson(count, of):
        assert bound is not None
        distance = (observed - bound) ** 2
        variance = bound * (1 - bound) / of
        assert distance == pytest.approx(1.959963984540054**2 * variance, abs=1e-9)


def test_no_event_has_an_upper_bound() -> None:
    assert clopper_pearson(0, 18) == pytest.approx((0.0, 1 - 0.025 ** (1 / 18)))


def test_a_wider_level_is_wider() -> None:
    low, high = clopper_pearson(3, 18, level=0.99)
    narrow_low, narrow_high = clopper_pearson(3, 18)
    assert low is not None
    assert high is not None
    assert narrow_low is not None
    assert narrow_high is not None
    assert low < narrow_low < 3 / 18 < narrow_high < high


def test_a_share_of_nobody_has_no_bounds() -> None:
    assert share("grade 3", 0, 0) == Share("grade 3", 0, 0, None, None)
    assert wilson(0, 0) == (None, None)


@pytest.mark.parametrize(("count", "of"), [(-1, 4), (5, 4)])
def test_more_than_the_denominator_is_refused(count: int, of: int) -> None:
    with pytest.raises(ValueError, match="some of its denominator"):
        clopper_pearson(count, of)


def test_shares_have_every_value_and_count_the_missing() -> None:
    found = shares(["1B", None, "1A", "1B"], ["1A", "1B", "2"])
    assert found.missing == 1
    assert [(s.label, s.count, s.of) for s in found.shares] == [
        ("1A", 1, 3),
        ("1B", 2, 3),
        ("2", 0, 3),
    ]
    assert found.shares[2].low == 0.0


def test_shares_of_nobody() -> None:
    found = shares([None], ["yes", "no"])
    assert [(s.count, s.of, s.high) for s in found.shares] == [(0, 0, None)] * 2


@pytest.mark.parametrize("order", [["1A"], ["1A", "2", "2"]])
def test_a_value_outside_the_order_is_refused(order: list[str]) -> None:
    with pytest.raises(ValueError, match="not a value of this quality"):
        shares(["1A", "2"], order)
