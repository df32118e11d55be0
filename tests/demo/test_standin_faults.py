"""Does the stand-in fail as it is told: on the line, in its answers, and on the way of its webhooks?"""

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe

from portal.demo.standin import StandIn
from tests.demo.standin_client import VELO, client, create

pytestmark = pytest.mark.slow

SECRET = "whsec_test"
VELO_ONLY: stripe.RequestOptions = {"stripe_account": VELO.id}


class Inbox(ThreadingHTTPServer):
    """Takes webhooks; `status` is what it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, str]] = []
        self.status = [200]
        super().__init__(("127.0.0.1", 0), InboxHandler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/webhooks/stripe"

    def events(self) -> list[stripe.Event]:
        """What came in, each verified with the secret."""
        return [stripe.Webhook.construct_event(body, signature, SECRET) for body, signature in self.taken]


class InboxHandler(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((body, self.headers["Stripe-Signature"]))
        status = self.server.status
        self.send_response(status.pop(0) if len(status) > 1 else status[0])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    server = Inbox()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def standin(inbox: Inbox, tmp_path: Path) -> Iterator[StandIn]:
    clock = tmp_path / "clock"
    with StandIn(accounts=[VELO], webhook_url=inbox.url, webhook_secret=SECRET, clock=clock) as running:
        yield running


def post(standin: StandIn, name: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(  # noqa: S310
        f"{standin.base_url}/_standin/{name}", json.dumps(body).encode(), method="POST"
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def pay(standin: StandIn) -> str:
    return str(standin.switches.pay({"session": create(standin).id})["id"])


def test_events_arrive_signed_with_their_account(standin: StandIn, inbox: Inbox) -> None:
    session = pay(standin)
    assert standin.webhooks.drain(5)
    events = {event.type: event for event in inbox.events()}
    assert set(events) == {"payment_intent.succeeded", "charge.succeeded", "checkout.session.completed"}
    done = events["checkout.session.completed"]
    assert (done.account, done.api_version, done.livemode) == (VELO.id, stripe.api_version, False)
    assert (done.data.object["id"], done.data.object["payment_status"]) == (session, "paid")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*inbox.taken[0], "whsec_other")


def test_signatures_keep_real_time_when_the_clock_is_moved(standin: StandIn, inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("864000")
    pay(standin)
    assert standin.webhooks.drain(5)
    assert all(event.created > time.time() + 863_000 for event in inbox.events())


def test_a_webhook_is_sent_again_until_it_is_taken(standin: StandIn, inbox: Inbox) -> None:
    inbox.status[:] = [500, 503, 200]
    standin.switches.set({"webhooks": {"hold": True}})
    made = create(standin)
    client(standin).v1.checkout.sessions.expire(made.id, options=VELO_ONLY)
    events = client(standin).v1.events
    assert len(events.list({"delivery_success": False}, VELO_ONLY).data) == 1
    assert post(standin, "release", {}) == {"released": 1}
    assert standin.webhooks.drain(5)
    assert len(inbox.taken) == 3
    assert len({event.id for event in inbox.events()}) == 1
    (event,) = events.list({"delivery_success": True, "type": "checkout.session.*"}, VELO_ONLY).data
    assert event.pending_webhooks == 0
    assert events.retrieve(event.id, options=VELO_ONLY).type == event.type
    assert events.list({"types": ["charge.failed"]}, VELO_ONLY).data == []


def test_held_events_go_out_doubled_and_shuffled(standin: StandIn, inbox: Inbox) -> None:
    post(standin, "faults", {"webhooks": {"hold": True, "duplicate": 3, "shuffle": 7}})
    for _ in range(5):
        pay(standin)
    assert standin.webhooks.drain(1)
    assert inbox.taken == []
    assert post(standin, "faults", {"webhooks": {"hold": False}})["webhooks"]["held"] == 0
    assert standin.webhooks.drain(10)
    ids = [event.id for event in inbox.events()]
    happened = [event["id"] for event in standin.switches.events()]
    assert len(ids) == 45
    assert sorted(set(ids)) == sorted(happened)
    assert list(dict.fromkeys(ids)) != happened


def test_lost_events_are_only_found_in_the_list(standin: StandIn, inbox: Inbox) -> None:
    standin.switches.set({"webhooks": {"off": True}})
    pay(standin)
    standin.switches.set({"webhooks": {"off": False, "drop": 1.0}})
    pay(standin)
    assert standin.webhooks.drain(1)
    assert inbox.taken == []
    lost = client(standin).v1.events.list({"delivery_success": False, "limit": 2}, VELO_ONLY)
    assert len(list(lost.auto_paging_iter())) == 6
    standin.switches.set({"reset": True})
    post(standin, "resend", {"event": lost.data[0].id, "times": 2})
    assert standin.webhooks.drain(5)
    assert len(inbox.taken) == 2


def test_undelivered_events_go_out_after_a_restart(inbox: Inbox, tmp_path: Path) -> None:
    with StandIn(accounts=[VELO], webhook_url=inbox.url, webhook_secret=SECRET, data=tmp_path) as first:
        first.switches.set({"webhooks": {"hold": True}})
        pay(first)
    with StandIn(accounts=[VELO], webhook_url=inbox.url, webhook_secret=SECRET, data=tmp_path) as second:
        assert second.webhooks.drain(5)
        assert len(inbox.events()) == 3


def test_a_500_is_stored_under_its_key(standin: StandIn) -> None:
    standin.switches.set({"faults": [{"kind": "status", "status": 500, "path": "/v1/checkout", "next": 1}]})
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            create(standin, key="k", retries=0)
        assert failed.value.http_status == 500
    assert create(standin, key="other").status == "open"


def test_a_503_is_not_stored_so_the_clients_retry_succeeds(standin: StandIn) -> None:
    standin.switches.set({"faults": [{"kind": "status", "status": 503, "next": 1}]})
    assert create(standin, key="k").status == "open"
    assert standin.switches.shown()["faults"] == []


def test_after_a_dropped_line_the_clients_retry_finds_the_same_session(standin: StandIn) -> None:
    standin.switches.set({"faults": [{"kind": "drop", "method": "POST", "next": 1, "done": True}]})
    made = create(standin, key="k")
    listed = client(standin).v1.checkout.sessions.list(options=VELO_ONLY)
    assert [one.id for one in listed.data] == [made.id]


def test_half_an_answer_is_not_retried_by_the_client_but_can_be_by_us(standin: StandIn) -> None:
    standin.switches.set({"faults": [{"kind": "half_response", "next": 1}]})
    with pytest.raises(stripe.APIConnectionError):
        create(standin, key="k")
    made = create(standin, key="k")
    listed = client(standin).v1.checkout.sessions.list(options=VELO_ONLY)
    assert [one.id for one in listed.data] == [made.id]


def test_a_429_says_when_to_come_back(standin: StandIn) -> None:
    standin.switches.set({"faults": [
        {"kind": "status", "status": 429, "next": 1, "retry_after": 3, "should_retry": False},
        {"kind": "status", "status": 429, "next": 1, "should_retry": True},
    ]})
    with pytest.raises(stripe.RateLimitError) as slow:
        create(standin)
    assert slow.value.headers is not None
    assert slow.value.headers["Retry-After"] == "3"
    assert create(standin).status == "open"


def test_a_hanging_line_ends_by_the_clients_patience_and_by_the_stop(standin: StandIn) -> None:
    standin.switches.set({"faults": [{"kind": "hang", "path": "/v1/checkout", "done": True}]})
    impatient = stripe.StripeClient(
        "sk_test_demo", base_addresses={"api": standin.base_url}, max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(0.3, 0.3)),
    )
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.checkout.sessions.list(options=VELO_ONLY)


def test_a_delay_is_waited_for(standin: StandIn) -> None:
    standin.switches.set({"faults": [{"kind": "delay", "seconds": 0.3, "next": 1}]})
    began = time.monotonic()
    create(standin)
    assert time.monotonic() - began >= 0.3


def test_an_unknown_switch_is_refused(standin: StandIn) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(standin, "faults", {"faults": [{"kind": "earthquake"}]})
    refused.value.close()
    assert refused.value.code == 400
