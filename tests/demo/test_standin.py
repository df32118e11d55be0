"""Does the stand-in speak Stripe's protocol to the real client: objects, lists, errors, idempotency, accounts?"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import stripe
from stripe.params.checkout import SessionListParamsCreated

from portal.demo.standin import Account, StandIn
from portal.demo.standin.accounts import parsed
from tests.demo.standin_client import GARDEN, VELO, client, create, terms


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn(accounts=[VELO, GARDEN]) as running:
        yield running


def test_a_session_has_stripes_shape_and_is_found_again(standin: StandIn) -> None:
    made = create(standin, client_reference_id="attempt-1", metadata={"attempt": "1"}, locale="de")
    assert made.id.startswith("cs_test_")
    assert made.object == "checkout.session"
    assert (made.status, made.payment_status, made.payment_intent) == ("open", "unpaid", None)
    assert (made.amount_total, made.currency, made.locale) == (12_345, "chf", "de")
    assert made.url == f"{standin.base_url}/pay/{made.id}"
    assert made.payment_method_types == ["card", "twint"]
    again = client(standin).v1.checkout.sessions.retrieve(
        made.id, {"expand": ["line_items"]}, {"stripe_account": VELO.id}
    )
    assert again.line_items is not None
    assert again.line_items.data[0].amount_total == 12_345
    assert again.metadata is not None
    assert again.metadata.to_dict() == {"attempt": "1"}


@pytest.mark.parametrize(("change", "param", "code"), [
    ({"payment_method_types": ["card"]}, "payment_method_types", "payment_method_types_no_longer_supported"),
    ({"ui_mode": "hosted"}, "ui_mode", None),
    ({"locale": "de-CH"}, "locale", None),
    ({"colour": "green"}, "colour", "parameter_unknown"),
    ({"mode": "subscription"}, "mode", None),
    ({"success_url": "nowhere"}, "success_url", "url_invalid"),
    ({"expires_at": "soon"}, "expires_at", "parameter_invalid_integer"),
    ({"expires_at": int(time.time()) + 29 * 60}, "expires_at", None),
    ({"expires_at": int(time.time()) + 25 * 3600}, "expires_at", None),
    ({"metadata": {"note": "x" * 501}}, "metadata[note]", None),
    ({"allowed_payment_method_types": ["carrier_pigeon"]}, "allowed_payment_method_types[0]", None),
    ({"line_items": [{"quantity": 1, "price_data": {"unit_amount": 500}}]},
     "line_items[0][price_data][currency]", "parameter_missing"),
    ({"line_items": [{"quantity": 1, "price_data": {
        "currency": "chf", "unit_amount": "5.00", "product_data": {"name": "A"}}}]},
     "line_items[0][price_data][unit_amount]", "parameter_invalid_integer"),
    ({"line_items": [{"quantity": 1, "price_data": {
        "currency": "chf", "unit_amount": 49, "product_data": {"name": "A"}}}]}, "line_items", "amount_too_small"),
    ({"line_items": [{"quantity": 1, "price_data": {
        "currency": "usd", "unit_amount": 500, "product_data": {"name": "A"}}}]},
     "line_items[0][price_data][currency]", None),
])
def test_a_wrong_parameter_is_named(standin: StandIn, change: dict[str, Any], param: str, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        create(standin, **change)
    assert (refused.value.http_status, refused.value.param, refused.value.code) == (400, param, code)
    assert refused.value.request_id is not None


def test_twint_is_for_francs_up_to_5000_where_the_account_has_it(standin: StandIn) -> None:
    def methods(amount: int, **more: Any) -> list[str]:
        return create(standin, amount=amount, **more).payment_method_types

    assert methods(500_000) == ["card", "twint"]
    assert methods(500_001) == ["card"]
    assert methods(500, currency="eur") == ["card"]
    assert methods(500, allowed_payment_method_types=["twint"]) == ["twint"]
    assert methods(500, allowed_payment_method_types=["card", "twint"], account=GARDEN.id, currency="eur") == ["card"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        methods(500_001, allowed_payment_method_types=["twint"])
    assert refused.value.param == "allowed_payment_method_types"


def test_accounts_are_apart_and_keys_are_test_keys(standin: StandIn) -> None:
    made = create(standin)
    sessions = client(standin).v1.checkout.sessions
    with pytest.raises(stripe.InvalidRequestError) as missing:
        sessions.retrieve(made.id, options={"stripe_account": GARDEN.id})
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    assert sessions.list(options={"stripe_account": GARDEN.id}).data == []
    with pytest.raises(stripe.PermissionError):
        sessions.retrieve(made.id, options={"stripe_account": "acct_nobody"})
    with pytest.raises(stripe.InvalidRequestError):
        sessions.retrieve(made.id)
    for key in ("sk_live_abc", "pk_test_abc"):
        with pytest.raises(stripe.AuthenticationError):
            client(standin, key).v1.checkout.sessions.retrieve(made.id, options={"stripe_account": VELO.id})


def test_the_account_says_what_it_can_do(standin: StandIn) -> None:
    garden = client(standin).v1.accounts.retrieve(GARDEN.id)
    assert garden.capabilities is not None
    assert (garden.capabilities.card_payments, garden.capabilities.twint_payments) == ("active", "inactive")
    assert client(standin).v1.accounts.retrieve_current(options={"stripe_account": VELO.id}).id == VELO.id


def test_an_account_is_read_from_the_command_line() -> None:
    assert parsed("acct_x:CHF,EUR:card:Velo: Werk") == Account("acct_x", ("CHF", "EUR"), ("card",), "Velo: Werk")
    assert parsed("acct_x").methods == ("card", "twint")
    for wrong in ("x", "acct_x:chf", "acct_x:CHF:cash"):
        with pytest.raises(ValueError, match=r"acct_|currencies|methods"):
            parsed(wrong)


def test_the_same_key_gives_the_same_session_and_other_parameters_an_error(standin: StandIn) -> None:
    first = create(standin, key="k1", amount=6_000)
    assert create(standin, key="k1", amount=6_000).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        create(standin, key="k1", amount=7_000)
    assert create(standin, key="k1", amount=7_000, account=GARDEN.id, currency="eur").id != first.id
    with pytest.raises(stripe.InvalidRequestError):
        create(standin, key="k2", amount=10)
    assert create(standin, key="k2", amount=100).amount_total == 100


def test_the_same_key_at_the_same_time_is_a_conflict(standin: StandIn) -> None:
    standin.switches.set({"faults": [{"kind": "delay", "path": "/v1/checkout", "seconds": 0.6}]})

    def attempt(number: int) -> str:
        try:
            return create(standin, key="k", retries=0).id
        except stripe.APIError as conflict:
            return f"{conflict.http_status} {getattr(conflict.error, 'code', None)}"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(attempt, range(2)))
    assert answers[0] == "409 idempotency_key_in_use"
    assert create(standin, key="k").id == answers[1]


def test_sessions_are_listed_in_pages_and_by_time(standin: StandIn, tmp_path: Path) -> None:
    made = [create(standin, amount=100 + number).id for number in range(7)]
    sessions = client(standin).v1.checkout.sessions
    page = sessions.list({"limit": 3}, {"stripe_account": VELO.id})
    assert [one.id for one in page.data] == made[:3:-1]
    assert page.has_more
    assert [one.id for one in page.auto_paging_iter()] == made[::-1]
    before = sessions.list({"limit": 2, "ending_before": made[3]}, {"stripe_account": VELO.id})
    assert [one.id for one in before.data] == [made[5], made[4]]
    now = int(time.time())
    windows: list[tuple[SessionListParamsCreated, int]] = [
        ({"gte": now - 60}, 7), ({"gt": now + 60}, 0), ({"lt": now - 60}, 0), ({"lte": now + 1}, 7),
    ]
    for window, count in windows:
        listed = sessions.list({"created": window}, {"stripe_account": VELO.id})
        assert len(listed.data) == count
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sessions.list({"limit": 101}, {"stripe_account": VELO.id})
    assert refused.value.param == "limit"
    with pytest.raises(stripe.InvalidRequestError):
        sessions.list({"starting_after": "cs_test_none"}, {"stripe_account": VELO.id})


def test_an_open_session_can_be_expired_once(standin: StandIn) -> None:
    made = create(standin)
    sessions = client(standin).v1.checkout.sessions
    over = sessions.expire(made.id, options={"stripe_account": VELO.id})
    assert (over.status, over.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        sessions.expire(made.id, options={"stripe_account": VELO.id})


def test_a_session_expires_by_the_moved_clock(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with StandIn(accounts=[VELO], clock=clock) as standin:
        now = int(time.time())
        made = create(standin, expires_at=now + 3_600)
        clock.write_text("3590")
        sessions = client(standin).v1.checkout.sessions
        assert sessions.retrieve(made.id, options={"stripe_account": VELO.id}).status == "open"
        clock.write_text("3601")
        assert sessions.retrieve(made.id, options={"stripe_account": VELO.id}).status == "expired"
        event = standin.switches.events()[-1]
        assert event["type"] == "checkout.session.expired"
        assert event["created"] >= now + 3_600


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with StandIn(accounts=[VELO], data=tmp_path) as first:
        made = create(first, key="k")
        first.switches.pay({"session": made.id})
        before = first.switches.everything()
    with StandIn(accounts=[VELO], data=tmp_path) as second:
        assert second.switches.everything()["objects"] == before["objects"]
        assert second.switches.everything()["totals"][0]["captured"] == 12_345
        assert client(second).v1.checkout.sessions.create(
            terms(), {"stripe_account": VELO.id, "idempotency_key": "k"}
        ).id == made.id
