"""Which limits fit a course, and what is met, exceeded or not evaluable."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraints import (
    Constraint,
    Measured,
    Query,
    evaluate_constraints,
    holds,
    select_constraints,
)
from reirrad.core.radiobiology import eqd2


def limit(
    metric: str,
    value: float,
    n_fractions: int | None = 5,
    *,
    organs: tuple[str, ...] = ("Duodenum",),
    relation: Literal["<", "<=", ">", ">="] = "<",
) -> Constraint:
    return Constraint(
        set="tabled",
        organs=organs,
        metric=metric,
        relation=relation,
        limit=value,
        quantity="physical",
        level="single",
        source="a book",
        verification="secondary",
        n_fractions=n_fractions,
    )


CUMULATIVE = replace(
    limit("D0.1cc[Gy]", 98.0, None),
    quantity="EQD2",
    alpha_beta_gy=3.0,
    scope="cumulative",
)
LATER = replace(limit("V15Gy[cc]", 120.0, None), scope="later course")
THREE_COLUMNS = tuple(
    limit("D0.1cc[Gy]", value, n) for n, value in ((1, 12.4), (3, 22.2), (5, 32.0))
)


class Doses:
    """Answers queries from a table and remembers what was asked."""

    def __init__(self, values: Mapping[tuple[str, int | str], float | None]) -> None:
        self.values = values
        self.asked: list[Query] = []

    def __call__(self, query: Query) -> Measured | None:
        self.asked.append(query)
        value = self.values.get((query.metric, query.scope))
        return None if value is None else Measured(value)


def evaluated(
    *constraints: Constraint,
    values: Mapping[tuple[str, int | str], float | None],
    course_fractions: Mapping[int, int] | None = None,
    structures: tuple[str, ...] = ("Duodenum",),
) -> tuple[ConstraintResult, ...]:
    return evaluate_constraints(
        constraints,
        course_fractions=course_fractions or {1: 5, 2: 5},
        structures=structures,
        alpha_beta_gy=lambda _: 3.0,
        measure=Doses(values),
    )


@pytest.mark.parametrize(
    ("relation", "below", "at", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_a_value_at_the_limit_is_judged_by_the_relation(
    relation: str,
    below: bool,  # noqa: FBT001
    at: bool,  # noqa: FBT001
    above: bool,  # noqa: FBT001
) -> None:
    assert [holds(value, relation, 35.0) for value in (34.9, 35.0, 35.1)] == [
        below,
        at,
        above,
    ]


@pytest.mark.parametrize(
    ("n_fractions", "column", "applicable", "said"),
    [
        (1, 1, True, ""),
        (2, 1, True, "stricter ones for 1"),
        (3, 3, True, ""),
        (4, 3, True, "stricter ones for 3"),
        (5, 5, True, ""),
        (6, 5, False, "at most 5 fractions, the course has 6"),
        (25, 5, False, "at most 5 fractions, the course has 25"),
    ],
)
def test_the_next_lower_tabulated_number_is_used_and_said(
    n_fractions: int,
    column: int,
    applicable: bool,  # noqa: FBT001
    said: str,
) -> None:
    (selection,) = select_constraints(THREE_COLUMNS, n_fractions=n_fractions)
    assert selection.constraint.n_fractions == column
    assert selection.applicable is applicable
    assert said in selection.note
    assert bool(said) == bool(selection.note)


def test_fewer_fractions_than_tabulated_make_a_set_not_applicable() -> None:
    (selection,) = select_constraints(THREE_COLUMNS[1:], n_fractions=1)
    assert not selection.applicable
    assert "3, 5 fractions" in selection.note


def test_sets_are_selected_independently() -> None:
    other = replace(limit("D0.1cc[Gy]", 40.0, 8), set="other")
    chosen = select_constraints([*THREE_COLUMNS, other], n_fractions=8)
    assert [(s.constraint.set, s.applicable) for s in chosen] == [
        ("tabled", False),
        ("other", True),
    ]


def test_limits_of_the_sum_are_not_selected_for_a_course() -> None:
    assert select_constraints([CUMULATIVE, LATER], n_fractions=5) == ()


@pytest.mark.parametrize(
    ("value", "verdict"), [(31.9, "met"), (32.0, "exceeded"), (40.0, "exceeded")]
)
def test_each_course_is_tested_by_itself(value: float, verdict: str) -> None:
    first, second, summed = evaluated(
        THREE_COLUMNS[2],
        values={("D0.1cc[Gy]", 1): 5.0, ("D0.1cc[Gy]", 2): value},
    )
    assert (first.scope, first.verdict) == ("course 1", "met")
    assert (second.scope, second.verdict) == ("course 2", verdict)
    assert summed.scope == "cumulative"
    assert second.alpha_beta_gy is None


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_an_unknown_value_is_never_met(unknown: float | None) -> None:
    results = evaluated(
        THREE_COLUMNS[2],
        CUMULATIVE,
        values={("D0.1cc[Gy]", scope): unknown for scope in (1, 2, "cumulative")},
    )
    assert {(r.verdict, r.value) for r in results} == {("not evaluable", None)}
    assert all("not known" in r.note for r in results)


@pytest.mark.parametrize(
    ("row", "at_best", "exceeded"),
    [
        (limit("D0.1cc[Gy]", 32.0), 32.0, True),
        (limit("D0.1cc[Gy]", 32.0), 31.9, False),
        (limit("CV21Gy[cc]", 700.0, relation=">="), 699.0, True),
        (limit("CV21Gy[cc]", 700.0, relation=">="), 900.0, False),
    ],
)
def test_what_no_dose_beyond_the_grid_could_keep_is_exceeded_and_else_unknown(
    row: Constraint, at_best: float, *, exceeded: bool
) -> None:
    (result,) = evaluate_constraints(
        [row],
        course_fractions={1: 5},
        structures=("Duodenum",),
        alpha_beta_gy=lambda _: 3.0,
        measure=lambda query: (
            Measured(float("nan"), without_outside=at_best)
            if query.scope == 1
            else None
        ),
    )[:1]
    if exceeded:
        assert (result.verdict, result.value) == ("exceeded", at_best)
        assert "whatever the dose is beyond the grid" in result.note
    else:
        assert (result.verdict, result.value) == ("not evaluable", None)
    assert result.interval is None


def test_an_organ_that_was_not_drawn_is_not_evaluable_and_not_asked_for() -> None:
    doses = Doses({})
    results = evaluate_constraints(
        [*THREE_COLUMNS, CUMULATIVE, LATER],
        course_fractions={1: 5, 2: 5},
        structures=("Liver",),
        alpha_beta_gy=lambda _: 3.0,
        measure=doses,
    )
    assert doses.asked == []
    assert {r.verdict for r in results} == {"not evaluable"}
    assert all(r.note.startswith("not in the structure set") for r in results)
    assert [r.scope for r in results] == [
        "course 1",
        "course 2",
        "course 2",
        "cumulative",
    ]


def test_a_near_maximum_limit_is_tested_on_the_sum_in_eqd2() -> None:
    *_, summed = evaluated(
        THREE_COLUMNS[2], values={("D0.1cc[Gy]", "cumulative"): 100.0}
    )
    expected = float(eqd2(32.0, n_fractions=5, alpha_beta_gy=3.0))
    assert summed.limit == pytest.approx(expected)
    assert summed.limit == pytest.approx(60.16)
    assert (summed.quantity, summed.alpha_beta_gy) == ("EQD2", 3.0)
    assert summed.level == "one-course tolerance, summed"
    assert "32 Gy in 5 fractions" in summed.note
    assert summed.verdict == "exceeded"
    assert summed.verification == "secondary"


def test_the_level_of_a_summed_limit_is_kept() -> None:
    optimal = replace(THREE_COLUMNS[2], level="optimal")
    *_, summed = evaluated(optimal, values={})
    assert summed.level == "one-course tolerance (optimal), summed"


@given(dose=st.floats(0.0, 60.0), n_fractions=st.integers(1, 5))
def test_a_single_course_is_judged_alike_on_the_sum(
    dose: float, n_fractions: int
) -> None:
    equivalent = float(eqd2(dose, n_fractions=n_fractions, alpha_beta_gy=3.0))
    single, summed = evaluated(
        *THREE_COLUMNS,
        values={("D0.1cc[Gy]", 1): dose, ("D0.1cc[Gy]", "cumulative"): equivalent},
        course_fractions={1: n_fractions},
    )
    assert single.verdict == summed.verdict


@pytest.mark.parametrize(
    "metric", ["Mean[Gy]", "V10Gy[%]", "V15Gy[cc]", "CV21Gy[cc]", "D50%[Gy]"]
)
def test_other_metrics_are_not_summed(metric: str) -> None:
    results = evaluated(limit(metric, 10.0), values={})
    assert [r.scope for r in results] == ["course 1", "course 2"]


@pytest.mark.parametrize("metric", ["Max[Gy]", "D0.035cc[Gy]", "D10cc[Gy]"])
def test_hottest_volume_metrics_are_summed(metric: str) -> None:
    results = evaluated(limit(metric, 10.0), values={})
    assert [r.scope for r in results] == ["course 1", "course 2", "cumulative"]


def test_the_latest_course_decides_which_limits_are_summed() -> None:
    results = evaluated(*THREE_COLUMNS, values={}, course_fractions={1: 5, 2: 3})
    (summed,) = [r for r in results if r.scope == "cumulative"]
    assert summed.limit == pytest.approx(
        float(eqd2(22.2, n_fractions=3, alpha_beta_gy=3.0))
    )


def test_a_conventional_course_has_no_stereotactic_limits() -> None:
    results = evaluated(
        *THREE_COLUMNS,
        CUMULATIVE,
        values={("D0.1cc[Gy]", s): 1.0 for s in (1, 2, "cumulative")},
        course_fractions={1: 5, 2: 25},
    )
    assert [(r.scope, r.verdict) for r in results] == [
        ("course 1", "met"),
        ("course 2", "not evaluable"),
        ("cumulative", "met"),
    ]
    assert "25" in results[1].note
    assert results[1].value is None


def test_an_inapplicable_set_says_nothing_about_absent_organs() -> None:
    results = evaluated(
        *THREE_COLUMNS, values={}, course_fractions={1: 25}, structures=("Liver",)
    )
    assert results == ()


def test_later_courses_alone_meet_the_later_course_limit() -> None:
    results = evaluated(
        LATER,
        values={("V15Gy[cc]", 2): 119.0, ("V15Gy[cc]", 3): 120.0},
        course_fractions={1: 5, 2: 5, 3: 3},
    )
    assert [(r.scope, r.verdict) for r in results] == [
        ("course 2", "met"),
        ("course 3", "exceeded"),
    ]


def test_every_drawn_organ_of_a_row_is_tested_and_no_other() -> None:
    results = evaluated(
        limit("D0.1cc[Gy]", 38.0, organs=("Colon", "Bowel_Large", "Rectum")),
        values={("D0.1cc[Gy]", 1): 1.0},
        course_fractions={1: 5},
        structures=("Rectum", "Colon", "Liver"),
    )
    assert [r.structure for r in results if r.scope == "course 1"] == [
        "Colon",
        "Rectum",
    ]


def test_an_organ_without_tumour_is_named_so() -> None:
    doses = Doses({("Mean[Gy]", 1): 12.0})
    (result,) = evaluate_constraints(
        [replace(limit("Mean[Gy]", 13.0, organs=("Liver",)), basis="minus GTV")],
        course_fractions={1: 5},
        structures=("Liver",),
        alpha_beta_gy=lambda _: 2.5,
        measure=doses,
    )
    assert result.structure == "Liver-GTV"
    assert doses.asked == [
        Query(
            structure="Liver",
            basis="minus GTV",
            metric="Mean[Gy]",
            quantity="physical",
            alpha_beta_gy=None,
            scope=1,
        )
    ]


def test_a_spared_volume_must_be_large_enough() -> None:
    spared = limit("CV21Gy[cc]", 700.0, organs=("Liver",), relation=">=")
    for value, verdict in ((699.9, "exceeded"), (700.0, "met"), (900.0, "met")):
        (result,) = evaluated(
            spared,
            values={("CV21Gy[cc]", 1): value},
            course_fractions={1: 5},
            structures=("Liver",),
        )
        assert result.verdict == verdict


def test_the_rows_own_note_and_the_choice_of_column_are_both_said() -> None:
    noted = replace(THREE_COLUMNS[1], note="written for ribs")
    first, _ = evaluated(
        noted,
        THREE_COLUMNS[2],
        values={("D0.1cc[Gy]", 1): 1.0},
        course_fractions={1: 4},
    )
    assert "stricter ones for 3" in first.note
    assert "written for ribs" in first.note


def test_no_course_gives_no_result() -> None:
    assert (
        evaluate_constraints(
            [CUMULATIVE],
            course_fractions={},
            structures=(),
            alpha_beta_gy=lambda _: 3.0,
            measure=Doses({}),
        )
        == ()
    )
