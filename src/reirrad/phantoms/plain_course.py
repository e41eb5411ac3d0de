"""Courses made of analytic structures in analytic doses."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.structures import Structure

__all__ = ["plain_course", "uniform_dose"]


def plain_course(
    number: int,
    dose: DoseGrid,
    structures: Sequence[Structure],
    *,
    prescription_gy: float,
    n_fractions: int,
    image: Image | None = None,
) -> Course:
    """A course of one plan, in the frame of its dose grid.

    It begins on 1 March of the year 2020 + `number`.

    Parameters
    ----------
    number
        1 for the earliest course.
    dose
        Total physical dose.
    structures
        Structures in the same frame.
    prescription_gy, n_fractions
        What was ordered.
    image
        Planning image in the same frame.
    """
    target = TargetPrescription(prescription_gy, None, "target")
    return Course(
        number=number,
        start_date=date(2020 + number, 3, 1),
        plan_label=f"PHANTOM {number}",
        frame_of_reference_uid=dose.geometry.frame_of_reference_uid,
        prescription=Prescription(prescription_gy, n_fractions, "phantom", (target,)),
        deliveries=(Delivery((dose,), n_fractions),),
        structures=tuple(structures),
        image=image,
    )


def uniform_dose(dose_gy: float) -> Callable[[FloatArray], FloatArray]:
    """The same dose everywhere, as a function of points ``(n, 3)``."""
    return lambda points_mm: np.full(len(points_mm), dose_gy)
