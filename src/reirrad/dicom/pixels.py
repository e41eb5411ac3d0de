"""Stored pixel values, as (frame, row, column) numbers."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
)

from reirrad.dicom.elements import as_stored, integer, named, text
from reirrad.dicom.reading import dicom_faults
from reirrad.errors import DicomError

__all__ = ["stored_values", "transfer_syntax"]

PLAIN = {
    "",
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
}
# Of 16 bits at most; a decoder that is given more ends the whole program.
NARROW = {*JPEGTransferSyntaxes, *JPEGLSTransferSyntaxes}
MOST_NARROW_BITS = 16
# An item in little-endian: compressed frames stand in items.
FIRST_ITEM = b"\xfe\xff\x00\xe0"
# Pixels of a planning dose or image compress to a half or a tenth, empty ones to less.
ROOM_BYTES = 2**26
MOST_COMPRESSED = 200


def stored_values(
    dataset: Dataset, where: str, *, exact: bool = False
) -> npt.NDArray[Any]:
    """Values as stored, before any scaling.

    Parameters
    ----------
    dataset : Dataset
        With its pixels.
    where : str
        The object in the reader's words.
    exact
        Refuse more bytes than the size says, but for padding, and values that need more
        than Bits Stored; else the bits above, in which old scanners keep drawings, are
        dropped.

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
    syntax = transfer_syntax(dataset)
    if syntax not in PLAIN:
        _require_plausible_claim(shape, bits // 8, len(content), where)
        _require_narrow(dataset, syntax, bits, where)
        values = _decompressed(dataset, syntax, where)
        size = _Size(shape, values.dtype.itemsize)
        _require_bytes(values.nbytes, size, where, exact=exact)
        return _of_stored_bits(values.reshape(shape), dataset, where, exact=exact)
    size = _Size(shape, bits // 8)
    expected = size.n_bytes
    if len(content) != expected and content.startswith(FIRST_ITEM):
        msg = (
            f"{where}: {named('PixelData')} is compressed, but "
            f"{named('TransferSyntaxUID')} says {_name(syntax)}, so how is not known. "
            f"Export it uncompressed."
        )
        raise DicomError(msg)
    _require_bytes(len(content), size, where, exact=exact)
    signed = integer(dataset, "PixelRepresentation", where) == 1
    kind = f"{_byte_order(dataset, syntax)}{'i' if signed else 'u'}{bits // 8}"
    values = np.frombuffer(content[:expected], dtype=kind).reshape(shape)
    return _of_stored_bits(values, dataset, where, exact=exact)


def transfer_syntax(dataset: Dataset) -> str:
    """Transfer Syntax UID of the file, or the empty text."""
    meta = getattr(dataset, "file_meta", None)
    return "" if meta is None else text(meta, "TransferSyntaxUID")


def _name(syntax: str) -> str:
    return UID(syntax).name if syntax else "nothing"


class _Size(NamedTuple):
    """What the attributes say: frames, rows and columns, and bytes of a value."""

    shape: tuple[int, int, int]
    of_value: int

    @property
    def n_bytes(self) -> int:
        return self.shape[0] * self.shape[1] * self.shape[2] * self.of_value


def _require_bytes(found: int, size: _Size, where: str, *, exact: bool) -> None:
    """As many bytes as the size says; padding may follow."""
    frames, rows, columns = size.shape
    padded = size.n_bytes + max(size.n_bytes // frames, 2) - 1
    if size.n_bytes <= found and (found <= padded or not exact):
        return
    fault = (
        "The file is cut short; export or copy it again."
        if found < size.n_bytes
        else f"{named('NumberOfFrames')}, {named('Rows')} or {named('Columns')} is "
        f"wrong; export it again."
    )
    msg = (
        f"{where}: {named('PixelData')} must have {size.n_bytes} bytes for {frames} "
        f"frames of {rows} x {columns}, found {found}. {fault}"
    )
    raise DicomError(msg)


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


def _require_narrow(dataset: Dataset, syntax: str, bits: int, where: str) -> None:
    """Refuse more bits than a compression has."""
    most = max(bits, integer(dataset, "BitsStored", where) or bits)
    if syntax in NARROW and most > MOST_NARROW_BITS:
        msg = (
            f"{where}: pixels compressed as {_name(syntax)} have {MOST_NARROW_BITS} "
            f"bits at most, but {named('BitsAllocated')} or {named('BitsStored')} says "
            f"{most}. {named('TransferSyntaxUID')} may be wrong; export it "
            f"uncompressed."
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
            f"{where}: pixels compressed as {_name(syntax)} cannot be decoded: "
            f"{_why_not(syntax)}. Export it uncompressed."
        )
        raise DicomError(msg) from error


def _why_not(syntax: str) -> str:
    """The codec that is missing, else that the data are at fault."""
    try:
        decoder = get_decoder(UID(syntax))
    except NotImplementedError:
        return f"no codec for {syntax} is known"
    if decoder.is_available:
        return "they are damaged"
    return f"this installation has no codec ({'; '.join(decoder.missing_dependencies)})"


def _of_stored_bits(
    values: npt.NDArray[Any], dataset: Dataset, where: str, *, exact: bool
) -> npt.NDArray[Any]:
    """Values of the stored bits alone."""
    allocated = values.dtype.itemsize * 8
    stored = integer(dataset, "BitsStored", where) or allocated
    high = integer(dataset, "HighBit", where)
    right = stored <= allocated and high in {None, stored - 1}
    if exact and not right:
        msg = (
            f"{where}: {named('BitsStored')} {stored} and {named('HighBit')} {high} do "
            f"not fit each other and {allocated} bits allocated. Export it again."
        )
        raise DicomError(msg)
    if stored >= allocated or not right:
        return values
    native = values.astype(values.dtype.newbyteorder("="))
    shift = allocated - stored
    kept = (native << shift) >> shift
    if exact and not np.array_equal(kept, native):
        msg = (
            f"{where}: {named('BitsStored')} says {stored}, but there are values that "
            f"need more, up to {native.max()}. Export it again."
        )
        raise DicomError(msg)
    return kept
