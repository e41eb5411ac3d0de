from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.constraints import Relation
from reirrad.reports.wording import (
    NOT_AVAILABLE,
    compared_numbers,
    courses_named,
    decimal,
    interval,
    limit_text,
    person_name,
    share_of_limit,
    type_sentence,
    type_word,
    verdict_cell,
)
from tests.reports.specimens import two_courses


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.0"),
        (-0.0, "0.0"),
        (0.04, "<0.1"),
        (0.1, "0.1"),
        (1283.44, "1283.4"),
        (None, NOT_AVAILABLE),
    ],
)
def test_numbers_are_rounded_for_people(value: float | None, shown: str) -> None:
    assert decimal(value) == shown


@given(st.floats(min_value=0.01, max_value=100.0), st.integers(1, 100))
def test_a_value_never_reads_like_a_limit_that_it_misses(
    value: float, limit: int
) -> None:
    shown, shown_limit = compared_numbers(value, float(limit))
    if abs(value - limit) >= 0.0001:
        assert shown.rstrip("0").rstrip(".") != shown_limit


def test_a_missing_value_is_said_in_words() -> None:
    assert compared_numbers(None, 15.0) == (NOT_AVAILABLE, "15")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Doe", "Doe"),
        ("^Jane", "Jane"),
        ("Yamada^Tarou=山田^太郎", "Yamada, Tarou"),
        ("", NOT_AVAILABLE),
        ("^^^", NOT_AVAILABLE),
    ],
)
def test_person_names_are_written_as_people_write_them(name: str, shown: str) -> None:
    assert person_name(name) == shown


def test_intervals_and_courses_in_words() -> None:
    assert interval(1) == "1 day"
    assert interval(365) == "365 days (12.0 months)"
    assert courses_named((1, 2)) == "courses 1 and 2"


@pytest.mark.parametrize("resbrt_type", ["1A", "1B", "2", "1B*", "undetermined"])
def test_every_type_has_a_sentence(resbrt_type: str) -> None:
    assert type_sentence(resbrt_type, "Liver").endswith(".")


def test_an_undetermined_type_is_never_called_a_type() -> None:
    assert type_word("undetermined") == "VERDICT WITHHELD"


@pytest.mark.parametrize("verdict", ["met", "exceeded", "not evaluable"])
def test_verdicts_are_words_beside_a_symbol(verdict: str) -> None:
    symbol, _, word = verdict_cell(verdict).text.partition(" ")
    assert word == verdict
    assert not symbol.isalnum()


@pytest.mark.parametrize(
    ("relation", "value", "share"),
    [("<", 5.0, 0.5), ("<=", 20.0, 2.0), (">=", 20.0, 0.5), (">", 5.0, 2.0)],
)
def test_a_limit_is_fuller_the_nearer_it_is(
    relation: Relation, value: float, share: float
) -> None:
    result = replace(
        two_courses().constraints[0], relation=relation, limit=10.0, value=value
    )
    assert share_of_limit(result) == share


def test_a_limit_of_zero_can_be_kept_or_not() -> None:
    result = replace(two_courses().constraints[0], limit=0.0)
    assert share_of_limit(replace(result, value=0.0)) == 0.0
    assert share_of_limit(replace(result, value=1.0)) == float("inf")
    assert share_of_limit(replace(result, value=None)) < 0


def test_relations_are_written_as_signs() -> None:
    result = replace(two_courses().constraints[0], relation="<=")
    assert limit_text(result, "13") == "≤ 13 Gy"
