"""Pitfalls of structure sets: names, numbers, frames and references."""

from pathlib import Path

import pytest

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course
from reirrad.core.structures import Structure
from reirrad.dicom.rtstruct import read_structure_set, read_structure_set_header
from reirrad.dicom.write_course import write_course
from reirrad.workflows.gather import Survey, survey
from tests.dicom.exports import (
    SLICES,
    CourseExport,
    course_export,
    found_file,
    item,
    square,
)
from tests.dicom.pitfalls.drawn import SETTINGS, codes, found_in, only, surveyed
from tests.dicom.test_rtstruct import meaning

OTHER_FRAME, OTHER_SERIES = "1.2.3.7", "1.2.3.8"


@pytest.fixture
def export() -> CourseExport:
    return course_export(1)


def structures(found: Survey) -> tuple[Structure, ...]:
    assert found.problems == ()
    (course,) = found.courses
    return course.structures


def course_of(found: Survey) -> Course:
    assert found.problems == ()
    (course,) = found.courses
    return course


# --- names and numbers ----------------------------------------------------------------


def test_pitfall_40_regions_of_one_name_keep_their_own_contours(
    export: CourseExport, tmp_path: Path
) -> None:
    drawn = export["rs.dcm"]
    drawn.StructureSetROISequence[1].ROIName = "Fegato"
    drawn.ROIContourSequence[1].ContourSequence = [square(8.0, 2.0)]
    # Listed in another order than they are named.
    drawn.ROIContourSequence = list(reversed(drawn.ROIContourSequence))
    found = surveyed(tmp_path, export)
    one, two = structures(found)
    assert (one.number, one.name) == (3, "Fegato (ROI 3)")
    assert (two.number, two.name) == (8, "Fegato (ROI 8)")
    assert [len(one.contours), len(two.contours)] == [3, 1]
    told = only(found, "structure-name-repeated").message
    assert "rs.dcm" in told
    assert "'Fegato (ROI 3)', 'Fegato (ROI 8)'" in told


def test_pitfall_41_numbers_that_collide_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    export["rs.dcm"].StructureSetROISequence[1].ROINumber = 3
    (problem,) = surveyed(tmp_path, export).problems
    assert "rs.dcm: ROI Number (3006,0022)" in problem
    assert "found 3 for 'PTV'" in problem
    assert "Export the structure set again" in problem


def test_pitfall_41_numbers_need_not_follow_one_another(
    export: CourseExport, tmp_path: Path
) -> None:
    drawn = export["rs.dcm"]
    for sequence, keyword in (
        ("StructureSetROISequence", "ROINumber"),
        ("ROIContourSequence", "ReferencedROINumber"),
        ("RTROIObservationsSequence", "ReferencedROINumber"),
    ):
        setattr(drawn[sequence].value[0], keyword, 4711)
    found = surveyed(tmp_path, export)
    assert [one.number for one in structures(found)] == [4711, 8]
    assert codes(found) == []


def test_pitfall_41_numbers_survive_writing(
    export: CourseExport, tmp_path: Path
) -> None:
    course = course_of(surveyed(tmp_path / "in", export))
    identity = PatientIdentity(id="P1", name="Phantom^One", birth_date=None, sex="O")
    write_course(course, tmp_path / "out", patient=identity)
    again = survey([tmp_path / "out"], SETTINGS)
    assert [(one.number, one.name) for one in structures(again)] == [
        (3, "Fegato"),
        (8, "PTV"),
    ]


# --- regions without contours ---------------------------------------------------------


@pytest.mark.parametrize("how", ["no item", "no sequence", "empty sequence"])
def test_pitfall_42_an_empty_region_shifts_no_other(
    export: CourseExport, tmp_path: Path, how: str
) -> None:
    drawn = export["rs.dcm"]
    drawn.StructureSetROISequence.insert(0, item(ROINumber=1, ROIName="Empty"))
    if how == "no sequence":
        drawn.ROIContourSequence.insert(0, item(ReferencedROINumber=1))
    if how == "empty sequence":
        empty = item(ReferencedROINumber=1, ContourSequence=[])
        drawn.ROIContourSequence.insert(0, empty)
    found = surveyed(tmp_path, export)
    assert [(one.number, one.name) for one in structures(found)] == [
        (3, "Fegato"),
        (8, "PTV"),
    ]
    assert "'Empty' has no closed contour" in only(found, "structure-empty").message


def test_pitfall_43_observations_without_their_region_are_tolerated(
    export: CourseExport, tmp_path: Path
) -> None:
    observed = item(ReferencedROINumber=99, RTROIInterpretedType="GTV")
    export["rs.dcm"].RTROIObservationsSequence.insert(0, observed)
    found = surveyed(tmp_path, export)
    roles = [one.role.value for one in structures(found)]
    assert roles == ["ORGAN", "PTV"]
    assert codes(found) == []


def test_pitfall_43_regions_without_observations_are_read(
    export: CourseExport, tmp_path: Path
) -> None:
    del export["rs.dcm"].RTROIObservationsSequence
    assert len(structures(surveyed(tmp_path, export))) == 2


# --- frames and references ------------------------------------------------------------


def without_frame(export: CourseExport) -> None:
    """Take every frame of reference out of the structure set, not its images."""
    drawn = export["rs.dcm"]
    del drawn.ReferencedFrameOfReferenceSequence
    for roi in drawn.StructureSetROISequence:
        del roi.ReferencedFrameOfReferenceUID


