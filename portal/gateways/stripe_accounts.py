"""How does a creditor get an account at Stripe, and what may that account do?

Direct charges: the creditor is the merchant and holds the money (docs.stripe.com/connect/direct-charges).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import stripe

from portal.gateways.stripe import AccountState
from portal.gateways.stripe_answers import said

SUFFIX = "_payments"


def state_of(client: stripe.StripeClient, account: str) -> AccountState:
    """What Stripe says of this account now."""
    found: dict[str, Any] = said(
        lambda: client.v1.accounts.retrieve_current(options={"stripe_account": account})
    ).to_dict()
    capabilities: dict[str, Any] = found.get("capabilities") or {}
    requirements: dict[str, Any] = found.get("requirements") or {}
    due = [*(requirements.get("past_due") or ()), *(requirements.get("currently_due") or ())]
    return AccountState(
        account=str(found["id"]),
        charges_enabled=bool(found.get("charges_enabled")),
        payouts_enabled=bool(found.get("payouts_enabled")),
        details_submitted=bool(found.get("details_submitted")),
        methods=frozenset(
            name.removesuffix(SUFFIX)
            for name, state in capabilities.items()
            if name.endswith(SUFFIX) and state == "active"
        ),
        due=tuple(dict.fromkeys(str(one) for one in due)),
        disabled_reason=requirements.get("disabled_reason"),
    )


def opened(client: stripe.StripeClient, *, creditor_id: UUID, name: str, country: str, website: str) -> str:
    """The id of the creditor's account, made on the first call and the same on every later one."""
    made = said(
        lambda: client.v1.accounts.create(
            {
                "type": "standard",
                "country": country,
                "business_profile": {"name": name, "url": website} if website else {"name": name},
                "metadata": {"creditor": str(creditor_id)},
            },
            {"idempotency_key": f"account-{creditor_id}"},
        )
    )
    return str(made.id)


def onboarding(client: stripe.StripeClient, account: str, *, return_url: str, refresh_url: str) -> str:
    """The address of Stripe's own form for this account."""
    made = said(
        lambda: client.v1.account_links.create(
            {"account": account, "type": "account_onboarding", "return_url": return_url, "refresh_url": refresh_url}
        )
    )
    return str(made.url)
