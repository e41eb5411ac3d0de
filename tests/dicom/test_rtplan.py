from datetime import date
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from reirrad.dicom.rtplan import Plan, read_plan
from reirrad.errors import DicomError
from tests.dicom.exports import course_export, found_file, found_object, item


@pytest.fixture
def ordered() -> Dataset:
    return course_export(1)["rp.dcm"]


def read(dataset: Dataset, folder: Path) -> Plan:
    return read_plan(found_object(folder, dataset))


def test_a_plan_says_what_was_ordered(ordered: Dataset, tmp_path: Path) -> None:
    plan = read(ordered, tmp_path)
    assert (plan.label, plan.plan_date) == ("PLAN1", date(2021, 3, 1))
    assert (plan.dose_gy, plan.n_fractions) == (45.0, 5)
    assert plan.structure_set_uid == course_export(1).uid("rs.dcm")
    assert plan.caution == ""


def test_set_up_beams_do_not_treat(ordered: Dataset, tmp_path: Path) -> None:
    assert read(ordered, tmp_path).treatment_beams == (1, 2)


@pytest.mark.parametrize(
    ("described", "expected"),
    [((), (1, 2, 7, 9)), ((1, 7), (1, 2, 9)), ((1, 2, 7), (1, 2, 9))],
)
def test_beams_that_only_a_fraction_group_names_treat(
    ordered: Dataset,
    tmp_path: Path,
    described: tuple[int, ...],
    expected: tuple[int, ...],
) -> None:
    ordered.BeamSequence = [
        one for one in ordered.BeamSequence if one.BeamNumber in described
    ]
    (group,) = ordered.FractionGroupSequence
    group.ReferencedBeamSequence = [
        item(ReferencedBeamNumber=n) for n in (1, 2, 7, 9, 9)
    ]
    assert read(ordered, tmp_path).treatment_beams == expected


def test_the_highest_target_dose_comes_first(ordered: Dataset, tmp_path: Path) -> None:
    ordered.DoseReferenceSequence.append(
        item(
            DoseReferenceType="TARGET", TargetPrescriptionDose=60, ReferencedROINumber=8
        )
    )
    plan = read(ordered, tmp_path)
    assert [(one.dose_gy, one.roi_number) for one in plan.targets] == [
        (60.0, 8),
        (45.0, None),
    ]


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(
            item(DoseReferenceType="ORGAN_AT_RISK", TargetPrescriptionDose=20),
            id="organ",
        ),
        pytest.param(item(DoseReferenceType="TARGET"), id="no dose"),
        pytest.param(
            item(DoseReferenceType="TARGET", TargetPrescriptionDose=0), id="zero"
        ),
    ],
)
def test_other_dose_references_prescribe_nothing(
    ordered: Dataset, tmp_path: Path, reference: Dataset
) -> None:
    ordered.DoseReferenceSequence = [reference]
    assert read(ordered, tmp_path).dose_gy is None


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([5], 5),
        ([5, 0], 5),
        ([25, 5], None),
        ([5, 5], None),
        ([0], None),
        ([None], None),
        ([], None),
    ],
)
def test_one_number_of_fractions_or_none(
    ordered: Dataset, tmp_path: Path, groups: list[int | None], expected: int | None
) -> None:
    ordered.FractionGroupSequence = [
        item() if n is None else item(NumberOfFractionsPlanned=n) for n in groups
    ]
    assert read(ordered, tmp_path).n_fractions == expected


def test_brachytherapy_and_ions_are_cautioned(ordered: Dataset, tmp_path: Path) -> None:
    ordered.IonBeamSequence = [item(BeamNumber=4)]
    plan = read(ordered, tmp_path)
    assert "biological effectiveness" in plan.caution
    assert 4 in plan.treatment_beams
    del ordered.IonBeamSequence
    ordered.ApplicationSetupSequence = [item()]
    assert "brachytherapy" in read(ordered, tmp_path).caution


def test_a_plan_without_anything_is_still_a_plan(
    ordered: Dataset, tmp_path: Path
) -> None:
    for keyword in (
        "RTPlanLabel",
        "RTPlanDate",
        "DoseReferenceSequence",
        "FractionGroupSequence",
        "BeamSequence",
        "ReferencedStructureSetSequence",
    ):
        delattr(ordered, keyword)
    plan = read(ordered, tmp_path)
    assert plan.label == "plan without label"
    assert (plan.dose_gy, plan.n_fractions, plan.plan_date) == (None, None, None)


def test_a_truncated_plan_is_refused(shared: Path) -> None:
    found = found_file(shared / "data/rtdose_oddities/rtplan_truncated.dcm")
    with pytest.raises(DicomError, match=r"cut short.*claims 976 bytes and has 711"):
        read_plan(found)


def test_real_plans_are_read(shared: Path) -> None:
    breast = read_plan(found_file(shared / "data/breast_one_course/rtplan.dcm"))
    assert (breast.dose_gy, breast.n_fractions) == (14.0, 7)
    assert breast.treatment_beams == (1, 2, 3, 4)
    name = "1.3.46.670589.13.997910418.20181018190715.112493.dcm"
    pinnacle = read_plan(found_file(shared / "data/rtdose_oddities" / name))
    assert (pinnacle.dose_gy, pinnacle.n_fractions) == (None, 25)
