"""Two courses of a patient whose liver has changed its shape between them."""

from dataclasses import replace
from datetime import date

import numpy as np

from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.analytic import sampled_dose, sphere_dose
from reirrad.phantoms.deformed_pair import DeformedPair, pair_of
from reirrad.phantoms.raster import Deformation, Raster, contours_of
from reirrad.phantoms.shapes import Ellipsoid

__all__ = ["deformed_patient"]

SPACING_MM = (5.0, 4.0, 4.0)
SHAPES = {
    "Liver": (Role.ORGAN, Ellipsoid((-52.0, -8.0, 30.0), (72.0, 66.0, 64.0))),
    "Stomach": (Role.ORGAN, Ellipsoid((42.0, -34.0, 24.0), (34.0, 28.0, 30.0))),
    "Kidney_R": (Role.ORGAN, Ellipsoid((-58.0, 44.0, -52.0), (24.0, 27.0, 48.0))),
}
TARGETS_MM = {1: (-55.0, 0.0, 20.0), 2: (-40.0, -20.0, 30.0)}


def deformed_patient(
    seed: int = 2, *, spacing_mm: tuple[float, float, float] = SPACING_MM
) -> tuple[tuple[Course, Course], DeformedPair]:
    """Course 1 in the moving frame, course 2 in the fixed one, and the truth."""
    pair = pair_of("MR", seed, spacing_mm=spacing_mm)
    deformation = Deformation(pair.field.way_mm, pair.field.reach_mm)
    rasters = {
        1: Raster(
            pair.moving.geometry,
            pair.moving_to_fixed.matrix,
            deformation=deformation,
        ),
        2: Raster(pair.fixed.geometry, np.eye(4)),
    }
    first = pair.true_mm(np.array([TARGETS_MM[1]]))[0]
    second = np.array(TARGETS_MM[2])
    return (
        _course(1, pair.moving, rasters[1], first),
        _course(2, pair.fixed, rasters[2], second),
    ), pair


def _course(number: int, image: Image, raster: Raster, target: FloatArray) -> Course:
    frame = image.geometry.frame_of_reference_uid
    dose = sphere_dose(target, radius_at={2.0: 55.0, 50.0: 12.0})
    structures = [
        Structure(
            n, name, name, role, contours_of(raster.level(shape), image.geometry), frame
        )
        for n, (name, (role, shape)) in enumerate(SHAPES.items(), start=1)
    ]
    ball = Ellipsoid((target[0], target[1], target[2]), (12.0, 12.0, 12.0))
    own = Raster(image.geometry, np.eye(4))
    structures.append(
        Structure(
            9,
            "PTV",
            "PTV",
            Role.PTV,
            contours_of(own.level(ball), image.geometry),
            frame,
        )
    )
    return Course(
        number=number,
        start_date=date(2022 + number, 3, 1),
        plan_label=f"PLAN{number}",
        frame_of_reference_uid=frame,
        prescription=Prescription(
            50.0, 5, "RTPLAN", (TargetPrescription(50.0, 9, "PTV"),)
        ),
        deliveries=(Delivery((sampled_dose(dose.at, image.geometry),), 5),),
        structures=tuple(structures),
        image=replace(image, values=np.rint(image.values)),
    )
