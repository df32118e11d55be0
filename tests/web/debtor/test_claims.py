"""Does the claim's page say who wants what, offer four ways, add up, and keep each room's walls?"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import event, select

from portal.actions import messages, promises
from portal.actions.history import record
from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.rules.access import Room
from portal.rules.claims import Basis, PositionKind
from portal.rules.history import Actor, ActorKind, EventKind, system
from portal.rules.money import Money
from portal.store.attachments import Attachment
from portal.store.claims import Claim, lock
from portal.store.evidence import Evidence
from portal.store.messages import Message
from portal.store.offers import Offer
from portal.store.people import Absence, Debtor
from portal.store.settings import Creditor
from tests import examples
from tests.examples import DORA, START, TODAY
from tests.people import Portal

SECRET = "Canary-Wort-im-Gespräch"
CLERK = Actor(ActorKind.CLERK, clerk_id=examples.CLARA)
DORA_PAGE = f"/claims/{DORA.reference}"
WAYS = ("/pay", "/plan", "/dispute", "/messages")


def selects(portal: Portal, path: str, dora: object) -> list[str]:
    found: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            found.append(statement)

    event.listen(portal.parts.database.engine, "before_cursor_execute", note)
    try:
        dora.reads(path)  # type: ignore[attr-defined]
    finally:
        event.remove(portal.parts.database.engine, "before_cursor_execute", note)
    return found


def written(portal: Portal, *, text: str = SECRET) -> None:
    """The debtor asked in an earlier session, and Clara answered."""
    with portal.writing() as session:
        claim = lock(session, examples.VELO, DORA.claim_id)
        earlier = Actor(ActorKind.DEBTOR, signed_in_id=None)
        day = TODAY + timedelta(days=2)
        messages.send(session, claim, f"Frage {text}", op=uuid4(), promised_on=day, actor=earlier, now=START)
        messages.answer(session, claim, f"Antwort {text}", op=uuid4(), actor=CLERK, now=START)


def paper(portal: Portal, *, with_letter: bool, title: str = "Rechnung") -> str:
    """A document lies beside Dora's claim; its address below the claim."""
    with portal.writing() as session:
        key = portal.parts.files.put(b"%PDF-1.7 our own copy")
        file = Attachment(
            creditor_id=examples.VELO, claim_id=DORA.claim_id, clerk_id=examples.CLARA, purpose="evidence",
            name="a.pdf", type="pdf", size=21, sha256=b"x" * 32, state="ready", ready_key=key, ready_type="pdf",
            ready_size=21, pages=2, received_at=START,
        )  # fmt: skip
        session.add(file)
        session.flush()
        row = Evidence(
            creditor_id=examples.VELO, claim_id=DORA.claim_id, attachment_id=file.id, kind="invoice", title=title,
            with_letter=with_letter, number=1, added_at=START,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return f"evidence/{row.id}"


def test_four_ways_and_the_sum_stand_on_the_page(portal: Portal) -> None:
    dora = portal.dora.is_in()
    html = dora.reads(f"{dora.path}?lang=en")
    assert [way for way in WAYS if f'href="{dora.path}{way}"' not in html] == []
    assert "CHF\u00a0327.92" in html
    assert html.count("<script") == 0
    assert len(html.encode()) < 14 * 1024


def test_the_lines_add_up(portal: Portal) -> None:
    dora = portal.dora.is_in()
    sums = re.search(r'<dl class="sum">.*?</dl>', dora.reads(dora.path), re.S)
    assert sums is not None
    amounts = [int(whole + part) for whole, part in re.findall(r"<dd>CHF\u00a0(\d+)\.(\d\d)</dd>", sums[0])]
    assert sum(amounts[:-1]) == amounts[-1] == 32792


def test_the_page_asks_the_same_few_questions_however_many_claims_exist(portal: Portal) -> None:
    dora = portal.dora.is_in()
    before = selects(portal, dora.path, dora)
    assert len(before) <= 8, before
    with portal.writing() as session:
        creditor, debtor = session.get_one(Creditor, examples.VELO), session.get_one(Debtor, DORA.debtor_id)
        for number in range(500):
            line = NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(1000 + number, "CHF"), TODAY)
            new = NewClaim(
                reference=f"M-{number}", title="Velo", invoice_number=f"M-{number}", invoice_on=TODAY, due_on=TODAY,
                pay_by=TODAY, currency="CHF", lines=(line,),
            )  # fmt: skip
            open_claim(session, creditor, debtor, examples.CLARA, new, actor=system("test"), now=START, today=TODAY)
    assert len(selects(portal, dora.path, dora)) == len(before)
    assert len(selects(portal, "/claims", dora)) <= 8


def test_room_1_reads_nothing_that_a_person_wrote(portal: Portal) -> None:
    written(portal)
    letter = portal.dora.is_in(Room.LETTER)
    for path in (letter.path, f"{letter.path}/messages", "/claims"):
        answer = letter.opens(path, follow_redirects=True)
        assert SECRET.encode() not in answer.data
        assert b"Clara Meier has answered" not in answer.data
    whole = portal.dora.is_in()
    assert SECRET in whole.reads(whole.path)
    assert SECRET in whole.reads(f"{whole.path}/messages")


