"""_Elements of the common kind of file, found without the general parser.

Most exports are uncompressed and little-endian, begin with their File Meta Information
and hold what the standard says. Such a file is walked here from element to element;
values stay bytes. The outcome is what pydicom would have read. At anything else the
walk ends without a result, and pydicom reads the file and says what is wrong with it.

References
----------
DICOM PS3.5, section 7.1 (data elements) and 7.5 (nesting of data sets).
"""

import struct
import warnings
from collections.abc import Iterator, MutableSequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from pydicom.charset import convert_encodings, default_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import (
    DataElement,
    RawDataElement,
    convert_raw_data_element,
    empty_value_for_VR,
)
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32

__all__ = [
    "PIXELS",
    "PixelPlace",
    "WalkedFile",
    "WalkedItem",
    "tag_of",
    "walk_file",
    "walk_items",
]

LITTLE_ENDIAN: Final = True
IMPLICIT_VR: Final = True
META_START: Final = 132
META_GROUP: Final = b"\x02\0"
UNDEFINED_LENGTH: Final = 0xFFFFFFFF
ITEM: Final = 0xFFFEE000
ITEM_END: Final = 0xFFFEE00D
SEQUENCE_END: Final = 0xFFFEE0DD
LAST_OF_META: Final = 0x0002FFFF
# Pixel Data, Float Pixel Data and Double Float Pixel Data.
PIXELS: Final = (0x7FE00010, 0x7FE00008, 0x7FE00009)

SHORT_VRS: Final = {vr.value.encode(): vr.value for vr in EXPLICIT_VR_LENGTH_16}
LONG_VRS: Final = {vr.value.encode(): vr.value for vr in EXPLICIT_VR_LENGTH_32}
EXPLICIT: Final = struct.Struct("<HH2sH").unpack_from
IMPLICIT: Final = struct.Struct("<HHL").unpack_from
LENGTH: Final = struct.Struct("<L").unpack_from


@lru_cache(maxsize=4096)
def tag_of(number: int) -> BaseTag:
    """Tag of a number, the same object each time: it is then found without a test."""
    return BaseTag(number)


CHARACTER_SET: Final = tag_of(0x00080005)
TRANSFER_SYNTAX: Final = tag_of(0x00020010)


class PixelPlace(NamedTuple):
    """Where the pixels of a file stand: their element, and their bytes within it."""

    tag: int
    vr: str | None
    position: int
    length: int
    implicit: bool

    def element(self, content: bytes) -> RawDataElement:
        """The element, with the bytes that stand at this place."""
        return RawDataElement(
            tag_of(self.tag),
            self.vr,
            self.length,
            content,
            self.position,
            self.implicit,
            LITTLE_ENDIAN,
        )


_Encoding = str | MutableSequence[str]
_Elements = dict[BaseTag, DataElement | RawDataElement]
# Tag, VR, and where the value begins, where it ends and where the next element begins.
_Header = tuple[int, str | None, int, int, int]


class WalkedFile(NamedTuple):
    """Every element but the pixels, and the place of those."""

    dataset: Dataset
    pixels: PixelPlace | None


class WalkedItem:
    """An item of a sequence, its values still bytes; pydicom decodes what others ask.

    A structure set has a thousand of them, and a Dataset takes longer to set up than
    its bytes take to walk.
    """

    __slots__ = ("_elements", "_implicit", "original_character_set")

    def __init__(
        self, elements: _Elements, encoding: _Encoding, *, implicit: bool
    ) -> None:
        self._elements = elements
        self._implicit = implicit
        self.original_character_set = encoding

    def get_item(self, tag: BaseTag) -> DataElement | RawDataElement | None:
        """Element as it stands, or None."""
        return self._elements.get(tag)

    def get(self, keyword: str) -> Any:
        """Decoded value, or None."""
        return self.dataset().get(keyword)

    def dataset(self) -> Dataset:
        """All elements, for pydicom."""
        encoding = self.original_character_set
        dataset = Dataset(dict(self._elements), parent_encoding=encoding)
        dataset.set_original_encoding(self._implicit, LITTLE_ENDIAN, encoding)
        return dataset


