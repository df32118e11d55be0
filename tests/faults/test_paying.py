"""Faults between the claim page and Stripe's page, and back: F1 to F7, F19, F20 (`security.md` 3.7)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.actions import payments, plans
from portal.gateways.stripe import StripeDown
from portal.rules.dates import Calendar
from portal.rules.history import Actor, ActorKind
from portal.rules.payments import AttemptStatus
from portal.rules.plans import PlanTerms, SumChanged
from portal.store.claims import Claim
from portal.store.settings import creditor_by_id
from tests.examples import DORA, VELO
from tests.faults.looks import SQLITE, after, asks, booked, crash, credit, dying, pays, sound, statuses, tasks
from tests.paying import Till

pytestmark = [pytest.mark.slow, SQLITE]
HALF = {"kind": "half_response", "path": "/v1/checkout/sessions", "method": "POST"}


def pages(shop: Till) -> list[str]:
    return [str(one["id"]) for one in shop.standin.switches.everything()["objects"]["checkout.session"]]


def test_f01_crash_before_the_attempt_is_kept(shop: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happened; the debtor sees the case again and can pay."""
    with dying(monkeypatch, payments, "_take_place", after(payments._take_place)):
        shop.starts(VELO, DORA.claim_id, 5000)
    assert (statuses(shop), pages(shop)) == ([], [])
    assert shop.starts(VELO, DORA.claim_id, 5000)


def test_f02_crash_after_the_attempt_before_stripe(shop: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempt stands; the next click uses it with the same key, and one that nobody clicks again is closed."""
    for _ in range(2):
        with dying(monkeypatch, shop.gateway, "create_checkout", crash):
            shop.starts(VELO, DORA.claim_id, 5000)
    assert statuses(shop) == [AttemptStatus.CREATED]
    shop.starts(VELO, DORA.claim_id, 5000)
    assert (statuses(shop), len(pages(shop))) == ([AttemptStatus.OPEN], 1)
    shop.moves(minutes=66)
    asks(shop)
    assert statuses(shop) == [AttemptStatus.EXPIRED]


def test_f03_stripe_makes_the_page_and_its_answer_is_lost(shop: Till) -> None:
    """The same sum gets the same page; another sum a new attempt, never two open pages."""
    shop.standin.switches.set({"faults": [HALF]})
    with pytest.raises(StripeDown):
        shop.starts(VELO, DORA.claim_id, 5000)
    shop.standin.switches.set({"reset": True})
    shop.starts(VELO, DORA.claim_id, 5000)
    assert len(pages(shop)) == 1
    shop.starts(VELO, DORA.claim_id, 6000)
    assert sorted(statuses(shop)) == [AttemptStatus.EXPIRED, AttemptStatus.OPEN]


def test_f04_crash_between_stripe_and_keeping_its_page(shop: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page carries our attempt: the worker finds it by itself, and if it was paid the money is booked."""
    before = shop.owed(DORA.claim_id)
    with dying(monkeypatch, payments, "_keep_page", crash):
        shop.starts(VELO, DORA.claim_id, 5000)
    (page,) = pages(shop)
    shop.pays(page)
    shop.moves(minutes=11)
    assert asks(shop) == 1
    assert (statuses(shop), shop.owed(DORA.claim_id), sound(shop)) == ([AttemptStatus.PAID], before - 5000, True)


def test_f05_the_browser_is_closed_after_paying(shop: Till) -> None:
    """Nobody comes back and no webhook comes: within 15 minutes the money is booked all the same."""
    before = shop.owed(DORA.claim_id)
    pays(shop)
    shop.moves(minutes=15)
    asks(shop)
    assert shop.owed(DORA.claim_id) == before - 5000


def test_f06_back_before_the_webhook(shop: Till) -> None:
    """The page says "in progress" with a link to look again, and books nothing by itself."""
    pays(shop)
    attempt = shop.attempts(DORA.claim_id)[0]
    text = shop.app().test_client().get(f"/paid/{attempt.return_ref}?lang=en").get_data(as_text=True)
    assert "Your payment is in progress" in text
    assert "Look again" in text
    assert (statuses(shop), booked(shop)) == ([AttemptStatus.OPEN], 0)


def test_f07_the_webhook_is_here_before_the_page_is_kept(shop: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event finds its attempt by what the page carries; it is no error and not dropped."""
    before = shop.owed(DORA.claim_id)
    with dying(monkeypatch, payments, "_keep_page", crash):
        shop.starts(VELO, DORA.claim_id, 5000)
    assert shop.attempts(DORA.claim_id)[0].session_id is None
    shop.pays(pages(shop)[0])
    shop.delivers()
    assert (shop.owed(DORA.claim_id), statuses(shop)) == (before - 5000, [AttemptStatus.PAID])


def test_f19_two_tabs_and_both_pages_are_paid(shop: Till) -> None:
    """The older page ends at Stripe; if both are paid, what the claim does not need is credit, with a task."""
    owed = shop.owed(DORA.claim_id)
    first = shop.session_of(shop.starts(VELO, DORA.claim_id, owed))
    second = shop.session_of(shop.starts(VELO, DORA.claim_id, owed - 1000))
    with pytest.raises(Exception, match="expired"):
        shop.pays(first)
    assert statuses(shop).count(AttemptStatus.OPEN) == 1
    shop.pays(first, force=True)
    shop.pays(second)
    shop.delivers()
    assert (shop.owed(DORA.claim_id), credit(shop), tasks(shop)) == (0, owed - 1000, ["refund_credit"])
    assert sound(shop)


def test_f20_a_plan_over_money_that_is_paid_meanwhile(shop: Till) -> None:
    """Who comes second sees the new sum and is asked again; never a plan over money that is paid."""
    seen = shop.owed(DORA.claim_id)
    pays(shop)
    shop.delivers()
    with shop.database.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        firm, debtor = creditor_by_id(session, VELO), Actor(ActorKind.DEBTOR)
        with pytest.raises(SumChanged):
            plans.propose(
                session, claim, firm, PlanTerms(3, None, 1), seen_minor=seen, op=uuid4(), actor=debtor,
                now=shop.clock(), today=shop.clock.today, calendar=Calendar(),
            )  # fmt: skip
    assert shop.owed(DORA.claim_id) == seen - 5000
