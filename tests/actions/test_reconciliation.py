"""Do our books say in the end what Stripe's say, also where nobody told us: lost events, foreign money, payouts?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions import findings
from portal.actions.bank_postings import wait
from portal.actions.payouts import await_at_bank, find_at_bank
from portal.actions.reconciliation import Books, books, compare_balance, fetch_events
from portal.gateways.stripe import StripeDown
from portal.rules.bank import Why
from portal.rules.dates import Calendar
from portal.rules.money import Money
from portal.rules.payments import AccountKind
from portal.rules.reconciliation import Loop
from portal.store.bank import BankFileRow, BankTransaction
from portal.store.jobs import Job
from portal.store.ledger import account_id, balance
from portal.store.ledger_checks import verify
from portal.store.payments import ProviderEvent
from portal.store.reconciliation import Finding, ProviderMovement, ProviderPayout, cursor, cursors, open_findings
from portal.store.settings import BankAccount
from portal.store.today import Task
from portal.web.parts import Parts
from portal.worker import Worker
from tests.examples import CLARA, DORA, LENA, START, VELO, Clock
from tests.paying import Till, deliver, till

pytestmark = pytest.mark.slow
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FEE_OF_50 = 5000 * 290 // 10_000 + 30


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path) as running:
        yield running


def ours(shop: Till) -> Books:
    return books(shop.database, shop.gateway, VELO, now=shop.clock())


def account(shop: Till, kind: AccountKind) -> int:
    with shop.database.reading() as session:
        return balance(session, account_id(VELO, kind, "CHF"))


def found(shop: Till) -> list[tuple[str, int | None]]:
    with shop.database.reading() as session:
        return [(row.kind, row.minor) for row in open_findings(session, VELO, limit=50)]


def tasks(shop: Till) -> list[tuple[str, dict[str, object]]]:
    with shop.database.reading() as session:
        rows = session.scalars(select(Task).where(Task.done_at.is_(None)).order_by(Task.kind))
        return [(row.kind, row.details) for row in rows]


def sound(shop: Till) -> bool:
    with shop.database.reading() as session:
        return [str(one) for one in verify(session)] == []


def pays(shop: Till, minor: int = 5000) -> str:
    address = shop.starts(VELO, DORA.claim_id, minor)
    return str(shop.pays(shop.session_of(address))["payment_intent"])


def foreign(shop: Till, minor: int = 4200) -> str:
    """Somebody pays for something the firm sells elsewhere with the same account."""
    made = shop.gateway.create_checkout(
        account="acct_velo", attempt_id=uuid4(), amount=Money(minor, "CHF"), label="Laden", locale="de",
        methods=("card",), success_url="http://127.0.0.1/", cancel_url="http://127.0.0.1/",
        expires_at=shop.clock() + timedelta(hours=1),
    )  # fmt: skip
    return str(shop.pays(made.id)["payment_intent"])


def stripe_holds(shop: Till) -> int:
    """What the account holds by Stripe's own books."""
    rows = shop.standin.switches.everything()["objects"]["balance_transaction"]
    return sum(row["net"] for row in rows if row["_account"] == "acct_velo")


