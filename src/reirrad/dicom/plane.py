"""Position and axes of an image plane in the patient."""

from typing import NamedTuple

import numpy as np
from pydicom.dataset import Dataset

from reirrad.core.geometry import FloatArray
from reirrad.dicom.elements import named, numbers
from reirrad.dicom.pixel_spacing import InPlaneSpacing, in_plane_spacing
from reirrad.errors import DicomError

__all__ = ["SAME_PLACE_MM", "Plane", "read_plane"]

# Ten digits of a decimal string leave 1e-9; exports rounded to four digits leave 1e-4.
AXES_TOLERANCE = 1e-3
# Positions are written to a hundredth of a millimetre.
SAME_PLACE_MM = 0.01


class Plane(NamedTuple):
    """One plane of voxels.

    Parameters
    ----------
    origin_mm
        Centre of the first voxel, shape (3,).
    along_row, along_column
        Unit vectors of growing column index and growing row index, shape (3,).
    spacing
        Distances between voxel centres.
    """

    origin_mm: FloatArray
    along_row: FloatArray
    along_column: FloatArray
    spacing: InPlaneSpacing

    @property
    def normal(self) -> FloatArray:
        """Unit vector along_row x along_column, shape (3,)."""
        normal: FloatArray = np.cross(self.along_row, self.along_column)
        return normal / np.linalg.norm(normal)

    def affine(self, first_mm: float, step_mm: float) -> FloatArray:
        """Index-to-point matrix of a stack of such planes along the normal.

        Parameters
        ----------
        first_mm
            Distance of the first plane of the stack from this one.
        step_mm
            Distance from plane to plane.
        """
        affine = np.eye(4)
        affine[:3, 0] = self.normal * step_mm
        affine[:3, 1] = self.along_column * self.spacing.between_rows
        affine[:3, 2] = self.along_row * self.spacing.between_columns
        affine[:3, 3] = self.origin_mm + self.normal * first_mm
        return affine


def read_plane(dataset: Dataset, where: str) -> Plane:
    """Read position, orientation and spacing of an image or dose plane.

    Raises
    ------
    DicomError
        With every one of the three attributes that is absent or impossible.

    References
    ----------
    DICOM PS3.3, section C.7.6.2.1.1: Image Orientation holds the direction cosines of
    the first row (growing column index), then those of the first column.
    """
    problems: list[str] = []
    origin = _exactly(
        dataset, "ImagePositionPatient", 3, where=where, problems=problems
    )
    axes = _exactly(
        dataset, "ImageOrientationPatient", 6, where=where, problems=problems
    )
    spacing = InPlaneSpacing(1.0, 1.0)
    try:
        spacing = in_plane_spacing(dataset, where)
    except DicomError as error:
        problems.extend(error.problems)
    row, column = axes[:3], axes[3:]
    lengths = np.array([np.linalg.norm(row), np.linalg.norm(column)])
    if not problems and (
        np.abs(lengths - 1.0).max() > AXES_TOLERANCE
        or abs(float(row @ column)) > AXES_TOLERANCE
    ):
        problems.append(
            f"{where}: {named('ImageOrientationPatient')} must be two unit vectors at "
            f"right angles, found {' '.join(f'{v:g}' for v in axes)}. Export again."
        )
    if problems:
        raise DicomError(*problems)
    return Plane(origin, row / lengths[0], column / lengths[1], spacing)


def _exactly(
    dataset: Dataset, keyword: str, count: int, *, where: str, problems: list[str]
) -> FloatArray:
    """Values of an attribute, or zeros and a problem."""
    try:
        values = numbers(dataset, keyword, where)
    except DicomError as error:
        problems.extend(error.problems)
        return np.zeros(count)
    if values is None or len(values) != count:
        found = "nothing" if values is None else f"{len(values)}"
        problems.append(
            f"{where}: {named(keyword)} must hold {count} numbers, found {found}. "
            f"Export the object again with its geometry."
        )
        return np.zeros(count)
    return values
