"""Does the ledger say what Stripe says after a storm of webhooks: shuffled, three times each, one in ten forged?

By HTTP to two gunicorn workers while the worker runs, on both engines; the reference is the stand-in's own totals.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import stripe
from sqlalchemy import func, select

from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.provider_events import drain_events
from portal.demo.standin import Account, StandIn
from portal.gateways.stripe_client import StripeClientGateway
from portal.rules.claims import Basis, PositionKind
from portal.rules.history import system
from portal.rules.money import Money
from portal.rules.payments import AccountKind
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.ledger import account_id, balance, credit_of
from portal.store.ledger_checks import verify
from portal.store.payments import PaymentAttempt, ProviderEvent
from portal.store.people import Clerk, Debtor
from portal.store.settings import Creditor
from tests.examples import CARL, CLARA, COLETTE, DORA, KEY, ROCHAT, VELO, WEBHOOK_SECRET, ident

ROOT = Path(__file__).resolve().parent.parent
CREDITORS = ((VELO, CLARA, DORA.debtor_id, "acct_velo"), (ROCHAT, CARL, COLETTE.debtor_id, "acct_rochat"))
THIRD = ident("third creditor")
CLAIMS, SESSIONS_EACH = 21, 10
PRINCIPAL, FEE = 20_000, 2_000
COPIES, SENDERS = 3, 8


def now() -> datetime:
    return datetime.now(UTC)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def two_workers(database_url: str, api_base: str, folder: Path) -> Iterator[str]:
    """The portal in two gunicorn workers on a port of its own, ended by us."""
    port = free_port()
    environment = {
        **os.environ,
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL_SECRET_KEY": "tests only, and long enough for the check",
        "PORTAL_CODE_PEPPERS": KEY,
        "PORTAL_DATA_KEYS": KEY,
        "PORTAL_FILES_URL": f"file://{folder / 'files'}",
        "PORTAL_STRIPE_SECRET_KEY": "sk_test_tests",
        "PORTAL_STRIPE_WEBHOOK_SECRETS": f"whsec_older,{WEBHOOK_SECRET}",
        "PORTAL_STRIPE_API_BASE": api_base,
        "PORTAL_DEMO": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "4"]
    command += ["-b", f"127.0.0.1:{port}", "--log-level", "error", "wsgi:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            if request(port, "GET", "/healthz", b"", {}) == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("gunicorn did not start")


def request(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def standin() -> Iterator[StandIn]:
    accounts = [Account(name) for name in ("acct_velo", "acct_rochat", "acct_third")]
    with StandIn(accounts=accounts, webhook_secret=WEBHOOK_SECRET) as running:
        yield running


def firms(database: Database) -> list[tuple[UUID, UUID, UUID, str]]:
    """Three creditors with a clerk and a debtor each."""
    clerk, debtor = ident("third clerk"), ident("third debtor")
    with database.writing() as session:
        session.add(
            Creditor(
                id=THIRD, slug="garten-weiss", name="Garten Weiss", street="Weg", house_number="1", postcode="3000",
                town="Bern", phone="031 000 00 00", stripe_account="acct_third", number=3,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            Clerk(
                id=clerk, creditor_id=THIRD, email="third@example.org", name="Toni", phone="031 000 00 00", role="lead",
                password_hash="x", totp_seed=b"x",
            )
        )  # fmt: skip
        session.add(
            Debtor(id=debtor, creditor_id=THIRD, name="Dritter", street="Weg", postcode="3000", town="Bern")
        )
    return [*CREDITORS, (THIRD, clerk, debtor, "acct_third")]


def open_claims(database: Database) -> list[tuple[UUID, UUID, str]]:
    """So many claims of CHF 220.00 without interest, spread over the creditors: (claim, creditor, account)."""
    made = []
    today = now().date()
    lines = (
        NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(PRINCIPAL, "CHF"), today),
        NewLine(PositionKind.REMINDER_FEE, Basis.TERMS_CLAUSE, Money(FEE, "CHF"), today),
    )
    everybody = firms(database)
    with database.writing() as session:
        for number in range(CLAIMS):
            creditor_id, clerk, debtor, account = everybody[number % 3]
            reference = f"S-{number}"
            new = NewClaim(reference, "Sturm", reference, today, today, today, "CHF", lines)
            claim = open_claim(
                session, session.get_one(Creditor, creditor_id), session.get_one(Debtor, debtor), clerk, new,
                actor=system("storm"), now=now(), today=today, claim_id=ident(reference),
            )  # fmt: skip
            made.append((claim.id, creditor_id, account))
    return made


def start_sessions(
    database: Database, gateway: StripeClientGateway, claims: list[tuple[UUID, UUID, str]], chance: random.Random
) -> list[str]:
    """Ten pages per claim, each with an attempt that lost its place to the next one."""
    at = now().replace(microsecond=0)
    sessions = []
    attempts = []
    for claim_id, creditor_id, account in claims * SESSIONS_EACH:
        attempt_id, amount = uuid4(), chance.randrange(2, 12) * 500
        page = gateway.create_checkout(
            account=account, attempt_id=attempt_id, amount=Money(amount, "CHF"), label="Rechnung", locale="de",
            methods=["card", "twint"], success_url="http://127.0.0.1/", cancel_url="http://127.0.0.1/",
            expires_at=at + timedelta(hours=1),
        )  # fmt: skip
        sessions.append(page.id)
        attempts.append(
            PaymentAttempt(
                id=attempt_id, creditor_id=creditor_id, claim_id=claim_id, amount_minor=amount, currency="CHF",
                status="expired", open_flag=None, return_ref=str(attempt_id), language="de", stripe_account=account,
                session_id=page.id, created_at=at, expires_at=at + timedelta(hours=1),
            )
        )  # fmt: skip
    with database.writing() as session:
        session.add_all(attempts)
    return sessions


def move_money(standin: StandIn, sessions: list[str], chance: random.Random) -> None:
    """Paid, declined, declined then paid, delayed, left alone; some refunded in part, some taken back by the bank."""
    play = standin.switches
    for session in sessions:
        fate = chance.random()
        if fate < 0.58:
            continue
        if fate < 0.70:
            play.pay({"session": session, "outcome": "failed"})
        if fate < 0.64:
            continue
        if fate > 0.9:
            play.pay({"session": session, "outcome": "processing"})
        intent = play.pay({"session": session, "method": chance.choice(["card", "twint"])})["payment_intent"]
        if chance.random() < 0.25:
            refund = play.refund({"payment_intent": intent, "amount": chance.randrange(1, 3) * 500})
            if chance.random() < 0.3:
                play.refund({"refund": refund["id"], "status": "failed"})
        elif chance.random() < 0.1:
            play.dispute({"payment_intent": intent, "state": "withdrawn"})
            play.dispute({"payment_intent": intent, "state": chance.choice(["reinstated", "lost"])})


def expire_the_rest(gateway: StripeClientGateway, standin: StandIn) -> None:
    state = standin.switches.everything()["objects"]["checkout.session"]
    for one in [one for one in state if one["status"] == "open"][::2]:
        gateway.expire_checkout(one["_account"], one["id"])


def deliveries(events: list[dict[str, Any]], chance: random.Random) -> list[tuple[bytes, str, int]]:
    """Body, signature and the answer that is due: each event three times and one in ten forged, all shuffled."""
    made = []
    for event in events * COPIES:
        body = json.dumps(event).encode()
        made.append((body, _sign(body), 200))
        if chance.random() < 0.11:
            made.append((*_forged(event, chance), 400))
    chance.shuffle(made)
    return made


def _sign(body: bytes, secret: str = WEBHOOK_SECRET, at: int | None = None) -> str:
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, at))


def _forged(event: dict[str, Any], chance: random.Random) -> tuple[bytes, str]:
    fake = {**event, "id": f"evt_forged{chance.randrange(10**9)}"}
    body = json.dumps(fake).encode()
    kind = chance.randrange(4)
    if kind == 0:
        return body, _sign(body, "whsec_wrong")
    if kind == 1:
        return body, _sign(body, at=int(time.time()) - 400)
    if kind == 2:
        other = json.dumps({**fake, "account": "acct_of_somebody_else"}).encode()
        return other, _sign(other)
    return body.replace(b'"livemode"', b'"livemode" '), _sign(body)


def send_all(address: str, storm: list[tuple[bytes, str, int]]) -> list[tuple[int, int]]:
    port = urlsplit(address).port or 0

    def send(one: tuple[bytes, str, int]) -> tuple[int, int]:
        body, header, due = one
        headers = {"Stripe-Signature": header, "Content-Type": "application/json"}
        return request(port, "POST", "/webhooks/stripe", body, headers), due

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(send, storm))


@contextmanager
def working(database: Database, gateway: StripeClientGateway) -> Iterator[None]:
    """The worker empties the inbox in a thread of its own until the block is over, then once more to the end."""
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            if not drain_events(database, gateway, now=now()):
                stop.wait(0.1)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()
    until = time.monotonic() + 60
    while waiting(database) and time.monotonic() < until:
        drain_events(database, gateway, now=now() + timedelta(minutes=10))


def waiting(database: Database) -> int:
    with database.reading() as session:
        query = select(func.count()).select_from(ProviderEvent).where(ProviderEvent.state == "received")
        return int(session.scalar(query) or 0)


@pytest.mark.slow
def test_after_the_storm_the_ledger_says_what_stripe_says(
    database: Database, database_url: str, standin: StandIn, tmp_path: Path
) -> None:
    chance = random.Random(20_261_123)
    gateway = StripeClientGateway("sk_test_tests", standin.base_url)
    claims = open_claims(database)
    sessions = start_sessions(database, gateway, claims, chance)
    move_money(standin, sessions, chance)
    expire_the_rest(gateway, standin)
    events = standin.switches.events()
    storm = deliveries(events, chance)
    assert 1000 <= len(storm) <= 1800
    assert sum(due == 400 for _, _, due in storm) >= 90
    assert len(sessions) >= 200
    with two_workers(database_url, standin.base_url, tmp_path) as address, working(database, gateway):
        answers = send_all(address, storm)
    assert [pair for pair in answers if pair[0] != pair[1]] == []
    with database.reading() as session:
        kept = set(session.scalars(select(ProviderEvent.event_id)))
        assert kept == {event["id"] for event in events}
        assert set(session.scalars(select(ProviderEvent.state))) == {"done"}
        assert verify(session) == []
    compare(database, standin.switches.everything()["totals"], claims)


def compare(database: Database, totals: list[dict[str, Any]], claims: list[tuple[UUID, UUID, str]]) -> None:
    """Per claim and per creditor: the ledger against what Stripe's own figures add up to."""
    with database.reading() as session:
        rows = session.execute(select(PaymentAttempt.id, PaymentAttempt.claim_id, PaymentAttempt.status)).all()
        claim_of = {str(attempt): claim for attempt, claim, _ in rows}
        net = dict.fromkeys([claim for claim, _, _ in claims], 0)
        clearing = {account: 0 for _, _, account in claims}
        for one in totals:
            moved = one["captured"] - one["refunded"] - one["disputed_out"]
            net[claim_of[one["client_reference_id"]]] += moved
            clearing[one["account"]] += moved - one["fee"] - one["dispute_fee"]
        for claim_id, creditor_id, _ in claims:
            due = PRINCIPAL + FEE - net[claim_id]
            found = _positions(session, creditor_id, claim_id)
            assert found == {"principal": min(PRINCIPAL, max(0, due)), "reminder_fee": max(0, due - PRINCIPAL)}
            assert credit_of(session, creditor_id, claim_id, "CHF") == max(0, -due)
            status = session.scalars(select(Claim.status).where(Claim.id == claim_id)).one()
            assert status == ("open" if due > 0 else "settled")
        for _, creditor_id, account in claims:
            assert balance(session, account_id(creditor_id, AccountKind.PROVIDER_CLEARING, "CHF")) == clearing[account]
            assert balance(session, account_id(creditor_id, AccountKind.SUSPENSE, "CHF")) == 0
        paid = {one["client_reference_id"] for one in totals if one["captured"]}
        assert {str(attempt) for attempt, _, status in rows if status == "paid"} == paid


def _positions(session: Any, creditor_id: UUID, claim_id: UUID) -> dict[str, int]:
    claim = session.scalars(select(Claim).where(Claim.id == claim_id)).one()
    return {
        position.kind: balance(
            session, account_id(creditor_id, AccountKind.RECEIVABLE, "CHF", claim_id=claim_id, position_id=position.id)
        )
        for position in claim.positions
    }
