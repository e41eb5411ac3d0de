"""Every object of an export: valid, of the right patient and study, always the same."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from reirrad.core.dose import DoseGrid
from reirrad.core.findings import Finding
from reirrad.dicom.results.folder import write_results
from reirrad.workflows.assess import assess
from tests.dicom.results.cases import AXES, FIRST_TO_SECOND, PDF, Case, case
from tests.dicom.validator import errors_of, judged
from tests.workflows.exports import FEW_DRAWS

Exported = Callable[[str], Case]

KINDS = {
    "PDF": "DOC",
    "REG_C1": "REG",
    "RTDOSE_EQD2_ab3": "RTDOSE",
    "RTDOSE_physical_C1": "RTDOSE",
    "RTSTRUCT": "RTSTRUCT",
    "SR": "SR",
}


@pytest.mark.slow
@pytest.mark.parametrize("position", AXES)
def test_the_validator_finds_no_error(exported: Exported, position: str) -> None:
    made = exported(position)

    assert set(made.objects) == set(KINDS)
    assert errors_of(made.paths) == {}
    assert errors_of(sorted(made.patient.rglob("*.dcm"))) == {}


def test_the_validator_sees_faults(exported: Exported, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(exported("axial").folder / "reirrad_RTSTRUCT.dcm")
    del dataset.StructureSetLabel
    dataset.save_as(tmp_path / "faulty.dcm")

    (errors,) = errors_of([tmp_path / "faulty.dcm"]).values()
    assert any("StructureSetLabel" in line for line in errors)
    assert judged(exported("axial").folder / "reirrad_RTSTRUCT.dcm") == [
        "RTStructureSet"
    ]


def test_results_lie_in_the_study_of_the_reference_image(exported: Exported) -> None:
    made = exported("axial")
    image = pydicom.dcmread(made.patient / "course2" / "MR_001.dcm")
    shared = (
        "PatientName PatientID PatientBirthDate PatientSex StudyInstanceUID StudyDate "
        "StudyTime StudyID AccessionNumber ReferringPhysicianName"
    )
    for keyword in shared.split():
        expected = image.get(keyword)
        assert expected, keyword
        assert {str(one.get(keyword)) for one in made.objects.values()} == {
            str(expected)
        }, keyword
    framed = [one for name, one in made.objects.items() if name not in {"PDF", "SR"}]
    assert {one.FrameOfReferenceUID for one in framed} == {image.FrameOfReferenceUID}


def test_every_kind_has_a_series_that_says_what_it_is(exported: Exported) -> None:
    made = exported("axial")
    assert {name: one.Modality for name, one in made.objects.items()} == KINDS
    series = {one.SeriesInstanceUID for one in made.objects.values()}
    assert len(series) == len(KINDS)
    assert len({one.SeriesNumber for one in made.objects.values()}) == len(KINDS)
    described = {name: one.SeriesDescription for name, one in made.objects.items()}
    assert described["RTDOSE_EQD2_ab3"] == (
        "reirrad: accumulated EQD2, alpha/beta 3 Gy"
    )
    assert described["RTDOSE_physical_C1"] == (
        "reirrad: dose of course 1, mapped to course 2"
    )
    assert all(len(text) <= 64 for text in described.values())


def test_the_same_input_gives_the_same_bytes(
    exported: Exported, tmp_path: Path
) -> None:
    made = exported("axial")
    again = assess(
        [made.patient],
        settings=FEW_DRAWS,
        with_views=False,
        with_export=True,
        progress=lambda _: None,
    )
    assert again.exportable is not None
    write_results(again, again.exportable, tmp_path, pdf=PDF)
    for path in made.paths:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_another_dose_has_another_uid(exported: Exported, tmp_path: Path) -> None:
    made = exported("axial")
    (dose,) = made.exportable.eqd2
    values = dose.grid.values_gy.copy()
    values[4, 4, 4] += 0.5
    grid = DoseGrid(values, dose.grid.geometry)
    changed = replace(made.exportable, eqd2=(replace(dose, grid=grid),))
    write_results(made.assessment, changed, tmp_path, pdf=None)
    name = "reirrad_RTDOSE_EQD2_ab3.dcm"
    uids = {
        pydicom.dcmread(folder / name).SOPInstanceUID
        for folder in (tmp_path, made.folder)
    }
    assert len(uids) == 2


def test_a_name_is_in_the_objects_and_nowhere_else(exported: Exported) -> None:
    made = exported("axial")
    assert made.objects["SR"].PatientName == "Phantom^Oné"
    assert not [path for path in made.paths if "Phantom" in path.name]


def test_the_pdf_is_the_report_byte_for_byte(exported: Exported) -> None:
    dataset = exported("axial").objects["PDF"]
    assert len(PDF) % 2 == 1
    assert dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength] == PDF


def test_without_a_report_there_is_no_pdf(exported: Exported, tmp_path: Path) -> None:
    made = exported("axial")
    paths = write_results(made.assessment, made.exportable, tmp_path, pdf=None)
    assert len(paths) == len(KINDS) - 1


def test_the_registration_carries_the_courses_frame(exported: Exported) -> None:
    dataset = exported("oblique").objects["REG_C1"]
    assert dataset.FrameOfReferenceUID == FIRST_TO_SECOND.to_frame
    by_frame = {
        item.FrameOfReferenceUID: item.MatrixRegistrationSequence[0].MatrixSequence[0]
        for item in dataset.RegistrationSequence
    }
    assert {
        one.FrameOfReferenceTransformationMatrixType for one in by_frame.values()
    } == {"RIGID"}
    matrices = {
        frame: np.array(one.FrameOfReferenceTransformationMatrix, float).reshape(4, 4)
        for frame, one in by_frame.items()
    }
    np.testing.assert_array_equal(matrices[FIRST_TO_SECOND.to_frame], np.eye(4))
    np.testing.assert_allclose(
        matrices[FIRST_TO_SECOND.from_frame], FIRST_TO_SECOND.matrix, atol=1e-9
    )
    assert len(dataset.StudiesContainingOtherReferencedInstancesSequence) == 1


def test_results_are_no_input(exported: Exported) -> None:
    """Assessing a folder that holds results too gives what it gave without them."""
    made = exported("axial")
    again = assess(
        [made.patient, made.folder],
        settings=FEW_DRAWS,
        with_views=False,
        progress=lambda _: None,
    )
    assert again.pairs[0].overlap == made.assessment.pairs[0].overlap
    ignored = {one.path for one in again.inputs if "exported" in one.reason}
    assert len(ignored) == len(KINDS) - 1


def _codes(findings: tuple[Finding, ...]) -> set[str]:
    return {one.code for one in findings if one.code.startswith("dicom")}


def test_nothing_rests_on_a_rejected_registration(tmp_path: Path) -> None:
    made = case(tmp_path, AXES["axial"], move=80.0)
    assert made.assessment.registrations[0].verdict == "rejected"
    assert set(made.objects) == {"PDF", "RTSTRUCT", "SR"}
    names = [one.ROIName for one in made.objects["RTSTRUCT"].StructureSetROISequence]
    assert names
    assert all(name.startswith("C2 isodose") for name in names)
    assert "dicom-withheld" in _codes(made.assessment.findings)
    assert errors_of(made.paths) == {}


def test_without_an_image_there_are_no_contours(tmp_path: Path) -> None:
    made = case(tmp_path, AXES["axial"], with_image=False)
    assert set(made.objects) == set(KINDS) - {"RTSTRUCT"}
    assert "dicom-without-image" in _codes(made.assessment.findings)
    dose = pydicom.dcmread(made.patient / "course2" / "RD_1.dcm")
    assert {one.StudyInstanceUID for one in made.objects.values()} == {
        dose.StudyInstanceUID
    }
    assert errors_of(made.paths) == {}
