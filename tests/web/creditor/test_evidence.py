"""Can the desk put a document beside a claim, so that both sides see it and a pause because of it ends?"""

from __future__ import annotations

import io

from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.actions.pauses import pause
from portal.rules.access import Room
from portal.rules.history import EventKind, system
from portal.rules.pauses import PauseReason
from portal.store.claims import Claim
from portal.store.evidence import Evidence
from portal.store.history import Event
from portal.store.pauses import open_pauses
from portal.worker import Worker
from tests import examples, hostile
from tests.people import Clerk, Portal


def adds(clerk: Clerk, data: bytes | None = None, **fields: object) -> TestResponse:
    known = examples.COLETTE if clerk.name == "carl" else examples.DORA
    paper = (io.BytesIO(hostile.pdf() if data is None else data), "rechnung.pdf")
    return clerk.sends(f"{clerk.at(known)}/evidence", files=paper, **{"kind": "invoice", "title": "Rechnung", **fields})


def documents(portal: Portal) -> list[Evidence]:
    return list(portal.read(lambda session: session.scalars(select(Evidence)).all()))


def test_a_document_is_added_and_the_pause_ends(portal: Portal) -> None:
    with portal.writing() as session:
        claim = session.get(Claim, examples.DORA.claim_id)
        pause(
            session, claim, PauseReason.EVIDENCE_MISSING, actor=system("evidence"), now=portal.clock(),
            today=portal.clock.today,
        )  # fmt: skip
    assert adds(portal.staff("clara").is_in(), with_letter="True").status_code == 303
    (document,) = documents(portal)
    assert (document.number, document.with_letter) == (1, True)
    kinds = portal.read(lambda session: session.scalars(select(Event.kind).order_by(Event.seq)).all())
    assert kinds[-2:] == [EventKind.EVIDENCE_ADDED, EventKind.RESUMED]
    assert not portal.read(
        lambda session: open_pauses(session, examples.VELO, examples.DORA.claim_id, portal.clock.today)
    )
    Worker(portal.parts, wall=portal.clock).drain()
    for room in Room:
        dora = portal.dora.is_in(room)
        served = dora.opens(f"{dora.path}/evidence/{document.id}")
        assert served.get_data().startswith(b"%PDF-")


def test_without_the_mark_the_letter_alone_opens_nothing(portal: Portal) -> None:
    adds(portal.staff("clara").is_in())
    Worker(portal.parts, wall=portal.clock).drain()
    (document,) = documents(portal)
    address = f"{portal.dora.path}/evidence/{document.id}"
    assert portal.dora.is_in(Room.LETTER).opens(address).status_code == 404
    assert portal.dora.is_in(Room.FILE).opens(address).status_code == 200
    assert portal.stefan.is_in().opens(address).status_code == 404


def test_a_practice_never_opens_documents_with_the_letter(portal: Portal) -> None:
    carl = portal.staff("carl").is_in()
    assert adds(carl, with_letter="True").status_code == 422
    assert adds(carl).status_code == 303


def test_every_problem_stands_on_its_field(portal: Portal) -> None:
    clara = portal.staff("clara").is_in()
    assert adds(clara, title="").status_code == 422
    assert adds(clara, kind="").status_code == 422
    assert adds(clara, kind="letter bomb").status_code == 422
    assert adds(clara, hostile.gif()).status_code == 422
    assert not documents(portal)


def test_others_are_not_there(portal: Portal) -> None:
    path = f"/desk/claims/{examples.DORA.reference}/evidence"
    for name in ("carl", "otto", "adam"):
        assert portal.staff(name).is_in().opens(path).status_code == 404
