"""The planes of a dose, from one object or from an object for each plane."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.uneven_planes import is_even
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import named, number
from reirrad.dicom.frame_offsets import plane_offsets_mm
from reirrad.dicom.pixels import stored_values
from reirrad.dicom.plane import SAME_PLACE_MM, Plane, read_plane
from reirrad.errors import DicomError

__all__ = ["DosePlanes", "read_planes"]

# Cosines and positions of one grid, each rounded by itself.
AXES_TOLERANCE = 1e-4


class DosePlanes(NamedTuple):
    """Sorted planes of a dose.

    Parameters
    ----------
    values_gy
        ``(k, j, i)``, in the order of `offsets_mm`; not yet checked for its sign.
    plane
        The plane from which offsets are counted.
    offsets_mm
        Growing distances along the normal, shape (k,).
    """

    values_gy: FloatArray
    plane: Plane
    offsets_mm: FloatArray


def read_planes(objects: Sequence[FoundObject], where: str) -> DosePlanes:
    """Read the planes of one dose.

    Parameters
    ----------
    objects
        The RT Dose, or one for each plane.
    where
        The dose in the reader's words.

    Raises
    ------
    DicomError
        With every reason why the planes cannot be placed or read.
    """
    if len(objects) == 1:
        return _of_one(objects[0])
    return _of_several(objects, where)


def _of_one(found: FoundObject) -> DosePlanes:
    dataset, where = found.dataset, found.where
    problems: list[str] = []
    placed, values_gy = None, np.zeros((0, 0, 0))
    try:
        plane = read_plane(dataset, where)
        placed = plane, plane_offsets_mm(dataset, plane, where)
    except DicomError as error:
        problems.extend(error.problems)
    try:
        values_gy = _values_gy(found)
    except DicomError as error:
        problems.extend(error.problems)
    if placed is None or problems:
        raise DicomError(*problems)
    plane, offsets = placed
    if offsets[-1] < 0:
        offsets, values_gy = offsets[::-1], values_gy[::-1]
    return DosePlanes(values_gy, plane, offsets)


def _of_several(objects: Sequence[FoundObject], where: str) -> DosePlanes:
    problems: list[str] = []
    planes: list[Plane] = []
    values_gy: list[FloatArray] = []
    for one in objects:
        try:
            planes.append(read_plane(one.dataset, one.where))
            values_gy.append(_values_gy(one))
        except DicomError as error:
            problems.extend(error.problems)
    if problems:
        raise DicomError(*problems)
    _require_one_lattice(planes, values_gy, where)
    origins = np.array([plane.origin_mm for plane in planes])
    offsets: FloatArray = (origins - origins[0]) @ planes[0].normal
    order = np.argsort(offsets, kind="stable")
    offsets = offsets[order]
    _require_whole(offsets, [objects[index] for index in order], where)
    return DosePlanes(
        np.concatenate([values_gy[index] for index in order]), planes[0], offsets
    )


def _values_gy(found: FoundObject) -> FloatArray:
    """Stored values of one object with its own scaling."""
    stored = stored_values(found.with_pixels(), found.where, exact=True)
    scaling = number(found.dataset, "DoseGridScaling", found.where) or 0.0
    values: FloatArray = np.multiply(stored, scaling, dtype=np.float64)
    return values


def _require_one_lattice(
    planes: Sequence[Plane], values: Sequence[FloatArray], where: str
) -> None:
    first = planes[0]
    beside = np.array([plane.origin_mm - first.origin_mm for plane in planes])
    beside -= np.outer(beside @ first.normal, first.normal)
    axes = np.array([[*plane.along_row, *plane.along_column] for plane in planes])
    spacings = np.array([plane.spacing for plane in planes])
    if (
        len({one.shape for one in values}) > 1
        or np.abs(axes - axes[0]).max() > AXES_TOLERANCE
        or np.abs(spacings - spacings[0]).max() > AXES_TOLERANCE
        or np.abs(beside).max() > SAME_PLACE_MM
    ):
        msg = (
            f"{where}: its planes differ in {named('ImageOrientationPatient')}, "
            f"{named('PixelSpacing')} or size, or lie beside one another, so they make "
            f"no grid. Export the dose as one object with all its planes."
        )
        raise DicomError(msg)


def _require_whole(
    offsets_mm: FloatArray, objects: Sequence[FoundObject], where: str
) -> None:
    """No plane twice, and none missing between others."""
    steps = np.diff(offsets_mm)
    nearest, widest = int(np.argmin(steps)), int(np.argmax(steps))
    if steps[nearest] <= SAME_PLACE_MM:
        msg = (
            f"{where}: {objects[nearest].path} and {objects[nearest + 1].path} lie at "
            f"the same place. Leave only the planes of the dose that was treated."
        )
        raise DicomError(msg)
    if not is_even(offsets_mm):
        msg = (
            f"{where}: planes are {steps[nearest]:g} mm apart but {steps[widest]:g} mm "
            f"between {objects[widest].path} and {objects[widest + 1].path}; one may "
            f"be missing. Export every plane, or the dose as one object."
        )
        raise DicomError(msg)
