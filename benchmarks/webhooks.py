"""How fast is a webhook acknowledged at 50 a second, and how long until 10,000 events stand in the ledger?

`python -m benchmarks.webhooks [EVENTS]`, on both databases: two web workers, two `portal worker` and the stand-in,
all on this machine. Bounds: p99 300 ms on PostgreSQL and 1 s on SQLite; 10,000 events in 5 minutes on two cores.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import stripe
from sqlalchemy import func, select, update

from portal import comparisons
from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.demo.run import Place, place_for
from portal.demo.standin import Account, StandIn
from portal.gateways.stripe_client import StripeClientGateway
from portal.rules.claims import Basis, PositionKind
from portal.rules.history import system
from portal.rules.money import Money
from portal.store.database import Database
from portal.store.jobs import Job
from portal.store.ledger_checks import verify
from portal.store.payments import PaymentAttempt, ProviderEvent
from portal.store.people import Clerk, Debtor
from portal.store.settings import Creditor
from tests import examples
from tests.examples import CLARA, DORA, VELO
from tests.services.postgres import Postgres, free_port

EVENTS, RATE, PACED_SECONDS, SENDERS = 10_000, 50, 20, 12
MOST_SECONDS, MOST_P99 = 300.0, {"PostgreSQL": 0.3, "SQLite": 1.0}
EVENTS_EACH, PAYMENTS_EACH = 3, 2


def main(events: int = EVENTS) -> int:
    """Print one line per engine; 1 if a bound is not kept."""
    good = True
    with tempfile.TemporaryDirectory(prefix="kulanz-webhooks-") as folder:
        server = Postgres(Path(tempfile.mkdtemp(prefix="kulanz-postgres-")))
        try:
            for engine, url in (("PostgreSQL", server.database()), ("SQLite", f"sqlite:///{folder}/portal.db")):
                good = _run(engine, url, Path(folder) / engine, events) and good
        finally:
            server.stop()
    return 0 if good else 1


def _run(engine: str, url: str, folder: Path, events: int) -> bool:
    examples.build(url)
    database = Database(url)
    _compared_already(database)
    accounts = [Account("acct_velo"), Account("acct_rochat", methods=("card",))]
    with StandIn(accounts=accounts, webhook_secret=examples.WEBHOOK_SECRET) as standin:
        _pay(database, standin, events // EVENTS_EACH + 1)
        told = standin.switches.events()[:events]
        place = replace(place_for(folder, free_port(), database_url=url), standin_port=_port(standin.base_url))
        paced = told[: RATE * PACED_SECONDS]
        with _served(place, "portal") as port, _working(place, 2):
            took = sorted(_send(port, paced, RATE))
        with _served(place, "portal") as port:
            _send(port, told[len(paced) :], 0)
        began, waiting, spent = time.perf_counter(), _waiting(database), _cpu()
        with _working(place, 2):
            while _waiting(database):
                time.sleep(0.2)
            seconds = time.perf_counter() - began
        spent = _cpu() - spent
    with database.reading() as session:
        wrong = len(verify(session))
        done = session.scalar(select(func.count()).select_from(ProviderEvent).where(ProviderEvent.state == "done"))
    database.close()
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    per_event = seconds / max(1, waiting) * EVENTS
    print(f"{engine}: {len(took)} webhooks at {RATE}/s: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, "
          f"most {took[-1] * 1000:.0f} ms (bound {MOST_P99[engine] * 1000:.0f})")  # fmt: skip
    print(f"  {waiting:,} events in {seconds:.0f} s, so {EVENTS:,} in {per_event:.0f} s (bound {MOST_SECONDS:.0f}); "
        f"CPU {spent:.0f} s with the stand-in's; "
          f"{done:,} done, {wrong} rows break a rule of the ledger")  # fmt: skip
    return p99 <= MOST_P99[engine] and per_event <= MOST_SECONDS and done == events and not wrong


def _compared_already(database: Database) -> None:
    """The hour's and the day's comparisons are over: here only the inbox is measured."""
    now = datetime.now(UTC)
    for moment in (now, now + timedelta(hours=1)):
        comparisons.queue_due(SimpleNamespace(database=database), now=moment)  # type: ignore[arg-type]
    with database.writing() as session:
        session.execute(update(Job).values(state="done"))


def _pay(database: Database, standin: StandIn, payments: int) -> None:
    """So many payments have been made at the stand-in, two per claim; nobody has told the portal yet."""
    gateway = StripeClientGateway("sk_test_bench", standin.base_url)
    at, chance = datetime.now(UTC).replace(microsecond=0), random.Random(7)
    attempts = []
    for claim_id in _claims(database, payments // PAYMENTS_EACH + 1):
        for _ in range(PAYMENTS_EACH):
            attempt_id, amount = uuid4(), chance.randrange(10, 60) * 100
            page = gateway.create_checkout(
                account="acct_velo", attempt_id=attempt_id, amount=Money(amount, "CHF"), label="Rechnung", locale="de",
                methods=("card",), success_url="http://127.0.0.1/", cancel_url="http://127.0.0.1/",
                expires_at=at + timedelta(hours=1),
            )  # fmt: skip
            standin.switches.pay({"session": page.id})
            attempts.append(
                PaymentAttempt(
                    id=attempt_id, creditor_id=VELO, claim_id=claim_id, amount_minor=amount, currency="CHF",
                    status="expired", return_ref=str(attempt_id), language="de", stripe_account="acct_velo",
                    session_id=page.id, created_at=at, expires_at=at + timedelta(hours=1),
                )
            )  # fmt: skip
    with database.writing() as session:
        session.add_all(attempts)


def _claims(database: Database, count: int) -> list[UUID]:
    today = datetime.now(UTC).date()
    line = NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(20_000, "CHF"), today)
    with database.writing() as session:
        firm, debtor = session.get_one(Creditor, VELO), session.get_one(Debtor, DORA.debtor_id)
        assert session.get(Clerk, CLARA) is not None
        return [
            open_claim(
                session, firm, debtor, CLARA,
                NewClaim(f"B-{number}", "Last", f"B-{number}", today, today, today, "CHF", (line,)),
                actor=system("bench"), now=datetime.now(UTC), today=today,
            ).id
            for number in range(count)
        ]  # fmt: skip


def _send(port: int, events: list[dict[str, Any]], rate: int) -> list[float]:
    """Every event is delivered, at this rate a second from the moment it is due; how long each answer took."""
    began = time.perf_counter() + 0.2
    local = threading.local()

    def one(number: int) -> float:
        due = began + number / rate if rate else time.perf_counter()
        time.sleep(max(0.0, due - time.perf_counter()))
        if not hasattr(local, "line"):
            local.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        body = json.dumps(events[number], indent=2)
        signed = stripe.WebhookSignature.generate_signature_header(body, examples.WEBHOOK_SECRET)
        headers = {"Stripe-Signature": signed, "Content-Type": "application/json"}
        local.line.request("POST", "/webhooks/stripe", body.encode(), headers)
        answer = local.line.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        return time.perf_counter() - due

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(one, range(len(events))))


def _waiting(database: Database) -> int:
    with database.reading() as session:
        query = select(func.count()).select_from(ProviderEvent).where(ProviderEvent.state == "received")
        return int(session.scalar(query) or 0)


def _cpu() -> float:
    """Seconds that this process, which is also the stand-in, and its ended children have worked."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _port(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def _environment(place: Place) -> dict[str, str]:
    return {
        **os.environ, **place.environment, "PORTAL_STRIPE_WEBHOOK_SECRETS": examples.WEBHOOK_SECRET,
        "PORTAL_STRIPE_SECRET_KEY": "sk_test_bench",
    }  # fmt: skip


@contextmanager
def _served(place: Place, what: str) -> Iterator[int]:
    port = free_port()
    environment = {**_environment(place), "PORTAL_BASE_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.serving", what, str(port)], env=environment)
    try:
        for _ in range(300):
            try:
                line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                line.request("GET", "/healthz")
                line.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _working(place: Place, count: int) -> Iterator[None]:
    command = [sys.executable, "-m", "portal.commands", "worker"]
    workers = [
        subprocess.Popen(command, env=_environment(place), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(60)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
