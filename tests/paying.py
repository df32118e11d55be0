"""How do tests let money move? A stand-in over HTTP whose clock follows the test's, and the worker's own steps."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import stripe
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.actions.payments import Wish, start
from portal.actions.provider_events import drain_events
from portal.app import create_app
from portal.demo.standin import Account, StandIn
from portal.gateways.stripe_client import StripeClientGateway
from portal.rules.money import Money
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.payments import PaymentAttempt
from portal.web.parts import Parts
from tests.examples import WEBHOOK_SECRET, Clock, Known

ACCOUNTS = (
    Account("acct_velo", ("CHF", "EUR"), ("card", "twint")),
    Account("acct_rochat", ("CHF",), ("card",)),
)


class Ticking:
    """The stand-in's clock file: it shows what the test's clock shows."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self.file, self.clock = file, clock
        self.follow()

    def follow(self) -> None:
        """Write down how far the test's clock is from the machine's."""
        self.file.write_text(str(round(self.clock().timestamp() - time.time())), encoding="utf-8")


@dataclass
class Till:
    """A portal whose Stripe is the stand-in."""

    parts: Parts
    standin: StandIn
    clock: Clock
    ticking: Ticking
    made: Flask | None = None

    @property
    def database(self) -> Database:
        return self.parts.database

    @property
    def gateway(self) -> StripeClientGateway:
        assert isinstance(self.parts.stripe, StripeClientGateway)
        return self.parts.stripe

    def app(self) -> Flask:
        """The web side of this portal, made once."""
        self.made = self.made or create_app(self.parts.settings, parts=self.parts)
        return self.made

    def moves(self, **by: float) -> None:
        """Time goes on, here and at Stripe."""
        self.clock.move(**by)
        self.ticking.follow()

    def owed(self, claim_id: UUID) -> int:
        """What is open of the claim today, in minor units."""
        with self.database.reading() as session:
            claim = session.scalars(select(Claim).where(Claim.id == claim_id)).one()
            return claim_sum(session, claim, on=self.clock.today).open.minor

    def status(self, claim_id: UUID) -> str:
        with self.database.reading() as session:
            return session.scalars(select(Claim.status).where(Claim.id == claim_id)).one()

    def attempts(self, claim_id: UUID) -> list[PaymentAttempt]:
        """The claim's attempts, the oldest first."""
        with self.database.reading() as session:
            query = select(PaymentAttempt).where(PaymentAttempt.claim_id == claim_id)
            return list(session.scalars(query.order_by(PaymentAttempt.created_at, PaymentAttempt.id)))

    def wish(self, creditor_id: UUID, claim_id: UUID, minor: int, **changes: Any) -> Wish:
        made = Wish(
            creditor_id=creditor_id, claim_id=claim_id, amount=Money(minor, "CHF"), seen_minor=self.owed(claim_id),
            op=uuid4(), language="de", signed_in_id=None, label="Rechnung", base_url="http://127.0.0.1",
        )  # fmt: skip
        return replace(made, **changes)

    def starts(self, creditor_id: UUID, claim_id: UUID, minor: int, **changes: Any) -> str:
        """A person wants to pay this much; the address the browser is sent to."""
        wish = self.wish(creditor_id, claim_id, minor, **changes)
        return start(self.database, self.gateway, wish, now=self.clock(), today=self.clock.today)

    def session_of(self, address: str) -> str:
        return address.rsplit("/", 1)[1]

    def pays(self, session: str, **how: Any) -> dict[str, Any]:
        """The person pays on Stripe's page, without a browser."""
        return self.standin.switches.pay({"session": session, **how})

    def delivers(self, client: FlaskClient | None = None) -> None:
        """Every event so far comes in over the webhook's address, and the worker empties the inbox."""
        browser = client or self.app().test_client()
        for event in self.standin.switches.events():
            assert deliver(browser, event).status_code == 200
        self.works()

    def works(self) -> None:
        """The worker empties the inbox."""
        drain_events(self.database, self.gateway, now=self.clock())


def deliver(client: FlaskClient, event: dict[str, Any], secret: str = WEBHOOK_SECRET, at: int | None = None) -> Any:
    """One signed delivery."""
    body = json.dumps(event, indent=2)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, at)
    return client.post("/webhooks/stripe", data=body.encode(), headers={"Stripe-Signature": header})


@contextmanager
def till(
    parts: Parts, clock: Clock, folder: Path, *, webhooks: Sequence[str] = (), accounts: Sequence[Account] = ACCOUNTS
) -> Iterator[Till]:
    """The stand-in runs on a free port, and this portal's gateway speaks to it."""
    ticking = Ticking(folder / "stripe-clock", clock)
    running = StandIn(
        accounts=accounts, webhook_url=list(webhooks) or None, webhook_secret=WEBHOOK_SECRET, clock=ticking.file
    )
    base = running.start()
    try:
        settings = replace(parts.settings, stripe_api_base=base, stripe_page_origin=base)
        gateway = StripeClientGateway("sk_test_tests", base)
        yield Till(replace(parts, settings=settings, stripe=gateway), running, clock, ticking)
    finally:
        running.stop()


__all__ = ["ACCOUNTS", "Known", "Till", "deliver", "till"]
