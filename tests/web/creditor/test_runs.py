"""Does the desk print letters together: only where all checks are green, once, and until they are posted or dead?"""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
import pytest
import zxingcpp
from sqlalchemy import delete, func, select

from portal.actions import letter_prints
from portal.daily import run_daily
from portal.gateways.pdf import PaperFailed
from portal.rules.history import EventKind
from portal.rules.letter_runs import RunState
from portal.rules.letters import Hindrance, RevokeReason
from portal.store.access import LetterCode, SignedIn
from portal.store.claims import Claim
from portal.store.evidence import Evidence
from portal.store.history import Event
from portal.store.import_evidence import ImportEvidence
from portal.store.imports import ClaimImport
from portal.store.letter_runs import LetterFile, LetterRun
from portal.store.letters import Letter, LetterPick
from portal.store.people import Debtor
from portal.web.labels.letter_hindrances import HINDRANCES
from portal.worker import Worker
from tests import examples, snapshot
from tests.examples import DORA, DORA_SECOND, STEFAN
from tests.people import Clerk, Portal
from tests.web.test_letter_paper import pictures

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def prepared(portal: Portal, *who: str, clerk: str = "lena") -> tuple[Clerk, str]:
    """The letters that Dora and Stefan can get today are prepared; the address of the run."""
    hand = portal.staff(clerk).is_in()
    answer = hand.sends("/desk/letters/new", **({"pick": list(who)} if who else {}))
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    return hand, answer.headers["Location"]


def printed(portal: Portal, *who: str, clerk: str = "lena") -> tuple[Clerk, str]:
    """The same, printed."""
    hand, place = prepared(portal, *who, clerk=clerk)
    assert hand.posts(f"{place}/print").status_code == 303
    return hand, place


def run_of(portal: Portal, place: str) -> LetterRun:
    found: LetterRun = portal.read(lambda session: session.get_one(LetterRun, UUID(place.rsplit("/", 1)[1])))
    return found


def pdf_of(hand: Clerk, place: str) -> Any:
    """The run's only PDF, as it is saved."""
    (href,) = re.findall(r'href="([^"]+\.pdf)"', hand.reads(place))
    return hand.opens(href)


def codes_in(pdf: bytes, folder: Path) -> list[str]:
    """The codes that a phone reads from the pages of a PDF."""
    place = folder / uuid4().hex
    place.mkdir()
    read = [one.text for picture in pictures(pdf, place) for one in zxingcpp.read_barcodes(picture)]
    return [text.split("#")[1] for text in read if "#" in text]


def codes(portal: Portal) -> int:
    found: int = portal.read(lambda session: session.scalar(select(func.count()).select_from(LetterCode)) or 0)
    return found


def events(portal: Portal, kind: EventKind) -> int:
    query = select(func.count()).select_from(Event).where(Event.kind == kind.value)
    found: int = portal.read(lambda session: session.scalar(query) or 0)
    return found


def key(known: examples.Known) -> str:
    return f"{known.debtor_id}:CHF"


@on_sqlite
def test_prepared_looked_at_printed_and_saved(portal: Portal, tmp_path: Path) -> None:
    portal.clock.move(days=20)
    before = codes(portal)
    lena, place = prepared(portal)
    draft = lena.reads(place)
    assert all(name in draft for name in ("Dora Keller", "Stefan Meyer"))
    assert codes(portal) == before  # to look at letters issues none
    assert lena.posts(f"{place}/print").status_code == 303
    assert codes(portal) == before + 2
    run = run_of(portal, place)
    assert (run.state, run.letters, run.clerk_id) == (RunState.PRINTED, 2, examples.LENA)
    answer = pdf_of(lena, place)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    found = codes_in(answer.data, tmp_path)
    assert len(set(found)) == 2
    page = lena.reads(place)
    assert all(code not in page and code[:6] not in page for code in found)
    (href,) = re.findall(r'href="([^"]+\.csv)"', page)
    table = lena.reads(href)
    rows = [line.split(";") for line in table.splitlines()]
    assert [row[3:6] for row in rows[1:]] == [["Gartenweg 3", "4900", "Langenthal"], ["Gartenweg 3", "4912", "Lotzwil"]]
    assert rows[1][1] == f"{DORA.reference}, {DORA_SECOND.reference}"
    assert all(code[:6] not in table for code in found)
    entered = portal.dora.posts("/velo-sutter/enter", code=found[0], postcode=DORA.postcode)
    assert entered.status_code == 303
    assert lena.posts(f"{place}/print").status_code == 303  # pressed twice
    assert codes(portal) == before + 2


