"""Who talks to the stand-in in these tests: the real Stripe client, for two connected accounts."""

from typing import Any

import stripe
from stripe.checkout import Session

from portal.demo.standin import Account, StandIn

VELO = Account("acct_velo", ("CHF", "EUR"), ("card", "twint"), "Velo Werkstatt")
GARDEN = Account("acct_garden", ("EUR",), ("card",), "Giardino <Sole>")

stripe.enable_telemetry = False


def client(standin: StandIn, key: str = "sk_test_demo", retries: int = 1) -> stripe.StripeClient:
    """The portal's client, pointed at the stand-in."""
    return stripe.StripeClient(
        key, base_addresses={"api": standin.base_url}, http_client=stripe.RequestsClient(timeout=(2, 4)),
        max_network_retries=retries,
    )


def terms(amount: int = 12_345, currency: str = "chf") -> Any:
    """What the portal asks for: one line of `amount` minor units."""
    return {
        "mode": "payment", "success_url": "http://127.0.0.1:9/back?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:9/claim", "payment_intent_data": {"metadata": {"attempt": "7"}},
        "line_items": [{
            "quantity": 1,
            "price_data": {"currency": currency, "unit_amount": amount, "product_data": {"name": "Rechnung 2026-7"}},
        }],
    }


def create(
    standin: StandIn, *, amount: int = 12_345, currency: str = "chf", account: str = VELO.id, key: str | None = None,
    retries: int = 1, **more: Any,
) -> Session:
    """A session through the API."""
    params: Any = {**terms(amount, currency), **more}
    return client(standin, retries=retries).v1.checkout.sessions.create(
        params, {"stripe_account": account, "idempotency_key": key}
    )
