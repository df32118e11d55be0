"""Does money that goes back go back once, to where it came from, and with a second person above the limit?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.actions import bookings, refunds
from portal.actions.bookings import Found
from portal.actions.refunds import RefundRefused, Wish
from portal.rules.history import Actor, ActorKind, EventKind, MoveNotAllowed
from portal.rules.money import Money
from portal.rules.payments import AccountKind, NoteCode
from portal.rules.refunds import RefundProblem, RefundReason, RefundWay
from portal.store.claims import Claim
from portal.store.history import Event
from portal.store.ledger import account_id, balance, credit_of
from portal.store.ledger_checks import verify
from portal.store.pauses import open_pauses
from portal.store.refunds import Refund
from portal.store.settings import creditor_by_id
from portal.store.today import Task
from portal.web.parts import Parts
from portal.worker import Worker
from tests.examples import ADAM, DORA, LENA, VELO, Clock
from tests.paying import Till, till

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path) as running:
        yield running


def paid(shop: Till, minor: int) -> UUID:
    """Dora has paid this much through the provider; which attempt it was."""
    shop.pays(shop.session_of(shop.starts(VELO, DORA.claim_id, minor)))
    shop.delivers()
    return shop.attempts(DORA.claim_id)[-1].id


def works(shop: Till) -> None:
    Worker(shop.parts, wall=lambda: datetime.now(UTC)).drain()


def by(clerk_id: UUID) -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk_id)


def asks(
    shop: Till, attempt: UUID | None, minor: int, *, clerk_id: UUID = LENA, op: UUID | None = None, **more: Any
) -> UUID:
    """A lead asks for a refund; its id."""
    way = RefundWay.ORIGINAL if attempt is not None else RefundWay.TRANSFER
    with shop.database.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        wish = Wish(way, attempt, Money(minor, "CHF"), RefundReason.PAID_TOO_MUCH, shop.clock.today)
        row = refunds.ask(
            session, claim, creditor_by_id(session, VELO), wish, op=op or uuid4(), actor=by(clerk_id), now=shop.clock(),
            seen_minor=more.get("seen", refunds.left_in_all(session, claim)), today=shop.clock.today,
        )  # fmt: skip
        return row.id


def decides(shop: Till, refund_id: UUID, clerk_id: UUID, *, agree: bool = True) -> None:
    with shop.database.writing() as session:
        row = session.get_one(Refund, refund_id)
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        if agree:
            firm = creditor_by_id(session, VELO)
            refunds.approve(session, claim, firm, row, actor=by(clerk_id), now=shop.clock(), today=shop.clock.today)
        else:
            refunds.decline(session, claim, row, actor=by(clerk_id), now=shop.clock())


def state(shop: Till, refund_id: UUID) -> str:
    with shop.database.reading() as session:
        return session.get_one(Refund, refund_id).status


def read(shop: Till, question: Any) -> Any:
    with shop.database.reading() as session:
        return question(session)


def tasks(shop: Till) -> list[str]:
    return list(
        read(shop, lambda s: list(s.scalars(select(Task.kind).where(Task.done_at.is_(None)).order_by(Task.kind))))
    )


def at_stripe(shop: Till) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.standin.switches.everything()["objects"]["refund"]
    return found


def sound(shop: Till) -> bool:
    return bool(read(shop, verify) == [])


def happened(shop: Till, kind: EventKind) -> int:
    query = select(Event).where(Event.claim_id == DORA.claim_id, Event.kind == kind.value)
    return len(read(shop, lambda s: list(s.scalars(query))))


def test_a_part_goes_back_to_where_it_came_from_and_the_case_is_open_again(shop: Till) -> None:
    owed = shop.owed(DORA.claim_id)
    attempt = paid(shop, owed)
    op = uuid4()
    refund = asks(shop, attempt, 3000, op=op)
    assert (state(shop, refund), at_stripe(shop)) == ("approved", [])
    assert asks(shop, attempt, 3000, op=op) == refund
    works(shop)
    shop.delivers()
    works(shop)
    assert state(shop, refund) == "succeeded"
    assert [one["amount"] for one in at_stripe(shop)] == [3000]
    assert (shop.owed(DORA.claim_id), shop.status(DORA.claim_id)) == (3000, "open")
    assert happened(shop, EventKind.PAYMENT_REFUNDED) == 1
    assert sound(shop)


def test_the_debtors_credit_goes_first_and_settles_nothing_anew(shop: Till) -> None:
    attempt = paid(shop, shop.owed(DORA.claim_id))
    overpaid(shop, 6000)
    asks(shop, attempt, 6500)
    works(shop)
    assert (credit(shop), shop.owed(DORA.claim_id), tasks(shop)) == (0, 500, [])
    assert sound(shop)


def test_never_more_than_the_payment_has_left_counting_what_is_promised(shop: Till) -> None:
    attempt = paid(shop, 5000)
    asks(shop, attempt, 4000)
    with pytest.raises(RefundRefused) as refused:
        asks(shop, attempt, 1001)
    assert refused.value.problems == [RefundProblem.MORE_THAN_PAID]
    with pytest.raises(MoveNotAllowed):
        asks(shop, attempt, 500, seen=5000)
    works(shop)
    asks(shop, attempt, 1000)
    works(shop)
    assert sum(one["amount"] for one in at_stripe(shop)) == 5000
    assert sound(shop)


def test_above_the_limit_another_person_agrees_and_nobody_to_an_own_request(shop: Till) -> None:
    with shop.database.writing() as session:
        creditor_by_id(session, VELO).lead_refund_minor = 2000
    attempt = paid(shop, 5000)
    small = asks(shop, attempt, 1500)
    refund = asks(shop, attempt, 1000)  # together above the limit
    assert (state(shop, small), state(shop, refund)) == ("approved", "requested")
    with pytest.raises(RefundRefused) as refused:
        decides(shop, refund, LENA)
    assert refused.value.problems == [RefundProblem.OWN_REQUEST]
    works(shop)
    assert len(at_stripe(shop)) == 1
    decides(shop, refund, ADAM)
    decides(shop, refund, ADAM)
    works(shop)
    assert state(shop, refund) == "succeeded"
    other = asks(shop, attempt, 1000)
    decides(shop, other, LENA, agree=False)
    assert state(shop, other) == "declined"
    with pytest.raises(MoveNotAllowed):
        decides(shop, other, ADAM)
    works(shop)
    assert sum(one["amount"] for one in at_stripe(shop)) == 2500


@pytest.mark.parametrize("done", [True, False])
def test_F21_a_refund_whose_answer_is_lost_is_unknown_and_made_once(shop: Till, done: bool) -> None:
    attempt = paid(shop, 5000)
    refund = asks(shop, attempt, 2000)
    lost = {"kind": "drop", "path": "/v1/refunds", "method": "POST", "done": done}
    shop.standin.switches.set({"faults": [lost]})
    works(shop)
    assert (state(shop, refund), len(at_stripe(shop))) == ("unknown", int(done))
    shop.standin.switches.set({"reset": True})
    shop.moves(hours=30)  # the key may be forgotten by now; the list is not
    works(shop)
    assert (state(shop, refund), len(at_stripe(shop))) == ("succeeded", 1)
    assert happened(shop, EventKind.PAYMENT_REFUNDED) == 1
    shop.delivers()
    works(shop)
    assert len(at_stripe(shop)) == 1
    assert happened(shop, EventKind.PAYMENT_REFUNDED) == 1
    assert sound(shop)


def test_F22_a_refund_that_fails_later_is_a_counter_entry_and_a_task(shop: Till) -> None:
    attempt = paid(shop, owed := shop.owed(DORA.claim_id))
    refund = asks(shop, attempt, 3000)
    works(shop)
    assert shop.owed(DORA.claim_id) == 3000
    shop.standin.switches.refund({"refund": at_stripe(shop)[0]["id"], "status": "failed"})
    shop.delivers()
    assert (state(shop, refund), shop.owed(DORA.claim_id), shop.status(DORA.claim_id)) == ("failed", 0, "settled")
    assert tasks(shop) == ["refund_failed"]
    again = asks(shop, attempt, owed)
    works(shop)
    assert state(shop, again) == "succeeded"
    assert sound(shop)


def test_what_the_provider_refuses_is_failed_with_its_reason_and_a_task(shop: Till) -> None:
    attempt = paid(shop, 5000)
    intent = shop.attempts(DORA.claim_id)[0].pi_id
    refund = asks(shop, attempt, 5000)
    shop.standin.switches.refund({"payment_intent": intent})  # somebody was faster in Stripe's own dashboard
    works(shop)
    assert (state(shop, refund), tasks(shop)) == ("failed", ["refund_failed"])
    assert read(shop, lambda s: s.get_one(Refund, refund).failure) == "charge_already_refunded"


def test_credit_returned_by_transfer_is_booked_and_taken_back_once(shop: Till) -> None:
    paid(shop, shop.owed(DORA.claim_id))
    with pytest.raises(RefundRefused) as refused:
        asks(shop, None, 500)
    assert refused.value.problems == [RefundProblem.MORE_THAN_CREDIT]
    overpaid(shop, 6000)
    refund = asks(shop, None, 4000)
    assert (state(shop, refund), credit(shop)) == ("succeeded", 2000)
    assert read(shop, lambda s: balance(s, account_id(VELO, AccountKind.BANK_CLEARING, "CHF"))) == 2000
    assert tasks(shop) == ["refund_credit"]
    takes_back(shop, refund)
    with pytest.raises(RefundRefused):
        takes_back(shop, refund)
    assert (state(shop, refund), credit(shop)) == ("reversed", 6000)
    assert sound(shop)


def test_credit_goes_back_on_no_day_before_it_was_there(shop: Till) -> None:
    overpaid(shop, shop.owed(DORA.claim_id) + 6000)
    with shop.database.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        wish = Wish(
            RefundWay.TRANSFER, None, Money(6000, "CHF"), RefundReason.PAID_TOO_MUCH,
            shop.clock.today - timedelta(days=1),
        )  # fmt: skip
        with pytest.raises(RefundRefused) as refused:
            refunds.ask(
                session, claim, creditor_by_id(session, VELO), wish, op=uuid4(), actor=by(LENA), now=shop.clock(),
                seen_minor=refunds.left_in_all(session, claim), today=shop.clock.today,
            )  # fmt: skip
    assert refused.value.problems == [RefundProblem.DATE_BEFORE_CREDIT]
    assert asks(shop, None, 6000)
    assert credit(shop) == 0
    assert sound(shop)


def test_F23_a_dispute_on_a_closed_case_reopens_it_pauses_it_and_tells_the_desk(shop: Till) -> None:
    attempt = paid(shop, owed := shop.owed(DORA.claim_id))
    intent = shop.attempts(DORA.claim_id)[0].pi_id
    shop.standin.switches.dispute({"payment_intent": intent, "state": "withdrawn"})
    shop.standin.switches.dispute({"payment_intent": intent, "state": "lost"})
    shop.delivers()
    shop.delivers()
    assert (shop.owed(DORA.claim_id), shop.status(DORA.claim_id)) == (owed, "open")
    assert tasks(shop) == ["card_dispute", "dispute_lost"]
    held = read(shop, lambda s: open_pauses(s, VELO, DORA.claim_id, shop.clock.today))
    assert [(row.reason, row.stops_letters) for row in held] == [("chargeback", True)]
    with pytest.raises(RefundRefused):
        asks(shop, attempt, 100)
    assert sound(shop)


def takes_back(shop: Till, refund_id: UUID) -> None:
    with shop.database.writing() as session:
        row = session.get_one(Refund, refund_id)
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        firm = creditor_by_id(session, VELO)
        refunds.take_back(session, claim, firm, row, actor=by(LENA), now=shop.clock(), today=shop.clock.today)


def credit(shop: Till) -> int:
    return int(read(shop, lambda s: credit_of(s, VELO, DORA.claim_id, "CHF")))


def overpaid(shop: Till, minor: int) -> None:
    """So much more has come by transfer than was owed."""
    found = Found(Money(minor, "CHF"), shop.clock.today, "", NoteCode.BANK_TRANSFER)
    with shop.database.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        bookings.book(
            session, claim, found, op=uuid4(), seen_minor=None, actor=by(LENA), now=shop.clock(), today=shop.clock.today
        )
