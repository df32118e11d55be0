"""Does somebody who cannot pay all at once get to instalments, with five taps or with a clerk's answer?"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.rules.claims import ClaimStatus
from portal.rules.money import Money
from portal.rules.plans import PlanStatus
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.plans import Plan, plans_of, progress
from portal.web.i18n import digits
from tests.examples import DORA
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, Reader, at_desk, reader


def newest_plan(live: Live) -> Plan:
    books = Books(live)
    found: Plan = books.ask(lambda session: plans_of(session, books.claim().creditor_id, books.known.claim_id)[0])
    return found


def paid_on_plan(session: Session, live: Live) -> Money:
    """What has arrived for the newest plan."""
    claim = session.get_one(Claim, DORA.claim_id)
    plan = plans_of(session, claim.creditor_id, claim.id)[0]
    return progress(session, plan, claim_sum(session, claim, on=live.clock.today)).paid


def agrees_three(dora: Reader) -> None:
    """Five taps from the letter."""
    dora.comes_in()
    dora.taps_on(f"main a[href='{dora.path}/plan']")
    dora.picks("[name=instalments][value='3']")
    dora.sends()
    dora.is_at(f"{dora.path}/plan/check")
    dora.has("main table.check tbody tr", 3)
    dora.has("main .notice.info")
    dora.sends()
    dora.is_at(f"{dora.path}/plan")


@turn(0)
def test_inside_the_limits_five_taps_agree_a_plan(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    agrees_three(dora)
    assert dora.taps == 5
    assert dora.typed == (1 if manner.scripts else 2)
    dora.has("main table.check tbody tr", 3)
    assert newest_plan(live).status == PlanStatus.AGREED
    assert b"BEGIN:VCALENDAR" in dora.saves(f"main a[href='{dora.path}/plan/dates.ics']")
    dora.taps_on(f"main a[href='{dora.path}']")
    dora.has(f"main a.button[href^='{dora.path}/pay?amount=']")


@turn(1)
def test_an_instalment_paid_by_card_moves_the_plan_on(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    agrees_three(dora)
    dora.taps_on(f"main a[href='{dora.path}']")
    first = dora.amount()
    dora.taps_on(f"main a.button[href^='{dora.path}/pay?amount=']")
    assert first in dora.page.locator("h1").inner_text()
    dora.taps_on("main form:has(input[type=hidden][name=amount]) button[name=method][value=card]")
    dora.taps_on("button[name=act][value=pay]")
    live.work()
    dora.opens_the_file()
    dora.taps_on(f"main a[href='{dora.path}/plan']")
    paid = Books(live).ask(lambda session: paid_on_plan(session, live))
    assert digits(paid.minor, "CHF") in first
    assert Books(live).claim().status == ClaimStatus.OPEN


@turn(2)
def test_outside_the_limits_the_clerk_offers_others_and_the_debtor_accepts(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.taps_on(f"main a[href='{dora.path}/plan']")
    dora.picks("[name=instalments][value='6']")
    dora.sends()
    dora.sends()
    assert newest_plan(live).status == PlanStatus.PROPOSED
    clara = at_desk(live)
    place = f"/plans/{newest_plan(live).id}"
    assert clara.today()[0] == clara.at(dora.known, place)
    clara.taps_on("main a.item")
    clara.decides("counter", instalments="4")
    assert newest_plan(live).status == PlanStatus.COUNTERED
    dora.looks()
    dora.taps_on(f"main a[href='{dora.path}/plan']")
    dora.has("main table.check", 2)
    dora.taps_on(f"main a.button[href^='{dora.path}/open']")
    dora.gives_the_fact()
    dora.is_at(f"{dora.path}/plan")
    dora.taps_on(f"main form[action='{dora.path}/plan/accept'] button")
    assert newest_plan(live).status == PlanStatus.AGREED
    dora.has("main table.check tbody tr", 4)
    assert "Clara Meier" in dora.thread()


@turn(3)
def test_an_own_amount_is_checked_on_its_field_and_a_plan_is_taken_back(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.taps_on(f"main a[href='{dora.path}/plan']")
    dora.picks("[name=instalments][value=other]")
    dora.sends()
    dora.is_at(f"{dora.path}/plan/other")
    dora.types("[name=amount]", "1.-")
    dora.sends(status=422)
    dora.has("#amount-error")
    dora.types("[name=amount]", "CHF 120.-")
    dora.sends()
    dora.is_at(f"{dora.path}/plan/check")
    dora.sends()
    assert newest_plan(live).status == PlanStatus.AGREED
    dora.taps_on(f"main form[action='{dora.path}/plan/withdraw'] button")
    assert newest_plan(live).status == PlanStatus.WITHDRAWN
    dora.looks()
    dora.has(f"main a.button[href='{dora.path}/pay']")
