"""Pitfalls 24 to 26: what was ordered, in how many fractions, with which beams."""

from pathlib import Path

import pytest

from reirrad.core.courses import Prescription
from tests.dicom.exports import ROOT, CourseExport, dose, item
from tests.dicom.pitfalls.dose_cases import (
    assert_names,
    only_dose,
    refusal,
    surveyed,
)


def prescription(export: CourseExport, folder: Path) -> Prescription:
    result = surveyed(folder, export)
    assert result.problems == ()
    return result.courses[0].prescription


def beam_doses(export: CourseExport) -> None:
    """Dose of each beam in one fraction, as every plan has it."""
    (group,) = export["rp.dcm"].FractionGroupSequence
    group.NumberOfBeams = 2
    group.ReferencedBeamSequence = [
        item(ReferencedBeamNumber=n, BeamDose=5.5, BeamMeterset=300.0) for n in (1, 2)
    ]


def test_pitfall_24_the_doses_of_beams_are_no_prescription(
    export: CourseExport, tmp_path: Path
) -> None:
    beam_doses(export)
    found = prescription(export, tmp_path / "with")
    assert (found.dose_gy, found.n_fractions) == (45.0, 5)
    assert found.source == "RTPLAN Target Prescription Dose (300A,0026)"

    del export["rp.dcm"].DoseReferenceSequence
    problem = refusal(surveyed(tmp_path / "without", export))
    assert_names(problem, "rp.dcm", "(300A,0026)", "[prescription.1] dose_gy = ...")


def test_pitfall_24_limits_of_organs_are_no_prescription(
    export: CourseExport, tmp_path: Path
) -> None:
    organ = item(
        DoseReferenceType="ORGAN_AT_RISK",
        OrganAtRiskMaximumDose=70.0,
        TargetPrescriptionDose=70.0,
    )
    export["rp.dcm"].DoseReferenceSequence.append(organ)
    assert prescription(export, tmp_path).dose_gy == 45.0


@pytest.mark.parametrize("written", ["5", " 5 ", "5.0", "+5", "05"])
def test_pitfall_25_the_number_of_fractions_is_read_however_it_is_written(
    export: CourseExport, tmp_path: Path, written: str
) -> None:
    surveyed(tmp_path, export)
    file = tmp_path / "c1" / "rp.dcm"
    content = file.read_bytes()
    at = content.index(b"\x0a\x30\x78\x00IS\x02\x005 ")
    padded = written.encode() + b" " * (len(written) % 2)
    changed = len(padded).to_bytes(2, "little") + padded
    grown = len(padded) - 2
    head = bytearray(content[: at + 6])
    # The sequence and its item, which are longer now.
    sequence = head.rindex(b"\x0a\x30\x70\x00SQ") + 8
    for place_of_length in (sequence, sequence + 8):
        length = int.from_bytes(head[place_of_length : place_of_length + 4], "little")
        head[place_of_length : place_of_length + 4] = (length + grown).to_bytes(
            4, "little"
        )
    file.write_bytes(bytes(head) + changed + content[at + 10 :])
    result = surveyed(tmp_path, CourseExport(1))
    assert result.problems == ()
    assert result.courses[0].prescription.n_fractions == 5


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        pytest.param([None], "found None", id="absent"),
        pytest.param([0], "found 0", id="none"),
        pytest.param([5, 3], "found 5, 3", id="two groups"),
        pytest.param([5, 5], "found 5, 5", id="two equal groups"),
        pytest.param([], "found nothing", id="no group"),
    ],
)
def test_pitfall_25_fractions_that_are_not_one_number_are_asked_for(
    export: CourseExport, tmp_path: Path, counts: list[int | None], found: str
) -> None:
    plan = export["rp.dcm"]
    plan.FractionGroupSequence = [
        item(FractionGroupNumber=n, NumberOfFractionsPlanned=count)
        for n, count in enumerate(counts, start=1)
    ]
    plan.RTPlanDescription = "5 fractions"
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rp.dcm", "(300A,0078)", found, "n_fractions = ...")


def test_pitfall_25_text_for_a_number_is_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    surveyed(tmp_path, export)
    file = tmp_path / "c1" / "rp.dcm"
    content = file.read_bytes()
    number = b"\x0a\x30\x78\x00IS\x02\x00"
    file.write_bytes(content.replace(number + b"5 ", number + b"V "))
    result = surveyed(tmp_path, CourseExport(1))
    assert result.courses == ()
    first = result.problems[0]
    assert_names(first, "rp.dcm", "Fractions Planned (300A,0078)", "found 'V'")


# --- 26 -------------------------------------------------------------------------------


def of_beam(export: CourseExport, n: int) -> None:
    export.objects[f"b{n}.dcm"] = dose(
        export, f"{ROOT}.1.7{n}", export.uid("rp.dcm"), inside_gy=25.0, beam=n
    )


def test_pitfall_26_set_up_beams_do_not_shift_the_numbers_of_beams(
    export: CourseExport, tmp_path: Path
) -> None:
    del export.objects["rd.dcm"]
    export["rp.dcm"].BeamSequence = [
        item(BeamNumber=n, TreatmentDeliveryType=kind)
        for n, kind in [(4, "SETUP"), (9, "TREATMENT"), (5, "SETUP"), (2, "TREATMENT")]
    ]
    of_beam(export, 9)
    of_beam(export, 2)
    result = surveyed(tmp_path / "all", export)
    assert result.problems == ()
    assert len(result.courses[0].deliveries[0].doses) == 2

    del export.objects["b2.dcm"]
    problem = refusal(surveyed(tmp_path / "one", export))
    assert_names(problem, "b9.dcm", "beam 2 of 2 has none")


def test_pitfall_26_a_dose_of_the_plan_needs_no_beams(
    export: CourseExport, tmp_path: Path
) -> None:
    del export["rp.dcm"].BeamSequence
    assert only_dose(surveyed(tmp_path, export)).values_gy.max() > 45.0
