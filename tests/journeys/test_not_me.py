"""Can somebody who got a letter for another person say so, with three taps and without a name?"""

from __future__ import annotations

from sqlalchemy import select

from portal.store.today import Task
from tests.examples import DORA
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, at_desk, reader


@turn(0)
def test_three_taps_and_the_desk_has_a_task(live: Live, manner: Manner) -> None:
    somebody = reader(live, manner=manner)
    somebody.goes_to(f"/velo-sutter?lang={manner.language}")
    somebody.taps_on("main a[href='/velo-sutter/not-me']")
    somebody.picks("[name=why]")
    somebody.sends()
    assert (somebody.taps, somebody.typed) == (3, 0)
    somebody.is_at("/velo-sutter/not-me")
    somebody.sees_not(DORA.name)
    somebody.has("main form", 0)
    clara = at_desk(live, manner=manner)
    tasks = Books(live).ask(lambda session: list(session.scalars(select(Task))))
    assert clara.today() == [f"/desk/tasks/{task.id}" for task in tasks]
    clara.taps_on("main a.item")
    clara.sends()
    assert clara.today() == []


@turn(1)
def test_with_the_code_the_letter_is_found_and_the_case_rests(live: Live, manner: Manner) -> None:
    somebody = reader(live, manner=manner)
    somebody.goes_to(f"/velo-sutter/not-me?lang={manner.language}")
    somebody.sends(status=422)
    somebody.has(".problems a[href='#why']")
    somebody.picks("[name=why][value=moved]")
    somebody.types("[name=code]", DORA.code)
    somebody.sends()
    somebody.sees_not(DORA.name)
    clara = at_desk(live, manner=manner)
    assert any("/desk/tasks/" in place for place in clara.today())
    clara.taps_on("main a.item[href^='/desk/tasks/']")
    clara.has(f"main a[href='{clara.at(DORA)}']")
    clara.taps_on(f"main a[href='{clara.at(DORA)}']")


@turn(2)
def test_whether_the_letter_is_genuine_and_who_helps_is_said_without_the_code(live: Live, manner: Manner) -> None:
    somebody = reader(live, manner=manner)
    somebody.goes_to(f"/velo-sutter?lang={manner.language}")
    somebody.taps_on("main a[href='/velo-sutter/genuine']")
    for place in ("/help", "/privacy", "/accessibility"):
        somebody.taps_on(f"footer a[href='{place}']")
        somebody.is_at(place)
