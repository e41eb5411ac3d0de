"""The registry: records of a clinic's patients, and every change that made them.

What is put in, changed or removed is kept as a change, with who and when, in the same
transaction; the audit trail counts the changes of each transaction. Triggers in the
database refuse to alter or delete a change.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS, Cohort, kind_of
from reirrad.errors import StoreError
from reirrad.store.database import Store, now
from reirrad.store.registry_rows import Plain, faults, named, plain_of, record_of
from reirrad.store.registry_schema import changes, tables
from reirrad.store.trail import note

__all__ = [
    "KeptChange",
    "PutCounts",
    "history",
    "put_records",
    "read_cohort",
    "reading_one_moment",
    "remove_records",
]

Key: TypeAlias = tuple[str, str, int]
"""Kind, patient and number: which record."""

MOST_ASKED_FOR = 500
"""Patients that are asked for by name; of more, all rows are read."""
MOST_WORDS = 200
OF = "of_"
"""Before the names of the parameters that say which row."""


@dataclass(frozen=True, slots=True)
class PutCounts:
    """What came of the records that were put."""

    added: int
    changed: int
    unchanged: int


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


def read_cohort(store: Store, patients: Collection[str] | None = None) -> Cohort:
    """All records of some patients, or of all, as they are at one moment.

    Parameters
    ----------
    store
        The database.
    patients
        Pseudonyms; one that is not in the registry has no records. None for all.
    """
    with reading_one_moment(store) as connection:
        kept = {kind: _kept(connection, kind, patients) for kind in KINDS}
    cohort: dict[str, Any] = {
        kind: tuple(record_of(*key, rows[key]) for key in sorted(rows))
        for kind, rows in kept.items()
    }
    return Cohort(**cohort)


def put_records(
    store: Store, records: Iterable[Record], *, who: str, reason: str
) -> PutCounts:
    """Add records, or put them in the place of those with the same keys: all or none.

    Parameters
    ----------
    store
        The database.
    records
        A record of a patient who is not there needs that patient's own beside it.
    who, reason
        Kept with every change; never anything by which a patient can be known.

    Raises
    ------
    StoreError
        If a value is not allowed, a record is given twice, or a patient is missing;
        each fault in a sentence. Nothing is kept then.
    """
    given = list(records)
    _require_signed(who, reason)
    _require_allowed(given)
    by_key = {_key(record): plain_of(record) for record in given}
    with store.writing() as connection:
        patients = {record.patient for record in given}
        kept = _kept_keys(connection, {kind for kind, _, _ in by_key}, patients)
        _require_patients(connection, given)
        done = [
            _Change(key, kept.get(key), after)
            for key, after in by_key.items()
            if kept.get(key) != after
        ]
        for kind in KINDS:
            _write(connection, kind, [one for one in done if one.key[0] == kind])
        _keep_changes(connection, done, who, reason)
    added = sum(one.before is None for one in done)
    return PutCounts(added, len(done) - added, len(given) - len(done))


def remove_records(store: Store, keys: Iterable[Key], *, who: str, reason: str) -> int:
    """Remove records, all or none; their changes stay.

    Parameters
    ----------
    store
        The database.
    keys
        Kind, patient and number of each.
    who, reason
        Kept with every change.

    Returns
    -------
    int
        How many were removed.

    Raises
    ------
    StoreError
        If one is not there, or a patient has other records that would stay.
    """
    given = set(keys)
    _require_signed(who, reason)
    with store.writing() as connection:
        kept = _kept_keys(connection, set(KINDS), {patient for _, patient, _ in given})
        _require_removable(given, kept)
        done = [_Change(key, kept[key], None) for key in sorted(given)]
        for kind in reversed(KINDS):
            _delete(connection, kind, [one for one in done if one.key[0] == kind])
        _keep_changes(connection, done, who, reason)
    return len(done)


def history(store: Store, patient: str | None = None) -> list[KeptChange]:
    """Changes of one patient's records, or of all, oldest first."""
    columns = [column for column in changes.c if column.name != "id"]
    query = sa.select(*columns).order_by(changes.c.id)
    if patient is not None:
        query = query.where(changes.c.patient == patient)
    with store.reading() as connection:
        return [KeptChange(*row) for row in connection.execute(query)]


@contextmanager
def reading_one_moment(store: Store) -> Iterator[sa.Connection]:
    """A transaction that sees all tables as they are at one moment."""
    with store.reading() as connection:
        if store.address.kind == "postgresql":
            connection.execute(
                sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            )
        yield connection


