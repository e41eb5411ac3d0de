"""What other systems are given of an assessment, as plain values.

Everything lies in the frame of reference of the reference course. Writers put these
values into DICOM objects and compute nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reirrad.core.dose import DoseGrid
from reirrad.core.sources import CourseSource, SeriesReference, StudyReference
from reirrad.core.structures import Contour
from reirrad.core.transforms import RigidTransform

__all__ = [
    "Exportable",
    "ExportedBudget",
    "ExportedCourse",
    "ExportedDose",
    "ExportedRegion",
    "ExportedRegistration",
]


@dataclass(frozen=True, slots=True, eq=False)
class ExportedCourse:
    """A course as results refer to it.

    Parameters
    ----------
    label
        Label of its plans.
    dose_gy, n_fractions
        Its prescription.
    source
        The objects it was read from; None where it was not read.
    series
        Its planning image; None where there is none.
    """

    label: str
    dose_gy: float
    n_fractions: int
    source: CourseSource | None
    series: SeriesReference | None


@dataclass(frozen=True, slots=True, eq=False)
class ExportedRegistration:
    """A map into the frame of the reference course that is not rejected.

    Parameters
    ----------
    course
        Number of the course whose frame is mapped.
    transform
        From that frame into the reference course's.
    comment
        Method and verdict in a few words.
    """

    course: int
    transform: RigidTransform
    comment: str


@dataclass(frozen=True, slots=True, eq=False)
class ExportedRegion:
    """An isodose or an overlap of isodoses, drawn on the slices of the reference image.

    Parameters
    ----------
    number
        Different for every region.
    name
        "C1 isodose 50% (25 Gy)", "Overlap 50% C1+C2 in Liver".
    description
        The same in a full sentence.
    kind
        What it is.
    level
        "2Gy", "50%" or "100%".
    courses
        Numbers of the courses that it depends on.
    contours
        Closed contours, each in the plane of one slice.
    slices
        For each contour the index of its slice in the image series.
    """

    number: int
    name: str
    description: str
    kind: Literal["isodose", "overlap"]
    level: str
    courses: tuple[int, ...]
    contours: tuple[Contour, ...]
    slices: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ExportedDose:
    """A dose on a regular grid of the reference frame.

    Parameters
    ----------
    grid
        The dose in Gy.
    courses
        Numbers of the courses whose dose it is.
    alpha_beta_gy
        Of an EQD2; None for physical dose.
    unknown_percent
        Share of its voxels that lie beyond a dose grid of one of the courses, where the
        nearest dose on the border of that grid stands.
    unknown_max_gy
        Highest value at such a voxel; 0 where there is none.
    """

    grid: DoseGrid
    courses: tuple[int, ...]
    alpha_beta_gy: float | None
    unknown_percent: float
    unknown_max_gy: float


@dataclass(frozen=True, slots=True, eq=False)
class ExportedBudget:
    """What can still be given at every voxel of a grid of the reference frame.

    Parameters
    ----------
    grid
        Physical dose of the new course in Gy, total over its fractions; 0 outside the
        organs and where the background is not known.
    n_fractions
        Number of fractions of the new course.
    organs
        Organs inside which it is defined.
    courses
        Numbers of the courses that make the background.
    not_known_percent
        Share of the organs' voxels whose background is not known.
    """

    grid: DoseGrid
    n_fractions: int
    organs: tuple[str, ...]
    courses: tuple[int, ...]
    not_known_percent: float


@dataclass(frozen=True, slots=True, eq=False)
class Exportable:
    """Everything of an assessment that is computed for other systems alone.

    Parameters
    ----------
    reference_course
        Number of the course in whose frame and study results lie.
    frame_of_reference_uid
        Frame of everything here.
    day
        Date of the reference course.
    study
        Study of the reference course; None where it was not read.
    courses
        Number to course, of all courses.
    registrations
        Of courses in other frames.
    regions
        Isodoses and overlaps; none without a reference image.
    eqd2
        Accumulated EQD2 of all courses, one for each alpha/beta ratio.
    mapped
        Physical dose of each course but the reference course.
    budgets
        What can still be given, one for each number of fractions.
    """

    reference_course: int
    frame_of_reference_uid: str
    day: date
    study: StudyReference | None
    courses: Mapping[int, ExportedCourse]
    registrations: tuple[ExportedRegistration, ...]
    regions: tuple[ExportedRegion, ...]
    eqd2: tuple[ExportedDose, ...]
    mapped: tuple[ExportedDose, ...]
    budgets: tuple[ExportedBudget, ...] = ()

    @property
    def reference(self) -> ExportedCourse:
        """The reference course."""
        return self.courses[self.reference_course]
