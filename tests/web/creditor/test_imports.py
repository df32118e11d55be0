"""Does the desk bring a file of claims in as it was read, say of each row what is wrong with it, and take all back?"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portal.daily import run_daily
from portal.store.attachments import Attachment
from portal.store.claims import Claim, claim_at_desk
from portal.store.evidence import Evidence
from portal.store.import_files import ImportFile
from portal.store.imports import ClaimImport
from portal.worker import Worker
from tests import hostile
from tests.examples import COLETTE, DORA, VELO
from tests.people import Portal

IMPORTS = "/desk/imports"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
#: As an accounting program of the German speaking part writes it.
HEADER = "Rechnungsnr;Kunde;Strasse;PLZ;Ort;Rechnungsdatum;Fällig am;Betrag;Belege"


def row(number: int, **changes: str) -> str:
    said = dict(zip(HEADER.split(";"), (
        f"R-{number}", f"Anna Muster{number}", f"Gasse {number}", "4900", "Langenthal", "01.08.2026", "31.08.2026",
        "1'120,50", f"R-{number}.pdf",
    ), strict=True))  # fmt: skip
    return ";".join((said | changes).values())


def listed(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join((header, *rows)).encode("cp1252")


def book(*rows: str) -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.active.title = "OP-Liste"
    for one in (HEADER, *rows):
        made.active.append(one.split(";"))
    made.save(out)
    return out.getvalue()


class Import:
    """Somebody at the desk with a file of claims in hand."""

    def __init__(self, portal: Portal, name: str = "lena") -> None:
        self.portal, self.clerk = portal, portal.staff(name).is_in()
        self.page = ""

    def hands_in(self, content: bytes, name: str = "offene-posten.csv", **more: Any) -> TestResponse:
        answer = self.clerk.sends(IMPORTS, file=(io.BytesIO(content), name), **more)
        if answer.status_code == 303:
            self.page = answer.headers["Location"].split("?")[0].removesuffix("/columns")
        return answer

    def confirms(self, **columns: str) -> str:
        return self.clerk.follows(self.clerk.sends(f"{self.page}/columns", **columns))

    def checked(self, content: bytes, name: str = "offene-posten.csv") -> str:
        assert self.hands_in(content, name).headers["Location"].endswith("/columns")
        return self.confirms()

    def presses(self, to: str) -> TestResponse:
        return self.clerk.sends(f"{self.page}/{to}", page=self.page)

    def works(self) -> None:
        Worker(self.portal.parts, wall=self.portal.clock).drain()

    def brings_in(self) -> str:
        assert self.presses("take").status_code == 303
        self.works()
        return self.reads()

    def reads(self, more: str = "") -> str:
        return re.sub(r"\s+", " ", self.clerk.reads(f"{self.page}{more}"))

    def adds(self, *names: str, data: bytes | None = None) -> TestResponse:
        pdf = data or hostile.pdf()
        files = [(io.BytesIO(pdf), name) for name in names]
        return self.clerk.sends(f"{self.page}/documents", page=self.page, files=files)

    def row(self) -> ClaimImport:
        found: ClaimImport = self.portal.read(lambda session: session.get(ClaimImport, UUID(self.page[-36:])))
        return found

    def claim(self, reference: str) -> Claim | None:
        found: Claim | None = self.portal.read(
            lambda session: claim_at_desk(session, creditor_id=VELO, reference=reference)
        )
        return found


def stored(portal: Portal) -> list[Path]:
    return [path for path in Path(portal.parts.settings.files_root).rglob("*") if path.is_file()]


def count(portal: Portal, table: Any) -> int:
    return int(portal.read(lambda session: session.scalar(select(func.count()).select_from(table))) or 0)


@on_sqlite
def test_a_file_becomes_cases_and_can_be_taken_back(portal: Portal) -> None:
    desk = Import(portal)
    assert "No file was handed in yet." in desk.clerk.reads(IMPORTS)
    answer = desk.hands_in(listed(row(1), row(2, Ort="")))
    page = re.sub(r"\s+", " ", desk.clerk.follows(answer))
    assert "offene-posten.csv · Windows-1252, semicolons between the cells" in page
    assert re.search(r'<select id="due_date" name="due_date">.*?<option value="6" selected>Fällig am</option>', page)
    assert "<td>31 August 2026</td>" in page
    assert "CHF 1’120.50" in page
    assert "<td>1&#39;120,50</td>" in page
    assert "Enter the town." in page
    page = re.sub(r"\s+", " ", desk.confirms())
    assert "Nothing has happened yet." in page
    for words in (
        "All rows <span>(2)",
        "ready to bring in <span>(0)",
        "evidence missing <span>(1)",
        "refused <span>(1)",
    ):
        assert words in page
    assert "Not here yet: R-1.pdf" in page
    assert count(portal, Claim) == 4
    page = desk.brings_in()
    assert "1 case was brought in." in page
    assert "1 row was refused." in page
    found = desk.claim("R-1")
    assert found is not None
    assert found.import_id == desk.row().id
    assert "R-1" in desk.clerk.reads(f"/desk/claims?import={desk.row().id}")
    assert DORA.reference not in desk.clerk.reads(f"/desk/claims?import={desk.row().id}")
    assert "Brought in" in desk.clerk.reads(IMPORTS)
    assert "1 case is withdrawn" in desk.reads("/undo")
    assert desk.clerk.sends(f"{desk.page}/undo").status_code == 303
    assert "The cases are being taken back." in desk.reads()
    desk.works()
    assert "1 case was withdrawn" in desk.reads()
    assert desk.claim("R-1") is None
    assert desk.clerk.opens("/desk/claims/R-1").status_code == 404
    assert desk.hands_in(listed(row(1), row(2, Ort=""))).headers["Location"].endswith(str(desk.page))
    assert "1 case was brought in." in desk.brings_in()


@on_sqlite
def test_nothing_of_a_file_is_kept_once_it_is_brought_in(portal: Portal) -> None:
    desk = Import(portal)
    desk.checked(listed(row(1), row(2)))
    assert desk.adds("R-1.pdf", "Other.pdf").status_code == 303
    page = desk.reads()
    assert "2 documents are here" in page
    assert "no row names it" in page
    assert "1 document that a row names is not here yet: R-2.pdf" in page
    page = desk.brings_in()
    assert (desk.row().file_key, count(portal, ImportFile)) == (None, 0)
    kept = portal.read(lambda session: session.scalars(select(Attachment)).all())
    assert {path.name for path in stored(portal)} == {kept[0].original_key, kept[0].ready_key}
    assert count(portal, Evidence) == 1
    assert "1 document that a row names is not here yet: R-2.pdf" in page
    assert desk.adds("r-2.PDF").status_code == 303
    assert count(portal, Evidence) == 2
    assert "not here yet" not in desk.reads()


REFUSED = {
    "no file": (b"", "", "Choose the file with your open invoices."),
    "empty": (b"", "a.csv", "The file is empty."),
    "a PDF": (b"%PDF-1.7 x", "a.pdf", "This is a picture or a PDF."),
    "a picture": (hostile.jpeg(), "liste.csv", "This is a picture or a PDF."),
    "locked or old": (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xlsx", "This is an old or encrypted Excel file."),
    "another archive": (b"PK\x03\x04 docx", "a.xlsx", "can&#39;t be opened"),
    "no rows": (HEADER.encode(), "a.csv", "there is no row below them"),
    "no columns": (b"\n\n\n", "a.csv", "The first line must name the columns."),
}


@on_sqlite
def test_a_wrong_file_is_told_on_its_field(portal: Portal) -> None:
    desk = Import(portal)
    for content, name, sentence in REFUSED.values():
        answer = desk.hands_in(content, name)
        page = answer.get_data(as_text=True)
        assert (answer.status_code, sentence in page) == (422, True), (name, sentence)
        assert 'href="#file"' in page
    assert (count(portal, ClaimImport), stored(portal)) == (0, [])


@on_sqlite
def test_columns_are_confirmed_once_for_each_header(portal: Portal) -> None:
    desk = Import(portal)
    strange = listed(row(1), header=HEADER.replace("Betrag", "Feld 8").replace("Kunde", ""))
    page = desk.clerk.follows(desk.hands_in(strange))
    assert "Column 2" in page
    refused = desk.clerk.sends(f"{desk.page}/columns")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Choose the column for this: Amount of the invoice" in page
    assert "Choose the column for this: Name" in page
    looked = desk.clerk.sends(f"{desk.page}/columns", principal="7", debtor_name="1", due_date="99", look="1")
    assert "Choose the column for this: Due date" in looked.get_data(as_text=True)
    desk.confirms(principal="7", debtor_name="1")
    assert "evidence missing <span>(1)" in desk.reads()
    again = desk.hands_in(strange.replace(b"R-1", b"R-7"))
    assert not again.headers["Location"].endswith("/columns")
    assert "Anna Muster1" in desk.clerk.follows(again)
    carl = Import(portal, "carl")
    assert carl.hands_in(strange).headers["Location"].endswith("/columns")


@on_sqlite
def test_an_admin_says_who_answers(portal: Portal) -> None:
    desk = Import(portal, "adam")
    page = desk.clerk.follows(desk.hands_in(listed(row(1))))
    assert "Clara Meier" in page
    assert "Adam Frei</option>" not in page
    desk.confirms()
    assert "1 case was brought in." in desk.brings_in()
    found = desk.claim("R-1")
    assert found is not None
    assert desk.hands_in(listed(row(2))).headers["Location"].endswith("/columns")


@on_sqlite
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_refused_rows_come_back_in_the_same_form_and_can_be_given_again(portal: Portal, form: str) -> None:
    desk = Import(portal)
    rows = (row(1), row(2, Betrag="viel", Kunde="=1+1"), row(3, Betrag="viel"))
    desk.checked(listed(*rows) if form == "csv" else book(*rows), f"liste.{form}")
    for more in ("", "brought in"):
        if more:
            desk.brings_in()
        answer = desk.clerk.opens(f"{desk.page}/refused")
        words = "abgewiesene Zeilen" if more else "refused rows"
        assert f'filename="liste {words}.{form}"' in answer.headers["Content-Disposition"]
        cells = cells_of(answer.data, form)
        assert cells[0] == [*HEADER.split(";"), "reason"]
        assert cells[1][1] == ("'=1+1" if form == "csv" else "")
        assert cells[2] == [*row(3, Betrag="viel").split(";"), cells[2][-1]]
        assert "Geben Sie den Betrag der Rechnung ein" in cells[2][-1] or "Enter the amount" in cells[2][-1]
    back = answer.data.replace(b"viel", b"5.00") if form == "csv" else book(row(3, Betrag="5.00"))
    assert not desk.hands_in(back, f"again.{form}").headers["Location"].endswith("/columns")
    assert ("2 cases were" if form == "csv" else "1 case was") + " brought in." in desk.brings_in()


def cells_of(data: bytes, form: str) -> list[list[str]]:
    if form == "csv":
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]


@on_sqlite
def test_the_check_list_can_be_seen_by_what_was_found_page_by_page(portal: Portal) -> None:
    desk = Import(portal)
    far = {"Fällig am": "31.12.2026"}
    rows = [row(n) for n in range(60)] + [row(61, **far), row(62, Betrag=""), row(1)]
    desk.checked(listed(*rows))
    assert "not yet due <span>(1)" in desk.reads()
    assert "The invoice is not due yet." in desk.reads("?show=not_due")
    refused = desk.reads("?show=refused")
    assert "Line 3 has the same case number." in refused
    assert "Anna Muster59" not in refused
    assert "Anna Muster49" in desk.reads()
    assert "Anna Muster50" not in desk.reads()
    assert "Anna Muster50" in desk.reads("?page=2")
    assert "There is no row of this kind." in desk.reads("?show=ready&page=99999999")


@on_sqlite
def test_a_double_click_and_two_clerks_make_one_import(portal: Portal) -> None:
    lena, adam = Import(portal), Import(portal, "adam")
    lena.checked(listed(row(1)))
    adam.page = lena.page
    assert adam.hands_in(listed(row(1))).headers["Location"] == lena.page
    fields = {"op": str(uuid4()), "csrf_token": lena.clerk.token(IMPORTS)}
    places = set()
    for content in (listed(row(8)), listed(row(8)), listed(row(9))):
        sent = {**fields, "file": (io.BytesIO(content), "a.csv")}
        places.add(lena.clerk.client.post(IMPORTS, data=sent).headers["Location"])
    assert len(places) == 2
    for place in places:
        assert lena.clerk.sends(f"{place}/drop", page=place).status_code == 303
    tokens = [lena.clerk.token(lena.page), adam.clerk.token(lena.page)]
    for hand, token in ((lena, tokens[0]), (adam, tokens[1]), (lena, tokens[0])):
        answer = hand.clerk.client.post(f"{lena.page}/take", data={"csrf_token": token})
        assert answer.headers["Location"] == lena.page
    assert "The file is next in line." in lena.reads()
    lena.works()
    assert lena.clerk.client.post(f"{lena.page}/take", data={"csrf_token": tokens[0]}).status_code == 303
    lena.works()
    assert (count(portal, Claim), count(portal, ClaimImport)) == (5, 1)
    page = lena.clerk.follows(lena.hands_in(listed(row(1)), "copy.csv"))
    assert "This very file was brought in before. Nothing has changed." in page
    assert count(portal, ClaimImport) == 1


@on_sqlite
def test_one_import_at_a_time_and_it_can_be_stopped_before_it_begins(portal: Portal) -> None:
    desk = Import(portal)
    desk.checked(listed(row(1)))
    desk.presses("take")
    assert desk.presses("stop").headers["Location"] == desk.page
    desk.works()
    assert desk.claim("R-1") is None
    with portal.writing() as session:
        broken = ClaimImport(
            creditor_id=VELO, name="cli.csv", sha256=b"1" * 32, state="writing", started_at=portal.clock()
        )
        session.add(broken)
        session.flush()
        place = f"{IMPORTS}/{broken.id}"
    answer = desk.presses("take")
    assert answer.status_code == 422
    assert "Another file is being brought in." in answer.get_data(as_text=True)
    assert "This import broke off" in desk.clerk.reads(place)
    assert desk.clerk.sends(f"{place}/undo").status_code == 303
    desk.works()
    assert "Import taken back" in desk.clerk.reads(place)
    assert "1 case was brought in." in desk.brings_in()


@on_sqlite
def test_a_large_file_is_checked_by_the_worker(portal: Portal) -> None:
    desk = Import(portal)
    notes = ";" + "x" * 9000
    desk.hands_in(listed(*(row(n) + notes for n in range(40)), header=f"{HEADER};Notiz"))
    page = desk.confirms()
    assert "The rows are being checked." in page
    assert "data-again" in page
    desk.works()
    assert "All rows <span>(40)" in desk.reads()
    assert "x" * 100 not in desk.clerk.reads(f"{desk.page}/columns")


@on_sqlite
def test_what_has_been_touched_stays_and_after_a_day_all_stays(portal: Portal) -> None:
    desk = Import(portal)
    desk.checked(listed(row(1), row(2)))
    desk.brings_in()
    assert desk.clerk.sends("/desk/claims/R-1/pause", text="Ferien").status_code == 303
    page = desk.reads("/undo")
    assert "1 case is withdrawn" in page
    assert "1 case stays, because something has happened on it" in page
    desk.clerk.sends(f"{desk.page}/undo")
    desk.works()
    page = desk.reads()
    assert "These stay, because something has happened on them" in page
    assert 'href="/desk/claims/R-1"' in page
    assert desk.claim("R-2") is None
    desk.hands_in(listed(row(3)))
    desk.brings_in()
    assert desk.clerk.sends("/desk/claims/R-3/pause", text="Ferien").status_code == 303
    assert "so none can be taken back" in desk.reads("/undo")
    assert desk.clerk.posts(f"{desk.page}/undo", token_from=IMPORTS).status_code == 422
    portal.clock.move(hours=25)
    lena = Import(portal)
    lena.page = desk.page
    assert "Take the import back" not in lena.reads()
    assert "More than 24 hours have passed" in lena.reads("/undo")
    assert lena.clerk.posts(f"{desk.page}/undo", token_from=IMPORTS).status_code == 422


@on_sqlite
def test_files_that_nobody_brings_in_are_gone_after_a_week(portal: Portal) -> None:
    desk = Import(portal)
    desk.checked(listed(row(1), row(2, Ort="")))
    desk.adds("R-1.pdf")
    waiting = desk.page
    desk.hands_in(listed(row(5, Ort=""), row(6)))
    desk.brings_in()
    portal.clock.move(days=6)
    run_daily(portal.parts.database, now=portal.clock())
    assert count(portal, ImportFile) == 4
    portal.clock.move(days=2)
    run_daily(portal.parts.database, now=portal.clock())
    assert (count(portal, ImportFile), count(portal, ClaimImport)) == (0, 1)
    desk = Import(portal)
    assert desk.clerk.opens(waiting).status_code == 404


@on_sqlite
def test_a_file_can_be_thrown_away(portal: Portal) -> None:
    desk = Import(portal)
    desk.checked(listed(row(1)))
    desk.adds("R-1.pdf")
    assert desk.presses("drop").headers["Location"] == IMPORTS
    assert (count(portal, ClaimImport), count(portal, ImportFile), stored(portal)) == (0, 0, [])


@on_sqlite
def test_documents_are_judged_by_their_bytes_and_can_be_removed(portal: Portal) -> None:
    desk = Import(portal)
    desk.checked(listed(row(1)))
    answer = desk.adds("R-1.pdf", data=b"MZ not a document")
    assert answer.status_code == 422
    assert "R-1.pdf: We cannot open this file." in answer.get_data(as_text=True)
    assert desk.clerk.posts(f"{desk.page}/documents", token_from=IMPORTS).status_code == 422
    desk.adds("R-1.pdf")
    desk.adds("r-1.pdf")
    assert "1 document is here" in desk.reads()
    assert "Every document that a row names is here." in desk.reads()
    assert "language guessed <span>(1)" in desk.reads()
    kept = portal.read(
        lambda session: session.scalars(select(ImportFile).where(ImportFile.purpose == "document")).one()
    )
    answer = desk.clerk.posts(f"{desk.page}/documents", token_from=desk.page, remove=str(kept.id))
    assert answer.status_code == 303
    assert "evidence missing <span>(1)" in desk.reads()


@on_sqlite
def test_who_may_do_what(portal: Portal) -> None:
    desk = Import(portal)
    desk.checked(listed(row(1), row(2, Ort="")))
    for name, reads, writes in (("clara", 200, 404), ("otto", 200, 404), ("carl", 404, 404)):
        clerk = portal.staff(name).is_in()
        assert clerk.opens(IMPORTS).status_code == 200
        for below in ("", "/refused"):
            assert clerk.opens(f"{desk.page}{below}").status_code == reads, (name, below)
        for below in ("columns", "documents", "check", "take", "stop", "drop", "undo"):
            assert clerk.posts(f"{desk.page}/{below}").status_code == writes, (name, below)
    assert 'type="file"' not in portal.staff("clara").is_in().reads(IMPORTS)
    assert COLETTE.reference not in desk.clerk.reads(IMPORTS)
    assert desk.clerk.opens("/desk/import").status_code == 200


@on_sqlite
def test_an_empty_desk_leads_to_the_import(portal: Portal) -> None:
    with portal.writing() as session:
        session.execute(update(Claim).values(undone_at=portal.clock()))
    lena = portal.staff("lena").is_in()
    assert "There are no cases yet." in lena.reads("/desk")
    assert 'href="/desk/imports"' in lena.reads("/desk")


def test_on_both_engines_a_file_is_checked_brought_in_and_taken_back(portal: Portal) -> None:
    desk = Import(portal)
    desk.checked(listed(row(1), row(2)))
    desk.adds("R-1.pdf")
    assert "2 cases were brought in." in desk.brings_in()
    desk.clerk.sends(f"{desk.page}/undo")
    desk.works()
    assert "2 cases were withdrawn" in desk.reads()
