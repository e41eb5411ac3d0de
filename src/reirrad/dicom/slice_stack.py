"""Slices of one series as a stack: their order, and where they are uneven.

Neither Instance Number nor Slice Thickness nor Slice Location is used: all are free to
some scanners. What counts is the position of each slice along the common normal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.dicom.elements import named
from reirrad.dicom.plane import SAME_PLACE_MM, Plane
from reirrad.errors import DicomError

__all__ = ["SliceStack", "stacked"]

# Positions are exported to 0.1 mm or finer; a missing slice is at least 0.5 mm.
EVEN_TOLERANCE_MM = 0.1
AXES_TOLERANCE = 1e-3
SPACING_TOLERANCE_MM = 1e-4
# One slice missing, or half of them; beyond that too much would be made up.
WIDEST_RATIO = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class SliceStack:
    """Parallel slices above one another, in their order.

    Parameters
    ----------
    order
        Index of each slice among those given, lowest first.
    distances_mm
        Position of each along the normal, from the lowest, shape (n,).
    """

    order: tuple[int, ...]
    distances_mm: FloatArray

    @property
    def steps_mm(self) -> FloatArray:
        """Distance of each slice from the one before, shape (n - 1,)."""
        return np.diff(self.distances_mm)

    @property
    def usual_step_mm(self) -> float:
        """Middle one of the distances; the lower of two."""
        steps = np.sort(self.steps_mm)
        return float(steps[(len(steps) - 1) // 2])

    @property
    def repeated(self) -> npt.NDArray[np.intp]:
        """Positions in the order of slices that lie where the next one lies."""
        return np.flatnonzero(self.steps_mm <= SAME_PLACE_MM)

    @property
    def uneven(self) -> npt.NDArray[np.intp]:
        """Positions in the order after which the distance is not the usual one.

        None where a regular grid passes through all slices.
        """
        even = np.linspace(0.0, self.distances_mm[-1], len(self.distances_mm))
        if np.abs(self.distances_mm - even).max() <= EVEN_TOLERANCE_MM:
            return np.zeros(0, dtype=np.intp)
        off = np.abs(self.steps_mm - self.usual_step_mm)
        return np.flatnonzero(off > min(EVEN_TOLERANCE_MM, 0.99 * off.max()))

    @property
    def is_interrupted(self) -> bool:
        """Whether distances differ too much to put planes in between."""
        steps, usual = self.steps_mm, self.usual_step_mm
        return bool(
            steps.max() > WIDEST_RATIO * usual or steps.min() < usual / WIDEST_RATIO
        )

    @property
    def grid_mm(self) -> FloatArray:
        """Positions of a regular grid from the lowest to the highest slice.

        Those of the slices where they are even; else as far apart as the nearest two.
        """
        extent = float(self.distances_mm[-1])
        count = len(self.distances_mm)
        if len(self.uneven):
            count = round(extent / float(self.steps_mm.min())) + 1
        return np.linspace(0.0, extent, count)


def stacked(planes: Sequence[Plane], where: str) -> SliceStack:
    """Sort slices along their common normal.

    Parameters
    ----------
    planes
        Two or more, in any order.
    where
        The series in the reader's words.

    Raises
    ------
    DicomError
        If they differ in orientation or pixel spacing, or are shifted beside one
        another.
    """
    axes = np.array([[*plane.along_row, *plane.along_column] for plane in planes])
    spacings = np.array([plane.spacing for plane in planes])
    problems = [
        *_different(axes, AXES_TOLERANCE, "ImageOrientationPatient", where),
        *_different(spacings, SPACING_TOLERANCE_MM, "PixelSpacing", where),
    ]
    if problems:
        raise DicomError(*problems)
    first = planes[0]
    origins = np.array([plane.origin_mm for plane in planes])
    distances = origins @ first.normal
    order = np.argsort(distances, kind="stable")
    beside = origins - np.outer(distances, first.normal)
    shift = float(np.abs(beside - beside[0]).max())
    if shift > EVEN_TOLERANCE_MM:
        msg = (
            f"{where}: {named('ImagePositionPatient')} shifts slices beside one "
            f"another, by {shift:.1f} mm (tilted gantry). Export the series resampled "
            f"at right angles to the couch."
        )
        raise DicomError(msg)
    return SliceStack(
        tuple(order.tolist()), distances[order] - distances[int(order[0])]
    )


def _different(
    rows: FloatArray, tolerance: float, keyword: str, where: str
) -> list[str]:
    """One sentence if slices do not agree in an attribute, with the values found."""
    kinds: list[FloatArray] = []
    counts: list[int] = []
    for row in rows:
        for number, kind in enumerate(kinds):
            if np.abs(row - kind).max() <= tolerance:
                counts[number] += 1
                break
        else:
            kinds.append(row)
            counts.append(1)
    if len(kinds) == 1:
        return []
    told = [
        f"{' '.join(f'{value:.4g}' for value in kind)} in {count}"
        for kind, count in zip(kinds[:3], counts, strict=False)
    ]
    others = ", and others" if len(kinds) > 3 else ""
    message = (
        f"{where}: slices differ in {named(keyword)}: {', '.join(told)} slice(s)"
        f"{others}. Export the planning series alone."
    )
    return [message]
