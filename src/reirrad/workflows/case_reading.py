"""What is at one point of a case: native doses, images and structures, not pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reirrad.core.accumulation import CourseDose, PlacedCourse, course_dose
from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.sections import is_inside
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure
from reirrad.core.structures import Role
from reirrad.core.transforms import RigidTransform
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.workflows.case_settings import settings_of
from reirrad.workflows.gather import gather
from reirrad.workflows.place import KnownTransform, place

__all__ = [
    "CourseReading",
    "ImageReading",
    "OpenedPatient",
    "Reading",
    "opened_patient",
    "reading_at",
]


@dataclass(frozen=True, slots=True)
class CourseReading:
    """Dose of a course at a point; None where a grid of it does not reach."""

    course: int
    physical_gy: float | None
    eqd2_gy: float | None


@dataclass(frozen=True, slots=True)
class ImageReading:
    """Value of the nearest voxel of a course's image; None outside."""

    course: int
    value: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that is known of a point.

    Parameters
    ----------
    point_mm
        In the reference frame.
    doses
        Of every course that is related to it.
    eqd2_sum_gy
        Sum over all courses; None where one is not known, or not related.
    alpha_beta_gy, alpha_beta_why
        The ratio behind it: of the smallest target or organ there.
    structures
        Labels of those that hold the point, smallest first.
    images
        Of every course that is related and has one.
    """

    point_mm: tuple[float, float, float]
    doses: tuple[CourseReading, ...]
    eqd2_sum_gy: float | None
    alpha_beta_gy: float
    alpha_beta_why: str
    structures: tuple[str, ...]
    images: tuple[ImageReading, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPatient:
    """A version's courses in their places, ready to be asked.

    Parameters
    ----------
    placed
        Courses whose registration is not rejected.
    n_courses
        How many there are in all.
    structures
        Smallest first.
    settings
        The user's decisions.
    """

    placed: tuple[PlacedCourse, ...]
    n_courses: int
    structures: tuple[PlacedStructure, ...]
    settings: Settings


def opened_patient(
    received: Path, settings: Mapping[str, Any], summary: Mapping[str, Any]
) -> OpenedPatient:
    """Read a version's courses and put them where its assessment did.

    Parameters
    ----------
    received
        Folder with the DICOM objects.
    settings
        Settings document of the version.
    summary
        Of the version, with the matrices of its registrations.

    Raises
    ------
    InputError
        If the objects cannot be read as they were.
    """
    decided = settings_of(settings)
    gathered = gather([received], decided)
    rows: Sequence[Mapping[str, Any]] = summary["registrations"]
    usable = {row["course"] for row in rows if row["verdict"] != "rejected"}
    usable.add(summary["reference_course"])
    matrices = {row["course"]: row["matrix"] for row in rows}

    def known(moving: Course, reference: Course) -> KnownTransform | None:
        here, there = moving.frame_of_reference_uid, reference.frame_of_reference_uid
        if here == there:
            return None
        # A registration that failed is not tried again; its course is left out below.
        matrix = matrices.get(moving.number) or np.eye(4)
        return RigidTransform(np.array(matrix), here, there), "given"

    patient = place(
        gathered.courses,
        decided,
        reference_course=summary["reference_course"],
        known=known,
        progress=lambda _: None,
    )
    return OpenedPatient(
        placed=tuple(one for one in patient.placed if one.course.number in usable),
        n_courses=len(gathered.courses),
        structures=tuple(
            sorted(
                (one for one in patient.structures if one.source_course in usable),
                key=lambda one: one.sections.volume_cc,
            )
        ),
        settings=decided,
    )


def reading_at(patient: OpenedPatient, point_mm: tuple[float, float, float]) -> Reading:
    """Ask everything at a point of the reference frame."""
    point = np.array([point_mm], dtype=np.float64)
    there = [one for one in patient.structures if is_inside(one.sections, point)[0]]
    ratio, why = _ratio(there, patient.settings)
    doses = [
        _dose(one.course.number, course_dose(one, point), ratio)
        for one in patient.placed
    ]
    equivalent = [one.eqd2_gy for one in doses if one.eqd2_gy is not None]
    whole = len(equivalent) == patient.n_courses
    return Reading(
        point_mm=point_mm,
        doses=tuple(doses),
        eqd2_sum_gy=float(np.sum(equivalent)) if whole else None,
        alpha_beta_gy=ratio,
        alpha_beta_why=why,
        structures=tuple(one.label for one in there),
        images=tuple(
            _image(one, one.course.image, point)
            for one in patient.placed
            if one.course.image is not None
        ),
    )


def _ratio(there: Sequence[PlacedStructure], settings: Settings) -> tuple[float, str]:
    for one in there:
        if one.structure.role.is_target or one.structure.role is Role.ORGAN:
            return one.alpha_beta_gy, f"{one.label}: {one.alpha_beta_source}"
    return load_alpha_beta().ratio_for(None, Role.ORGAN, settings.alpha_beta_gy)


def _dose(number: int, dose: CourseDose, ratio: float) -> CourseReading:
    if not dose.covered[0]:
        return CourseReading(number, None, None)
    physical, equivalent = dose.physical_gy()[0], dose.eqd2_gy(ratio)[0]
    return CourseReading(number, float(physical), float(equivalent))


def _image(placed: PlacedCourse, image: Image, point: FloatArray) -> ImageReading:
    unit = "HU" if image.modality == "CT" else ""
    number = placed.course.number
    index = np.rint(image.geometry.indices(placed.from_reference.apply(point)))[0]
    if np.any(index < 0) or np.any(index >= image.geometry.shape):
        return ImageReading(number, None, unit)
    k, j, i = index.astype(int)
    return ImageReading(number, float(image.values[k, j, i]), unit)
