"""Does money find its way back: given back by two people at the desk, or taken back by the payer's bank?"""

from __future__ import annotations

from portal.rules.claims import ClaimStatus
from portal.store.settings import creditor_by_id
from tests.examples import DORA, VELO
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, Reader, at_desk, reader

CARD = "main form:has(input[type=hidden][name=amount]) button[name=method][value=card]"


def pays_everything(live: Live, manner: Manner) -> Reader:
    """Dora pays the letter's sum by card."""
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.taps_on(f"main a.button[href^='{dora.path}/pay']")
    dora.taps_on(CARD)
    dora.taps_on("button[name=act][value=pay]")
    live.work()
    assert Books(live).claim().status == ClaimStatus.SETTLED
    return dora


@turn(1)
def test_a_refund_above_the_limit_needs_two_people_and_is_read_by_the_debtor(live: Live, manner: Manner) -> None:
    with live.parts.database.writing() as session:
        creditor_by_id(session, VELO).lead_refund_minor = 10000
    dora = pays_everything(live, manner)
    lena = at_desk(live, "lena", manner)
    lena.opens(DORA)
    lena.taps_on(f"main a.button[href='{lena.at(DORA, '/refund')}']")
    lena.types("[name=amount]", "5000.00")
    lena.picks("[name=reason][value=goods_returned]")
    lena.sends(status=422)
    lena.has("main .error")
    lena.types("[name=amount]", "150.00")
    lena.sends()
    place = lena.page.url.removeprefix(live.base)
    lena.has("main form[action$='/approve']", 0)
    assert place not in lena.today()
    adam = at_desk(live, "adam", manner)
    assert place in adam.today()
    adam.taps_on(f"main a.item[href='{place}']")
    adam.sees("150")
    adam.sends("main form[action$='/approve']")
    live.work()
    adam.page.reload()
    adam.has("main form[action$='/approve']", 0)
    assert [one["amount"] for one in live.standin.switches.everything()["objects"]["refund"]] == [15000]
    assert Books(live).claim().status == ClaimStatus.OPEN
    dora.opens_the_file()
    assert dora.thread().count("150") >= 2
    assert "150" in dora.amount()


@turn(2)
def test_a_payment_that_the_bank_takes_back_opens_the_case_calmly_and_closes_it_when_it_is_won(
    live: Live, manner: Manner
) -> None:
    dora = pays_everything(live, manner)
    intent = live.standin.switches.everything()["objects"]["payment_intent"][0]["id"]
    live.standin.switches.dispute({"payment_intent": intent, "state": "withdrawn"})
    live.work()
    assert Books(live).claim().status == ClaimStatus.OPEN
    clara = at_desk(live, manner=manner)
    tasks = [href for href in clara.today() if href.startswith("/desk/tasks/")]
    assert len(tasks) == 1
    clara.taps_on(f"main a.item[href='{tasks[0]}']")
    clara.taps_on(f"main a[href='{clara.at(DORA)}']")
    dora.opens_the_file()
    dora.looks()
    dora.has(f"main a[href^='{dora.path}/pay']")
    live.standin.switches.dispute({"payment_intent": intent, "state": "reinstated"})
    live.work()
    assert Books(live).claim().status == ClaimStatus.SETTLED
    dora.looks()
    dora.has(f"main a[href^='{dora.path}/pay']", 0)