@on_sqlite
def test_only_what_was_ticked_is_printed_and_the_filter_narrows(portal: Portal) -> None:
    portal.clock.move(days=20)
    lena = portal.staff("lena").is_in()
    assert "Stefan Meyer" not in lena.reads("/desk/letters/new?language=de")
    assert "Dora Keller" not in lena.reads("/desk/letters/new?q=Stefan")
    assert "Stefan Meyer" not in lena.reads("/desk/letters/new?days=300")
    assert "Dora Keller" in lena.reads("/desk/letters/new?kind=reminder")
    refused = lena.posts("/desk/letters/new")
    assert refused.status_code == 422
    assert "Choose at least one letter." in refused.get_data(as_text=True)
    _, place = printed(portal, key(STEFAN))
    assert run_of(portal, place).letters == 1


@pytest.mark.parametrize(
    ("why", "change"),
    [
        (Hindrance.WAITS_FOR_US, {"waiting_since": examples.START}),
        (Hindrance.NOT_DUE, {"due_on": date(2027, 1, 1)}),
        (Hindrance.UNDER_WAY, {"announced_until": date(2027, 1, 1)}),
    ],
)
@on_sqlite
def test_a_claim_that_is_not_green_is_listed_with_its_sentence(
    portal: Portal, why: Hindrance, change: dict[str, Any]
) -> None:
    portal.clock.move(days=20)
    with portal.writing() as session:
        for name, value in change.items():
            setattr(session.get_one(Claim, STEFAN.claim_id), name, value)
    lena = portal.staff("lena").is_in()
    page = lena.reads("/desk/letters/new")
    assert HINDRANCES[why] in page
    assert key(STEFAN) not in page


@on_sqlite
def test_a_claim_waits_for_the_documents_that_its_file_names(portal: Portal) -> None:
    portal.clock.move(days=20)
    with portal.writing() as session:
        session.execute(delete(Evidence).where(Evidence.claim_id == STEFAN.claim_id))
        brought = ClaimImport(
            creditor_id=examples.VELO, name="a.csv", sha256=b"1" * 32, state="done", started_at=portal.clock()
        )
        session.add(brought)
        session.flush()
        waits = {"creditor_id": examples.VELO, "claim_id": STEFAN.claim_id, "import_id": brought.id}
        session.add(ImportEvidence(**waits, key="r.pdf", name="R.pdf", place=0))
    lena = portal.staff("lena").is_in()
    page = lena.reads("/desk/letters/new")
    assert HINDRANCES[Hindrance.DOCUMENTS_MISSING] in page
    assert f"/desk/claims/{STEFAN.reference}/evidence" in page
    assert key(STEFAN) not in page


@on_sqlite
def test_fourteen_days_lie_between_letters_counted_from_the_post(portal: Portal) -> None:
    portal.clock.move(days=60)
    lena, place = printed(portal)
    portal.clock.move(days=3)
    lena = portal.staff("lena").is_in()
    assert lena.sends(f"{place}/posted", posted=f"{portal.clock.today:%d.%m.%Y}").status_code == 303
    portal.clock.move(days=-3)
    for days, free in ((14, False), (16, False), (17, True)):
        portal.clock.move(days=days)
        page = portal.staff("lena").is_in().reads("/desk/letters/new")
        assert (key(STEFAN) in page) is free, days
        assert (HINDRANCES[Hindrance.RECENT] in page) is not free, days
        portal.clock.move(days=-days)


@on_sqlite
def test_no_letter_is_dated_between_the_years(portal: Portal) -> None:
    portal.clock.move(days=20)
    lena, place = prepared(portal)
    portal.clock.to(date(2026, 12, 20))
    lena = portal.staff("lena").is_in()
    assert "No letter is dated 20 to 31 December" in lena.reads("/desk/letters/new")
    assert HINDRANCES[Hindrance.YEAR_END] in lena.reads(place)
    lena.posts(f"{place}/print")
    assert run_of(portal, place).state == RunState.FAILED
    assert HINDRANCES[Hindrance.YEAR_END] in lena.reads(place)


