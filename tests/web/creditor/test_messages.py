"""Does the answer reach the debtor with a name, and does a note never leave the desk?"""

from __future__ import annotations

from sqlalchemy import select

from portal.rules.history import EventKind
from portal.store.claims import Claim
from portal.store.history import Event
from portal.store.messages import Message
from tests.examples import CLARA, DORA
from tests.people import Portal

AT_DESK = f"/desk/claims/{DORA.reference}/messages"
NOTES = f"/desk/claims/{DORA.reference}/notes"
PATH = f"/claims/{DORA.reference}/messages"


def asked(portal: Portal) -> None:
    assert portal.dora.is_in().sends(PATH, text="Warum 40 Franken?").status_code == 303


def test_an_answer_ends_the_wait_and_is_read_once(portal: Portal) -> None:
    asked(portal)
    clara = portal.staff("clara").is_in()
    assert "Gern erkläre ich das." in clara.follows(clara.sends(AT_DESK, text="Gern erkläre ich das."))
    claim = portal.read(lambda session: session.get_one(Claim, DORA.claim_id))
    assert (claim.waiting_since, claim.promised_on) == (None, None)
    assert claim.answered_at is not None
    dora = portal.dora.is_in()
    page = dora.reads(PATH)
    assert "Gern erkläre ich das." in page
    assert "Clara Meier" in page
    with portal.reading() as session:
        row = session.scalars(select(Message).where(Message.clerk_id == CLARA)).one()
        assert row.read_at is not None


def test_a_note_stays_at_the_desk(portal: Portal) -> None:
    asked(portal)
    clara = portal.staff("clara").is_in()
    page = clara.follows(clara.sends(NOTES, page=AT_DESK, text="Interne Spur 77"))
    assert "Interne Spur 77" in page
    dora = portal.dora.is_in()
    assert "Interne Spur 77" not in dora.reads(PATH) + dora.reads(f"/claims/{DORA.reference}")
    claim = portal.read(lambda session: session.get_one(Claim, DORA.claim_id))
    assert claim.waiting_since is not None
    assert claim.answered_at is None
    with portal.reading() as session:
        event = session.scalars(select(Event).order_by(Event.seq.desc())).first()
        assert event is not None
        assert (event.kind, event.internal) == (EventKind.NOTE_ADDED, True)


def test_a_look_sends_nothing(portal: Portal) -> None:
    asked(portal)
    clara = portal.staff("clara").is_in()
    answer = clara.sends(AT_DESK, text="Nur ein Entwurf", look="1")
    assert answer.status_code == 200
    assert "Nur ein Entwurf" in answer.get_data(as_text=True)
    assert "Nur ein Entwurf" not in portal.dora.is_in().reads(PATH)


def test_an_empty_answer_and_an_empty_note_come_back(portal: Portal) -> None:
    clara = portal.staff("clara").is_in()
    assert clara.sends(AT_DESK, text=" ").status_code == 422
    assert clara.sends(NOTES, page=AT_DESK, text=" ").status_code == 422


def test_who_may_not_answer_has_no_form_and_no_address(portal: Portal) -> None:
    otto = portal.staff("otto").is_in()
    assert "<textarea" not in otto.reads(AT_DESK)
    assert otto.posts(AT_DESK, token_from="/desk", text="x").status_code == 404
    carl = portal.staff("carl").is_in()
    assert carl.opens(AT_DESK).status_code == 404
    assert carl.posts(AT_DESK, token_from="/desk", text="x").status_code == 404
    assert carl.posts(NOTES, token_from="/desk", text="x").status_code == 404
