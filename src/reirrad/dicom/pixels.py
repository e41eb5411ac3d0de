"""Stored pixel values, as (frame, row, column) numbers."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from reirrad.dicom.elements import as_stored, integer, named, text
from reirrad.dicom.reading import dicom_faults
from reirrad.errors import DicomError

__all__ = ["stored_values"]

PLAIN = {
    "",
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
}
# Pixels of a planning dose or image compress to a half or a tenth, empty ones to less.
ROOM_BYTES = 2**26
MOST_COMPRESSED = 200


def stored_values(dataset: Dataset, where: str) -> npt.NDArray[Any]:
    """Values as stored, before any scaling.

    Parameters
    ----------
    dataset : Dataset
        With its pixels.
    where : str
        The object in the reader's words.

    Returns
    -------
    ndarray, shape (frames, rows, columns)
        Integers.

    Raises
    ------
    DicomError
        If there are no pixels, fewer bytes than rows, columns and frames claim, several
        samples per pixel, or a compression that cannot be undone.
    """
    shape = (
        _required(dataset, "NumberOfFrames", where)
        if integer(dataset, "NumberOfFrames", where)
        else 1,
        _required(dataset, "Rows", where),
        _required(dataset, "Columns", where),
    )
    bits = _required(dataset, "BitsAllocated", where)
    samples = integer(dataset, "SamplesPerPixel", where) or 1
    if bits not in {8, 16, 32} or samples != 1:
        msg = (
            f"{where}: {named('BitsAllocated')} must be 8, 16 or 32 with one sample "
            f"per pixel, found {bits} bits and {samples} samples. Export it again."
        )
        raise DicomError(msg)
    content = _pixel_bytes(dataset, where)
    syntax = _transfer_syntax(dataset)
    if syntax not in PLAIN:
        _require_plausible_claim(shape, bits // 8, len(content), where)
        return _decompressed(dataset, syntax, where).reshape(shape)
    expected = shape[0] * shape[1] * shape[2] * bits // 8
    if len(content) < expected:
        msg = (
            f"{where}: {named('PixelData')} must have {expected} bytes for {shape[0]} "
            f"frames of {shape[1]} x {shape[2]}, found {len(content)}. The file is cut "
            f"short; export or copy it again."
        )
        raise DicomError(msg)
    signed = integer(dataset, "PixelRepresentation", where) == 1
    kind = f"{_byte_order(dataset, syntax)}{'i' if signed else 'u'}{bits // 8}"
    values = np.frombuffer(content[:expected], dtype=kind).reshape(shape)
    return _without_unused_bits(values, dataset, where)


def _require_plausible_claim(
    shape: tuple[int, int, int], of_value: int, found: int, where: str
) -> None:
    """Refuse compressed pixels that claim more than any compression makes of them.

    A decoder makes room for what is claimed before it looks at the bytes.
    """
    claimed = shape[0] * shape[1] * shape[2] * of_value
    if claimed > ROOM_BYTES and claimed > MOST_COMPRESSED * found:
        msg = (
            f"{where}: {named('PixelData')} has {found} bytes, too few for {shape[0]} "
            f"frames of {shape[1]} x {shape[2]} even if compressed. "
            f"{named('NumberOfFrames')}, {named('Rows')} or {named('Columns')} is "
            f"wrong, or the file is cut short; export it again."
        )
        raise DicomError(msg)


def _required(dataset: Dataset, keyword: str, where: str) -> int:
    value = integer(dataset, keyword, where)
    if value is None or value < 1:
        msg = (
            f"{where}: {named(keyword)} must be 1 or more, found "
            f"{'nothing' if value is None else value}. Export the object again."
        )
        raise DicomError(msg)
    return value


def _pixel_bytes(dataset: Dataset, where: str) -> bytes:
    content = as_stored(dataset, "PixelData")
    if not isinstance(content, bytes) or not content:
        msg = (
            f"{where}: has no {named('PixelData')}. Export the object again with its "
            f"values."
        )
        raise DicomError(msg)
    return content


def _transfer_syntax(dataset: Dataset) -> str:
    meta = getattr(dataset, "file_meta", None)
    return "" if meta is None else text(meta, "TransferSyntaxUID")


def _byte_order(dataset: Dataset, syntax: str) -> str:
    if syntax:
        return ">" if syntax == ExplicitVRBigEndian else "<"
    return ">" if dataset.original_encoding[1] is False else "<"


def _decompressed(dataset: Dataset, syntax: str, where: str) -> npt.NDArray[Any]:
    try:
        with dicom_faults(where):
            return np.asarray(dataset.pixel_array)
    except DicomError as error:
        msg = (
            f"{where}: pixels compressed as {UID(syntax).name} cannot be decoded here. "
            f"Export it uncompressed."
        )
        raise DicomError(msg) from error


def _without_unused_bits(
    values: npt.NDArray[Any], dataset: Dataset, where: str
) -> npt.NDArray[Any]:
    """Drop what old scanners keep in the bits above the stored ones."""
    allocated = values.dtype.itemsize * 8
    stored = integer(dataset, "BitsStored", where) or allocated
    high = integer(dataset, "HighBit", where)
    if stored >= allocated or (high is not None and high != stored - 1):
        return values
    native = values.astype(values.dtype.newbyteorder("="))
    shift = allocated - stored
    return (native << shift) >> shift
