"""Is a webhook a row in the inbox and nothing else, and does what is forged leave no trace?"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import stripe
from sqlalchemy import func, select

from portal.store.payments import ProviderEvent
from tests.examples import WEBHOOK_SECRET
from tests.paying import deliver
from tests.people import Portal

EVENT: dict[str, Any] = {
    "id": "evt_1", "object": "event", "account": "acct_velo", "created": 1_790_000_000, "livemode": False,
    "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {}}},
}  # fmt: skip


def rows(portal: Portal) -> int:
    return int(portal.read(lambda session: session.scalar(select(func.count()).select_from(ProviderEvent))))


def sends(portal: Portal, body: bytes, secret: str = WEBHOOK_SECRET, at: int | None = None, header: str = "") -> int:
    signed = stripe.WebhookSignature.generate_signature_header(body.decode("utf-8", "replace"), secret, at)
    client = portal.app.test_client()
    return client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header or signed}).status_code


def test_the_same_event_waits_once(portal: Portal) -> None:
    client = portal.app.test_client()
    answers = [deliver(client, EVENT).status_code for _ in range(3)]
    assert (answers, rows(portal)) == ([200, 200, 200], 1)


def test_a_test_event_in_live_mode_and_the_other_way_round_is_kept_but_ignored(portal: Portal) -> None:
    assert deliver(portal.app.test_client(), {**EVENT, "livemode": True}).status_code == 200
    assert portal.read(lambda session: session.scalars(select(ProviderEvent.state)).one()) == "ignored"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "1"}, {"id": 7}, {"object": "list"}, {"livemode": "no"}, {"created": "now"}, {"created": True},
        {"type": ""},
        {"account": "acct_stranger"}, {"account": None}, {"data": {}}, {"data": {"object": []}}, {"data": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_has_not_the_shape_of_an_event_is_refused(portal: Portal, change: dict[str, Any]) -> None:
    assert deliver(portal.app.test_client(), {**EVENT, **change}).status_code == 400
    assert rows(portal) == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"id":"evt_1","id":"evt_2"}', b"[" * 50_000])
def test_what_is_no_json_object_is_refused(portal: Portal, body: bytes) -> None:
    assert sends(portal, body) == 400
    assert rows(portal) == 0


def test_what_is_forged_leaves_no_row(portal: Portal) -> None:
    body = json.dumps(EVENT).encode()
    now = int(time.time())
    assert sends(portal, body, secret="whsec_other") == 400
    assert sends(portal, body, at=now - 301) == 400
    assert sends(portal, body, at=now + 305) == 400
    signed = stripe.WebhookSignature.generate_signature_header(body.decode(), WEBHOOK_SECRET)
    assert sends(portal, body.replace(b"pi_1", b"pi_2"), header=signed) == 400
    assert sends(portal, body + b"\xff", header=signed) == 400
    assert sends(portal, body, header="nonsense") == 400
    assert sends(portal, body, header=f"t={now + 86_400},{signed}") == 400
    assert portal.app.test_client().post("/webhooks/stripe", data=body).status_code == 400
    assert portal.app.test_client().get("/webhooks/stripe").status_code == 405
    assert rows(portal) == 0


def test_the_inbox_takes_nothing_above_its_size(portal: Portal) -> None:
    assert sends(portal, b" " * 300_000) == 413
