"""How does Alembic reach the database: on the one connection that `store/schema.py` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from portal.store.tables import metadata

# SQLite changes a table by copying it (`render_as_batch`); the caller has begun the transaction and commits it.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
