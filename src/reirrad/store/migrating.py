"""Tables that are made, or brought up to date, when the database is opened."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from reirrad.errors import StoreError

__all__ = ["migrate"]


def migrate(
    engine: sa.Engine, writing: Callable[[], AbstractContextManager[sa.Connection]]
) -> None:
    """Run every step that the database lacks, in one transaction.

    Programs that start at once wait for one another; the later ones find nothing to do.

    Parameters
    ----------
    engine
        The database.
    writing
        Begins a transaction that holds the one lock of writers.

    Raises
    ------
    StoreError
        If the tables are of a newer version of the program.
    """
    with resources.as_file(resources.files("reirrad.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        steps = ScriptDirectory.from_config(config)
        with engine.connect() as connection:
            if _is_current(connection, steps):
                return
        with writing() as connection:
            if not _is_current(connection, steps):
                config.attributes["connection"] = connection
                command.upgrade(config, "head")


def _is_current(connection: sa.Connection, steps: ScriptDirectory) -> bool:
    present = MigrationContext.configure(connection).get_current_revision()
    known = {step.revision for step in steps.walk_revisions()}
    if present is not None and present not in known:
        msg = (
            "The database was made by a newer version of reirrad (its tables are at "
            f"{present!r}, this version knows {steps.get_current_head()!r}). Install "
            "that version; nothing was changed."
        )
        raise StoreError(msg)
    return present == steps.get_current_head()
