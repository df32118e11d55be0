"""What does every test stand on? Only machinery here; people and examples have modules of their own."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

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
    """A test that asks for a service carries its mark, so that `make test-fast` leaves it out."""
    for item in items:
        for mark in {NEEDS[name] for name in getattr(item, "fixturenames", ()) if name in NEEDS}:
            item.add_marker(mark)