def test_pitfall_44_the_frame_of_the_regions_is_enough(
    export: CourseExport, tmp_path: Path
) -> None:
    del export["rs.dcm"].ReferencedFrameOfReferenceSequence
    found = surveyed(tmp_path, export)
    frames = {one.frame_of_reference_uid for one in structures(found)}
    assert frames == {export.frame}
    assert codes(found) == ["link-by-frame"]


def test_pitfall_44_else_the_images_of_the_contours_give_the_frame(
    export: CourseExport, tmp_path: Path
) -> None:
    without_frame(export)
    drawn = export["rs.dcm"].ROIContourSequence[0].ContourSequence[0]
    image = item(ReferencedSOPInstanceUID=export.uid("ct1.dcm"))
    drawn.ContourImageSequence = [image]
    found = surveyed(tmp_path, export)
    frames = {one.frame_of_reference_uid for one in structures(found)}
    assert frames == {export.frame}
    assert "structures-frame-from-image" in codes(found)
    told = found_in(found, "structures-frame-from-image")
    assert told.severity == "warning"
    assert "rs.dcm: states no Frame of Reference UID (0020,0052)" in told.message


def test_pitfall_44_else_the_structure_set_is_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    without_frame(export)
    found = surveyed(tmp_path, export)
    assert found.courses == ()
    (problem,) = found.problems
    assert "rs.dcm: states no Frame of Reference UID (0020,0052)" in problem
    assert "(3006,0010)" in problem
    assert "(3006,0024)" in problem
    assert "add those images, or export the structure set again" in problem


@pytest.mark.parametrize(
    "optional",
    ["RTReferencedStudySequence", "RTReferencedSeriesSequence", "ContourImageSequence"],
)
def test_pitfall_45_optional_references_are_not_required(
    export: CourseExport, tmp_path: Path, optional: str
) -> None:
    (frame,) = export["rs.dcm"].ReferencedFrameOfReferenceSequence
    (study,) = frame.RTReferencedStudySequence
    (series,) = study.RTReferencedSeriesSequence
    for holder in (frame, study, series):
        if optional in holder:
            delattr(holder, optional)
    course = course_of(surveyed(tmp_path, export))
    assert len(course.structures) == 2
    assert course.image is not None


def test_pitfall_45_images_named_by_contours_alone_are_a_reference(
    export: CourseExport, tmp_path: Path
) -> None:
    (frame,) = export["rs.dcm"].ReferencedFrameOfReferenceSequence
    del frame.RTReferencedStudySequence
    image = item(ReferencedSOPInstanceUID=export.uid("ct2.dcm"))
    drawn = export["rs.dcm"].ROIContourSequence[0].ContourSequence[1]
    drawn.ContourImageSequence = [image]
    found = surveyed(tmp_path, export)
    (plan,) = found.trees[0].courses[0].children
    assert plan.children[1].children[0].link == "by reference"
    assert codes(found) == []


def drawn_on_other_series(export: CourseExport) -> None:
    (frame,) = export["rs.dcm"].ReferencedFrameOfReferenceSequence
    (series,) = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence
    series.SeriesInstanceUID = OTHER_SERIES
    for number, image in enumerate(series.ContourImageSequence):
        image.ReferencedSOPInstanceUID = f"{OTHER_SERIES}.{number}"


def test_pitfall_46_structures_on_another_series_of_one_frame_are_told_with_both_uids(
    export: CourseExport, tmp_path: Path
) -> None:
    drawn_on_other_series(export)
    found = surveyed(tmp_path, export)
    told = found_in(found, "structures-on-other-series")
    assert told.severity == "warning"
    assert OTHER_SERIES in told.message
    assert export.series in told.message
    assert "rs.dcm" in told.message
    assert "Add the series that it was drawn on" in told.message


def test_pitfall_46_structures_in_another_frame_are_refused_with_both_uids(
    export: CourseExport, tmp_path: Path
) -> None:
    drawn_on_other_series(export)
    drawn = export["rs.dcm"]
    drawn.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID = OTHER_FRAME
    for roi in drawn.StructureSetROISequence:
        roi.ReferencedFrameOfReferenceUID = OTHER_FRAME
    found = surveyed(tmp_path, export)
    assert found.courses == ()
    problem = " ".join(found.problems)
    assert OTHER_FRAME in problem
    assert export.frame in problem
    assert "rs.dcm" in problem
    assert "Export the structure set that was drawn on the planning image" in problem


def test_pitfall_46_an_image_in_another_frame_is_not_shown(
    export: CourseExport, tmp_path: Path
) -> None:
    for k in range(SLICES):
        export[f"ct{k}.dcm"].FrameOfReferenceUID = OTHER_FRAME
    found = surveyed(tmp_path, export)
    told = found_in(found, "image-other-frame").message
    assert OTHER_FRAME in told
    assert export.frame in told
    assert course_of(found).image is None


# --- real structure sets --------------------------------------------------------------


def test_pitfall_42_real_empty_regions_are_listed(shared: Path) -> None:
    header = read_structure_set_header(
        found_file(shared / "data/breast_one_course/rtss.dcm")
    )
    read = read_structure_set(header, understand=meaning, fallback_frame="")
    assert [one.about for one in read.findings] == ["Areola"]
