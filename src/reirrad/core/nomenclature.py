"""What the name of a drawn structure means.

A name is compared as a whole, without case, accents, spaces and punctuation, with the
names of a table. Anything added to an organ's name ("zLiver", "Liver-GTV",
"SpinalCord_PRV5") makes it another structure, which is not understood; what could mean
two structures is not understood either. Nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from reirrad.core.structures import Role

__all__ = ["PAIRED_ORGANS", "NameTable", "name_key", "understand"]

EXTERNAL = "External"

PAIRED_ORGANS: Mapping[str, tuple[str, str]] = {
    "Kidneys": ("Kidney_L", "Kidney_R"),
    "Lungs": ("Lung_L", "Lung_R"),
}
"""TG-263 name of both sides of an organ together to those of its sides."""

# A planning system adds this to a copy of a structure; 3 or 5 would rather be a margin.
_COPY_NUMBER = re.compile(r"[\s_.(-]+0*1\)?\s*$")
_WORDS = re.compile(r"[a-z]+|\d+|[+-]")
_TARGET_WORD = re.compile(r"(?P<kind>[a-z]+?)(?P<detail>[pnmt]{0,2})")
_LIGATURES = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})

_ROLE_OF_TYPE: Mapping[str, Role] = {
    "GTV": Role.GTV,
    "CTV": Role.CTV,
    "PTV": Role.PTV,
    "EXTERNAL": Role.EXTERNAL,
    "ORGAN": Role.ORGAN,
}


@dataclass(frozen=True, slots=True)
class NameTable:
    """Names of structures in several languages.

    Parameters
    ----------
    standard_names
        Key of a name, see :func:`name_key`, to TG-263 name.
    target_words
        First word of a target's name, in lower case, to its role.
    not_target_words
        Words in lower case that make a name one of planning, not of a target.
    """

    standard_names: Mapping[str, str]
    target_words: Mapping[str, Role]
    not_target_words: frozenset[str]


def name_key(name: str) -> str:
    """Letters and digits of a name, without case and accents.

    Examples
    --------
    >>> name_key("Moelle_épinière")
    'moelleepiniere'
    """
    return "".join(filter(str.isalnum, _plain(name)))


def understand(
    name: str,
    dicom_type: str,
    table: NameTable,
    own_names: Mapping[str, str],
) -> tuple[str | None, Role]:
    """Standard name and role of a drawn structure.

    Parameters
    ----------
    name
        ROI Name (3006,0026), as drawn.
    dicom_type
        RT ROI Interpreted Type (3006,00A4), empty where absent. It decides the role,
        with one exception: "ORGAN" is what some systems write for everything, so a
        name that is plainly a target's overrides it.
    table
        Names that are understood.
    own_names
        The user's own: drawn name, in any case, to standard name or to "GTV", "CTV" or
        "PTV". They overrule everything else.

    Returns
    -------
    standard_name : str or None
        TG-263 name; None for a target, and for any name that is not understood or
        contradicts `dicom_type`.
    role : Role
        OTHER where neither type nor name says more.
    """
    wanted = name.strip().casefold()
    for own, meaning in own_names.items():
        if own.strip().casefold() == wanted:
            return _own_meaning(meaning, table)
    kind = dicom_type.strip().upper()
    standard_name = table.standard_names.get(name_key(_COPY_NUMBER.sub("", name)))
    target = _target_role(name, table)
    role = _ROLE_OF_TYPE.get(kind)
    if role is Role.ORGAN and target is not None:
        role = target
    if role is Role.EXTERNAL:
        # The body is often called skin; an inner organ's name contradicts the type.
        fits = standard_name in {None, EXTERNAL, "Skin"}
        return (EXTERNAL if fits else None), role
    if role is Role.ORGAN:
        return (None if standard_name == EXTERNAL else standard_name), role
    if role is not None:
        return None, role
    return standard_name, target or _role_of(standard_name)


def _own_meaning(meaning: str, table: NameTable) -> tuple[str | None, Role]:
    role = table.target_words.get(meaning.strip().casefold())
    if role is not None:
        return None, role
    standard_name = table.standard_names.get(name_key(meaning), meaning.strip())
    return standard_name, _role_of(standard_name)


def _role_of(standard_name: str | None) -> Role:
    if standard_name is None:
        return Role.OTHER
    return Role.EXTERNAL if standard_name == EXTERNAL else Role.ORGAN


def _target_role(name: str, table: NameTable) -> Role | None:
    """Role of a name such as "PTV_50Gy", "GTVp" or "GTV 2"; None where in doubt."""
    words = _WORDS.findall(_plain(name))
    if not words or table.not_target_words.intersection(words):
        return None
    # After the first word, "+5" is a margin and "-liver" a part that was cut away.
    if "+" in words or re.search(r"-\s*[a-z]{3,}", _plain(name)):
        return None
    match = _TARGET_WORD.fullmatch(words[0])
    return table.target_words.get(match["kind"]) if match else None


def _plain(text: str) -> str:
    # Letters may unfold into capitals, small letters into accents: twice is enough.
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    return "".join(mark for mark in text if not unicodedata.combining(mark))
