"""A dose without plan beside the dose of a plan is not added to it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from reirrad.core.settings import PrescribedDose, Settings
from reirrad.workflows.settings import load_settings
from tests.dicom.exports import ROOT, CourseExport, course_export, dose, plan
from tests.dicom.pitfalls.dose_cases import (
    codes,
    fate,
    message,
    only_dose,
    refusal,
    surveyed,
)


@pytest.fixture
def export() -> CourseExport:
    return course_export(1)


@pytest.fixture
def own() -> Settings:
    return replace(load_settings(None), prescription={1: PrescribedDose(45.0, 5)})


def add_loose(export: CourseExport, *, inside_gy: float = 50.0) -> Dataset:
    """A dose in the frame of the plan's that refers to no plan."""
    loose = dose(export, f"{ROOT}.1.78", "1.2.9", inside_gy=inside_gy)
    del loose.ReferencedRTPlanSequence
    export.objects["loose.dcm"] = loose
    return loose


def test_the_same_dose_without_plan_is_set_aside(
    export: CourseExport, tmp_path: Path
) -> None:
    add_loose(export)
    result = surveyed(tmp_path, export)
    assert only_dose(result).values_gy.max() == pytest.approx(50.0)
    assert codes(result) == ["dose-copy-without-plan"]
    assert "counts once" in message(result, "dose-copy-without-plan")
    assert fate(result, "loose.dcm")[0] == "ignored"


def test_the_same_dose_is_the_same_however_it_is_scaled(
    export: CourseExport, tmp_path: Path
) -> None:
    loose = add_loose(export)
    values = np.frombuffer(loose.PixelData, dtype="<u4") // 2
    loose.PixelData, loose.DoseGridScaling = values.astype("<u4").tobytes(), 0.002
    assert codes(surveyed(tmp_path, export)) == ["dose-copy-without-plan"]


def test_a_copy_is_not_given_to_a_plan_without_dose(
    export: CourseExport, tmp_path: Path
) -> None:
    export.objects["rp2.dcm"] = plan(export, f"{ROOT}.1.55")
    add_loose(export)
    result = surveyed(tmp_path, export)
    assert set(codes(result)) == {"dose-copy-without-plan", "plan-without-dose"}
    assert only_dose(result).values_gy.max() == pytest.approx(50.0)


@pytest.mark.parametrize("with_own", [False, True])
@pytest.mark.parametrize("moved_mm", [0.0, 4.0])
def test_another_dose_without_plan_is_refused(
    export: CourseExport,
    own: Settings,
    tmp_path: Path,
    *,
    with_own: bool,
    moved_mm: float,
) -> None:
    loose = add_loose(export, inside_gy=50.0 if moved_mm else 52.5)
    loose.ImagePositionPatient = [-7.0 + moved_mm, -8.0, 0.0]
    settings = own if with_own else load_settings(None)
    problem = refusal(surveyed(tmp_path, export, settings=settings))
    assert "loose.dcm: refers to no plan of the export" in problem
    assert "rd.dcm" in problem
    assert "Add its RTPLAN, or leave this dose out" in problem


def test_a_dose_without_plan_alone_takes_an_own_prescription(
    export: CourseExport, own: Settings, tmp_path: Path
) -> None:
    del export.objects["rp.dcm"], export.objects["rd.dcm"]
    add_loose(export)
    result = surveyed(tmp_path, export, settings=own)
    assert only_dose(result).values_gy.max() == pytest.approx(50.0)


def test_two_doses_without_plans_are_not_added(
    export: CourseExport, own: Settings, tmp_path: Path
) -> None:
    del export.objects["rp.dcm"]
    add_loose(export, inside_gy=20.0)
    problem = refusal(surveyed(tmp_path, export, settings=own))
    assert "has 2 plans" in problem
    assert "Number of Fractions Planned (300A,0078)" in problem
