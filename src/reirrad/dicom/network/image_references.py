"""Image series that an object refers to."""

from collections.abc import Iterator
from typing import Final

from reirrad.dicom.elements import Elements, items, text
from reirrad.dicom.network.header import is_uid
from reirrad.dicom.reading import parse_object

__all__ = ["referenced_series"]

# Sequences on the way to a Series Instance UID, in RTSTRUCT, REG and others.
WAYS: Final = (
    (
        "ReferencedFrameOfReferenceSequence",
        "RTReferencedStudySequence",
        "RTReferencedSeriesSequence",
    ),
    ("ReferencedSeriesSequence",),
    ("StudiesContainingOtherReferencedInstancesSequence", "ReferencedSeriesSequence"),
)


def referenced_series(content: bytes, where: str) -> frozenset[str]:
    """Series Instance UIDs that an RTSTRUCT or REG names.

    Parameters
    ----------
    content
        The whole file.
    where
        The object in the reader's words.

    Raises
    ------
    DicomError
        If it cannot be read.

    References
    ----------
    DICOM PS3.3, sections C.8.8.5 and C.12.1.
    """
    dataset = parse_object(content, where).dataset
    found = {uid for way in WAYS for uid in _followed(dataset, way, where)}
    return frozenset(uid for uid in found if is_uid(uid))


def _followed(dataset: Elements, way: tuple[str, ...], where: str) -> Iterator[str]:
    if not way:
        yield text(dataset, "SeriesInstanceUID")
        return
    for item in items(dataset, way[0], where):
        yield from _followed(item, way[1:], where)
