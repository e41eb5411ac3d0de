"""What can still be given, before a new course is planned: a plain value.

Field names are those of ``budget.json``; lengths in mm, volumes in cc, doses in Gy.
``None`` stands for a number that cannot be given.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from reirrad.core.assessment import (
    ImageSummary,
    InputObject,
    PatientIdentity,
    RegistrationSummary,
    Software,
)
from reirrad.core.budget import DoseBudget
from reirrad.core.distance_results import TargetDistance
from reirrad.core.exportable import Exportable
from reirrad.core.findings import Finding
from reirrad.core.planar_view import PlanarView

__all__ = [
    "AnatomySummary",
    "BackgroundCourse",
    "BudgetPlane",
    "MapSummary",
    "PlanningBudget",
    "TargetSummary",
]


@dataclass(frozen=True, slots=True)
class BackgroundCourse:
    """A course that was given.

    Parameters
    ----------
    number
        1 for the earliest.
    start_date, plan_label
        When, and under which name.
    dose_gy, n_fractions
        What was prescribed.
    interval_days
        From its start to the date of the new anatomy; None where that has none.
    """

    number: int
    start_date: str
    plan_label: str
    dose_gy: float
    n_fractions: int
    interval_days: int | None


@dataclass(frozen=True, slots=True)
class AnatomySummary:
    """The anatomy for which a course is to be planned.

    Parameters
    ----------
    source
        Whether it is a structure set of its own or that of the latest course.
    date
        Of the structure set; None where it is that of the latest course.
    label, frame_of_reference_uid, image
        What it says about itself.
    """

    source: Literal["structure set without dose", "structure set of the latest course"]
    date: str | None
    label: str
    frame_of_reference_uid: str
    image: ImageSummary | None


@dataclass(frozen=True, slots=True)
class TargetSummary:
    """A target of the new course."""

    name: str
    role: str
    volume_cc: float


@dataclass(frozen=True, slots=True)
class MapSummary:
    """A map of the remaining dose that is written as RT Dose.

    Parameters
    ----------
    n_fractions
        Number of fractions that it is for.
    organs
        Organs inside which it is defined.
    least_gy
        Smallest value there, total over all fractions.
    not_known_percent
        Share of these voxels whose background is not known; they are written as 0.
    spacing_mm
        Of its grid along k, j and i.
    """

    n_fractions: int
    organs: tuple[str, ...]
    least_gy: float | None
    not_known_percent: float
    spacing_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class BudgetPlane:
    """A plane with what can still be given in it, ready to be drawn.

    Parameters
    ----------
    view
        Image and structures.
    per_fraction_gy
        Remaining physical dose of each fraction on the raster of the view; NaN outside
        the organs with limits and where the background is not known.
    n_fractions
        Number of fractions.
    organs
        Names of the structures inside which it is defined.
    """

    view: PlanarView
    per_fraction_gy: npt.NDArray[np.float32]
    n_fractions: int
    organs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanningBudget:
    """The whole answer before a second plan exists.

    ``verdict`` is "withheld" where a course cannot be related to the new anatomy; then
    `budget` has no rows and its `withheld` says why, and no map and no distance is
    given.
    """

    schema_version: str
    created: str
    software: Software
    inputs: tuple[InputObject, ...]
    patient: PatientIdentity
    organ: str
    courses: tuple[BackgroundCourse, ...]
    anatomy: AnatomySummary
    targets: tuple[TargetSummary, ...]
    registrations: tuple[RegistrationSummary, ...]
    verdict: Literal["given", "withheld"]
    budget: DoseBudget
    maps: tuple[MapSummary, ...]
    distances: tuple[TargetDistance, ...]
    assumptions: tuple[str, ...]
    findings: tuple[Finding, ...]
    planes: tuple[BudgetPlane, ...] = ()
    exportable: Exportable | None = None
