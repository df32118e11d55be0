"""Does money at the stand-in move as at Stripe: paid, failed, refunded, disputed, late, and on its page?"""

import urllib.error
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
import stripe

from portal.demo.standin import StandIn
from portal.demo.standin.words import WORDS, language, money
from tests.demo.standin_client import GARDEN, VELO, client, create

VELO_ONLY: stripe.RequestOptions = {"stripe_account": VELO.id}


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn(accounts=[VELO, GARDEN]) as running:
        yield running


def kinds(standin: StandIn) -> list[str]:
    return [event["type"] for event in standin.switches.events()]


def paid(standin: StandIn, **how: object) -> str:
    made = create(standin, amount=10_000)
    return str(standin.switches.pay({"session": made.id, **how})["payment_intent"])


def test_a_paid_session_has_intent_charge_and_fee(standin: StandIn) -> None:
    intent = client(standin).v1.payment_intents.retrieve(
        paid(standin), {"expand": ["latest_charge.refunds", "latest_charge.balance_transaction"]}, VELO_ONLY
    )
    assert (intent.status, intent.amount, intent.amount_received) == ("succeeded", 10_000, 10_000)
    assert intent.metadata.to_dict() == {"attempt": "7"}
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.paid, charge.amount_refunded, charge.disputed) == (True, 0, False)
    assert charge.refunds is not None
    assert charge.refunds.data == []
    fee = charge.balance_transaction
    assert isinstance(fee, stripe.BalanceTransaction)
    assert (fee.amount, fee.fee, fee.net, fee.type) == (10_000, 320, 9_680, "charge")
    assert kinds(standin) == ["payment_intent.succeeded", "charge.succeeded", "checkout.session.completed"]


def test_only_what_can_be_expanded_is(standin: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client(standin).v1.payment_intents.retrieve(paid(standin), {"expand": ["amount"]}, VELO_ONLY)
    assert refused.value.param == "expand"


def test_a_failed_try_leaves_the_session_open_and_a_later_one_wins(standin: StandIn) -> None:
    made = create(standin)
    failed = standin.switches.pay({"session": made.id, "outcome": "failed"})
    intents = client(standin).v1.payment_intents
    intent = intents.retrieve(failed["payment_intent"], {"expand": ["latest_charge"]}, VELO_ONLY)
    assert (intent.status, intent.amount_received, failed["status"]) == ("requires_payment_method", 0, "open")
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.status == "failed"
    assert kinds(standin) == ["charge.failed", "payment_intent.payment_failed"]
    standin.switches.pay({"session": made.id, "method": "twint"})
    assert intents.retrieve(intent.id, options=VELO_ONLY).status == "succeeded"


def test_a_delayed_payment_completes_unpaid_first(standin: StandIn) -> None:
    made = create(standin)
    first = standin.switches.pay({"session": made.id, "outcome": "processing"})
    assert (first["status"], first["payment_status"]) == ("complete", "unpaid")
    second = standin.switches.pay({"session": made.id})
    assert second["payment_status"] == "paid"
    assert kinds(standin)[1] == "checkout.session.completed"
    assert kinds(standin)[-1] == "checkout.session.async_payment_succeeded"


def test_refunds_add_up_and_stop_at_the_sum(standin: StandIn) -> None:
    intent = paid(standin)
    refunds = client(standin).v1.refunds
    part = refunds.create({"payment_intent": intent, "amount": 4_000}, {**VELO_ONLY, "idempotency_key": "r1"})
    again = refunds.create({"payment_intent": intent, "amount": 4_000}, {**VELO_ONLY, "idempotency_key": "r1"})
    assert part.id == again.id
    assert part.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"payment_intent": intent, "amount": 6_001}, VELO_ONLY)
    assert refused.value.param == "amount"
    standin.switches.refund({"payment_intent": intent, "status": "pending"})
    listed = refunds.list({"payment_intent": intent}, VELO_ONLY)
    assert [(one.amount, one.status) for one in listed.data] == [(6_000, "pending"), (4_000, "succeeded")]
    with pytest.raises(stripe.InvalidRequestError) as done:
        refunds.create({"payment_intent": intent}, VELO_ONLY)
    assert done.value.code == "charge_already_refunded"
    standin.switches.refund({"refund": listed.data[0].id, "status": "failed"})
    assert standin.switches.everything()["totals"][0]["refunded"] == 4_000
    assert kinds(standin)[-2:] == ["refund.failed", "refund.updated"]
    moved = client(standin).v1.balance_transactions.list({"limit": 10}, VELO_ONLY)
    assert sum(one.amount for one in moved.data) == 6_000


