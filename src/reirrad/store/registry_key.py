"""Which key the pseudonyms of the registry are made with: its fingerprint alone.

Pseudonyms of another key would make new patients of those who are there.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from reirrad.core.cohort.pseudonyms import is_key_made
from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.registry_changes import patients_ever
from reirrad.store.registry_schema import keys
from reirrad.store.trail import note

__all__ = ["KeptKey", "insert_fingerprint", "keep_key", "kept_fingerprint", "kept_key"]


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What the registry knows of its key.

    Parameters
    ----------
    fingerprint
        Of the key; None while no Patient ID was replaced.
    made_pseudonyms
        Whether there are, or were, patients whose pseudonyms some key made.
    """

    fingerprint: str | None
    made_pseudonyms: bool


def kept_key(store: Store) -> KeptKey:
    """What the registry knows of its key."""
    with store.reading() as connection:
        return KeptKey(
            kept_fingerprint(connection),
            any(map(is_key_made, patients_ever(connection))),
        )


def keep_key(store: Store, fingerprint: str, *, who: str) -> None:
    """Keep for ever with which key the pseudonyms are made.

    Raises
    ------
    StoreError
        If it is another one already.
    """
    with store.writing() as connection:
        kept = kept_fingerprint(connection)
        if kept == fingerprint:
            return
        if kept is not None:
            msg = (
                f"{store.address.shown}: the pseudonyms of this registry are made with "
                f"another key. Give that one with --key."
            )
            raise StoreError(msg)
        insert_fingerprint(connection, fingerprint)
        note(connection, who=who, action="registry key kept", detail={})


def kept_fingerprint(connection: sa.Connection) -> str | None:
    """Fingerprint of the key of the registry, if there is one."""
    return connection.scalar(sa.select(keys.c.fingerprint))


def insert_fingerprint(connection: sa.Connection, fingerprint: str) -> None:
    """Keep the fingerprint of a key where there is none."""
    connection.execute(sa.insert(keys).values(id=1, fingerprint=fingerprint))
