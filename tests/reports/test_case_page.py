import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reirrad.core.assessment import Assessment, ConstraintResult, StructureAssessment
from reirrad.core.review import Review, Signature
from reirrad.core.uncertainty import (
    DoseBand,
    PairUncertainty,
    ShiftedVerdict,
    Spread,
    Uncertainty,
    VerdictUncertainty,
)
from reirrad.reports.case_curves import CurveMark, limit_mark
from reirrad.reports.case_page import case_page
from tests.reports.specimens import (
    single_course,
    three_courses,
    two_courses,
    undetermined,
)

MAKERS = (two_courses, three_courses, single_course, undetermined)


def page_of(assessment: Assessment, review: Review | None = None) -> dict[str, Any]:
    """The page as a browser reads it."""
    made = case_page(assessment, review or Review())
    read: dict[str, Any] = json.loads(json.dumps(made, allow_nan=False))
    return read


def drawn(
    item: ConstraintResult, met_percent: float, *, shifted: int = 0
) -> VerdictUncertainty:
    """A limit over the draws; `shifted` directions of 26 exceed it."""
    return VerdictUncertainty(
        structure=item.structure,
        metric=item.metric,
        quantity=item.quantity,
        scope=item.scope,
        alpha_beta_gy=item.alpha_beta_gy,
        relation=item.relation,
        limit=item.limit,
        level=item.level,
        set=item.set,
        verdict=item.verdict,
        value=Spread(item.value, 12.0, 11.0, 14.2),
        met_percent=met_percent,
        exceeded_percent=100.0 - met_percent,
        shifted=(ShiftedVerdict(3.0, 26 - shifted, shifted),),
    )


def cord(assessment: Assessment) -> ConstraintResult:
    (found,) = (c for c in assessment.constraints if c.structure == "SpinalCord")
    return found


def with_draws(*rows: VerdictUncertainty) -> Assessment:
    found = Uncertainty(draws=200, seed=1, constraints=rows)
    return replace(two_courses(), uncertainty=found)


@pytest.mark.parametrize("make", MAKERS)
def test_every_assessment_becomes_plain_json(make: Callable[[], Assessment]) -> None:
    page = page_of(make())
    assert page["title"] == "Re-irradiation assessment"
    assert {item["label"] for item in page["patient"]} >= {"ID", "Born"}
    anchors = [section["anchor"] for section in page["sections"]]
    assert {"how-sure", "registration", "findings", "audit"} <= set(anchors)
    assert all(section["blocks"] for section in page["sections"])


def test_no_section_holds_a_figure() -> None:
    kinds = {
        block["kind"]
        for section in page_of(two_courses())["sections"]
        for block in section["blocks"]
    }
    assert kinds <= {"table", "paragraph", "subheading", "items"}


def test_limits_stand_worst_first() -> None:
    assessment = with_draws(drawn(cord(two_courses()), 71.0))
    states = [
        (item["structure"], item["state"], item["unsure"])
        for item in page_of(assessment)["limits"]
    ]
    assert states == [
        ("Stomach", "exceeded", False),
        ("SpinalCord", "met", True),
        ("Duodenum", "not evaluable", False),
        ("Kidney_L", "not evaluable", False),
        ("Bowel_Small", "not evaluable", False),
        ("Liver", "met", False),
        ("Liver", "met", False),
    ]


def test_a_limit_that_may_be_exceeded_is_not_shown_as_good() -> None:
    item = cord(two_courses())
    shares = {100.0: "100 %", 71.0: "71 %", 99.9: "more than 99 %"}
    for percent, words in shares.items():
        page = page_of(with_draws(drawn(item, percent)))
        (row,) = (r for r in page["limits"] if r["structure"] == "SpinalCord")
        assert row["unsure"] == (percent < 100.0)
        assert row["tone"] == ("warn" if percent < 100.0 else "good")
        assert row["verdict"] == ("⚠ met, not sure" if percent < 100.0 else "✓ met")
        assert row["sure"].startswith(f"met in {words} of plausible registrations")
        assert "11.0 to 14.2 Gy" in row["sure"]


def test_a_shift_that_turns_a_verdict_is_said() -> None:
    page = page_of(with_draws(drawn(cord(two_courses()), 100.0, shifted=4)))
    (row,) = (r for r in page["limits"] if r["structure"] == "SpinalCord")
    assert row["unsure"]
    assert row["sure"].endswith(
        "shifted by 3 mm in 26 directions: met in 22, exceeded in 4"
    )


