"""Pitfalls 21 to 23, 51 and 52: which objects belong together, and to whom."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from reirrad.core.assessment import Assessment
from reirrad.core.settings import PrescribedDose
from reirrad.workflows.assess import assess
from reirrad.workflows.settings import load_settings
from tests.dicom.exports import ROOT, SLICES, CourseExport, course_export
from tests.dicom.pitfalls.dose_cases import (
    Lattice,
    assert_is_ramp,
    assert_names,
    codes,
    fate,
    message,
    only_dose,
    place,
    refusal,
    surveyed,
)
from tests.workflows.exports import FEW_DRAWS, course, write_patient


def test_pitfall_21_a_dose_without_plan_asks_for_its_prescription(
    export: CourseExport, tmp_path: Path
) -> None:
    del export.objects["rp.dcm"]
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm has no RTPLAN", "[prescription.1] dose_gy = ...")

    own = replace(load_settings(None), prescription={1: PrescribedDose(45.0, 5)})
    result = surveyed(tmp_path, CourseExport(1), settings=own)
    assert_is_ramp(only_dose(result), Lattice().points_mm())
    assert result.courses[0].prescription.source == "settings prescription.1"


def with_new_uids(export: CourseExport) -> None:
    """As a pseudonymiser that gave each object a new UID and kept the references."""
    for n, name in enumerate(("rp.dcm", "rs.dcm", "rd.dcm"), start=1):
        export[name].SOPInstanceUID = f"{ROOT}.1.90.{n}"
    for k in range(SLICES):
        export[f"ct{k}.dcm"].SOPInstanceUID = f"{ROOT}.1.91.{k}"
        export[f"ct{k}.dcm"].SeriesInstanceUID = f"{ROOT}.1.92"


def test_pitfall_22_broken_references_fall_back_to_the_frame_and_say_so(
    export: CourseExport, tmp_path: Path
) -> None:
    with_new_uids(export)
    result = surveyed(tmp_path, export)
    assert_is_ramp(only_dose(result), Lattice().points_mm())
    assert codes(result) == [
        "link-by-frame",
        "link-by-frame",
        "structures-on-other-series",
        "image-incomplete",
    ]
    (plan,) = result.trees[0].courses[0].children
    dose, structures = plan.children
    links = [dose.link, structures.link, structures.children[0].link]
    assert links == ["by frame of reference"] * 3
    assert result.courses[0].image is not None


def test_pitfall_22_broken_references_with_two_candidates_are_not_guessed(
    export: CourseExport, tmp_path: Path
) -> None:
    second = course_export(1)
    second["rs.dcm"].SOPInstanceUID = f"{ROOT}.1.94"
    export.objects["rs2.dcm"] = second["rs.dcm"]
    with_new_uids(export)
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rs.dcm", "rs2.dcm", "2 structure sets")


# --- 23 -------------------------------------------------------------------------------


def assessed(folder: Path) -> Assessment:
    return assess(
        [folder],
        settings=FEW_DRAWS,
        with_views=False,
        progress=lambda _: None,
    )


def test_pitfall_23_courses_of_two_frames_are_not_summed_without_registration(
    tmp_path: Path,
) -> None:
    one, two = course(1, target_x=-20), course(2, target_x=20)
    write_patient(tmp_path, replace(one, image=None), replace(two, image=None))
    result = assessed(tmp_path)
    (registration,) = result.registrations
    assert registration.verdict == "rejected"
    (pair,) = result.pairs
    assert pair.classification.resbrt_type == "undetermined"
    assert {one.organ_cc for one in pair.overlap.values()} == {None}
    for structure in result.structures:
        assert set(structure.cumulative.eqd2.values()) == {None}


def test_pitfall_23_doses_of_one_plan_in_two_frames_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    other = place(course_export(1)["rd.dcm"], Lattice())
    other.SOPInstanceUID, other.FrameOfReferenceUID = f"{ROOT}.1.95", "1.2.9"
    export.objects["rd2.dcm"] = other
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "rd2.dcm", export.frame, "1.2.9")


# --- 51 -------------------------------------------------------------------------------


def with_private_tags(dataset: Dataset) -> None:
    """Blocks as planning systems add them, at the top and in every item."""
    for group in (0x3001, 0x3285, 0x4001):
        block = dataset.private_block(group, "A PLANNING SYSTEM", create=True)
        block.add_new(0x01, "LO", "10 Gy in 1 fraction")
        block.add_new(0x02, "UN", b"\x00\x01\xff\xfe\x00\xe0" * 3)
        block.add_new(0x03, "DS", "1e99")
        item = Dataset()
        item.DoseGridScaling = 7
        item.NumberOfFractionsPlanned = 1
        block.add_new(0x04, "SQ", [item])
    for element in dataset:
        if element.VR == "SQ" and not element.tag.is_private:
            for one in element.value:
                with_private_tags(one)


def test_pitfall_51_private_elements_change_nothing(
    export: CourseExport, tmp_path: Path
) -> None:
    plain = surveyed(tmp_path / "plain", export)
    for dataset in export.objects.values():
        with_private_tags(dataset)
    result = surveyed(tmp_path / "private", export)
    assert (result.problems, codes(result)) == ((), codes(plain))
    np.testing.assert_array_equal(
        only_dose(result).values_gy, only_dose(plain).values_gy
    )
    assert result.courses[0].prescription == plain.courses[0].prescription
    for mine, theirs in zip(
        result.courses[0].structures, plain.courses[0].structures, strict=True
    ):
        for left, right in zip(mine.contours, theirs.contours, strict=True):
            np.testing.assert_array_equal(left.points_mm, right.points_mm)


def test_pitfall_51_a_private_sequence_of_unknown_length_is_passed_over(
    export: CourseExport, tmp_path: Path
) -> None:
    for dataset in export.objects.values():
        with_private_tags(dataset)
        for element in dataset:
            if element.VR == "SQ":
                element.is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    result = surveyed(tmp_path, export)
    assert_is_ramp(only_dose(result), Lattice().points_mm())


# --- 52 -------------------------------------------------------------------------------


def test_pitfall_52_one_name_with_two_identifiers_is_not_one_patient(
    export: CourseExport, tmp_path: Path
) -> None:
    second = course_export(2)
    for dataset in second.objects.values():
        dataset.PatientID = "PHANTOM-2"
    result = surveyed(tmp_path, export, second)
    (problem,) = result.problems
    assert result.patient is None
    assert_names(problem, "two different Patient IDs (0010,0020)", "Give the objects")
    assert "PHANTOM-" not in problem
    assert "Phantom^One" not in problem


def test_pitfall_52_an_identifier_that_is_missing_in_one_course_is_said(
    export: CourseExport, tmp_path: Path
) -> None:
    second = course_export(2)
    for dataset in second.objects.values():
        dataset.PatientID = ""
    result = surveyed(tmp_path, export, second)
    assert codes(result) == ["patient-id-missing"]
    assert message(result, "patient-id-missing").startswith("8 of 16 DICOM objects")


def test_pitfall_52_two_people_without_identifiers_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    for dataset in export.objects.values():
        dataset.PatientID = ""
    (problem,) = surveyed(tmp_path, export).problems
    assert_names(problem, "Patient ID (0010,0020)", "empty in every object")
    assert fate(surveyed(tmp_path, export), "rd.dcm")[0] == "used"
