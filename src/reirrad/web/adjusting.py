"""The registration of a new version, from what was moved on the page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reirrad.core.transforms import is_rigid
from reirrad.store.cases import Version
from reirrad.web.bodies import NewVersion
from reirrad.web.problems import RefusedError
from reirrad.workflows.case_summary import adjustable_courses

__all__ = ["given_matrix"]

NOT_RIGID = (
    "The matrix is not a rotation with a translation in mm: four rows of four numbers, "
    "the last of them 0 0 0 1."
)
NO_REGISTRATION = (
    "No registration was found that could be adjusted. Give the whole matrix."
)


def given_matrix(base: Version, asked: NewVersion) -> list[list[float]] | None:
    """The matrix of the new version, as ``assess --registration`` takes it.

    An adjustment is a movement in the reference frame, after the registration that the
    base version has. Where neither is asked for, what was given to the base holds.

    Raises
    ------
    RefusedError
        If it is no rigid movement, or the courses have not just two frames.
    """
    if asked.matrix is None and asked.adjustment is None:
        return None if base.matrix is None else [list(row) for row in base.matrix]
    problems = list(_faults(base, asked))
    if problems:
        raise RefusedError(422, *problems)
    if asked.matrix is not None:
        return asked.matrix
    before = _matrix_of(base.summary or {}, asked.course)
    moved = np.array(asked.adjustment) @ np.array(before)
    return [[float(number) for number in row] for row in moved]


def _faults(base: Version, asked: NewVersion) -> Iterator[str]:
    moved = asked.matrix if asked.matrix is not None else asked.adjustment
    if asked.matrix is not None and asked.adjustment is not None:
        yield "Give either the whole matrix or an adjustment, not both."
    if not is_rigid(moved or []):
        yield NOT_RIGID
    if base.summary is not None:
        yield from _faults_of_course(base.summary, asked)
    elif asked.adjustment is not None:
        yield (
            f"Version {base.number} is not assessed, so that it has no registration to "
            f"adjust. Base the new version on one that is."
        )


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
    elif asked.adjustment is not None and _matrix_of(summary, asked.course) is None:
        yield NO_REGISTRATION


def _matrix_of(
    summary: Mapping[str, Any], course: int | None
) -> Sequence[Sequence[float]] | None:
    """The registration of a course that is in the other frame."""
    chosen = {course} if course is not None else set(adjustable_courses(summary))
    for row in summary["registrations"]:
        if row["course"] in chosen and row["matrix"] is not None:
            matrix: Sequence[Sequence[float]] = row["matrix"]
            return matrix
    return None
