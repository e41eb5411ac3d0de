from dataclasses import replace

from reirrad.core.assessment import Assessment
from reirrad.core.cord_results import CordCriterion, CordRules, CordScore
from reirrad.core.model_results import LocalControl, Models, NormalLiverModel
from reirrad.reports.blocks import Paragraph, Section, Subheading, Table
from reirrad.reports.document import report_document
from reirrad.reports.models_section import models_section
from reirrad.reports.wording import NONE
from tests.reports.specimens import two_courses


def rows(section: Section, table: int = 0) -> list[list[str]]:
    found = [block for block in section.blocks if isinstance(block, Table)][table]
    return [[cell.text for cell in row.cells] for row in found.rows]


def said(section: Section) -> str:
    return " ".join(
        block.text
        for block in section.blocks
        if isinstance(block, Paragraph | Subheading)
    )


def cord(
    value: float | None, points: float | None, reason: str = ""
) -> tuple[CordRules, ...]:
    criterion = CordCriterion(
        "latest share of total",
        value,
        "<=",
        0.5,
        "",
        "not evaluable" if value is None else "exceeded",
        "Somebody",
        "paper",
    )
    score = CordScore(
        135.0,
        points,
        None if points is None else "high",
        None if points is None else 90.0,
        "Somebody else",
        "unverified",
    )
    return (CordRules("CORD", 2.0, (criterion,), "exceeded", score, reason),)


def test_cord_rules_are_told_with_their_limits() -> None:
    section = models_section(replace(two_courses(), cord_rules=cord(0.531, 6.5)))
    (row,) = rows(section)
    assert row == ["Latest course / all courses", "0.53", "≤ 0.5", "✗ not met", "paper"]
    assert "6.5 points, high risk" in said(section)
    assert "unverified" in said(section)


def test_the_least_interval_of_the_cord_is_said_to_run_from_start_to_start() -> None:
    interval = CordCriterion(
        "interval", 5.2, ">=", 5.0, "months", "met", "Somebody", "paper"
    )
    (rules,) = cord(0.531, 6.5)
    told = replace(rules, criteria=(*rules.criteria, interval))
    section = models_section(replace(two_courses(), cord_rules=(told,)))
    assert rows(section)[-1][:3] == [
        "Shortest interval between courses, start to start",
        "5.2 months",
        "≥ 5 months",
    ]
    assert "shorter by its duration" in said(section)


def test_cord_rules_without_a_value_are_not_met() -> None:
    rules = cord(None, None, "the sum of the courses is not known")
    section = models_section(replace(two_courses(), cord_rules=rules))
    assert rows(section)[0][1:4] == ["not available", "≤ 0.5", f"{NONE} not evaluable"]
    assert "Risk score (Nieder): not evaluable" in said(section)
    assert "the sum of the courses is not known" in said(section)


def liver(reference: float | None, percent: float | None) -> NormalLiverModel:
    return NormalLiverModel(
        model="LKB" if reference else "probit",
        endpoint="liver disease",
        scope="cumulative" if reference else "course 1",
        dose_kind="gEUD" if reference else "physical mean",
        dose_gy=None if percent is None else 30.0,
        alpha_beta_gy=2.5 if reference else None,
        reference_dose_per_fraction_gy=reference,
        effective_volume_share=None,
        probability_percent=percent,
        illustration=reference is None,
        beyond_data="more than 2 Gy per fraction" if reference else "",
        source="Somebody",
        verification="secondary",
        note="a note",
    )


def control(bed: float | None) -> LocalControl:
    above = None if bed is None else bed > 100
    return LocalControl(
        course=1,
        subject="prescription",
        dose_gy=50.0,
        n_fractions=None if bed is None else 5,
        alpha_beta_gy=10.0,
        bed_gy=bed,
        threshold_gy=100.0,
        above=above,
        control_percent=None if above is None else 93.0 if above else 65.0,
        lesions=None if above is None else 141 if above else 149,
        years=3,
        source="Somebody",
        verification="secondary",
        note="two groups",
    )


def models(
    *rows: NormalLiverModel, control_of: LocalControl, missing: str = ""
) -> Assessment:
    found = Models(rows, (control_of,), (missing,) if missing else ())
    return replace(two_courses(), models=found)


def test_both_reference_fractionations_stand_in_one_row() -> None:
    section = models_section(
        models(
            liver(2.0, 0.163),
            liver(1.5, 1.166),
            liver(None, 3.1),
            control_of=control(132.0),
        )
    )
    first, second = rows(section)
    assert first[3:5] == ["2 or 1.5 Gy", "0.2 or 1.2 %"]
    assert second[3:] == [NONE, "3.1 %", "secondary, illustration"]
    assert "more than 2 Gy per fraction" in said(section)


def test_the_group_of_local_control_is_told() -> None:
    above = models_section(models(control_of=control(132.0)))
    below = models_section(models(control_of=control(100.0)))
    assert rows(above)[0][2:] == [
        "132.0 Gy",
        "above 100 Gy",
        "93 % after 3 years (141 lesions)",
    ]
    assert rows(below)[0][3] == "not above 100 Gy"


def test_what_is_not_known_has_no_probability_and_no_group() -> None:
    section = models_section(
        models(
            liver(2.0, None),
            liver(1.5, None),
            control_of=control(None),
            missing="the dose of a course to the liver is not known",
        )
    )
    assert rows(section)[0][2:5] == ["not available", "2 or 1.5 Gy", "not available"]
    assert rows(section, 1)[0][2:] == ["not available"] * 3
    assert "The dose of a course to the liver is not known." in said(section)


def test_without_rules_and_models_the_section_says_so() -> None:
    assert "No rule or model applies" in said(models_section(two_courses()))


def test_the_report_has_both_sections() -> None:
    anchors = [s.anchor for s in report_document(two_courses(), ()).sections]
    assert {"sensitivity", "models"} <= set(anchors)
