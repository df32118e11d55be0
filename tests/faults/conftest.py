"""What do the fault tests stand on? A portal whose Stripe is the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.web.parts import Parts
from tests.examples import Clock
from tests.paying import Till, till


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path) as running:
        yield running
