"""Which folder the files of a database's cases lie in: the same number is in both.

A database that is used with another folder would show cases without files; two folders
on one database would take each other's jobs.
"""

import sqlalchemy as sa

from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.schema import store_identity

__all__ = ["bind"]


def bind(store: Store, number: str, *, used: bool) -> None:
    """Make sure that database and folder belong together; a new database does now.

    Parameters
    ----------
    store
        The database.
    number
        That of the folder.
    used
        Whether cases lie in the folder since it got its number: their database has it.

    Raises
    ------
    StoreError
        If the database belongs to another folder, or the folder to another database.
    """
    with store.writing() as connection:
        present = connection.scalar(sa.select(store_identity.c.id))
        if present is None and used:
            msg = (
                f"{store.address.shown}: the cases of the store folder are in another "
                f"database. Give that one with --database, or put back its backup."
            )
            raise StoreError(msg)
        if present not in {None, number}:
            msg = (
                f"{store.address.shown}: the files of its cases lie in another store "
                f"folder. Give that folder with --store, or another database."
            )
            raise StoreError(msg)
        if present is None:
            connection.execute(sa.insert(store_identity).values(id=number))
