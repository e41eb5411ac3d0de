"""Pixel Spacing, spelt out once so that rows and columns are never swapped."""

from typing import NamedTuple

from pydicom.dataset import Dataset

from reirrad.dicom.elements import named, numbers
from reirrad.errors import DicomError

__all__ = ["InPlaneSpacing", "in_plane_spacing"]


class InPlaneSpacing(NamedTuple):
    """Distances between voxel centres within a slice, in mm."""

    between_rows: float
    between_columns: float


def in_plane_spacing(dataset: Dataset, where: str) -> InPlaneSpacing:
    """Read Pixel Spacing of an image or dose.

    Parameters
    ----------
    dataset : Dataset
    where : str
        The object in the reader's words, for the message.

    Raises
    ------
    DicomError
        If the element is absent, not two values, or not positive.

    References
    ----------
    DICOM PS3.3, section 10.7.1.3: the first value is the distance between rows (the
    step along a column), the second the distance between columns.
    """
    values = numbers(dataset, "PixelSpacing", where)
    if values is None or len(values) != 2 or not values.min() > 0:
        found = "nothing" if values is None else " and ".join(f"{v:g}" for v in values)
        msg = (
            f"{where}: {named('PixelSpacing')} must be two distances above 0 mm, found "
            f"{found}. Export the object again with its pixel spacing."
        )
        raise DicomError(msg)
    return InPlaneSpacing(
        between_rows=float(values[0]), between_columns=float(values[1])
    )
