"""One object with nothing in it but what the profile lets through.

Every element of the result is made anew; what is not named by the profile is never
copied, whatever its place, depth or VR.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from pydicom.charset import default_encoding
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from reirrad.core.confidentiality import ConfidentialityProfile
from reirrad.dicom.deidentification.identifiers import Identifiers
from reirrad.dicom.deidentification.pseudonyms import Pseudonyms
from reirrad.dicom.deidentification.tally import Tally
from reirrad.dicom.elements import as_stored, day, integer, named, numbers, text
from reirrad.dicom.pixels import stored_values
from reirrad.dicom.reading import dicom_faults
from reirrad.errors import DicomError

__all__ = ["METHOD", "OPTIONS", "Cleaning", "cleaned_object"]

# PS3.16, context group 7050.
OPTIONS = {
    "113100": "Basic Application Confidentiality Profile",
    "113105": "Clean Descriptors Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
}
METHOD = "reirrad: attributes on an allow-list, all others removed"
DEEPEST = 16
NUMBER_TEXT_VRS = {"DS", "IS"}
TEXT_VRS = {"CS", "DA", "LO", "SH", "TM", "UI"}
TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?")
CODE_STRING = re.compile(r"[A-Za-z0-9_ ]{0,16}")
NUMBER_TEXT = re.compile(rb"[0-9+\-.eE \\]*")

_Element = DataElement | RawDataElement


@dataclass(frozen=True, slots=True)
class Cleaning:
    """How the objects of one patient are cleaned.

    Parameters
    ----------
    profile
        What becomes of each attribute.
    pseudonyms
        Replacements.
    identifiers
        What is known to identify the patient.
    patient
        The Patient ID by which pseudonym and shift are found, normalised.
    tally
        Receives what was done.
    """

    profile: ConfidentialityProfile
    pseudonyms: Pseudonyms
    identifiers: Identifiers
    patient: str
    tally: Tally

    @property
    def patient_id(self) -> str:
        """The new Patient ID."""
        return self.pseudonyms.patient_id(self.patient)

    @property
    def shift(self) -> timedelta:
        """How far every date goes back."""
        return timedelta(
            days=self.pseudonyms.shift_days(
                self.patient,
                self.profile.shortest_shift_days,
                self.profile.longest_shift_days,
            )
        )


def cleaned_object(dataset: Dataset, cleaning: Cleaning, where: str) -> Dataset:
    """A new object that can be given away.

    Parameters
    ----------
    dataset
        With its pixels.
    cleaning
        How.
    where
        The object in the reader's words.

    Raises
    ------
    DicomError
        If something that stays cannot be decoded.
    """
    clean = _cleaned(dataset, cleaning, where, depth=0)
    clean.SpecificCharacterSet = "ISO_IR 192"
    clean.PatientID = cleaning.patient_id
    clean.PatientName = f"Anonymous^{cleaning.patient_id}"
    clean.PatientIdentityRemoved = "YES"
    clean.DeidentificationMethod = METHOD
    clean.DeidentificationMethodCodeSequence = [
        _code(value, meaning) for value, meaning in OPTIONS.items()
    ]
    clean.LongitudinalTemporalInformationModified = "MODIFIED"
    return clean


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "DCM"
    item.CodeMeaning = meaning
    return item


def _cleaned(dataset: Dataset, cleaning: Cleaning, where: str, depth: int) -> Dataset:
    if depth > DEEPEST:
        msg = (
            f"{where}: sequences are nested more than {DEEPEST} deep, which is no "
            f"standard object. Export it again."
        )
        raise DicomError(msg)
    clean = Dataset()
    # Numbers that are still bytes are then written as they are.
    clean.set_original_encoding(
        is_implicit_vr=False,
        is_little_endian=True,
        character_encoding=default_encoding,
    )
    for tag in sorted(dataset.keys()):
        keyword = keyword_for_tag(tag)
        if keyword not in cleaning.profile.actions:
            continue
        element = _element(dataset, tag, cleaning, where, depth=depth)
        if element is not None:
            clean[tag] = element
    return clean


def _element(
    dataset: Dataset, tag: BaseTag, cleaning: Cleaning, where: str, *, depth: int
) -> _Element | None:
    """What stays of an element; None where it is removed after all."""
    keyword = keyword_for_tag(tag)
    action = cleaning.profile.actions[keyword]
    vr = str(dictionary_VR(tag))
    if action == "pixels":
        return _pixels(dataset, where)
    if action == "empty":
        return DataElement(tag, vr, [] if vr == "SQ" else None)
    if vr == "SQ":
        items = _items(dataset, tag, f"{where}: {named(keyword)}")
        return DataElement(
            tag, vr, [_cleaned(one, cleaning, where, depth + 1) for one in items]
        )
    return _value(dataset, tag, cleaning, where)


def _value(
    dataset: Dataset, tag: BaseTag, cleaning: Cleaning, where: str
) -> _Element | None:
    vr = str(dictionary_VR(tag))
    if vr in NUMBER_TEXT_VRS:
        return _number_text(dataset, tag, cleaning, where)
    if vr in TEXT_VRS:
        values = list(_texts(dataset, keyword_for_tag(tag), cleaning))
        return DataElement(tag, vr, values or None, validation_mode=IGNORE)
    return _number(dataset, tag, cleaning.tally, where)


def _items(dataset: Dataset, tag: BaseTag, where: str) -> list[Dataset]:
    with dicom_faults(where):
        return list(dataset[tag].value or [])


def _texts(dataset: Dataset, keyword: str, cleaning: Cleaning) -> Iterator[str]:
    """Values of an attribute of text, each cleaned by its action."""
    action = cleaning.profile.actions[keyword]
    stated = text(dataset, keyword)
    if not stated:
        return
    if action == "date":
        yield _shifted(dataset, keyword, cleaning)
        return
    for value in stated.split("\\"):
        stripped = value.strip(" \0")
        if action == "uid":
            yield cleaning.pseudonyms.uid(stripped)
        elif action == "time":
            yield _time(stripped, keyword, cleaning.tally)
        else:
            yield _text(stripped, keyword, cleaning)


def _shifted(dataset: Dataset, keyword: str, cleaning: Cleaning) -> str:
    found = day(dataset, keyword)
    if found is None or found.toordinal() <= cleaning.shift.days:
        cleaning.tally.values_removed[keyword] += 1
        return ""
    return (found - cleaning.shift).isoformat().replace("-", "")


def _time(value: str, keyword: str, tally: Tally) -> str:
    plain = value.replace(":", "")
    if TIME.fullmatch(plain):
        return plain
    tally.values_removed[keyword] += 1
    return ""


def _text(value: str, keyword: str, cleaning: Cleaning) -> str:
    """A text that names nobody; a code string must look like one as well."""
    is_code = cleaning.profile.actions[keyword] == "keep"
    odd = is_code and not CODE_STRING.fullmatch(value)
    printable = "".join(one if one.isprintable() else " " for one in value).strip()
    if odd or cleaning.identifiers.are_in(printable):
        cleaning.tally.texts_replaced[keyword] += 1
        return cleaning.pseudonyms.text(value)
    if not is_code and printable:
        cleaning.tally.texts_kept.setdefault(keyword, set()).add(printable)
    return printable


def _number_text(
    dataset: Dataset, tag: BaseTag, cleaning: Cleaning, where: str
) -> RawDataElement | None:
    """Numbers written as text: exactly the characters that were read."""
    keyword = keyword_for_tag(tag)
    stored = as_stored(dataset, keyword)
    if not isinstance(stored, bytes):
        stored = text(dataset, keyword).encode("ascii", "replace")
    stored = stored.strip(b" \0")
    try:
        sound = NUMBER_TEXT.fullmatch(stored) is not None
        if sound and stored.strip(b" \\"):
            numbers(dataset, keyword, where)
    except DicomError:
        sound = False
    if not sound or any(
        cleaning.identifiers.are_number(value.decode("ascii"))
        for value in stored.split(b"\\")
    ):
        cleaning.tally.values_removed[keyword] += 1
        return None
    padded = stored + b" " * (len(stored) % 2)
    return RawDataElement(
        tag,
        str(dictionary_VR(tag)),
        len(padded),
        padded,
        0,
        is_implicit_VR=False,
        is_little_endian=True,
    )


def _number(
    dataset: Dataset, tag: BaseTag, tally: Tally, where: str
) -> DataElement | None:
    """Binary numbers; pydicom gives one of either sign that of the pixels."""
    try:
        with dicom_faults(where):
            element = dataset[tag]
            clean = DataElement(tag, element.VR, element.value)
    except DicomError:
        clean = None
    if clean is None or str(clean.VR) not in str(dictionary_VR(tag)).split(" or "):
        tally.values_removed[keyword_for_tag(tag)] += 1
        return None
    return clean


def _pixels(dataset: Dataset, where: str) -> DataElement:
    """Pixels as they are stored, uncompressed, little-endian and nothing else."""
    bits = integer(dataset, "BitsAllocated", where) or 0
    kind = "i" if integer(dataset, "PixelRepresentation", where) == 1 else "u"
    values = stored_values(dataset, where)
    if values.dtype.itemsize * 8 != bits:
        msg = (
            f"{where}: {named('BitsAllocated')} is {bits}, found values of "
            f"{values.dtype.itemsize * 8} bits after decoding. Export it uncompressed."
        )
        raise DicomError(msg)
    content = np.ascontiguousarray(values).astype(f"<{kind}{bits // 8}").tobytes()
    return DataElement(
        0x7FE00010, "OW" if bits > 8 else "OB", content + b"\0" * (len(content) % 2)
    )
