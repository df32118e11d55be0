"""Does the stand-in keep slow debits and accounts that may do nothing yet, as Stripe does?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import stripe

from portal.demo.standin import Account, StandIn
from tests.demo.standin_client import VELO, client, create

SLOW = Account("acct_slow", ("CHF", "EUR"), ("card", "sepa_debit"), "Langsam")


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn(accounts=[VELO, SLOW]) as running:
        yield running


def test_a_direct_debit_is_for_euros_and_takes_days(standin: StandIn) -> None:
    here: stripe.RequestOptions = {"stripe_account": SLOW.id}
    assert create(standin, account=SLOW.id).payment_method_types == ["card"]
    made = create(standin, account=SLOW.id, currency="eur")
    assert made.payment_method_types == ["card", "sepa_debit"]
    standin.switches.pay({"session": made.id, "method": "sepa_debit", "outcome": "processing"})
    intents = client(standin).v1.payment_intents
    found = client(standin).v1.checkout.sessions.retrieve(made.id, options=here)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    pending = intents.retrieve(str(found.payment_intent), {"expand": ["latest_charge"]}, here)
    assert (pending.status, pending.amount_received, pending.latest_charge.status) == ("processing", 0, "pending")  # type: ignore[union-attr]
    standin.switches.pay({"session": made.id, "method": "sepa_debit"})
    over = intents.retrieve(pending.id, {"expand": ["latest_charge.balance_transaction"]}, here)
    assert (over.status, over.amount_received) == ("succeeded", 12_345)
    assert over.latest_charge.id == pending.latest_charge.id  # type: ignore[union-attr]
    types = [event["type"] for event in standin.switches.events()]
    assert types.count("checkout.session.completed") == 1
    assert types[-1] == "checkout.session.async_payment_succeeded"


def test_an_account_that_was_just_opened_can_do_nothing_until_its_owner_has_told_who_he_is(standin: StandIn) -> None:
    speaker = client(standin)
    made = speaker.v1.accounts.create({"type": "standard", "country": "CH", "business_profile": {"name": "Neu"}})
    assert (made.charges_enabled, made.requirements.disabled_reason) == (False, "requirements.past_due")  # type: ignore[union-attr]
    with pytest.raises(stripe.StripeError, match="cannot currently make charges"):
        create(standin, account=made.id)
    back = f"{standin.base_url}/_standin/health"
    link = speaker.v1.account_links.create(
        {"account": made.id, "type": "account_onboarding", "return_url": back, "refresh_url": back}
    )
    assert requests.post(link.url, timeout=5).url == back
    assert speaker.v1.accounts.retrieve(made.id).charges_enabled
    assert create(standin, account=made.id).payment_method_types == ["card", "twint"]
    assert standin.switches.events()[0]["type"] == "account.updated"


def test_an_account_that_was_taken_from_us_is_not_there(standin: StandIn) -> None:
    standin.switches.account({"account": VELO.id, "gone": True})
    with pytest.raises(stripe.PermissionError):
        client(standin).v1.accounts.retrieve_current(options={"stripe_account": VELO.id})
    assert standin.switches.events()[-1]["type"] == "account.application.deauthorized"