def test_a_dispute_takes_the_money_and_gives_it_back(standin: StandIn) -> None:
    intent = paid(standin)
    standin.switches.dispute({"payment_intent": intent, "state": "withdrawn"})
    assert standin.switches.everything()["totals"][0]["disputed_out"] == 10_000
    standin.switches.dispute({"payment_intent": intent, "state": "reinstated"})
    (dispute,) = client(standin).v1.disputes.list({"payment_intent": intent}, VELO_ONLY).data
    assert dispute.status == "won"
    assert [(row.amount, row.reporting_category) for row in dispute.balance_transactions] == [
        (-10_000, "dispute"), (10_000, "dispute_reversal"),
    ]
    assert standin.switches.everything()["totals"][0]["disputed_out"] == 0
    assert "charge.dispute.funds_withdrawn" in kinds(standin)
    assert "charge.dispute.funds_reinstated" in kinds(standin)


@pytest.mark.parametrize(("answer", "status", "payment"), [
    ("complete", "complete", "paid"), ("processing", "complete", "unpaid"), ("expired", "expired", "paid"),
])
def test_a_session_is_paid_while_it_is_being_expired(
    standin: StandIn, answer: str, status: str, payment: str
) -> None:
    made = create(standin)
    standin.switches.set({"faults": [{"kind": "late_pay", "next": 1, "answer": answer}]})
    sessions = client(standin).v1.checkout.sessions
    if answer == "expired":
        sessions.expire(made.id, options=VELO_ONLY)
    else:
        with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
            sessions.expire(made.id, options=VELO_ONLY)
    after = sessions.retrieve(made.id, options=VELO_ONLY)
    assert (after.status, after.payment_status) == (status, payment)


def test_an_expired_session_can_be_paid_by_force_alone(standin: StandIn) -> None:
    made = create(standin)
    client(standin).v1.checkout.sessions.expire(made.id, options=VELO_ONLY)
    body = urlencode({}).encode()
    request = urllib.request.Request(f"{standin.base_url}/_standin/pay", body, method="POST")  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)  # noqa: S310
    refused.value.close()
    assert refused.value.code == 404
    assert standin.switches.pay({"session": made.id, "force": True})["payment_status"] == "paid"


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang, self.methods, self.buttons = "", [""][:0], [""][:0]
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.lang = given["lang"] or ""
        if tag == "input":
            self.methods.append(given["value"] or "")
        if tag == "button":
            self.buttons.append(given["value"] or "")


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing, so that a test sees where it would lead."""

    def redirect_request(self, *args: object) -> None:
        return None


def visit(url: str, **form: str) -> tuple[int, str, str, str]:
    """Status, body, Location and Content-Security-Policy of a page or of a pressed button."""
    opener = urllib.request.build_opener(Stay)
    body = urlencode(form).encode() if form else None
    try:
        answer = opener.open(url, body, 3)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        headers = answer.headers
        return (
            answer.status, answer.read().decode(), headers.get("Location", ""),
            headers.get("Content-Security-Policy", ""),
        )


def test_the_page_pays_in_the_sessions_language(standin: StandIn) -> None:
    for speech in WORDS:
        url = create(standin, locale=speech).url or ""
        status, text, _, policy = visit(url)
        page = Page(text)
        assert (status, page.lang, page.methods) == (200, speech, ["card", "twint"])
        assert page.buttons == ["pay", "fail", "back"]
        assert money(12_345, "chf", speech) in text
        assert "Velo Werkstatt" in text
        assert "form-action 'self' http://127.0.0.1:9" in policy
        assert "unsafe" not in policy
        assert "<script" not in text
        assert "style=" not in text


def test_each_button_leads_where_it_says(standin: StandIn) -> None:
    made = create(standin, locale="fr")
    url = made.url or ""
    status, text, _, _ = visit(url, act="fail", method="card")
    assert status == 402
    assert WORDS["fr"]["failed"] in text
    assert visit(url, act="pay", method="cash")[0] == 422
    assert visit(url, act="back", method="card")[2] == "http://127.0.0.1:9/claim"
    status, _, where, _ = visit(url, act="pay", method="twint")
    assert (status, where) == (303, f"http://127.0.0.1:9/back?session={made.id}")
    status, text, _, _ = visit(url, act="pay", method="twint")
    assert status == 200
    assert WORDS["fr"]["paid"] in text
    assert standin.switches.everything()["totals"][0]["captured"] == 12_345


def test_what_a_page_shows_is_escaped_and_an_ended_one_says_so(standin: StandIn) -> None:
    made = create(standin, account=GARDEN.id, currency="eur", locale="it")
    url = made.url or ""
    assert "Giardino &lt;Sole&gt;" in visit(url)[1]
    client(standin).v1.checkout.sessions.expire(made.id, options={"stripe_account": GARDEN.id})
    status, text, _, _ = visit(url)
    assert status == 410
    assert WORDS["it"]["expired"] in text
    assert visit(f"{standin.base_url}/pay/cs_test_none")[0] == 404


def test_all_languages_say_the_same_things() -> None:
    assert {tuple(sorted(words)) for words in WORDS.values()} == {tuple(sorted(WORDS["en"]))}
    assert language("auto", "fr-CH,de;q=0.5") == "fr"
    assert language(None, "pt") == "en"
    assert money(123_456, "chf", "de") == "CHF\u00a01’234.56"
