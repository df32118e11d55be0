"""Is the ledger the same whether Stripe told us nothing, or everything three times, shuffled and with a fifth missing?

Two portals with the same claims and the same money at their Stripes; compared by the canonical dump.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal import comparisons
from portal.actions.provider_events import reconcile_attempts
from portal.store.database import Database
from portal.store.ledger_checks import verify
from portal.store.ledger_dump import canonical
from portal.store.payments import PaymentAttempt
from tests import examples
from tests.examples import COLETTE, DORA, DORA_SECOND, STEFAN, Clock, Known, firm_of
from tests.paying import Till, deliver, till

CLAIMS = (DORA, DORA_SECOND, STEFAN, COLETTE)
KINDS = ("provider_clearing", "provider_fee", "bank_clearing", "receivable")
ENGINES = ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.soak])]
ROUNDS, COPIES, DROPPED = 3, 3, 0.2


@contextmanager
def portal_on(url: str, folder: Path) -> Iterator[Till]:
    """A portal of its own on this database, at the same moment as every other."""
    folder.mkdir()
    clock = Clock()
    parts = examples.parts_for(examples.settings_for(url, folder), clock)
    with till(parts, clock, folder) as running:
        yield running
    parts.database.close()


def lives(shop: Till, told: Any) -> None:
    """Days of payments with all that can become of them; `told` is how the portal hears of it each time."""
    chance = random.Random(4)
    for number in range(ROUNDS):
        for known in CLAIMS:
            owed = shop.owed(known.claim_id)
            if owed >= 5000:
                minor = owed if number == 1 and known is DORA_SECOND else 1000 + chance.randrange(4000)
                _one_payment(shop, known, minor, chance)
        if number == 1:
            shop.standin.switches.payout({"account": "acct_velo", "fee": 700})
            shop.standin.switches.payout({"account": "acct_velo"})
        shop.moves(minutes=11)
        told(shop)
        shop.moves(minutes=50)
        told(shop)
        shop.clock.to(shop.clock.today + timedelta(days=1), hour=3)
        shop.moves()
        for firm in (examples.VELO, examples.ROCHAT):
            comparisons.balance(shop.parts, firm, now=shop.clock())


def _one_payment(shop: Till, known: Known, minor: int, chance: random.Random) -> None:
    """Declined, declined and then paid, paid, given back in part, given back in vain, taken back by the bank."""
    fate, method = chance.random(), "card" if known is COLETTE else chance.choice(["card", "twint"])
    session = shop.session_of(shop.starts(firm_of(known), known.claim_id, minor))
    play = shop.standin.switches
    if fate < 0.2:
        shop.pays(session, outcome="failed")
    if fate < 0.1:
        return
    intent = shop.pays(session, method=method)["payment_intent"]
    if fate > 0.6:
        refund = play.refund({"payment_intent": intent, "amount": 500})
        if fate > 0.85:
            play.refund({"refund": refund["id"], "status": "failed"})
    elif 0.3 < fate < 0.4:
        play.dispute({"payment_intent": intent, "state": "withdrawn"})


def by_asking(shop: Till) -> None:
    """Webhooks are off: attempts, and once an hour the list of events."""
    reconcile_attempts(shop.database, shop.gateway, now=shop.clock())
    for firm in (examples.VELO, examples.ROCHAT):
        comparisons.events(shop.parts, firm, now=shop.clock())
    shop.works()


def by_a_storm(shop: Till) -> None:
    """Each event three times, shuffled, one in five not at all; what never came is asked for as always."""
    chance = random.Random(len(shop.standin.switches.events()))
    client = shop.app().test_client()
    kept = [event for event in shop.standin.switches.events() if chance.random() >= DROPPED]
    storm = kept * COPIES
    chance.shuffle(storm)
    for place, event in enumerate(storm):
        assert deliver(client, event).status_code == 200
        if place % 20 == 0:
            shop.works()
    shop.works()
    by_asking(shop)


@pytest.mark.slow
@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.soak])], indirect=True
)
def test_a_ledger_that_was_told_nothing_is_the_same_as_one_that_was_told_everything_wrongly(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    said = {}
    for name, told in (("asked", by_asking), ("storm", by_a_storm)):
        url = _copy(database_url, tmp_path / f"{name}.db", request)
        with portal_on(url, tmp_path / name) as shop:
            lives(shop, told)
            said[name] = _look(shop)
    assert said["asked"][0] == said["storm"][0]
    kinds = {kind for lines, *_ in said.values() for kind in KINDS if any(kind in line for line in lines)}
    assert kinds == set(KINDS)
    for lines, statuses, paid_at_stripe, wrong in said.values():
        assert wrong == []
        assert len(lines) > 20
        assert statuses.count("paid") == paid_at_stripe >= 8


def _copy(url: str, target: Path, request: pytest.FixtureRequest) -> str:
    if url.startswith("sqlite"):
        shutil.copyfile(url.removeprefix("sqlite:///"), target)
        return f"sqlite:///{target}"
    made: str = request.getfixturevalue("postgres_database")(examples.build)
    return made


def _look(shop: Till) -> tuple[list[str], list[str], int, list[str]]:
    paid = sum(1 for one in shop.standin.switches.everything()["totals"] if one["captured"])
    database: Database = shop.database
    with database.reading() as session:
        statuses = list(session.scalars(select(PaymentAttempt.status)))
        return canonical(session), statuses, paid, [str(one) for one in verify(session)]
