"""A DICOM object as a tree that may be damaged at will.

pydicom writes no impossible object; this does. Reading is for sound objects alone,
explicit little-endian as pydicom writes them.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

__all__ = ["Element", "Encoding", "elements_below", "tree_of"]

LONG_VRS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN"}
LONG_VRS |= {b"UR", b"UT", b"UV"}
UNDEFINED = 0xFFFFFFFF
PREAMBLE = bytes(128) + b"DICM"
# Bytes of one number, for turning them round.
WIDTHS = {b"US": 2, b"SS": 2, b"OW": 2, b"AT": 2, b"UL": 4, b"SL": 4, b"FL": 4}
WIDTHS |= {b"OF": 4, b"OL": 4, b"FD": 8, b"OD": 8}


@dataclass(slots=True, eq=False)
class Element:
    """An element; `claimed` replaces its true length where it is given.

    `value` holds bytes, or the items of a sequence.
    """

    tag: int
    vr: bytes
    value: bytes | list[list["Element"]]
    claimed: int | None = None

    def copy(self) -> "Element":
        value = self.value
        if isinstance(value, list):
            value = [[one.copy() for one in item] for item in value]
        return Element(self.tag, self.vr, value, self.claimed)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a tree becomes bytes; `syntax` is what the file says, true or not."""

    implicit: bool = False
    big_endian: bool = False
    undefined_lengths: bool = False
    deflated: bool = False
    with_meta: bool = True
    syntax: str = ""

    def file_bytes(self, tree: list[Element]) -> bytes:
        body = self._dataset(tree)
        if self.deflated:
            packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            body = packer.compress(body) + packer.flush()
        if not self.with_meta:
            return body
        meta = [
            Element(0x00020001, b"OB", b"\0\1"),
            Element(0x00020010, b"UI", (self.syntax or self._true_syntax()).encode()),
        ]
        plain = Encoding()
        group = plain._dataset(meta)
        length = Element(0x00020000, b"UL", struct.pack("<L", len(group)))
        return PREAMBLE + plain._dataset([length]) + group + body

    def _true_syntax(self) -> str:
        if self.deflated:
            return str(DeflatedExplicitVRLittleEndian)
        if self.big_endian:
            return str(ExplicitVRBigEndian)
        return str(ImplicitVRLittleEndian if self.implicit else ExplicitVRLittleEndian)

    def _dataset(self, tree: list[Element]) -> bytes:
        return b"".join(self._element(one) for one in tree)

    def _element(self, one: Element) -> bytes:
        undefined = self.undefined_lengths
        if isinstance(one.value, list):
            value = b"".join(self._item(item) for item in one.value)
            if undefined:
                value += self._tag(0xFFFEE0DD) + bytes(4)
        else:
            undefined = False
            value = self._turned(one.vr, one.value)
            value += b" " * (len(value) % 2)
        length = UNDEFINED if undefined else len(value)
        length = length if one.claimed is None else one.claimed
        return self._tag(one.tag) + self._vr_and_length(one.vr, length) + value

    def _item(self, item: list[Element]) -> bytes:
        value = self._dataset(item)
        if self.undefined_lengths:
            end = self._tag(0xFFFEE00D) + bytes(4)
            return self._tag(0xFFFEE000) + self._packed("L", UNDEFINED) + value + end
        return self._tag(0xFFFEE000) + self._packed("L", len(value)) + value

    def _vr_and_length(self, vr: bytes, length: int) -> bytes:
        if self.implicit:
            return self._packed("L", length)
        if vr in LONG_VRS:
            return vr + bytes(2) + self._packed("L", length)
        return vr + self._packed("H", length & 0xFFFF)

    def _tag(self, tag: int) -> bytes:
        return self._packed("HH", tag >> 16, tag & 0xFFFF)

    def _packed(self, kinds: str, *numbers: int) -> bytes:
        return struct.pack((">" if self.big_endian else "<") + kinds, *numbers)

    def _turned(self, vr: bytes, value: bytes) -> bytes:
        width = WIDTHS.get(vr, 1)
        if not self.big_endian or width == 1 or len(value) % width:
            return value
        parts = [value[n : n + width][::-1] for n in range(0, len(value), width)]
        return b"".join(parts)


def tree_of(content: bytes) -> list[Element]:
    """Elements of a sound file, without its File Meta Information."""
    dataset = dcmread(io.BytesIO(content), force=True)
    dataset.ensure_file_meta()
    if dataset.file_meta.get("TransferSyntaxUID", "").startswith("1.2.840.10008.1.2.4"):
        del dataset.PixelData
    dataset.decode()
    _with_defined_lengths(dataset)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    dcmwrite(stream, dataset, implicit_vr=False, little_endian=True)
    written = stream.getvalue()
    start = 144 + struct.unpack_from("<L", written, 140)[0]
    return list(_parsed(written, start, len(written)))


def _with_defined_lengths(dataset: Dataset) -> None:
    """pydicom writes a length undefined where it read it so."""
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = False
            for item in element.value:
                item.is_undefined_length_sequence_item = False
                _with_defined_lengths(item)


def elements_below(tree: list[Element]) -> Iterator[tuple[list[Element], int]]:
    """Every element at every depth, as its list and its place there."""
    for place, one in enumerate(tree):
        yield tree, place
        if isinstance(one.value, list):
            for item in one.value:
                yield from elements_below(item)


def _parsed(content: bytes, at: int, stop: int) -> Iterator[Element]:
    while at < stop:
        group, element, vr = struct.unpack_from("<HH2s", content, at)
        kind, begin = ("<L", at + 12) if vr in LONG_VRS else ("<H", at + 8)
        (length,) = struct.unpack_from(kind, content, begin - struct.calcsize(kind))
        at = begin + length
        tag = group << 16 | element
        if vr == b"SQ":
            yield Element(tag, vr, list(_items(content, begin, at)))
        else:
            yield Element(tag, vr, content[begin:at])


def _items(content: bytes, at: int, stop: int) -> Iterator[list[Element]]:
    while at < stop:
        (length,) = struct.unpack_from("<L", content, at + 4)
        begin, at = at + 8, at + 8 + length
        yield list(_parsed(content, begin, at))
