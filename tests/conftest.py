"""What does every test stand on? Only machinery here; people and examples have modules of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from portal.app import create_app
from portal.web.parts import Parts
from tests import examples
from tests.people import Portal
from tests.services.memory import write_to_memory
from tests.services.statements import share_what_is_compiled

write_to_memory()
share_what_is_compiled()

pytest_plugins = ("tests.services.postgres", "tests.services.chromium")

# Deadlines measure the machine, not the code; a fixed seed makes a red run red again.
settings.register_profile(
    "usual",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("soak", settings.get_profile("usual"), derandomize=False, max_examples=3000)
settings.load_profile("usual")

NEEDS = {"postgres": "postgres", "browser": "browser", "playwright": "browser", "chromium_path": "browser"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a service carries its mark, so that `make test-fast` leaves it out.

    Files with slow tests come first: no test process has nothing left to do while another one is in the middle of them.
    """
    for item in items:
        for mark in {NEEDS[name] for name in getattr(item, "fixturenames", ()) if name in NEEDS}:
            item.add_marker(mark)
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with everybody the tests know; each test gets a copy."""
    file = tmp_path_factory.mktemp("filled") / "portal.db"
    examples.build(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with everybody the tests know, on each engine in turn."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_database")(examples.build)
        return url
    target = tmp_path / "portal.db"
    shutil.copyfile(request.getfixturevalue("filled_sqlite"), target)
    return f"sqlite:///{target}"


@pytest.fixture
def clock() -> examples.Clock:
    return examples.Clock()


@pytest.fixture
def parts(database_url: str, tmp_path: Path, clock: examples.Clock) -> Iterator[Parts]:
    """The real parts on this database, with a clock that stands still and a cheap hasher."""
    built = examples.parts_for(examples.settings_for(database_url, tmp_path), clock)
    yield built
    built.database.close()


@pytest.fixture(scope="session")
def applications() -> dict[str, Flask]:
    """The applications this test process has made; each test puts its own parts in, which is all that differs."""
    return {}


@pytest.fixture
def portal(parts: Parts, clock: examples.Clock, applications: dict[str, Flask]) -> Portal:
    """The whole portal, on each engine in turn: `portal.dora.is_in().reads("/claims/2026-0418")`."""
    if "one" not in applications:
        applications["one"] = create_app(parts.settings, parts=parts)
    app = applications["one"]
    app.extensions["portal"] = parts
    return Portal(app, parts, clock, "sqlite" if parts.database.is_sqlite else "postgres")
