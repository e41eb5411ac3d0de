"""The registry: records of a clinic's patients, and every change that made them.

What is put in, changed or removed is kept as a change, with who and when, in the same
transaction; the audit trail counts the changes of each transaction. Triggers in the
database refuse to alter or delete a change.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, Cohort, kind_of
from reirrad.errors import StoreError
from reirrad.store.database import Store, now
from reirrad.store.registry_changes import (
    KeptChange,
    add_changes,
    kept_changes,
    last_changer,
    removals,
)
from reirrad.store.registry_rows import (
    Row,
    delete_rows,
    insert_rows,
    kept_rows,
    reading_one_moment,
    update_rows,
)
from reirrad.store.registry_values import checked, named, record_of
from reirrad.store.trail import note

__all__ = [
    "KeptChange",
    "PutCounts",
    "history",
    "put_records",
    "read_cohort",
    "remove_records",
    "removed_patients",
]

Key: TypeAlias = tuple[str, str, int]
"""Kind, patient and number: which record."""
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class PutCounts:
    """What came of the records that were put."""

    added: int
    changed: int
    unchanged: int


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
        kept = {kind: kept_rows(connection, kind, patients) for kind in KINDS}
    cohort: dict[str, Any] = {
        kind: tuple(record_of(kind, *key, row) for key, row in rows.items())
        for kind, rows in kept.items()
    }
    return Cohort(**cohort)


def put_records(
    store: Store,
    records: Iterable[Record],
    *,
    who: str,
    reason: str,
    expected: Iterable[Record] | None = None,
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
    expected
        All records of these patients as they were when what is put was made from them;
        None for whatever is there.

    Raises
    ------
    StoreError
        If a value is not allowed, a record is given twice, a patient is missing, or
        somebody changed what was expected; each fault in a sentence. Nothing is kept
        then.
    """
    given = list(records)
    _require_signed(who, reason)
    after = _allowed(given)
    patients = {patient for _, patient, _ in after}
    with store.writing() as connection:
        before = _kept(connection, patients)
        if expected is not None:
            _require_expected(
                connection, [one for one in expected if one.patient in patients], before
            )
        _require_patients(after, before)
        done = {key: row for key, row in after.items() if before.get(key) != row}
        new, other = done.keys() - before, done.keys() & before
        for kind in KINDS:
            insert_rows(connection, kind, _of_kind(kind, new, done))
            update_rows(connection, kind, _of_kind(kind, other, done))
        _keep(connection, before, done, who=who, reason=reason)
    return PutCounts(len(new), len(other), len(given) - len(done))


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
    given = sorted(set(keys))
    _require_signed(who, reason)
    with store.writing() as connection:
        before = _kept(connection, {patient for _, patient, _ in given})
        _require_removable(set(given), before)
        for kind in reversed(KINDS):
            delete_rows(connection, kind, _of_kind(kind, given, before))
        _keep(connection, before, dict.fromkeys(given), who=who, reason=reason)
    return len(given)


def history(store: Store, patient: str | None = None) -> list[KeptChange]:
    """Changes of one patient's records, or of all, oldest first."""
    with store.reading() as connection:
        return kept_changes(connection, patient)


def removed_patients(store: Store) -> dict[str, str]:
    """Why each patient was removed who is not in the registry any more."""
    with store.reading() as connection:
        return removals(connection)


def _key(record: Record) -> Key:
    return kind_of(record), record.patient, record.number


def _kept(connection: sa.Connection, patients: Collection[str]) -> dict[Key, Row]:
    return {
        (kind, *key): row
        for kind in KINDS
        for key, row in kept_rows(connection, kind, patients).items()
    }


def _of_kind(
    kind: str, keys: Collection[Key], rows: Mapping[Key, Row]
) -> dict[tuple[str, int], Row]:
    of_kind = sorted(key for key in keys if key[0] == kind)
    return {key[1:]: rows[key] for key in of_kind}


def _require_signed(who: str, reason: str) -> None:
    for name, words in (("who", who), ("reason", reason)):
        if not 0 < len(words.strip()) <= MOST_WORDS:
            msg = (
                f"A change of the registry is kept with who made it and its reason. "
                f"Give {name}, at most {MOST_WORDS} characters."
            )
            raise StoreError(msg)


def _allowed(given: Iterable[Record]) -> dict[Key, Row]:
    """Values of records by their keys, if all may be kept."""
    rows: dict[Key, Row] = {}
    problems = []
    for record in given:
        key = _key(record)
        plain, faults = checked(record)
        problems += faults
        if key in rows:
            problems.append(f"{named(record)} is given twice. Give it once.")
        rows[key] = plain
    if problems:
        raise StoreError(*problems)
    return rows


def _require_expected(
    connection: sa.Connection, expected: Iterable[Record], kept: Mapping[Key, Row]
) -> None:
    """Refuse to build on records that somebody changed since they were read."""
    rows = {_key(one): checked(one)[0] for one in expected}
    changed = {key for key in {*rows, *kept} if rows.get(key) != kept.get(key)}
    problems = [
        f"Patient {patient} was changed meanwhile by "
        f"{last_changer(connection, patient)}. Nothing was kept; do the same again."
        for patient in sorted({patient for _, patient, _ in changed})
    ]
    if problems:
        raise StoreError(*problems)


def _require_patients(given: Collection[Key], kept: Collection[Key]) -> None:
    there = {key[1] for key in (*given, *kept) if key[0] == "patient"}
    missing = sorted({patient for _, patient, _ in given} - there)
    problems = [
        f"Patient {one} is not in the registry, and no record of kind patient is "
        f"given. Give that record too."
        for one in missing
    ]
    if problems:
        raise StoreError(*problems)


def _require_removable(given: Collection[Key], kept: Collection[Key]) -> None:
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


def _keep(
    connection: sa.Connection,
    before: Mapping[Key, Row],
    done: Mapping[Key, Row | None],
    *,
    who: str,
    reason: str,
) -> None:
    """Keep what was done to each record, and count it in the audit trail."""
    if not done:
        return
    at = now()
    made = [
        KeptChange(at, who, reason, _action(was, row), *key, was, row)
        for key, row in done.items()
        for was in (before.get(key),)
    ]
    add_changes(connection, made)
    counts = Counter(change.action for change in made)
    detail = {str(action): counts[action] for action in sorted(counts)}
    note(connection, who=who, action="registry changed", at=at, detail=detail)


def _action(
    before: Row | None, after: Row | None
) -> Literal["added", "changed", "removed"]:
    if before is None:
        return "added"
    return "removed" if after is None else "changed"
