"""Does a person who paid hold a receipt in hand, and can she look at any past day, with a phone?"""

from __future__ import annotations

import re

from portal.rules.claims import ClaimStatus
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.web.i18n import digits
from tests.examples import DORA
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, Reader, reader
from tests.pdf_text import text_of

CARD = "main form:has(input[type=hidden][name=amount]) button[name=method][value=card]"


def owed(live: Live) -> str:
    """What is open today, as papers write it."""

    def ask(session):  # type: ignore[no-untyped-def]
        return claim_sum(session, session.get_one(Claim, DORA.claim_id), on=live.clock.today).open.minor

    return digits(Books(live).ask(ask), "CHF")


def pays(dora: Reader, amount: str) -> None:
    """By card on the provider's page, and back; then the worker has seen it."""
    dora.goes_to(f"{dora.path}/pay?amount={amount}")
    dora.taps_on(CARD)
    dora.picks("[name=method][value=card]")
    dora.taps_on("button[name=act][value=pay]")
    dora.live.work()
    dora.page.reload()


@turn(3)
def test_the_receipt_is_one_tap_from_the_page_after_paying(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    pays(dora, "100.00")
    dora.taps_on(f"main a[href='{dora.path}/receipts']")
    dora.is_at(f"{dora.path}/receipts")
    said = text_of(dora.saves("main a.paper"))
    assert "CHF 100.00" in said
    assert owed(live) in said
    dora.has("main form", 0)  # the statement is for the whole file
    dora.opens_the_file()
    dora.looks()
    assert text_of(dora.saves("ol.thread a[href*='/receipts/']")) == said
    anybody = reader(live, manner=manner)
    anybody.goes_to(f"/velo-sutter/genuine?lang={manner.language}")
    anybody.types("[name=paper]", re.findall(r"\w{6}-\w{6}-\w{6}", said)[0])
    anybody.taps_on("main form button")
    anybody.sees("2026")
    anybody.has("main [role=status]")


@turn(4)
def test_a_statement_of_a_past_day_and_at_the_end_the_confirmation(live: Live, manner: Manner) -> None:
    then, day = owed(live), live.clock.today
    live.clock.move(days=21)
    dora = reader(live, manner=manner)
    dora.comes_in()
    pays(dora, "50.00")
    dora.opens_the_file()
    dora.looks()
    dora.taps_on(f"main a[href='{dora.path}/receipts']")
    now = text_of(dora.saves("main form button"))
    assert f"CHF {owed(live)}" in now
    dora.types("[name=on_day]", str(day.day))
    dora.types("[name=on_month]", str(day.month))
    dora.types("[name=on_year]", str(day.year))
    past = text_of(dora.saves("main form button"))
    assert f"CHF {then}" in past
    assert "50.00" in now
    assert " −50.00 " not in past
    dora.types("[name=on_year]", "2031")
    dora.taps_on("main form button", 422)
    dora.has("main .problems")
    pays(dora, owed(live))
    assert Books(live).claim().status == ClaimStatus.SETTLED
    dora.looks()
    dora.taps_on(f"main a.button[href='{dora.path}/receipts']")
    assert " 0.00" in text_of(dora.saves("main a.button[href$='/confirmation.pdf']"))
