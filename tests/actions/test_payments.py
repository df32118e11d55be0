"""Does money that moved at Stripe stand in the ledger once, whatever happened on the way?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.actions.payments import SumChanged
from portal.actions.provider_events import reconcile_attempts
from portal.gateways.stripe import StripeDown
from portal.rules.money import Money
from portal.rules.payments import AccountKind, AttemptStatus
from portal.store.ledger import account_id, balance, credit_of
from portal.store.ledger_checks import verify
from portal.store.payments import ProviderEvent
from portal.store.today import Task
from portal.web.parts import Parts
from tests.examples import DORA, VELO, Clock
from tests.paying import Till, deliver, till

pytestmark = pytest.mark.slow

HALF = {"kind": "half_response", "path": "/v1/checkout/sessions", "method": "POST"}


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path) as running:
        yield running


def pays(shop: Till, minor: int) -> dict[str, object]:
    address = shop.starts(VELO, DORA.claim_id, minor)
    return shop.pays(shop.session_of(address))


def statuses(shop: Till) -> list[str]:
    return [attempt.status for attempt in shop.attempts(DORA.claim_id)]


def account(shop: Till, kind: AccountKind) -> int:
    with shop.database.reading() as session:
        return balance(session, account_id(VELO, kind, "CHF"))


def credit(shop: Till) -> int:
    with shop.database.reading() as session:
        return credit_of(session, VELO, DORA.claim_id, "CHF")


def tasks(shop: Till) -> list[str]:
    with shop.database.reading() as session:
        return list(session.scalars(select(Task.kind).where(Task.done_at.is_(None)).order_by(Task.kind)))


def test_a_paid_session_settles_the_claim_once_however_often_it_is_told(shop: Till) -> None:
    owed = shop.owed(DORA.claim_id)
    pays(shop, owed)
    shop.delivers()
    shop.delivers()
    assert (shop.owed(DORA.claim_id), shop.status(DORA.claim_id), statuses(shop)) == (0, "settled", ["paid"])
    assert account(shop, AccountKind.PROVIDER_CLEARING) == owed - account(shop, AccountKind.PROVIDER_FEE)


def test_the_same_sum_uses_its_page_again_and_another_sum_ends_it_first(shop: Till) -> None:
    first = shop.starts(VELO, DORA.claim_id, 5000)
    assert shop.starts(VELO, DORA.claim_id, 5000) == first
    second = shop.starts(VELO, DORA.claim_id, 6000)
    assert second != first
    assert statuses(shop) in (["expired", "open"], ["open", "expired"])
    with pytest.raises(Exception, match="expired"):
        shop.pays(shop.session_of(first))


def test_the_sum_that_was_seen_must_still_be_owed(shop: Till) -> None:
    with pytest.raises(SumChanged):
        shop.starts(VELO, DORA.claim_id, 5000, seen_minor=1)
    with pytest.raises(SumChanged):
        shop.starts(VELO, DORA.claim_id, shop.owed(DORA.claim_id) + 1)
    assert statuses(shop) == []


def test_a_page_that_was_paid_while_it_was_being_ended_is_booked_and_asks_again(shop: Till) -> None:
    shop.starts(VELO, DORA.claim_id, 5000)
    before = shop.owed(DORA.claim_id)
    shop.standin.switches.set({"faults": [{"kind": "late_pay", "next": 1}]})
    with pytest.raises(SumChanged):
        shop.starts(VELO, DORA.claim_id, 6000)
    assert (shop.owed(DORA.claim_id), statuses(shop)) == (before - 5000, ["paid"])


def test_a_payment_under_way_keeps_the_place_until_it_is_over(shop: Till) -> None:
    address = shop.starts(VELO, DORA.claim_id, 5000)
    shop.pays(shop.session_of(address), outcome="processing")
    assert "/paid/" in shop.starts(VELO, DORA.claim_id, 6000)
    shop.pays(shop.session_of(address), outcome="failed")
    shop.delivers()
    assert statuses(shop) == ["failed"]
    assert shop.starts(VELO, DORA.claim_id, 6000)


def test_a_second_card_after_a_declined_one_wins(shop: Till) -> None:
    address = shop.starts(VELO, DORA.claim_id, 5000)
    shop.pays(shop.session_of(address), outcome="failed")
    shop.delivers()
    assert statuses(shop) == ["open"]
    shop.pays(shop.session_of(address))
    shop.delivers()
    assert statuses(shop) == ["paid"]


def test_a_refund_reopens_and_one_that_fails_later_comes_back(shop: Till) -> None:
    owed = shop.owed(DORA.claim_id)
    intent = pays(shop, owed)["payment_intent"]
    shop.delivers()
    refund = shop.standin.switches.refund({"payment_intent": intent, "amount": 3000})
    shop.delivers()
    assert (shop.owed(DORA.claim_id), shop.status(DORA.claim_id)) == (3000, "open")
    shop.standin.switches.refund({"refund": refund["id"], "status": "failed"})
    shop.delivers()
    assert (shop.owed(DORA.claim_id), shop.status(DORA.claim_id), tasks(shop)) == (0, "settled", ["refund_failed"])
    shop.standin.switches.refund({"payment_intent": intent, "amount": 3000})
    shop.delivers()
    assert shop.owed(DORA.claim_id) == 3000
    with shop.database.reading() as session:
        assert verify(session) == []


def test_a_refund_heard_of_before_its_payment_books_both(shop: Till) -> None:
    intent = pays(shop, 5000)["payment_intent"]
    before = shop.owed(DORA.claim_id)
    shop.standin.switches.refund({"payment_intent": intent, "amount": 2000})
    client = shop.app().test_client()
    for event in reversed(shop.standin.switches.events()):
        deliver(client, event)
    shop.works()
    assert shop.owed(DORA.claim_id) == before - 3000


def test_money_taken_back_by_the_bank_reopens_and_pauses_until_it_is_won(shop: Till) -> None:
    owed = shop.owed(DORA.claim_id)
    intent = pays(shop, owed)["payment_intent"]
    shop.delivers()
    shop.standin.switches.dispute({"payment_intent": intent, "state": "withdrawn"})
    shop.delivers()
    assert (shop.owed(DORA.claim_id), shop.status(DORA.claim_id), tasks(shop)) == (owed, "open", ["card_dispute"])
    shop.standin.switches.dispute({"payment_intent": intent, "state": "reinstated"})
    shop.delivers()
    assert (shop.owed(DORA.claim_id), shop.status(DORA.claim_id)) == (0, "settled")


def test_a_wrong_amount_stands_in_suspense_and_changes_no_claim(shop: Till) -> None:
    before = shop.owed(DORA.claim_id)
    shop.pays(shop.session_of(shop.starts(VELO, DORA.claim_id, 5000)), amount=4000)
    shop.delivers()
    assert (shop.owed(DORA.claim_id), account(shop, AccountKind.SUSPENSE), tasks(shop)) == (before, -4000, ["suspense"])


def test_without_any_webhook_the_money_is_found_within_fifteen_minutes(shop: Till) -> None:
    owed = shop.owed(DORA.claim_id)
    pays(shop, owed)
    shop.moves(minutes=11)
    assert reconcile_attempts(shop.database, shop.gateway, now=shop.clock()) == 1
    assert shop.owed(DORA.claim_id) == 0


def test_a_page_nobody_heard_of_is_found_again_and_its_money_booked(shop: Till) -> None:
    shop.standin.switches.set({"faults": [HALF]})
    with pytest.raises(StripeDown):
        shop.starts(VELO, DORA.claim_id, 5000)
    assert statuses(shop) == ["created"]
    (session,) = shop.standin.switches.everything()["objects"]["checkout.session"]
    before = shop.owed(DORA.claim_id)
    shop.pays(session["id"])
    shop.delivers()
    assert (shop.owed(DORA.claim_id), statuses(shop)) == (before - 5000, ["paid"])


def test_the_same_try_after_an_outage_gets_the_same_page(shop: Till) -> None:
    shop.standin.switches.set({"faults": [HALF]})
    with pytest.raises(StripeDown):
        shop.starts(VELO, DORA.claim_id, 5000)
    shop.standin.switches.set({"reset": True})
    address = shop.starts(VELO, DORA.claim_id, 5000)
    assert len(shop.standin.switches.everything()["objects"]["checkout.session"]) == 1
    assert address.startswith(shop.standin.base_url)


def test_an_attempt_that_never_reached_stripe_is_given_up_only_after_asking(shop: Till) -> None:
    shop.standin.switches.set({"faults": [{"kind": "drop", "path": "/v1/checkout/sessions"}]})
    with pytest.raises(StripeDown):
        shop.starts(VELO, DORA.claim_id, 5000)
    shop.moves(minutes=66)
    assert reconcile_attempts(shop.database, shop.gateway, now=shop.clock()) == 0
    assert statuses(shop) == ["created"]
    shop.standin.switches.set({"reset": True})
    shop.moves(minutes=6)
    assert reconcile_attempts(shop.database, shop.gateway, now=shop.clock()) == 1
    assert statuses(shop) == [AttemptStatus.EXPIRED]


def test_events_wait_while_stripe_is_down(shop: Till) -> None:
    pays(shop, 5000)
    before = shop.owed(DORA.claim_id)
    shop.standin.switches.set({"faults": [{"kind": "status", "status": 500}]})
    shop.delivers()
    with shop.database.reading() as session:
        assert set(session.scalars(select(ProviderEvent.state))) == {"received"}
    shop.standin.switches.set({"reset": True})
    shop.works()
    assert shop.owed(DORA.claim_id) == before
    shop.moves(seconds=11)
    shop.works()
    assert shop.owed(DORA.claim_id) == before - 5000


def test_money_that_no_attempt_asked_for_stands_in_suspense_once(shop: Till) -> None:
    before = shop.owed(DORA.claim_id)
    made = shop.gateway.create_checkout(
        account="acct_velo", attempt_id=uuid4(), amount=Money(4200, "CHF"), label="Fremd", locale="de",
        methods=["card"], success_url="http://127.0.0.1/", cancel_url="http://127.0.0.1/",
        expires_at=shop.clock() + timedelta(hours=1),
    )  # fmt: skip
    shop.pays(made.id)
    shop.delivers()
    shop.delivers()
    assert (shop.owed(DORA.claim_id), account(shop, AccountKind.SUSPENSE)) == (before, -4200)
    assert tasks(shop) == ["reconciliation"]
    with shop.database.reading() as session:
        assert verify(session) == []