class _UnusualError(Exception):
    """The bytes are not of the common kind."""


UNUSUAL = (_UnusualError, struct.error, LookupError, ValueError, RecursionError)


def walk_file(content: bytes) -> WalkedFile | None:
    """Find the elements of a whole file, or None where it is not of the common kind."""
    if content[128:META_START] != b"DICM":
        return None
    try:
        meta, start = _meta(content)
        stated: bytes = meta[TRANSFER_SYNTAX].value or b""
        syntax = stated.rstrip(b"\0 ").decode("ascii")
        if syntax not in {ImplicitVRLittleEndian, ExplicitVRLittleEndian}:
            return None
        implicit = syntax == ImplicitVRLittleEndian
        # Some files say implicit and are explicit: a length has no capital letters.
        if implicit and content[start + 4 : start + 6].isupper():
            return None
        return _walked(content, meta, start, implicit=implicit)
    except UNUSUAL:
        return None


def walk_items(
    dataset: Dataset | WalkedItem, element: RawDataElement
) -> list[WalkedItem] | None:
    """Find the items of a sequence that is still bytes.

    Parameters
    ----------
    dataset
        To which the sequence belongs; its character set holds for the items.
    element
        The sequence.

    Returns
    -------
    list of WalkedItem or None
        None where the bytes are not of the common kind.
    """
    if not element.is_little_endian or not isinstance(element.value, bytes):
        return None
    try:
        return list(
            _items(
                element.value,
                implicit=element.is_implicit_VR,
                encoding=dataset.original_character_set or default_encoding,
            )
        )
    except UNUSUAL:
        return None


def _meta(content: bytes) -> tuple[_Elements, int]:
    """_Elements of the File Meta Information, and where the dataset begins."""
    elements: _Elements = {}
    start = META_START
    while content[start : start + 2] == META_GROUP:
        header = next(_headers(content, start, len(content), implicit=False))
        _add(elements, content, header, implicit=False)
        start = header[-1]
    return elements, start


def _walked(
    content: bytes,
    meta: _Elements,
    start: int,
    *,
    implicit: bool,
) -> WalkedFile:
    elements: _Elements = {}
    pixels = None
    for header in _headers(content, start, len(content), implicit=implicit):
        tag, vr, begin, end, _ = header
        # Commands and File Meta Information have no place here.
        if tag <= LAST_OF_META or tag == ITEM_END:
            raise _UnusualError
        if tag not in PIXELS:
            _add(elements, content, header, implicit=implicit)
            continue
        if pixels is not None:
            raise _UnusualError
        pixels = PixelPlace(tag, vr, begin, end - begin, implicit)
    stated = elements.get(CHARACTER_SET)
    encoding = default_encoding if stated is None else _encoding(stated.value or b"")
    dataset = Dataset(elements)
    dataset.set_original_encoding(implicit, LITTLE_ENDIAN, encoding)
    dataset.file_meta = FileMetaDataset(meta)
    return WalkedFile(dataset, pixels)


