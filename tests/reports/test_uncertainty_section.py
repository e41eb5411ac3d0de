from dataclasses import replace

import numpy as np

from reirrad.core.near_maximum import NearMaximum, WorstCaseLimit
from reirrad.core.uncertainty import (
    CourseAccuracy,
    DoseBand,
    PairUncertainty,
    ShiftedVerdict,
    Spread,
    Uncertainty,
    VerdictUncertainty,
    no_spread,
)
from reirrad.reports.blocks import Cell, Items, Paragraph, Section, Subheading, Table
from reirrad.reports.curves import curve_pages
from reirrad.reports.uncertainty_section import uncertainty_section
from reirrad.reports.wording import ALPHA_BETA, NONE
from tests.reports.specimens import two_courses

PAIR = PairUncertainty(
    (1,),
    2,
    "Liver",
    "1B",
    {"2Gy": Spread(600.0, 598.0, 580.0, 610.0), "50%": Spread(1.0, 0.9, 0.0, 3.1)},
    {"1A": 29.0, "1B": 71.0},
    {"1B": 100.0},
    {"type 1": 100.0},
    "type 1B in 71 % of plausible registrations, type 1A in 29 %",
)
LIMIT = VerdictUncertainty(
    "Duodenum",
    "D0.1cc[Gy]",
    "EQD2",
    "cumulative",
    3.0,
    "<",
    70.0,
    "single",
    "reirradiation",
    "met",
    Spread(66.0, 66.5, 58.0, 74.0),
    81.0,
    19.0,
)


FOUND = Uncertainty(
    256,
    1,
    (CourseAccuracy(1, 3.0, 2.0, "shift: stated; rotation: stated"),),
    (PAIR,),
    constraints=(LIMIT, replace(LIMIT, structure="Colon", met_percent=100.0)),
)


def words(section: Section) -> str:
    texts: list[str] = []
    for block in section.blocks:
        if isinstance(block, Paragraph | Subheading):
            texts.append(block.text)
        elif isinstance(block, Items):
            texts += [item.text for item in block.items]
        elif isinstance(block, Table):
            cells: list[Cell] = [cell for row in block.rows for cell in row.cells]
            texts.append(" | ".join(cell.text for cell in cells))
    return "\n".join(texts)


def told(uncertainty: Uncertainty | None, *near: NearMaximum) -> str:
    assessment = replace(two_courses(), uncertainty=uncertainty, near_maxima=near)
    return words(uncertainty_section(assessment))


def test_accuracy_overlap_class_and_verdicts_are_told() -> None:
    text = told(FOUND)
    assert "256 registrations" in text
    assert "shift 3.0 mm, rotation 2.0°" in text
    assert "⚠ Type 1B in 71 % of plausible registrations" in text
    assert "580.0 to 610.0 cc" in text
    assert "1 verdict on limits is the same in every draw" in text
    assert "Duodenum | D0.1cc EQD2, cumulative | < 70 Gy" in text
    assert "81 %" in text
    assert "Colon" not in text


def test_what_is_not_quite_always_so_is_not_rounded_to_always() -> None:
    limit = replace(LIMIT, met_percent=99.9, exceeded_percent=0.1)
    assert ">99 %" in told(replace(FOUND, constraints=(limit,)))


def test_a_withheld_pair_shows_no_shares() -> None:
    withheld = replace(
        PAIR,
        resbrt_type={},
        overlap={"2Gy": no_spread(None), "50%": no_spread(None)},
        sentence="",
        reason="No draws: the registration is rejected.",
    )
    text = told(replace(FOUND, pairs=(withheld,)))
    assert "No draws: the registration is rejected." in text
    assert "Type 1B in" not in text


def test_without_draws_the_reason_is_given() -> None:
    assert "one course only" in told(Uncertainty(0, 1, reason="one course only"))
    assert "No plausible registrations were tried" in told(None)


def test_near_maxima_and_worst_cases_are_shown() -> None:
    worst = WorstCaseLimit(
        "D0.1cc[Gy]", "EQD2", 3.0, "<", 70.0, "single", "set", 50.0, "met", 80.0,
        "exceeded",
    )  # fmt: skip
    easy = replace(worst, limit=700.0, verdict="met")
    easier = replace(easy, limit=7000.0)
    values = {"D0.1cc[Gy]": 50.0, "Max[Gy]": 55.0}
    organ = NearMaximum(
        "Duodenum",
        3.0,
        3.0,
        values,
        {"D0.1cc[Gy]": None, "Max[Gy]": None},
        {"D0.1cc[Gy]": 80.0, "Max[Gy]": 90.0},
        (1, 2),
        worst_case=True,
        worst_case_limits=(worst, easy, easier),
    )
    text = told(FOUND, organ)
    assert f"Duodenum | 50.0 / 55.0 | {NONE} / {NONE} | 80.0 / 90.0*" in text
    assert "< 70 Gy | 50.0 Gy | 80.0 Gy | ✗ exceeded" in text
    assert "(2 of 3)" in text
    assert f"D0.1cc EQD2, {ALPHA_BETA} 3 Gy" in text
    assert "7000" not in text


def test_a_band_is_drawn_around_the_curve_of_its_structure() -> None:
    assessment = two_courses()
    name = assessment.structures[0].name
    axis = np.linspace(0.0, 50.0, 6)
    band = DoseBand(name, axis, np.linspace(90, 0, 6), np.linspace(100, 5, 6))
    (plain, *_), (banded, *_) = (
        curve_pages(assessment.structures, bands) for bands in ((), (band,))
    )
    assert [len(axes.collections) for axes in plain.axes[:2]] == [0, 0]
    assert [len(axes.collections) for axes in banded.axes[:2]] == [1, 0]
    labels = [text.get_text() for text in banded.legends[0].get_texts()]
    assert any("plausible registrations" in label for label in labels)


def test_a_shift_that_turns_a_verdict_names_it() -> None:
    turned = replace(LIMIT, shifted=(ShiftedVerdict(3.0, 24, 2),))
    steady = replace(LIMIT, shifted=(ShiftedVerdict(3.0, 26, 0),))
    text = told(replace(FOUND, constraints=(turned,)))
    assert "Shifted by 3 mm in 26 directions: " in text
    assert "met in 24, exceeded in 2" in text
    assert "no verdict changes" in told(replace(FOUND, constraints=(steady,)))
