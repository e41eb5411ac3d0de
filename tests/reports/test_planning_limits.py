"""Tables of what binding limits leave: what is not known is never a number."""

from dataclasses import replace

import pytest

from reirrad.core.budget import DoseBudget
from reirrad.core.constraints import Constraint
from reirrad.core.organ_budgets import limiting_rows, organ_budgets
from reirrad.core.organ_doses import OrganDoses
from reirrad.reports.blocks import Table
from reirrad.reports.planning_limits import (
    limits_section,
    tightest_note,
    tightest_table,
)
from tests.core.budget_specimens import constraint, organ_doses, unknown_organ

ALONE = constraint(
    "D0.1cc[Gy]", 32.0, quantity="physical", scope="course", n_fractions=5
)
SUM = constraint("D0.1cc[Gy]", 54.0)
MEAN = constraint("Mean[Gy]", 30.0)
KNOWN = organ_doses({1: [10.0] * 40, 2: [0.0] * 40})
FRACTIONS = (5, 8)


def budget_of(organ: OrganDoses, *rows: Constraint) -> DoseBudget:
    found = organ_budgets(organ, rows, fractions=FRACTIONS, targets=())
    return DoseBudget(None, (1,), FRACTIONS, found, limiting_rows(found, FRACTIONS))


def tightest(organ: OrganDoses, *rows: Constraint) -> list[str]:
    """The cells of the organ, one for each number of fractions."""
    table = tightest_table(budget_of(organ, *rows), {})
    assert table is not None
    (row,) = table.rows
    return [cell.text for cell in row.cells[2:]]


def limits(organ: OrganDoses, *rows: Constraint) -> list[list[str]]:
    table, _ = limits_section(budget_of(organ, *rows)).blocks
    assert isinstance(table, Table)
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_what_is_known_is_a_number() -> None:
    # 10 Gy in 5 are 10 Gy EQD2; 44 Gy are left: D (D/n + 3) / 5 = 44.
    assert tightest(KNOWN, SUM) == ["26.5 Gy (D0.1cc)", "31.6 Gy (D0.1cc)"]
    # 20 Gy in 5 are 28 Gy EQD2 on the sum; 18 Gy are left. In 8 there is no limit.
    assert tightest(KNOWN, replace(ALONE, limit=20.0)) == [
        "15.0 Gy (D0.1cc)",
        "not limited here",
    ]
    assert tightest(KNOWN, replace(ALONE, limit=20.0, scope="later course")) == [
        "\N{LESS-THAN OR EQUAL TO} 20.0 Gy (D0.1cc)"
    ] * len(FRACTIONS)
    assert "Not known" not in tightest_note(budget_of(KNOWN, SUM))


def test_a_known_limit_beside_one_that_is_not_known_is_an_upper_bound() -> None:
    assert tightest(unknown_organ(), ALONE, SUM) == [
        "not known, at most 32.0 Gy (D0.1cc)",
        "not known",
    ]
    assert "Not known: part of the organ" in tightest_note(
        budget_of(unknown_organ(), SUM)
    )


@pytest.mark.parametrize("row", [SUM, MEAN], ids=lambda row: row.metric)
def test_an_organ_with_limits_is_never_not_limited(row: Constraint) -> None:
    assert tightest(unknown_organ(), row) == ["not known", "not known"]


def test_where_nothing_is_left_it_is_said_in_any_case() -> None:
    used_up = constraint("Max[Gy]", 0.0, scope="later course")
    assert (
        tightest(unknown_organ(), used_up, SUM)
        == ["\N{LESS-THAN OR EQUAL TO} 0.0 Gy (Max)"] * 2
    )


def test_without_a_limit_of_the_maximum_that_of_the_mean_is_named() -> None:
    only_five = replace(ALONE, limit=20.0)
    five, eight = tightest(KNOWN, only_five, MEAN)
    assert five == "15.0 Gy (D0.1cc)"
    assert eight.endswith(" Gy (Mean)")


def test_limits_that_are_not_known_are_listed_as_such() -> None:
    found = limits(unknown_organ(), ALONE, SUM, MEAN)
    words = {(row[1].split()[0], row[1].split(", ")[-1]): row[3:] for row in found}
    assert words["D0.1cc", "new course"] == ["\N{EN DASH}", "32.0", "\N{EN DASH}"]
    assert words["Mean", "sum"] == ["not known"] * 3
    # The limit of one course, also tested on the sum, and that of the sum.
    sums = [row for row in found if row[1].startswith("D0.1cc") and "sum" in row[1]]
    assert sorted(row[3:] for row in sums) == [
        ["not known", "not known", "not known"],
        ["not known", "not known", "\N{EN DASH}"],
    ]


def test_known_limits_that_leave_more_are_not_listed() -> None:
    looser = constraint("D0.1cc[Gy]", 98.0)
    assert len(limits(KNOWN, SUM, looser)) == 1
    assert len(limits(unknown_organ(), SUM, looser)) == 2
