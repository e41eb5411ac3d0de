"""Alembic's entry: runs the steps on the connection that the store hands over."""

from alembic import context

from reirrad.store.registry_schema import tables

__all__: list[str] = []

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables["patient"].metadata,
)
context.run_migrations()
