"""What a database's refusal means for the person who runs the program."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from reirrad.errors import StoreError
from reirrad.store.addresses import Address

__all__ = ["explained"]

SQLITE_REASONS = {
    "unable to open database file": (
        "the file cannot be opened. Make sure that its folder exists and that this "
        "account may write there"
    ),
    "readonly database": (
        "the file may not be written. Let this account write to it and to its folder"
    ),
    "is full": "the disk is full; nothing of this step was kept. Make room, try again",
    "disk i/o error": (
        "the disk cannot be read or written; nothing of this step was kept. Check it, "
        "and keep the file on a local disk"
    ),
    "is locked": (
        "another program has kept the file locked. End it, and keep the file on a "
        "local disk, not on a network share"
    ),
    "not a database": "the file is not a SQLite database. Choose another one",
    "malformed": "the file is damaged. Put back the last backup",
}
POSTGRESQL_REASONS = {
    "53100": "the server's disk is full; nothing of this step was kept. Make room",
    "53300": "the server has no free connection. Try again, or allow more",
    "25006": "the server is read-only. Use the primary server",
    "42501": "this user may not do that. Grant the rights on the database's schema",
    "57P01": "the server was shut down; nothing of this step was kept. Try again",
    "28P01": "the server refuses the user or the password. Check them in the address",
    "28000": "the server refuses the user. Check pg_hba.conf and the address",
    "3D000": "the server has no database of that name. Create it first",
}
CONNECTION_REASONS = {
    "password": POSTGRESQL_REASONS["28P01"],
    "no pg_hba.conf entry": POSTGRESQL_REASONS["28000"],
    "does not exist": POSTGRESQL_REASONS["3D000"],
    "too many": POSTGRESQL_REASONS["53300"],
}
UNREACHABLE = (
    "the server cannot be reached. Make sure that it runs, and check host and port"
)


@contextmanager
def explained(address: Address) -> Iterator[None]:
    """Turn what the database refuses into a sentence; mistakes of this program pass.

    The driver's own words are never repeated: they may hold the address with its
    password, or values that were to be written.

    Raises
    ------
    StoreError
        With the database, the reason and what to do.
    """
    try:
        yield
    except (sa.exc.DataError, UnicodeEncodeError) as error:
        msg = (
            "A text holds a character that cannot be kept (NUL, or half of a letter). "
            "Write it without."
        )
        raise StoreError(msg) from error
    except sa.exc.IntegrityError:
        raise
    except sa.exc.DBAPIError as error:
        reason = _reason(address, error)
        if reason is None:
            raise
        msg = f"{address.shown}: {reason}."
        raise StoreError(msg) from None
    except sa.exc.TimeoutError as error:
        msg = f"{address.shown}: all connections are in use. Try again in a moment."
        raise StoreError(msg) from error


def _reason(address: Address, error: sa.exc.DBAPIError) -> str | None:
    words = str(error.orig).lower()
    if address.kind == "sqlite":
        return _first(SQLITE_REASONS, words)
    state = getattr(error.orig, "sqlstate", None)
    if state in POSTGRESQL_REASONS:
        return POSTGRESQL_REASONS[state]
    if isinstance(error, sa.exc.OperationalError) and state is None:
        return _first(CONNECTION_REASONS, words) or UNREACHABLE
    return None


def _first(reasons: dict[str, str], words: str) -> str | None:
    return next((text for part, text in reasons.items() if part in words), None)
