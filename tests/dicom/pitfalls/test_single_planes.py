"""Pitfall 14: a dose exported as one object for each plane."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.dicom.exports import ROOT, CourseExport, course_export
from tests.dicom.pitfalls.dose_cases import (
    Lattice,
    assert_is_ramp,
    assert_names,
    codes,
    fate,
    message,
    only_dose,
    place,
    ramp_gy,
    refusal,
    surveyed,
)

OBLIQUE = Lattice(
    position=(-4.0, -8.0, 4.0), orientation=(0.8, 0.6, 0.0, -0.6, 0.8, 0.0)
)
# Files in an order that is not the one of the planes.
NAMES = ("plane3", "plane1", "plane5", "plane2", "plane4")


def split(export: CourseExport, lattice: Lattice) -> list[Dataset]:
    """Every plane as an object of its own, each with its own scaling."""
    whole = export.objects.pop("rd.dcm")
    points = lattice.points_mm()
    planes = []
    for k, name in enumerate(NAMES):
        one = deepcopy(whole)
        one.SOPInstanceUID = f"{ROOT}.1.7.{k + 1}"
        one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
        one.SeriesInstanceUID = f"{ROOT}.1.6"
        place(one, lattice)
        del one.NumberOfFrames, one.GridFrameOffsetVector
        one.ImagePositionPatient = [float(f"{v:.6f}") for v in points[k, 0, 0]]
        one.DoseGridScaling = 0.001 * (k + 1)
        stored = np.round(ramp_gy(points[k]) / one.DoseGridScaling)
        one.PixelData = stored.astype("<u4").tobytes()
        export.objects[f"{name}.dcm"] = one
        planes.append(one)
    return planes


@pytest.fixture
def export() -> CourseExport:
    return course_export(1)


@pytest.mark.parametrize("lattice", [Lattice(), OBLIQUE], ids=["transverse", "oblique"])
def test_pitfall_14_planes_of_one_series_are_one_dose(
    export: CourseExport, tmp_path: Path, lattice: Lattice
) -> None:
    split(export, lattice)
    result = surveyed(tmp_path, export)
    grid = only_dose(result)
    assert grid.geometry.shape == (5, 6, 8)
    points = lattice.points_mm().reshape(-1, 3)
    inverse = grid.geometry.indices(points)
    np.testing.assert_allclose(inverse, np.rint(inverse), atol=1e-5)
    found = grid.values_gy[tuple(np.rint(inverse).astype(int).T)]
    np.testing.assert_allclose(found, ramp_gy(points), atol=0.0026)
    assert codes(result) == ["dose-joined"]
    assert "one plane in each of 5 objects" in message(result, "dose-joined")
    assert {fate(result, f"{name}.dcm")[0] for name in NAMES} == {"used"}
    (plan,) = result.trees[0].courses[0].children
    assert plan.children[0].label == "RTDOSE PLAN, 5 planes"


def test_pitfall_14_the_same_dose_whole_and_in_planes_counts_once(
    export: CourseExport, tmp_path: Path
) -> None:
    whole = place(deepcopy(export["rd.dcm"]), Lattice())
    split(export, Lattice())
    for one in (export[f"{name}.dcm"] for name in NAMES):
        one.DoseGridScaling = 0.001
        k = round(float(one.ImagePositionPatient[2]) / 4.0)
        size = 6 * 8 * 4
        one.PixelData = whole.PixelData[k * size : (k + 1) * size]
    export.objects["whole.dcm"] = whole
    result = surveyed(tmp_path, export)
    assert_is_ramp(only_dose(result), Lattice().points_mm())
    assert fate(result, "whole.dcm") == (
        "ignored",
        f"holds the same dose as {tmp_path.as_posix()}/c1/plane1.dcm",
    )


def dropped(planes: list[Dataset], export: CourseExport) -> None:
    del export.objects["plane5.dcm"]


def turned(planes: list[Dataset], export: CourseExport) -> None:
    planes[2].ImageOrientationPatient = [1, 0, 0, 0, 0.8, 0.6]


def moved_aside(planes: list[Dataset], export: CourseExport) -> None:
    planes[2].ImagePositionPatient = [-5.0, -8.0, 8.0]


def wider(planes: list[Dataset], export: CourseExport) -> None:
    planes[2].PixelSpacing = [3.0, 2.5]


def smaller(planes: list[Dataset], export: CourseExport) -> None:
    planes[2].Rows = 5
    planes[2].PixelData = planes[2].PixelData[: 5 * 8 * 4]


def at_one_place(planes: list[Dataset], export: CourseExport) -> None:
    planes[2].ImagePositionPatient = planes[1].ImagePositionPatient


def without_scaling(planes: list[Dataset], export: CourseExport) -> None:
    del planes[2].DoseGridScaling


def cut_short(planes: list[Dataset], export: CourseExport) -> None:
    planes[2].PixelData = bytes(10)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (dropped, "4 mm apart but 8 mm between"),
        (turned, "differ in Image Orientation"),
        (moved_aside, "beside one another"),
        (wider, "Pixel Spacing (0028,0030)"),
        (smaller, "or size"),
        (at_one_place, "lie at the same place"),
        (without_scaling, "plane5.dcm: Dose Grid Scaling (3004,000E)"),
        (cut_short, "plane5.dcm: Pixel Data (7FE0,0010) must have 192 bytes"),
    ],
)
def test_pitfall_14_planes_that_make_no_grid_are_refused(
    export: CourseExport,
    tmp_path: Path,
    *,
    fault: Callable[[list[Dataset], CourseExport], None],
    found: str,
) -> None:
    fault(split(export, Lattice()), export)
    result = surveyed(tmp_path, export)
    assert_names(refusal(result), "plane", found)
    status = {row.status for row in result.inputs if "/plane" in row.path}
    assert status == {"refused"}


def test_pitfall_14_a_plane_of_another_series_is_not_joined(
    export: CourseExport, tmp_path: Path
) -> None:
    split(export, Lattice())[4].SeriesInstanceUID = f"{ROOT}.1.66"
    result = surveyed(tmp_path, export)
    (problem,) = result.problems
    assert_names(problem, "plane4.dcm", "holds one plane")


def test_pitfall_14_a_plane_of_a_beam_is_not_joined_to_those_of_the_plan(
    export: CourseExport, tmp_path: Path
) -> None:
    split(export, Lattice())[4].DoseSummationType = "BEAM"
    result = surveyed(tmp_path, export)
    assert only_dose(result).geometry.shape == (4, 6, 8)
    assert fate(result, "plane4.dcm")[0] == "ignored"


def test_pitfall_14_a_single_plane_is_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    split(export, Lattice())
    for name in NAMES[1:]:
        del export.objects[f"{name}.dcm"]
    assert_names(refusal(surveyed(tmp_path, export)), "plane3.dcm", "holds one plane")
