"""Do documents find the claims that name them, with the file or later, once and by the way of every upload?"""

from __future__ import annotations

import io
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portal.actions.attachments import process
from portal.actions.import_evidence import Handed, NameProblem, add_evidence, judged
from portal.actions.imports import Figures, setting_for
from portal.gateways.pixels import Converted
from portal.gateways.scan import ScanResult
from portal.rules.attachments import FileProblem, FileType
from portal.rules.dates import Calendar
from portal.rules.history import system
from portal.rules.import_rows import Light, RowProblem
from portal.store.attachments import Attachment
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.evidence import Evidence
from portal.store.history import Event
from portal.store.import_evidence import waiting_files, waits_for_files
from portal.store.jobs import Job
from portal.store.settings import creditor_by_id
from portal.web.parts import Parts
from tests import hostile
from tests.actions.test_imports import HEADER, Desk, line
from tests.examples import TODAY, VELO, Clock

#: Nothing here is said differently to the two databases.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(parts: Parts, clock: Clock) -> Desk:
    return Desk(parts, clock)


def file(*rows: tuple[str, str]) -> bytes:
    return "\n".join((f"{HEADER};evidence", *(f"{one};{named}" for one, named in rows))).encode()


def handed(desk: Desk, **files: bytes) -> Handed:
    return judged(desk.parts.files, [(name, partial(io.BytesIO, data)) for name, data in files.items()])


def takes(desk: Desk, content: bytes, given: Handed, **more: Any) -> Figures:
    with desk.parts.database.reading() as session:
        creditor = creditor_by_id(session, VELO)
        desk.setting = setting_for(session, creditor, Calendar(), today=TODAY, evidence=given.names)
    return desk.takes(content, handed=given, **more)


def papers(desk: Desk, reference: str) -> list[tuple[str, str, str, bool]]:
    """Title, kind and file name of the claim's documents, and whether its first line shows them."""
    claim = desk.claim(reference)
    assert claim is not None
    with desk.parts.database.reading() as session:
        rows = session.execute(
            select(Evidence, Attachment).join(Attachment, Attachment.id == Evidence.attachment_id)
            .where(Evidence.claim_id == claim.id).order_by(Evidence.number)
        )  # fmt: skip
        first = session.get_one(Claim, claim.id).positions[0].evidence_id
        return [(row[0].title, row[0].kind, row[1].name, row[0].id == first) for row in rows]


def count(database: Database, table: Any) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_documents_stand_beside_the_claims_that_name_them(desk: Desk) -> None:
    given = handed(desk, **{
        "R-1.PDF": hostile.pdf(), "agb.pdf": hostile.pdf(), "bild.gif": hostile.gif(), "Ä.pdf": hostile.pdf(),
        "ä.pdf": hostile.pdf(),
    })  # fmt: skip
    assert [(one.name, one.problems) for one in given.refused] == [
        ("bild.gif", (FileProblem.WRONG_TYPE,)), ("Ä.pdf", (NameProblem.TWICE,)), ("ä.pdf", (NameProblem.TWICE,)),
    ]  # fmt: skip
    content = file(
        (line(1), "C:\\Belege\\r-1.pdf|agb.pdf|r-1.pdf"), (line(2), "agb.pdf"), (line(3), "bild.gif"), (line(4), ""),
        (line(5), "|".join(f"{number}.pdf" for number in range(51))),
    )  # fmt: skip
    figures = takes(desk, content, given)
    assert (figures.taken, figures.ready, figures.refused) == (4, 2, 1)
    assert figures.lights[Light.EVIDENCE_MISSING] == 2
    assert desk.problems() == [RowProblem.TOO_MANY_DOCUMENTS]
    assert papers(desk, "IM-1") == [("R-1", "invoice", "R-1.pdf", True), ("agb", "terms", "agb.pdf", False)]
    assert papers(desk, "IM-2") == [("agb", "terms", "agb.pdf", False)]
    with desk.parts.database.reading() as session:
        one = session.get_one(Claim, desk.claim("IM-1").id)  # type: ignore[union-attr]
        assert [line.kind for line in one.positions if line.evidence_id] == ["principal", "reminder_fee"]
        told = list(session.scalars(select(Event).where(Event.claim_id == one.id).order_by(Event.seq)))
        assert [event.kind for event in told] == ["claim_opened", "evidence_added", "evidence_added"]
        assert told[2].details == {"kind_of": "terms", "with_letter": False, "rule": "import"}
        keys = set(session.scalars(select(Attachment.original_key).where(Attachment.name == "agb.pdf")))
        assert len(keys) == 1
    before = [count(desk.parts.database, table) for table in (Attachment, Evidence, Job, Event)]
    again = takes(desk, content, given)
    assert (again.unchanged, again.documents) == (4, 0)
    assert before == [count(desk.parts.database, table) for table in (Attachment, Evidence, Job, Event)]


