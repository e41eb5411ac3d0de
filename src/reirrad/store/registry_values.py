"""Records as plain values, which rows, changes and backups hold, and back again."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from reirrad.core.cohort.field_values import (
    NotAllowed,
    allowed_words,
    text_of,
    value_of,
)
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.pseudonyms import is_pseudonym
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS, kind_of

__all__ = ["Plain", "checked", "named", "record_of"]

Plain: TypeAlias = str | float | int | bool
LARGEST_WHOLE = 2**31 - 1
"""Of an INTEGER of PostgreSQL."""


def checked(record: Record) -> tuple[dict[str, Plain], list[str]]:
    """Values of a record that are known, by their fields, and what is wrong with them.

    Returns
    -------
    dict of str to str, float, int or bool
        Dates are ISO text.
    list of str
        One sentence for each value that is not allowed; it does not repeat the value.
    """
    plain: dict[str, Plain] = {}
    faults = _key_faults(record)
    for field in fields_of(type(record)):
        value = value_of(field, text_of(getattr(record, field.name)))
        if isinstance(value, NotAllowed):
            faults.append(
                f"{named(record)}: {field.name} must be {allowed_words(field)}."
            )
        elif value is not None:
            plain[field.name] = _plain(value)
    return plain, faults


def record_of(
    kind: str, patient: str, number: int, plain: Mapping[str, Plain]
) -> Record:
    """The record that some plain values are of.

    Raises
    ------
    TypeError, ValueError
        If they are not those of a record of this kind.
    """
    values: dict[str, Any] = dict(plain)
    for field in fields_of(KINDS[kind]):
        if field.type == "date" and field.name in values:
            values[field.name] = date.fromisoformat(values[field.name])
    return KINDS[kind](patient=patient, number=number, **values)


def named(record: Record) -> str:
    """What a record is called in a message: its kind, number and pseudonym."""
    who = record.patient if is_pseudonym(record.patient) else "without a pseudonym"
    return f"{kind_of(record)} {record.number} of patient {who}"


def _plain(value: date | Plain) -> Plain:
    return value.isoformat() if isinstance(value, date) else value


def _key_faults(record: Record) -> list[str]:
    faults = []
    if not is_pseudonym(record.patient):
        faults.append(
            f"{named(record)}: a pseudonym is made of letters, digits, - and _, 32 at "
            f"most. Give the patient's."
        )
    most = 1 if kind_of(record) in SINGLE_KINDS else LARGEST_WHOLE
    if not 1 <= record.number <= most:
        faults.append(f"{named(record)}: its number must be from 1 to {most}.")
    return faults
