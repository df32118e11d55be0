"""What does a journey stand on: a live portal on each engine in turn, and a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.examples import Clock
from tests.journeys.live import Live, running

# A busy machine is slow and not wrong.
expect.set_options(timeout=20_000)


@pytest.fixture
def live(database_url: str, tmp_path: Path, clock: Clock, browser: Browser) -> Iterator[Live]:
    """The whole portal, answering over HTTP."""
    with running(database_url, tmp_path, clock, browser) as portal:
        yield portal
