"""Single slices of an image series: objects of their own, or frames of one object.

An object of several frames (Enhanced CT, MR and PT, and those converted from older
ones) says for each frame where it lies and how its values are scaled, in functional
groups of the frame or in those that all frames share.

References
----------
DICOM PS3.3, section C.7.6.16: an attribute of a functional group stands either in the
Shared or in the Per-frame Functional Groups Sequence.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import Elements, integer, items, named, number, text
from reirrad.dicom.plane import Plane, read_plane
from reirrad.errors import DicomError

__all__ = ["Frame", "differing", "frames_of"]

PER_FRAME = "PerFrameFunctionalGroupsSequence"
SHARED = "SharedFunctionalGroupsSequence"
FUNCTIONAL_GROUPS: Mapping[str, tuple[str, ...]] = {
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "PixelMeasuresSequence": ("PixelSpacing",),
    "PixelValueTransformationSequence": ("RescaleSlope", "RescaleIntercept"),
    "FrameContentSequence": (
        "StackID",
        "TemporalPositionIndex",
        "FrameAcquisitionNumber",
    ),
    "MREchoSequence": ("EffectiveEchoTime",),
    "MRDiffusionSequence": ("DiffusionBValue",),
    "MRImageFrameTypeSequence": ("FrameType", "ComplexImageComponent"),
    "CTImageFrameTypeSequence": ("FrameType",),
    "PETFrameTypeSequence": ("FrameType",),
}
# What tells slices at one place apart, the clearest first.
TELLING = (
    "StackID",
    "TemporalPositionIndex",
    "TemporalPositionIdentifier",
    "EffectiveEchoTime",
    "EchoTime",
    "DiffusionBValue",
    "ComplexImageComponent",
    "FrameType",
    "ImageType",
    "FrameAcquisitionNumber",
    "AcquisitionNumber",
    "TriggerTime",
    "SeriesDescription",
    "ContentTime",
)
LINEAR_ONLY = "ModalityLUTSequence"
GREY = ("", "MONOCHROME1", "MONOCHROME2")


class Frame(NamedTuple):
    """One slice.

    Parameters
    ----------
    found
        The object that holds it.
    frame_index
        Which of its frames, from 0.
    where
        The slice in the reader's words.
    attributes
        What describes this slice.
    plane
        Where it lies.
    slope, intercept
        From stored values to those of the image.
    """

    found: FoundObject
    frame_index: int
    where: str
    attributes: Dataset
    plane: Plane
    slope: float
    intercept: float

    @property
    def is_whole(self) -> bool:
        """Whether its object has no other slice."""
        return self.attributes is self.found.dataset

    @property
    def is_inverted(self) -> bool:
        """Whether the lowest value is to be shown as white."""
        return text(self.found.dataset, "PhotometricInterpretation") == "MONOCHROME1"


def frames_of(found: FoundObject) -> list[Frame]:
    """Slices that an object of an image series holds.

    Raises
    ------
    DicomError
        If it is cut short, its pixels are not grey values on a linear scale, or it has
        several frames without saying where each lies.
    """
    dataset, where = found.dataset, found.where
    if found.truncation is not None:
        msg = (
            f"{where}: the file is cut short ({found.truncation}). Export or copy the "
            f"image again."
        )
        raise DicomError(msg)
    _check_values(dataset, where)
    count = integer(dataset, "NumberOfFrames", where) or 1
    groups = items(dataset, PER_FRAME, where)
    if groups and len(groups) != count:
        msg = (
            f"{where}: {named(PER_FRAME)} must describe each of the {count} frames of "
            f"{named('NumberOfFrames')}, found {len(groups)}. Export the image again."
        )
        raise DicomError(msg)
    if groups:
        shared = items(dataset, SHARED, where)[:1]
        return [
            _frame(
                found,
                index,
                _merged(found, (group, *shared), f"{where}, frame {index + 1}"),
                f"{where}, frame {index + 1}",
            )
            for index, group in enumerate(groups)
        ]
    if count > 1:
        msg = (
            f"{where}: {named('NumberOfFrames')} is {count} but {named(PER_FRAME)}, "
            f"which places each frame, is absent. Export one object for each slice."
        )
        raise DicomError(msg)
    return [_frame(found, 0, dataset, where)]


def differing(frames: Sequence[Frame]) -> str:
    """The first attribute in which slices differ, with its values; empty if none does.

    Only attributes that tell phases, echoes, stacks and the like apart are compared;
    of objects of one slice they are read again.
    """
    described = [
        one.found.as_written() if one.is_whole else one.attributes for one in frames
    ]
    for keyword in TELLING:
        values = dict.fromkeys(text(one, keyword) for one in described)
        if len(values) > 1:
            listed = ", ".join(value or "nothing" for value in values)
            return f"{named(keyword)}: {listed}"
    return ""


def _check_values(dataset: Dataset, where: str) -> None:
    shown = text(dataset, "PhotometricInterpretation")
    if shown not in GREY:
        msg = (
            f"{where}: {named('PhotometricInterpretation')} must be MONOCHROME1 or "
            f"MONOCHROME2, found {shown!r}. Export the image in grey values."
        )
        raise DicomError(msg)
    if items(dataset, LINEAR_ONLY, where):
        msg = (
            f"{where}: {named(LINEAR_ONLY)} maps its values by a table, which is not "
            f"read. Export the image with {named('RescaleSlope')}."
        )
        raise DicomError(msg)


def _merged(found: FoundObject, groups: Iterable[Elements], where: str) -> Dataset:
    """Attributes of one frame's functional groups; the first group decides."""
    merged = Dataset()
    implicit, little_endian = found.dataset.original_encoding
    merged.set_original_encoding(
        implicit, little_endian, found.dataset.original_character_set
    )
    for group in groups:
        for name, keywords in FUNCTIONAL_GROUPS.items():
            for source in items(group, name, where)[:1]:
                for keyword in keywords:
                    element = source.get_item(Tag(keyword))
                    if element is not None and keyword not in merged:
                        merged[Tag(keyword)] = element
    return merged


def _frame(found: FoundObject, index: int, attributes: Dataset, where: str) -> Frame:
    slope = number(attributes, "RescaleSlope", where)
    intercept = number(attributes, "RescaleIntercept", where)
    return Frame(
        found,
        index,
        where,
        attributes,
        read_plane(attributes, where),
        1.0 if slope is None else slope,
        intercept or 0.0,
    )
