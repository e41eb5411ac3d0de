"""The tables of the registry: one for each kind of record, and one of their changes.

The columns are those of the records, so that a field is declared in one place. Dates
are ISO 8601 text. A patient is a pseudonym, and no column takes free text. Records that
belong to a patient keep that patient from being removed. One more table tells which key
the pseudonyms are made with.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from reirrad.core.cohort.fields import FieldType, fields_of
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS
from reirrad.store.schema import metadata

__all__ = ["changes", "keys", "tables"]

TYPES: dict[FieldType, Any] = {
    "date": String(10),
    "number": Double(),
    "whole number": Integer(),
    "yes or no": Boolean(),
    "choice": String(64),
    "text": Text(),
}
PSEUDONYM = String(32)


def _table(kind: str) -> Table:
    of_patient = ForeignKey("cohort_patient.patient", ondelete="RESTRICT")
    keys: list[Column[Any]] = [
        Column("patient", PSEUDONYM, primary_key=True)
        if kind == "patient"
        else Column("patient", PSEUDONYM, of_patient, primary_key=True)
    ]
    if kind not in SINGLE_KINDS:
        keys.append(Column("number", Integer, primary_key=True, autoincrement=False))
    columns: list[Column[Any]] = [
        Column(field.name, TYPES[field.type], nullable=not field.required)
        for field in fields_of(KINDS[kind])
    ]
    return Table(f"cohort_{kind}", metadata, *keys, *columns)


tables = {kind: _table(kind) for kind in KINDS}
"""Table of each kind of record; a kind of which a patient has one has no number."""

keys = Table(
    "cohort_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", String(64), nullable=False),
)
"""One row at most: which key the pseudonyms are made with, not the key itself."""

changes = Table(
    "cohort_change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", String(25), nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("action", String(16), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("patient", PSEUDONYM, nullable=False),
    Column("number", Integer, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Index(None, "patient"),
)
