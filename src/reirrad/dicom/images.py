"""Image series as regular grids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.sources import ObjectReference, SeriesReference
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import day, integer, named, text
from reirrad.dicom.frames import Frame, differing, frames_of
from reirrad.dicom.pixels import stored_values
from reirrad.dicom.slice_stack import SliceStack, stacked
from reirrad.errors import DicomError

__all__ = [
    "IMAGE_KINDS",
    "ImageSeries",
    "SeriesReading",
    "image_series",
    "is_localizer",
    "read_image",
]

MODALITIES = ("CT", "MR", "PT")
IMAGE_KINDS = (*MODALITIES, *(f"enhanced {modality}" for modality in MODALITIES))

DATE_KEYWORDS = ("AcquisitionDate", "SeriesDate", "StudyDate")
# Frames that differ in one of these are images of their own.
ONE_VALUE = ("StackID", "TemporalPositionIndex", "EffectiveEchoTime")


@dataclass(frozen=True, slots=True, eq=False)
class ImageSeries:
    """Objects of one series in one frame of reference.

    Parameters
    ----------
    uid
        Series Instance UID.
    frame_of_reference_uid
        Frame of all its slices.
    modality
        Modality.
    slices
        Its objects, in the order in which they were found: one for each slice, or one
        of several frames.
    """

    uid: str
    frame_of_reference_uid: str
    modality: str
    slices: tuple[FoundObject, ...]

    @property
    def n_slices(self) -> int:
        """Number of its slices, as far as its objects state theirs."""
        return sum(_frame_count(one) for one in self.slices)

    @property
    def where(self) -> str:
        """The series in the reader's words."""
        return f"{self.modality} series of {self.n_slices} ({self.slices[0].path})"

    @property
    def image_date(self) -> date | None:
        """Acquisition Date of the first slice, else Series Date, else Study Date."""
        dates = (day(self.slices[0].dataset, keyword) for keyword in DATE_KEYWORDS)
        return next((found for found in dates if found is not None), None)


@dataclass(frozen=True, slots=True, eq=False)
class SeriesReading:
    """A series as an image, and what to know about it.

    Parameters
    ----------
    image
        On a regular grid.
    on_slices
        Whether the planes of the grid are the slices themselves.
    findings
        What was done to make it regular.
    """

    image: Image
    on_slices: bool
    findings: tuple[Finding, ...]


def image_series(found: Iterable[FoundObject]) -> tuple[ImageSeries, ...]:
    """Group objects by series and frame of reference."""
    groups: dict[tuple[str, str], list[FoundObject]] = {}
    for one in found:
        series = text(one.dataset, "SeriesInstanceUID")
        frame = text(one.dataset, "FrameOfReferenceUID")
        groups.setdefault((series, frame), []).append(one)
    return tuple(
        ImageSeries(series, frame, slices[0].kind.split()[-1], tuple(slices))
        for (series, frame), slices in groups.items()
    )


def is_localizer(found: FoundObject) -> bool:
    """Whether an image is an overview (scout) on which others were planned."""
    return "LOCALIZER" in text(found.dataset, "ImageType").upper().split("\\")


def read_image(series: ImageSeries) -> SeriesReading:
    """Stack the slices of a series by their positions.

    Slices at uneven distances are brought to a regular grid by linear interpolation
    along the normal, and a finding says which they are.

    Raises
    ------
    DicomError
        If slices are cut short, lie in different directions, beside one another, at
        equal places or far apart, differ in size, or belong to different stacks,
        phases or echoes.
    """
    where = series.where
    frames = [frame for one in series.slices for frame in frames_of(one)]
    if len(frames) < 2:
        msg = f"{where}: one slice is no volume; export the whole series."
        raise DicomError(msg)
    _refuse_several(frames, where)
    stack = stacked([frame.plane for frame in frames], where)
    frames = [frames[index] for index in stack.order]
    _refuse_repeated(frames, stack, where)
    findings = _unevenness(frames, stack, where)
    values = _values(frames, where)
    if findings:
        values = _interpolated(values, stack.distances_mm, stack.grid_mm)
    if _is_inverted(frames, series):
        values = values.max() + values.min() - values
        message = (
            f"{where}: {named('PhotometricInterpretation')} is MONOCHROME1 (low values "
            f"are white); its values were inverted, so that high ones are."
        )
        findings.append(Finding("image-inverted", "info", where, message))
    grid = stack.grid_mm
    geometry = GridGeometry(
        (len(grid), values.shape[1], values.shape[2]),
        frames[0].plane.affine(0.0, float(grid[-1]) / (len(grid) - 1)),
        series.frame_of_reference_uid,
    )
    return SeriesReading(
        Image(values, geometry, series.modality, _reference(frames, stack)),
        on_slices=not len(stack.uneven),
        findings=tuple(findings),
    )


def _reference(frames: Sequence[Frame], stack: SliceStack) -> SeriesReference | None:
    """What others need to refer to sorted slices; None if not each is an object."""
    objects = {frame.found.path: frame.found for frame in frames}
    if len(stack.uneven) or len(objects) < len(frames):
        return None
    dataset, plane = frames[0].found.dataset, frames[0].plane
    return SeriesReference(
        study_uid=text(dataset, "StudyInstanceUID"),
        series_uid=text(dataset, "SeriesInstanceUID"),
        slices=tuple(
            ObjectReference(one.sop_class_uid, one.sop_instance_uid)
            for one in objects.values()
        ),
        positions_mm=np.array([frame.plane.origin_mm for frame in frames]),
        along_row=plane.along_row,
        along_column=plane.along_column,
    )


