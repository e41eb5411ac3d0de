"""Where a database is, as an address that is safe to show."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from reirrad.errors import StoreError

__all__ = ["Address", "address_of"]

ASKED = (
    "Give sqlite:///path/to/reirrad.sqlite or postgresql://user:password@host/database."
)
POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a database.

    Parameters
    ----------
    kind
        Which program keeps it.
    url
        With its password; never to be shown.
    shown
        What a message may say: the file, or server and database.
    """

    kind: Literal["sqlite", "postgresql"]
    url: sa.URL
    shown: str

    @property
    def is_missing(self) -> bool:
        """Whether it is a SQLite file that is not there."""
        return self.kind == "sqlite" and not Path(self.shown).is_file()


def address_of(url: str) -> Address:
    """An address from the text of a URL.

    Raises
    ------
    StoreError
        If it is neither a SQLite file nor a PostgreSQL database. The message repeats
        nothing of it, since it may hold a password.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        msg = f"The address of the database is not understood. {ASKED}"
        raise StoreError(msg) from error
    parsed = parsed.set(drivername=parsed.drivername.lower())
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not parsed.database or parsed.database == ":memory:":
            msg = "The SQLite database needs a file, or nothing is kept. " + ASKED
            raise StoreError(msg)
        return Address("sqlite", parsed, parsed.database)
    if parsed.drivername in POSTGRESQL:
        server = parsed.host or "the local server"
        port = f":{parsed.port}" if parsed.port else ""
        shown = (
            f"PostgreSQL database {parsed.database or '(default)'} at {server}{port}"
        )
        return Address("postgresql", parsed.set(drivername="postgresql+psycopg"), shown)
    msg = f"Databases of the kind {parsed.drivername!r} are not supported. {ASKED}"
    raise StoreError(msg)
