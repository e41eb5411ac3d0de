"""What a single object says about itself, as far as the network needs it."""

import re
from dataclasses import dataclass

from reirrad.dicom.elements import named, text
from reirrad.dicom.reading import parse_object
from reirrad.errors import DicomError

__all__ = ["ObjectHeader", "is_uid", "read_header"]

UID = re.compile(r"[0-9]+(\.[0-9]+)*")
LONGEST_UID = 64
NEEDED_UIDS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
)


@dataclass(frozen=True, slots=True)
class ObjectHeader:
    """Identity of one object; every UID holds digits and dots alone.

    Parameters
    ----------
    sop_class_uid, sop_instance_uid, study_uid, series_uid
        Its place in the hierarchy.
    modality
        As stated, or empty.
    patient_id
        As stated, or empty. Not to be shown or logged.
    """

    sop_class_uid: str
    sop_instance_uid: str
    study_uid: str
    series_uid: str
    modality: str
    patient_id: str


def is_uid(value: str) -> bool:
    """Whether text is a UID: it can then be part of a path or a URL.

    References
    ----------
    DICOM PS3.5, section 9.1.
    """
    return len(value) <= LONGEST_UID and UID.fullmatch(value) is not None


def read_header(content: bytes, where: str) -> ObjectHeader:
    """Read the identity of an object from the bytes of its file.

    Parameters
    ----------
    content
        The whole file.
    where
        The object in the reader's words.

    Raises
    ------
    DicomError
        If the bytes are no object, or a UID is missing or is none.
    """
    dataset = parse_object(content, where).dataset
    uids = [text(dataset, keyword) for keyword in NEEDED_UIDS]
    problems = [
        f"{where}: {named(keyword)} must be a UID of digits and dots, found "
        f"{'nothing' if not uid else 'something else'}. Export the object again."
        for keyword, uid in zip(NEEDED_UIDS, uids, strict=True)
        if not is_uid(uid)
    ]
    if problems:
        raise DicomError(*problems)
    sop_class, sop_instance, study, series = uids
    return ObjectHeader(
        sop_class,
        sop_instance,
        study,
        series,
        text(dataset, "Modality"),
        text(dataset, "PatientID"),
    )
