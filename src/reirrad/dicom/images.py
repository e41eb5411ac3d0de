"""Image series as regular grids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import GridGeometry
from reirrad.core.images import Image
from reirrad.core.sources import ObjectReference, SeriesReference
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import day, integer, named, number, text
from reirrad.dicom.pixels import stored_values
from reirrad.dicom.plane import Plane, read_plane
from reirrad.errors import DicomError

__all__ = ["IMAGE_KINDS", "ImageSeries", "image_series", "read_image"]

IMAGE_KINDS = ("CT", "MR", "PT")

# Positions are exported to 0.1 mm or finer; a missing slice is at least 0.5 mm.
EVEN_TOLERANCE_MM = 0.1
AXES_TOLERANCE = 1e-3
SPACING_TOLERANCE_MM = 1e-4
DATE_KEYWORDS = ("AcquisitionDate", "SeriesDate", "StudyDate")


@dataclass(frozen=True, slots=True, eq=False)
class ImageSeries:
    """Slices of one series in one frame of reference.

    Parameters
    ----------
    uid
        Series Instance UID.
    frame_of_reference_uid
        Frame of all its slices.
    modality
        Modality.
    slices
        In the order in which they were found.
    """

    uid: str
    frame_of_reference_uid: str
    modality: str
    slices: tuple[FoundObject, ...]

    @property
    def where(self) -> str:
        """The series in the reader's words."""
        return f"{self.modality} series of {len(self.slices)} ({self.slices[0].path})"

    @property
    def image_date(self) -> date | None:
        """Acquisition Date of the first slice, else Series Date, else Study Date."""
        dates = (day(self.slices[0].dataset, keyword) for keyword in DATE_KEYWORDS)
        return next((found for found in dates if found is not None), None)


def image_series(found: Iterable[FoundObject]) -> tuple[ImageSeries, ...]:
    """Group slices by series and frame of reference."""
    groups: dict[tuple[str, str], list[FoundObject]] = {}
    for one in found:
        series = text(one.dataset, "SeriesInstanceUID")
        frame = text(one.dataset, "FrameOfReferenceUID")
        groups.setdefault((series, frame), []).append(one)
    return tuple(
        ImageSeries(series, frame, slices[0].kind, tuple(slices))
        for (series, frame), slices in groups.items()
    )


def read_image(series: ImageSeries) -> Image:
    """Stack the slices of a series by their positions.

    Neither Instance Number nor Slice Thickness is used: both are free text to some
    scanners.

    Raises
    ------
    DicomError
        If slices are cut short, lie in different directions, beside one another, at
        equal places or at uneven distances, or differ in size.
    """
    where = series.where
    for one in series.slices:
        if one.truncation is not None:
            msg = (
                f"{one.where}: the file is cut short ({one.truncation}). Export or "
                f"copy the image again."
            )
            raise DicomError(msg)
        if (integer(one.dataset, "NumberOfFrames", one.where) or 1) > 1:
            msg = (
                f"{one.where}: {named('NumberOfFrames')} is above 1; images of several "
                f"frames are not read. Export one object for each slice."
            )
            raise DicomError(msg)
    if len(series.slices) < 2:
        msg = f"{where}: one slice is no volume; export the whole series."
        raise DicomError(msg)
    planes = [read_plane(one.dataset, one.where) for one in series.slices]
    order, step_mm = _stacked(planes, where)
    first = planes[order[0]]
    values = _values([series.slices[index] for index in order], where)
    shape = (values.shape[0], values.shape[1], values.shape[2])
    geometry = GridGeometry(
        shape, first.affine(0.0, step_mm), series.frame_of_reference_uid
    )
    reference = _reference([series.slices[index] for index in order], planes, order)
    return Image(values, geometry, series.modality, reference)


