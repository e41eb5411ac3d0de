"""Answers of DIMSE services, as numbers and in words."""

from typing import Final

from pydicom.dataset import Dataset
from pynetdicom.status import (
    GENERAL_STATUS,
    QR_FIND_SERVICE_CLASS_STATUS,
    QR_GET_SERVICE_CLASS_STATUS,
    QR_MOVE_SERVICE_CLASS_STATUS,
    STORAGE_SERVICE_CLASS_STATUS,
    code_to_category,
)

__all__ = [
    "CANNOT_UNDERSTAND",
    "DOES_NOT_MATCH",
    "NOT_AUTHORISED",
    "OUT_OF_RESOURCES",
    "PROCESSING_FAILURE",
    "SUCCESS",
    "answer",
    "status_words",
]

SUCCESS: Final = 0x0000
PROCESSING_FAILURE: Final = 0x0110
NOT_AUTHORISED: Final = 0x0124
OUT_OF_RESOURCES: Final = 0xA700
DOES_NOT_MATCH: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000

LONGEST_COMMENT = 64
MEANINGS: Final = {
    **GENERAL_STATUS,
    **QR_FIND_SERVICE_CLASS_STATUS,
    **QR_MOVE_SERVICE_CLASS_STATUS,
    **QR_GET_SERVICE_CLASS_STATUS,
    **STORAGE_SERVICE_CLASS_STATUS,
}


def answer(status: int, comment: str = "") -> Dataset:
    """A response with a comment that the peer may show to somebody.

    References
    ----------
    DICOM PS3.7, annex C.
    """
    response = Dataset()
    response.Status = status
    if comment:
        response.ErrorComment = comment[:LONGEST_COMMENT]
    return response


def status_words(status: int) -> str:
    """A status in words: "0xA700: failure, refused: out of resources"."""
    category, meaning = MEANINGS.get(status, (code_to_category(status), ""))
    words = ", ".join(part.lower() for part in (category, meaning) if part)
    return f"0x{status:04X}: {words}"