def _frame_count(found: FoundObject) -> int:
    try:
        return integer(found.dataset, "NumberOfFrames", found.where) or 1
    except DicomError:
        return 1


def _refuse_several(frames: Sequence[Frame], where: str) -> None:
    problems = []
    for keyword in ONE_VALUE:
        values = dict.fromkeys(text(one.attributes, keyword) for one in frames)
        if len(values) > 1:
            listed = ", ".join(value or "nothing" for value in list(values)[:5])
            problems.append(
                f"{where}: its frames have {len(values)} values of {named(keyword)} "
                f"({listed}) and are several images. Export the planning image alone."
            )
    if problems:
        raise DicomError(*problems)


def _refuse_repeated(frames: Sequence[Frame], stack: SliceStack, where: str) -> None:
    if not len(stack.repeated):
        return
    first = int(stack.repeated[0])
    pair = frames[first], frames[first + 1]
    difference = differing(pair)
    why = f"they differ in {difference}" if difference else "no attribute tells why"
    msg = (
        f"{where}: two slices lie at one {named('ImagePositionPatient')}, "
        f"{pair[0].where} and {pair[1].where}; {why}. The series holds more than one "
        f"phase, echo or copy ({len(stack.repeated)} such pairs); export the planning "
        f"image alone."
    )
    raise DicomError(msg)


def _unevenness(
    frames: Sequence[Frame], stack: SliceStack, where: str
) -> list[Finding]:
    """A finding where slices are uneven; refused where too many are missing."""
    uneven = stack.uneven
    if not len(uneven):
        return []
    steps, usual = stack.steps_mm, stack.usual_step_mm
    places = ", ".join(
        f"{steps[n]:.2f} mm from {frames[n].where} to {frames[n + 1].where}"
        for n in uneven[:3].tolist()
    )
    more = f" and {len(uneven) - 3} more" if len(uneven) > 3 else ""
    told = (
        f"{where}: slices are {usual:.2f} mm apart by {named('ImagePositionPatient')}, "
        f"but {places}{more}"
    )
    if stack.is_interrupted:
        msg = f"{told}. Slices are missing or uneven; export the whole series."
        raise DicomError(msg)
    message = (
        f"{told}. Planes were interpolated in between, for pictures and registration. "
        f"Export the series again if slices are missing."
    )
    return [Finding("image-uneven", "warning", where, message)]


def _values(frames: Sequence[Frame], where: str) -> npt.NDArray[np.float32]:
    """Rescaled values of sorted slices, shape (slices, rows, columns)."""
    values: npt.NDArray[np.float32] | None = None
    of_object: dict[str, list[int]] = {}
    for position, frame in enumerate(frames):
        of_object.setdefault(frame.found.path, []).append(position)
    for positions in of_object.values():
        found = frames[positions[0]].found
        stored = stored_values(found.with_pixels(), found.where)
        if values is None:
            values = np.empty((len(frames), *stored.shape[1:]), dtype=np.float32)
        if stored.shape[1:] != values.shape[1:]:
            msg = (
                f"{where}: slices differ in {named('Rows')} or {named('Columns')}. "
                f"Export the planning series alone."
            )
            raise DicomError(msg)
        _rescale(stored, frames, positions, values)
    if values is None:
        msg = f"{where}: has no slices."
        raise DicomError(msg)
    return values


def _rescale(
    stored: npt.NDArray[Any],
    frames: Sequence[Frame],
    positions: Iterable[int],
    values: npt.NDArray[np.float32],
) -> None:
    """Put the frames of one object at their positions."""
    for position in positions:
        frame = frames[position]
        plane = stored[frame.frame_index]
        if (frame.slope, frame.intercept) == (1.0, 0.0):
            values[position] = plane
        else:
            values[position] = plane * np.float64(frame.slope) + frame.intercept


def _interpolated(
    values: npt.NDArray[np.float32], at_mm: FloatArray, wanted_mm: FloatArray
) -> npt.NDArray[np.float32]:
    """Slices at other positions along the normal, linearly between the next two."""
    upper = np.clip(np.searchsorted(at_mm, wanted_mm), 1, len(at_mm) - 1)
    share = (wanted_mm - at_mm[upper - 1]) / (at_mm[upper] - at_mm[upper - 1])
    planes = np.empty((len(wanted_mm), *values.shape[1:]), dtype=np.float32)
    for n, (above, weight) in enumerate(zip(upper, share, strict=True)):
        planes[n] = values[above - 1] * (1.0 - weight) + values[above] * weight
    return planes


def _is_inverted(frames: Sequence[Frame], series: ImageSeries) -> bool:
    """Whether grey values run from white to black; CT and PT values mean themselves."""
    inverted = {frame.is_inverted for frame in frames}
    if len(inverted) > 1:
        msg = (
            f"{series.where}: slices differ in {named('PhotometricInterpretation')}. "
            f"Export the planning series alone."
        )
        raise DicomError(msg)
    return series.modality == "MR" and inverted == {True}
