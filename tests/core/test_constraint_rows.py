"""Each organ, metric and level of a set has columns of its own."""

import re
from dataclasses import replace

import pytest

from reirrad.core.constraint_rows import Constraint, limit_kind, select_constraints
from reirrad.core.constraints import Query, evaluate_constraints
from reirrad.knowledge.constraint_tables import (
    constraint_set_names,
    load_constraints,
)
from tests.core.budget_specimens import constraint

EVERY = [
    row for row in load_constraints(constraint_set_names()) if row.scope == "course"
]
STEREOTACTIC = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 25]


def row(
    metric: str, limit: float, n_fractions: int, *, organ: str = "Liver"
) -> Constraint:
    return constraint(
        metric,
        limit,
        organ=organ,
        relation=">=" if metric.startswith("C") else "<",
        quantity="physical",
        scope="course",
        n_fractions=n_fractions,
    )


@pytest.mark.parametrize("n_fractions", STEREOTACTIC)
def test_no_limit_of_a_shipped_set_vanishes(n_fractions: int) -> None:
    chosen = select_constraints(EVERY, n_fractions=n_fractions)
    assert {
        (organ, limit_kind(one.constraint))
        for one in chosen
        for organ in one.constraint.organs
    } == {(organ, limit_kind(one)) for one in EVERY for organ in one.organs}


@pytest.mark.parametrize("n_fractions", STEREOTACTIC)
def test_a_number_that_is_tabulated_is_taken_and_no_other(n_fractions: int) -> None:
    for one in select_constraints(EVERY, n_fractions=n_fractions):
        found = one.constraint
        own = {
            other.n_fractions
            for other in EVERY
            if limit_kind(other) == limit_kind(found) and other.organs == found.organs
        }
        if n_fractions in own:
            assert (found.n_fractions, one.applicable, one.note) == (
                n_fractions,
                True,
                "",
            )
        else:
            assert one.note
            numbers = [number for number in own if number is not None]
            assert one.applicable is (min(numbers) < n_fractions < max(numbers))


def test_rows_of_one_limit_are_for_the_same_organs() -> None:
    """Else an organ would have its columns in two places."""
    for one in EVERY:
        for other in EVERY:
            if limit_kind(one) == limit_kind(other) and one.organs != other.organs:
                assert not set(one.organs) & set(other.organs)


@pytest.mark.parametrize("n_fractions", [8, 12])
def test_the_uk_limits_of_a_long_course_are_not_evaluable(n_fractions: int) -> None:
    asked: list[Query] = []
    results = evaluate_constraints(
        load_constraints(["uk2022"]),
        course_fractions={1: n_fractions},
        structures={"Liver", "Duodenum", "Stomach", "Bowel_Small", "BileDuct_Common"},
        alpha_beta_gy=lambda _: 3.0,
        measure=asked.append,
    )
    assert not asked
    assert {one.structure for one in results if one.scope == "course 1"} >= {
        "Liver-GTV",
        "Duodenum",
        "Stomach",
        "Bowel_Small",
        "BileDuct_Common",
    }
    of_liver = [one for one in results if one.structure == "Liver-GTV"]
    assert {one.verdict for one in of_liver} == {"not evaluable"}
    assert all("uk2022 has this limit for at most" in one.note for one in of_liver)
    assert all(f"the course has {n_fractions}" in one.note for one in of_liver)


def test_a_column_of_another_organ_says_nothing_of_this_one() -> None:
    rows = [
        row("D0.1cc[Gy]", 35.0, 5, organ="Duodenum"),
        row("D0.1cc[Gy]", 40.0, 3, organ="Esophagus"),
        row("D0.1cc[Gy]", 60.0, 8, organ="Esophagus"),
    ]
    four = {
        one.constraint.organs[0]: one for one in select_constraints(rows, n_fractions=4)
    }
    assert not four["Duodenum"].applicable
    assert "for 5 fractions, the course has 4" in four["Duodenum"].note
    assert four["Esophagus"].applicable
    assert four["Esophagus"].constraint.n_fractions == 3


@pytest.mark.parametrize(
    ("below", "above", "column", "said"),
    [
        (("Mean[Gy]", 13.0), ("Mean[Gy]", 15.2), 3, "the stricter ones for 3"),
        (("Mean[Gy]", 13.0), ("Mean[Gy]", 13.0), 3, "which are those for 5 too"),
        (("V10Gy[%]", 33.0), ("V10Gy[%]", 10.0), 5, "the stricter ones for 5"),
        (("V10Gy[%]", 33.0), ("V12Gy[%]", 33.0), 3, "the stricter ones for 3"),
        (("CV17.1Gy[cc]", 700.0), ("CV21Gy[cc]", 700.0), 3, "the stricter ones for 3"),
        (("CV21Gy[cc]", 700.0), ("CV21Gy[cc]", 900.0), 5, "the stricter ones for 5"),
        (("V10Gy[%]", 33.0), ("V12Gy[%]", 20.0), 3, "; those for 3 are used"),
    ],
)
def test_between_two_numbers_the_stricter_is_used_and_said_truly(
    below: tuple[str, float], above: tuple[str, float], column: int, said: str
) -> None:
    (chosen,) = select_constraints([row(*below, 3), row(*above, 5)], n_fractions=4)
    assert chosen.applicable
    assert chosen.constraint.n_fractions == column
    assert said in chosen.note
    assert re.match(r"tabled has no limits for 4 fractions; ", chosen.note)


def test_levels_have_columns_of_their_own() -> None:
    """10 % is optimal for 5 fractions; it makes 33 % for 3 no stricter one for 4."""
    rows = [
        replace(row("V10Gy[%]", 33.0, 3, organ="Kidneys"), level="mandatory"),
        replace(row("V10Gy[%]", 10.0, 5, organ="Kidneys"), level="optimal"),
    ]
    for one in select_constraints(rows, n_fractions=4):
        assert not one.applicable
        assert "stricter" not in one.note
