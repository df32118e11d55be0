"""Do the migrations build exactly the tables of the models, there and back, with the ledger guarded after each one?"""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError

from portal.store import triggers
from portal.store.database import Database
from portal.store.ledger import Entry, Posting, write
from portal.store.schema import SchemaDamaged, at_head, config, migrate, take_back
from portal.store.tables import metadata
from tests.store.ledger_rows import paid

pytestmark = pytest.mark.slow

REVISIONS = [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def checks(database: Database) -> dict[str, dict[str, str]]:
    found = inspect(database.engine)
    return {
        table: {str(check["name"]): check["sqltext"] for check in found.get_check_constraints(table)}
        for table in sorted(metadata.tables)
    }


def rows_in_the_ledger(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        entries = session.scalar(select(func.count()).select_from(Entry))
        postings = session.scalar(select(func.count()).select_from(Posting))
    return entries or 0, postings or 0


def assert_guarded(database: Database) -> None:
    """The triggers are there, and they fire."""
    with database.engine.connect() as connection:
        assert triggers.missing(connection) == frozenset()
    for statement in ("UPDATE entry SET kind = 'fee'", "DELETE FROM posting", "DELETE FROM event"):
        with pytest.raises(IntegrityError, match="only ever added"), database.writing() as session:
            session.connection().exec_driver_sql(statement)


def test_the_migrations_build_what_the_models_say(empty: Database) -> None:
    assert not at_head(empty)
    migrate(empty)
    assert at_head(empty)
    assert differences(empty) == []


def test_every_check_of_the_models_is_in_the_migrations(empty: Database) -> None:
    migrate(empty)
    migrated = checks(empty)
    take_back(empty, "base")
    metadata.create_all(empty.engine)
    assert migrated == checks(empty)
    assert sum(map(len, migrated.values())) > 30


def test_up_down_and_up_again(empty: Database) -> None:
    migrate(empty)
    take_back(empty, "base")
    assert set(inspect(empty.engine).get_table_names()) == {"alembic_version"}
    migrate(empty)
    assert at_head(empty)
    assert differences(empty) == []


def tables_in(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_each_revision_goes_up_and_down(empty: Database) -> None:
    stood: dict[str, set[str]] = {}
    for revision in REVISIONS:
        migrate(empty, revision)
        stood[revision] = tables_in(empty)
    assert at_head(empty)
    for revision in reversed(REVISIONS):
        take_back(empty, revision)
        assert tables_in(empty) == stood[revision], revision
        with empty.engine.connect() as connection:
            guarded = {trigger.name for trigger in triggers.TRIGGERS if trigger.table in stood[revision]}
            assert triggers.missing(connection) & guarded == set(), revision
    migrate(empty)
    assert at_head(empty)


def test_after_every_migration_the_ledger_is_guarded_and_whole(filled: Database) -> None:
    """Rows stand while the tables go back to the first revision that has a ledger, and through all later ones."""
    before = rows_in_the_ledger(filled)
    take_back(filled, "0004")
    for revision in [revision for revision in REVISIONS if revision >= "0004"]:
        migrate(filled, revision)
        assert_guarded(filled)
        assert rows_in_the_ledger(filled) == before == (2, 4), revision


def test_migrating_again_keeps_rows_and_guards(filled: Database) -> None:
    migrate(filled)
    assert_guarded(filled)
    assert rows_in_the_ledger(filled) == (2, 4)


def test_eight_processes_migrate_at_once(empty: Database) -> None:
    url = empty.engine.url.render_as_string(hide_password=False)

    def one(_: int) -> bool:
        database = Database(url)
        try:
            migrate(database)
            return at_head(database)
        finally:
            database.close()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(one, range(8))) == [True] * 8
    assert differences(empty) == []


def test_a_migration_that_leaves_broken_references_changes_nothing(tmp_path: Path) -> None:
    """SQLite can't check references while tables are rebuilt, so all are checked before the commit."""
    path = tmp_path / "portal.db"
    database = Database(f"sqlite:///{path}")
    migrate(database, "0001")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO bank_account VALUES ('a', 'nobody', 'CHF', 'CH93', NULL, NULL, 0)")
    with pytest.raises(SchemaDamaged):
        migrate(database)
    with database.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0001"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    database.close()


def test_a_migrated_database_takes_new_entries(filled: Database) -> None:
    migrate(filled)
    with filled.writing() as session:
        write(session, [paid("later", 1_000)])
    assert rows_in_the_ledger(filled) == (3, 6)
