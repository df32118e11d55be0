"""Does what the desk gives of its own will reach the person, with a name and a day?"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from portal.daily import run_daily
from portal.rules.claims import ClaimStatus
from portal.rules.offers import OfferStatus
from portal.store.offers import Offer
from portal.store.pauses import open_pauses
from tests.examples import DORA, VELO
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, at_desk, reader

CARD = "main form:has(input[type=hidden][name=amount]) button[name=method][value=card]"


def paused(live: Live) -> bool:
    return bool(Books(live).ask(lambda session: open_pauses(session, VELO, DORA.claim_id, live.clock.today)))


def the_offer(live: Live) -> Offer:
    found: Offer = Books(live).ask(lambda session: session.scalars(select(Offer)).one())
    return found


@turn(0)
def test_waived_costs_are_a_minus_line_with_the_clerks_name(live: Live, manner: Manner) -> None:
    lena = at_desk(live, "lena", manner)
    lena.opens(DORA)
    lena.taps_on(f"main a.button[href='{lena.at(DORA, '/waive')}']")
    lena.has("main .preview .said[lang=de]")
    lena.has("main [name=line]:checked")
    lena.sends("main form:has([name=line])")
    lena.is_at(lena.at(DORA))
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    dora.looks()
    line = dora.page.locator("dl.sum > div", has_text="\u2212").inner_text()
    assert "40.00" in line
    assert "Lena Huber" in dora.reads()
    assert "Lena Huber" in dora.thread()


@turn(1)
def test_an_offer_is_made_seen_paid_and_the_rest_dropped(live: Live, manner: Manner) -> None:
    lena = at_desk(live, "lena", manner)
    lena.opens(DORA)
    lena.taps_on(f"main a.button[href='{lena.at(DORA, '/offer')}']")
    lena.page.locator("[name=amount]").fill("200")
    lena.taps_on("main button[name=look]")
    lena.has("main .preview .said[lang=de]")
    lena.sends("main form:has([name=until])")
    lena.is_at(lena.at(DORA))
    dora = reader(live, manner=manner)
    dora.comes_in()
    assert "200.00" not in dora.amount()
    dora.opens_the_file()
    dora.looks()
    assert "200.00" in dora.amount()
    made = the_offer(live)
    assert made.shown_at is not None
    dora.goes_to(f"{dora.path}/offer/{made.id}")
    dora.sees("Lena Huber")
    dora.taps_on(f"main a.button[href^='{dora.path}/pay']")
    dora.has("[name=part][value='200.00']:checked")
    dora.taps_on(CARD)
    dora.taps_on("button[name=act][value=pay]")
    live.work()
    assert Books(live).claim().status == ClaimStatus.SETTLED
    assert the_offer(live).status == OfferStatus.TAKEN
    dora.looks()
    dora.has(f"main a[href^='{dora.path}/pay']", 0)
    dora.goes_to(f"{dora.path}/offer/{made.id}")


@turn(1)
def test_an_offer_is_taken_on_its_last_day_by_a_transfer_that_is_seen_days_later(live: Live, manner: Manner) -> None:
    lena = at_desk(live, "lena", manner)
    last = live.clock.today + timedelta(days=11)
    lena.opens(DORA, "/offer")
    lena.types("[name=amount]", "287.92")
    lena.types("[name=until]", f"{last:%d.%m.%Y}")
    lena.sends("main form:has([name=until])")
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    dora.goes_to(f"{dora.path}/offer/{the_offer(live).id}")
    live.clock.to(last)
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    dora.looks()
    assert "287.92" in dora.amount()
    dora.taps_on(f"main a.button[href='{dora.path}/pay']")
    dora.has("[name=part][value='287.92']:checked")
    dora.sees("CH44 3199 9123 0008 8901 2")
    dora.sends(f"main form[action='{dora.path}/told']")
    live.clock.to(last + timedelta(days=4))
    run_daily(live.parts.database, now=live.clock())
    assert the_offer(live).status == OfferStatus.EXPIRED
    lena = at_desk(live, "lena", manner)
    lena.opens(DORA, "/booking")
    lena.types("main [name=amount]", "287.92")
    lena.types("main [name=day]", f"{last:%d.%m.%Y}")
    lena.picks("[name=note][value=bank_transfer]")
    lena.types("main [name=source]", "Kontoauszug")
    lena.sends("main form:has([name=day])")
    assert Books(live).claim().status == ClaimStatus.SETTLED
    assert the_offer(live).status == OfferStatus.TAKEN
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    dora.looks()
    line = dora.page.locator("dl.sum > div", has_text="Lena Huber").inner_text()
    assert "\u221240.00" in line.replace("\u00a0", "")
    dora.goes_to(f"{dora.path}/offer/{the_offer(live).id}")
    dora.sees("Lena Huber")


@turn(2)
def test_a_pause_and_its_end_reach_the_person_with_reason_day_and_name(live: Live, manner: Manner) -> None:
    clara = at_desk(live, manner=manner)
    clara.opens(DORA)
    clara.taps_on(f"main a.button[href='{clara.at(DORA, '/pause')}']")
    clara.types("main [name=text]", "Wir suchen den Lieferschein.")
    clara.taps_on("main button[name=look]")
    clara.has("main .preview .said[lang=de]")
    clara.sends("main form:has([name=how])")
    assert paused(live)
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    dora.goes_to(f"{dora.path}/messages")
    dora.sees("Wir suchen den Lieferschein.")
    clara.opens(DORA)
    clara.taps_on(f"main a.button[href='{clara.at(DORA, '/resume')}']")
    clara.types("main [name=text]", "Der Lieferschein ist da.")
    clara.sends("main form:has([name=resumes])")
    assert paused(live)
    dora.goes_to(f"{dora.path}/messages")
    dora.sees("Der Lieferschein ist da.")
    dora.sees("Clara Meier")
    live.clock.move(days=8)
    assert not paused(live)
