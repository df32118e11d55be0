"""Does somebody who needs time, or can pay nothing, get rest at once and a person's answer?"""

from __future__ import annotations

from typing import Any

from portal.rules.deferrals import DeferralStatus
from portal.rules.hardship import HardshipStatus
from portal.rules.pauses import PauseReason
from portal.store.deferrals import deferrals_of
from portal.store.hardship import hardships_of
from portal.store.pauses import open_pauses
from tests.examples import VELO
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, Reader, at_desk, reader


def newest(live: Live, rows: Any) -> Any:
    books = Books(live)
    return books.ask(lambda session: rows(session, VELO, books.known.claim_id)[0])


def paused_for(live: Live) -> list[str]:
    books = Books(live)
    rows = books.ask(lambda session: open_pauses(session, VELO, books.known.claim_id, live.clock.today))
    return [row.reason for row in rows]


def goes_for(dora: Reader, choice: str) -> None:
    dora.comes_in()
    dora.taps_on(f"main a[href='{dora.path}/plan']")
    dora.picks(f"[name=instalments][value={choice}]")
    dora.sends()


@turn(0)
def test_a_day_of_the_three_counts_at_once_after_six_taps(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    goes_for(dora, "later")
    dora.is_at(f"{dora.path}/later")
    dora.picks("[name=date]")
    dora.sends()
    assert dora.taps == 6
    assert newest(live, deferrals_of).status == DeferralStatus.GRANTED
    dora.looks()
    dora.has(f"main a.button[href='{dora.path}/pay']")
    dora.has(f"main a[href='{dora.path}/later']")


@turn(1)
def test_a_far_day_waits_for_the_clerk_who_gives_the_time(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    goes_for(dora, "later")
    for name, text in (("day", "29"), ("month", "1"), ("year", "2027")):
        dora.types(f"[name=date_{name}]", text)
    dora.sends()
    asked = newest(live, deferrals_of)
    assert asked.status == DeferralStatus.PROPOSED
    clara = at_desk(live, manner=manner)
    assert clara.today() == [clara.at(dora.known, f"/deferrals/{asked.id}")]
    clara.taps_on("main a.item")
    clara.decides("accept")
    assert newest(live, deferrals_of).status == DeferralStatus.GRANTED
    dora.opens_the_file()
    assert "Clara Meier" in dora.thread()


@turn(2)
def test_nothing_possible_rests_at_once_and_a_question_is_answered(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    goes_for(dora, "nothing")
    dora.is_at(f"{dora.path}/hardship")
    dora.has("main a[href='/help']")
    dora.picks("[name=needs][value=large_print]")
    dora.sends()
    assert dora.taps == 6
    assert paused_for(live) == [PauseReason.HARDSHIP]
    told = newest(live, hardships_of)
    clara = at_desk(live)
    assert clara.today() == [clara.at(dora.known, f"/hardship/{told.id}")]
    clara.taps_on("main a.item")
    clara.decides("ask", text="Haben Sie einen Bescheid?")
    assert newest(live, hardships_of).status == HardshipStatus.ASKED
    dora.opens_the_file()
    dora.goes_to(f"{dora.path}/hardship")
    dora.taps_on(f"main a.button[href^='{dora.path}/hardship']")
    dora.types("[name=text]", "Ja, vom Sozialdienst.")
    dora.sends()
    dora.sees("Ja, vom Sozialdienst.")
    clara.today()
    clara.taps_on("main a.item")
    clara.sees("Ja, vom Sozialdienst.")
    clara.decides("accept")
    assert newest(live, hardships_of).status == HardshipStatus.ACCEPTED
    assert paused_for(live) == [PauseReason.HARDSHIP]
    dora.looks()
    dora.has(f"main a[href='{dora.path}/pay']")
