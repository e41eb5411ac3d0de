"""Small courses and structures that core tests share."""

from datetime import date

import numpy as np

from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.structures import Structure
from reirrad.phantoms.analytic import RadialDose, box_geometry, sampled_dose

__all__ = ["course_with"]


def course_with(
    *doses: RadialDose,
    number: int = 1,
    frame: str = "1.1",
    prescription_gy: float = 50.0,
    structures: tuple[Structure, ...] = (),
    targets: tuple[TargetPrescription, ...] = (),
    half_width_mm: float = 105.0,
) -> Course:
    """A five-fraction course; several doses are plans of the same sessions."""
    centre = np.mean([np.asarray(dose.centre_mm) for dose in doses], axis=0)
    geometry = box_geometry(
        centre - half_width_mm,
        centre + half_width_mm,
        spacing_mm=(3.0, 3.0, 3.0),
        frame_of_reference_uid=frame,
    )
    return Course(
        number=number,
        start_date=date(2022 + number, 5, 1),
        plan_label=f"plan {number}",
        frame_of_reference_uid=frame,
        prescription=Prescription(prescription_gy, 5, "RTPLAN", targets),
        deliveries=(Delivery(tuple(sampled_dose(d.at, geometry) for d in doses), 5),),
        structures=structures,
        image=None,
    )
