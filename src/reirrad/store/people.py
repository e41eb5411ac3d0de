"""Who may sign in, and who is signed in.

Passwords and session tokens are known here by their hashes only.
"""

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from reirrad.errors import StoreError
from reirrad.store.database import Store, now
from reirrad.store.schema import people, sessions
from reirrad.store.trail import note

__all__ = [
    "Person",
    "Role",
    "Session",
    "add_person",
    "end_session",
    "list_people",
    "person",
    "session",
    "set_active",
    "set_password_hash",
    "start_session",
]

Role = Literal["viewer", "physicist", "physician"]
COMMAND_LINE = "command line"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Person:
    """An account; one that is not active cannot sign in, and its name stays taken."""

    name: str
    role: Role
    password_hash: str
    active: bool
    created: str


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, and the token that changes must carry."""

    name: str
    role: Role
    csrf: str


def add_person(
    store: Store, name: str, role: Role, password_hash: str, *, by: str = COMMAND_LINE
) -> Person:
    """A new account.

    Raises
    ------
    StoreError
        If the name is empty, too long or taken; letters' case makes no other name.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        msg = f"A name has 1 to {LONGEST_NAME} printable letters."
        raise StoreError(msg)
    made = Person(name, role, password_hash, active=True, created=now())
    with store.writing() as connection:
        taken = connection.scalars(sa.select(people.c.name)).all()
        if name.casefold() in {other.casefold() for other in taken}:
            msg = f"There is an account {name!r} already, or one that only looks so."
            raise StoreError(msg)
        connection.execute(
            sa.insert(people).values(
                name=name,
                role=role,
                password_hash=password_hash,
                active=True,
                created=made.created,
            )
        )
        note(
            connection,
            who=by,
            action="person added",
            detail={"name": name, "role": role},
        )
    return made


def list_people(store: Store) -> list[Person]:
    """All accounts, by name."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(people).order_by(people.c.name))
        return [Person(*row) for row in rows]


def person(store: Store, name: str) -> Person | None:
    """The account of that name, or None."""
    with store.reading() as connection:
        row = connection.execute(sa.select(people).where(people.c.name == name)).first()
    return None if row is None else Person(*row)


def set_active(
    store: Store, name: str, *, active: bool, by: str = COMMAND_LINE
) -> None:
    """Allow an account to sign in, or forbid it and end its sessions.

    Raises
    ------
    StoreError
        If there is no such account.
    """
    action = "person allowed" if active else "person locked out"
    _change(store, name, {"active": active}, action=action, by=by)


def set_password_hash(
    store: Store, name: str, password_hash: str, *, by: str = COMMAND_LINE
) -> None:
    """Another password; all sessions of the account end.

    Raises
    ------
    StoreError
        If there is no such account.
    """
    change = {"password_hash": password_hash}
    _change(store, name, change, action="password changed", by=by)


def start_session(
    store: Store, name: str, *, token_hash: str, csrf: str, expires: str
) -> None:
    """Sign somebody in.

    Parameters
    ----------
    store
        The database.
    name
        Account.
    token_hash
        SHA-256 of the token in the cookie, in hexadecimal digits.
    csrf
        Token that requests that change something must repeat.
    expires
        ISO 8601 time to the second, UTC.

    Raises
    ------
    StoreError
        If there is no such account, or it is not active.
    """
    with store.writing() as connection:
        active = connection.scalar(
            sa.select(people.c.active).where(people.c.name == name)
        )
        if not active:
            msg = f"There is no active account {name!r}."
            raise StoreError(msg)
        connection.execute(sa.delete(sessions).where(sessions.c.expires <= now()))
        connection.execute(
            sa.insert(sessions).values(
                token_hash=token_hash,
                name=name,
                csrf=csrf,
                started=now(),
                expires=expires,
            )
        )
        note(connection, who=name, action="signed in")


def session(store: Store, token_hash: str) -> Session | None:
    """Who is signed in with that token; None if it is unknown or has expired."""
    query = (
        sa.select(people.c.name, people.c.role, sessions.c.csrf)
        .join(people, people.c.name == sessions.c.name)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires > now(),
            people.c.active,
        )
    )
    with store.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else Session(*row)


def end_session(store: Store, token_hash: str) -> None:
    """Sign out; nothing happens where nobody is signed in."""
    with store.writing() as connection:
        name = connection.scalar(
            sa.select(sessions.c.name).where(sessions.c.token_hash == token_hash)
        )
        if name is not None:
            connection.execute(
                sa.delete(sessions).where(sessions.c.token_hash == token_hash)
            )
            note(connection, who=name, action="signed out")


def _change(
    store: Store, name: str, change: dict[str, Any], *, action: str, by: str
) -> None:
    with store.writing() as connection:
        changed = connection.execute(
            sa.update(people).where(people.c.name == name).values(**change)
        )
        if changed.rowcount == 0:
            msg = f"There is no account {name!r}."
            raise StoreError(msg)
        connection.execute(sa.delete(sessions).where(sessions.c.name == name))
        note(connection, who=by, action=action, detail={"name": name})
