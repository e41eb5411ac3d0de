from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.cohort.clinical_records import Laboratory, Visit
from reirrad.core.cohort.liver_function import (
    ChildPugh,
    albi_grade,
    albi_score,
    child_pugh,
)
from reirrad.core.cohort.terms import LaboratoryUnit
from tests.core.cohort.clinic import RULES, sample, visit

Ascites = Literal["none", "mild", "moderate_or_severe"]
Encephalopathy = Literal["none", "grade_1_2", "grade_3_4"]

BILIRUBIN, ALBUMIN, INR = (
    sample("bilirubin", 0.8),
    sample("albumin", 4.0),
    sample("inr", 1.0),
)


def points(
    bilirubin: Laboratory | None = BILIRUBIN,
    albumin: Laboratory | None = ALBUMIN,
    inr: Laboratory | None = INR,
    findings: Visit | None = None,
) -> ChildPugh | None:
    return child_pugh(
        bilirubin=bilirubin,
        albumin=albumin,
        inr=inr,
        findings=findings or visit(),
        rules=RULES,
    )


def test_a_healthy_liver_has_five_points() -> None:
    assert points() == ChildPugh(5, "A")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1.99, "mg/dl", 5),
        (2.0, "mg/dl", 6),
        (3.0, "mg/dl", 6),
        (3.01, "mg/dl", 7),
        (33.9, "umol/l", 5),
        (34.0, "umol/l", 6),
        (51.0, "umol/l", 6),
        (51.1, "umol/l", 7),
    ],
)
def test_bilirubin(value: float, unit: LaboratoryUnit, expected: int) -> None:
    found = points(bilirubin=sample("bilirubin", value, unit=unit))
    assert found is not None
    assert found.points == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (3.51, "g/dl", 5),
        (3.5, "g/dl", 6),
        (2.8, "g/dl", 6),
        (2.79, "g/dl", 7),
        (36.0, "g/l", 5),
        (35.0, "g/l", 6),
        (27.9, "g/l", 7),
    ],
)
def test_albumin(value: float, unit: LaboratoryUnit, expected: int) -> None:
    found = points(albumin=sample("albumin", value, unit=unit))
    assert found is not None
    assert found.points == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(1.69, 5), (1.7, 6), (2.3, 6), (2.31, 7)]
)
def test_inr(value: float, expected: int) -> None:
    found = points(inr=sample("inr", value))
    assert found is not None
    assert found.points == expected


@pytest.mark.parametrize(
    ("ascites", "encephalopathy", "expected"),
    [
        ("mild", "none", ChildPugh(6, "A")),
        ("mild", "grade_1_2", ChildPugh(7, "B")),
        ("moderate_or_severe", "none", ChildPugh(7, "B")),
        ("moderate_or_severe", "grade_3_4", ChildPugh(9, "B")),
    ],
)
def test_findings(
    ascites: Ascites, encephalopathy: Encephalopathy, expected: ChildPugh
) -> None:
    found = points(findings=visit(ascites=ascites, encephalopathy=encephalopathy))
    assert found == expected


def test_ten_points_are_class_c_and_fifteen_are_the_most() -> None:
    severe = visit(ascites="moderate_or_severe", encephalopathy="grade_3_4")
    assert points(findings=severe, inr=sample("inr", 2.0)) == ChildPugh(10, "C")
    assert points(
        sample("bilirubin", 9.0), sample("albumin", 1.0), sample("inr", 3.0), severe
    ) == ChildPugh(15, "C")


@pytest.mark.parametrize(
    "found",
    [
        points(bilirubin=None),
        points(albumin=None),
        points(inr=None),
        points(findings=visit(ascites=None)),
        points(findings=visit(encephalopathy=None)),
        points(bilirubin=sample("bilirubin", 1.0, unit="multiple_of_uln")),
        child_pugh(
            bilirubin=BILIRUBIN, albumin=ALBUMIN, inr=INR, findings=None, rules=RULES
        ),
    ],
)
def test_no_class_where_a_part_is_missing(found: ChildPugh | None) -> None:
    assert found is None


def test_albi_in_closed_form() -> None:
    assert albi_score(10.0, 40.0, RULES.albi) == pytest.approx(0.66 - 3.4)
    assert albi_score(100.0, 20.0, RULES.albi) == pytest.approx(1.32 - 1.7)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(-2.61, 1), (-2.60, 1), (-2.59, 2), (-1.39, 2), (-1.38, 3)],
)
def test_albi_grades(score: float, expected: int) -> None:
    assert albi_grade(score, RULES.albi) == expected


@given(st.floats(1.0, 500.0), st.floats(10.0, 60.0), st.floats(1.001, 3.0))
def test_albi_rises_with_bilirubin_and_falls_with_albumin(
    bilirubin: float, albumin: float, factor: float
) -> None:
    score = albi_score(bilirubin, albumin, RULES.albi)
    assert albi_score(bilirubin * factor, albumin, RULES.albi) > score
    assert albi_score(bilirubin, albumin * factor, RULES.albi) < score


def test_albi_needs_some_bilirubin() -> None:
    with pytest.raises(ValueError, match="bilirubin must be above 0"):
        albi_score(0.0, 40.0, RULES.albi)
