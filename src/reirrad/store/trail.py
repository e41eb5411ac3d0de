"""The audit trail: who did what, and when, in a chain that only grows.

Triggers in the database refuse to change or delete an event. Each event carries the
SHA-256 of the event before it together with its own content, so that an event that was
altered, taken out or put in between by somebody who switched the triggers off is found.
Not found is a trail rewritten as a whole by somebody who may write to the database, nor
one cut off at its end: compare `head` with a copy that was kept elsewhere.

Decisions about a version are events of this trail and are kept nowhere else.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reirrad.store.database import Store, now
from reirrad.store.schema import audit_events

__all__ = [
    "Event",
    "Head",
    "event_of",
    "events",
    "head",
    "note",
    "verify_trail",
]

BEFORE_THE_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done.

    Parameters
    ----------
    id
        1, 2, 3 and so on, without a gap.
    at
        ISO 8601 time to the second, UTC.
    who
        Account, or the name that was typed where nobody signs in.
    case_id, version
        What it was done to; None where it concerns no case or no version.
    action
        "case added", "registration reviewed", ...
    detail
        What else there is to say.
    """

    id: int
    at: str
    who: str
    case_id: str | None
    version: int | None
    action: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The last event's number and hash; what is kept elsewhere to compare with."""

    id: int
    sha256: str


def events(store: Store, case_id: str | None) -> list[Event]:
    """Events of a case, or of everything for None, oldest first."""
    query = sa.select(audit_events).order_by(audit_events.c.id)
    if case_id is not None:
        query = query.where(audit_events.c.case_id == case_id)
    with store.reading() as connection:
        return [event_of(row) for row in connection.execute(query)]


def head(store: Store) -> Head | None:
    """The end of the trail; None while it is empty."""
    with store.reading() as connection:
        return _head(connection)


def verify_trail(store: Store, *, kept: Head | None = None) -> list[str]:
    """Check the whole chain.

    Parameters
    ----------
    store
        The database.
    kept
        An earlier end of the trail, kept outside the database.

    Returns
    -------
    list of str
        One sentence for each event that does not fit; empty if all do.
    """
    problems = []
    before, expected = BEFORE_THE_FIRST, 1
    with store.reading() as connection:
        rows = connection.execute(sa.select(audit_events).order_by(audit_events.c.id))
        for row in rows:
            if row.id != expected:
                problems.append(
                    f"Event {expected} of the audit trail is missing; event {row.id} "
                    f"follows event {expected - 1}."
                )
            elif row.sha256 != _sha256(before, row):
                problems.append(
                    f"Event {row.id} of the audit trail ({row.at}, {row.action}) is "
                    f"not what was written, or the one before it is not."
                )
            if kept is not None and row.id == kept.id and row.sha256 != kept.sha256:
                problems.append(
                    f"Event {row.id} of the audit trail differs from the copy that was "
                    f"kept: the trail was rewritten."
                )
            before, expected = row.sha256, row.id + 1
    if kept is not None and kept.id >= expected:
        problems.append(
            f"The audit trail ends with event {expected - 1}; the copy that was kept "
            f"says that there were {kept.id}."
        )
    return problems


def note(  # noqa: PLR0913 - an event has this many parts
    connection: sa.Connection,
    *,
    who: str,
    action: str,
    case_id: str | None = None,
    version: int | None = None,
    detail: Mapping[str, Any] | None = None,
    at: str | None = None,
) -> None:
    """Add an event within a writing transaction: it is kept with what it tells of."""
    last = _head(connection)
    content = {
        "id": 1 if last is None else last.id + 1,
        "at": at or now(),
        "who": who,
        "case_id": case_id,
        "version": version,
        "action": action,
        "detail": _canonical(detail or {}),
    }
    before = BEFORE_THE_FIRST if last is None else last.sha256
    sha256 = _hashed(before, content)
    connection.execute(sa.insert(audit_events).values(**content, sha256=sha256))


def _head(connection: sa.Connection) -> Head | None:
    row = connection.execute(
        sa.select(audit_events.c.id, audit_events.c.sha256)
        .order_by(audit_events.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else Head(row.id, row.sha256)


def event_of(row: sa.Row[Any]) -> Event:
    """A row of the table of events as a value."""
    return Event(
        row.id,
        row.at,
        row.who,
        row.case_id,
        row.version,
        row.action,
        json.loads(row.detail),
    )


def _sha256(before: str, row: sa.Row[Any]) -> str:
    content = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    del content["sha256"]
    return _hashed(before, content)


def _hashed(before: str, content: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"{before}\n{_canonical(content)}".encode()).hexdigest()


def _canonical(value: Mapping[str, Any]) -> str:
    """One text for one value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"))
