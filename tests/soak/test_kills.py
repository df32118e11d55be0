"""Is no acknowledged payment lost and none doubled, whichever process dies at whichever moment (issue 3, show 3)?

`KILLS` (200) times `kill -9` of the web server, one of its workers or the worker, while eight people pay at the
stand-in. `KILL_SEED` repeats a run's choices; the moments are the machine's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import requests
import stripe
from sqlalchemy import func, select

from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.provider_events import drain_events, reconcile_attempts
from portal.demo.standin import Account, StandIn
from portal.demo.standin.refusals import Refused
from portal.gateways.stripe_client import StripeClientGateway
from portal.rules.claims import Basis, PositionKind
from portal.rules.history import system
from portal.rules.money import Money
from portal.rules.payments import AccountKind
from portal.store.access import SignedIn
from portal.store.database import Database
from portal.store.ledger import Account as LedgerAccount
from portal.store.ledger import Entry, Posting
from portal.store.ledger_checks import verify
from portal.store.payments import PaymentAttempt, ProviderEvent
from portal.store.people import Debtor
from portal.store.settings import Creditor
from tests.examples import CLARA, DORA, VELO, WEBHOOK_SECRET
from tests.services.postgres import free_port
from tests.soak.processes import Running, environment, wait_for

pytestmark = pytest.mark.soak

KILLS = int(os.environ.get("KILLS", "200"))
PAYERS, CLAIMS = 8, 8
PRINCIPAL = 50_000_000
#: After so many kills somebody must have paid before the next one.
PATIENT = 3
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
FIELD = re.compile(r'(name|value)="([^"]*)"')


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def claims_of_dora(database: Database) -> list[str]:
    """So many large claims without interest; their references."""
    today = now().date()
    lines = (NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(PRINCIPAL, "CHF"), today),)
    made = []
    with database.writing() as session:
        creditor, debtor = session.get_one(Creditor, VELO), session.get_one(Debtor, DORA.debtor_id)
        for number in range(CLAIMS):
            new = NewClaim(f"K-{number}", "Velo", f"K-{number}", today, today, today, "CHF", lines)
            open_claim(session, creditor, debtor, CLARA, new, actor=system("kills"), now=now(), today=today)
            made.append(new.reference)
    return made


def signed_in(database: Database) -> str:
    """The cookie of a debtor who is in."""
    token = secrets.token_urlsafe(32)
    with database.writing() as session:
        session.add(
            SignedIn(
                token_hash=hashlib.sha256(token.encode()).digest(), audience="debtor", creditor_id=VELO,
                debtor_id=DORA.debtor_id, room="file", letters=[], started_at=now(), seen_at=now(), proved_at=now(),
            )
        )  # fmt: skip
    return token


class Payer(threading.Thread):
    """A person who pays small sums, looks again after every error, and remembers what the provider acknowledged."""

    def __init__(
        self, number: int, seed: int, base: str, cookie: str, claims: list[str], standin: StandIn, stop: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.chance = random.Random(seed * 100 + number)
        self.base, self.claims, self.standin, self.stop = base, claims, standin, stop
        self.browser = requests.Session()
        self.browser.cookies.set("s", cookie, domain="127.0.0.1")
        self.paid: list[str] = []
        self.answers: Counter[int] = Counter()

    def run(self) -> None:
        while not self.stop.wait(0.2 + self.chance.random()):
            with suppress(requests.RequestException, Refused):
                self._pay()

    def _pay(self) -> None:
        address = f"{self.base}/claims/{self.chance.choice(self.claims)}/pay"
        page = self.browser.get(address, timeout=10)
        if page.status_code != 200:
            return self._note(page.status_code)
        form = {}
        for field in HIDDEN.findall(page.text):
            found = dict(FIELD.findall(field))
            form[found["name"]] = found.get("value", "")
        form |= {"method": "card", "part": "other", "amount": f"{self.chance.randrange(1, 400)}.00"}
        answer = self.browser.post(address, form, allow_redirects=False, timeout=20, headers={"Origin": self.base})
        self._note(answer.status_code)
        to = answer.headers.get("Location", "")
        if to.startswith(self.standin.base_url):
            session = to.rsplit("/", 1)[1]
            self.standin.switches.pay({"session": session})
            self.paid.append(session)
        return None

    def _note(self, status: int) -> None:
        self.answers[status] += 1


def kill_at_random(
    web: Running, worker: Running, chance: random.Random, database: Database, port: int, payers: list[Payer]
) -> dict[str, int]:
    """`KILLS` times something dies at a random moment, and each time the ledger is true; between them people pay."""
    killed = {"web": 0, "one of the web's": 0, "worker": 0}
    for number in range(KILLS):
        time.sleep(0.2 + 0.8 * chance.random())
        what = chance.choices(list(killed), [1, 3, 4])[0]
        if what == "worker":
            worker.kill()
        elif what == "web" or not web.kill_one(chance):
            what = "web"
            web.kill()
        killed[what] += 1
        with database.reading() as session:
            found = verify(session)
        assert found == [], f"after kill {number + 1} ({what}): {found[:3]}"
        if what == "web":
            wait_for(port)
        if number % PATIENT == PATIENT - 1:
            one_more_pays(payers)
    return killed


def one_more_pays(payers: list[Payer]) -> None:
    """On a slow machine nobody would get through to the provider between two kills otherwise."""
    before, until = sum(len(payer.paid) for payer in payers), time.monotonic() + 60
    while sum(len(payer.paid) for payer in payers) == before and time.monotonic() < until:
        time.sleep(0.05)


def settle(database: Database, standin: StandIn, port: int, chance: random.Random) -> None:
    """Stripe delivers again, but for one event in five; the worker and reconciliation do the rest."""
    standin.webhooks.drain(30)
    for event in standin.switches.events():
        if chance.random() < 0.8:
            body = json.dumps(event)
            header = {"Stripe-Signature": stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, None)}
            address = f"http://127.0.0.1:{port}/webhooks/stripe"
            assert requests.post(address, body.encode(), headers=header, timeout=20).status_code == 200
    gateway = StripeClientGateway("sk_test_tests", standin.base_url)
    until = time.monotonic() + 120
    while time.monotonic() < until:
        drain_events(database, gateway, now=now() + timedelta(minutes=30))
        with database.reading() as session:
            if not session.scalar(select(func.count()).where(ProviderEvent.state == "received")):
                break
    for minutes in (11, 17, 90):
        reconcile_attempts(database, gateway, now=now() + timedelta(minutes=minutes), limit=10_000)


def booked(database: Database) -> dict[UUID, int]:
    """What stands in the ledger of each attempt's money, without fees; minor units."""
    with database.reading() as session:
        rows = session.execute(
            select(Entry.cause_id, func.sum(Posting.amount_minor))
            .join(Posting, Posting.entry_id == Entry.id)
            .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
            .where(LedgerAccount.kind == AccountKind.PROVIDER_CLEARING, Entry.kind != "fee")
            .group_by(Entry.cause_id)
        )
        return {cause: int(minor) for cause, minor in rows}


