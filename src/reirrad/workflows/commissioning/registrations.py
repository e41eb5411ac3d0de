"""Automatic registration of planning images, against known moves of the patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.assessment import Assessment
from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_dose,
)
from reirrad.phantoms.checks import Check
from reirrad.phantoms.plain_course import plain_course
from reirrad.phantoms.soft_tissue import LIVER, Scanner, soft_tissue_image
from reirrad.phantoms.solids import TiltedEllipsoid
from reirrad.workflows.commissioning.front_door import assessed, written

__all__ = ["examine_registration"]

FIRST, SECOND = "1.2.826.0.1.3680043.10.1511.10", "1.2.826.0.1.3680043.10.1511.11"
CT = Scanner("CT", noise=15.0)
LATER_CT = Scanner("CT", noise=15.0, seed=2)
MR = Scanner("MR", noise=20.0, bias=0.4)
LATER_MR = Scanner("MR", noise=20.0, bias=-0.4, seed=2)
TOLERANCE_MM = 0.5
BASIS = "half a millimetre in the liver, one tenth of the margin of the targets"


@dataclass(frozen=True, slots=True)
class _Move:
    """How the patient lay the first time, seen from the second."""

    shift_mm: tuple[float, float, float]
    degrees: tuple[float, float, float]

    def transform(self) -> RigidTransform:
        """Where anatomy of the second frame lay in the first one."""
        matrix = np.eye(4)
        turn = Rotation.from_euler("zyx", self.degrees, degrees=True)
        matrix[:3, :3] = turn.as_matrix()
        matrix[:3, 3] = self.shift_mm
        return RigidTransform(matrix, SECOND, FIRST)


USUAL = _Move((12.0, -8.0, 15.0), (3.0, -2.0, 2.0))
# 60 mm and 15 degrees: the capture range that is promised.
FARTHEST = _Move((40.0, -20.0, 40.0), (15.0, 0.0, 0.0))
# No position of a patient, and hardly any anatomy in common.
IMPOSSIBLE = (
    ("turned by 70 degrees", _Move((-30.0, 40.0, 25.0), (70.0, 0.0, 0.0))),
    ("240 mm further down the body", _Move((0.0, 0.0, 240.0), (0.0, 0.0, 0.0))),
)


def examine_registration(folder: Path) -> Iterator[Check]:
    """Beyond the capture range; CT-CT, MR-MR with bias and noise, MR-CT; far away."""
    for words, move in IMPOSSIBLE:
        yield _beyond(folder / words, words, move)
    for words, first, second, move in (
        ("CT-CT", CT, LATER_CT, USUAL),
        ("MR-MR, bias and noise", MR, LATER_MR, USUAL),
        ("MR-CT", MR, LATER_CT, USUAL),
        ("MR-MR, 60 mm and 15 degrees", MR, LATER_MR, FARTHEST),
    ):
        place = written(folder / words, _courses(first, second, move))
        yield from _accuracy(assessed(place), words, move)


def _beyond(folder: Path, words: str, move: _Move) -> Check:
    result = assessed(written(folder, _courses(MR, LATER_MR, move)))
    accepted = result.registrations[0].verdict == "accepted"
    known = result.pairs[0].classification.resbrt_type != "undetermined"
    return Check(
        f"MR-MR, {words}: verdict",
        "withheld",
        "given" if accepted or known else "withheld",
        basis="a registration that cannot hold withholds the verdict (decision 0008)",
    )


def _courses(first: Scanner, second: Scanner, move: _Move) -> list[Course]:
    places = (move.transform(), identity(SECOND))
    return [
        _course(number, scanner, place)
        for number, scanner, place in zip((1, 2), (first, second), places, strict=True)
    ]


def _course(number: int, scanner: Scanner, place: RigidTransform) -> Course:
    frame = place.to_frame
    centre = place.apply(LIVER.centre_mm)
    liver = TiltedEllipsoid(centre, LIVER.axes_mm @ place.matrix[:3, :3].T)
    contours = liver.contours(SliceStack(3.0), n_vertices=120)
    geometry = box_geometry(
        centre - 60.0,
        centre + 60.0,
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=frame,
    )
    dose = sphere_dose(centre, radius_at={25.0: 18.0, 2.0: 34.0})
    return plain_course(
        number,
        sampled_dose(dose.at, geometry),
        [analytic_structure("Liver", contours, frame_of_reference_uid=frame)],
        prescription_gy=50.0,
        n_fractions=5,
        image=soft_tissue_image(scanner, place),
    )


def _accuracy(result: Assessment, words: str, move: _Move) -> Iterator[Check]:
    summary = result.registrations[0]
    yield Check(f"{words}: method", "rigid", summary.method)
    errors = None
    if summary.matrix is not None:
        errors = _liver_errors_mm(np.array(summary.matrix), move.transform())
    yield Check(
        f"{words}: largest error in the liver",
        0.0,
        None if errors is None else float(errors.max()),
        TOLERANCE_MM,
        "mm",
        BASIS,
    )
    yield Check(
        f"{words}: used",
        "yes",
        "no" if summary.verdict == "rejected" else "yes",
        basis="a good registration is not rejected",
    )


def _liver_errors_mm(first_to_second: FloatArray, truth: RigidTransform) -> FloatArray:
    """Distances between where points of the liver come to lie and where they are."""
    steps = np.linspace(-1.0, 1.0, 11)
    unit = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    unit = unit[np.linalg.norm(unit, axis=1) <= 1.0]
    points = LIVER.centre_mm + unit @ LIVER.axes_mm
    first = truth.apply(points)
    found = first @ first_to_second[:3, :3].T + first_to_second[:3, 3]
    return np.asarray(np.linalg.norm(found - points, axis=1))
