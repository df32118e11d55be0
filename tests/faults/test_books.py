"""Faults that only comparing the books finds, and money that goes back: F15, F16, F21 to F23, F27, F28."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portal import comparisons
from portal.actions import refunds
from portal.actions.reconciliation import books, compare_balance, fetch_events
from portal.actions.refunds import Wish
from portal.daily import run_daily
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.payments import AccountKind, EntryKind
from portal.rules.refunds import RefundReason, RefundWay
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.jobs import Job
from portal.store.ledger import Entry
from portal.store.ledger_dump import canonical
from portal.store.letters import Letter
from portal.store.refunds import Refund
from portal.store.settings import creditor_by_id
from portal.worker import Worker
from tests.examples import DORA, LENA, START, VELO
from tests.faults.looks import SQLITE, account, asks, booked, inbox, pays, sound, statuses, tasks
from tests.paying import Till

pytestmark = [pytest.mark.slow, SQLITE]


def compares(shop: Till, since: datetime | None = None) -> int:
    return compare_balance(books(shop.database, shop.gateway, VELO, now=shop.clock()), since=since)


def at_stripe(shop: Till) -> int:
    """What the account holds by Stripe's own books."""
    rows = shop.standin.switches.everything()["objects"]["balance_transaction"]
    return sum(row["net"] for row in rows if row["_account"] == "acct_velo")


def test_f15_no_webhook_for_four_days(shop: Till) -> None:
    """R1 books each payment within 15 minutes; R2 and R3 find the rest: refunds in the dashboard, disputes, fees."""
    before = shop.owed(DORA.claim_id)
    intents = []
    for day in range(4):
        intents.append(pays(shop, 3000))
        shop.moves(minutes=15)
        asks(shop)
        assert statuses(shop) == ["paid"] * (day + 1)
        shop.moves(days=1)
    shop.standin.switches.refund({"payment_intent": intents[0], "amount": 1000})
    shop.standin.switches.dispute({"payment_intent": intents[1], "state": "withdrawn"})
    interest = shop.owed(DORA.claim_id) - (before - 4 * 3000)
    fetch_events(books(shop.database, shop.gateway, VELO, now=shop.clock()))
    shop.works()
    assert shop.owed(DORA.claim_id) == before + interest - 4 * 3000 + 1000 + 3000
    compares(shop)  # what is older than three days is completed, and nothing has to be booked any more
    assert (compares(shop), booked(shop), booked(shop, EntryKind.SUSPENSE)) == (0, 4, 0)
    assert (account(shop, AccountKind.PROVIDER_CLEARING), set(inbox(shop))) == (at_stripe(shop), {"done"})
    assert sound(shop)


def test_f16_events_are_needed_that_stripe_has_forgotten(shop: Till) -> None:
    """After the restore of an old backup R3 reads the balance from the backup's day on: all of it is booked."""
    backup = shop.clock()
    intent = pays(shop)
    shop.moves(minutes=30)
    shop.standin.switches.refund({"payment_intent": intent, "amount": 2000})
    before = shop.owed(DORA.claim_id)
    shop.moves(days=40)
    for event in shop.standin.state.things["event"].values():
        event["created"] = 0  # older than 30 days: Stripe lists it no more
    assert fetch_events(books(shop.database, shop.gateway, VELO, now=shop.clock())) == 0
    assert compares(shop, since=backup) == 1
    with shop.database.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        assert claim_sum(session, claim, on=backup.date()).open.minor <= before
    assert (booked(shop), booked(shop, EntryKind.REFUND)) == (1, 1)
    assert (account(shop, AccountKind.PROVIDER_CLEARING), sound(shop)) == (at_stripe(shop), True)


def asks_back(shop: Till, minor: int) -> UUID:
    """A lead gives this much of the last payment back; the refund's id."""
    attempt = shop.attempts(DORA.claim_id)[-1].id
    with shop.database.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        wish = Wish(RefundWay.ORIGINAL, attempt, Money(minor, "CHF"), RefundReason.PAID_TOO_MUCH, shop.clock.today)
        row = refunds.ask(
            session, claim, creditor_by_id(session, VELO), wish, op=uuid4(),
            actor=Actor(ActorKind.CLERK, clerk_id=LENA), now=shop.clock(), today=shop.clock.today,
            seen_minor=refunds.left_in_all(session, claim),
        )  # fmt: skip
        return row.id


def works(shop: Till) -> None:
    Worker(shop.parts, wall=lambda: datetime.now(UTC)).drain()


def refund_state(shop: Till, refund_id: UUID) -> str:
    with shop.database.reading() as session:
        return session.get_one(Refund, refund_id).status


