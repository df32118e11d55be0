"""Does each kind of event that Stripe names lead to the ledger's agreeing with its object, all others being lost?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.store.payments import ProviderEvent
from portal.web.parts import Parts
from tests.examples import DORA, VELO, Clock
from tests.paying import Till, deliver, till

pytestmark = pytest.mark.slow

PAID = ("checkout.session.completed", "payment_intent.succeeded", "charge.succeeded")
GIVEN_BACK = ("refund.created", "charge.refunded")
TAKEN_BACK = ("charge.dispute.created", "charge.dispute.funds_withdrawn")
WON = ("charge.dispute.funds_reinstated", "charge.dispute.closed")


@pytest.fixture
def database_url(filled_sqlite: Path, tmp_path: Path) -> str:
    """One engine is enough: which event leads where does not depend on it."""
    target = tmp_path / "portal.db"
    shutil.copyfile(filled_sqlite, target)
    return f"sqlite:///{target}"


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path) as running:
        yield running


def only(shop: Till, kind: str) -> None:
    """The newest event of this kind comes in, and nothing else ever does."""
    found = [event for event in shop.standin.switches.events() if event["type"] == kind]
    assert deliver(shop.app().test_client(), found[-1]).status_code == 200
    shop.works()
    with shop.database.reading() as session:
        assert set(session.scalars(select(ProviderEvent.state).where(ProviderEvent.type == kind))) == {"done"}


def begins(shop: Till, **how: Any) -> dict[str, Any]:
    return shop.pays(shop.session_of(shop.starts(VELO, DORA.claim_id, 1000)), **how)


def test_each_event_alone_is_enough(shop: Till) -> None:
    owed = shop.owed(DORA.claim_id)
    for kind in PAID:
        begins(shop)
        only(shop, kind)
        owed -= 1000
        assert shop.owed(DORA.claim_id) == owed, kind
    for kind in GIVEN_BACK:
        intent = begins(shop)["payment_intent"]
        shop.standin.switches.refund({"payment_intent": intent, "amount": 400})
        only(shop, kind)
        owed -= 600
        assert shop.owed(DORA.claim_id) == owed, kind
    for kind in ("refund.failed", "refund.updated"):
        intent = begins(shop)["payment_intent"]
        made = shop.standin.switches.refund({"payment_intent": intent, "amount": 400})
        only(shop, "refund.created")
        shop.standin.switches.refund({"refund": made["id"], "status": "failed"})
        only(shop, kind)
        owed -= 1000
        assert shop.owed(DORA.claim_id) == owed, kind
    for kind, end in zip(TAKEN_BACK, WON, strict=True):
        intent = begins(shop)["payment_intent"]
        shop.standin.switches.dispute({"payment_intent": intent, "state": "withdrawn"})
        only(shop, kind)
        assert shop.owed(DORA.claim_id) == owed, kind
        shop.standin.switches.dispute({"payment_intent": intent, "state": "reinstated"})
        only(shop, end)
        owed -= 1000
        assert shop.owed(DORA.claim_id) == owed, end


def test_each_event_of_a_slow_payment_alone_is_enough(shop: Till) -> None:
    owed = shop.owed(DORA.claim_id)
    for kind, outcome in (
        ("checkout.session.async_payment_succeeded", "paid"),
        ("checkout.session.async_payment_failed", "failed"),
        ("payment_intent.payment_failed", "failed"),
    ):
        session = begins(shop, outcome="processing")["id"]
        only(shop, "payment_intent.processing")
        assert (shop.owed(DORA.claim_id), shop.attempts(DORA.claim_id)[-1].status) == (owed, "open")
        shop.pays(session, outcome=outcome)
        only(shop, kind)
        owed -= 1000 if outcome == "paid" else 0
        assert shop.owed(DORA.claim_id) == owed, kind
        shop.moves(minutes=1)
    shop.starts(VELO, DORA.claim_id, 1000)
    shop.moves(minutes=61)
    shop.standin.switches.everything()
    only(shop, "checkout.session.expired")
    assert shop.attempts(DORA.claim_id)[-1].status == "expired"