@lru_cache(maxsize=64)
def _encoding(value: bytes) -> _Encoding:
    """Python's names of a Specific Character Set."""
    raw = RawDataElement(
        CHARACTER_SET, "CS", len(value), value, 0, IMPLICIT_VR, LITTLE_ENDIAN
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stated = convert_raw_data_element(raw).value
        encoding: _Encoding = convert_encodings(stated)
    return encoding


def _items(
    content: bytes, *, implicit: bool, encoding: _Encoding
) -> Iterator[WalkedItem]:
    at = 0
    while at < len(content):
        begin, length = _item(content, at)
        at = len(content) if length == UNDEFINED_LENGTH else begin + length
        if at > len(content):
            raise _UnusualError
        elements: _Elements = {}
        ended = length != UNDEFINED_LENGTH
        for header in _headers(content, begin, at, implicit=implicit):
            if header[0] == ITEM_END:
                if ended:
                    raise _UnusualError
                ended, at = True, header[-1]
                break
            _add(elements, content, header, implicit=implicit)
        if not ended or CHARACTER_SET in elements:
            raise _UnusualError
        yield WalkedItem(elements, encoding, implicit=implicit)


def _add(
    elements: _Elements,
    content: bytes,
    header: _Header,
    *,
    implicit: bool,
) -> None:
    tag, vr, begin, end, _ = header
    value = content[begin:end] or _empty(vr)
    key = tag_of(tag)
    # Its own constructor takes as long as the rest of the walk.
    elements[key] = tuple.__new__(
        RawDataElement, (key, vr, end - begin, value, begin, implicit, LITTLE_ENDIAN)
    )


@lru_cache(maxsize=64)
def _empty(vr: str | None) -> bytes | None:
    """What pydicom keeps of a value of no bytes."""
    return cast("bytes | None", empty_value_for_VR(vr, raw=True))


def _headers(
    content: bytes, at: int, stop: int, *, implicit: bool
) -> Iterator[_Header]:
    """_Elements from `at` to `stop`; the end of an item is given as one of them."""
    read = _implicit if implicit else _explicit
    while at < stop:
        tag, vr, begin, length = read(content, at)
        if length == UNDEFINED_LENGTH:
            if vr != "SQ":
                raise _UnusualError
            end = _end_of_items(content, begin, implicit=implicit)
            at = end + 8
        else:
            at = end = begin + length
        if at > stop:
            raise _UnusualError
        yield tag, vr, begin, end, at


def _explicit(content: bytes, at: int) -> tuple[int, str | None, int, int]:
    """Tag, VR, begin and length of an element that states its VR."""
    group, element, code, length = EXPLICIT(content, at)
    tag = group << 16 | element
    vr = SHORT_VRS.get(code)
    if vr is not None:
        return tag, vr, at + 8, length
    vr = LONG_VRS.get(code)
    if vr is not None:
        return tag, vr, at + 12, LENGTH(content, at + 8)[0]
    if tag == ITEM_END and code == b"\0\0" and length == 0:
        return tag, None, at + 8, 0
    raise _UnusualError


def _implicit(content: bytes, at: int) -> tuple[int, str | None, int, int]:
    """Tag, VR where it is needed, begin and length of an element without VR."""
    group, element, length = IMPLICIT(content, at)
    tag = group << 16 | element
    if group == 0xFFFE and (tag != ITEM_END or length):
        raise _UnusualError
    vr = None
    if length == UNDEFINED_LENGTH:
        vr = _vr_of_undefined_length(content, tag, at + 8)
    return tag, vr, at + 8, length


def _vr_of_undefined_length(content: bytes, tag: int, begin: int) -> str:
    """A value of undefined length is a sequence if it is known as one or has items."""
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        group, element, _ = IMPLICIT(content, begin)
        return "SQ" if group << 16 | element == ITEM else "UN"


def _end_of_items(content: bytes, at: int, *, implicit: bool) -> int:
    """Where the items of a sequence of undefined length end."""
    while True:
        group, element, length = IMPLICIT(content, at)
        if group << 16 | element == SEQUENCE_END:
            return at
        begin, length = _item(content, at)
        at = begin + length
        if length == UNDEFINED_LENGTH:
            at = _end_of_item(content, begin, implicit=implicit)


def _end_of_item(content: bytes, begin: int, *, implicit: bool) -> int:
    for header in _headers(content, begin, len(content), implicit=implicit):
        if header[0] == ITEM_END:
            return header[-1]
    raise _UnusualError


def _item(content: bytes, at: int) -> tuple[int, int]:
    """Begin and length of the item that stands here."""
    group, element, length = IMPLICIT(content, at)
    if group << 16 | element != ITEM:
        raise _UnusualError
    return at + 8, length