def test_a_contour_interval_across_the_limit_is_not_sure() -> None:
    assessment = two_courses()
    constraints = tuple(
        replace(item, interval=(48.0, 51.0)) if item == cord(assessment) else item
        for item in assessment.constraints
    )
    page = page_of(replace(assessment, constraints=constraints))
    (row,) = (r for r in page["limits"] if r["structure"] == "SpinalCord")
    assert row["tone"] == "warn"
    assert row["value"].endswith("(48.0 to 51.0)")


@pytest.mark.parametrize("make", MAKERS)
def test_what_was_not_evaluated_never_looks_met(
    make: Callable[[], Assessment],
) -> None:
    page = page_of(make())
    missing = [row for row in page["limits"] if row["state"] == "not evaluable"]
    for row in missing:
        assert row["value"] == "not available"
        assert "met" not in row["verdict"]
        assert row["tone"] == "muted"
        assert row["sure"] == ""
    for mark in page["curve_limits"]:
        limit = page["limits"][mark["row"]]
        assert mark["state"] == limit["state"]
        assert mark["tone"] == limit["tone"]
    verdicts = [row["value"] for row in page["limits"] if row["state"] == "met"]
    assert "not available" not in verdicts


def test_every_limit_names_value_limit_source_and_verification() -> None:
    worst = page_of(two_courses())["limits"][0]
    assert worst["about"] == "Stomach"
    assert worst["value"] == "61.6 Gy"
    assert worst["limit"] == "< 54 Gy"
    assert worst["source"].startswith("Benedict SH")
    assert worst["verification"] == "paper"
    assert worst["scope"] == "cumulative"
    assert worst["sure"] == "how sure is not known"


def test_a_limit_without_the_gtvs_leads_to_the_whole_organ() -> None:
    assessment = two_courses()
    (first, *rest) = assessment.constraints
    limits = (replace(first, structure="Liver-GTV"), *rest)
    page = page_of(replace(assessment, constraints=limits))
    (row,) = (r for r in page["limits"] if r["structure"] == "Liver-GTV")
    assert row["about"] == "Liver"
    drawn_rows = {mark["row"] for mark in page["curve_limits"]}
    assert page["limits"].index(row) not in drawn_rows


def test_a_name_that_two_structures_have_stands_for_neither() -> None:
    assessment = two_courses()
    second = replace(assessment.structures[1], name="Stomach again")
    page = page_of(replace(assessment, structures=(*assessment.structures, second)))
    limits = {limit["structure"]: limit for limit in page["limits"]}
    assert limits["Stomach"]["about"] is None
    assert limits["Stomach"]["drawn_as"] == ["Stomach", "Stomach again"]
    why = "2 structures have this name: Stomach, Stomach again"
    assert limits["Stomach"]["why"] == why
    assert limits["SpinalCord"]["why"] == ""


def test_a_limit_of_what_is_not_drawn_says_so() -> None:
    for limit in page_of(two_courses())["limits"]:
        assert (limit["about"] is None) is (limit["drawn_as"] == [])
        assert limit["why"] == ("not drawn" if limit["about"] is None else "")


def liver() -> StructureAssessment:
    return replace(two_courses().structures[0], volume_cc=1000.0, alpha_beta_gy=3.0)


@pytest.mark.parametrize(
    ("metric", "quantity", "limit", "expected"),
    [
        ("D0.1cc[Gy]", "EQD2", 54.0, CurveMark(54.0, 0.01)),
        ("D5%[Gy]", "physical", 20.0, CurveMark(20.0, 5.0)),
        ("V15Gy[cc]", "physical", 120.0, CurveMark(15.0, 12.0)),
        ("V10Gy[%]", "EQD2", 30.0, CurveMark(10.0, 30.0)),
        ("CV15Gy[cc]", "physical", 700.0, CurveMark(15.0, 30.0)),
        ("CV15Gy[%]", "physical", 40.0, CurveMark(15.0, 60.0)),
        ("Max[Gy]", "physical", 33.0, CurveMark(33.0, None)),
        ("Mean[Gy]", "physical", 13.0, None),
        ("D0.1cc[Gy]", "BED", 98.0, None),
        ("D2000cc[Gy]", "physical", 10.0, None),
        ("CV15Gy[cc]", "physical", 1200.0, None),
    ],
)
def test_a_limit_is_drawn_where_its_metric_reads_the_curve(
    metric: str, quantity: Any, limit: float, expected: CurveMark | None
) -> None:
    item = replace(
        two_courses().constraints[0],
        metric=metric,
        quantity=quantity,
        limit=limit,
        alpha_beta_gy=None if quantity == "physical" else 3.0,
    )
    assert limit_mark(item, liver()) == expected


def test_a_limit_with_another_ratio_than_the_curve_is_not_drawn() -> None:
    item = replace(
        two_courses().constraints[0],
        metric="D0.1cc[Gy]",
        quantity="EQD2",
        alpha_beta_gy=2.0,
    )
    assert limit_mark(item, liver()) is None


