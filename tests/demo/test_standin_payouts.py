"""Do the stand-in's own books add up as Stripe's do: every movement listed, each payout made of some of them?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from portal.demo.standin import StandIn
from tests.demo.standin_client import GARDEN, VELO, client, create

VELO_ONLY: stripe.RequestOptions = {"stripe_account": VELO.id}


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn(accounts=[VELO, GARDEN]) as running:
        yield running


def movements(standin: StandIn, **more: object) -> list[stripe.BalanceTransaction]:
    params: object = {"limit": 2, "expand": ["data.source"], **more}
    listed = client(standin).v1.balance_transactions.list(params, VELO_ONLY)  # type: ignore[arg-type]
    return list(listed.auto_paging_iter())


def test_a_payout_takes_all_that_is_there_and_says_what_it_is_made_of(standin: StandIn) -> None:
    for _ in range(3):
        standin.switches.pay({"session": create(standin, amount=10_000).id})
    standin.switches.payout({"account": VELO.id, "fee": 500})
    (payout,) = standin.switches.payout({"account": VELO.id})["made"]
    standin.switches.pay({"session": create(standin, amount=7_000).id})
    assert (payout["amount"], payout["status"]) == (3 * 9_680 - 500, "paid")
    inside = movements(standin, payout=payout["id"])
    assert [row.type for row in inside] == ["payout", "stripe_fee", "charge", "charge", "charge"]
    assert sum(row.net for row in inside) == 0
    assert len(movements(standin)) == 6
    assert isinstance(inside[0].source, stripe.Payout)
    assert inside[1].source is None


def test_a_payout_that_the_bank_sends_back_brings_its_money(standin: StandIn) -> None:
    standin.switches.pay({"session": create(standin, amount=10_000).id})
    (payout,) = standin.switches.payout({"account": VELO.id, "status": "in_transit"})["made"]
    standin.switches.payout({"payout": payout["id"], "status": "failed"})
    found = client(standin).v1.payouts.retrieve(payout["id"], options=VELO_ONLY)
    assert (found.status, found.failure_code) == ("failed", "account_closed")
    assert sum(row.net for row in movements(standin)) == 9_680
    kinds = [event["type"] for event in standin.switches.events()]
    assert kinds[-3:] == ["payout.created", "payout.updated", "payout.failed"]
