"""Does the database have the tables that this program expects, and how does it get them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from portal.store import triggers
from portal.store.database import Database

MIGRATIONS = Path(__file__).resolve().parent / "migrations"

#: One number for "this database is being migrated"; any other would do as well.
POSTGRES_LOCK = 7_206_181_291
#: How often a change is tried that found a table in use; each try waits two seconds (`security.md` 8).
TRIES = 5
LOCK_NOT_AVAILABLE = "55P03"

Work = Callable[[Config, str], None]


class SchemaDamaged(Exception):
    """After a migration, rows point to rows that are not there; nothing was changed."""


def migrate(database: Database, revision: str = "head") -> None:
    """The tables are those of this revision and the ledger is guarded, all in one transaction or not at all.

    Several processes may call it at the same time: one works, the others find everything done.
    """
    _under_lock(database, command.upgrade, revision)


def take_back(database: Database, revision: str) -> None:
    """The tables are those of this older revision ("base": none), with the guards of those that are left."""
    _under_lock(database, command.downgrade, revision)


def at_head(database: Database) -> bool:
    """Say whether every migration has run and every trigger is in its place."""
    with database.engine.connect() as connection:
        found = set(MigrationContext.configure(connection).get_current_heads())
        return found == set(ScriptDirectory.from_config(config()).get_heads()) and not triggers.missing(connection)


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings without a file; `env.py` works on this connection."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def _under_lock(database: Database, work: Work, revision: str) -> None:
    for left in reversed(range(TRIES)):
        try:
            with _alone(database) as connection:
                triggers.drop(connection)
                work(config(connection), revision)
                triggers.install(connection)
            return
        except OperationalError as problem:
            if left == 0 or getattr(problem.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """One transaction, with every other migration waiting, that is kept only if all references hold in the end."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            with connection.begin():
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = '60s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": POSTGRES_LOCK})
                connection.execute(text("SET LOCAL lock_timeout = '2s'"))
                yield connection
            return
        connection = connection.execution_options(portal_begin="IMMEDIATE")
        _foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                yield connection
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5):
                    raise SchemaDamaged(str([tuple(row) for row in broken]))
        finally:
            _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    """SQLite takes this only outside a transaction, so past SQLAlchemy, which would begin one."""
    driver = connection.connection.dbapi_connection
    if driver is not None:
        cursor = driver.cursor()
        cursor.execute(f"PRAGMA foreign_keys={state}")
        cursor.close()