@on_sqlite
def test_what_changed_since_it_was_prepared_is_held_back_with_its_reason(portal: Portal) -> None:
    portal.clock.move(days=20)
    lena, place = prepared(portal)
    with portal.writing() as session:
        session.get_one(Debtor, DORA.debtor_id).address_unclear = True
    lena.posts(f"{place}/print")
    page = lena.reads(place)
    assert run_of(portal, place).letters == 1
    assert HINDRANCES[Hindrance.ADDRESS_UNCLEAR] in page
    assert f"/desk/claims/{DORA.reference}" in page


@on_sqlite
def test_posted_letters_are_deleted_from_the_server_and_say_so(portal: Portal) -> None:
    portal.clock.move(days=20)
    lena, place = printed(portal)
    (href,) = re.findall(r'href="([^"]+\.pdf)"', lena.reads(place))
    file_key = portal.read(lambda session: session.scalars(select(LetterFile.file_key)).one())
    assert lena.sends(f"{place}/posted", posted=f"{portal.clock.today:%d.%m.%Y}").status_code == 303
    assert not any(path.name == file_key for path in portal.parts.settings.files_root.rglob("*"))
    assert lena.opens(href).status_code == 410
    assert f"{place}/posted" not in lena.reads(place)
    assert events(portal, EventKind.LETTER_POSTED) == 3
    Worker(portal.parts, wall=portal.clock).drain()
    assert events(portal, EventKind.LETTER_POSTED) == 3  # told once
    assert lena.opens(f"{place}/posted").status_code == 404


@on_sqlite
@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ("", "Enter the day on which the letters go to the post"),
        ("12.12.2026", "The letters were printed on 13 December 2026"),
        ("17.12.2026", "Enter a day until 16 December 2026"),
    ],
)
def test_a_day_of_posting_that_can_not_be_is_refused(portal: Portal, posted: str, says: str) -> None:
    portal.clock.move(days=20)
    lena, place = printed(portal)
    refused = lena.sends(f"{place}/posted", posted=posted)
    assert refused.status_code == 422
    assert says in " ".join(refused.get_data(as_text=True).replace("\u00a0", " ").split())
    assert run_of(portal, place).state == RunState.PRINTED


@on_sqlite
def test_files_are_gone_after_seven_days_and_forgotten_drafts_too(portal: Portal) -> None:
    portal.clock.move(days=20)
    _, place = printed(portal, key(STEFAN))
    _, forgotten = prepared(portal)
    portal.clock.move(days=7, minutes=1)
    run_daily(portal.parts.database, now=portal.clock(), files=portal.parts.files)
    assert "file is deleted" in portal.staff("lena").is_in().reads(place)
    assert portal.staff("lena").is_in().opens(forgotten).status_code == 404
    assert portal.read(lambda session: session.scalars(select(LetterFile.file_key)).all()) == [None]
    assert not portal.read(
        lambda session: session.scalars(
            select(LetterPick).where(LetterPick.run_id == UUID(forgotten.rsplit("/", 1)[1]))
        ).all()
    )


@on_sqlite
def test_a_run_that_is_called_back_is_dead_as_a_whole(portal: Portal, tmp_path: Path) -> None:
    portal.clock.move(days=20)
    lena, place = printed(portal)
    first, second = codes_in(pdf_of(lena, place).data, tmp_path)
    dora = portal.dora
    assert dora.posts("/velo-sutter/enter", code=first, postcode=DORA.postcode).status_code == 303
    assert "everybody" not in lena.reads(f"{place}/revoke")
    assert lena.sends(f"{place}/revoke").status_code == 303
    for known, code in ((DORA, first), (STEFAN, second)):
        told = portal.person(known).speaks("en").posts("/velo-sutter/enter", code=code, postcode=known.postcode)
        assert told.status_code == 422
        assert "This letter has expired" in told.get_data(as_text=True)
        wrong = portal.person(known).speaks("en").posts("/velo-sutter/enter", code=code, postcode="9999")
        assert "This letter has expired" not in wrong.get_data(as_text=True)
    assert dora.opens(dora.path).status_code == 303  # whoever was in is out
    reasons = portal.read(lambda s: set(s.scalars(select(LetterCode.revoke_reason)).all()))
    assert RevokeReason.RUN in reasons
    assert events(portal, EventKind.LETTER_REVOKED) == 3
    assert run_of(portal, place).files_gone_at is not None
    assert key(STEFAN) in portal.staff("lena").is_in().reads("/desk/letters/new")  # free for a new letter


