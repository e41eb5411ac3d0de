"""Input that must not be assessed, and courses that must not be related."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reirrad.core.courses import Course
from reirrad.dicom.alterations import alter
from reirrad.dicom.write_course import write_course
from reirrad.errors import ReirradError
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.checks import Check
from reirrad.phantoms.plain_course import plain_course
from reirrad.workflows.commissioning.front_door import PATIENT, assessed, written

__all__ = ["examine_refusals"]

FRAME, OTHER_FRAME = "1.2.826.0.1.3680043.10.1511.7", "1.2.826.0.1.3680043.10.1511.8"
# What is wrong, the attributes that make it so, and a word of the refusal.
FAULTY_DOSES = (
    ("relative dose", {"DoseUnits": "RELATIVE"}, "Dose Units (3004,0002)"),
    (
        "dose without scaling",
        {"DoseGridScaling": None},
        "Dose Grid Scaling (3004,000E)",
    ),
    ("effective dose", {"DoseType": "EFFECTIVE"}, "Dose Type (3004,0004)"),
    (
        "dose of one fraction",
        {"DoseSummationType": "FRACTION"},
        "Dose Summation Type (3004,000A)",
    ),
    ("dose without frame", {"FrameOfReferenceUID": ""}, "Frame of Reference UID"),
)


def examine_refusals(folder: Path) -> Iterator[Check]:
    """Refused, naming the attribute; or assessed with the verdict withheld."""
    first, second = _course(1, -15.0), _course(2, 15.0)
    yield Check(
        "sound export", "assessed", _outcome(written(folder / "sound", [first, second]))
    )
    for what, attributes, words in FAULTY_DOSES:
        place = written(folder / what.replace(" ", "-"), [first, second])
        alter(place / "course1" / "RD_1.dcm", attributes)
        yield _refused(what, place, words)
    yield _wrong_patient(folder / "patients", first, second)
    yield _without_plan(folder / "plan", first, second)
    stranger = _course(2, 15.0, frame=OTHER_FRAME)
    yield Check(
        "other frame of reference, nothing relates them",
        "withheld",
        _outcome(written(folder / "frames", [first, stranger])),
        basis="contract: exit code 3",
    )
    for what, shift_mm, expected in (
        ("right matrix between two frames", 0.0, "assessed"),
        ("matrix that is 25 mm off", 25.0, "withheld"),
    ):
        matrix = folder / f"{expected}.txt"
        matrix.write_text(
            f"1 0 0 {shift_mm}\n0 1 0 0\n0 0 1 0\n0 0 0 1\n", encoding="utf-8"
        )
        yield Check(
            f"{what}, the organ drawn in both",
            expected,
            _outcome(folder / "frames", matrix=matrix),
            basis="any transform is judged by its numbers (decision 0008)",
        )


def _wrong_patient(folder: Path, first: Course, second: Course) -> Check:
    write_course(first, folder / "course1", patient=PATIENT)
    write_course(second, folder / "course2", patient=replace(PATIENT, id="SOMEBODY"))
    return _refused("wrong patient", folder, "Patient IDs (0010,0020)")


def _without_plan(folder: Path, first: Course, second: Course) -> Check:
    written(folder, [first, second])
    (folder / "course1" / "RP.dcm").unlink()
    return _refused("no plan", folder, "[prescription.1]")


def _refused(what: str, folder: Path, words: str) -> Check:
    """Whether an export is refused with a sentence that holds some words."""
    return Check(
        f"{what}: refused, with the words {words}",
        "refused",
        _outcome(folder, words),
        basis="a refusal names the attribute at fault and what to do",
    )


def _outcome(folder: Path, words: str = "", *, matrix: Path | None = None) -> str:
    """What happened to an export."""
    try:
        result = assessed(folder, registration=matrix)
    except ReirradError as refusal:
        told = " ".join(refusal.problems)
        return "refused" if words and words in told else f"refused: {told}"
    pair = result.pairs[0]
    withheld = pair.classification.resbrt_type == "undetermined"
    cumulative = result.structures[0].cumulative.eqd2["Mean[Gy]"]
    return "withheld" if withheld and cumulative is None else "assessed"


def _course(number: int, x_mm: float, frame: str = FRAME) -> Course:
    geometry = box_geometry(
        [-60.0, -45.0, -45.0],
        [60.0, 45.0, 45.0],
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=frame,
    )
    dose = sphere_dose([x_mm, 0.0, 0.0], radius_at={25.0: 16.0, 2.0: 30.0})
    contours = sphere_contours(
        [0.0, 0.0, 0.0], 30.0, slices=SliceStack(5.0), n_vertices=48
    )
    return plain_course(
        number,
        sampled_dose(dose.at, geometry),
        [analytic_structure("Liver", contours, frame_of_reference_uid=frame)],
        prescription_gy=50.0,
        n_fractions=5,
    )
