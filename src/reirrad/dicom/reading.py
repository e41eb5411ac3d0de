"""One DICOM object from bytes, with pydicom's exceptions translated."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from reirrad.dicom.archives import unpacks_to_too_much
from reirrad.dicom.walk import META_START, TRANSFER_SYNTAX, PixelPlace, walk_file
from reirrad.errors import DicomError

__all__ = [
    "DICOM_FAULTS",
    "ParsedObject",
    "dicom_faults",
    "looks_like_dicom",
    "parse_object",
]

UNDEFINED_LENGTH = 0xFFFFFFFF
PART_BYTES = 2**20
# SOP Class UID, SOP Instance UID and Modality.
NAMING_TAGS = (0x00080016, 0x00080018, 0x00080060)

# What pydicom raises on damaged bytes; RuntimeError for nesting without end as well.
DICOM_FAULTS: Final = (
    AttributeError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    LookupError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@contextmanager
def dicom_faults(where: str) -> Iterator[list[warnings.WarningMessage]]:
    """Turn what pydicom raises into :class:`~reirrad.errors.DicomError`.

    Wrap pydicom calls only: the exceptions are so general that a mistake of the program
    would be reported as a fault of the file.

    Parameters
    ----------
    where
        The object in the reader's words: "RTDOSE export/RD.dcm".

    Yields
    ------
    list
        Warnings that pydicom gives meanwhile; they are not shown.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield caught
    except DICOM_FAULTS as error:
        msg = (
            f"{where}: cannot be decoded ({type(error).__name__}). It is damaged, "
            f"cut short or encoded in a way that is not supported; export or copy it "
            f"again, uncompressed."
        )
        raise DicomError(msg) from error


@dataclass(frozen=True, slots=True, eq=False)
class ParsedObject:
    """A dataset and what was irregular about its file.

    Parameters
    ----------
    dataset
        All elements, with values still undecoded where pydicom allows; without pixels
        where `pixels` says where they are.
    has_meta
        Whether the file began with preamble and File Meta Information.
    truncation
        What was found and expected where the file ends too early; None if it does not.
    pixels
        Where the pixels stand in the bytes, if that is known.
    """

    dataset: Dataset
    has_meta: bool
    truncation: str | None
    pixels: PixelPlace | None = None


def looks_like_dicom(content: bytes) -> bool:
    """Whether bytes begin like a DICOM file, with or without preamble.

    Without preamble the first element is of group 0002 or 0008, in either byte order.
    """
    if content[128:132] == b"DICM":
        return True
    first = content[:2]
    return len(content) >= 8 and first in {b"\x02\0", b"\x08\0", b"\0\x02", b"\0\x08"}


def parse_object(content: bytes, where: str) -> ParsedObject:
    """Read one object.

    Raises
    ------
    DicomError
        If the bytes are not a DICOM object or cannot be parsed.
    """
    walked = walk_file(content)
    if walked is not None and _is_named(walked.dataset):
        return ParsedObject(
            walked.dataset, has_meta=True, truncation=None, pixels=walked.pixels
        )
    with dicom_faults(where) as caught:
        _require_room(content)
        dataset = dcmread(io.BytesIO(content), force=True)
        named = _is_named(dataset)
        meta = getattr(dataset, "file_meta", None)
        has_meta = meta is not None and bool(meta.get("TransferSyntaxUID"))
    if not named:
        msg = f"{where}: not a DICOM object"
        raise DicomError(msg)
    return ParsedObject(dataset, has_meta, _truncation(dataset, caught))


def _require_room(content: bytes) -> None:
    """Refuse a deflated object that unpacks to more than any object has."""
    if DeflatedExplicitVRLittleEndian.encode() not in content:
        return
    for implicit in (False, True):
        stream = io.BytesIO(content)
        stream.seek(META_START if content[128:META_START] == b"DICM" else 0)
        meta = read_dataset(
            stream,
            is_implicit_VR=implicit,
            is_little_endian=True,
            stop_when=lambda tag, _vr, _length: tag >> 16 != 2,
        )
        if TRANSFER_SYNTAX not in meta:
            continue
        stated = bytes(meta.get_item(TRANSFER_SYNTAX).value or b"").rstrip(b"\0 ")
        if stated == DeflatedExplicitVRLittleEndian.encode():
            _inflate(stream.read())


def _inflate(packed: bytes) -> None:
    """Unpack in parts, without keeping them, as long as the size is plausible."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacked, left = 0, packed
    while left:
        unpacked += len(unpacker.decompress(left, PART_BYTES))
        left = unpacker.unconsumed_tail
        if unpacks_to_too_much(len(packed), unpacked):
            msg = f"{len(packed)} bytes unpack to more than {unpacked}"
            raise ValueError(msg)


def _is_named(dataset: Dataset) -> bool:
    """Whether it says what it is; other bytes may parse by chance."""
    return any(tag in dataset for tag in NAMING_TAGS)


def _truncation(dataset: Dataset, caught: list[warnings.WarningMessage]) -> str | None:
    """What is missing at the end of a file."""
    # Taken as they stand: asked for, bytes that are not there would be looked for.
    for _, element in sorted(dataset.items(), reverse=True):
        if not isinstance(element, RawDataElement):
            continue
        found = len(element.value or b"")
        if element.length != UNDEFINED_LENGTH and found < element.length:
            return (
                f"element {element.tag} claims {element.length} bytes and has {found}"
            )
    if any("end of file" in str(warning.message).lower() for warning in caught):
        return "the file ends inside an element"
    return None
