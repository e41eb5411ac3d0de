"""Grid Frame Offset Vector: where the planes of an RT Dose lie."""

import numpy as np
from pydicom.dataset import Dataset

from reirrad.core.geometry import FloatArray
from reirrad.dicom.elements import integer, named, numbers
from reirrad.dicom.plane import Plane
from reirrad.errors import DicomError

__all__ = ["plane_offsets_mm"]

# Offsets rounded to two decimals leave half of this.
EVEN_TOLERANCE_MM = 0.01


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
        In mm, evenly spaced, growing or falling; the first is 0.

    Raises
    ------
    DicomError
        If the vector is absent, not one value per frame, uneven, or begins neither with
        0 nor with the position of the first plane.

    References
    ----------
    DICOM PS3.3, section C.8.8.3.2: the values are either distances from the first plane
    along the normal, the first being 0, or, for transverse planes, patient z
    coordinates, the first being that of Image Position (Patient).
    """
    name = named("GridFrameOffsetVector")
    frames = integer(dataset, "NumberOfFrames", where) or 1
    vector = numbers(dataset, "GridFrameOffsetVector", where)
    if frames < 2:
        msg = (
            f"{where}: holds one plane; a dose needs two or more. Export the dose as "
            f"one object with all its planes."
        )
        raise DicomError(msg)
    if vector is None or len(vector) != frames:
        found = "nothing" if vector is None else f"{len(vector)}"
        msg = (
            f"{where}: {name} must hold one value for each of {frames} frames, found "
            f"{found}. Export the dose again."
        )
        raise DicomError(msg)
    offsets = _from_first(vector, plane, where)
    even = np.linspace(0.0, offsets[-1], frames)
    if np.abs(offsets - even).max() > EVEN_TOLERANCE_MM or offsets[-1] == 0:
        steps = np.diff(offsets)
        msg = (
            f"{where}: {name} must be evenly spaced, found steps from "
            f"{steps.min():g} to {steps.max():g} mm. Export the dose on a regular grid."
        )
        raise DicomError(msg)
    return offsets


def _from_first(vector: FloatArray, plane: Plane, where: str) -> FloatArray:
    """Tell distances from coordinates by the first value."""
    first = float(vector[0])
    z_mm = float(plane.origin_mm[2])
    along_normal_mm = float(plane.origin_mm @ plane.normal)
    cosine = float(plane.normal[2])
    distances: FloatArray = vector - first
    if abs(first) <= EVEN_TOLERANCE_MM:
        return distances
    if abs(abs(cosine) - 1.0) < 1e-6 and abs(first - z_mm) <= EVEN_TOLERANCE_MM:
        return distances if cosine > 0 else -distances
    if abs(first - along_normal_mm) <= EVEN_TOLERANCE_MM:
        return distances
    msg = (
        f"{where}: {named('GridFrameOffsetVector')} must begin with 0 or with the "
        f"position of the first plane ({z_mm:g} mm), found {first:g}. Export again."
    )
    raise DicomError(msg)
