"""Values of single elements, read so that a bad one names itself.

An absent or empty element gives an empty value; an unreadable one is refused. Names of
attributes are pydicom keywords.
"""

import math
import re
import warnings
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
from pydicom.datadict import dictionary_description, dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as DicomSequence
from pydicom.tag import BaseTag, Tag

from reirrad.core.geometry import FloatArray
from reirrad.dicom.decimals import plain_decimals
from reirrad.dicom.reading import DICOM_FAULTS, dicom_faults
from reirrad.dicom.walk import WalkedItem, tag_of, walk_items
from reirrad.errors import DicomError

__all__ = [
    "Elements",
    "as_stored",
    "binary_numbers",
    "day",
    "integer",
    "items",
    "named",
    "number",
    "numbers",
    "text",
]

Elements = Dataset | WalkedItem
"""What holds elements: an object, or an item of one of its sequences."""

# Smallest and largest size of a number, but 0, that anything real can have: lengths in
# mm and doses in Gy. What is computed from such numbers is finite and fits in memory.
POSSIBLE: Final = {
    "ContourData": (0.0, 5e3),
    "DoseGridScaling": (1e-15, 1e3),
    "FrameOfReferenceTransformationMatrix": (0.0, 1e5),
    "GridFrameOffsetVector": (0.0, 1e4),
    "ImagePositionPatient": (0.0, 1e4),
    "NumberOfFractionsPlanned": (0.0, 1e4),
    "NumberOfFrames": (0.0, 1e6),
    "PixelSpacing": (1e-3, 1e3),
    "RescaleIntercept": (0.0, 1e9),
    "RescaleSlope": (1e-15, 1e9),
    "TargetPrescriptionDose": (1e-6, 1e5),
}
# Characters of a value that a message quotes.
MOST_QUOTED: Final = 64
# Text that no conversion changes: one value, in characters all character sets share.
ONE_TEXT: Final = re.compile(rb"[ -\[\]-~]*")
PLAIN_TEXT: Final = {
    **dict.fromkeys(("DA", "LO", "SH", "TM", "UI"), ONE_TEXT),
    # Several values are given as they stand, with the backslashes between them.
    "CS": re.compile(rb"[ -~]*"),
    # Without "=", which tells ways of writing one name apart.
    "PN": re.compile(rb"[ -<>-\[\]-~]*"),
    "DS": re.compile(rb"([+-]?[0-9]+(\.[0-9]+)?)?"),
    "IS": re.compile(rb"([+-]?[0-9]+)?"),
}


