"""Can everything be paid later, on a day that is really there, and does the clerk answer what lies beyond the limit?"""

from __future__ import annotations

from datetime import date

import pytest

from portal.actions import deferrals
from portal.store.deferrals import deferrals_of
from portal.store.pauses import open_pauses
from portal.store.settings import Creditor
from tests.examples import DORA, VELO
from tests.people import Debtor, Portal


@pytest.fixture
def dora(portal: Portal) -> Debtor:
    person = portal.dora.is_in()
    person.opens("/claims?lang=en")
    return person


def last(portal: Portal) -> tuple[str, date]:
    found = portal.read(lambda session: deferrals_of(session, VELO, DORA.claim_id)[0])
    return found.status, found.until_on


def test_three_days_are_offered_and_one_counts_at_once(portal: Portal, dora: Debtor) -> None:
    page = dora.reads(f"{dora.path}/later")
    assert all(day in page for day in ("2026-11-30", "2026-12-28", "2026-12-31"))
    assert page.index("The limitation period can then start again.") < page.index("Send")
    shown = dora.follows(dora.sends(f"{dora.path}/later", date="2026-12-31"))
    assert "You have until Thursday, 31\xa0December 2026. The amount stays the same." in shown
    assert last(portal) == ("granted", date(2026, 12, 31))
    rests = portal.read(lambda session: open_pauses(session, VELO, DORA.claim_id, portal.clock.today))
    assert [(row.reason, row.until_on, row.stops_interest) for row in rests] == [("deferral", date(2026, 12, 31), True)]


def test_a_day_on_a_weekend_moves_and_the_page_says_so(portal: Portal, dora: Debtor) -> None:
    shown = dora.follows(
        dora.sends(f"{dora.path}/later", date="other", date_day="20", date_month="12", date_year="2026")
    )
    assert "Nobody works on Sunday, 20\xa0December 2026. We use Monday, 21\xa0December 2026." in shown
    assert last(portal) == ("granted", date(2026, 12, 21))


@pytest.mark.parametrize("typed", ["", "2026-11-23", "2027-12-01", "31.02.2027", "soon"])
def test_a_day_that_cannot_be_names_the_first_and_the_last(portal: Portal, dora: Debtor, typed: str) -> None:
    refused = dora.sends(f"{dora.path}/later", date=typed)
    assert refused.status_code == 422
    assert "Choose a date between Tuesday, 24\xa0November 2026 and Tuesday, 23\xa0March 2027" in refused.text
    assert portal.read(lambda session: deferrals_of(session, VELO, DORA.claim_id)) == []


def test_beyond_the_limit_the_clerk_answers(portal: Portal, dora: Debtor) -> None:
    shown = dora.follows(dora.sends(f"{dora.path}/later", date="2027-02-26"))
    assert "Clara Meier will answer by Wednesday, 25\xa0November 2026." in shown
    deferral = portal.read(lambda session: deferrals_of(session, VELO, DORA.claim_id)[0])
    desk = f"/desk/claims/{DORA.reference}/deferrals/{deferral.id}"
    clara = portal.staff("clara").is_in()
    clara.opens("/desk/sign-in?lang=en")
    assert clara.sends(desk, decision="decline").status_code == 422
    assert portal.staff("carl").is_in().opens(desk).status_code == 404
    assert clara.sends(desk, decision="accept").status_code == 303
    assert "You have until Friday, 26\xa0February 2027." in dora.reads(f"{dora.path}/later")
    assert clara.posts(desk, decision="decline", reason="Nein").status_code == 409


def test_a_no_is_read_with_its_reason(portal: Portal, dora: Debtor) -> None:
    dora.sends(f"{dora.path}/later", date="2027-02-26")
    deferral = portal.read(lambda session: deferrals_of(session, VELO, DORA.claim_id)[0])
    clara = portal.staff("clara").is_in()
    assert clara.sends(
        f"/desk/claims/{DORA.reference}/deferrals/{deferral.id}", decision="decline", reason="Das ist zu spät."
    ).status_code == 303
    assert "Das ist zu spät." in dora.reads(f"{dora.path}/later")


def test_a_wish_can_be_taken_back_and_replaced(portal: Portal, dora: Debtor) -> None:
    page = f"{dora.path}/later"
    dora.sends(page, date="2027-02-26")
    assert dora.sends(f"{page}/withdraw", page=page).status_code == 303
    assert last(portal)[0] == "withdrawn"
    dora.sends(page, date="2026-11-30")
    dora.sends(page, page=f"{page}?new=1", date="2026-12-31")
    states = portal.read(lambda session: sorted(row.status for row in deferrals_of(session, VELO, DORA.claim_id)))
    assert states == ["granted", "replaced", "withdrawn"]


def test_after_its_last_day_it_is_over(portal: Portal, dora: Debtor) -> None:
    dora.sends(f"{dora.path}/later", date="2026-11-30")
    for day, word in ((date(2026, 11, 30), "granted"), (date(2026, 12, 3), "ended"), (date(2026, 12, 3), "ended")):
        portal.clock.to(day)
        with portal.writing() as session:
            deferrals.daily(session, session.get_one(Creditor, VELO), today=day, now=portal.clock())
        assert last(portal)[0] == word