class Copies:
    """A converter and a scanner that count what they are asked."""

    def __init__(self) -> None:
        self.converted = self.scanned = 0

    def convert(self, data: bytes, type: FileType) -> Converted:
        self.converted += 1
        return Converted(data, type.served.media_type, pages=1)

    def scan(self, data: bytes) -> ScanResult:
        self.scanned += 1
        return ScanResult(clean=True, name="counted")


def test_a_document_on_many_claims_is_copied_once(desk: Desk) -> None:
    takes(desk, file(*((line(number), "agb.pdf") for number in range(4))), handed(desk, **{"agb.pdf": hostile.pdf()}))
    copies, database = Copies(), desk.parts.database
    with database.reading() as session:
        jobs = list(session.scalars(select(Job).where(Job.kind == "attachment")))
    for job in jobs:
        process(database, desk.parts.files, copies, copies, UUID(job.payload["attachment_id"]), now=desk.clock())
    assert (len(jobs), copies.converted, copies.scanned) == (4, 1, 1)
    with database.reading() as session:
        rows = list(session.scalars(select(Attachment).where(Attachment.name == "agb.pdf")))
        assert {(row.state, row.ready_key, row.pages) for row in rows} == {("ready", rows[0].ready_key, 1)}


def test_documents_that_come_later_find_their_claims(desk: Desk) -> None:
    content = file((line(1), "eins.pdf|zwei.pdf"), (line(2), "zwei.pdf"), (line(3), "drei.pdf"))
    figures = takes(desk, content, handed(desk, **{"eins.pdf": hostile.pdf()}))
    assert figures.ready == 0
    assert figures.import_id is not None
    later = handed(desk, **{"zwei.pdf": hostile.pdf(), "vier.pdf": hostile.pdf()})
    for expected in (2, 0):
        assert expected == add_evidence(
            desk.parts.database, VELO, figures.import_id, later, actor=system("import"), now=desk.clock(), today=TODAY
        )
    assert [row[0] for row in papers(desk, "IM-1")] == ["eins", "zwei"]
    assert papers(desk, "IM-2") == [("zwei", "invoice", "zwei.pdf", True)]
    with desk.parts.database.reading() as session:
        assert waiting_files(session, VELO, figures.import_id) == {"drei.pdf": 1}
        assert waits_for_files(session, VELO, [desk.claim("IM-3").id]) == {desk.claim("IM-3").id}  # type: ignore[union-attr]
    again = takes(desk, content, handed(desk, **{"drei.pdf": hostile.pdf()}))
    assert (again.unchanged, again.documents) == (3, 1)
    assert len(papers(desk, "IM-3")) == 1
    assert desk.takes_back(figures.import_id).withdrawn == 3


def test_nobody_sees_documents_of_an_import_that_broke_off(desk: Desk) -> None:
    content, given = file((line(1), "a.pdf"), (line(2), "a.pdf"), (line(3), "b.pdf")), {"a.pdf": hostile.pdf()}

    def stop(figures: Figures) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        takes(desk, content, handed(desk, **given), at_once=2, on_progress=stop)
    assert desk.claim("IM-1") is None
    assert count(desk.parts.database, Evidence) == 2
    figures = takes(desk, content, handed(desk, **given))
    assert (figures.taken, figures.refused) == (3, 0)
    assert [len(papers(desk, f"IM-{number}")) for number in (1, 2, 3)] == [1, 1, 0]
