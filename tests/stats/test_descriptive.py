"""Distributions."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.stats.descriptive import distribution

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


def test_a_distribution_is_what_the_textbook_gives() -> None:
    found = distribution([2, None, 4, 4, 5, 7, 9, None])
    assert (found.n, found.missing) == (6, 2)
    assert (found.mean, found.median) == (31 / 6, 4.5)
    assert found.sd == pytest.approx(statistics.stdev([2, 4, 4, 5, 7, 9]))
    assert (found.lower_quartile, found.upper_quartile) == (4.0, 6.5)
    assert (found.minimum, found.maximum) == (2.0, 9.0)


def test_quartiles_are_those_of_type_7() -> None:
    found = distribution([1, 2, 3, 4])
    assert (found.lower_quartile, found.upper_quartile) == (1.75, 3.25)


def test_one_value_has_no_standard_deviation() -> None:
    found = distribution([3.5])
    assert found.sd is None
    assert {found.mean, found.median, found.minimum, found.maximum} == {3.5}


def test_no_value_gives_no_number() -> None:
    found = distribution([None, None])
    assert (found.n, found.missing, found.mean, found.maximum) == (0, 2, None, None)
    assert distribution([]).missing == 0


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_value_that_is_not_a_number_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="is None"):
        distribution([1.0, wrong])


@given(st.data(), VALUES)
def test_order_changes_nothing(data: st.DataObject, values: list[float]) -> None:
    shuffled = data.draw(st.permutations(values))
    assert distribution(shuffled) == distribution(values)


@given(VALUES)
def test_quartiles_are_those_of_the_standard_library(values: list[float]) -> None:
    found = distribution(values)
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    assert [
        found.lower_quartile,
        found.median,
        found.upper_quartile,
    ] == pytest.approx(quartiles, rel=1e-9, abs=1e-6)