def named(keyword: str) -> str:
    """Name of an attribute with its tag: "Dose Units (3004,0002)"."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        msg = f"{keyword} is not a DICOM keyword"
        raise ValueError(msg)
    return f"{dictionary_description(tag)} {Tag(tag)}"


def text(dataset: Elements, keyword: str) -> str:
    """Value as text without padding; several values are joined by a backslash.

    A value that its declared character set cannot decode is given as far as it can be;
    a sequence is no text and gives none.
    """
    element = _element(dataset, keyword)
    if element is None:
        return ""
    plain = _plain_text(element)
    if plain is not None:
        return plain
    value = _value(dataset, keyword)
    if value is None or isinstance(value, DicomSequence):
        return ""
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if isinstance(value, MultiValue):
        return "\\".join(str(part) for part in value).strip(" \0")
    return str(value).strip(" \0")


def number(dataset: Elements, keyword: str, where: str) -> float | None:
    """A single finite number, or None where it is absent.

    Raises
    ------
    DicomError
        If the value is not one finite number, or none that the attribute can have.
    """
    found = text(dataset, keyword)
    if not found:
        return None
    try:
        value = float(found)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DicomError(_unreadable(where, keyword, found, "one number"))
    _require_possible((value,), keyword, where)
    return value


def integer(dataset: Elements, keyword: str, where: str) -> int | None:
    """A single whole number, or None where it is absent; "5.0" is accepted.

    Raises
    ------
    DicomError
        If the value is not one whole number.
    """
    value = number(dataset, keyword, where)
    if value is None:
        return None
    if value != round(value):
        raise DicomError(_unreadable(where, keyword, f"{value:g}", "a whole number"))
    return round(value)


def numbers(dataset: Elements, keyword: str, where: str) -> FloatArray | None:
    """Decimal strings as an array, shape (n,), or None where they are absent.

    The strings are parsed together: a contour has thousands, and converting them one by
    one would take most of the time of an import.

    Raises
    ------
    DicomError
        If a value is missing, not finite, or none that the attribute can have.
    """
    value: Any = as_stored(dataset, keyword)
    if isinstance(value, bytes):
        value = value.rstrip(b" \0")
        array = plain_decimals(value)
        if array is not None:
            _require_possible(array, keyword, where)
            return array
        value = value.split(b"\\")
    elif isinstance(value, MultiValue | list | tuple | np.ndarray):
        value = list(value)
    else:
        value = [] if value is None or value == "" else [value]
    if not value or value == [b""]:
        return None
    try:
        array = np.array(value, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        array = np.array([math.nan])
    if array.ndim != 1 or not np.all(np.isfinite(array)):
        raise DicomError(_unreadable(where, keyword, "unreadable text", "numbers"))
    _require_possible(array, keyword, where)
    return array


def binary_numbers(dataset: Elements, keyword: str, where: str) -> FloatArray | None:
    """Numbers that are not stored as text, shape (n,), or None where they are absent.

    Raises
    ------
    DicomError
        If they cannot be read or are not finite.
    """
    value = _value(dataset, keyword)
    if value is None or value == "":
        return None
    listed = list(value) if isinstance(value, MultiValue | list | tuple) else [value]
    try:
        array = np.array(listed, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        array = np.array([math.nan])
    if array.ndim != 1 or not np.all(np.isfinite(array)):
        raise DicomError(_unreadable(where, keyword, "unreadable bytes", "numbers"))
    return array


def items(dataset: Elements, keyword: str, where: str) -> Sequence[Elements]:
    """Items of a sequence; none where it is absent or empty.

    Raises
    ------
    DicomError
        If the sequence cannot be parsed.
    """
    element = _element(dataset, keyword)
    if element is None:
        return []
    if isinstance(element, RawDataElement) and _vr(element) == "SQ":
        walked = walk_items(dataset, element)
        if walked is not None:
            return walked
    with dicom_faults(f"{where}: {named(keyword)}"):
        sequence = dataset.get(keyword)
    if not sequence:
        return []
    if not isinstance(sequence, DicomSequence):
        raise DicomError(_unreadable(where, keyword, "another value", "a sequence"))
    return list(sequence)


def day(dataset: Elements, keyword: str) -> date | None:
    """A date, or None where it is absent or not a date (YYYYMMDD)."""
    found = text(dataset, keyword).replace(".", "")
    try:
        # A calendar day has no time zone.
        return datetime.strptime(found[:8], "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def as_stored(dataset: Elements, keyword: str) -> Any:
    """Value as it stands: bytes where nothing has decoded it yet; None if absent."""
    element = _element(dataset, keyword)
    return None if element is None else element.value


def _plain_text(element: Any) -> str | None:
    """Text of an element that is still bytes, where no conversion could change it.

    Numbers count as text as they do everywhere here. None leaves the element to
    pydicom: several values, other characters than those all character sets share.
    """
    if not isinstance(element, RawDataElement) or not element.is_little_endian:
        return None
    value = element.value
    if not isinstance(value, bytes):
        return None
    vr = _vr(element)
    if vr in PLAIN_TEXT:
        found = value.strip(b" \0")
        return found.decode("ascii") if PLAIN_TEXT[vr].fullmatch(found) else None
    if vr == "US" and len(value) == 2:
        return str(int.from_bytes(value, "little"))
    return None


@cache
def _tag(keyword: str) -> BaseTag:
    return tag_of(int(Tag(keyword)))


def _vr(element: RawDataElement) -> str:
    """Value representation as stated, else that of the standard; empty if unknown."""
    return element.VR or _standard_vr(element.tag)


@lru_cache(maxsize=4096)
def _standard_vr(tag: BaseTag) -> str:
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return ""


def _value(dataset: Elements, keyword: str) -> Any:
    """Decoded value, or None; warnings about its form are not shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return dataset.get(keyword)
        except DICOM_FAULTS:
            return _undecoded(dataset, keyword)


def _undecoded(dataset: Elements, keyword: str) -> str | None:
    """The bytes of a value that pydicom cannot convert, as text."""
    value = as_stored(dataset, keyword)
    return value.decode("ascii", "replace") if isinstance(value, bytes) else None


def _element(dataset: Elements, keyword: str) -> Any:
    """Element as it stands, or None."""
    tag = _tag(keyword)
    if isinstance(dataset, WalkedItem):
        return dataset.get_item(tag)
    try:
        return dataset.get_item(tag)
    except DICOM_FAULTS:
        # Bytes that a damaged file lacks; pydicom believes that they are to come.
        return dict(dataset.items()).get(tag)


def _require_possible(
    values: Iterable[float] | FloatArray, keyword: str, where: str
) -> None:
    """Refuse what only damage can have written."""
    possible = POSSIBLE.get(keyword)
    if possible is None:
        return
    smallest, largest = possible
    if isinstance(values, np.ndarray) and smallest == 0.0:
        # Of many coordinates the extreme ones suffice.
        values = (float(values.min()), float(values.max()))
    for value in values:
        size = abs(value)
        if size > largest or 0.0 < size < smallest:
            bound = (
                f"{largest:g} or less" if size > largest else f"{smallest:g} or more"
            )
            expected = f"{bound}, without regard to its sign"
            raise DicomError(_unreadable(where, keyword, f"{value:g}", expected))


def _unreadable(where: str, keyword: str, found: str, expected: str) -> str:
    if len(found) > MOST_QUOTED:
        found = f"{found[:MOST_QUOTED]}..."
    return (
        f"{where}: {named(keyword)} must be {expected}, found {found!r}. Export the "
        f"object again or correct this attribute."
    )
