"""How do we speak to Stripe through its own client, and how do we know that a webhook is Stripe's?"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import stripe
from stripe.checkout import Session

from portal.gateways import stripe_accounts
from portal.gateways.stripe import (
    AccountState,
    Checkout,
    EventForged,
    PaidState,
    RefundState,
    StripeDown,
    StripeRefused,
    VerifiedEvent,
)
from portal.gateways.stripe_answers import said as _said
from portal.gateways.stripe_books import StripeBooks
from portal.rules.money import Money

# The client writes and sends an identifier of the machine otherwise (`stack.md` 2.2).
stripe.enable_telemetry = False

CONNECT_SECONDS, READ_SECONDS = 2, 4
OFFER_SECONDS, OFFER_AFTER_FAILURE_SECONDS = 300, 30
SIGNED_WITHIN_SECONDS = 300
EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,200}")
SIGNED_AT = re.compile(r"(?:^|,)t=([0-9]{1,12})(?=,|$)")


class StripeClientGateway(StripeBooks):
    """Stripe through `stripe.StripeClient`; its errors become StripeDown or StripeRefused."""

    def __init__(self, secret_key: str, api_base: str) -> None:
        self.live = secret_key.startswith(("sk_live_", "rk_live_"))
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base},
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
            max_network_retries=1,
        )
        self._offers: dict[str, tuple[int, frozenset[str] | None]] = {}
        self._lock = threading.Lock()

    def offers(self, account: str) -> frozenset[str]:
        """What customers of this account can pay with, Stripe's own words; asked once in some minutes.

        Nothing at all while Stripe lets the account take no payments. StripeDown, and StripeRefused where the account
        is not open to us.
        """
        with self._lock:
            until, known = self._offers.get(account, (0, None))
        if until > int(monotonic()):
            if known is None:
                raise StripeDown("asked a moment ago")
            return known
        try:
            found = self.account_state(account)
        except StripeDown:
            self._remember(account, None, OFFER_AFTER_FAILURE_SECONDS)
            raise
        return found.methods if found.charges_enabled else frozenset()

    def account_state(self, account: str) -> AccountState:
        """What the account may do now, asked at this moment; `offers` knows it from here on."""
        try:
            found = stripe_accounts.state_of(self._client, account)
        except StripeRefused:
            self._remember(account, frozenset(), OFFER_AFTER_FAILURE_SECONDS)
            raise
        self._remember(account, found.methods if found.charges_enabled else frozenset(), OFFER_SECONDS)
        return found

    def open_account(self, *, creditor_id: UUID, name: str, country: str, website: str) -> str:
        """The creditor has an account at Stripe, not yet able to take payments; always the same one. Its id."""
        return stripe_accounts.opened(
            self._client, creditor_id=creditor_id, name=name, country=country, website=website
        )

    def onboarding_page(self, account: str, *, return_url: str, refresh_url: str) -> str:
        """Where the creditor tells Stripe what it wants to know; good for some minutes and for one person."""
        return stripe_accounts.onboarding(self._client, account, return_url=return_url, refresh_url=refresh_url)

    def _remember(self, account: str, offered: frozenset[str] | None, seconds: int) -> None:
        with self._lock:
            self._offers[account] = (int(monotonic()) + seconds, offered)

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
    ) -> Checkout:
        """The hosted page of this attempt; the same attempt with the same words always gets the same page."""
        made = _said(
            lambda: self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": str(attempt_id),
                    "metadata": {"attempt": str(attempt_id)},
                    "payment_intent_data": {"metadata": {"attempt": str(attempt_id)}},
                    "allowed_payment_method_types": list(methods),
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": amount.currency.lower(),
                                "unit_amount": amount.minor,
                                "product_data": {"name": label},
                            },
                        }
                    ],
                    "locale": locale,
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "expires_at": int(expires_at.timestamp()),
                },
                {"stripe_account": account, "idempotency_key": str(attempt_id)},
            )
        )
        return _checkout(made)

    def checkout(self, account: str, session_id: str) -> Checkout:
        """The page as it is now."""
        return _checkout(
            _said(lambda: self._client.v1.checkout.sessions.retrieve(session_id, options={"stripe_account": account}))
        )

    def find_checkout(self, account: str, attempt_id: UUID, created_after: datetime) -> Checkout | None:
        """The page that was made for this attempt although we never heard of it; all pages of the list are read."""
        since = int((created_after - timedelta(minutes=10)).timestamp())

        def search() -> Session | None:
            listed = self._client.v1.checkout.sessions.list(
                {"created": {"gte": since}, "limit": 100}, {"stripe_account": account}
            )
            wanted = str(attempt_id)
            return next((one for one in listed.auto_paging_iter() if one.client_reference_id == wanted), None)

        found = _said(search)
        return None if found is None else _checkout(found)

    def expire_checkout(self, account: str, session_id: str) -> Checkout:
        """The page is closed; StripeRefused where it is over already or being paid."""
        return _checkout(
            _said(lambda: self._client.v1.checkout.sessions.expire(session_id, options={"stripe_account": account}))
        )

    def paid_state(self, account: str, pi_id: str) -> PaidState:
        """What was received, given back and taken back of this payment so far, and what it cost."""
        options: stripe.RequestOptions = {"stripe_account": account}
        expand = ["latest_charge.balance_transaction", "latest_charge.refunds"]
        intent = _said(
            lambda: self._client.v1.payment_intents.retrieve(pi_id, {"expand": expand}, options)
        ).to_dict()
        charge: dict[str, Any] = intent.get("latest_charge") or {}
        paid = charge if charge.get("paid") and charge.get("status") == "succeeded" else {}
        refunds = self._refunds(pi_id, charge.get("refunds") or {}, options)
        out, dispute_fee, lost = self._disputed(pi_id, options) if charge.get("disputed") else (0, 0, False)
        transaction: dict[str, Any] = paid.get("balance_transaction") or {}
        return PaidState(
            pi_id=pi_id,
            account=account,
            client_reference=(intent.get("metadata") or {}).get("attempt"),
            currency=str(intent["currency"]).upper(),
            status=str(intent["status"]),
            received_minor=int(intent.get("amount_received") or 0),
            refunded_minor=sum(one.amount_minor for one in refunds if one.status == "succeeded"),
            disputed_out_minor=out,
            fee_minor=int(transaction.get("fee") or 0) + dispute_fee,
            paid_at=datetime.fromtimestamp(int(paid["created"]), UTC) if paid else None,
            method=(charge.get("payment_method_details") or {}).get("type"),
            refunds=refunds,
            dispute_lost=lost,
        )

    def create_refund(self, *, account: str, pi_id: str, refund_id: UUID, amount: Money) -> RefundState:
        """So much goes back to where it came from; the same refund asked for again is the same refund."""
        made = _said(
            lambda: self._client.v1.refunds.create(
                {"payment_intent": pi_id, "amount": amount.minor, "metadata": {"refund": str(refund_id)}},
                {"stripe_account": account, "idempotency_key": str(refund_id)},
            )
        )
        return _refund(made.to_dict())

    def _refunds(
        self, pi_id: str, inside: dict[str, Any], options: stripe.RequestOptions
    ) -> tuple[RefundState, ...]:
        """All refunds; the charge carries the last ten, more are asked for."""
        if not inside.get("has_more"):
            return tuple(_refund(one) for one in inside.get("data") or ())

        def every() -> tuple[RefundState, ...]:
            listed = self._client.v1.refunds.list({"payment_intent": pi_id, "limit": 100}, options)
            return tuple(_refund(one.to_dict()) for one in listed.auto_paging_iter())

        return _said(every)

    def _disputed(self, pi_id: str, options: stripe.RequestOptions) -> tuple[int, int, bool]:
        def add() -> tuple[int, int, bool]:
            listed = self._client.v1.disputes.list({"payment_intent": pi_id, "limit": 100}, options)
            disputes = list(listed.auto_paging_iter())
            moved = [row for one in disputes for row in one.balance_transactions]
            lost = any(one.status == "lost" for one in disputes)
            return -sum(row.amount for row in moved), sum(row.fee for row in moved), lost

        return _said(add)


def verify_event(payload: bytes, header: str, secrets: Sequence[str], now_real: datetime) -> VerifiedEvent:
    """The delivery as a value if it is Stripe's; EventForged for a wrong signature, time (300 s both ways) or shape.

    `now_real` is this moment by the machine's clock: Stripe signs with real time, whatever day the demo plays.
    """
    signed_at = SIGNED_AT.findall(header)
    if len(signed_at) != 1 or abs(int(now_real.timestamp()) - int(signed_at[0])) > SIGNED_WITHIN_SECONDS:
        raise EventForged("signed at another time")
    if not any(_is_signed(payload, header, secret) for secret in secrets):
        raise EventForged("signature")
    try:
        return _shaped(json.loads(payload.decode(), object_pairs_hook=_each_once), payload)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise EventForged(f"shape: {type(error).__name__}") from error


def _is_signed(payload: bytes, header: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(payload, header, secret))
    except (stripe.SignatureVerificationError, UnicodeError):
        return False


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _shaped(event: Any, payload: bytes) -> VerifiedEvent:
    thing = event["data"]["object"]
    texts = (event["id"], event["type"], event["account"], thing["object"])
    if event["object"] != "event" or not all(isinstance(text, str) and 0 < len(text) <= 200 for text in texts):
        raise ValueError("no event")
    plain = isinstance(event["livemode"], bool) and type(event["created"]) is int
    if not EVENT_ID.fullmatch(event["id"]) or not plain:
        raise ValueError("no event")
    return VerifiedEvent(
        id=event["id"],
        account=event["account"],
        livemode=event["livemode"],
        type=event["type"],
        created=datetime.fromtimestamp(event["created"], UTC),
        object_id=str(thing.get("id") or "")[:200],
        raw=payload,
    )


def _checkout(session: Session) -> Checkout:
    intent = session.payment_intent
    return Checkout(
        id=session.id,
        url=session.url,
        status=str(session.status),
        payment_status=str(session.payment_status),
        pi_id=intent if intent is None or isinstance(intent, str) else intent.id,
        client_reference=session.client_reference_id,
    )


def _refund(made: dict[str, Any]) -> RefundState:
    return RefundState(
        id=str(made["id"]),
        ours=(made.get("metadata") or {}).get("refund"),
        amount_minor=int(made["amount"]),
        status=str(made["status"]),
        failure=made.get("failure_reason"),
    )
