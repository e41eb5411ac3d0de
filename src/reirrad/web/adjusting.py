"""The registration of a new version, from what was moved on the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import is_rigid
from reirrad.store.cases import Version
from reirrad.web.bodies import NewVersion
from reirrad.web.problems import RefusedError
from reirrad.workflows.case_summary import adjustable_courses

__all__ = ["GivenMatrix", "given_matrix"]

NOT_RIGID = (
    "The matrix is not a rotation with a translation in mm: four rows of four numbers, "
    "the last of them 0 0 0 1."
)
NO_REGISTRATION = (
    "No registration was found that could be adjusted. Give the whole matrix."
)
SAME_MM = 0.01
REACH_MM = 1000.0
"""Half width of a cube about the origin that holds a patient's images."""


@dataclass(frozen=True, slots=True)
class GivenMatrix:
    """A registration given by hand, and the frames of reference that it relates."""

    matrix: list[list[float]]
    frames: tuple[str, str]


def given_matrix(base: Version, asked: NewVersion) -> GivenMatrix | None:
    """The matrix of the new version, as ``assess --registration`` takes it.

    An adjustment is a movement in the reference frame, after the registration that the
    base version has. Where neither is asked for, what was given to the base holds.

    Raises
    ------
    RefusedError
        If it is no rigid movement, if the courses have not just two frames, or if
        courses of one frame are registered differently.
    """
    if asked.matrix is None and asked.adjustment is None:
        return _inherited(base)
    problems = list(_faults(base, asked))
    if problems:
        raise RefusedError(422, *problems)
    summary = base.summary or {}
    if asked.matrix is not None:
        return GivenMatrix(asked.matrix, _frames(summary))
    before = next(iter(_matrices(summary).values()))
    moved = np.array(asked.adjustment) @ before
    rows = [[float(number) for number in row] for row in moved]
    return GivenMatrix(rows, _frames(summary))


def _inherited(base: Version) -> GivenMatrix | None:
    if base.matrix is None or base.frames is None:
        return None
    return GivenMatrix([list(row) for row in base.matrix], base.frames)


def _faults(base: Version, asked: NewVersion) -> Iterator[str]:
    moved = asked.matrix if asked.matrix is not None else asked.adjustment
    if asked.matrix is not None and asked.adjustment is not None:
        yield "Give either the whole matrix or an adjustment, not both."
    if not is_rigid(moved or []):
        yield NOT_RIGID
    if base.summary is None:
        yield (
            f"Version {base.number} is not assessed, so that neither its registration "
            f"nor the frames of reference of its courses are known. Base the new "
            f"version on one that is."
        )
    else:
        yield from _faults_of_course(base.summary, asked)


def _faults_of_course(summary: Mapping[str, Any], asked: NewVersion) -> Iterator[str]:
    courses = adjustable_courses(summary)
    if not courses:
        count = len(set(summary["frames"].values()))
        yield (
            f"A matrix relates two frames of reference, and the courses have {count}. "
            f"Bring DICOM registration objects in together with the courses."
        )
    elif asked.course is not None and asked.course not in courses:
        listed = ", ".join(map(str, courses))
        yield (
            f"Course {asked.course} cannot be moved: it is in the frame of the "
            f"reference course, or there is none. Courses that can be: {listed}."
        )
    elif asked.adjustment is not None:
        yield from _faults_of_adjustment(summary)


def _faults_of_adjustment(summary: Mapping[str, Any]) -> Iterator[str]:
    """One matrix places all courses of a frame, so that they must lie alike before."""
    courses, matrices = adjustable_courses(summary), _matrices(summary)
    if not matrices:
        yield NO_REGISTRATION
        return
    first = next(iter(matrices.values()))
    if len(matrices) < len(courses) or any(
        _apart_mm(first, other) > SAME_MM for other in matrices.values()
    ):
        listed = " and ".join(map(str, courses))
        yield (
            f"Courses {listed} share a frame of reference, but are not registered "
            f"alike: one adjustment would put one registration on all of them. Give "
            f"the whole matrix for all, or bring in a DICOM registration object for "
            f"their frame."
        )


def _apart_mm(one: FloatArray, other: FloatArray) -> float:
    """Largest distance between where two matrices put a point of the images."""
    corners = np.array(
        [(*xyz, 1.0) for xyz in product((-REACH_MM, REACH_MM), repeat=3)]
    )
    apart = (corners @ (one - other).T)[:, :3]
    return float(np.max(np.linalg.norm(apart, axis=1)))


def _matrices(summary: Mapping[str, Any]) -> dict[int, FloatArray]:
    """Registrations of the courses that are in the other frame, where there are any."""
    courses = adjustable_courses(summary)
    return {
        row["course"]: np.array(row["matrix"], dtype=np.float64)
        for row in summary["registrations"]
        if row["course"] in courses and row["matrix"] is not None
    }


def _frames(summary: Mapping[str, Any]) -> tuple[str, str]:
    """From which frame of reference into which a matrix maps."""
    frames: Mapping[str, str] = summary["frames"]
    moving = adjustable_courses(summary)[0]
    return frames[str(moving)], frames[str(summary["reference_course"])]
