"""What a field of the registry is: its words, its unit and what is allowed in it.

The records say it once, in the annotation of each field; table columns, templates, the
REDCap dictionary and the checks of an import are all made from it.
"""

import types
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["About", "Field", "FieldType", "fields_of"]

FieldType = Literal["date", "number", "whole number", "yes or no", "choice", "text"]


@dataclass(frozen=True, slots=True)
class About:
    """What the annotation of a field says beside its type.

    Parameters
    ----------
    label
        Words for a person who fills the field in.
    unit
        Unit of a number; empty for none.
    minimum, maximum
        Smallest and largest value that is allowed; None for no limit.
    pattern
        Regular expression that a text must match as a whole.
    """

    label: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = r"[^\x00-\x1f]{1,64}"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one kind of record.

    Parameters
    ----------
    name
        Name in the record, such as ``start_date``.
    type
        What it holds.
    required
        Whether a record is impossible without it.
    choices
        What a choice may be.
    about
        Label, unit and limits.
    """

    name: str
    type: FieldType
    required: bool
    choices: tuple[str, ...]
    about: About


KEYS = ("patient", "number")
TYPES: dict[type, FieldType] = {
    date: "date",
    float: "number",
    int: "whole number",
    bool: "yes or no",
    str: "text",
}


def fields_of(kind: type) -> tuple[Field, ...]:
    """Fields of a kind of record without its two keys, in their order.

    Parameters
    ----------
    kind
        A record class whose fields are annotated with `About`.
    """
    return _fields(kind)


@cache
def _fields(kind: Any) -> tuple[Field, ...]:
    hints = get_type_hints(kind, include_extras=True)
    names = [one.name for one in fields(kind) if one.name not in KEYS]
    return tuple(_field(name, hints[name]) for name in names)


def _field(name: str, annotation: Any) -> Field:
    inner, about = get_args(annotation)
    alternatives: tuple[Any, ...] = (inner,)
    if get_origin(inner) in {Union, types.UnionType}:
        alternatives = get_args(inner)
    required = types.NoneType not in alternatives
    (held,) = [one for one in alternatives if one is not types.NoneType]
    if get_origin(held) is Literal:
        return Field(name, "choice", required, tuple(get_args(held)), about)
    return Field(name, TYPES[held], required, (), about)
