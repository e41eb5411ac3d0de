"""Records as plain values, which rows, changes and backups hold, and back again."""

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from reirrad.core.cohort.fields import Field, FieldType, fields_of
from reirrad.core.cohort.pseudonyms import is_pseudonym
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS, kind_of

__all__ = ["Plain", "faults", "named", "plain_of", "record_of"]

Plain: TypeAlias = str | float | int | bool
LARGEST_WHOLE = 2**31 - 1
"""Of an INTEGER of PostgreSQL."""
PLAIN_TYPES: dict[FieldType, type] = {"date": date, "yes or no": bool}


def plain_of(record: Record) -> dict[str, Plain]:
    """Values of a record that are known, by their fields."""
    plain: dict[str, Plain] = {}
    for field in fields_of(type(record)):
        value = getattr(record, field.name)
        if value is None:
            continue
        if field.type == "date":
            plain[field.name] = value.isoformat()
        else:
            plain[field.name] = float(value) if field.type == "number" else value
    return plain


def record_of(
    kind: str, patient: str, number: int, plain: Mapping[str, Plain | None]
) -> Record:
    """The record that some plain values are of.

    Raises
    ------
    TypeError, ValueError
        If they are not those of a record of this kind.
    """
    values: dict[str, Any] = dict(plain)
    for name in _dates(kind):
        text = plain.get(name)
        if text is not None:
            values[name] = date.fromisoformat(str(text))
    return KINDS[kind](patient=patient, number=number, **values)


def named(record: Record) -> str:
    """What a record is called in a message: its kind, number and pseudonym."""
    return f"{kind_of(record)} {record.number} of patient {record.patient}"


def faults(record: Record) -> list[str]:
    """Why a record cannot be kept: one sentence for each value that is not allowed."""
    kind = kind_of(record)
    if not is_pseudonym(record.patient):
        msg = (
            f"A record of kind {kind} has no pseudonym, which is made of letters, "
            f"digits, - and _, 32 at most. Give the patient's pseudonym."
        )
        return [msg]
    found = []
    most = 1 if kind in SINGLE_KINDS else LARGEST_WHOLE
    if not 1 <= record.number <= most:
        found.append(f"{named(record)}: its number must be from 1 to {most}.")
    found += [
        f"{named(record)}: {field.name} must be {_allowed(field)}."
        for field in fields_of(type(record))
        if not _is_allowed(field, getattr(record, field.name))
    ]
    return found


def _dates(kind: str) -> tuple[str, ...]:
    return tuple(one.name for one in fields_of(KINDS[kind]) if one.type == "date")


def _is_allowed(field: Field, value: object) -> bool:
    if value is None:
        return not field.required
    if field.type == "choice":
        return value in field.choices
    if field.type == "text":
        pattern = field.about.pattern
        return isinstance(value, str) and re.fullmatch(pattern, value) is not None
    if field.type in PLAIN_TYPES:
        return type(value) is PLAIN_TYPES[field.type]
    return _is_allowed_number(field, value)


def _is_allowed_number(field: Field, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if field.type == "whole number" and not isinstance(value, int):
        return False
    least, most = _limits(field)
    return math.isfinite(value) and least <= value <= most


def _limits(field: Field) -> tuple[float, float]:
    widest = LARGEST_WHOLE if field.type == "whole number" else math.inf
    least, most = field.about.minimum, field.about.maximum
    return -widest if least is None else least, widest if most is None else most


def _allowed(field: Field) -> str:
    words = f"a {field.type}"
    if field.type == "choice":
        words = f"one of {', '.join(field.choices)}"
    elif field.type == "text":
        words = f"a text that matches {field.about.pattern}"
    elif field.type in {"number", "whole number"}:
        least, most = _limits(field)
        words = f"a {field.type} from {least:g} to {most:g}"
    return f"{words}{'' if field.required else ', or not known'}"
