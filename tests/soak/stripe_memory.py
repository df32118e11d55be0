"""A Stripe without a network for thousands of examples: pages and payments with their cumulative figures, no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.gateways.stripe import Checkout, PaidState, RefundState, StripeRefused
from portal.rules.money import Money


@dataclass
class Page:
    """One payment page and the payment made on it."""

    id: str
    account: str
    attempt_id: UUID
    amount: Money
    state: PaidState
    status: str = "open"

    @property
    def net(self) -> int:
        return self.state.received_minor - self.state.refunded_minor - self.state.disputed_out_minor

    @property
    def asked_back(self) -> int:
        """What our own desk had refunded, which never comes again here."""
        return sum(one.amount_minor for one in self.state.refunds)

    def becomes(self, **figures: Any) -> None:
        """Stripe's own figures change."""
        self.state = replace(self.state, **figures)


class StripeInMemory:
    """The part of `StripeGateway` that starting a payment and converging need."""

    live = False

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.told: dict[str, int] = {}

    def offers(self, account: str) -> frozenset[str]:
        return frozenset({"card", "twint"})

    def create_checkout(
        self, *, account: str, attempt_id: UUID, amount: Money, methods: Sequence[str], **words: Any
    ) -> Checkout:
        known = next((page for page in self.pages if page.attempt_id == attempt_id), None)
        if known is None:
            name = f"{len(self.pages)}"
            state = PaidState(
                pi_id=f"pi_{name}", account=account, client_reference=str(attempt_id), currency=amount.currency,
                status="requires_payment_method", received_minor=0, refunded_minor=0, disputed_out_minor=0,
                fee_minor=0, paid_at=None, method=None,
            )  # fmt: skip
            known = Page(f"cs_{name}", account, attempt_id, amount, state)
            self.pages.append(known)
        return self._told(known)

    def checkout(self, account: str, session_id: str) -> Checkout:
        return self._told(next(page for page in self.pages if page.id == session_id))

    def find_checkout(self, account: str, attempt_id: UUID, created_after: datetime) -> Checkout | None:
        found = next((page for page in self.pages if page.attempt_id == attempt_id), None)
        return None if found is None else self._told(found)

    def expire_checkout(self, account: str, session_id: str) -> Checkout:
        page = next(page for page in self.pages if page.id == session_id)
        if page.status != "open":
            raise StripeRefused("not_open")
        page.status = "expired"
        return self._told(page)

    def paid_state(self, account: str, pi_id: str) -> PaidState:
        page = next(page for page in self.pages if page.state.pi_id == pi_id)
        self.told[page.id] = page.net
        return page.state

    def create_refund(self, *, account: str, pi_id: str, refund_id: UUID, amount: Money) -> RefundState:
        page = next(page for page in self.pages if page.state.pi_id == pi_id)
        known = next((one for one in page.state.refunds if one.ours == str(refund_id)), None)
        if known is None:
            if amount.minor > page.net:
                raise StripeRefused("charge_already_refunded")
            known = RefundState(f"re_{refund_id.hex}", str(refund_id), amount.minor, "succeeded")
            page.becomes(refunds=(*page.state.refunds, known), refunded_minor=page.state.refunded_minor + amount.minor)
        return known

    def pay(self, page: Page, at: datetime) -> None:
        """The person pays; a page that is over can still be paid by who is on it (`decisions.md` 24)."""
        page.status = "complete"
        page.becomes(status="succeeded", received_minor=page.amount.minor, fee_minor=30, paid_at=at, method="card")

    def _told(self, page: Page) -> Checkout:
        paid = "paid" if page.state.received_minor else "unpaid"
        pi = page.state.pi_id if page.status == "complete" else None
        return Checkout(page.id, f"http://127.0.0.1/{page.id}", page.status, paid, pi, str(page.attempt_id))
