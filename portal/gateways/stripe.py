"""What do we say to Stripe, and what does it tell us: values at the border, and the one class that speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from portal.rules.money import Money


class StripeDown(Exception):
    """Stripe did not answer, or answered that it can't now; nothing is known about what it did."""


class StripeRefused(Exception):
    """Stripe answered that this can't be done, and why (its own code, never shown to people)."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code} {message}".strip())
        self.code = code


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


class StripeGateway(Protocol):
    """Everything the portal asks of Stripe; every call names the creditor's account."""

    def offers_twint(self, account: str) -> bool: ...

    def create_checkout(
        self,
        *,
        account: str,
        attempt_id: UUID,
        amount: Money,
        label: str,
        locale: str,
        twint: bool,
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
    ) -> Checkout: ...

    def checkout(self, account: str, session_id: str) -> Checkout: ...

    def find_checkout(self, account: str, attempt_id: UUID, created_after: datetime) -> Checkout | None: ...

    def expire_checkout(self, account: str, session_id: str) -> Checkout: ...

    def paid_state(self, account: str, pi_id: str) -> PaidState: ...
