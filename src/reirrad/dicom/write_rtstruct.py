"""Writing structures as an RT Structure Set."""

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import RTStructureSetStorage

from reirrad.core.sources import SeriesReference
from reirrad.core.structures import Contour, Role, Structure
from reirrad.dicom.identity import NOON, Study, new_object, reference_to, stable_uid

__all__ = ["ReferencedSeries", "rtstruct_dataset"]

CONTOUR_DATA = Tag("ContourData")
DETACHED_STUDY = "1.2.840.10008.3.1.2.3.1"
INTERPRETED_TYPE = MappingProxyType(
    {
        Role.GTV: "GTV",
        Role.CTV: "CTV",
        Role.PTV: "PTV",
        Role.EXTERNAL: "EXTERNAL",
        Role.ORGAN: "ORGAN",
        Role.OTHER: "",
    }
)
COLOURS = (
    (0, 158, 115),
    (230, 159, 0),
    (86, 180, 233),
    (204, 121, 167),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (160, 160, 160),
)


class ReferencedSeries:
    """The image series on which structures were drawn.

    Parameters
    ----------
    series
        Its slices and where they are.
    """

    def __init__(self, series: SeriesReference) -> None:
        self.series = series
        self._normal = np.cross(series.along_row, series.along_column)
        self._heights = series.positions_mm @ self._normal
        steps = np.diff(np.sort(self._heights))
        self._half_step = float(np.median(steps)) / 2.0 if len(steps) else np.inf

    def reference(self, index: int) -> Dataset:
        """Item that refers to a slice."""
        one = self.series.slices[index]
        return reference_to(one.sop_class_uid, one.sop_instance_uid)

    def slice_of(self, contour: Contour) -> int | None:
        """Index of the slice in which a contour lies; None if in none."""
        heights = contour.points_mm @ self._normal
        index = int(np.argmin(np.abs(self._heights - heights.mean())))
        away = np.abs(heights - self._heights[index]).max()
        return index if away <= self._half_step else None


def rtstruct_dataset(
    structures: Sequence[Structure],
    *,
    study: Study,
    label: str,
    frame_of_reference_uid: str,
    drawn_on: ReferencedSeries | None = None,
) -> Dataset:
    """Structures of one frame of reference as an RT Structure Set.

    Coordinates are kept to a ten-thousandth of a millimetre. Contours keep their kind:
    holes stay what they are in the structure, contours inside others.

    Parameters
    ----------
    structures
        Regions with different numbers.
    study
        Study that it joins.
    label
        Structure Set Label; cut after 16 characters.
    frame_of_reference_uid
        Frame of all contours.
    drawn_on
        Images to refer to.

    Raises
    ------
    ValueError
        If a structure lies in another frame or two have one number.
    """
    _check(structures, frame_of_reference_uid)
    contours = [_contour_bytes(one) for s in structures for one in s.contours]
    names = [f"{one.number} {one.name} {one.role.value}" for one in structures]
    dataset = new_object(
        RTStructureSetStorage,
        instance_uid=stable_uid("rtstruct", study.uid, label, *names, *contours),
        modality="RTSTRUCT",
        study=study,
        series_name="structures",
    )
    dataset.FrameOfReferenceUID = frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""
    dataset.StructureSetLabel = label[:16]
    dataset.StructureSetName = label[:64]
    dataset.StructureSetDate = study.day.strftime("%Y%m%d")
    dataset.StructureSetTime = NOON
    dataset.ApprovalStatus = "UNAPPROVED"
    dataset.ReferencedFrameOfReferenceSequence = [
        _frame_item(frame_of_reference_uid, drawn_on)
    ]
    dataset.StructureSetROISequence = [_roi(one) for one in structures]
    dataset.ROIContourSequence = [_roi_contour(one, drawn_on) for one in structures]
    dataset.RTROIObservationsSequence = [_observation(one) for one in structures]
    return dataset


def _check(structures: Sequence[Structure], frame_of_reference_uid: str) -> None:
    numbers = [one.number for one in structures]
    if len(set(numbers)) < len(numbers):
        msg = f"structures must have different numbers to be written, got {numbers}"
        raise ValueError(msg)
    strangers = [
        one.name
        for one in structures
        if one.frame_of_reference_uid != frame_of_reference_uid
    ]
    if strangers:
        msg = f"structures in another frame of reference cannot be written: {strangers}"
        raise ValueError(msg)


def _frame_item(frame_uid: str, drawn_on: ReferencedSeries | None) -> Dataset:
    frame = Dataset()
    frame.FrameOfReferenceUID = frame_uid
    if drawn_on is None or not drawn_on.series.is_identified:
        return frame
    referenced = drawn_on.series
    series = Dataset()
    series.SeriesInstanceUID = referenced.series_uid
    series.ContourImageSequence = [
        drawn_on.reference(index) for index in range(len(referenced.slices))
    ]
    study = reference_to(DETACHED_STUDY, referenced.study_uid)
    study.RTReferencedSeriesSequence = [series]
    frame.RTReferencedStudySequence = [study]
    return frame


def _roi(structure: Structure) -> Dataset:
    item = Dataset()
    item.ROINumber = structure.number
    item.ReferencedFrameOfReferenceUID = structure.frame_of_reference_uid
    item.ROIName = structure.name
    item.ROIGenerationAlgorithm = ""
    return item


def _roi_contour(structure: Structure, drawn_on: ReferencedSeries | None) -> Dataset:
    item = Dataset()
    item.ROIDisplayColor = list(COLOURS[structure.number % len(COLOURS)])
    item.ReferencedROINumber = structure.number
    if structure.contours:
        item.ContourSequence = [_contour(one, drawn_on) for one in structure.contours]
    return item


def _contour(contour: Contour, drawn_on: ReferencedSeries | None) -> Dataset:
    item = Dataset()
    index = None if drawn_on is None else drawn_on.slice_of(contour)
    if drawn_on is not None and index is not None:
        item.ContourImageSequence = [drawn_on.reference(index)]
    item.ContourGeometricType = contour.kind.value
    item.NumberOfContourPoints = len(contour.points_mm)
    # As bytes: half a million decimal strings as objects take most of the time. They
    # are written as they are because they stand in the encoding of the file.
    item.set_original_encoding(
        is_implicit_vr=False, is_little_endian=True, character_encoding="iso8859"
    )
    raw = _contour_bytes(contour)
    item[CONTOUR_DATA] = RawDataElement(
        CONTOUR_DATA,
        "DS",
        len(raw),
        raw,
        0,
        is_implicit_VR=False,
        is_little_endian=True,
    )
    return item


def _contour_bytes(contour: Contour) -> bytes:
    numbers = map("{:.4f}".format, contour.points_mm.ravel().tolist())
    raw = "\\".join(numbers).encode("ascii")
    return raw + b" " * (len(raw) % 2)


def _observation(structure: Structure) -> Dataset:
    item = Dataset()
    item.ObservationNumber = structure.number
    item.ReferencedROINumber = structure.number
    item.RTROIInterpretedType = INTERPRETED_TYPE[structure.role]
    item.ROIInterpreter = ""
    return item
