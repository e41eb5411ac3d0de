"""Values of fields as text: what people type, what files hold, and what is allowed."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from reirrad.core.cohort.fields import Field, FieldType

__all__ = [
    "FieldValue",
    "NotAllowed",
    "allowed_words",
    "number_text",
    "text_of",
    "value_of",
]

FieldValue: TypeAlias = date | float | int | bool | str | None

YES = frozenset({"yes", "true", "1"})
NO = frozenset({"no", "false", "0"})
WHOLE = re.compile(r"[+-]?\d{1,9}(\.0+)?", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """A text that is no value of its field.

    Parameters
    ----------
    allowed
        What the field takes instead, in words.
    """

    allowed: str


def value_of(field: Field, text: str) -> FieldValue | NotAllowed:
    """Value that a text stands for.

    Parameters
    ----------
    field
        Which field.
    text
        A date as ``YYYY-MM-DD``, ``yes`` or ``no`` (also 1, 0, true, false), a number
        with a decimal point, a choice letter by letter, or a text. Empty for a value
        that is not known.
    """
    if not text:
        return NotAllowed(allowed_words(field)) if field.required else None
    value = READERS[field.type](field, text)
    return NotAllowed(allowed_words(field)) if value is None else value


def text_of(value: FieldValue) -> str:
    """The text that `value_of` reads as this value again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return number_text(value) if isinstance(value, float) else str(value)


def number_text(value: float) -> str:
    """A number with all its digits, but without a fraction of zero: ``50``."""
    return repr(value).removesuffix(".0")


def allowed_words(field: Field) -> str:
    """What a field takes, in words, such as "a whole number from 1 to 5"."""
    words = {
        "date": "a date as YYYY-MM-DD",
        "yes or no": "yes or no",
        "choice": f"one of {', '.join(field.choices)}",
        "text": "a text of printable characters, without a line break",
    }.get(field.type) or f"a {field.type}{_range_words(field)}"
    if field.type == "text" and field.about.pattern.startswith("[0-9a-f]{64}"):
        words = "64 hexadecimal digits in lower case"
    if field.type == "text" and field.about.pattern.endswith("Z"):
        words = "a time in UTC as YYYY-MM-DDThh:mm:ssZ"
    return words if field.required else f"{words}, or nothing"


def _range_words(field: Field) -> str:
    about = field.about
    unit = f" {about.unit}" if about.unit else ""
    if about.minimum is not None and about.maximum is not None:
        return f" from {about.minimum:.15g} to {about.maximum:.15g}{unit}"
    if about.minimum is not None:
        return f" of {about.minimum:.15g}{unit} or more"
    return f" up to {about.maximum:.15g}{unit}" if about.maximum is not None else unit


def _date(_: Field, text: str) -> date | None:
    if ISO_DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _yes_or_no(_: Field, text: str) -> bool | None:
    low = text.lower()
    return True if low in YES else False if low in NO else None


def _choice(field: Field, text: str) -> str | None:
    return text if text in field.choices else None


def _text(field: Field, text: str) -> str | None:
    fits = re.fullmatch(field.about.pattern, text) is not None
    return text if fits and text.isprintable() else None


def _whole_number(field: Field, text: str) -> int | None:
    if WHOLE.fullmatch(text) is None:
        return None
    value = int(text.partition(".")[0])
    return value if _in_range(field, value) else None


def _number(field: Field, text: str) -> float | None:
    if NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) and _in_range(field, value) else None


def _in_range(field: Field, value: float) -> bool:
    least, most = field.about.minimum, field.about.maximum
    return (least is None or value >= least) and (most is None or value <= most)


READERS: dict[FieldType, Callable[[Field, str], FieldValue]] = {
    "date": _date,
    "yes or no": _yes_or_no,
    "choice": _choice,
    "text": _text,
    "whole number": _whole_number,
    "number": _number,
}
