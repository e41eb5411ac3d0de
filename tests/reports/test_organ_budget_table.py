"""The table of what each organ has left: limits that are not known are shown."""

from dataclasses import replace

from reirrad.core.budget import DoseBudget
from reirrad.core.constraints import Constraint
from reirrad.core.organ_budgets import limiting_rows, organ_budgets
from reirrad.core.organ_doses import OrganDoses
from reirrad.reports.blocks import Table
from reirrad.reports.organ_budget_table import organ_blocks
from tests.core.budget_specimens import constraint, organ_doses, unknown_organ

ALONE = constraint("D0.1cc[Gy]", 32.0, quantity="physical", scope="later course")
SUM = constraint("D0.1cc[Gy]", 54.0)
KNOWN = organ_doses({1: [10.0] * 40, 2: [0.0] * 40})
FRACTIONS = (5, 8)


def shown(organ: OrganDoses, *rows: Constraint) -> list[list[str]]:
    found = organ_budgets(organ, rows, fractions=FRACTIONS, targets=())
    budget = DoseBudget(2, (1,), FRACTIONS, found, limiting_rows(found, FRACTIONS))
    table = organ_blocks(budget, 5)[0]
    assert isinstance(table, Table)
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_a_limit_that_is_not_known_is_shown_first_with_its_reason() -> None:
    heading, summed, reason, alone = shown(unknown_organ(), ALONE, SUM)
    assert heading == ["Duodenum"]
    assert summed[0].startswith("D0.1cc \N{LESS-THAN OR EQUAL TO} 54 Gy")
    assert summed[4:] == ["not known", "not known", "\N{EN DASH}"]
    assert reason[0].startswith("Not known: part of the organ lies outside")
    assert alone[4:6] == ["32.0", "32.0"]


def test_where_all_is_known_only_the_tightest_are_shown() -> None:
    alone = replace(ALONE, limit=30.0)
    _, *rows = shown(KNOWN, alone, SUM, constraint("D0.1cc[Gy]", 98.0))
    # 54 Gy EQD2 less 10 Gy leave 26.5 Gy in 5; in 8 more than the 30 Gy alone.
    assert [row[4:6] for row in rows] == [["26.5", "31.6"], ["30.0", "30.0"]]
