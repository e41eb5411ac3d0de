"""The database: a SQLite file or a PostgreSQL server, one writer at a time.

Both databases are used in the same way. A writing transaction first takes the one lock
(``BEGIN IMMEDIATE`` in SQLite, an advisory lock in PostgreSQL) and so sees everything
that was written before it; readers wait for nobody.
"""

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from reirrad.errors import StoreError
from reirrad.store.addresses import Address, address_of
from reirrad.store.migrating import migrate
from reirrad.store.refusals import explained

__all__ = ["Store", "now"]

WAIT_SECONDS = 30
PRIMARY_CODE = 0xFF
"""SQLite's reason is in the lowest byte of its codes; the rest is detail."""
WRITING = "reirrad_writing"
LOCK_OF_WRITERS = 0x7265_6972
LOCK_OF_SERVERS = 0x7265_6973


class Store:
    """An open database whose tables are up to date.

    Threads may share it. Every process opens its own.
    """

    def __init__(self, engine: sa.Engine, address: Address) -> None:
        self._engine = engine
        self.address = address

    @classmethod
    def open(cls, url: str) -> "Store":
        """Connect, and make or bring up to date the tables.

        Parameters
        ----------
        url
            ``sqlite:///path/to/reirrad.sqlite`` or
            ``postgresql://user:password@host/database``.

        Raises
        ------
        StoreError
            If the address is not one of these, the folder cannot be written, the server
            cannot be reached, or the tables are of a newer version of the program.
        """
        address = address_of(url)
        store = cls(_engine(address), address)
        try:
            with explained(address):
                migrate(store._engine, store.writing)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def existing(cls, url: str) -> "Store":
        """Connect to a database that is there; a mistyped file is not made.

        Raises
        ------
        StoreError
            As `open`, and if there is no such SQLite file.
        """
        address = address_of(url)
        if address.is_missing:
            msg = (
                f"{address.shown}: there is no such database. Check the file's name, "
                f"or bring patients in first: `reirrad cohort import` or `add`."
            )
            raise StoreError(msg)
        return cls.open(url)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that only reads."""
        with explained(self.address), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that writes: all of it is kept, or nothing.

        Raises
        ------
        StoreError
            If the database cannot be written.
        """
        with explained(self.address), self._engine.connect() as connection:
            writer = connection.execution_options(**{WRITING: True})
            with writer.begin():
                if self.address.kind == "postgresql":
                    writer.execute(
                        sa.select(sa.func.pg_advisory_xact_lock(LOCK_OF_WRITERS))
                    )
                yield writer

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other servers from this database while the block runs.

        A session of its own holds the lock, so that it goes with the process. A SQLite
        file needs none: it is bound to a folder, and a folder to one server.

        Raises
        ------
        StoreError
            If another server holds it.
        """
        if self.address.kind == "sqlite":
            yield
            return
        with explained(self.address):
            held = self._engine.connect()
        try:
            with explained(self.address):
                held = held.execution_options(isolation_level="AUTOCOMMIT")
                place = sa.func.hashtext(sa.func.current_schema())
                lock = sa.func.pg_try_advisory_lock(LOCK_OF_SERVERS, place)
                free = held.scalar(sa.select(lock))
            if not free:
                msg = (
                    f"{self.address.shown}: another `reirrad serve` uses this "
                    f"database. Stop it, or give this one a database of its own."
                )
                raise StoreError(msg)
            yield
        finally:
            held.invalidate()  # ends the session; closed alone, it would be kept
            held.close()


def now() -> str:
    """Present time, ISO 8601 to the second, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _engine(address: Address) -> sa.Engine:
    lite = address.kind == "sqlite"
    try:
        engine = sa.create_engine(
            address.url,
            connect_args=(
                {"timeout": WAIT_SECONDS} if lite else {"connect_timeout": WAIT_SECONDS}
            ),
            json_serializer=partial(json.dumps, allow_nan=False, ensure_ascii=False),
            pool_pre_ping=not lite,
        )
    except ModuleNotFoundError as error:
        if lite:
            raise
        msg = (
            f"{address.shown}: the driver for PostgreSQL is not installed. Run "
            f'pip install "reirrad[postgresql]", or keep the cases in a SQLite file.'
        )
        raise StoreError(msg) from error
    if lite:
        _reserve(Path(address.shown))
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _reserve(path: Path) -> None:
    """Make the file, where it is missing, so that other accounts cannot read it."""
    with suppress(OSError):  # SQLite says why it cannot be made
        path.touch(mode=0o600, exist_ok=True)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Leave transactions to SQLAlchemy; keep references; let readers go on."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Let readers go on beside a writer, once for ever: the file remembers it.

    To switch, nobody else may be at the file, and SQLite does not wait for that by
    itself: of some that open a new file at once, all but one would be sent away.
    """
    until = time.monotonic() + WAIT_SECONDS
    switched = connection.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
    while not switched:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            switched = True
        except sqlite3.OperationalError as error:
            primary = error.sqlite_errorcode & PRIMARY_CODE
            if primary != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - part those who meet


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