def at_the_bank(session: Session, minor: int, day: date, file_id: UUID | None = None) -> BankTransaction:
    """A file of the bank shows this much money that no case claims."""
    if file_id is None:
        file_id = uuid4()
        session.add(
            BankFileRow(
                id=file_id, creditor_id=VELO, name="konto.xml", sha256=b"x" * 32, kind="camt.053", version="08",
                taken_at=START, booked=0, known=0, unmatched=0, reversed=0, outgoing=0, pending=0,
            )
        )  # fmt: skip
        session.flush()
    own = session.scalars(select(BankAccount.id).where(BankAccount.creditor_id == VELO)).one()
    row = BankTransaction(
        id=uuid4(), creditor_id=VELO, file_id=file_id, account_id=own, identity=str(minor), entry_key=str(minor),
        place=0, whole=True, kind="transfer", amount_minor=minor, currency="CHF", credit=True, reversal=False,
        booked_on=day, value_on=day, servicer_ref="", entry_ref="", end_to_end="", reference="", payer="STRIPE",
        payer_iban="", message="", status="new", rounds=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    wait(session, row, Why.NO_REFERENCE, now=START)
    session.flush()
    return row


@SQLITE
def test_events_nobody_delivered_are_fetched_and_the_cursor_waits_for_all(shop: Till) -> None:
    pays(shop)
    before = shop.owed(DORA.claim_id)
    shop.standin.switches.set({"faults": [{"kind": "status", "status": 500, "path": "/v1/events"}]})
    with pytest.raises(StripeDown):
        fetch_events(ours(shop))
    with shop.database.reading() as session:
        assert cursor(session, VELO, Loop.EVENTS) is None
    shop.standin.switches.set({"reset": True})
    assert fetch_events(ours(shop)) == len(shop.standin.switches.events())
    shop.works()
    assert shop.owed(DORA.claim_id) == before - 5000
    shop.moves(hours=3)
    assert fetch_events(ours(shop)) == len(shop.standin.switches.events())
    shop.moves(hours=3)
    assert fetch_events(ours(shop)) == 0
    with shop.database.reading() as session:
        assert set(session.scalars(select(ProviderEvent.state))) == {"done"}


@SQLITE
def test_an_event_that_came_both_ways_waits_once(shop: Till) -> None:
    pays(shop)
    client = shop.app().test_client()
    for event in shop.standin.switches.events():
        deliver(client, event)
    fetch_events(ours(shop))
    with shop.database.reading() as session:
        assert len(session.scalars(select(ProviderEvent)).all()) == len(shop.standin.switches.events())


def test_a_refund_in_the_dashboard_and_a_fee_are_found_in_the_books(shop: Till) -> None:
    intent = pays(shop)
    shop.delivers()
    before = shop.owed(DORA.claim_id)
    shop.moves(hours=1)
    shop.standin.switches.refund({"payment_intent": intent, "amount": 2000})
    shop.standin.switches.payout({"account": "acct_velo", "fee": 700})
    shop.moves(days=1)
    owed = shop.owed(DORA.claim_id) - before
    assert compare_balance(ours(shop)) == 2
    assert shop.owed(DORA.claim_id) == before + owed + 2000
    assert account(shop, AccountKind.PROVIDER_FEE) == FEE_OF_50 + 700
    assert account(shop, AccountKind.PROVIDER_CLEARING) == stripe_holds(shop)
    assert (compare_balance(ours(shop)), found(shop), sound(shop)) == (0, [], True)


@SQLITE
def test_foreign_money_stands_in_suspense_with_its_refund_and_an_owner(shop: Till) -> None:
    intent = foreign(shop)
    before = shop.owed(DORA.claim_id)
    compare_balance(ours(shop))
    assert (shop.owed(DORA.claim_id), account(shop, AccountKind.SUSPENSE)) == (before, -4200)
    assert found(shop) == [("foreign_money", 4200)]
    with shop.database.reading() as session:
        assert session.scalars(select(Finding.owner_id)).all() == [LENA]
    assert tasks(shop) == [("reconciliation", {"open": 1})]
    shop.standin.switches.refund({"payment_intent": intent, "amount": 1200})
    shop.delivers()
    assert (account(shop, AccountKind.SUSPENSE), found(shop)) == (-3000, [("foreign_money", 3000)])
    shop.standin.switches.dispute({"payment_intent": intent, "state": "withdrawn"})
    compare_balance(ours(shop))
    assert (account(shop, AccountKind.SUSPENSE), found(shop), tasks(shop)) == (0, [], [])
    assert account(shop, AccountKind.PROVIDER_CLEARING) == stripe_holds(shop)
    assert sound(shop)


@SQLITE
def test_what_a_clerk_has_closed_comes_up_again_only_with_other_figures(shop: Till) -> None:
    intent = foreign(shop)
    compare_balance(ours(shop))
    with shop.database.writing() as session:
        row = session.scalars(select(Finding)).one()
        findings.take(session, row, clerk_id=CLARA)
        findings.close(session, row, clerk_id=CLARA, now=shop.clock())
    compare_balance(ours(shop))
    assert (found(shop), tasks(shop)) == ([], [])
    shop.standin.switches.refund({"payment_intent": intent, "amount": 1200})
    compare_balance(ours(shop))
    assert found(shop) == [("foreign_money", 3000)]


@SQLITE
def test_a_movement_that_is_no_payment_stands_in_suspense(shop: Till) -> None:
    shop.standin.switches.payout({"account": "acct_velo", "fee": 900, "type": "reserve_transaction"})
    compare_balance(ours(shop))
    assert (found(shop), account(shop, AccountKind.SUSPENSE)) == ([("other_movement", -900)], 900)
    assert (compare_balance(ours(shop)), sound(shop)) == (0, True)


@SQLITE
def test_a_refund_under_way_differs_until_it_has_come_through(shop: Till) -> None:
    """Stripe's balance has fallen, the payer has nothing yet: the claim stays as it is, the rest is held."""
    intent = pays(shop)
    shop.delivers()
    before = shop.owed(DORA.claim_id)
    pending = shop.standin.switches.refund({"payment_intent": intent, "amount": 2000, "status": "pending"})
    compare_balance(ours(shop))
    assert (shop.owed(DORA.claim_id), found(shop)) == (before, [("difference", -2000)])
    assert account(shop, AccountKind.PROVIDER_CLEARING) == stripe_holds(shop)
    shop.standin.switches.refund({"refund": pending["id"], "status": "succeeded"})
    compare_balance(ours(shop))
    assert (shop.owed(DORA.claim_id), found(shop)) == (before + 2000, [])
    assert (account(shop, AccountKind.SUSPENSE), sound(shop)) == (0, True)


def test_a_payout_leaves_stripe_and_is_awaited_at_the_bank(shop: Till) -> None:
    pays(shop)
    foreign(shop)
    shop.delivers()
    (payout,) = shop.standin.switches.payout({"account": "acct_velo"})["made"]
    shop.delivers()
    assert (account(shop, AccountKind.PROVIDER_CLEARING), account(shop, AccountKind.BANK_CLEARING)) == (
        0, payout["amount"],
    )  # fmt: skip
    with shop.database.reading() as session:
        row = session.scalars(select(ProviderPayout)).one()
        assert (row.amount_minor, row.parts_minor, row.status) == (payout["amount"], payout["amount"], "paid")
        assert set(session.scalars(select(ProviderMovement.payout_id))) == {payout["id"]}
        arrives = row.arrives_on
    with shop.database.writing() as session:
        assert await_at_bank(session, VELO, Calendar(), today=arrives + timedelta(days=9), now=shop.clock()) == 0
        line = at_the_bank(session, payout["amount"] + 1, arrives)  # the firm hands its bank's files in from now on
        assert find_at_bank(session, VELO, now=shop.clock()) == 0
    for days, late in ((0, 0), (2, 0), (7, 1)):
        with shop.database.writing() as session:
            day = arrives + timedelta(days=days)
            assert await_at_bank(session, VELO, Calendar(), today=day, now=shop.clock()) == late
    assert ("payout_not_seen", payout["amount"]) in found(shop)
    with shop.database.writing() as session:
        at_the_bank(session, payout["amount"], arrives, line.file_id)
        assert account(shop, AccountKind.SUSPENSE) != 0
        assert [find_at_bank(session, VELO, now=shop.clock()) for _ in range(2)] == [1, 0]
    assert ("payout_not_seen", payout["amount"]) not in found(shop)
    assert account(shop, AccountKind.BANK_CLEARING) == 2 * payout["amount"] + 1
    assert sound(shop)


@SQLITE
def test_a_payout_that_comes_back_stands_at_stripe_again(shop: Till) -> None:
    pays(shop)
    shop.delivers()
    held = account(shop, AccountKind.PROVIDER_CLEARING)
    (payout,) = shop.standin.switches.payout({"account": "acct_velo", "status": "in_transit"})["made"]
    compare_balance(ours(shop))
    assert account(shop, AccountKind.BANK_CLEARING) == held
    shop.standin.switches.payout({"payout": payout["id"], "status": "failed"})
    compare_balance(ours(shop))
    compare_balance(ours(shop))
    assert (account(shop, AccountKind.PROVIDER_CLEARING), account(shop, AccountKind.BANK_CLEARING)) == (held, 0)
    assert (found(shop), sound(shop)) == ([("payout_failed", held)], True)


@SQLITE
def test_the_cursor_never_goes_back(shop: Till) -> None:
    compare_balance(ours(shop))
    shop.moves(hours=-1)
    compare_balance(ours(shop))
    with shop.database.reading() as session:
        assert cursor(session, VELO, Loop.BALANCE) == shop.clock() + timedelta(hours=1)


@SQLITE
def test_the_worker_compares_each_period_once(shop: Till) -> None:
    pays(shop)
    foreign(shop)
    worker = Worker(shop.parts, wall=lambda: datetime.now(UTC))
    before = shop.owed(DORA.claim_id)
    worker.plan()
    worker.drain()
    with shop.database.reading() as session:
        assert set(cursors(session, VELO)) == set(Loop)
        done = session.scalars(select(Job.dedupe_key).where(Job.state == "done")).all()
    worker.plan()
    shop.moves(minutes=5)
    worker.plan()
    worker.drain()
    with shop.database.reading() as session:
        assert session.scalars(select(Job.dedupe_key).where(Job.state == "done")).all() == done
    assert (shop.owed(DORA.claim_id), found(shop)) == (before - 5000, [("foreign_money", 4200)])
