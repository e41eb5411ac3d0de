"""Which region a plan's target is, and what it receives from several plans."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from reirrad.core.courses import Course
from reirrad.core.plan_quality import target_prescription_gy
from reirrad.core.settings import PrescribedDose, Settings
from reirrad.core.structures import Role
from reirrad.dicom.dose_plausibility import DoseRules
from reirrad.dicom.importing import Imported, ImportRules, import_courses
from tests.dicom.exports import (
    ROOT,
    CourseExport,
    contour,
    course_export,
    dose,
    item,
    plan,
    structure_set,
    written,
)

RULES = ImportRules(31, DoseRules(0.6, 2.0))
SETTINGS = Settings("Liver", (), 30.0)
FAR_MM = 200.0
OTHER_SET = f"{ROOT}.1.44"
Box = tuple[str, float, float]
"""Name, half width and middle along x, in mm."""
Totals = set[tuple[int | None, float]]


@pytest.fixture
def export() -> CourseExport:
    return course_export(1)


def imported(
    folder: Path, export: CourseExport, settings: Settings = SETTINGS
) -> Imported:
    return import_courses(
        [written(folder, export)],
        settings=settings,
        rules=RULES,
        understand=lambda name, _: (None, Role.PTV),
        progress=lambda _: None,
    )


def only_course(result: Imported) -> Course:
    assert result.problems == ()
    (course,) = result.courses
    return course


def totals(course: Course) -> Totals:
    return {(one.roi_number, one.dose_gy) for one in course.prescription.targets}


def about_targets(result: Imported) -> list[str]:
    return [one.code for one in result.findings if one.code.startswith("target-")]


def draw(dataset: Dataset, regions: Mapping[int, Box]) -> None:
    """Give a structure set these regions alone."""

    def box(half: float, x: float, z: float) -> Dataset:
        corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
        return contour(value for u, v in corners for value in (x + u, v, z))

    frame = dataset.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID
    dataset.StructureSetROISequence = [
        item(ROINumber=n, ROIName=name, ReferencedFrameOfReferenceUID=frame)
        for n, (name, _, _) in regions.items()
    ]
    dataset.ROIContourSequence = [
        item(
            ReferencedROINumber=n,
            ContourSequence=[box(half, x, z) for z in (4.0, 8.0, 12.0)],
        )
        for n, (_, half, x) in regions.items()
    ]
    dataset.RTROIObservationsSequence = []


def order(dataset: Dataset, *targets: tuple[float, int | None, str]) -> None:
    """Let a plan order doses: Gy, ROI Number and words."""
    dataset.DoseReferenceSequence = []
    for dose_gy, number, words in targets:
        reference = item(
            DoseReferenceType="TARGET",
            TargetPrescriptionDose=dose_gy,
            DoseReferenceDescription=words,
        )
        if number is not None:
            reference.ReferencedROINumber = number
        dataset.DoseReferenceSequence.append(reference)


def add_plan(export: CourseExport, dose_gy: float, *, shift_mm: float = 0.0) -> Dataset:
    """A later plan of two fractions, of the same structure set unless changed."""
    later = plan(export, f"{ROOT}.1.55")
    later.RTPlanLabel, later.RTPlanDate = "LATER", "20210320"
    later.FractionGroupSequence[0].NumberOfFractionsPlanned = 2
    order(later, (dose_gy, 8, "PTV"))
    moved = dose(export, f"{ROOT}.1.77", f"{ROOT}.1.55", inside_gy=1.1 * dose_gy)
    moved.ImagePositionPatient = [-7.0 + shift_mm, -8.0, 0.0]
    export.objects["rp2.dcm"], export.objects["rd2.dcm"] = later, moved
    return later


def add_other_set(export: CourseExport, regions: Mapping[int, Box]) -> None:
    """A structure set of the later plan, which is the one that is used."""
    other = structure_set(export)
    other.SOPInstanceUID = OTHER_SET
    draw(other, regions)
    export.objects["rs2.dcm"] = other
    export["rp2.dcm"].ReferencedStructureSetSequence = [
        item(ReferencedSOPInstanceUID=OTHER_SET)
    ]


# --- plans that add up ----------------------------------------------------------------


def test_a_boost_of_the_same_region_adds_to_its_dose(
    export: CourseExport, tmp_path: Path
) -> None:
    order(export["rp.dcm"], (45.0, 8, ""))
    order(add_plan(export, 10.0), (10.0, 8, "boost"))
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(8, 55.0)}
    assert about_targets(result) == []


def test_a_boost_within_the_target_adds_to_the_boosted_part_alone(
    export: CourseExport, tmp_path: Path
) -> None:
    draw(export["rs.dcm"], {8: ("PTV", 4.0, 0.0), 9: ("boost", 2.0, 1.0)})
    order(export["rp.dcm"], (45.0, 8, ""))
    order(add_plan(export, 10.0), (10.0, 9, ""))
    result = imported(tmp_path, export)
    course = only_course(result)
    assert course.prescription.dose_gy == 55.0
    assert totals(course) == {(8, 45.0), (9, 55.0)}
    assert about_targets(result) == []


def test_a_boost_that_sticks_out_takes_the_prescription_of_the_course(
    export: CourseExport, tmp_path: Path
) -> None:
    draw(export["rs.dcm"], {8: ("PTV", 4.0, 0.0), 9: ("boost", 2.0, 4.0)})
    order(export["rp.dcm"], (45.0, 8, ""))
    order(add_plan(export, 10.0), (10.0, 9, ""))
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(8, 55.0), (9, 55.0)}
    assert about_targets(result) == ["target-dose-assumed"]


def test_nothing_is_added_to_a_target_apart(
    export: CourseExport, tmp_path: Path
) -> None:
    draw(export["rs.dcm"], {8: ("PTV", 4.0, 0.0), 9: ("node", 2.0, 50.0)})
    order(export["rp.dcm"], (45.0, 8, ""), (30.0, 9, ""))
    order(add_plan(export, 10.0), (10.0, 8, ""))
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(8, 55.0), (9, 30.0)}
    assert about_targets(result) == []


def test_of_unknown_targets_the_highest_of_each_plan_adds_up(
    export: CourseExport, tmp_path: Path
) -> None:
    order(export["rp.dcm"], (45.0, None, "high"), (30.0, None, "low"))
    order(add_plan(export, 10.0), (10.0, None, "boost"))
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(None, 55.0), (None, 30.0)}
    (finding,) = [one for one in result.findings if one.code == "target-dose-assumed"]
    assert "high: 55 Gy, low: 30 Gy, boost: 55 Gy" in finding.message


# --- plans of several structure sets --------------------------------------------------


def two_sets(
    export: CourseExport, later: Mapping[int, Box], *, shift_mm: float = FAR_MM
) -> None:
    """45 Gy to number 8, PTV_A of its own set; 30 Gy to number 8 of a later set."""
    draw(export["rs.dcm"], {8: ("PTV_A", 4.0, 0.0)})
    order(export["rp.dcm"], (45.0, 8, "target"))
    order(add_plan(export, 30.0, shift_mm=shift_mm), (30.0, 8, "target"))
    add_other_set(export, later)


def test_a_number_of_another_structure_set_is_followed_by_name(
    export: CourseExport, tmp_path: Path
) -> None:
    later: dict[int, Box] = {8: ("PTV_B", 4.0, FAR_MM), 9: (" ptv_a", 4.0, 0.0)}
    two_sets(export, later)
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(9, 45.0), (8, 30.0)}
    assert about_targets(result) == []


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["PTV_B"], id="not drawn"),
        pytest.param(["PTV_B", "PTV_A", "ptv_a"], id="drawn twice"),
        pytest.param(["PTV_B", "target"], id="other words of the plan"),
    ],
)
def test_a_number_of_another_structure_set_is_never_another_region(
    export: CourseExport, tmp_path: Path, names: list[str]
) -> None:
    two_sets(export, {n: (name, 4.0, FAR_MM) for n, name in enumerate(names, start=8)})
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(None, 45.0), (8, 30.0)}
    assert about_targets(result) == ["target-not-identified"]


def test_a_name_that_is_not_unique_in_its_own_set_leads_nowhere(
    export: CourseExport, tmp_path: Path
) -> None:
    two_sets(export, {8: ("PTV_B", 4.0, FAR_MM), 9: ("PTV_A", 4.0, 0.0)})
    draw(export["rs.dcm"], {8: ("PTV_A", 4.0, 0.0), 2: ("PTV_A", 4.0, 9.0)})
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(None, 45.0), (8, 30.0)}


def test_one_name_at_two_places_is_not_one_target(
    export: CourseExport, tmp_path: Path
) -> None:
    two_sets(export, {8: ("PTV_A", 4.0, FAR_MM)})
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(None, 45.0), (8, 30.0)}
    assert about_targets(result) == ["target-not-identified"]


def test_one_name_at_one_place_adds_up_over_structure_sets(
    export: CourseExport, tmp_path: Path
) -> None:
    two_sets(export, {5: ("PTV_A", 4.0, 0.0)}, shift_mm=0.0)
    order(export["rp2.dcm"], (30.0, 5, ""))
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(5, 75.0)}
    assert about_targets(result) == []


@pytest.mark.parametrize(
    ("words", "number", "noted"),
    [("PTV", 8, []), ("", None, ["target-not-identified"])],
)
def test_a_number_of_a_set_that_is_not_given_is_not_used(
    export: CourseExport,
    tmp_path: Path,
    *,
    words: str,
    number: int | None,
    noted: list[str],
) -> None:
    order(export["rp.dcm"], (45.0, 3, words))
    (reference,) = export["rp.dcm"].ReferencedStructureSetSequence
    reference.ReferencedSOPInstanceUID = "1.2.9"
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(number, 45.0)}
    assert about_targets(result) == noted


# --- plans that do not add up ---------------------------------------------------------


def test_targets_of_one_set_keep_their_doses(
    export: CourseExport, tmp_path: Path
) -> None:
    draw(export["rs.dcm"], {8: ("A", 4.0, 0.0), 9: ("B", 4.0, FAR_MM)})
    order(export["rp.dcm"], (45.0, 8, ""))
    order(add_plan(export, 30.0, shift_mm=FAR_MM), (30.0, 9, ""), (28.0, 8, ""))
    result = imported(tmp_path, export)
    assert totals(only_course(result)) == {(8, 45.0), (9, 30.0)}
    assert about_targets(result) == []


# --- own prescriptions ----------------------------------------------------------------


def own(dose_gy: float, n_fractions: int) -> Settings:
    return replace(SETTINGS, prescription={1: PrescribedDose(dose_gy, n_fractions)})


def test_an_own_prescription_holds_for_every_target(
    export: CourseExport, tmp_path: Path
) -> None:
    draw(export["rs.dcm"], {8: ("PTV", 4.0, 0.0), 9: ("node", 2.0, 50.0)})
    order(export["rp.dcm"], (45.0, 8, ""), (30.0, 9, ""))
    result = imported(tmp_path, export, own(60.0, 5))
    course = only_course(result)
    assert totals(course) == {(8, 60.0), (9, 60.0)}
    for structure in course.structures:
        assert target_prescription_gy(course, structure) == 60.0
    (finding,) = [one for one in result.findings if "overridden" in one.code]
    assert "(45, 30 Gy)" in finding.message
    assert "judged against 60 Gy" in finding.message


def test_an_own_prescription_of_the_same_dose_leaves_the_targets(
    export: CourseExport, tmp_path: Path
) -> None:
    draw(export["rs.dcm"], {8: ("PTV", 4.0, 0.0), 9: ("node", 2.0, 50.0)})
    order(export["rp.dcm"], (45.0, 8, ""), (30.0, 9, ""))
    del export["rp.dcm"].FractionGroupSequence
    course = only_course(imported(tmp_path, export, own(45.0, 5)))
    assert totals(course) == {(8, 45.0), (9, 30.0)}
    assert course.deliveries[0].n_fractions == 5


def test_an_own_prescription_of_several_plans_holds_for_their_targets(
    export: CourseExport, tmp_path: Path
) -> None:
    order(export["rp.dcm"], (45.0, 8, ""))
    add_plan(export, 10.0)
    course = only_course(imported(tmp_path, export, own(50.0, 7)))
    assert totals(course) == {(8, 50.0)}
