"""Which limits an organ has for a number of fractions, and which dose each bounds."""

from dataclasses import replace
from typing import Literal

import pytest

from reirrad.core.constraints import Measured, Query, Relation, evaluate_constraints
from reirrad.core.organ_limits import binds, deciding_dose, organ_limits
from reirrad.knowledge.constraint_tables import (
    constraint_set_names,
    load_constraints,
)
from tests.core.budget_specimens import constraint

EVERY_SET = load_constraints(constraint_set_names())
ORGANS = sorted({organ for row in EVERY_SET for organ in row.organs})


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("single", True),
        ("mandatory", True),
        ("optimal", False),
        ("alert", False),
        ("alternative reading", False),
        ("one-course tolerance, summed", True),
        ("one-course tolerance (mandatory), summed", True),
        ("one-course tolerance (optimal), summed", False),
    ],
)
def test_which_levels_bind(level: str, *, expected: bool) -> None:
    assert binds(level) is expected


@pytest.mark.parametrize("n_fractions", [1, 2, 3, 5, 8, 25])
def test_they_are_the_limits_that_an_assessment_evaluates(n_fractions: int) -> None:
    """Every row with a verdict on the latest course or the sum, and no other."""
    asked: list[Query] = []

    def measure(query: Query) -> Measured:
        asked.append(query)
        return Measured(1.0)

    results = evaluate_constraints(
        EVERY_SET,
        course_fractions={1: 5, 2: n_fractions},
        structures=set(ORGANS),
        alpha_beta_gy=lambda _: 3.0,
        measure=measure,
    )
    evaluated = {
        (r.structure, r.metric, r.quantity, r.scope, r.limit, r.level, r.set, r.source)
        for r in results
        if r.scope != "course 1" and r.value is not None
    }
    found = {
        (
            f"{organ}-GTV" if row.basis == "minus GTV" else organ,
            row.metric,
            row.quantity,
            "cumulative" if limit.scope == "cumulative" else "course 2",
            row.limit,
            row.level,
            row.set,
            row.source,
        )
        for organ in ORGANS
        for limit in organ_limits(
            EVERY_SET, organ, n_fractions=n_fractions, alpha_beta_gy=3.0
        )
        if limit.applicable
        for row in [limit.constraint]
    }
    assert found == evaluated
    assert found


def test_every_shipped_limit_can_only_be_broken_by_more_dose() -> None:
    for row in EVERY_SET:
        assert deciding_dose(row, 500.0).level_gy > 0.0


@pytest.mark.parametrize(
    ("metric", "limit", "volume", "level"),
    [
        ("D0.1cc[Gy]", 54.0, 0.1, 54.0),
        ("D30%[Gy]", 12.0, 15.0, 12.0),
        ("Max[Gy]", 70.0, 0.0, 70.0),
        ("Mean[Gy]", 15.0, None, 15.0),
        ("V15Gy[cc]", 12.0, 12.0, 15.0),
        ("V10Gy[%]", 70.0, 35.0, 10.0),
        ("CV21Gy[cc]", 30.0, 20.0, 21.0),
    ],
)
def test_the_dose_that_decides(
    metric: str, limit: float, volume: float | None, level: float
) -> None:
    relation: Literal["<", ">="] = ">=" if metric.startswith("CV") else "<"
    row = constraint(metric, limit, relation=relation)
    deciding = deciding_dose(row, 50.0)
    assert deciding.volume_cc == (None if volume is None else pytest.approx(volume))
    assert deciding.level_gy == level
    assert not deciding.always
    assert not deciding.never


def test_an_organ_may_be_too_small_for_a_volume() -> None:
    small = deciding_dose(constraint("V15Gy[cc]", 120.0), 50.0)
    assert small.always
    spared = deciding_dose(constraint("CV21Gy[cc]", 700.0, relation=">="), 500.0)
    assert spared.never


@pytest.mark.parametrize(
    ("metric", "relation"),
    [("D95%[Gy]", ">="), ("V20Gy[%]", ">"), ("CV20Gy[cc]", "<="), ("Min[Gy]", ">=")],
)
def test_a_least_dose_is_no_limit_of_an_organ(metric: str, relation: Relation) -> None:
    row = constraint(metric, 40.0, relation=relation)
    with pytest.raises(ValueError, match="not a limit that only more dose can break"):
        deciding_dose(row, 50.0)


def test_a_row_without_the_number_is_there_and_not_applicable() -> None:
    physical = constraint(
        "D0.1cc[Gy]", 35.0, quantity="physical", scope="course", n_fractions=5
    )
    mean = replace(physical, metric="Mean[Gy]", n_fractions=3, limit=15.0)
    (three,) = (
        x
        for x in organ_limits(
            (physical, mean), "Duodenum", n_fractions=3, alpha_beta_gy=3.0
        )
        if x.constraint.metric == "D0.1cc[Gy]"
    )
    assert not three.applicable
    assert three.note == "tabled has this limit for 5 fractions, the course has 3"
    (many, *_) = organ_limits(
        (physical,), "Duodenum", n_fractions=30, alpha_beta_gy=3.0
    )
    assert not many.applicable
    assert "at most 5 fractions" in many.note


def test_a_spared_volume_at_another_level_is_the_same_limit() -> None:
    rows = [
        constraint(
            metric,
            700.0,
            organ="Liver",
            relation=">=",
            quantity="physical",
            scope="course",
            n_fractions=n,
        )
        for n, metric in ((3, "CV17.1Gy[cc]"), (5, "CV21Gy[cc]"))
    ]
    (only,) = organ_limits(rows, "Liver", n_fractions=5, alpha_beta_gy=2.5)
    assert only.constraint.metric == "CV21Gy[cc]"
    assert only.applicable
