"""Does a claim rest at once when nothing can be paid, without anybody asking why, and does a clerk answer?"""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from portal.actions import hardship, plans
from portal.rules.access import Room
from portal.store.attachments import attachments_on
from portal.store.hardship import Hardship, hardships_of
from portal.store.history import Event
from portal.store.pauses import open_pauses
from portal.store.plans import live_plan
from portal.store.settings import Creditor
from tests.examples import DORA, VELO
from tests.people import Clerk, Debtor, Portal, forms_of


@pytest.fixture
def dora(portal: Portal) -> Debtor:
    person = portal.dora.is_in()
    person.opens("/claims?lang=en")
    return person


@pytest.fixture
def clara(portal: Portal) -> Clerk:
    person = portal.staff("clara").is_in()
    person.opens("/desk/sign-in?lang=en")
    return person


def last(portal: Portal) -> Hardship:
    found: Hardship = portal.read(lambda session: hardships_of(session, VELO, DORA.claim_id)[0])
    return found


def desk(portal: Portal) -> str:
    return f"/desk/claims/{DORA.reference}/hardship/{last(portal).id}"


def pauses(portal: Portal) -> list[tuple[str, date | None]]:
    rows = portal.read(lambda session: open_pauses(session, VELO, DORA.claim_id, portal.clock.today))
    return [(row.reason, row.until_on) for row in rows]


def test_nothing_has_to_be_filled_in_and_the_case_rests_at_once(portal: Portal, dora: Debtor) -> None:
    shown = dora.follows(dora.sends(f"{dora.path}/hardship"))
    assert "Thank you for telling us. You do not have to pay anything today." in shown
    assert "Clara Meier will answer by Wednesday, 25\xa0November 2026." in shown
    assert pauses(portal) == [("hardship", date(2027, 1, 7))]


def test_needs_a_text_and_a_document_reach_the_clerk(portal: Portal, dora: Debtor, clara: Clerk) -> None:
    picture = BytesIO()
    Image.new("RGB", (30, 20), "white").save(picture, "PNG")
    picture.seek(0)
    page = f"{dora.path}/hardship"
    answer = dora.sends(
        page, needs=["by_post", "large_print", "nonsense"], text="Ich bin krank.", files=(picture, "Entscheid.png")
    )
    shown = dora.follows(answer)
    assert "Ich bin krank." in shown
    assert "Entscheid" in shown
    assert last(portal).needs == ["by_post", "large_print"]
    files = portal.read(lambda session: attachments_on(session, VELO, DORA.claim_id))
    assert [row.subject_id for row in files] == [last(portal).id]
    asked = clara.reads(desk(portal))
    assert "Ich bin krank." in asked
    assert "Entscheid" in asked


def test_what_was_told_stays_in_room_2(portal: Portal, dora: Debtor) -> None:
    dora.sends(f"{dora.path}/hardship", text="Ich bin krank.")
    finder = portal.dora.is_in(Room.LETTER)
    page = finder.reads(f"{finder.path}/hardship")
    assert "Ich bin krank." not in page
    assert 'type="file"' not in page
    assert finder.posts(f"{finder.path}/hardship/withdraw").status_code == 404


def test_proof_gives_twelve_months(portal: Portal, dora: Debtor, clara: Clerk) -> None:
    dora.sends(f"{dora.path}/hardship")
    assert clara.sends(desk(portal), decision="accept").status_code == 303
    assert (last(portal).status, last(portal).proof_accepted) == ("accepted", True)
    assert pauses(portal) == [("hardship", date(2027, 11, 23))]
    assert "You do not have to pay anything until Tuesday, 23\xa0November 2027." in dora.reads(f"{dora.path}/hardship")


def test_a_question_is_answered_and_a_no_has_a_reason(portal: Portal, dora: Debtor, clara: Clerk) -> None:
    page = f"{dora.path}/hardship"
    dora.sends(page)
    assert clara.sends(desk(portal), decision="ask").status_code == 422
    assert clara.sends(desk(portal), decision="ask", text="Haben Sie einen Entscheid?").status_code == 303
    assert "Haben Sie einen Entscheid?" in dora.reads(page)
    assert dora.sends(page, page=f"{page}?more=1", text="Ja, von der Gemeinde.").status_code == 303
    assert (last(portal).status, last(portal).text) == ("told", "Ja, von der Gemeinde.")
    assert clara.sends(desk(portal), decision="decline", text="Das reicht leider nicht.").status_code == 303
    assert "Das reicht leider nicht." in dora.reads(page)
    assert pauses(portal) == [("hardship", date(2026, 11, 30))]
    assert portal.staff("carl").is_in().opens(desk(portal)).status_code == 404


def test_a_running_plan_rests_meanwhile(portal: Portal, dora: Debtor) -> None:
    path = f"{dora.path}/plan/check"
    _, fields = next(form for form in forms_of(dora.reads(f"{path}?instalments=2&day=1")) if form[0] == path)
    dora.client.post(path, data={name: values[0] for name, values in fields.items()})
    dora.sends(f"{dora.path}/hardship")
    portal.clock.to(date(2026, 12, 20))
    with portal.writing() as session:
        plans.daily(session, session.get_one(Creditor, VELO), today=portal.clock.today, now=portal.clock())
    plan = portal.read(lambda session: live_plan(session, VELO, DORA.claim_id))
    assert (plan.status, plan.suspended) == ("agreed", True)
    again = portal.dora.is_in()
    assert again.sends(f"{again.path}/hardship/withdraw", page=f"{again.path}/hardship").status_code == 303
    plan = portal.read(lambda session: live_plan(session, VELO, DORA.claim_id))
    assert (plan.status, plan.suspended) == ("agreed", False)


def test_before_the_end_somebody_asks_once_and_then_it_is_over(portal: Portal, dora: Debtor) -> None:
    dora.sends(f"{dora.path}/hardship")
    for day in (date(2026, 12, 23), date(2026, 12, 24), date(2026, 12, 27), date(2027, 1, 8)):
        portal.clock.to(day)
        with portal.writing() as session:
            hardship.daily(session, session.get_one(Creditor, VELO), today=day, now=portal.clock())
    kinds = portal.read(
        lambda session: [event.kind for event in session.query(Event).filter(Event.claim_id == DORA.claim_id)]
    )
    assert kinds.count("hardship_asked") == 1
    assert last(portal).status == "ended"
    assert pauses(portal) == []
    assert portal.read(lambda session: attachments_on(session, VELO, DORA.claim_id)) == []
