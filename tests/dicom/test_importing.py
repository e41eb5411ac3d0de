"""What becomes of an export as a whole: links, dates, prescriptions and the audit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from reirrad.core.settings import PrescribedDose, Settings
from reirrad.core.structures import Role
from reirrad.dicom.dose_plausibility import DoseRules
from reirrad.dicom.importing import Imported, ImportRules, import_courses
from tests.dicom.exports import (
    ROOT,
    SLICES,
    CourseExport,
    bare,
    course_export,
    dose,
    item,
    plan,
    registration,
    written,
)

RULES = ImportRules(31, DoseRules(0.6, 2.0))
SETTINGS = Settings("Liver", (), 30.0)
SHIFT: list[list[float]] = [[1, 0, 0, 5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def meaning(name: str, dicom_type: str) -> tuple[str | None, Role]:
    roles = {role.value: role for role in Role}
    return {"Fegato": "Liver"}.get(name), roles.get(dicom_type, Role.OTHER)


def imported(
    folder: Path,
    *exports: CourseExport,
    settings: Settings = SETTINGS,
    rules: ImportRules = RULES,
) -> Imported:
    return import_courses(
        [written(folder, *exports)],
        settings=settings,
        rules=rules,
        understand=meaning,
        progress=lambda _: None,
    )


def codes(result: Imported) -> list[str]:
    noted = [finding.code for finding in result.findings]
    return [code for code in noted if code != "course-date-source"]


def fate(result: Imported, name: str) -> tuple[str, str]:
    (row,) = [row for row in result.inputs if row.path.endswith(name)]
    return row.status, row.reason


@pytest.fixture
def first() -> CourseExport:
    return course_export(1)


@pytest.fixture
def second() -> CourseExport:
    return course_export(2)


def test_two_sound_courses_are_found_in_order_of_date(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    result = imported(tmp_path, second, first)
    assert result.problems == ()
    assert codes(result) == []
    one, two = result.courses
    assert (one.number, one.start_date, one.plan_label) == (
        1,
        date(2021, 3, 1),
        "PLAN1",
    )
    assert (two.number, two.start_date) == (2, date(2023, 9, 5))
    assert one.prescription.dose_gy == 45.0
    assert one.prescription.targets[0].roi_number == 8
    (delivery,) = one.deliveries
    assert delivery.n_fractions == 5
    assert delivery.doses[0].values_gy.max() == pytest.approx(50.0)
    assert one.image is not None
    assert {row.status for row in result.inputs} == {"used"}


def test_every_link_says_how_it_was_made(first: CourseExport, tmp_path: Path) -> None:
    ((course,),) = (tree.courses for tree in imported(tmp_path, first).trees)
    (plan_node,) = course.children
    dose_node, structures = plan_node.children
    (image,) = structures.children
    assert (course.kind, plan_node.kind) == ("course", "plan")
    assert (course.link, plan_node.link) == ("by patient ID", "by date")
    assert [n.link for n in (dose_node, structures, image)] == ["by reference"] * 3
    assert image.label == f"CT, {SLICES} slice(s)"


# --- broken references ----------------------------------------------------------------


def test_a_dose_without_its_plan_is_linked_by_frame(
    first: CourseExport, tmp_path: Path
) -> None:
    first["rd.dcm"].ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID = "1.2.9"
    result = imported(tmp_path, first)
    assert result.problems == ()
    assert codes(result) == ["link-by-frame"]
    assert (
        result.trees[0].courses[0].children[0].children[0].link
        == "by frame of reference"
    )
    assert len(result.courses) == 1


def test_structures_and_image_are_linked_by_frame(
    first: CourseExport, tmp_path: Path
) -> None:
    first["rp.dcm"].ReferencedStructureSetSequence[0].ReferencedSOPInstanceUID = "1.9"
    frame = first["rs.dcm"].ReferencedFrameOfReferenceSequence[0]
    del frame.RTReferencedStudySequence
    result = imported(tmp_path, first)
    assert result.problems == ()
    assert codes(result) == ["link-by-frame", "link-by-frame"]
    assert result.courses[0].image is not None


def test_a_dose_with_two_candidate_plans_is_not_guessed(
    first: CourseExport, tmp_path: Path
) -> None:
    first["rd.dcm"].ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID = "1.2.9"
    first.objects["rp2.dcm"] = plan(first, f"{ROOT}.1.55")
    result = imported(tmp_path, first)
    assert any("could belong together" in problem for problem in result.problems)
    assert fate(result, "rd.dcm")[0] == "refused"


def test_two_structure_sets_of_one_frame_are_not_guessed(
    first: CourseExport, tmp_path: Path
) -> None:
    del first["rp.dcm"].ReferencedStructureSetSequence
    other = course_export(1)["rs.dcm"]
    other.SOPInstanceUID = f"{ROOT}.1.44"
    first.objects["rs2.dcm"] = other
    result = imported(tmp_path, first)
    (problem,) = result.problems
    assert "2 structure sets lie in its frame" in problem
    assert "rs2.dcm" in problem


def test_a_dose_reference_to_the_structures_is_followed(
    first: CourseExport, tmp_path: Path
) -> None:
    first["rd.dcm"].ReferencedStructureSetSequence = first[
        "rp.dcm"
    ].ReferencedStructureSetSequence
    del first["rp.dcm"].ReferencedStructureSetSequence
    result = imported(tmp_path, first)
    assert (result.problems, codes(result)) == ((), [])


def test_structures_of_another_frame_are_refused_with_both_uids(
    first: CourseExport, tmp_path: Path
) -> None:
    first["rs.dcm"].ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID = "7.7"
    result = imported(tmp_path, first)
    (problem,) = result.problems
    assert "different frames of reference" in problem
    assert "7.7" in problem
    assert first.frame in problem


def test_a_single_region_of_another_frame_is_left_out(
    first: CourseExport, tmp_path: Path
) -> None:
    first["rs.dcm"].StructureSetROISequence[1].ReferencedFrameOfReferenceUID = "7.7"
    result = imported(tmp_path, first)
    assert codes(result) == ["structure-other-frame"]
    assert [one.name for one in result.courses[0].structures] == ["Fegato"]


def test_an_image_of_another_frame_is_not_used(
    first: CourseExport, tmp_path: Path
) -> None:
    for k in range(SLICES):
        first[f"ct{k}.dcm"].FrameOfReferenceUID = "7.7"
    result = imported(tmp_path, first)
    assert codes(result) == ["image-other-frame", "image-missing"]
    assert result.courses[0].image is None


# --- missing and refused objects ------------------------------------------------------


def without(*names: str) -> Callable[[CourseExport], None]:
    def removed(export: CourseExport) -> None:
        for name in names:
            del export.objects[name]

    return removed


def with_value(name: str, keyword: str, value: object) -> Callable[..., None]:
    def changed(export: CourseExport) -> None:
        setattr(export[name], keyword, value)

    return changed


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (without("rd.dcm"), "There is no RTDOSE in the given paths"),
        (without("rs.dcm"), "there is no RTSTRUCT for this plan"),
        (without("rp.dcm"), r"\[prescription.1\] dose_gy = ..., n_fractions = ..."),
        (with_value("rp.dcm", "DoseReferenceSequence", []), "Dose (300A,0026)"),
        (with_value("rp.dcm", "FractionGroupSequence", []), "(300A,0078), found no"),
        (with_value("rd.dcm", "DoseUnits", "RELATIVE"), "must be GY, found RELATIVE"),
        (with_value("rd.dcm", "DoseGridScaling", None), "Scaling (3004,000E) must be"),
        (with_value("rd.dcm", "PixelData", bytes(16)), "must have 960 bytes"),
    ],
)
def test_what_is_required_is_missed_in_one_sentence(
    first: CourseExport,
    tmp_path: Path,
    *,
    fault: Callable[[CourseExport], None],
    message: str,
) -> None:
    fault(first)
    result = imported(tmp_path, first)
    (problem,) = result.problems
    assert message.replace("\\", "") in problem
    assert result.courses == ()
    assert "PHANTOM" not in problem.upper()


def test_all_faults_are_told_at_once(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    first["rd.dcm"].DoseUnits = "RELATIVE"
    second["rp.dcm"].DoseReferenceSequence = []
    second["rs.dcm"].ROIContourSequence[0].ContourSequence[0].ContourData = [1, 2]
    second["ct0.dcm"].PatientID = "SOMEONE-ELSE"
    problems = imported(tmp_path, first, second).problems
    assert len(problems) == 4
    assert not any("SOMEONE" in problem for problem in problems)


def test_a_missing_plan_is_fine_with_a_prescription_in_the_settings(
    first: CourseExport, tmp_path: Path
) -> None:
    del first.objects["rp.dcm"]
    own = replace(SETTINGS, prescription={1: PrescribedDose(45.0, 5)})
    result = imported(tmp_path, first, settings=own)
    assert result.problems == ()
    (course,) = result.courses
    assert course.prescription.source == "settings prescription.1"
    assert course.deliveries[0].n_fractions == 5
    assert course.start_date == date(2021, 3, 1)


def test_settings_go_before_the_plan_and_say_so(
    first: CourseExport, tmp_path: Path
) -> None:
    own = replace(SETTINGS, prescription={1: PrescribedDose(48.0, 4)})
    result = imported(tmp_path, first, settings=own)
    assert codes(result) == ["prescription-overridden"]
    assert result.courses[0].prescription.dose_gy == 48.0
    assert result.courses[0].deliveries[0].n_fractions == 4


def test_settings_that_agree_with_the_plan_need_no_word(
    first: CourseExport, tmp_path: Path
) -> None:
    own = replace(SETTINGS, prescription={1: PrescribedDose(45.0, 5)})
    assert codes(imported(tmp_path, first, settings=own)) == []


def test_a_prescription_of_a_course_that_is_not_there_is_refused(
    first: CourseExport, tmp_path: Path
) -> None:
    own = replace(SETTINGS, prescription={4: PrescribedDose(45.0, 5)})
    (problem,) = imported(tmp_path, first, settings=own).problems
    assert "there is no course 4; 1 found" in problem


def test_an_incomplete_image_is_refused_and_the_course_goes_on(
    first: CourseExport, tmp_path: Path
) -> None:
    del first.objects["ct2.dcm"], first.objects["ct3.dcm"]
    result = imported(tmp_path, first)
    assert codes(result) == ["image-not-usable"]
    assert result.courses[0].image is None
    assert fate(result, "ct1.dcm")[0] == "refused"


def test_slices_missing_at_the_end_are_told(
    first: CourseExport, tmp_path: Path
) -> None:
    del first.objects["ct4.dcm"]
    result = imported(tmp_path, first)
    assert codes(result) == ["image-incomplete"]
    assert result.courses[0].image is not None


def test_objects_of_other_kinds_are_ignored_with_their_reason(
    first: CourseExport, tmp_path: Path
) -> None:
    first.objects["sr.dcm"] = bare("SR", f"{ROOT}.1.99")
    result = imported(tmp_path, first)
    assert fate(result, "sr.dcm") == ("ignored", "SR objects are not needed")


def test_an_unneeded_relative_dose_beside_a_sound_one_is_a_finding(
    first: CourseExport, tmp_path: Path
) -> None:
    first.objects["rd2.dcm"] = dose(first, f"{ROOT}.1.71", first.uid("rp.dcm"))
    first["rd2.dcm"].DoseUnits = "RELATIVE"
    result = imported(tmp_path, first)
    assert result.problems == ()
    assert codes(result) == ["dose-refused"]
    assert fate(result, "rd2.dcm")[0] == "refused"


def test_a_plan_that_was_not_calculated_is_a_finding(
    first: CourseExport, tmp_path: Path
) -> None:
    first.objects["rp2.dcm"] = plan(first, f"{ROOT}.1.55")
    result = imported(tmp_path, first)
    assert codes(result) == ["plan-without-dose"]
    assert fate(result, "rp2.dcm")[0] == "ignored"


def test_a_plan_in_a_frame_without_dose_is_a_lost_course(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    del second.objects["rd.dcm"]
    (problem,) = imported(tmp_path, first, second).problems
    assert "no RTDOSE belongs to this plan ('PLAN2')" in problem


# --- doses of a plan ------------------------------------------------------------------


def beam_doses(export: CourseExport, *beams: int) -> None:
    del export.objects["rd.dcm"]
    for n in beams:
        export.objects[f"rd{n}.dcm"] = dose(
            export,
            f"{ROOT}.{export.number}.7{n}",
            export.uid("rp.dcm"),
            inside_gy=25.0,
            beam=n,
        )


def test_all_beams_of_a_plan_make_its_dose(first: CourseExport, tmp_path: Path) -> None:
    beam_doses(first, 1, 2)
    result = imported(tmp_path, first)
    assert result.problems == ()
    (delivery,) = result.courses[0].deliveries
    assert len(delivery.doses) == 2


def test_a_missing_beam_is_named(first: CourseExport, tmp_path: Path) -> None:
    beam_doses(first, 2)
    (problem,) = imported(tmp_path, first).problems
    assert "beam 1 of 2 has none" in problem


def test_beams_of_a_fraction_group_alone_must_all_have_a_dose(
    first: CourseExport, tmp_path: Path
) -> None:
    beam_doses(first, 1, 2)
    plan_object = first["rp.dcm"]
    del plan_object.BeamSequence
    (group,) = plan_object.FractionGroupSequence
    group.ReferencedBeamSequence = [item(ReferencedBeamNumber=n) for n in (1, 2, 3)]
    (problem,) = imported(tmp_path / "one", first).problems
    assert "beam 3 of 3 has none" in problem

    del group.ReferencedBeamSequence[2]
    assert imported(tmp_path / "all", first).problems == ()


def test_beams_of_a_plan_that_lists_none_are_refused(
    first: CourseExport, tmp_path: Path
) -> None:
    beam_doses(first, 1)
    del first["rp.dcm"].BeamSequence
    (problem,) = imported(tmp_path, first).problems
    assert "lists no beams" in problem
    assert "(300A,00B0)" in problem


def test_beams_without_their_plan_are_refused(
    first: CourseExport, tmp_path: Path
) -> None:
    beam_doses(first, 1, 2)
    del first.objects["rp.dcm"]
    own = replace(SETTINGS, prescription={1: PrescribedDose(45.0, 5)})
    problems = imported(tmp_path, first, settings=own).problems
    assert any("unknown whether all beams are there" in one for one in problems)


def test_a_beam_that_is_not_named_is_refused(
    first: CourseExport, tmp_path: Path
) -> None:
    beam_doses(first, 1, 2)
    del first["rd1.dcm"].ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence
    (problem,) = imported(tmp_path, first).problems
    assert "does not name it" in problem


def test_two_different_doses_of_one_beam_are_refused(
    first: CourseExport, tmp_path: Path
) -> None:
    beam_doses(first, 1, 2)
    first.objects["rd9.dcm"] = dose(
        first, f"{ROOT}.1.79", first.uid("rp.dcm"), inside_gy=20.0, beam=2
    )
    (problem,) = imported(tmp_path, first).problems
    assert "different doses of beam 2" in problem


def test_the_plan_dose_goes_before_beam_doses(
    first: CourseExport, tmp_path: Path
) -> None:
    first.objects["beam.dcm"] = dose(
        first, f"{ROOT}.1.71", first.uid("rp.dcm"), inside_gy=25.0, beam=1
    )
    result = imported(tmp_path, first)
    assert len(result.courses[0].deliveries[0].doses) == 1
    status, reason = fate(result, "beam.dcm")
    assert status == "ignored"
    assert "whole plan" in reason


def test_two_different_plan_doses_are_refused_naming_both(
    first: CourseExport, tmp_path: Path
) -> None:
    first.objects["rd2.dcm"] = dose(
        first, f"{ROOT}.1.71", first.uid("rp.dcm"), inside_gy=40.0
    )
    (problem,) = imported(tmp_path, first).problems
    assert "rd.dcm" in problem
    assert "rd2.dcm" in problem


def test_the_same_plan_dose_twice_counts_once(
    first: CourseExport, tmp_path: Path
) -> None:
    first.objects["rd2.dcm"] = dose(first, f"{ROOT}.1.71", first.uid("rp.dcm"))
    result = imported(tmp_path, first)
    assert result.problems == ()
    assert len(result.courses[0].deliveries[0].doses) == 1
    assert fate(result, "rd2.dcm")[0] == "ignored"


@pytest.mark.parametrize(
    ("inside_gy", "expected"),
    [
        pytest.param(10.0, "looks like that of one fraction", id="one fraction"),
        pytest.param(17.9, "looks like that of one fraction", id="hot fraction"),
    ],
)
def test_the_dose_of_one_fraction_is_refused(
    first: CourseExport, tmp_path: Path, inside_gy: float, expected: str
) -> None:
    first.objects["rd.dcm"] = dose(
        first, f"{ROOT}.1.7", first.uid("rp.dcm"), inside_gy=inside_gy
    )
    result = imported(tmp_path, first)
    assert any(expected in problem for problem in result.problems)
    assert result.courses == ()


@pytest.mark.parametrize(
    ("inside_gy", "code"),
    [(20.0, "dose-below-prescription"), (100.0, "dose-above-prescription")],
)
def test_a_dose_that_hardly_fits_its_prescription_is_a_finding(
    first: CourseExport, tmp_path: Path, inside_gy: float, code: str
) -> None:
    first.objects["rd.dcm"] = dose(
        first, f"{ROOT}.1.7", first.uid("rp.dcm"), inside_gy=inside_gy
    )
    result = imported(tmp_path, first)
    assert codes(result) == [code]
    assert len(result.courses) == 1


# --- several plans --------------------------------------------------------------------


def add_plan(
    export: CourseExport,
    *,
    fractions: int,
    dose_gy: float,
    day: str,
    shift_mm: float = 0.0,
) -> Dataset:
    """A second plan of a course, its dose moved along x."""
    number = export.number
    boost = plan(export, f"{ROOT}.{number}.55")
    boost.RTPlanLabel = "BOOST"
    boost.RTPlanDate = day
    boost.FractionGroupSequence[0].NumberOfFractionsPlanned = fractions
    boost.DoseReferenceSequence[0].TargetPrescriptionDose = dose_gy
    export.objects["rp2.dcm"] = boost
    moved = dose(
        export, f"{ROOT}.{number}.77", f"{ROOT}.{number}.55", inside_gy=dose_gy * 1.1
    )
    moved.ImagePositionPatient = [-7.0 + shift_mm, -8.0, 0.0]
    export.objects["rd2.dcm"] = moved
    return boost


def test_a_boost_adds_up_and_is_a_delivery_of_its_own(
    first: CourseExport, tmp_path: Path
) -> None:
    add_plan(first, fractions=2, dose_gy=10.0, day="20210320")
    result = imported(tmp_path, first)
    (course,) = result.courses
    assert course.plan_label == "PLAN1 + BOOST"
    assert [one.n_fractions for one in course.deliveries] == [5, 2]
    assert (course.prescription.dose_gy, course.prescription.n_fractions) == (55.0, 7)
    assert codes(result) == ["several-plans", "plans-in-different-fractions"]


def test_the_users_prescription_of_several_plans_is_judged_in_its_own_fractions(
    first: CourseExport, tmp_path: Path
) -> None:
    add_plan(first, fractions=1, dose_gy=10.0, day="20210320")
    own = replace(SETTINGS, prescription={1: PrescribedDose(55.0, 6)})
    usual = replace(
        RULES.dose, lowest_per_fraction_gy=1.0, highest_per_fraction_gy=34.0
    )
    result = imported(tmp_path, first, settings=own, rules=replace(RULES, dose=usual))
    assert result.problems == ()
    assert "dose-per-fraction-unlikely" not in codes(result)


def test_plans_in_the_same_fractions_are_one_delivery(
    first: CourseExport, tmp_path: Path
) -> None:
    add_plan(first, fractions=5, dose_gy=40.0, day="20210301", shift_mm=200.0)
    result = imported(tmp_path, first)
    (delivery,) = result.courses[0].deliveries
    assert len(delivery.doses) == 2
    prescription = result.courses[0].prescription
    assert (prescription.dose_gy, prescription.n_fractions) == (45.0, 5)
    assert codes(result) == ["several-plans"]


def own(dose_gy: float, n_fractions: int) -> Settings:
    return replace(SETTINGS, prescription={1: PrescribedDose(dose_gy, n_fractions)})


def test_several_plans_are_told_under_an_own_prescription_too(
    first: CourseExport, tmp_path: Path
) -> None:
    add_plan(first, fractions=2, dose_gy=10.0, day="20210320")
    result = imported(tmp_path, first, settings=own(55.0, 7))
    assert codes(result) == ["several-plans", "plans-in-different-fractions"]
    (course,) = result.courses
    assert [one.n_fractions for one in course.deliveries] == [5, 2]


def test_own_fractions_that_do_not_fit_the_plans_are_refused(
    first: CourseExport, tmp_path: Path
) -> None:
    add_plan(first, fractions=2, dose_gy=10.0, day="20210320")
    result = imported(tmp_path, first, settings=own(55.0, 6))
    (problem,) = result.problems
    assert "prescription.1: n_fractions = 6 does not fit the plans" in problem
    assert "in 5 and 2 fractions (Number of Fractions Planned (300A,0078))" in problem
    assert "Use 7, or" in problem
    assert result.courses == ()


@pytest.mark.parametrize(
    ("n_fractions", "deliveries"), [(5, [(5, 2)]), (10, [(5, 1), (5, 1)])]
)
def test_plans_of_equal_numbers_share_their_sessions_or_come_in_turn(
    first: CourseExport,
    tmp_path: Path,
    n_fractions: int,
    deliveries: list[tuple[int, int]],
) -> None:
    add_plan(first, fractions=5, dose_gy=10.0, day="20210320")
    (course,) = imported(tmp_path, first, settings=own(55.0, n_fractions)).courses
    assert course.prescription.n_fractions == n_fractions
    found = [(one.n_fractions, len(one.doses)) for one in course.deliveries]
    assert found == deliveries


@pytest.mark.parametrize("n_fractions", [4, 7, 20])
def test_no_other_number_holds_for_plans_of_equal_numbers(
    first: CourseExport, tmp_path: Path, n_fractions: int
) -> None:
    add_plan(first, fractions=5, dose_gy=10.0, day="20210320")
    (problem,) = imported(tmp_path, first, settings=own(55.0, n_fractions)).problems
    assert "Use 5 or 10, or" in problem


def test_a_plan_without_fractions_does_not_take_those_of_the_course(
    first: CourseExport, tmp_path: Path
) -> None:
    boost = add_plan(first, fractions=2, dose_gy=10.0, day="20210320")
    del boost.FractionGroupSequence
    result = imported(tmp_path, first, settings=own(55.0, 7))
    (problem,) = result.problems
    assert "course 1 has 2 plans" in problem
    assert "rp2.dcm has no single Number of Fractions Planned" in problem
    assert result.courses == ()


def test_two_fraction_groups_of_a_single_plan_take_an_own_prescription(
    first: CourseExport, tmp_path: Path
) -> None:
    groups = first["rp.dcm"].FractionGroupSequence
    groups.append(item(FractionGroupNumber=2, NumberOfFractionsPlanned=5))
    (problem,) = imported(tmp_path / "without", first).problems
    assert "found 5, 5" in problem
    (course,) = imported(tmp_path / "own", first, settings=own(45.0, 10)).courses
    assert course.deliveries[0].n_fractions == 10


@pytest.mark.parametrize(
    ("day", "n_courses"),
    [("20210401", 1), ("20210402", 2), ("20220301", 2)],
)
def test_plans_of_one_image_are_one_course_for_a_month(
    first: CourseExport, tmp_path: Path, day: str, n_courses: int
) -> None:
    add_plan(first, fractions=5, dose_gy=40.0, day=day)
    result = imported(tmp_path, first)
    assert result.problems == ()
    assert len(result.courses) == n_courses


def test_courses_close_in_time_are_a_finding(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    second["rp.dcm"].RTPlanDate = "20210310"
    assert codes(imported(tmp_path, first, second)) == ["courses-close-in-time"]


@pytest.mark.parametrize(
    "dated",
    [
        ("20210331", ["courses-close-in-time"]),
        ("20210402", ["interval-short"]),
        ("20210830", ["interval-short"]),
        ("20210831", []),
    ],
)
def test_less_than_half_a_year_between_courses_is_a_finding(
    first: CourseExport,
    second: CourseExport,
    tmp_path: Path,
    dated: tuple[str, list[str]],
) -> None:
    day, expected = dated
    second["rp.dcm"].RTPlanDate = day
    result = imported(
        tmp_path, first, second, rules=replace(RULES, short_interval_days=183)
    )
    assert codes(result) == expected


# --- dates ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "source"),
    [
        ([], "RT Plan Date"),
        (["plan"], "date of the planning image"),
        (["plan", "image"], "Structure Set Date"),
        (["plan", "image", "structures"], "Study Date"),
    ],
)
def test_the_date_comes_from_the_nearest_thing_to_the_first_fraction(
    first: CourseExport, tmp_path: Path, missing: list[str], source: str
) -> None:
    remove_dates(first, missing)
    result = imported(tmp_path, first)
    (finding,) = result.findings
    assert finding.code == "course-date-source"
    assert source in finding.message


def remove_dates(export: CourseExport, of: list[str]) -> None:
    if "plan" in of:
        del export["rp.dcm"].RTPlanDate
    if "image" in of:
        for k in range(SLICES):
            del export[f"ct{k}.dcm"].StudyDate
    if "structures" in of:
        del export["rs.dcm"].StructureSetDate
    if "dose" in of:
        del export["rd.dcm"].StudyDate


def test_no_date_is_refused_naming_the_setting(
    first: CourseExport, tmp_path: Path
) -> None:
    remove_dates(first, ["plan", "image", "structures", "dose"])
    (problem,) = imported(tmp_path, first).problems
    assert f'[start_date] "{first.frame}" = YYYY-MM-DD' in problem


def test_equal_dates_are_refused_naming_the_setting(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    second["rp.dcm"].RTPlanDate = "20210301"
    (problem,) = imported(tmp_path, first, second).problems
    assert "the same date, 2021-03-01" in problem
    assert first.frame in problem
    assert second.frame in problem


@pytest.mark.parametrize("by", ["label", "frame"])
def test_dates_of_the_settings_go_first(
    first: CourseExport, second: CourseExport, tmp_path: Path, by: str
) -> None:
    key = "PLAN2" if by == "label" else second.frame
    own = replace(SETTINGS, start_date={key: date(2020, 1, 1)})
    result = imported(tmp_path, first, second, settings=own)
    assert [one.plan_label for one in result.courses] == ["PLAN2", "PLAN1"]


def test_a_date_for_an_unknown_plan_is_refused(
    first: CourseExport, tmp_path: Path
) -> None:
    own = replace(SETTINGS, start_date={"PLAN9": date(2020, 1, 1)})
    (problem,) = imported(tmp_path, first, settings=own).problems
    assert "start_date.PLAN9" in problem
    assert "'PLAN1'" in problem


# --- patient --------------------------------------------------------------------------


def test_two_patients_are_refused_without_saying_who(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    for dataset in second.objects.values():
        dataset.PatientID = "OTHER-2"
    result = imported(tmp_path, first, second)
    (problem,) = result.problems
    assert "two different Patient IDs" in problem
    assert "OTHER" not in problem
    assert result.patient is None


def test_another_patients_unneeded_object_is_refused_too(
    first: CourseExport, tmp_path: Path
) -> None:
    first.objects["sr.dcm"] = bare("SR", f"{ROOT}.1.99")
    first["sr.dcm"].PatientID = "OTHER-2"
    assert len(imported(tmp_path, first).problems) == 1


@pytest.mark.parametrize("patient_id", [" phantom-1", "PHANTOM-1  "])
def test_case_and_padding_make_no_other_patient(
    first: CourseExport, tmp_path: Path, patient_id: str
) -> None:
    first["rd.dcm"].PatientID = patient_id
    assert imported(tmp_path, first).problems == ()


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientName", "Anyone^Else"),
        ("PatientBirthDate", "19510101"),
        ("PatientSex", "F"),
    ],
)
def test_other_names_and_birth_dates_are_findings_that_quote_nothing(
    first: CourseExport, tmp_path: Path, keyword: str, value: str
) -> None:
    setattr(first["rd.dcm"], keyword, value)
    result = imported(tmp_path, first)
    assert result.problems == ()
    assert codes(result) == ["patient-attributes-differ"]
    assert "Anyone" not in result.findings[0].message
    assert "1951" not in result.findings[0].message


def test_other_issuers_of_one_patient_id_are_a_finding(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    first["rd.dcm"].IssuerOfPatientID = "HOSPITAL A"
    assert codes(imported(tmp_path / "one", first)) == []
    second["rd.dcm"].IssuerOfPatientID = "HOSPITAL B"
    result = imported(tmp_path / "two", first, second)
    assert codes(result) == ["patient-attributes-differ"]
    assert "HOSPITAL" not in result.findings[0].message


@pytest.mark.parametrize(
    "stated",
    [
        ("PatientName", "Other^Person", "(0010,0010)"),
        ("PatientName", "Phantom^Two", "(0010,0010)"),
        ("PatientBirthDate", "19500102", "(0010,0030)"),
        ("PatientSex", "F", "(0010,0040)"),
    ],
)
def test_a_course_without_patient_id_of_another_person_is_refused(
    first: CourseExport,
    second: CourseExport,
    tmp_path: Path,
    stated: tuple[str, str, str],
) -> None:
    keyword, value, tag = stated
    for export in (first, second):
        for dataset in export.objects.values():
            dataset.PatientSex = "M"
    for dataset in second.objects.values():
        dataset.PatientID = ""
        setattr(dataset, keyword, value)
    (problem,) = imported(tmp_path, first, second).problems
    assert "has no Patient ID (0010,0020)" in problem
    assert tag in problem
    assert value not in problem


@pytest.mark.parametrize(
    "written_as",
    [
        ("PatientName", " PHANTOM^ONE^^^ "),
        ("PatientName", "One, Phantom"),
        ("PatientName", "Phantóm^Óne"),
        ("PatientName", "Phantom"),
        ("PatientName", "Phantom^One^Middle"),
        ("PatientName", "Phantom^One=幻影^一"),
        ("PatientName", ""),
        ("PatientBirthDate", "1950.01.01"),
        ("PatientBirthDate", ""),
        ("PatientBirthDate", "1950"),
        ("PatientSex", "F"),
        ("PatientSex", ""),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
def test_a_course_without_patient_id_may_write_the_same_person_otherwise(
    first: CourseExport,
    second: CourseExport,
    tmp_path: Path,
    written_as: tuple[str, str],
) -> None:
    keyword, value = written_as
    for dataset in second.objects.values():
        dataset.SpecificCharacterSet = "ISO_IR 192"
        dataset.PatientID = ""
        setattr(dataset, keyword, value)
    result = imported(tmp_path, first, second)
    assert result.problems == ()
    assert codes(result) == ["patient-id-missing"]


def test_objects_without_patient_id_are_compared_where_the_others_state_nothing(
    first: CourseExport, tmp_path: Path
) -> None:
    for dataset in first.objects.values():
        dataset.PatientName = ""
    for name, said in {"rd.dcm": "Phantom^One", "rp.dcm": "Other^Person"}.items():
        first[name].PatientID = ""
        first[name].PatientName = said
    (problem,) = imported(tmp_path, first).problems
    assert "contradicts" in problem


@pytest.mark.parametrize(
    ("born", "expected"), [("20210302", ["birth-after-course"]), ("20210301", [])]
)
def test_a_birth_after_a_course_is_a_finding(
    first: CourseExport, tmp_path: Path, born: str, expected: list[str]
) -> None:
    for dataset in first.objects.values():
        dataset.PatientBirthDate = born
    assert codes(imported(tmp_path, first)) == expected


def test_an_object_without_patient_id_is_a_finding(
    first: CourseExport, tmp_path: Path
) -> None:
    first["rd.dcm"].PatientID = ""
    assert codes(imported(tmp_path, first)) == ["patient-id-missing"]


def test_an_export_without_any_patient_id_is_refused(
    first: CourseExport, tmp_path: Path
) -> None:
    for dataset in first.objects.values():
        dataset.PatientID = ""
    (problem,) = imported(tmp_path, first).problems
    assert "is empty in every object" in problem


# --- registrations --------------------------------------------------------------------


def test_a_registration_between_the_courses_is_used(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    first.objects["reg.dcm"] = registration(
        f"{ROOT}.9.1", first.frame, second.frame, SHIFT
    )
    result = imported(tmp_path, first, second)
    assert result.problems == ()
    assert len(result.registrations) == 1
    assert fate(result, "reg.dcm")[0] == "used"


def test_a_registration_of_other_frames_is_ignored(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    first.objects["reg.dcm"] = registration(f"{ROOT}.9.1", first.frame, "1.2.9", SHIFT)
    result = imported(tmp_path, first, second)
    assert result.registrations == ()
    assert fate(result, "reg.dcm")[0] == "ignored"


def test_contradicting_registrations_are_refused_naming_both(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    for name, frames in {
        "reg1.dcm": (first.frame, second.frame),
        "reg2.dcm": (second.frame, first.frame),
    }.items():
        uid = f"{ROOT}.9.{name[3]}"
        first.objects[name] = registration(uid, *frames, SHIFT)
    (problem,) = imported(tmp_path, first, second).problems
    assert "reg1.dcm" in problem
    assert "reg2.dcm" in problem
    assert "10.0 mm" in problem


def test_a_registration_that_is_not_rigid_is_a_finding(
    first: CourseExport, second: CourseExport, tmp_path: Path
) -> None:
    scaled: list[list[float]] = [[1.1, 0, 0, 0], *SHIFT[1:]]
    first.objects["reg.dcm"] = registration(
        f"{ROOT}.9.1", first.frame, second.frame, scaled
    )
    result = imported(tmp_path, first, second)
    assert result.problems == ()
    assert codes(result) == ["registration-refused"]
    assert fate(result, "reg.dcm")[0] == "refused"


def test_a_brachytherapy_plan_is_cautioned(first: CourseExport, tmp_path: Path) -> None:
    first["rp.dcm"].ApplicationSetupSequence = [item()]
    assert codes(imported(tmp_path, first)) == ["plan-caution"]
