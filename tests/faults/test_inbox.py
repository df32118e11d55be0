"""Faults between Stripe's webhook and the ledger: F8 to F14, F17, F18, F24 to F26 (`security.md` 3.7)."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal.actions import convergence, jobs, provider_events
from portal.rules.jobs import LEASE, JobKind
from portal.rules.payments import AccountKind, AttemptStatus, EntryKind
from portal.store import ledger as ledger_store
from portal.store.claims import lock
from portal.store.database import Database
from portal.web import webhooks
from portal.worker import Worker
from tests.examples import DORA, VELO
from tests.faults.looks import SQLITE, account, after, booked, crash, dying, inbox, pays, sound, statuses, tasks
from tests.paying import Till, deliver

pytestmark = pytest.mark.slow


def told(shop: Till, app: Flask | None = None, order: int = 1) -> list[int]:
    """Every event so far comes in by HTTP, in this order; the answers."""
    client = (app or shop.app()).test_client()
    return [deliver(client, event).status_code for event in shop.standin.switches.events()[::order]]


@SQLITE
def test_f08_crash_before_the_event_is_kept(shop: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """No 200 and no row: Stripe sends it again, and then it counts."""
    before = shop.owed(DORA.claim_id)
    pays(shop)

    def breaks(*given: Any, **named: Any) -> bool:
        provider_events.receive_event(*given, **named)
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(webhooks, "receive_event", breaks)
        assert set(told(shop)) == {500}
    assert inbox(shop) == []
    assert set(told(shop)) == {200}
    shop.works()
    assert shop.owed(DORA.claim_id) == before - 5000


@SQLITE
def test_f09_crash_after_the_event_is_kept_before_the_answer(shop: Till) -> None:
    """Stripe sends it again: 200, and no second effect."""
    before = shop.owed(DORA.claim_id)
    pays(shop)
    told(shop)  # kept, but as far as Stripe knows nobody has answered
    shop.works()
    assert set(told(shop)) == {200}
    shop.works()
    assert (shop.owed(DORA.claim_id), booked(shop), set(inbox(shop))) == (before - 5000, 1, {"done"})


def test_f10_crash_while_booking(shop: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is half booked, the event still waits, and the next worker books it."""
    before = shop.owed(DORA.claim_id)
    pays(shop)
    told(shop)
    for place in ("_settle_status", "book_fee"):
        with dying(monkeypatch, convergence, place, crash):
            shop.works()
        assert (shop.owed(DORA.claim_id), booked(shop), set(inbox(shop))) == (before, 0, {"received"})
    shop.works()
    assert (shop.owed(DORA.claim_id), booked(shop), sound(shop)) == (before - 5000, 1, True)


