"""The export of a real abdomen: valid, and of the volumes that are reported."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
import shapely

from reirrad.core.assessment import Assessment
from reirrad.dicom.results.folder import write_results
from reirrad.workflows.assess import assess
from tests.dicom.exports import ROOT, course_export, registration, written
from tests.dicom.validator import errors_of
from tests.workflows.exports import FEW_DRAWS


def exported(folder: Path, *paths: Path) -> Assessment:
    assessment = assess(
        list(paths),
        settings=FEW_DRAWS,
        with_views=False,
        with_export=True,
        progress=lambda _: None,
    )
    assert assessment.exportable is not None
    write_results(assessment, assessment.exportable, folder, pdf=None)
    return assessment


@pytest.mark.slow
def test_the_real_abdomen_is_exported(shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "liver_ct_two_course"
    assessment = exported(tmp_path, data)

    assert errors_of(tmp_path.glob("*.dcm")) == {}
    dataset = pydicom.dcmread(tmp_path / "reirrad_RTSTRUCT.dcm")
    names = {one.ROINumber: one.ROIName for one in dataset.StructureSetROISequence}
    volumes_cc = {
        names[drawn.ReferencedROINumber]: sum(map(area_mm2, drawn.ContourSequence))
        * 3.0
        / 1000.0
        for drawn in dataset.ROIContourSequence
    }
    organ = assessment.organ
    for shown, level in (("2 Gy", "2Gy"), ("50%", "50%")):
        expected = assessment.pairs[0].overlap[level]
        name = f"Overlap {shown} C1+C2"
        assert volumes_cc[name] == pytest.approx(expected.total_cc, rel=0.02)
        assert volumes_cc[f"{name} in {organ}"] == pytest.approx(
            expected.organ_cc, rel=0.02
        )
    image = pydicom.dcmread(next((data / "course2" / "CT").glob("*.dcm")))
    assert dataset.StudyInstanceUID == image.StudyInstanceUID
    assert dataset.StudyID == image.StudyID


def area_mm2(contour: pydicom.Dataset) -> float:
    """Area of an axial contour, read without the program."""
    points = np.array(contour.ContourData, dtype=float).reshape(-1, 3)
    assert np.ptp(points[:, 2]) < 1e-3
    return float(shapely.make_valid(shapely.Polygon(points[:, :2])).area)


def test_objects_without_a_study_form_one_of_their_own(tmp_path: Path) -> None:
    first, second = course_export(1), course_export(2)
    data = written(tmp_path / "data", first, second)
    moved = registration(f"{ROOT}.9", first.frame, second.frame, np.eye(4).tolist())
    moved.save_as(data / "reg.dcm", enforce_file_format=True)
    assessment = exported(tmp_path / "dicom", data)

    codes = {one.code for one in assessment.findings}
    assert "dicom-study-unknown" in codes
    paths = list((tmp_path / "dicom").glob("*.dcm"))
    uids = {pydicom.dcmread(path).StudyInstanceUID for path in paths}
    assert len(paths) == 5
    assert len(uids) == 1
    assert errors_of(paths) == {}