@on_sqlite
def test_one_letter_is_printed_anew_and_the_old_code_is_dead(portal: Portal, tmp_path: Path) -> None:
    portal.clock.move(days=20)
    _, place = printed(portal)
    adam = portal.staff("adam").is_in()
    (old, other) = codes_in(pdf_of(adam, place).data, tmp_path)
    href = re.findall(rf'href="({place}/reissue/[^"]+)"', adam.reads(place))[0]
    answer = adam.sends(href)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    new_place = answer.headers["Location"]
    (new,) = codes_in(pdf_of(adam, new_place).data, tmp_path)
    assert new not in (old, other)
    with portal.reading() as session:
        kinds = {letter.kind for letter in session.scalars(select(Letter).where(Letter.run_id.is_not(None)))}
    assert "reissue" in kinds
    refused = portal.dora.posts("/velo-sutter/enter", code=old, postcode=DORA.postcode)
    assert refused.status_code == 422
    for code, known in ((new, DORA), (other, STEFAN)):
        assert portal.person(known).posts("/velo-sutter/enter", code=code, postcode=known.postcode).status_code == 303
    assert "/reissue/" not in portal.staff("lena").is_in().reads(place)  # the lead prints, the admin reissues


@on_sqlite
def test_a_letter_that_must_not_go_out_is_not_printed_anew_and_its_code_stays(portal: Portal) -> None:
    portal.clock.move(days=20)
    _, place = printed(portal)
    with portal.writing() as session:
        session.get_one(Debtor, DORA.debtor_id).address_unclear = True
    adam = portal.staff("adam").is_in()
    href = re.findall(rf'href="({place}/reissue/[^"]+)"', adam.reads(place))[0]
    refused = adam.sends(href)
    assert refused.status_code == 422
    assert HINDRANCES[Hindrance.ADDRESS_UNCLEAR] in refused.get_data(as_text=True)
    dead = portal.read(lambda s: s.scalar(select(func.count()).where(LetterCode.revoked_at.is_not(None))))
    assert dead == 0


