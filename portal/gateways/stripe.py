"""What do we say to Stripe, and what does it tell us: values at the border, and what the one speaker can do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from portal.rules.money import Money


class StripeDown(Exception):
    """Stripe did not answer, or answered that it can't now; nothing is known about what it did."""


class StripeRefused(Exception):
    """Stripe answered that this can't be done, and why (its own code, never shown to people)."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code} {message}".strip())
        self.code = code


class EventForged(Exception):
    """This delivery is not Stripe's: wrong signature, wrong time, or not the shape of an event."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted payment page: its id, its address while it is open, and how far it got."""

    id: str
    url: str | None
    status: str
    payment_status: str
    pi_id: str | None
    client_reference: str | None


@dataclass(frozen=True, slots=True)
class RefundState:
    """One refund of a payment; `ours` is the id of the row it was made for, empty for one made outside the portal."""

    id: str
    ours: str | None
    amount_minor: int
    status: str
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class PaidState:
    """Stripe's cumulative truth about one payment, in minor units (`security.md` 3.4)."""

    pi_id: str
    account: str
    client_reference: str | None
    currency: str
    status: str
    received_minor: int
    refunded_minor: int
    disputed_out_minor: int
    fee_minor: int
    paid_at: datetime | None
    method: str | None
    refunds: tuple[RefundState, ...] = ()
    dispute_lost: bool = False


@dataclass(frozen=True, slots=True)
class AccountState:
    """What a creditor's account at Stripe may do; `due` are Stripe's own words for what is still missing."""

    account: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    methods: frozenset[str]
    due: tuple[str, ...] = ()
    disabled_reason: str | None = None


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """One delivery whose signature, time and shape are right; `raw` is the body as it came."""

    id: str
    account: str
    livemode: bool
    type: str
    created: datetime
    object_id: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of Stripe's own books in minor units; `object_id` is the payment or payout it belongs to, or itself."""

    id: str
    type: str
    object_id: str
    amount_minor: int
    fee_minor: int
    currency: str
    created: datetime

    @property
    def net_minor(self) -> int:
        """By how much the balance changed."""
        return self.amount_minor - self.fee_minor


@dataclass(frozen=True, slots=True)
class PayoutState:
    """Money on its way from Stripe to the creditor's bank, and how far it got, in minor units."""

    id: str
    amount_minor: int
    currency: str
    status: str
    automatic: bool
    created: datetime
    arrives: datetime


@dataclass(frozen=True, slots=True)
class EventTarget:
    """Which payment an event is about, by whatever it names; all empty for what is no payment."""

    session_id: str | None = None
    pi_id: str | None = None
    client_reference: str | None = None


class StripeGateway(Protocol):
    """Everything the portal asks of Stripe; every call names the creditor's account."""

    @property
    def live(self) -> bool: ...

    def offers(self, account: str) -> frozenset[str]: ...

    def account_state(self, account: str) -> AccountState: ...

    def open_account(self, *, creditor_id: UUID, name: str, country: str, website: str) -> str: ...

    def onboarding_page(self, account: str, *, return_url: str, refresh_url: str) -> str: ...

    def create_checkout(
        self,
        *,
        account: str,
        attempt_id: UUID,
        amount: Money,
        label: str,
        locale: str,
        methods: Sequence[str],
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
    ) -> Checkout: ...

    def checkout(self, account: str, session_id: str) -> Checkout: ...

    def find_checkout(self, account: str, attempt_id: UUID, created_after: datetime) -> Checkout | None: ...

    def expire_checkout(self, account: str, session_id: str) -> Checkout: ...

    def paid_state(self, account: str, pi_id: str) -> PaidState: ...

    def create_refund(self, *, account: str, pi_id: str, refund_id: UUID, amount: Money) -> RefundState: ...

    def events_since(self, account: str, since: datetime) -> Iterator[VerifiedEvent]: ...

    def movements_since(self, account: str, since: datetime) -> Iterator[Movement]: ...

    def movements_of_payment(self, account: str, pi_id: str) -> list[Movement]: ...

    def payout(self, account: str, payout_id: str) -> PayoutState: ...

    def movements_of_payout(self, account: str, payout_id: str) -> Iterator[Movement]: ...


def target_of(raw: bytes) -> EventTarget:
    """The payment that a verified event names; its figures are never used, they are fetched."""
    thing: dict[str, Any] = json.loads(raw)["data"]["object"]
    kind = thing.get("object")
    metadata = thing.get("metadata")
    named = _text(metadata.get("attempt")) if isinstance(metadata, dict) else None
    if kind == "checkout.session":
        return EventTarget(
            _text(thing.get("id")), _text(thing.get("payment_intent")), _text(thing.get("client_reference_id"))
        )
    if kind == "payment_intent":
        return EventTarget(None, _text(thing.get("id")), named)
    if kind in ("charge", "refund", "dispute"):
        return EventTarget(None, _text(thing.get("payment_intent")), named)
    return EventTarget()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
