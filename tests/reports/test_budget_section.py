"""The section on what can still be given, and its one sentence."""

from dataclasses import replace

import pytest

from reirrad.core.assessment import Assessment
from reirrad.core.recovery import KeptShares
from reirrad.core.reduction_results import ReductionHint
from reirrad.reports.blocks import Items, Paragraph, Subheading, Table
from reirrad.reports.budget_section import budget_section, limiting_line
from reirrad.reports.limiting_line import down
from reirrad.reports.wording import NONE
from tests.core.budget_specimens import constraint
from tests.reports.budget_specimens import CUMULATIVE, FRACTIONS, PHYSICAL, given
from tests.reports.specimens import two_courses

HINT = ReductionHint(
    "interval_months", "courses 1 and 2", 4.5, "<", 6.0, "months", "A fact.", "a book",
    "paper",
)  # fmt: skip


def texts(assessment: Assessment) -> str:
    """Every word of the section, block by block."""
    lines: list[str] = []
    for block in budget_section(assessment).blocks:
        match block:
            case Paragraph() | Subheading():
                lines.append(block.text)
            case Items():
                lines += [item.text for item in block.items]
            case Table():
                for row in block.rows:
                    lines.append(" | ".join(cell.text for cell in row.cells))
    return "\n".join(lines)


def test_a_dose_that_may_be_given_is_never_rounded_up() -> None:
    assert [down(x) for x in (34.79, 34.8, 35.0, 0.09)] == [
        "34.7",
        "34.8",
        "35.0",
        "0.0",
    ]


def test_one_sentence_says_limit_what_is_left_and_the_largest_prescription() -> None:
    # 10 Gy in 5 are 10 Gy EQD2; 44 Gy EQD2 are left, 25.8 Gy in 5 with 2.5 Gy.
    assert limiting_line(given(CUMULATIVE)) == (
        "Duodenum limits course 2: D0.1cc ≤ 54 Gy, cumulative EQD2, "
        "\N{GREEK SMALL LETTER ALPHA}/β 2.5 Gy (tabled, secondary) leaves 44.0 Gy EQD2 "
        "(25.8 Gy in 5 fractions), and the plan as it is meets every limit tested "
        "up to 41.3 Gy in 5 fractions (planned: 40 Gy)."
    )


def test_a_limit_of_the_new_course_leaves_a_physical_dose() -> None:
    line = limiting_line(given(replace(PHYSICAL, limit=20.0), before_gy=0.0))
    assert "leaves a physical dose of 20.0 Gy in 5 fractions" in line
    assert "up to 32.0 Gy" in line


def test_a_volume_limit_speaks_of_the_volume_that_decides() -> None:
    line = limiting_line(given(constraint("V40Gy[cc]", 0.2, relation="<")))
    assert "Gy EQD2 at the volume that decides (" in line


def test_what_the_sentence_does_not_cover_is_its_last_clause() -> None:
    missing = replace(PHYSICAL, n_fractions=8)
    assessment = given(CUMULATIVE, missing, not_drawn=("Heart", "Skin"))
    line = limiting_line(assessment)
    assert line.endswith("; 1 limit not evaluated, 2 limited organs not drawn.")
    review = replace(assessment.registrations[0], verdict="review")
    line = limiting_line(replace(assessment, registrations=(review,)))
    assert line.endswith("registration to be reviewed first.")


def test_a_background_over_a_limit_is_said_first() -> None:
    line = limiting_line(
        given(constraint("D0.1cc[Gy]", 8.0), constraint("Mean[Gy]", 60.0))
    )
    assert line.startswith("No dose meets every limit: Duodenum D0.1cc ≤ 8 Gy")
    assert "is exceeded by the earlier courses alone, by 2.0 Gy EQD2" in line
    assert "leaving aside limits exceeded before, the plan as it is meets the" in line


def test_without_budget_or_with_it_withheld_no_number_appears() -> None:
    assert limiting_line(two_courses()) == "What can still be given was not asked for."
    assessment = given(CUMULATIVE)
    assert assessment.budget is not None
    withheld = replace(assessment.budget, withheld="course 1 cannot be related.")
    line = limiting_line(replace(assessment, budget=withheld))
    assert line == "What can still be given is withheld: course 1 cannot be related."
    assert len(budget_section(replace(assessment, budget=withheld)).blocks) == 1


def test_fewer_limits_are_said_beside_the_number() -> None:
    text = texts(given(CUMULATIVE, replace(PHYSICAL, limit=30.0)))
    (eight,) = [line for line in text.splitlines() if line.startswith("8 | ")]
    assert "fewer limits" in eight
    (five,) = [line for line in text.splitlines() if line.startswith("5 | ")]
    assert "fewer limits" not in five
    assert "not limited by tabled for 8 fractions" in text


def test_no_prescription_is_shown_as_none_with_the_other_result_apart() -> None:
    text = texts(given(constraint("D0.1cc[Gy]", 8.0), constraint("Mean[Gy]", 60.0)))
    assert "5 | none | " in text
    assert "5, ignoring limits already exceeded before:" in text
    assert "\n(5) | " in text


def test_limits_that_do_not_bind_are_named_where_exceeded() -> None:
    optimal = constraint("D0.1cc[Gy]", 30.0, level="optimal")
    text = texts(given(CUMULATIVE, optimal))
    assert "exceeded then, though not binding: Duodenum D0.1cc ≤ 30 Gy" in text


def test_recovery_is_shown_beside_and_named_so() -> None:
    text = texts(given(CUMULATIVE, kept=KeptShares({1: 0.5}, parallel=False)))
    assert "With recovery, for comparison only: background 5.0 Gy EQD2" in text
    assert "With recovery" not in texts(given(CUMULATIVE))


def test_the_ladder_has_a_row_for_each_change_or_one_reason() -> None:
    text = texts(given(replace(CUMULATIVE, limit=40.0)))
    for change in ("Lower prescription", "More fractions", "Spare part", "Step back"):
        assert f"\n{change}" in text
    over = texts(given(replace(CUMULATIVE, limit=8.0)))
    assert "No single change | cannot meet it: the earlier courses alone" in over
    assert "Lower prescription" not in over


def test_a_plan_within_its_limits_needs_no_ladder() -> None:
    assert "exceeds no binding limit that could be evaluated" in texts(
        given(CUMULATIVE)
    )


def test_a_hint_is_a_fact_with_its_source() -> None:
    text = texts(given(CUMULATIVE, hints=(HINT,)))
    assert "courses 1 and 2: 4.5 months (< 6 months). A fact. [a book; paper]" in text


@pytest.mark.parametrize("n_fractions", FRACTIONS)
def test_the_table_has_what_is_left_for_each_number(n_fractions: int) -> None:
    assessment = given(CUMULATIVE)
    assert assessment.budget is not None
    (row,) = assessment.budget.organs
    (dose,) = (f.dose_gy for f in row.by_fractions if f.n_fractions == n_fractions)
    assert dose is not None
    assert f"| {down(dose)} |" in texts(assessment)


def test_coverage_stands_beside_the_planned_fractions_alone() -> None:
    table = next(
        b for b in budget_section(given(CUMULATIVE)).blocks if isinstance(b, Table)
    )
    at = [column.title for column in table.columns].index("V95 / V100")
    shown = {
        row.cells[0].text: row.cells[at].text for row in table.rows if row.span == "no"
    }
    assert shown.pop("5, as planned").endswith(" %")
    assert shown.pop("5").endswith(" %")
    assert shown == {"1": NONE, "8": NONE}
