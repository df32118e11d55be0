"""Can the debtor write, is the promise kept in sight, and is nothing typed ever lost?"""

from __future__ import annotations

import io
from datetime import timedelta

from sqlalchemy import func, select

from portal.rules.access import Room
from portal.rules.history import EventKind
from portal.store.attachments import Attachment
from portal.store.claims import Claim
from portal.store.history import Event
from portal.store.messages import Message
from portal.store.settings import Creditor
from tests import examples
from tests.examples import DORA, START, TODAY
from tests.people import Portal

PATH = f"/claims/{DORA.reference}/messages"


def claim_of(portal: Portal) -> Claim:
    claim: Claim = portal.read(lambda session: session.get_one(Claim, DORA.claim_id))
    return claim


def test_a_message_makes_the_desk_promise_a_working_day(portal: Portal) -> None:
    dora = portal.dora.is_in()
    page = dora.follows(dora.sends(PATH, text="Wann war das?"))
    assert "Wann war das?" in page
    claim = claim_of(portal)
    assert (claim.waiting_since, claim.promised_on) == (START, TODAY + timedelta(days=2))
    with portal.reading() as session:
        assert session.scalar(select(Event.kind).order_by(Event.seq.desc())) == EventKind.MESSAGE_RECEIVED


def test_the_promise_counts_the_working_days_of_the_canton(portal: Portal) -> None:
    portal.clock.to(examples.date(2026, 12, 24))
    with portal.writing() as session:
        session.get_one(Creditor, examples.VELO).answer_days = 1
    portal.dora.is_in().sends(PATH, text="Frohe Festtage")
    assert claim_of(portal).promised_on == examples.date(2026, 12, 28)


def test_the_same_form_twice_is_one_message(portal: Portal) -> None:
    dora = portal.dora.is_in()
    op = "7d4b0c4e-0000-4000-8000-000000000001"
    for _ in range(2):
        assert dora.sends(PATH, text="Einmal", op=op).status_code == 303
    assert portal.read(lambda session: session.scalar(select(func.count()).select_from(Message))) == 1


def test_an_empty_or_endless_message_comes_back_filled_in(portal: Portal) -> None:
    dora = portal.dora.is_in()
    empty = dora.sends(f"{PATH}?lang=en", page=PATH, text="  ")
    assert empty.status_code == 422
    long = dora.sends(PATH, text="a" * 3001)
    assert long.status_code == 422
    assert "a" * 3001 in long.get_data(as_text=True)
    assert claim_of(portal).waiting_since is None


def test_a_photo_goes_with_the_message(portal: Portal) -> None:
    dora = portal.dora.is_in()
    pdf = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    sent = dora.sends(PATH, text="", files=[(io.BytesIO(pdf), "beleg.pdf")])
    assert "beleg.pdf" in dora.follows(sent)
    with portal.reading() as session:
        file = session.scalars(select(Attachment)).one()
        assert file.purpose == "message"
        assert file.subject_id == session.scalars(select(Message.id)).one()
    assert dora.opens(f"/files/{file.id}").status_code == 409  # not yet checked by the worker
    assert portal.stefan.is_in().opens(f"/files/{file.id}").status_code == 404
    assert portal.dora.is_in(Room.LETTER).opens(f"/files/{file.id}").status_code == 404


def test_room_1_reads_back_what_it_wrote_itself(portal: Portal) -> None:
    portal.dora.is_in().sends(PATH, text="Aus der alten Sitzung")
    letter = portal.dora.is_in(Room.LETTER)
    page = letter.follows(letter.sends(PATH, text="Aus dieser Sitzung"))
    assert "Aus dieser Sitzung" in page
    assert "Aus der alten Sitzung" not in page


def test_a_settled_claim_still_takes_questions(portal: Portal) -> None:
    with portal.writing() as session:
        session.get_one(Claim, DORA.claim_id).status = "settled"
    assert portal.dora.is_in().sends(PATH, text="Danke").status_code == 303


def test_a_stranger_cannot_write(portal: Portal) -> None:
    stefan = portal.stefan.is_in()
    own = f"/claims/{stefan.known.reference}"
    assert stefan.posts(PATH, token_from=own, text="x").status_code == 404
