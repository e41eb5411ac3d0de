"""A structure drawn in the first course alone, carried into the second by a known move.

An ellipsoid in linear doses: its volume stays, the first dose in it stays, and the
second dose in it depends on how it is turned.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.assessment import Assessment
from reirrad.core.courses import Course
from reirrad.core.structures import Structure
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.write_reg import write_registration
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
)
from reirrad.phantoms.checks import Check
from reirrad.phantoms.known_dose_volume import LinearDose, known_metric
from reirrad.phantoms.plain_course import plain_course
from reirrad.phantoms.solids import TiltedEllipsoid
from reirrad.workflows.commissioning.front_door import (
    PATIENT,
    assessed,
    metrics_of,
    written,
)

__all__ = ["examine_transfer"]

FIRST, SECOND = "1.2.826.0.1.3680043.10.1511.4", "1.2.826.0.1.3680043.10.1511.5"
TURN_DEGREES = (12.0, -7.0, 5.0)
SHIFT_MM = (18.0, -11.0, 14.0)
TURN = Rotation.from_euler("zyx", (20.0, 15.0, -10.0), degrees=True).as_matrix()
DUODENUM = TiltedEllipsoid(
    np.array([12.0, -8.0, 5.0]), np.diag([24.0, 13.0, 15.0]) @ TURN
)
LIVER = TiltedEllipsoid(np.zeros(3), np.diag([45.0, 40.0, 35.0]))
DOSES = (
    LinearDose(30.0, np.array([0.2, 0.1, -0.15])),
    LinearDose(28.0, np.array([-0.05, 0.25, 0.1])),
)
PERCENT = {"Mean[Gy]": 0.05, "D98%[Gy]": 0.4, "D50%[Gy]": 0.2, "D2%[Gy]": 0.2}
LIMITS = "accuracy promised for ellipsoids of 1 cc and more"


def examine_transfer(folder: Path) -> Iterator[Check]:
    """By a DICOM registration in either direction, and by a matrix in a text file."""
    written(folder / "patient", _courses())
    move = _move()
    day = _courses()[1].start_date
    for words, transform in (
        ("registration object, first into second", move),
        ("registration object, second into first", move.inverse()),
    ):
        place = folder / words.replace(" ", "-")
        write_registration(transform, place, patient=PATIENT, day=day)
        yield from _checks(assessed(folder / "patient", place), words)
    matrix = folder / "matrix.txt"
    np.savetxt(matrix, move.matrix)
    result = assessed(folder / "patient", registration=matrix)
    yield from _checks(result, "matrix in a text file")


def _move() -> RigidTransform:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("zyx", TURN_DEGREES, degrees=True).as_matrix()
    matrix[:3, 3] = SHIFT_MM
    return RigidTransform(matrix, FIRST, SECOND)


def _moved(solid: TiltedEllipsoid, move: RigidTransform) -> TiltedEllipsoid:
    return TiltedEllipsoid(
        move.apply(solid.centre_mm), solid.axes_mm @ move.matrix[:3, :3].T
    )


def _courses() -> list[Course]:
    first = [_drawn("Liver", 1, LIVER, FIRST), _drawn("Duodenum", 2, DUODENUM, FIRST)]
    second = [_drawn("Liver", 1, _moved(LIVER, _move()), SECOND)]
    courses = []
    for number, structures, dose in zip((1, 2), (first, second), DOSES, strict=True):
        frame = structures[0].frame_of_reference_uid
        middle = np.zeros(3) if frame == FIRST else np.array(SHIFT_MM)
        geometry = box_geometry(
            middle - 60.0,
            middle + 60.0,
            spacing_mm=(3.0, 3.0, 3.0),
            frame_of_reference_uid=frame,
        )
        courses.append(
            plain_course(
                number,
                sampled_dose(dose.at, geometry),
                structures,
                prescription_gy=dose.at_origin_gy,
                n_fractions=5,
            )
        )
    return courses


def _drawn(name: str, number: int, solid: TiltedEllipsoid, frame: str) -> Structure:
    contours = solid.contours(SliceStack(2.0))
    return analytic_structure(
        name, contours, frame_of_reference_uid=frame, number=number
    )


def _checks(result: Assessment, words: str) -> Iterator[Check]:
    carried = [one for one in result.structures if one.name == "Duodenum"]
    sources = [one.source_course for one in carried if one.transferred]
    yield Check(
        f"{words}: carried from course",
        1,
        sources[0] if sources else None,
        basis="the second course has no such structure",
    )
    if not carried:
        return
    duodenum = carried[0]
    yield Check(
        f"{words}: volume",
        DUODENUM.volume_cc,
        duodenum.volume_cc,
        DUODENUM.volume_cc * 0.001,
        "cc",
        f"0.1 %: {LIMITS}",
    )
    places = (DUODENUM, _moved(DUODENUM, _move()))
    for number, solid, dose in zip((1, 2), places, DOSES, strict=True):
        found = metrics_of(duodenum, number, "physical")
        for metric, percent in PERCENT.items():
            expected = known_metric(metric, solid, dose)
            yield Check(
                f"{words}: {metric} of course {number}",
                expected,
                found[metric],
                expected * percent / 100.0,
                "Gy",
                f"{percent:g} %: {LIMITS}",
            )
