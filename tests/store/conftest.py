"""On which databases do the store's tests run: each of them on an SQLite file and on a PostgreSQL of its own?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.store.database import Database
from portal.store.schema import migrate
from tests.services.postgres import Postgres
from tests.store.ledger_rows import fill

ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def migrated(url: str) -> None:
    """The database has all tables and no rows."""
    database = Database(url)
    migrate(database)
    database.close()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def empty(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without any table."""
    yield from _opened(engine_name, tmp_path, request, ready=False)


@pytest.fixture
def database(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with all tables and no rows."""
    yield from _opened(engine_name, tmp_path, request, ready=True)


@pytest.fixture
def filled(database: Database) -> Database:
    """The same with the rows of `ledger_rows.fill`."""
    with database.writing() as session:
        fill(session)
    return database


def _opened(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest, *, ready: bool) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    server: Postgres | None = None
    if engine_name == "postgres":
        server = request.getfixturevalue("postgres")
        url = server.database(migrated if ready else None)
    elif ready:
        migrated(url)
    database = Database(url)
    yield database
    database.close()
    if server is not None:
        server.drop(url)
