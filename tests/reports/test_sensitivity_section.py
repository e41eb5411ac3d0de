from collections.abc import Iterator
from dataclasses import replace

from reirrad.core.assessment import Assessment
from reirrad.core.recovery_results import (
    RecoveredConstraint,
    RecoveredCourse,
    RecoveredStructure,
    Recovery,
)
from reirrad.core.sensitivity_results import (
    AlphaBetaSensitivity,
    ConstraintSensitivity,
    LinearAbove,
    RatioMetrics,
    RatioVerdict,
    StructureSensitivity,
)
from reirrad.reports.blocks import Cell, Paragraph, Section, Subheading, Table
from reirrad.reports.sensitivity_section import sensitivity_section
from reirrad.reports.wording import NONE
from tests.reports.specimens import two_courses

LIMIT = RecoveredConstraint(
    structure="Stomach",
    metric="D0.1cc[Gy]",
    quantity="EQD2",
    alpha_beta_gy=2.5,
    relation="<=",
    limit=54.0,
    level="single",
    set="reirradiation",
    value=57.8,
    verdict="exceeded",
    recovered_value=46.2,
    recovered_verdict="met",
    reason="",
)
CONTAINED = replace(
    LIMIT,
    limit=50.0,
    recovered_value=None,
    recovered_verdict="not evaluable",
    reason="the limit allows for recovery already",
)


def first_name() -> str:
    return two_courses().structures[0].name


def recovery(*limits: RecoveredConstraint) -> Recovery:
    return Recovery(
        model="michigan",
        form="stepped",
        source="Some table",
        verification="secondary",
        structures=(
            RecoveredStructure(
                structure=first_name(),
                standard_name="Stomach",
                architecture="serial",
                courses=(
                    RecoveredCourse(1, 12.02, 0.4, 0.6),
                    RecoveredCourse(2, 0.0, 0.0, 1.0),
                ),
                eqd2={"Mean[Gy]": 3.21, "Max[Gy]": None, "D0.1cc[Gy]": None},
                source="Some table",
                verification="secondary",
                note="",
            ),
        ),
        constraints=limits,
    )


def ratios(*, linear: bool = False, hanging: bool = False) -> AlphaBetaSensitivity:
    metrics = {"Mean[Gy]": 4.0, "Max[Gy]": 9.0, "D0.1cc[Gy]": 8.0}
    above = LinearAbove(6.0, {**metrics, "D0.1cc[Gy]": 7.77})
    limit = ConstraintSensitivity(
        structure="Stomach",
        metric="D0.1cc[Gy]",
        quantity="EQD2",
        scope="cumulative",
        alpha_beta_gy=2.5,
        relation="<=",
        limit=54.0,
        level="single",
        set="reirradiation",
        value=57.8,
        verdict="exceeded",
        ratios=(
            RatioVerdict(2.5, 57.8, 54.0, "exceeded"),
            RatioVerdict(4.0, 53.3, 54.0, "met"),
        ),
    )
    return AlphaBetaSensitivity(
        structures=(
            StructureSensitivity(
                structure=first_name(),
                own_alpha_beta_gy=3.0,
                ratios=tuple(
                    RatioMetrics(ratio, {**metrics, "D0.1cc[Gy]": value})
                    for ratio, value in ((2.0, 9.5), (3.0, 8.5), (4.0, None))
                ),
                source="Some study",
                verification="secondary",
                linear_above=above if linear else None,
            ),
        ),
        constraints=(limit,) if hanging else (),
    )


def cells(section: Section) -> Iterator[Cell]:
    for block in section.blocks:
        if isinstance(block, Table):
            for row in block.rows:
                yield from row.cells


def rows(section: Section, table: int = 0) -> list[list[str]]:
    found = [block for block in section.blocks if isinstance(block, Table)][table]
    return [[cell.text for cell in row.cells] for row in found.rows]


def said(section: Section) -> str:
    return " ".join(
        block.text
        for block in section.blocks
        if isinstance(block, Paragraph | Subheading)
    )


def with_sensitivity(
    found: Recovery | None, over: AlphaBetaSensitivity | None
) -> Assessment:
    return replace(two_courses(), recovery=found, alpha_beta_sensitivity=over)


def test_without_a_model_the_report_says_that_there_is_none() -> None:
    section = sensitivity_section(with_sensitivity(None, ratios()))
    assert "none assumed" in said(section)
    assert "No verdict" in said(section)


def test_recovered_values_stand_beside_the_reported_ones() -> None:
    section = sensitivity_section(with_sensitivity(recovery(), None))
    plain = two_courses().structures[0].cumulative.eqd2
    (row,) = rows(section)
    assert row == [
        first_name(),
        "course 1: 40 % after 12.0 months",
        f"{plain['D0.1cc[Gy]']:.1f}",
        "not available",
        f"{plain['Mean[Gy]']:.1f}",
        "3.2",
    ]
    assert "Every other number of this report is without recovery" in said(section)


def test_an_exceeded_limit_never_reads_as_met_alone() -> None:
    section = sensitivity_section(with_sensitivity(recovery(LIMIT, CONTAINED), None))
    met, contained = rows(section, 1)
    assert met[1:] == ["57.8", "46.2", "met with recovery only"]
    assert contained[2:] == [NONE, "the limit allows for recovery already"]
    assert "✓ met" not in {cell.text for cell in cells(section)}


def test_limits_that_are_kept_anyway_are_not_listed() -> None:
    kept = replace(LIMIT, value=50.0, verdict="met")
    section = sensitivity_section(with_sensitivity(recovery(kept), None))
    assert "No cumulative limit of these organs is exceeded" in said(section)


def test_the_range_shows_low_own_and_high() -> None:
    section = sensitivity_section(with_sensitivity(None, ratios()))
    (row,) = rows(section)
    assert row[:5] == [first_name(), "2, 3, 4", "9.5", "8.5", "not available"]
    assert "LQ-L" not in said(section)


def test_the_linear_part_has_a_column_and_a_warning() -> None:
    section = sensitivity_section(with_sensitivity(None, ratios(linear=True)))
    assert rows(section)[0][-1] == "7.8"
    assert "less cautious" in said(section)


def test_a_limit_that_hangs_on_the_ratio_shows_every_value() -> None:
    section = sensitivity_section(with_sensitivity(None, ratios(hanging=True)))
    (row,) = rows(section, 1)
    assert row[1] == "✗ exceeded"
    assert row[2] == "2.5 Gy: 57.8 (≤ 54) exceeded; 4 Gy: 53.3 (≤ 54) met"


def test_structures_for_planning_are_left_out() -> None:
    assessment = with_sensitivity(None, ratios())
    first, *others = assessment.structures
    planning = replace(assessment, structures=(replace(first, role="OTHER"), *others))
    assert rows(sensitivity_section(planning)) == []
