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

from portal.gateways.stripe import Checkout, EventForged, PaidState, StripeDown, VerifiedEvent
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
        self._offers: dict[str, tuple[int, bool | None]] = {}
        self._lock = threading.Lock()

    def offers_twint(self, account: str) -> bool:
        """Whether customers of this account can pay with TWINT; asked once in some minutes. StripeDown otherwise."""
        with self._lock:
            until, known = self._offers.get(account, (0, None))
        if until > int(monotonic()):
            if known is None:
                raise StripeDown("asked a moment ago")
            return known
        try:
            offered = self._ask_offer(account)
        except StripeDown:
            self._remember(account, None, OFFER_AFTER_FAILURE_SECONDS)
            raise
        self._remember(account, offered, OFFER_SECONDS)
        return offered

    def _ask_offer(self, account: str) -> bool:
        found = _said(lambda: self._client.v1.accounts.retrieve_current(options={"stripe_account": account}))
        capabilities = found.to_dict().get("capabilities") or {}
        return bool(capabilities.get("twint_payments") == "active")

    def _remember(self, account: str, offered: bool | None, seconds: int) -> None:
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
        twint: bool,
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
                    "allowed_payment_method_types": ["card", "twint"] if twint else ["card"],
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
        intent = _said(
            lambda: self._client.v1.payment_intents.retrieve(
                pi_id, {"expand": ["latest_charge.balance_transaction"]}, options
            )
        ).to_dict()
        charge: dict[str, Any] = intent.get("latest_charge") or {}
        refunded = self._refunded(pi_id, options) if charge.get("amount_refunded") else 0
        out, dispute_fee = self._disputed(pi_id, options) if charge.get("disputed") else (0, 0)
        paid = charge if charge.get("paid") else {}
        transaction: dict[str, Any] = paid.get("balance_transaction") or {}
        return PaidState(
            pi_id=pi_id,
            account=account,
            client_reference=(intent.get("metadata") or {}).get("attempt"),
            currency=str(intent["currency"]).upper(),
            status=str(intent["status"]),
            received_minor=int(intent.get("amount_received") or 0),
            refunded_minor=refunded,
            disputed_out_minor=out,
            fee_minor=int(transaction.get("fee") or 0) + dispute_fee,
            paid_at=datetime.fromtimestamp(int(paid["created"]), UTC) if paid else None,
            method=(paid.get("payment_method_details") or {}).get("type"),
        )

    def _refunded(self, pi_id: str, options: stripe.RequestOptions) -> int:
        def add() -> int:
            listed = self._client.v1.refunds.list({"payment_intent": pi_id, "limit": 100}, options)
            return sum(one.amount for one in listed.auto_paging_iter() if one.status == "succeeded")

        return _said(add)

    def _disputed(self, pi_id: str, options: stripe.RequestOptions) -> tuple[int, int]:
        def add() -> tuple[int, int]:
            listed = self._client.v1.disputes.list({"payment_intent": pi_id, "limit": 100}, options)
            moved = [row for one in listed.auto_paging_iter() for row in one.balance_transactions]
            return -sum(row.amount for row in moved), sum(row.fee for row in moved)

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
