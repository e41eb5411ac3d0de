"""Plans that cannot have been treated add no dose; doubtful ones are told."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from reirrad.dicom.importing import Imported
from tests.dicom.exports import ROOT, CourseExport, course_export, dose, plan
from tests.dicom.pitfalls.dose_cases import codes, fate, message, surveyed

UNTREATED = [
    ("PlanIntent", "VERIFICATION"),
    ("PlanIntent", "MACHINE_QA"),
    ("PlanIntent", "SERVICE"),
    ("ApprovalStatus", "REJECTED"),
]
HIGHEST_GY = 50.0


@pytest.fixture
def first() -> CourseExport:
    return course_export(1)


def add_plan(export: CourseExport, day: str = "20210305") -> Dataset:
    """A second plan with a dose on the same image."""
    other = plan(export, f"{ROOT}.1.55")
    other.RTPlanLabel = "OTHER"
    other.RTPlanDate = day
    export.objects["rp2.dcm"] = other
    export.objects["rd2.dcm"] = dose(
        export, f"{ROOT}.1.77", f"{ROOT}.1.55", inside_gy=HIGHEST_GY - 1
    )
    return other


def dose_gy(result: Imported) -> list[float]:
    """Sum of the highest doses of each course."""
    return [
        sum(float(g.values_gy.max()) for one in course.deliveries for g in one.doses)
        for course in result.courses
    ]


@pytest.mark.parametrize("stated", UNTREATED)
@pytest.mark.parametrize("day", ["20210305", "20210801"])
def test_a_plan_that_treats_nobody_is_set_aside_with_its_dose(
    first: CourseExport, tmp_path: Path, stated: tuple[str, str], day: str
) -> None:
    keyword, value = stated
    setattr(add_plan(first, day), keyword, value)
    result = surveyed(tmp_path, first)
    assert result.problems == ()
    assert dose_gy(result) == pytest.approx([HIGHEST_GY])
    assert result.courses[0].prescription.dose_gy == 45.0
    assert codes(result) == ["plan-set-aside"]
    assert value in message(result, "plan-set-aside")
    for name in ("rp2.dcm", "rd2.dcm"):
        status, reason = fate(result, name)
        assert status == "ignored"
        assert value in reason


@pytest.mark.parametrize(
    "stated",
    [
        ("ApprovalStatus", "UNAPPROVED", "plan-not-approved"),
        ("PlanIntent", "RESEARCH", "plan-intent-unusual"),
        ("PlanIntent", "SOMETHING", "plan-intent-unusual"),
    ],
)
def test_a_doubtful_plan_is_used_and_told(
    first: CourseExport, tmp_path: Path, stated: tuple[str, str, str]
) -> None:
    keyword, value, code = stated
    setattr(first["rp.dcm"], keyword, value)
    result = surveyed(tmp_path, first)
    assert dose_gy(result) == pytest.approx([HIGHEST_GY])
    assert codes(result) == [code]
    assert value in message(result, code)


@pytest.mark.parametrize("intent", ["CURATIVE", "PALLIATIVE", "PROPHYLACTIC", ""])
def test_a_usual_plan_needs_no_word(
    first: CourseExport, tmp_path: Path, intent: str
) -> None:
    first["rp.dcm"].PlanIntent = intent
    first["rp.dcm"].ApprovalStatus = "APPROVED"
    assert codes(surveyed(tmp_path, first)) == []


@pytest.mark.parametrize(("keyword", "value"), UNTREATED)
def test_where_no_other_dose_remains_nothing_is_computed(
    first: CourseExport, tmp_path: Path, keyword: str, value: str
) -> None:
    setattr(first["rp.dcm"], keyword, value)
    result = surveyed(tmp_path, first)
    (problem,) = result.problems
    assert result.courses == ()
    assert "No dose of a treated plan remains" in problem
    assert value in problem
    assert "rp.dcm" in problem


def test_a_faulty_dose_of_a_plan_that_was_set_aside_stops_nothing(
    first: CourseExport, tmp_path: Path
) -> None:
    add_plan(first).PlanIntent = "VERIFICATION"
    first["rd2.dcm"].DoseUnits = "RELATIVE"
    result = surveyed(tmp_path, first)
    assert result.problems == ()
    assert codes(result) == ["plan-set-aside"]


def test_a_dose_without_plan_is_not_given_to_one_that_was_set_aside(
    first: CourseExport, tmp_path: Path
) -> None:
    first["rp.dcm"].ApprovalStatus = "REJECTED"
    del first["rd.dcm"].ReferencedRTPlanSequence
    (problem,) = surveyed(tmp_path, first).problems
    assert "has no RTPLAN" in problem


def test_regions_of_a_phantom_are_not_the_patients(
    first: CourseExport, tmp_path: Path
) -> None:
    phantom = course_export(2)
    phantom["rp.dcm"].PlanIntent = "VERIFICATION"
    result = surveyed(tmp_path, first, phantom)
    assert result.problems == ()
    assert len(result.courses) == 1
    rows = {row.path: row.reason for row in result.inputs}
    (reason,) = [rows[path] for path in rows if path.endswith("c2/rs.dcm")]
    assert "treats no patient" in reason


def test_structures_that_another_plan_needs_stay(
    first: CourseExport, tmp_path: Path
) -> None:
    add_plan(first).PlanIntent = "VERIFICATION"
    assert fate(surveyed(tmp_path, first), "rs.dcm")[0] == "used"