def _reference(
    slices: Sequence[FoundObject], planes: Sequence[Plane], order: Sequence[int]
) -> SeriesReference:
    """What other objects need to refer to sorted slices."""
    first = planes[order[0]]
    return SeriesReference(
        study_uid=text(slices[0].dataset, "StudyInstanceUID"),
        series_uid=text(slices[0].dataset, "SeriesInstanceUID"),
        slices=tuple(
            ObjectReference(one.sop_class_uid, one.sop_instance_uid) for one in slices
        ),
        positions_mm=np.array([planes[index].origin_mm for index in order]),
        along_row=first.along_row,
        along_column=first.along_column,
    )


def _stacked(planes: Sequence[Plane], where: str) -> tuple[list[int], float]:
    """Order of growing distance along the normal, and the distance between slices."""
    first = planes[0]
    rows = np.array([plane.along_row for plane in planes])
    columns = np.array([plane.along_column for plane in planes])
    spacings = np.array([plane.spacing for plane in planes])
    if (
        np.abs(rows - rows[0]).max() > AXES_TOLERANCE
        or np.abs(columns - columns[0]).max() > AXES_TOLERANCE
        or np.abs(spacings - spacings[0]).max() > SPACING_TOLERANCE_MM
    ):
        msg = (
            f"{where}: slices differ in {named('ImageOrientationPatient')} or "
            f"{named('PixelSpacing')}. Export the planning series alone."
        )
        raise DicomError(msg)
    origins = np.array([plane.origin_mm for plane in planes])
    distances = origins @ first.normal
    order = np.argsort(distances, kind="stable")
    beside = origins - np.outer(distances, first.normal)
    if np.abs(beside - beside[0]).max() > EVEN_TOLERANCE_MM:
        msg = (
            f"{where}: slices are shifted beside one another (tilted gantry). Export "
            f"the series resampled at right angles to the couch."
        )
        raise DicomError(msg)
    return order.tolist(), _step_mm(distances[order], where)


def _step_mm(distances: npt.NDArray[np.float64], where: str) -> float:
    steps = np.diff(distances)
    step = float(np.median(steps))
    if steps.min() <= EVEN_TOLERANCE_MM / 10:
        at = float(distances[int(np.argmin(steps))])
        msg = (
            f"{where}: two slices lie at {at:.2f} mm along the normal. The series "
            f"holds more than one phase or copy; export the planning series alone."
        )
        raise DicomError(msg)
    even = distances[0] + np.arange(len(distances)) * step
    if (
        np.abs(steps - step).max() > EVEN_TOLERANCE_MM
        or np.abs(distances - even).max() > EVEN_TOLERANCE_MM
    ):
        at = float(distances[int(np.argmax(np.abs(steps - step)))])
        msg = (
            f"{where}: slices are {step:.2f} mm apart but {steps.max():.2f} mm after "
            f"{at:.2f} mm along the normal. Slices are missing or uneven; export the "
            f"whole series."
        )
        raise DicomError(msg)
    return float((distances[-1] - distances[0]) / (len(distances) - 1))


def _values(slices: Sequence[FoundObject], where: str) -> npt.NDArray[np.float32]:
    """Rescaled values of sorted slices, shape (slices, rows, columns)."""
    values: npt.NDArray[np.float32] | None = None
    for index, one in enumerate(slices):
        of_slice = one.where
        stored = stored_values(one.with_pixels(), of_slice)[0]
        if values is None:
            values = np.empty((len(slices), *stored.shape), dtype=np.float32)
        if stored.shape != values.shape[1:]:
            msg = (
                f"{where}: slices differ in {named('Rows')} or {named('Columns')}. "
                f"Export the planning series alone."
            )
            raise DicomError(msg)
        slope = number(one.dataset, "RescaleSlope", of_slice)
        intercept = number(one.dataset, "RescaleIntercept", of_slice) or 0.0
        if slope is None:
            slope = 1.0
        if (slope, intercept) == (1.0, 0.0):
            values[index] = stored
        else:
            values[index] = stored * np.float64(slope) + intercept
    if values is None:
        msg = f"{where}: has no slices."
        raise DicomError(msg)
    return values
