"""Does every hostile file end on its field or as our own clean copy, and does nobody lose what was accepted?"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.gateways.scan import ClamdScanner
from portal.rules.attachments import MAX_FILE_BYTES, FilePurpose, FileState
from portal.rules.history import EventKind
from portal.rules.jobs import JobState
from portal.store.attachments import Attachment
from portal.store.claims import Claim
from portal.store.disputes import Dispute
from portal.store.history import Event
from portal.store.jobs import Job
from portal.worker import Worker
from tests import examples, hostile
from tests.gateways.test_scan import clamd
from tests.people import Debtor, Portal

pytestmark = pytest.mark.slow

SECRETS = [
    hostile.PAYLOAD,
    hostile.PLACE.encode(),
    hostile.URI.encode(),
    hostile.JAVASCRIPT.encode(),
    b"Exif",
    b"calc.exe",
    b"payload.html",
]
Given = list[tuple[io.BytesIO, str]]


def given(*files: tuple[bytes, str]) -> Given:
    return [(io.BytesIO(data), name) for data, name in files]


def sends(dora: Debtor, files: Given, **fields: object) -> TestResponse:
    path = f"{dora.path}/dispute"
    answer = dora.sends(path, page=f"{path}?reason=quality", files=files, **fields)
    answer.request.environ["wsgi.input"].close()  # the client leaves its own temporary file open
    return answer


def rows(portal: Portal) -> list[Attachment]:
    return list(portal.read(lambda session: session.scalars(select(Attachment).order_by(Attachment.name)).all()))


def job(portal: Portal) -> Job:
    found: Job = portal.read(lambda session: session.scalars(select(Job).where(Job.kind == "attachment")).one())
    return found


def work(portal: Portal, address: str | None = None, timeout: float = 5) -> int:
    scanner = ClamdScanner(address, timeout) if address else None
    return Worker(portal.parts, wall=lambda: datetime.now(UTC), scanner=scanner).drain()


def stored(portal: Portal) -> list[Path]:
    return [path for path in Path(portal.parts.settings.files_root).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (hostile.jpeg_with_html_behind, "a.jpg"),
        (hostile.gif, "a.jpg"),
        (hostile.gif, "a.gif"),
        (hostile.svg, "a.svg"),
        (hostile.svg, "a.png"),
        (hostile.avif_head, "a.heic"),
        (hostile.cut_off_jpeg, "a.jpg"),
        (lambda: hostile.png_of(12_001, 10), "a.png"),
        (lambda: hostile.heic_that_claims(16_000, 17_000), "a.heic"),
        (hostile.encrypted_pdf, "a.pdf"),
        (lambda: hostile.HTML, "a.html"),
        (lambda: b"x" + hostile.pdf(), "a.pdf"),
        (hostile.jpeg, "a.pdf"),
        (hostile.jpeg, "a.exe"),
        (lambda: b"", "a.jpg"),
        (lambda: hostile.jpeg() + bytes(MAX_FILE_BYTES), "a.jpg"),
    ],
)
def test_what_can_be_seen_at_once_stands_on_its_field(
    portal: Portal, make: Callable[[], bytes], name: str
) -> None:
    dora = portal.dora.is_in()
    answer = sends(dora, given((make(), name)), text="Mein Text bleibt.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"{name}: " in page
    assert "Mein Text bleibt." in page
    assert not rows(portal)
    assert not stored(portal)
    assert not portal.read(lambda session: session.scalars(select(Dispute)).all())


@pytest.mark.parametrize(
    ("make", "name", "shown"),
    [
        (hostile.jpeg_with_hidden_html, "a.jpg", "a.jpg"),
        (hostile.jpeg_with_comment, "b.JPEG", "b.jpg"),
        (hostile.jpeg_with_place, "rechnung\u202efdp.exe.jpg", "rechnungfdp.exe.jpg"),
        (hostile.jpeg_with_spoilt_exif, "../../etc/c.jpg", "c.jpg"),
        (hostile.png_with_texts, "d.png", "d.jpg"),
        (hostile.heic, "e.HEIC", "e.jpg"),
        (hostile.pdf_with_everything, "f.pdf", "f.pdf"),
        (hostile.pdf_with_photo, "g.pdf", "g.pdf"),
    ],
)
def test_what_gets_through_is_served_clean(portal: Portal, make: Callable[[], bytes], name: str, shown: str) -> None:
    dora = portal.dora.is_in()
    page = dora.follows(sends(dora, given((make(), name))))
    (row,) = rows(portal)
    assert row.name == shown
    assert (row.state, row.purpose) == (FileState.RECEIVED, FilePurpose.DISPUTE)
    assert f"/files/{row.id}" not in page
    assert dora.opens(f"/files/{row.id}").status_code == 409
    work(portal)
    answer = dora.opens(f"/files/{row.id}")
    assert answer.status_code == 200
    served = answer.get_data()
    assert served[:3] == b"\xff\xd8\xff" or served[:5] == b"%PDF-"
    assert not [secret for secret in SECRETS if secret in _unpacked(served)]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert portal.stefan.is_in().opens(f"/files/{row.id}").status_code == 404


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: hostile.pdf_bomb(300), "a.pdf"),
        (lambda: hostile.pdf(pages=101), "a.pdf"),
        (hostile.pdf_with_hidden_encryption, "a.pdf"),
    ],
)
def test_what_fails_later_is_a_line_in_the_timeline_and_the_objection_stands(
    portal: Portal, make: Callable[[], bytes], name: str
) -> None:
    dora = portal.dora.is_in()
    sent = sends(dora, given((make(), name)))
    work(portal)
    (row,) = rows(portal)
    assert row.state == FileState.REJECTED
    assert dora.opens(f"/files/{row.id}").status_code == 410
    kinds = portal.read(lambda session: session.scalars(select(Event.kind)).all())
    assert EventKind.FILE_REFUSED in kinds
    assert portal.read(lambda session: session.scalars(select(Dispute.status)).one()) == "open"
    assert dora.follows(sent)


def test_accepted_files_stay_when_another_is_refused_and_can_be_removed(portal: Portal) -> None:
    dora = portal.dora.is_in()
    answer = sends(dora, given((hostile.jpeg(), "gut.jpg"), (hostile.pdf(), "auch.pdf"), (hostile.gif(), "nicht.gif")))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "gut.jpg" in page
    kept = re.findall(r'name="kept" value="([^"]+)"', page)
    assert len(kept) == 2
    assert {row.purpose for row in rows(portal)} == {FilePurpose.DRAFT}
    token = dora.token(f"{dora.path}/dispute?reason=quality")
    fields = {"reason": "quality", "csrf_token": token, "kept": kept}
    removed = dora.client.post(f"{dora.path}/dispute", data={**fields, "remove": kept[0]})
    assert removed.status_code == 200
    assert len(rows(portal)) == 1
    assert len(stored(portal)) == 1
    left = re.findall(r'name="kept" value="([^"]+)"', removed.get_data(as_text=True))
    assert left == kept[1:]
    sent = dora.client.post(f"{dora.path}/dispute", data={**fields, "kept": left})
    assert sent.status_code == 303
    (row,) = rows(portal)
    assert row.purpose == FilePurpose.DISPUTE
    assert row.expires_at is None


def test_nobody_sends_the_draft_of_another(portal: Portal) -> None:
    dora, stefan = portal.dora.is_in(), portal.stefan.is_in()
    page = sends(dora, given((hostile.jpeg(), "gut.jpg"), (hostile.gif(), "nicht.gif"))).get_data(as_text=True)
    (kept,) = re.findall(r'name="kept" value="([^"]+)"', page)
    path = f"{stefan.path}/dispute"
    token = stefan.token(f"{path}?reason=quality")
    sent = stefan.client.post(path, data={"reason": "quality", "csrf_token": token, "kept": kept, "remove": kept})
    assert sent.status_code == 200
    sent = stefan.client.post(path, data={"reason": "quality", "csrf_token": token, "kept": kept})
    assert sent.status_code == 303
    (row,) = rows(portal)
    assert (row.purpose, row.claim_id) == (FilePurpose.DRAFT, examples.DORA.claim_id)


def test_five_files_at_once_and_fifty_in_a_case(portal: Portal) -> None:
    dora = portal.dora.is_in()
    six = sends(dora, given(*[(hostile.jpeg(), f"{n}.jpg") for n in range(6)]))
    assert six.status_code == 422
    assert not rows(portal)
    with portal.writing() as session:
        claim = session.get(Claim, examples.DORA.claim_id)
        for n in range(50):
            session.add(
                Attachment(
                    creditor_id=claim.creditor_id, claim_id=claim.id, debtor_id=claim.debtor_id, purpose="message",
                    name=f"{n}.jpg", type="jpeg", size=10, sha256=b"x", state="ready", received_at=portal.clock(),
                )
            )  # fmt: skip
    full = sends(dora, given((hostile.jpeg(), "zu viel.jpg")))
    assert full.status_code == 422


def test_too_much_at_once_is_413(portal: Portal) -> None:
    dora = portal.dora.is_in()
    answer = sends(dora, given((bytes(57 * 1024 * 1024), "a.jpg")))
    assert answer.status_code == 413


def test_drafts_and_orphans_are_swept(portal: Portal) -> None:
    dora = portal.dora.is_in()
    sends(dora, given((hostile.jpeg(), "gut.jpg"), (hostile.gif(), "nicht.gif")))
    orphan = portal.parts.files.put(b"nobody knows me")
    work(portal)
    assert len(stored(portal)) == 2
    portal.clock.move(hours=25)
    Worker(portal.parts, wall=lambda: datetime(2100, 1, 1, tzinfo=UTC)).drain()
    assert not rows(portal)
    assert orphan not in {path.name for path in stored(portal)}
    assert not stored(portal)


def test_a_found_virus_is_told_and_its_bytes_go_after_a_week(portal: Portal) -> None:
    dora = portal.dora.is_in()
    sends(dora, given((hostile.jpeg(), "a.jpg")))
    with clamd(b"stream: Eicar-Test-Signature FOUND\0") as (address, server):
        work(portal, address)
    assert server.received == hostile.jpeg()
    (row,) = rows(portal)
    assert (row.state, row.problem) == (FileState.REJECTED, "infected")
    assert dora.opens(f"/files/{row.id}").status_code == 410
    portal.clock.move(days=8)
    work(portal)
    assert rows(portal)[0].original_key is None
    assert not stored(portal)


@pytest.mark.parametrize(
    ("answer", "take"),
    [(b"INSTREAM size limit exceeded. ERROR\0", None), (None, None), (b"", 20)],
    ids=["error", "silence", "hang-up"],
)
def test_a_scanner_that_does_not_answer_is_never_clean(portal: Portal, answer: bytes | None, take: int | None) -> None:
    dora = portal.dora.is_in()
    sends(dora, given((hostile.jpeg(), "a.jpg")))
    with clamd(answer, take) as (address, _):
        work(portal, address, timeout=0.3)
    (row,) = rows(portal)
    assert row.state == FileState.RECEIVED
    assert dora.opens(f"/files/{row.id}").status_code == 409
    waiting = job(portal)
    assert (waiting.state, waiting.attempts) == (JobState.DUE, 1)
    assert waiting.run_at > portal.clock()
    portal.clock.move(minutes=2)
    with clamd(b"stream: OK\0") as (address, _):
        work(portal, address)
    assert rows(portal)[0].state == FileState.READY
    assert job(portal).state == JobState.DONE


def test_a_damaged_original_is_said_so(portal: Portal) -> None:
    dora = portal.dora.is_in()
    sends(dora, given((hostile.jpeg(), "a.jpg")))
    (path,) = stored(portal)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    work(portal)
    assert rows(portal)[0].state == FileState.DAMAGED


def test_originals_lie_encrypted(portal: Portal) -> None:
    dora = portal.dora.is_in()
    sends(dora, given((hostile.jpeg_with_place(), "a.jpg")))
    (path,) = stored(portal)
    assert hostile.PLACE.encode() not in path.read_bytes()
    assert portal.parts.files.get(path.name) == hostile.jpeg_with_place()


def _unpacked(served: bytes) -> bytes:
    if not served.startswith(b"%PDF-"):
        return served
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(served)) as document:
        document.save(
            target,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return target.getvalue()
