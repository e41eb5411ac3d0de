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
from reirrad.core.geometry import FloatArray
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
from reirrad.phantoms.ellipsoid_contours import ellipsoid_contours
from reirrad.phantoms.linear_in_ball import half_width_mm, position_of_share
from reirrad.phantoms.plain_course import linear_dose, plain_course
from reirrad.workflows.commissioning.front_door import (
    PATIENT,
    assessed,
    metrics_of,
    structure_named,
    written,
)

__all__ = ["examine_transfer"]

FIRST, SECOND = "1.2.826.0.1.3680043.10.1511.4", "1.2.826.0.1.3680043.10.1511.5"
TURN_DEGREES = (12.0, -7.0, 5.0)
SHIFT_MM = (18.0, -11.0, 14.0)
SEMI_AXES_MM = Rotation.from_euler("zyx", (20.0, 15.0, -10.0), degrees=True).as_matrix()
SEMI_AXES_MM = SEMI_AXES_MM * [24.0, 13.0, 15.0]
CENTRE_MM = np.array([12.0, -8.0, 5.0])
VOLUME_CC = 4.0 / 3.0 * np.pi * 24.0 * 13.0 * 15.0 / 1000.0
DOSES = ((1, 30.0, (0.2, 0.1, -0.15)), (2, 26.0, (-0.05, 0.25, 0.1)))
SHARES = {"D98%[Gy]": 0.02, "D50%[Gy]": 0.50, "D2%[Gy]": 0.98}
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


def _courses() -> list[Course]:
    move = _move()
    middle = {FIRST: np.zeros(3), SECOND: np.array(SHIFT_MM)}
    courses = []
    for (number, dose_gy, gradient), frame in zip(DOSES, middle, strict=True):
        geometry = box_geometry(
            middle[frame] - 75.0,
            middle[frame] + 75.0,
            spacing_mm=(3.0, 3.0, 3.0),
            frame_of_reference_uid=frame,
        )
        turn = np.eye(3) if frame == FIRST else move.matrix[:3, :3]
        structures = [_drawn("Liver", 1, middle[frame], turn @ np.diag([45, 40, 35]))]
        if frame == FIRST:
            structures.append(_drawn("Duodenum", 2, CENTRE_MM, SEMI_AXES_MM))
        courses.append(
            plain_course(
                number,
                sampled_dose(linear_dose(dose_gy, gradient), geometry),
                structures,
                prescription_gy=dose_gy,
                n_fractions=5,
            )
        )
    return courses


def _drawn(
    name: str, number: int, centre_mm: FloatArray, semi_axes_mm: FloatArray
) -> Structure:
    frame = FIRST if np.array_equal(centre_mm, np.zeros(3)) or number == 2 else SECOND
    contours = ellipsoid_contours(centre_mm, semi_axes_mm, slices=SliceStack(2.0))
    return analytic_structure(
        name, contours, frame_of_reference_uid=frame, number=number
    )


def _checks(result: Assessment, words: str) -> Iterator[Check]:
    duodenum = structure_named(result, "Duodenum")
    yield Check(
        f"{words}: carried from course",
        1,
        duodenum.source_course if duodenum.transferred else None,
        basis="the second course has no such structure",
    )
    yield Check(
        f"{words}: volume",
        VOLUME_CC,
        duodenum.volume_cc,
        VOLUME_CC * 0.001,
        "cc",
        f"0.1 %: {LIMITS}",
    )
    move = _move()
    for (number, dose_gy, gradient), centre, axes in zip(
        DOSES,
        (CENTRE_MM, move.apply(CENTRE_MM)),
        (SEMI_AXES_MM, move.matrix[:3, :3] @ SEMI_AXES_MM),
        strict=True,
    ):
        found = metrics_of(duodenum, number, "physical")
        mean_gy = dose_gy + float(np.dot(gradient, centre))
        rise_gy = half_width_mm(axes, gradient) * float(np.linalg.norm(gradient))
        for metric, percent in PERCENT.items():
            share = SHARES.get(metric)
            position = 0.0 if share is None else position_of_share(share)
            expected = mean_gy + rise_gy * position
            yield Check(
                f"{words}: {metric} of course {number}",
                expected,
                found[metric],
                expected * percent / 100.0,
                "Gy",
                f"{percent:g} %: {LIMITS}",
            )