def test_room_1_does_not_use_up_the_answer(portal: Portal) -> None:
    written(portal)
    letter, whole = portal.dora.is_in(Room.LETTER), portal.dora.is_in()
    letter.reads(letter.path)
    letter.reads(f"{letter.path}/messages")
    assert portal.read(lambda session: session.get_one(Claim, DORA.claim_id).debtor_read_at) is None
    assert SECRET in whole.reads(whole.path)
    whole.reads(f"{whole.path}/messages")
    assert SECRET not in whole.reads(whole.path)


def test_room_1_sees_only_the_letters_claims_and_papers(portal: Portal) -> None:
    hidden, shown = paper(portal, with_letter=False, title="Werkstattfoto"), paper(portal, with_letter=True)
    letter, whole = portal.dora.is_in(Room.LETTER), portal.dora.is_in()
    assert letter.opens(f"/claims/{examples.DORA_SECOND.reference}").status_code == 404
    assert whole.opens(f"/claims/{examples.DORA_SECOND.reference}").status_code == 200
    html = letter.reads(letter.path)
    assert shown in html
    assert hidden not in html
    assert "Werkstattfoto" not in html
    assert letter.opens(f"{letter.path}/{hidden}").status_code == 404
    assert whole.opens(f"{whole.path}/{hidden}").status_code == 200


def test_the_thread_names_an_added_document_on_both_sides(portal: Portal) -> None:
    where = paper(portal, with_letter=False, title="Werkstattfoto")
    with portal.writing() as session:
        claim = lock(session, examples.VELO, DORA.claim_id)
        added = UUID(where.removeprefix("evidence/"))
        record(session, claim, EventKind.EVIDENCE_ADDED, actor=CLERK, now=START, subject="evidence", subject_id=added)
    assert " · Werkstattfoto" in portal.dora.is_in().reads(DORA_PAGE)
    assert " · Werkstattfoto" in portal.staff("clara").is_in().reads(f"/desk{DORA_PAGE}")
    assert "Werkstattfoto" not in portal.dora.is_in(Room.LETTER).reads(DORA_PAGE)


def test_room_1_of_a_practice_shows_no_paper(portal: Portal) -> None:
    where = paper(portal, with_letter=True)
    with portal.writing() as session:
        session.get_one(Creditor, examples.VELO).health = True
    letter = portal.dora.is_in(Room.LETTER)
    assert letter.opens(f"{letter.path}/{where}").status_code == 404


def test_a_paper_comes_as_a_download_that_runs_nothing(portal: Portal) -> None:
    where = paper(portal, with_letter=True, title="Rechnung Nr. 5 für Dora")
    dora = portal.dora.is_in()
    answer = dora.opens(f"{dora.path}/{where}")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.data == b"%PDF-1.7 our own copy"


def test_a_paper_whose_bytes_are_gone_is_a_sentence(portal: Portal) -> None:
    where = paper(portal, with_letter=True)
    with portal.reading() as session:
        portal.parts.files.delete(session.scalars(select(Attachment.ready_key)).one() or "")
    assert portal.dora.is_in().opens(f"/claims/{DORA.reference}/{where}").status_code == 410


def test_a_stranger_gets_the_same_404(portal: Portal) -> None:
    stefan = portal.stefan.is_in()
    assert stefan.opens(portal.dora.path).status_code == 404
    assert portal.colette.is_in().opens(portal.dora.path).status_code == 404
    assert stefan.opens("/claims/nothing").status_code == 404


def test_the_deputy_answers_while_the_clerk_is_away(portal: Portal) -> None:
    with portal.writing() as session:
        session.add(
            Absence(
                creditor_id=examples.VELO, clerk_id=examples.CLARA, deputy_id=examples.LENA, from_on=TODAY,
                until_on=TODAY + timedelta(days=5),
            )
        )  # fmt: skip
    dora = portal.dora.is_in()
    assert "<strong>Lena Huber</strong>" in dora.reads(dora.path)


def test_an_offer_is_the_sum_to_pay_and_noted_as_shown(portal: Portal) -> None:
    with portal.writing() as session:
        session.add(
            Offer(
                creditor_id=examples.VELO, claim_id=DORA.claim_id, clerk_id=examples.LENA, status="live",
                live_flag=True, amount_minor=28460, owed_minor=32792, currency="CHF",
                until_on=TODAY + timedelta(days=10), made_at=START,
            )
        )  # fmt: skip
    letter = portal.dora.is_in(Room.LETTER)
    assert "284.60</p>" not in letter.reads(letter.path)
    dora = portal.dora.is_in()
    assert "284.60</p>" in dora.reads(dora.path)
    assert portal.read(lambda session: session.scalars(select(Offer.shown_at)).one()) == START


def test_a_visit_writes_nothing_but_read_marks(portal: Portal) -> None:
    dora = portal.dora.is_in()
    before = portal.read(lambda session: session.get_one(Claim, DORA.claim_id).version)
    dora.reads(dora.path)
    dora.reads(f"{dora.path}/messages")
    with portal.reading() as session:
        assert session.get_one(Claim, DORA.claim_id).version == before
        assert session.scalars(select(Message)).all() == []


def test_a_waiting_debtor_keeps_the_first_promise(portal: Portal) -> None:
    with portal.reading() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        promises.now_waits(claim, now=START, promised_on=TODAY)
        promises.now_waits(claim, now=START + timedelta(days=1), promised_on=TODAY + timedelta(days=3))
        assert (claim.waiting_since, claim.promised_on) == (START, TODAY)