@on_sqlite
def test_many_letters_are_printed_by_the_worker(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.creditor.runs.WHILE_WAITING", 1)
    portal.clock.move(days=20)
    lena, place = printed(portal)
    assert "Look again" in lena.reads(place)
    Worker(portal.parts, wall=portal.clock).drain()
    assert run_of(portal, place).letters == 2


@on_sqlite
def test_a_run_of_more_than_fits_comes_as_several_files(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_prints, "MOST_IN_A_FILE", 1)
    portal.clock.move(days=20)
    lena, place = printed(portal)
    hrefs = re.findall(r'href="([^"]+\.pdf)"', lena.reads(place))
    assert len(hrefs) == 2
    for href in hrefs:
        with pikepdf.open(io.BytesIO(lena.opens(href).data)) as pdf:
            assert len(pdf.pages) in (2, 3)


@on_sqlite
def test_codes_of_a_file_that_never_came_to_be_are_dead_and_the_worker_prints_again(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after the letters were issued and before their file was kept."""
    portal.clock.move(days=20)
    lena, place = prepared(portal)
    with monkeypatch.context() as broken:
        broken.setattr(letter_prints._Work, "_keep", _dies)
        broken.setattr(letter_prints._Work, "_call_back", lambda *given: None)
        assert lena.posts(f"{place}/print").status_code == 500
    portal.clock.move(minutes=2)
    Worker(portal.parts, wall=portal.clock).drain()
    run = run_of(portal, place)
    assert (run.state, run.letters) == (RunState.PRINTED, 2)
    with portal.reading() as session:
        alive = session.scalars(
            select(Letter)
            .join(LetterCode, LetterCode.letter_id == Letter.id)
            .where(Letter.run_id == run.id, LetterCode.revoked_at.is_(None))
        ).all()
        loose = session.scalars(select(Letter).where(Letter.run_id == run.id, Letter.file_id.is_(None))).all()
    assert len(alive) == len(loose) == 2
    assert all(letter.file_id is not None for letter in alive)


def _dies(*given: object) -> None:
    raise RuntimeError("killed")


@on_sqlite
def test_a_paper_that_can_not_be_set_stops_the_run_and_issues_nothing(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.clock.move(days=20)
    lena, place = prepared(portal)

    def fails(*given: object) -> bytes:
        list(given[2])  # type: ignore[call-overload]
        raise PaperFailed("letter: line 3")

    monkeypatch.setattr(portal.parts.papers, "letters", fails)
    lena.posts(f"{place}/print")
    page = lena.reads(place)
    assert "letter: line 3" in page
    assert run_of(portal, place).state == RunState.FAILED
    dead = portal.read(lambda s: s.scalar(select(func.count()).where(LetterCode.revoked_at.is_not(None))))
    assert dead == 2
    assert key(STEFAN) in lena.reads("/desk/letters/new")


@on_sqlite
def test_the_preview_shows_paper_and_phone_with_a_code_that_opens_no_case(portal: Portal, tmp_path: Path) -> None:
    portal.clock.move(days=20)
    lena, place = prepared(portal)
    before, count = portal.read(snapshot.of), codes(portal)
    page = lena.reads(f"{place}/specimen/{STEFAN.reference}")
    assert 'lang="fr"' in page
    assert "Stefan Meyer" in page
    first = lena.opens(f"{place}/specimen/{STEFAN.reference}/1")
    assert first.mimetype == "image/png"
    assert first.data[:4] == b"\x89PNG"
    pdf = lena.opens(f"{place}/specimen/{STEFAN.reference}/pdf")
    (code,) = codes_in(pdf.data, tmp_path)
    assert portal.read(snapshot.of) == before
    opened = portal.stefan.posts("/velo-sutter/enter", code=code, postcode=STEFAN.postcode)
    assert "/claims" not in opened.headers.get("Location", "")
    for missing in (f"{place}/specimen/{STEFAN.reference}/9", f"{place}/specimen/NOPE-1"):
        assert lena.opens(missing).status_code == 404
    assert codes(portal) == count


@on_sqlite
def test_roles_and_other_firms(portal: Portal) -> None:
    portal.clock.move(days=20)
    lena, place = printed(portal)
    pdf, csv = (re.findall(rf'href="([^"]+\.{kind})"', lena.reads(place))[0] for kind in ("pdf", "csv"))
    otto, clara, carl = (portal.staff(name).is_in() for name in ("otto", "clara", "carl"))
    for reader in (otto, clara):
        assert ".pdf" not in reader.reads(place)
        assert reader.opens(pdf).status_code == 404
        assert reader.opens(csv).status_code == 200
        for below in ("posted", "revoke"):
            assert reader.opens(f"{place}/{below}").status_code == 404
            assert reader.posts(f"{place}/{below}").status_code == 404
        assert reader.opens("/desk/letters/new").status_code == 404
    for path in (place, pdf, csv, f"{place}/posted", f"{place}/revoke"):
        assert carl.opens(path).status_code == 404
    assert carl.posts(f"{place}/revoke").status_code == 404
    assert run_of(portal, place).state == RunState.PRINTED


@on_sqlite
def test_a_draft_can_be_given_up_and_a_printed_run_can_not(portal: Portal) -> None:
    portal.clock.move(days=20)
    lena, place = prepared(portal)
    assert lena.posts(f"{place}/drop").status_code == 303
    assert lena.opens(place).status_code == 404
    _, place = printed(portal)
    assert lena.posts(f"{place}/drop").status_code == 409


def test_both_engines_print_post_and_call_back(portal: Portal) -> None:
    portal.clock.move(days=20)
    lena, place = printed(portal)
    lena.sends(f"{place}/posted", posted=f"{portal.clock.today:%d.%m.%Y}")
    lena.sends(f"{place}/revoke")
    run = run_of(portal, place)
    assert (run.state, run.letters, run.posted_on) == (RunState.REVOKED, 2, portal.clock.today)
    assert events(portal, EventKind.LETTER_POSTED) == events(portal, EventKind.LETTER_REVOKED) == 3
    assert "called back" in lena.reads("/desk/letters")
    ended = portal.read(lambda s: s.scalars(select(SignedIn.ended_at).where(SignedIn.audience == "debtor")).all())
    assert None not in ended
    run_daily(portal.parts.database, now=portal.clock() + timedelta(days=30), files=portal.parts.files)
