"""Changes of the registry's records: each with who, when and why, kept for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import sqlalchemy as sa

from reirrad.store.registry_schema import changes
from reirrad.store.registry_values import Plain

__all__ = [
    "KeptChange",
    "add_changes",
    "any_change",
    "kept_changes",
    "last_changer",
    "patients_ever",
    "removals",
]


@dataclass(frozen=True, slots=True)
class KeptChange:
    """A change of one record.

    Parameters
    ----------
    at
        ISO 8601 time to the second, UTC.
    who, reason
        Who made it, and for what.
    action
        What happened to the record.
    kind, patient, number
        Which record.
    before, after
        Its values that were known, dates as ISO text; None where there was no record.
    """

    at: str
    who: str
    reason: str
    action: Literal["added", "changed", "removed"]
    kind: str
    patient: str
    number: int
    before: Mapping[str, Plain] | None
    after: Mapping[str, Plain] | None


def kept_changes(
    connection: sa.Connection, patient: str | None = None
) -> list[KeptChange]:
    """Changes of one patient's records, or of all, oldest first."""
    columns = [column for column in changes.c if column.name != "id"]
    query = sa.select(*columns).order_by(changes.c.id)
    if patient is not None:
        query = query.where(changes.c.patient == patient)
    return [KeptChange(*row) for row in connection.execute(query)]


def any_change(connection: sa.Connection) -> bool:
    """Whether anything was ever kept."""
    return connection.execute(sa.select(changes.c.id).limit(1)).first() is not None


def patients_ever(connection: sa.Connection) -> list[str]:
    """Patients who are or were in the registry."""
    of_patients = changes.c.kind == "patient"
    query = sa.select(changes.c.patient).where(of_patients).distinct()
    return sorted(connection.scalars(query))


def removals(connection: sa.Connection) -> dict[str, str]:
    """Why each patient was removed who is not in the registry any more."""
    query = (
        sa.select(changes.c.patient, changes.c.action, changes.c.reason)
        .where(changes.c.kind == "patient")
        .order_by(changes.c.id)
    )
    last = {patient: done for patient, *done in connection.execute(query)}
    return {
        patient: reason
        for patient, (action, reason) in last.items()
        if action == "removed"
    }


def last_changer(connection: sa.Connection, patient: str) -> str:
    """Who made the last change of a patient's records; empty for nobody."""
    query = (
        sa.select(changes.c.who)
        .where(changes.c.patient == patient)
        .order_by(changes.c.id.desc())
        .limit(1)
    )
    return connection.scalar(query) or ""


def add_changes(connection: sa.Connection, done: Sequence[KeptChange]) -> None:
    """Keep changes after those that are there."""
    last = connection.scalar(sa.select(sa.func.max(changes.c.id))) or 0
    names = [field.name for field in fields(KeptChange)]
    rows = [
        {"id": id_, **{name: getattr(one, name) for name in names}}
        for id_, one in enumerate(done, last + 1)
    ]
    if rows:
        connection.execute(sa.insert(changes), rows)
