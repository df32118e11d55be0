"""Does money that somebody pays with a phone end in the claim, and does no way to pay end nowhere?"""

from __future__ import annotations

import io

import pikepdf

from portal.rules.claims import ClaimStatus
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.ledger import credit_of
from tests import hostile
from tests.examples import DORA, VELO
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, Reader, at_desk, reader

CARD = "main form:has(input[type=hidden][name=amount]) button[name=method][value=card]"


def starts_to_pay(dora: Reader) -> str:
    """From the letter to the provider's page; what is to be paid."""
    dora.comes_in()
    amount = dora.amount()
    dora.taps_on(f"main a.button[href^='{dora.path}/pay']")
    dora.taps_on(CARD)
    assert not dora.page.url.startswith(dora.live.base)
    return amount


@turn(0)
def test_by_card_from_the_letter_to_the_receipt(live: Live, manner: Manner) -> None:
    at_desk(live).adds_the_invoice(Books(live).known, hostile.pdf())
    dora = reader(live, manner=manner)
    dora.comes_in()
    assert dora.saves(f"main a[href^='{dora.path}/evidence/']").startswith(b"%PDF-")
    amount = dora.amount()
    dora.taps_on(f"main a.button[href^='{dora.path}/pay']")
    dora.taps_on(CARD)
    assert not dora.page.url.startswith(live.base)
    dora.picks("[name=method][value=card]")
    dora.taps_on("button[name=act][value=pay]")
    assert "/paid/" in dora.page.url
    dora.sees_not("CHF")
    dora.sees_not(dora.known.name)
    live.work()
    dora.page.reload()
    dora.finds_a_good_page()
    dora.has("main a[href^='/paid/']", 0)
    dora.taps_on("main a[href='/claims']")
    dora.is_at(dora.path)
    assert Books(live).claim().status == ClaimStatus.SETTLED
    dora.has(f"main a[href^='{dora.path}/pay']", 0)
    dora.opens_the_file()
    assert amount in dora.thread()


@turn(1)
def test_by_twint(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    starts_to_pay(dora)
    dora.picks("[name=method][value=twint]")
    dora.taps_on("button[name=act][value=pay]")
    live.work()
    assert Books(live).claim().status == ClaimStatus.SETTLED


@turn(2)
def test_a_refused_card_and_an_abandoned_page_take_no_money_and_the_next_try_works(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    starts_to_pay(dora)
    dora.taps_on("button[name=act][value=fail]", 402)
    dora.taps_on("button[name=act][value=back]")
    live.work()
    dora.page.reload()
    dora.finds_a_good_page()
    assert "/paid/" in dora.page.url
    dora.taps_on("main a[href='/claims']")
    assert Books(live).claim().status == ClaimStatus.OPEN
    dora.goes_to(f"{dora.path}/pay")
    dora.taps_on(CARD)
    dora.taps_on("button[name=act][value=pay]")
    live.work()
    assert Books(live).claim().status == ClaimStatus.SETTLED


@turn(3)
def test_while_the_provider_is_down_the_page_says_how_to_transfer(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.taps_on(f"main a.button[href^='{dora.path}/pay']")
    live.standin.switches.set({"faults": [{"kind": "status", "status": 503, "path": "/v1"}]})
    dora.taps_on(CARD, 503)
    dora.has("main .notice.wait")
    dora.has("main .copy .value")
    dora.sees("CH44 3199 9123 0008 8901 2")
    dora.has(CARD, 0)
    live.standin.switches.set({"reset": True})
    dora.goes_to(f"{dora.path}/pay")
    dora.has(CARD)


@turn(4)
def test_the_qr_bill_is_saved_and_the_transfer_announced(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.taps_on(f"main a.button[href^='{dora.path}/pay']")
    with pikepdf.open(io.BytesIO(dora.saves("main a[href*='/qr-bill.pdf']"))) as bill:
        assert len(bill.pages) == 1
    assert dora.taps == 3
    dora.has("main img.qr")
    dora.taps_on(f"main form[action='{dora.path}/told'] button")
    dora.is_at(f"{dora.path}/told")
    dora.taps_on(f"main a[href='{dora.path}']")
    assert Books(live).claim().announced_until is not None
    assert Books(live).claim().status == ClaimStatus.OPEN


@turn(0)
def test_only_what_is_undisputed_is_paid_and_the_rest_waits_for_an_answer(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.taps_on(f"main a.row[href='{dora.path}/dispute']")
    dora.taps_on(f"main a[href='{dora.path}/dispute?reason=costs']")
    dora.sends("main form:has([name=files])")
    dora.goes_to(f"{dora.path}/pay")
    dora.taps_on(CARD)
    dora.taps_on("button[name=act][value=pay]")
    live.work()
    total = Books(live).ask(
        lambda session: claim_sum(session, session.get_one(Claim, DORA.claim_id), on=live.clock.today)
    )
    assert {line.position.kind: line.open.minor for line in total.lines if line.open.minor} == {"reminder_fee": 4000}
    dora.looks()
    dora.sees("40.00")
    clara = at_desk(live, manner=manner)
    clara.opens(DORA)
    clara.sees("40.00")


@turn(1)
def test_what_was_paid_too_much_is_seen_by_both_sides(live: Live, manner: Manner) -> None:
    lena = at_desk(live, "lena", manner)
    lena.opens(DORA, "/booking")
    lena.types("main [name=amount]", "500.00")
    lena.types("main [name=day]", f"{live.clock.today:%d.%m.%Y}")
    lena.picks("[name=note][value=bank_transfer]")
    lena.types("main [name=source]", "Kontoauszug")
    lena.sends("main form:has([name=day])")
    assert Books(live).claim().status == ClaimStatus.SETTLED
    credit = Books(live).ask(lambda session: credit_of(session, VELO, DORA.claim_id, "CHF"))
    assert credit == 50_000 - 32_792
    clara = at_desk(live, manner=manner)
    assert [row.split("/")[2] for row in clara.today()] == ["tasks"]
    clara.sees("172.08")
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    thread = dora.thread()
    assert "172.08" in thread
    assert "500.00" in thread
