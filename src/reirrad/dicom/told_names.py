"""Words of DICOM objects that may tell whose they are, so as to leave them out."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pydicom.dataset import Dataset

from reirrad.dicom.elements import items, text
from reirrad.dicom.files import PathFault, entries
from reirrad.dicom.reading import looks_like_dicom, parse_object
from reirrad.errors import DicomError

__all__ = ["told_names"]

START_BYTES = 132
FEWEST_LETTERS = 3
OF_OBJECT = (
    "AccessionNumber",
    "DoseComment",
    "ImageComments",
    "PatientID",
    "PatientName",
    "RTPlanDescription",
    "RTPlanLabel",
    "RTPlanName",
    "SeriesDescription",
    "StructureSetLabel",
    "StructureSetName",
    "StudyDescription",
    "StudyID",
)
OF_ITEMS = (
    ("BeamSequence", "BeamName"),
    ("DoseReferenceSequence", "DoseReferenceDescription"),
    ("RTROIObservationsSequence", "ROIObservationLabel"),
    ("StructureSetROISequence", "ROIName"),
)


def told_names(paths: Iterable[Path]) -> frozenset[str]:
    """Names, labels and identifiers that people gave, of all objects in some files.

    What cannot be read is left out, and words of fewer than three letters.

    Parameters
    ----------
    paths
        Folders, files, zips and members of zips.
    """
    found: set[str] = set()
    for entry in entries(paths):
        if isinstance(entry, PathFault):
            continue
        with suppress(OSError, DicomError), entry.opened() as opened:
            if looks_like_dicom(opened.stream.read(START_BYTES)):
                dataset = parse_object(opened.read_all(), entry.path).dataset
                found.update(_names(dataset))
    return frozenset(word for word in found if len(word) >= FEWEST_LETTERS)


def _names(dataset: Dataset) -> Iterator[str]:
    for keyword in OF_OBJECT:
        value = _text(dataset, keyword)
        yield value
        if keyword == "PatientName":
            yield from value.replace("^", " ").split()
    for sequence, keyword in OF_ITEMS:
        with suppress(DicomError):
            for item in items(dataset, sequence, ""):
                with suppress(DicomError):
                    yield text(item, keyword).strip()


def _text(dataset: Dataset, keyword: str) -> str:
    with suppress(DicomError):
        return text(dataset, keyword).strip()
    return ""