def test_f21_the_answer_to_a_refund_is_lost(shop: Till) -> None:
    """The refund is unknown, the same key is tried again, and there is never a second one."""
    pays(shop)
    shop.delivers()
    before = shop.owed(DORA.claim_id)
    lost = {"kind": "drop", "path": "/v1/refunds", "method": "POST", "done": True}
    shop.standin.switches.set({"faults": [lost]})
    refund = asks_back(shop, 2000)
    works(shop)
    assert refund_state(shop, refund) == "unknown"
    shop.standin.switches.set({"reset": True})
    shop.moves(minutes=10)
    works(shop)
    shop.delivers()
    assert len(shop.standin.switches.everything()["objects"]["refund"]) == 1
    assert (refund_state(shop, refund), shop.owed(DORA.claim_id)) == ("succeeded", before + 2000)


def test_f22_a_refund_fails_later(shop: Till) -> None:
    """A counter entry puts the money back on the claim, and the desk has a task."""
    intent = pays(shop)
    shop.delivers()
    before = shop.owed(DORA.claim_id)
    refund = shop.standin.switches.refund({"payment_intent": intent, "amount": 2000})
    shop.delivers()
    shop.standin.switches.refund({"refund": refund["id"], "status": "failed"})
    shop.delivers()
    assert (shop.owed(DORA.claim_id), tasks(shop)) == (before, ["refund_failed"])
    assert sound(shop)


def test_f23_a_dispute_is_lost_after_the_case_was_closed(shop: Till) -> None:
    """The case reopens by an entry, the desk has tasks, and no letter goes out by itself."""
    owed = shop.owed(DORA.claim_id)
    intent = pays(shop, owed)
    shop.delivers()
    assert shop.status(DORA.claim_id) == "settled"
    with shop.database.reading() as session:
        letters = session.scalar(select(func.count()).select_from(Letter))
    shop.standin.switches.dispute({"payment_intent": intent, "state": "withdrawn"})
    shop.standin.switches.dispute({"payment_intent": intent, "state": "lost"})
    shop.delivers()
    assert (shop.owed(DORA.claim_id), shop.status(DORA.claim_id)) == (owed, "open")
    assert "card_dispute" in tasks(shop)
    with shop.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == letters
    assert (booked(shop, EntryKind.CHARGEBACK), sound(shop)) == (1, True)


def test_f27_the_clock_jumps_back_an_hour(shop: Till) -> None:
    """Order is by number, nothing falls due twice: one job per hour and day, the cursor stays, the ledger is sound."""
    comparisons.queue_due(shop.parts, now=shop.clock())
    shop.clock.to(START.date() + timedelta(days=1), hour=3)
    shop.moves()
    comparisons.queue_due(shop.parts, now=shop.clock())
    queued = jobs_of(shop)
    pays(shop)
    shop.delivers()
    shop.moves(hours=-1)
    comparisons.queue_due(shop.parts, now=shop.clock())
    pays(shop, 4000)
    shop.delivers()
    run_daily(shop.database, now=shop.clock())
    shop.moves(hours=1)
    comparisons.queue_due(shop.parts, now=shop.clock())
    added = jobs_of(shop) - queued
    assert {key.partition(":")[0] for key in added} == {"events"}
    assert len(jobs_of(shop)) == len(queued) + len(added)
    with shop.database.reading() as session:
        paid = select(Entry.recorded_at).where(Entry.kind == EntryKind.PAYMENT.value).order_by(Entry.seq)
        moments = list(session.scalars(paid))
    assert moments != sorted(moments)
    assert sound(shop)


def jobs_of(shop: Till) -> set[str]:
    with shop.database.reading() as session:
        return set(session.scalars(select(Job.dedupe_key)))


@contextmanager
def copy_of(file: Path, name: str) -> Iterator[Database]:
    target = file.with_name(name)
    shutil.copyfile(file, target)
    database = Database(f"sqlite:///{target}")
    yield database
    database.close()


def test_f28_the_days_run_comes_twice_or_three_days_late(database_url: str) -> None:
    """The same ledger, and the same interest, whether it ran each day twice or once at the end."""
    file = Path(database_url.removeprefix("sqlite:///"))

    def said(database: Database) -> tuple[list[str], Any]:
        with database.reading() as session:
            claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
            day = START.date() + timedelta(days=3)
            return canonical(session), claim_sum(session, claim, on=day).open

    with copy_of(file, "each.db") as each, copy_of(file, "late.db") as late:
        for days in range(4):
            for _ in range(2):
                run_daily(each, now=START + timedelta(days=days))
        run_daily(late, now=START + timedelta(days=3))
        assert said(each) == said(late)
