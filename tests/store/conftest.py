"""On which databases do the store's tests run: each of them on an SQLite file and on a PostgreSQL of its own?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.store.database import Database
from portal.store.schema import migrate
from tests.services.postgres import Build
from tests.store.ledger_rows import fill

Opened = Callable[[Build | None], Database]

ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def migrated(url: str) -> None:
    """The database has all tables and no rows."""
    database = Database(url)
    migrate(database)
    database.close()


def booked(url: str) -> None:
    """The database has all tables, and the rows of `ledger_rows.fill`."""
    database = Database(url)
    migrate(database)
    with database.writing() as session:
        fill(session)
    database.close()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def empty(opened: Opened) -> Database:
    """A database without any table."""
    return opened(None)


@pytest.fixture
def database(opened: Opened) -> Database:
    """A database with all tables and no rows."""
    return opened(migrated)


@pytest.fixture
def filled(opened: Opened) -> Database:
    """A database with the rows of `ledger_rows.fill`."""
    return opened(booked)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Build], Path]:
    """An SQLite file that each builder filled once; tests copy it."""
    known: dict[Build, Path] = {}

    def file(build: Build) -> Path:
        if build not in known:
            known[build] = tmp_path_factory.mktemp(build.__name__) / "portal.db"
            build(f"sqlite:///{known[build]}")
        return known[build]

    return file


@pytest.fixture
def opened(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """`opened(build)` is a new database of this engine, empty or as the builder left it."""
    made: list[Database] = []

    def open_(build: Build | None) -> Database:
        if engine_name == "postgres":
            url = request.getfixturevalue("postgres_database")(build)
        else:
            url = f"sqlite:///{tmp_path / 'portal.db'}"
            if build is not None:
                shutil.copyfile(request.getfixturevalue("sqlite_files")(build), tmp_path / "portal.db")
        made.append(Database(url))
        return made[-1]

    yield open_
    for database in made:
        database.close()
