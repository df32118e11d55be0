"""Does what is kept beside the ledger come back from it, and is the ledger itself left alone?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, update

from portal.actions import bookings
from portal.actions.bookings import Found
from portal.actions.ledger_rebuild import rebuild
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.payments import NoteCode
from portal.store.claims import Claim
from portal.store.ledger_checks import verify
from portal.store.ledger_dump import canonical
from portal.store.payments import Booking, PaymentAttempt
from portal.store.today import Task
from tests.examples import CLARA, DORA_SECOND, VELO
from tests.people import Portal

CLERK = Actor(ActorKind.CLERK, clerk_id=CLARA)


def book(portal: Portal, minor: int) -> Booking:
    now, today = portal.clock(), portal.clock.today
    with portal.writing() as session:
        found = Found(Money(minor, "CHF"), today, "bank", NoteCode.BANK_TRANSFER)
        claim = session.get_one(Claim, DORA_SECOND.claim_id)
        return bookings.book(session, claim, found, op=uuid4(), seen_minor=None, actor=CLERK, now=now, today=today)


def test_flags_tasks_and_bookings_say_again_what_the_ledger_says(portal: Portal) -> None:
    now, today = portal.clock(), portal.clock.today
    book(portal, 20_000)
    mistake = book(portal, 5_000)
    with portal.writing() as session:
        booking, claim = session.get_one(Booking, mistake.id), session.get_one(Claim, DORA_SECOND.claim_id)
        bookings.take_back(session, claim, booking, actor=CLERK, now=now, today=today)
        session.add(
            PaymentAttempt(
                creditor_id=VELO, claim_id=claim.id, amount_minor=5, currency="CHF", status="open", open_flag=True,
                return_ref="a", language="de", stripe_account="acct_velo", created_at=now, expires_at=now,
            )
        )  # fmt: skip
    before = portal.read(canonical)
    task = select(Task.details).where(Task.kind == "refund_credit", Task.done_at.is_(None))
    told = portal.read(lambda session: session.scalars(task).one())
    with portal.writing() as session:
        session.execute(update(Task).values(details={"minor": 1, "currency": "CHF"}))
        session.execute(update(Booking).where(Booking.id == mistake.id).values(reversed_at=None))
        session.execute(update(PaymentAttempt).values(open_flag=None))
    assert len(portal.read(verify)) == 3
    assert rebuild(portal.parts.database, now=now + timedelta(days=1)) == {
        "task": 1, "booking": 1, "payment_attempt": 1,
    }  # fmt: skip
    assert portal.read(verify) == []
    assert portal.read(canonical) == before
    assert portal.read(lambda session: session.scalars(task).one()) == told
    assert portal.read(lambda session: session.get_one(Booking, mistake.id).reversed_at) == now
    assert not rebuild(portal.parts.database, now=now)
