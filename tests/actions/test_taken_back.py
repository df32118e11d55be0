"""Is everything as it should be once money has left again: on which day it counts, what it had earned, who is told?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from portal.store.claims import Claim
from portal.store.receipts import sum_then
from tests.examples import DORA, STEFAN
from tests.soak.undone import UndoneDatabase
from tests.soak.world import World

ZURICH = ZoneInfo("Europe/Zurich")


@pytest.fixture
def world(filled_sqlite, tmp_path) -> Iterator[World]:  # type: ignore[no-untyped-def]
    """Everybody's acts on one life of a database; in the end every rule of the ledger holds."""
    yield from _life(UndoneDatabase(f"sqlite:///{shutil.copyfile(filled_sqlite, tmp_path / 'portal.db')}"))


def _life(database: UndoneDatabase) -> Iterator[World]:
    with database.example():
        found = World(database)
        yield found
        database.check_deferred()
        assert found.findings() == []
    database.close()


def owed(world: World, claim_id: UUID, day: date) -> int:
    with world.database.reading() as session:
        return sum_then(session, session.get_one(Claim, claim_id), on=day, zone=ZURICH).open.minor


def test_a_mistaken_booking_counts_on_no_day(world: World) -> None:
    world.claims.append(STEFAN.claim_id)
    days = [world.today - timedelta(days=back) for back in (50, 40, 20, 0)]
    before = [owed(world, STEFAN.claim_id, day) for day in days]
    world.books(STEFAN.claim_id, 100_000, 40, world.op(1))
    world.books(STEFAN.claim_id, 2_000, 30, world.op(2))
    mistake = owed(world, STEFAN.claim_id, world.today)
    world.takes_back(STEFAN.claim_id, 0)
    world.takes_back(STEFAN.claim_id, 1)
    assert mistake < before[-1] - 102_000
    assert [owed(world, STEFAN.claim_id, day) for day in days] == before


def test_a_rest_that_was_dropped_after_a_mistaken_booking_is_owed_again(world: World) -> None:
    before = owed(world, DORA.claim_id, world.today)
    world.books(DORA.claim_id, before - 100, 0, world.op(1))
    assert owed(world, DORA.claim_id, world.today) == 0
    world.takes_back(DORA.claim_id, 0)
    assert owed(world, DORA.claim_id, world.today) == before
