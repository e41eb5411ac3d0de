"""Grid Frame Offset Vector: where the planes of an RT Dose lie."""

from typing import NamedTuple

import numpy as np
from pydicom.dataset import Dataset

from reirrad.core.geometry import FloatArray
from reirrad.dicom.elements import integer, named, numbers
from reirrad.dicom.plane import SAME_PLACE_MM, Plane
from reirrad.errors import DicomError

__all__ = ["plane_offsets_mm"]

# Offsets rounded to two decimals leave half of this.
# Planes of one dose are never nearer; a copy of a plane is.
SMALLEST_STEP_MM = 0.1


class _Meaning(NamedTuple):
    """What the first value of the vector stands for, and the sign along the normal."""

    first: float
    sign: float


def plane_offsets_mm(dataset: Dataset, plane: Plane, where: str) -> FloatArray:
    """Distance of each plane of a dose from its first one, along the slice normal.

    Parameters
    ----------
    dataset : Dataset
        An RT Dose.
    plane : Plane
        Its first plane.
    where : str
        The object in the reader's words.

    Returns
    -------
    ndarray, shape (n,)
        In mm, growing or falling, not always evenly; the first is 0.

    Raises
    ------
    DicomError
        If the vector is absent, not one value per frame, turns back, begins neither
        with 0 nor with the position of the first plane, or begins with the one and goes
        on with the other.

    References
    ----------
    DICOM PS3.3, section C.8.8.3.2: the values are either distances from the first plane
    along the normal, the first being 0, or, for transverse planes, patient z
    coordinates, the first being that of Image Position (Patient).
    """
    name = named("GridFrameOffsetVector")
    frames = integer(dataset, "NumberOfFrames", where)
    vector = numbers(dataset, "GridFrameOffsetVector", where)
    length = 0 if vector is None else len(vector)
    if (frames or 1) < 2:
        raise DicomError(_one_plane(frames, length, where))
    if vector is None or length != frames:
        msg = (
            f"{where}: {name} must hold one value for each of {frames} frames, found "
            f"{length or 'nothing'}. Export the dose again."
        )
        raise DicomError(msg)
    offsets = _from_first(vector, plane, where)
    steps = np.diff(offsets)
    smallest = float((steps * np.sign(offsets[-1])).min())
    if smallest < SMALLEST_STEP_MM:
        at = int(np.argmin(steps * np.sign(offsets[-1])))
        msg = (
            f"{where}: {name} must go one way, by {SMALLEST_STEP_MM:g} mm or more from "
            f"plane to plane, found {vector[at]:g} followed by {vector[at + 1]:g}. "
            f"Export the dose again."
        )
        raise DicomError(msg)
    return offsets


def _one_plane(frames: int | None, length: int, where: str) -> str:
    if length > 1:
        return (
            f"{where}: {named('NumberOfFrames')} must be {length}, the number of "
            f"values of {named('GridFrameOffsetVector')}, found {frames or 'nothing'}. "
            f"Export the dose as one object with all its planes."
        )
    return (
        f"{where}: holds one plane; a dose needs two or more. Export the dose as one "
        f"object with all its planes, or all its planes as one series."
    )


def _from_first(vector: FloatArray, plane: Plane, where: str) -> FloatArray:
    """Tell distances from coordinates by the first value."""
    meanings = _possible_meanings(plane)
    first = float(vector[0])
    chosen = next((m for m in meanings if abs(first - m.first) <= SAME_PLACE_MM), None)
    if chosen is None:
        msg = (
            f"{where}: {named('GridFrameOffsetVector')} must begin with 0 or with the "
            f"position of the first plane ({plane.origin_mm[2]:g} mm), found "
            f"{first:g}. Export again."
        )
        raise DicomError(msg)
    mixed = _other_first(vector, meanings)
    if mixed is not None:
        msg = (
            f"{where}: {named('GridFrameOffsetVector')} begins with {first:g}, but its "
            f"other values go on from {mixed:g}: distances from the first plane and "
            f"coordinates are mixed. Export the dose again."
        )
        raise DicomError(msg)
    distances: FloatArray = chosen.sign * (vector - first)
    return distances


def _possible_meanings(plane: Plane) -> tuple[_Meaning, ...]:
    """Distances; coordinates of transverse planes; coordinates along the normal."""
    cosine = float(plane.normal[2])
    along_normal = _Meaning(float(plane.origin_mm @ plane.normal), 1.0)
    if abs(abs(cosine) - 1.0) >= 1e-6:
        return _Meaning(0.0, 1.0), along_normal
    transverse = _Meaning(float(plane.origin_mm[2]), float(np.sign(cosine)))
    return _Meaning(0.0, 1.0), transverse, along_normal


def _other_first(vector: FloatArray, meanings: tuple[_Meaning, ...]) -> float | None:
    """The first value that the even rest of the vector would have, if it is another."""
    steps = np.diff(vector)
    if len(steps) < 2 or np.ptp(steps[1:]) > SAME_PLACE_MM:
        return None
    before = float(vector[1] - steps[1])
    if abs(before - float(vector[0])) <= 2 * SAME_PLACE_MM:
        return None
    near = (m.first for m in meanings if abs(before - m.first) <= 2 * SAME_PLACE_MM)
    return next(near, None)
