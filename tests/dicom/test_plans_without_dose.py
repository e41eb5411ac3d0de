"""A plan without dose may be a course that is missing from the sum."""

from pathlib import Path

import pytest

from tests.dicom.exports import ROOT, CourseExport, course_export, plan
from tests.dicom.pitfalls.dose_cases import codes, fate, refusal, surveyed


def with_bare_plan(day: str) -> CourseExport:
    export = course_export(1)
    export.objects["bare.dcm"] = plan(export, f"{ROOT}.1.55")
    export["bare.dcm"].RTPlanLabel = "BARE"
    export["bare.dcm"].RTPlanDate = day
    return export


@pytest.mark.parametrize("day", ["20200101", "20210128", "20210402", "20240101"])
def test_a_plan_dated_far_from_every_dose_may_be_a_lost_course(
    tmp_path: Path, day: str
) -> None:
    result = surveyed(tmp_path, with_bare_plan(day))
    (problem,) = result.problems
    assert "bare.dcm" in problem
    assert "more than 31 days from every plan with dose" in problem
    assert "take this file out" in problem
    assert fate(result, "bare.dcm")[0] == "ignored"


@pytest.mark.parametrize("day", ["20210129", "20210301", "20210401", ""])
def test_a_plan_dated_near_a_dose_is_a_finding(tmp_path: Path, day: str) -> None:
    result = surveyed(tmp_path, with_bare_plan(day))
    assert result.problems == ()
    assert codes(result) == ["plan-without-dose"]


def test_only_doses_of_its_own_image_speak_for_a_plan(tmp_path: Path) -> None:
    other = course_export(2)
    day = other["rp.dcm"].RTPlanDate
    (problem,) = surveyed(tmp_path, with_bare_plan(day), other).problems
    assert "bare.dcm" in problem


def test_a_plan_of_an_image_without_dose_is_a_lost_course(tmp_path: Path) -> None:
    export = with_bare_plan("20210301")
    export["bare.dcm"].FrameOfReferenceUID = "1.2.9"
    (problem,) = surveyed(tmp_path, export).problems
    assert "bare.dcm: no RTDOSE belongs to this plan ('BARE')" in problem


def test_without_any_dose_it_is_said_once(tmp_path: Path) -> None:
    export = with_bare_plan("20240101")
    del export.objects["rd.dcm"]
    assert "There is no RTDOSE" in refusal(surveyed(tmp_path, export))