@dataclass(frozen=True, slots=True)
class _Change:
    key: Key
    before: Mapping[str, Plain] | None
    after: Mapping[str, Plain] | None

    @property
    def action(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def _key(record: Record) -> Key:
    return kind_of(record), record.patient, record.number


def _kept(
    connection: sa.Connection, kind: str, patients: Collection[str] | None
) -> dict[Key, dict[str, Plain]]:
    """Known values of the records of a kind, by their keys."""
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
            kept[kind, row[0], number] = {
                name: value for name, value in values if value is not None
            }
    return kept


def _kept_keys(
    connection: sa.Connection, kinds: Collection[str], patients: Collection[str]
) -> dict[Key, dict[str, Plain]]:
    return {
        key: plain
        for kind in KINDS
        if kind in kinds
        for key, plain in _kept(connection, kind, patients).items()
    }


def _require_signed(who: str, reason: str) -> None:
    for name, words in (("who", who), ("reason", reason)):
        if not 0 < len(words.strip()) <= MOST_WORDS:
            msg = (
                f"A change of the registry is kept with who made it and its reason. "
                f"Give {name}, at most {MOST_WORDS} characters."
            )
            raise StoreError(msg)


def _require_allowed(given: Sequence[Record]) -> None:
    problems = [fault for record in given for fault in faults(record)]
    seen: set[Key] = set()
    for record in given:
        if _key(record) in seen:
            problems.append(f"{named(record)} is given twice. Give it once.")
        seen.add(_key(record))
    if problems:
        raise StoreError(*problems)


def _require_patients(connection: sa.Connection, given: Sequence[Record]) -> None:
    there = {record.patient for record in given if kind_of(record) == "patient"}
    there |= {
        patient
        for _, patient, _ in _kept(
            connection, "patient", {record.patient for record in given}
        )
    }
    missing = sorted({record.patient for record in given} - there)
    if missing:
        raise StoreError(
            *(
                f"Patient {one} is not in the registry, and no record of kind patient "
                f"is given. Give that record too."
                for one in missing
            )
        )


def _require_removable(given: Collection[Key], kept: Mapping[Key, object]) -> None:
    problems = [
        f"There is no {kind} {number} of patient {patient} in the registry."
        for kind, patient, number in sorted(set(given) - set(kept))
    ]
    removed = {patient for kind, patient, _ in given if kind == "patient"}
    left = [key for key in kept if key[1] in removed and key not in given]
    one_of_each = {key[1]: key for key in sorted(left, reverse=True)}
    problems += [
        f"Patient {patient} has other records, {kind} {number} among them. Remove "
        f"those too, or keep the patient."
        for kind, patient, number in sorted(one_of_each.values())
    ]
    if problems:
        raise StoreError(*problems)


def _write(connection: sa.Connection, kind: str, done: Sequence[_Change]) -> None:
    names = _value_names(kind)
    nothing: dict[str, Plain | None] = dict.fromkeys(names)
    new, other = [], []
    for one in done:
        values = {**nothing, **(one.after or {})}
        if one.before is None:
            new.append({**values, **_keys(one)})
        else:
            other.append({**values, **_keys(one, OF)})
    if new:
        connection.execute(sa.insert(tables[kind]), new)
    if other:
        statement = sa.update(tables[kind]).where(*_same_keys(kind))
        connection.execute(statement, other)


def _delete(connection: sa.Connection, kind: str, done: Sequence[_Change]) -> None:
    rows = [_keys(one, OF) for one in done]
    if rows:
        connection.execute(sa.delete(tables[kind]).where(*_same_keys(kind)), rows)


def _key_names(kind: str) -> tuple[str, ...]:
    return ("patient",) if kind in SINGLE_KINDS else ("patient", "number")


def _value_names(kind: str) -> list[str]:
    return tables[kind].columns.keys()[len(_key_names(kind)) :]


def _keys(change: _Change, prefix: str = "") -> dict[str, Plain]:
    """Keys of a row as parameters of a statement."""
    kind, patient, number = change.key
    keys: dict[str, Plain] = {f"{prefix}patient": patient}
    return keys if kind in SINGLE_KINDS else {**keys, f"{prefix}number": number}


def _same_keys(kind: str) -> list[sa.ColumnElement[bool]]:
    names = _key_names(kind)
    return [tables[kind].c[name] == sa.bindparam(f"{OF}{name}") for name in names]


def _keep_changes(
    connection: sa.Connection, done: Sequence[_Change], who: str, reason: str
) -> None:
    if not done:
        return
    at = now()
    last = connection.scalar(sa.select(sa.func.max(changes.c.id))) or 0
    rows = []
    for id_, one in enumerate(done, last + 1):
        kind, patient, number = one.key
        rows.append(
            {
                "id": id_,
                "at": at,
                "who": who,
                "reason": reason,
                "action": one.action,
                "kind": kind,
                "patient": patient,
                "number": number,
                "before": one.before,
                "after": one.after,
            }
        )
    connection.execute(sa.insert(changes), rows)
    actions = [one.action for one in done]
    counts = {action: actions.count(action) for action in sorted(set(actions))}
    note(connection, who=who, action="registry changed", at=at, detail=counts)
