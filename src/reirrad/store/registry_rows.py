"""Rows of the registry's tables: read, inserted, updated and deleted by their keys."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

import sqlalchemy as sa

from reirrad.core.cohort.records import SINGLE_KINDS
from reirrad.store.database import Store
from reirrad.store.registry_schema import tables
from reirrad.store.registry_values import Plain

__all__ = [
    "Row",
    "RowKey",
    "delete_rows",
    "insert_rows",
    "kept_rows",
    "reading_one_moment",
    "update_rows",
]

RowKey: TypeAlias = tuple[str, int]
"""Patient and number: which record of its kind."""
Row: TypeAlias = Mapping[str, Plain]
"""Values of a record that are known."""

MOST_ASKED_FOR = 500
"""Patients that are asked for by name; of more, all rows are read."""
OF = "of_"
"""Before the names of the parameters that say which row."""


@contextmanager
def reading_one_moment(store: Store) -> Iterator[sa.Connection]:
    """A transaction that sees all tables as they are at one moment."""
    with store.reading() as connection:
        if store.address.kind == "postgresql":
            connection.execute(
                sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            )
        yield connection


def kept_rows(
    connection: sa.Connection, kind: str, patients: Collection[str] | None = None
) -> dict[RowKey, Row]:
    """Records of a kind, of some patients or of all, ordered by their keys."""
    table = tables[kind]
    query = sa.select(table)
    if patients is not None and len(patients) <= MOST_ASKED_FOR:
        query = query.where(table.c.patient.in_(sorted(patients)))
    names = _value_names(kind)
    kept = {}
    for row in connection.execute(query):
        if patients is None or row[0] in patients:
            number = 1 if kind in SINGLE_KINDS else row[1]
            values = zip(names, row[-len(names) :], strict=True)
            kept[row[0], number] = {
                name: value for name, value in values if value is not None
            }
    return {key: kept[key] for key in sorted(kept)}  # no database's order of letters


def insert_rows(
    connection: sa.Connection, kind: str, rows: Mapping[RowKey, Row]
) -> None:
    """Add records that are not there."""
    nothing = dict.fromkeys(_value_names(kind))
    content = [{**nothing, **row, **_keys(kind, key)} for key, row in rows.items()]
    if content:
        connection.execute(sa.insert(tables[kind]), content)


def update_rows(
    connection: sa.Connection, kind: str, rows: Mapping[RowKey, Row]
) -> None:
    """Give records that are there other values; what is not known becomes NULL."""
    nothing = dict.fromkeys(_value_names(kind))
    content = [{**nothing, **row, **_keys(kind, key, OF)} for key, row in rows.items()]
    if content:
        connection.execute(sa.update(tables[kind]).where(*_same_keys(kind)), content)


def delete_rows(connection: sa.Connection, kind: str, keys: Collection[RowKey]) -> None:
    """Remove records that are there."""
    content = [_keys(kind, key, OF) for key in keys]
    if content:
        connection.execute(sa.delete(tables[kind]).where(*_same_keys(kind)), content)


def _key_names(kind: str) -> tuple[str, ...]:
    return ("patient",) if kind in SINGLE_KINDS else ("patient", "number")


def _value_names(kind: str) -> list[str]:
    return tables[kind].columns.keys()[len(_key_names(kind)) :]


def _keys(kind: str, key: RowKey, prefix: str = "") -> dict[str, Plain | None]:
    """Keys of a row as parameters of a statement."""
    patient, number = key
    keys: dict[str, Plain | None] = {f"{prefix}patient": patient}
    return keys if kind in SINGLE_KINDS else {**keys, f"{prefix}number": number}


def _same_keys(kind: str) -> list[sa.ColumnElement[bool]]:
    names = _key_names(kind)
    return [tables[kind].c[name] == sa.bindparam(f"{OF}{name}") for name in names]