def test_curves_are_thinned_and_end_where_the_eye_sees_their_end() -> None:
    assessment = two_courses()
    curve = assessment.structures[0].curves[0]
    dose = np.linspace(0.0, 100.0, 1001)
    volume = np.where(dose < 40.0, 100.0, 0.0)
    long = replace(curve, dose_gy=dose, volume_percent=volume)
    structure = replace(assessment.structures[0], curves=(long,))
    page = page_of(replace(assessment, structures=(structure,)))
    (found,) = page["curves"]
    assert len(found["dose_gy"]) == len(found["volume_percent"]) <= 200
    assert found["dose_gy"][0] == 0.0
    assert found["dose_gy"][-1] == pytest.approx(40.0)
    assert found["volume_percent"][-1] == 0.0


def test_a_band_that_is_not_known_everywhere_has_gaps() -> None:
    nan = np.nan
    band = DoseBand(
        "Liver",
        np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        np.array([100.0, 90.0, nan, 60.0, 40.0, 20.0, nan]),
        np.array([100.0, 95.0, 90.0, 80.0, 60.0, 40.0, nan]),
    )
    found = Uncertainty(draws=200, seed=1, bands=(band,))
    bands = page_of(replace(two_courses(), uncertainty=found))["bands"]
    assert [item["dose_gy"] for item in bands] == [[0.0, 1.0], [3.0, 4.0, 5.0]]


def test_the_overlap_carries_its_interval() -> None:
    (pair,) = two_courses().pairs
    spread = Spread(412.62, 410.0, 380.0, 441.0)
    unknown = Spread(18.37, None, None, None)
    found = PairUncertainty(
        earlier=pair.earlier,
        second=pair.second,
        organ=pair.organ,
        reported_type="1B",
        overlap={"2Gy": spread, "50%": unknown},
        resbrt_type={"1B": 100.0},
        as_applied_type={"1B": 100.0},
        estro_eortc={"type 1": 100.0},
        sentence="type 1B in 100 % of plausible registrations",
    )
    uncertainty = Uncertainty(draws=200, seed=1, pairs=(found,))
    page = page_of(replace(two_courses(), uncertainty=uncertainty))
    (shown,) = page["pairs"]
    low, high = shown["overlap"]
    assert low["organ_text"] == "412.6 cc"
    assert low["interval"] == "380.0 to 441.0 cc"
    assert high["interval"] is None
    assert shown["sure"] == "Type 1B in 100 % of plausible registrations."


def test_the_pair_of_the_large_verdict_stands_first() -> None:
    page = page_of(three_courses())
    assert len(page["pairs"]) == 4
    assert page["pairs"][0]["earlier"] == [1, 2]
    assert page["pairs"][0]["overlap"][1]["organ_text"] == "31.7 cc"


def test_a_rejected_registration_withholds_the_numbers() -> None:
    page = page_of(undetermined())
    assert page["verdict"]["word"] == "VERDICT WITHHELD"
    assert page["verdict"]["tone"] == "withheld"
    (pair,) = page["pairs"]
    assert pair["resbrt_type"] == "VERDICT WITHHELD"
    assert all(item["organ_text"] == "not available" for item in pair["overlap"])
    (registration,) = page["registrations"]
    assert registration["verdict"] == "✗ Rejected"
    assert not any(item["label"] == "cumulative" for item in page["curves"])


def test_registration_comes_with_its_numbers() -> None:
    (found,) = page_of(two_courses())["registrations"]
    assert found["verdict"] == "⚠ Review"
    assert {"label": "Rotation", "value": "1.0 °"} in found["quality"]
    assert found["structures"][1] == {
        "label": "Stomach",
        "value": "Dice 0.71, mean distance 4.9 mm",
    }


def test_what_nobody_reviewed_says_so() -> None:
    review = page_of(two_courses())["review"]
    assert review["banner"] == "REGISTRATION NOT REVIEWED"
    assert review["registration_state"]["text"] == "⚠ unreviewed"


def test_an_approved_assessment_names_who_approved() -> None:
    looked = Signature("R. Ivers", "physicist", "2026-03-06T08:00:00+00:00", "fits")
    signed = Signature("A. Moreau", "physician", "2026-03-06T09:00:00+00:00", "")
    review = Review("accepted", looked, "approved", signed)
    shown = page_of(two_courses(), review)["review"]
    assert shown["banner"] is None
    assert shown["assessment_state"]["tone"] == "good"
    assert any("A. Moreau (physician)" in line for line in shown["lines"])


def test_the_program_s_own_verdict_is_no_review() -> None:
    labels = [badge["label"] for badge in page_of(two_courses())["badges"]]
    assert not any("Registration" in label for label in labels)
