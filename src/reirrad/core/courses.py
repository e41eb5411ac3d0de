"""Treatment courses: what was prescribed, what was delivered, on which anatomy."""

from dataclasses import dataclass
from datetime import date

from reirrad.core.dose import DoseGrid
from reirrad.core.images import Image
from reirrad.core.sources import CourseSource
from reirrad.core.structures import Structure

__all__ = ["Course", "Delivery", "Prescription", "TargetPrescription"]


@dataclass(frozen=True, slots=True)
class TargetPrescription:
    """The dose ordered for one target.

    Parameters
    ----------
    dose_gy
        Total dose of the course to this target.
    roi_number
        ROI number of the target, or None where the plan does not say which it is.
    description
        The plan's own words for the target.
    """

    dose_gy: float
    roi_number: int | None
    description: str


@dataclass(frozen=True, slots=True)
class Prescription:
    """What was ordered for a course.

    Parameters
    ----------
    dose_gy
        Total dose; the highest one where targets differ.
    n_fractions
        Number of fractions in which it is given.
    source
        Where the numbers come from: "RTPLAN Target Prescription Dose (300A,0026)" or
        "settings prescription.1".
    targets
        Every target's own dose.
    """

    dose_gy: float
    n_fractions: int
    source: str
    targets: tuple[TargetPrescription, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """Doses given together in the same fractions: their sum is one dose distribution.

    Parameters
    ----------
    doses
        Dose of each plan, or of each beam of a plan; physical, total over all
        fractions. They may lie on different grids of one frame.
    n_fractions
        Number of fractions.
    """

    doses: tuple[DoseGrid, ...]
    n_fractions: int


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """One treatment course with everything that an assessment asks of it.

    Parameters
    ----------
    number
        1 for the earliest course.
    start_date
        Date of the plan, or the nearest thing the export has to a first fraction.
    plan_label
        Labels of its plans, joined with " + ".
    frame_of_reference_uid
        Frame of doses, structures and image.
    prescription
        What was ordered.
    deliveries
        What was given. Plans in different numbers of fractions are separate deliveries.
    structures
        Every delineated region with at least one closed contour.
    image
        Planning image, or None where it is missing or unusable.
    source
        The objects it was read from; None where it was not read.
    """

    number: int
    start_date: date
    plan_label: str
    frame_of_reference_uid: str
    prescription: Prescription
    deliveries: tuple[Delivery, ...]
    structures: tuple[Structure, ...]
    image: Image | None
    source: CourseSource | None = None
