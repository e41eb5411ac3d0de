"""What is known to identify a patient, and whether a text holds any of it.

Everything is compared without case, accents and punctuation. Four letters or more are
found inside of other words as well, so that "ptvsmith" is noticed; "marker" is then
taken for a Mark, which the user is told.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset

from reirrad.core.confidentiality import ConfidentialityProfile
from reirrad.dicom.elements import day, text
from reirrad.dicom.reading import dicom_faults
from reirrad.errors import DicomError

__all__ = ["Identifiers", "known_identifiers"]

SHORTEST_PART = 4
SHORTEST_WORD = 2
SHORTEST_NUMBER = 5
SHORTEST_VALUE = 6
DATE_VRS = {"DA", "DT"}
DATE_FORMS = ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%y%m%d", "%d%m%y", "%m%d%y", "%Y")
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
LOOKS_LIKE_DATE = re.compile(
    r"(?<!\d)(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)"
    r"|(?<!\d)\d{1,2}[./-]\d{1,2}[./-](\d\d|\d{4})(?!\d)"
    r"|(?<!\d)(19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}(?!\d)"
    rf"|(?<!\d)\d{{1,2}}[ ._-]?({MONTHS})[a-z]*[ ._-]?\d\d(\d\d)?(?!\d)"
)
LOOKS_LIKE_UID = re.compile(r"\d+(\.\d+){4,}")
# Letters that Unicode does not take apart, and the ways in which they are written.
SPELLINGS = (
    str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"}),
    str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}),
)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Folded pieces that no text may hold.

    Parameters
    ----------
    parts
        Found anywhere, even within a word.
    words
        Found as a whole word: names of two or three letters.
    numbers
        Found as a whole run of digits: dates in several forms, and short numbers.
    """

    parts: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    def __or__(self, other: "Identifiers") -> "Identifiers":
        return Identifiers(
            self.parts | other.parts,
            self.words | other.words,
            self.numbers | other.numbers,
        )

    def are_in(self, value: str) -> bool:
        """Whether a text holds any of them, or what looks like a date or a UID."""
        plain = unicodedata.normalize("NFKC", value).casefold()
        if LOOKS_LIKE_DATE.search(plain) or LOOKS_LIKE_UID.search(plain):
            return True
        return any(self._are_in(folded) for folded in _spellings(value))

    def are_number(self, value: str) -> bool:
        """Whether a number, as it is written, is one of them."""
        whole, _, _ = value.strip().lstrip("+-").partition(".")
        if len(whole) < SHORTEST_VALUE:
            return False
        return whole in self.parts or whole in self.numbers

    def _are_in(self, folded: str) -> bool:
        compact = "".join(filter(str.isalnum, folded))
        words = {*re.findall(r"[^\W_]+", folded), *re.findall(r"[^\W\d_]+", folded)}
        return (
            any(part in compact for part in self.parts)
            or not self.words.isdisjoint(words)
            or not self.numbers.isdisjoint(re.findall(r"\d+", folded))
        )


def known_identifiers(dataset: Dataset, profile: ConfidentialityProfile) -> Identifiers:
    """What an object says about persons, places, visits and days, at every depth."""
    found = Identifiers()
    for holder, keyword, vr in _elements(dataset, profile):
        if vr == "PN":
            found |= _of_name(text(holder, keyword), profile.not_names)
        elif vr in DATE_VRS:
            found |= _of_day(day(holder, keyword))
        else:
            found |= _of_identifier(text(holder, keyword))
    return found


def _elements(
    dataset: Dataset, profile: ConfidentialityProfile
) -> Iterator[tuple[Dataset, str, str]]:
    """Standard attributes that identify, with what holds them and their VR."""
    for tag in tuple(dataset.keys()):
        keyword = keyword_for_tag(tag)
        vr = _standard_vr(int(tag)) if keyword else ""
        if vr == "PN" or vr in DATE_VRS or keyword in profile.identifiers:
            yield dataset, keyword, vr
        elif vr == "SQ":
            for item in _items(dataset, tag):
                yield from _elements(item, profile)


def _items(dataset: Dataset, tag: Any) -> list[Dataset]:
    """Items of a sequence; what cannot be read is not kept either."""
    opened = Dataset({tag: dataset.get_item(tag)})
    implicit, little_endian = dataset.original_encoding
    opened.set_original_encoding(
        implicit, little_endian, dataset.original_character_set
    )
    try:
        with dicom_faults(""):
            return list(opened[tag].value or [])
    except DicomError:
        return []


@lru_cache(maxsize=4096)
def _standard_vr(tag: int) -> str:
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return ""


def _of_name(value: str, not_names: frozenset[str]) -> Identifiers:
    words = [word for word in re.split(r"[\W_]+", value) if word]
    folded = {
        folded
        for word in words
        for folded in _spellings(word)
        if folded not in not_names and not folded.isdecimal()
    }
    return Identifiers(
        parts=frozenset(filter(_is_part, folded)),
        words=frozenset(
            word for word in folded if len(word) >= SHORTEST_WORD and not _is_part(word)
        ),
    )


def _of_identifier(value: str) -> Identifiers:
    """A value as a whole, and the longer numbers in it."""
    wholes = {
        "".join(filter(str.isalnum, folded))
        for single in value.split("\\")
        for folded in _spellings(single)
    }
    texts = {whole for whole in wholes if not whole.isdecimal()}
    digits = {whole for whole in wholes if whole.isdecimal()}
    digits |= {run for run in re.findall(r"\d+", value) if len(run) >= SHORTEST_NUMBER}
    return Identifiers(
        parts=frozenset(filter(_is_part, texts))
        | {number for number in digits if len(number) >= SHORTEST_NUMBER},
        words=frozenset(
            one for one in texts if len(one) >= SHORTEST_WORD and not _is_part(one)
        ),
        numbers=frozenset(one for one in digits if len(one) == SHORTEST_PART),
    )


def _of_day(value: date | None) -> Identifiers:
    if value is None:
        return Identifiers()
    return Identifiers(numbers=frozenset(value.strftime(form) for form in DATE_FORMS))


def _is_part(word: str) -> bool:
    """Whether a word is long enough to be searched inside of others."""
    return len(word) >= (SHORTEST_PART if word.isascii() else SHORTEST_WORD)


def _spellings(value: str) -> Iterable[str]:
    """A text in lower case without accents, once for each way to write letters."""
    lower = unicodedata.normalize("NFKC", value).casefold()
    return {
        "".join(
            letter
            for letter in unicodedata.normalize("NFKD", lower.translate(spelling))
            if not unicodedata.combining(letter)
        )
        for spelling in SPELLINGS
    }