def test_no_payment_is_lost_or_doubled_when_processes_die(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    seed = int(os.environ.get("KILL_SEED") or secrets.randbelow(10**6))
    chance, port, stop = random.Random(seed), free_port(), threading.Event()
    claims, began = claims_of_dora(database), time.monotonic()
    hook = f"http://127.0.0.1:{port}/webhooks/stripe"
    with StandIn(accounts=[Account("acct_velo")], webhook_url=hook, webhook_secret=WEBHOOK_SECRET) as standin:
        given = environment(database_url, port, standin.base_url, tmp_path)
        web, worker = Running(["serve", "--port", str(port)], given), Running(["worker"], given)
        payers = [
            Payer(number, seed, f"http://127.0.0.1:{port}", signed_in(database), claims, standin, stop)
            for number in range(PAYERS)
        ]
        try:
            wait_for(port)
            for payer in payers:
                payer.start()
            killed = kill_at_random(web, worker, chance, database, port, payers)
            stop.set()
            for payer in payers:
                payer.join(60)
            wait_for(port)
            settle(database, standin, port, chance)
        finally:
            stop.set()
            web.end()
            worker.end()
        totals = {UUID(one["client_reference_id"]): one["captured"] for one in standin.switches.everything()["totals"]}
    acknowledged = {session for payer in payers for session in payer.paid}
    captured = {attempt: minor for attempt, minor in totals.items() if minor}
    assert booked(database) == captured
    with database.reading() as session:
        paid = set(session.scalars(select(PaymentAttempt.session_id).where(PaymentAttempt.status == "paid")))
        assert verify(session) == []
    assert acknowledged <= paid
    assert len(acknowledged) >= KILLS // PATIENT, "people were paying all the time"
    engine = "SQLite" if database.is_sqlite else "PostgreSQL"
    answers: dict[int, int] = {}
    for payer in payers:
        answers = {
            status: answers.get(status, 0) + payer.answers.get(status, 0) for status in {*answers, *payer.answers}
        }
    print(
        f"\n{engine}, seed {seed}: {KILLS} kills ({', '.join(f'{many} {what}' for what, many in killed.items())}), "
        f"{len(acknowledged)} payments acknowledged and booked once, answers {dict(answers)}, "
        f"{time.monotonic() - began:.0f} s"
    )