@SQLITE
def test_f11_crash_after_booking(shop: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is done: the event with the money, in one transaction; the next worker finds nothing to do."""
    before = shop.owed(DORA.claim_id)
    pays(shop)
    told(shop)
    with dying(monkeypatch, provider_events, "converge", after(provider_events.converge)):
        shop.works()
    assert (shop.owed(DORA.claim_id), set(inbox(shop))) == (before - 5000, {"done"})
    assert provider_events.drain_events(shop.database, shop.gateway, now=shop.clock()) == 0
    assert booked(shop) == 1


def test_f12_the_same_event_three_times_on_two_workers(shop: Till) -> None:
    """One row, one entry."""
    before = shop.owed(DORA.claim_id)
    pays(shop)
    app = shop.app()
    with ThreadPoolExecutor(3) as senders:
        answers = list(senders.map(lambda _: told(shop, app), range(3)))
    assert {status for some in answers for status in some} == {200}
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda _: shop.works(), range(2)))
    shop.moves(minutes=1)
    shop.works()
    assert (shop.owed(DORA.claim_id), booked(shop), set(inbox(shop))) == (before - 5000, 1, {"done"})
    assert sound(shop)


@SQLITE
def test_f13_the_refund_is_heard_of_before_the_payment(shop: Till) -> None:
    """Both are booked, the payment first, from what the object says."""
    before = shop.owed(DORA.claim_id)
    intent = pays(shop)
    shop.standin.switches.refund({"payment_intent": intent, "amount": 2000})
    first = next(event for event in shop.standin.switches.events() if event["type"] == "charge.refunded")
    assert deliver(shop.app().test_client(), first).status_code == 200
    shop.works()
    assert (shop.owed(DORA.claim_id), booked(shop), booked(shop, EntryKind.REFUND)) == (before - 3000, 1, 1)
    told(shop, order=-1)
    shop.works()
    assert (shop.owed(DORA.claim_id), booked(shop), booked(shop, EntryKind.REFUND)) == (before - 3000, 1, 1)


@SQLITE
def test_f14_succeeded_after_an_earlier_card_failed(shop: Till) -> None:
    """The money wins, and the failure that is told last takes nothing away."""
    before = shop.owed(DORA.claim_id)
    page = shop.session_of(shop.starts(VELO, DORA.claim_id, 5000))
    shop.pays(page, outcome="failed")
    shop.pays(page)
    told(shop, order=-1)
    shop.works()
    assert (shop.owed(DORA.claim_id), statuses(shop)) == (before - 5000, [AttemptStatus.PAID])


@SQLITE
def test_f17_a_valid_event_with_a_wrong_amount_or_account(shop: Till) -> None:
    """Suspense and a task for the amount; an event of another firm's account moves nothing. The claim is unchanged."""
    before = shop.owed(DORA.claim_id)
    shop.pays(shop.session_of(shop.starts(VELO, DORA.claim_id, 5000)), amount=4000)
    event = next(one for one in shop.standin.switches.events() if one["type"] == "payment_intent.succeeded")
    stolen = {**event, "id": "evt_stolen", "account": "acct_rochat"}
    assert deliver(shop.app().test_client(), stolen).status_code == 200
    shop.works()
    assert (inbox(shop), account(shop, AccountKind.SUSPENSE), booked(shop)) == (["ignored"], 0, 0)
    shop.delivers()
    assert (shop.owed(DORA.claim_id), account(shop, AccountKind.SUSPENSE), tasks(shop)) == (before, -4000, ["suspense"])
    assert sound(shop)


@SQLITE
def test_f18_an_event_of_the_wrong_mode(shop: Till, caplog: pytest.LogCaptureFixture) -> None:
    """Stored as ignored, told in the log, nothing booked."""
    pays(shop)
    event = {**shop.standin.switches.events()[0], "livemode": True}
    with caplog.at_level(logging.ERROR, "portal.payments"):
        assert deliver(shop.app().test_client(), event).status_code == 200
    shop.works()
    assert (inbox(shop), booked(shop)) == (["ignored"], 0)
    assert "wrong mode" in caplog.text


@SQLITE
@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql+psycopg://nobody@127.0.0.1:9/none"])
def test_f24_the_database_is_away_when_a_webhook_comes(shop: Till, url: str) -> None:
    """5xx in less than 2 s, so that Stripe sends it again; the readiness page says it, too."""
    pays(shop)
    app = shop.app()
    away = Database(url)
    app.extensions["portal"] = replace(shop.parts, database=away)
    began = time.perf_counter()
    assert {deliver(app.test_client(), event).status_code // 100 for event in shop.standin.switches.events()[:1]} == {5}
    assert app.test_client().get("/readyz").status_code >= 500
    assert time.perf_counter() - began < 2
    app.extensions["portal"] = shop.parts
    assert set(told(shop, app)) == {200}
    away.close()


@SQLITE
def test_f25_the_disk_is_full_while_booking(shop: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is rolled back and the event stays; the same worker books it once there is room again."""
    before = shop.owed(DORA.claim_id)
    pays(shop)
    told(shop)
    worker = Worker(shop.parts, wall=lambda: datetime.now(UTC))

    def full(*given: Any, **named: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(ledger_store, "_write_one", full)
        patch.setattr(jobs, "enqueue", full)
        assert worker.drain() == 0
    assert (shop.owed(DORA.claim_id), booked(shop), set(inbox(shop))) == (before, 0, {"received"})
    shop.moves(seconds=11)
    worker.drain()
    assert (shop.owed(DORA.claim_id), booked(shop), sound(shop)) == (before - 5000, 1, True)


def test_f26_a_worker_dies_with_the_lock(shop: Till) -> None:
    """The lock goes with its connection, the job's lease runs out: another worker does both."""
    before = shop.owed(DORA.claim_id)
    pays(shop)
    told(shop)
    with shop.database.writing() as session:
        jobs.enqueue(session, JobKind.SWEEP, "sweep:dying", {}, now=shop.clock())
    assert jobs.take(shop.database, now=shop.clock()) is not None
    dying = shop.database.open_writing()
    lock(dying, VELO, DORA.claim_id)
    driver: Any = dying.connection().connection.driver_connection
    driver.close()
    shop.works()
    assert (shop.owed(DORA.claim_id), sound(shop)) == (before - 5000, True)
    assert jobs.take(shop.database, now=shop.clock()) is None
    again = jobs.take(shop.database, now=shop.clock() + LEASE)
    assert again is not None
    assert again.attempts == 2
    dying.invalidate()
