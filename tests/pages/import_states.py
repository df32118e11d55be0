"""The desk's pages about files of claims, in each of their states."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Page

from portal.actions import import_desk, imports
from portal.actions.import_desk import Asked
from portal.actions.imports import Given
from portal.gateways.tables import read_table
from portal.rules.import_stages import Beside, Stage
from portal.rules.imports import match_columns
from portal.rules.openings import OpeningProblem
from portal.store.import_files import ImportFile
from portal.store.imports import ClaimImport
from portal.store.settings import creditor_by_id
from portal.web import import_work
from portal.web.import_lists import CheckList
from tests import examples
from tests.examples import START
from tests.pages.acts import press
from tests.pages.debtor_states import At, fixed
from tests.pages.desk_states import page
from tests.pages.stage import Case, State, new_firm

HEADER = "Rechnungsnr;Kunde;Strasse;PLZ;Ort;Rechnungsdatum;Fällig am;Betrag;Belege"
ROWS = (
    "R-1;Nadja Wyss-Brunner;Mühlestrasse 27;4912;Aarwangen;01.08.2026;31.08.2026;1'120,50;R-1.pdf",
    "R-2;Genossenschaft für Landwirtschaftliche Maschinen;Hauptstrasse 4;4900;Langenthal;1.8.26;31.8.26;99;R-2.pdf",
    "R-3;Anna Muster;Gasse 3;490;Langenthal;01.07.2016;31.07.2016;viel;",
    "R-4;Peter Muster;Gasse 4;4900;Langenthal;01.11.2026;31.12.2026;80.00;",
)


def handed_in(case: Case, *, firm: UUID = examples.VELO, clerk: UUID = examples.LENA) -> ClaimImport:
    content = "\r\n".join((HEADER, *ROWS)).encode()
    key = case.parts.files.put(content)
    return import_desk.hand_in(
        case.session, firm, clerk, "offene-posten-november-2026.csv", b"0" * 32, key, None, now=START, small=True
    )


def checked(case: Case) -> ClaimImport:
    """Its columns are confirmed, one document is here, and the rows are gone through."""
    row, have = handed_in(case), case.parts
    table = read_table(io.BytesIO(have.files.get(row.file_key or "")))
    columns = match_columns(table.header)
    import_desk.match(case.session, row, table.header, columns, examples.LENA, now=START)
    documents = [beside(case, row, Beside.DOCUMENT, name) for name in ("R-1.pdf", "Lieferschein.pdf")]
    import_desk.put_beside(case.session, row, documents, ())
    creditor = creditor_by_id(case.session, row.creditor_id)
    setting = import_work.setting_of(case.session, have, creditor, examples.LENA, documents)
    found = CheckList(table.header, columns, setting, lambda text, **values: text % values if values else text)
    figures = imports.check(
        have.database, row.creditor_id, Given(row.name, row.sha256, table.header, columns, table.rows), setting,
        have.facts, on_refused=found.on_refused, on_taken=found.on_taken,
    )  # fmt: skip
    files = [
        beside(case, row, Beside.LIST, "list", found.packed([one.name for one in documents])),
        beside(case, row, Beside.REFUSED, "refused.csv", found.refused_file()),
    ]
    not_due = found.problems[OpeningProblem.NOT_DUE_YET]
    import_desk.found(case.session, row, figures, not_due, files, now=START)
    return row


def beside(case: Case, row: ClaimImport, purpose: Beside, name: str, data: bytes = b"%PDF-1.4 x") -> ImportFile:
    return ImportFile(
        creditor_id=row.creditor_id, import_id=row.id, purpose=purpose.value, name=name,
        store_key=case.parts.files.put(data), size=len(data), added_at=START,
    )  # fmt: skip


def at(below: str = "", *, wants: Stage | None = None, ready: bool = True, **columns: Any) -> At:
    """A file that was handed in, as far as this; or a page below it."""

    def made(case: Case) -> str:
        row = checked(case) if ready else handed_in(case)
        if wants is not None:
            import_desk.ask(case.session, row, wants, Asked(examples.LENA, None), now=START)
        for name, value in columns.items():
            setattr(row, name, value)
        case.session.flush()
        return f"/desk/imports/{row.id}{below}"

    return made


def brought_in(below: str = "", *, ago: timedelta = timedelta(hours=1), untouched: bool = False, **columns: Any) -> At:
    """The case of this state came with a file; by now it has a letter, so that it stays."""

    def made(case: Case) -> str:
        row = checked(case)
        row.state, row.done_at, row.total, row.taken, row.refused = "done", START - ago, 4, 2, 2
        case.claim.import_id = row.id
        if untouched:
            case.opens(f"{case.claim.reference}-R").import_id = row.id
        for name, value in columns.items():
            setattr(row, name, value)
        case.session.flush()
        return f"/desk/imports/{row.id}{below}"

    return made


def broken(case: Case) -> str:
    row = handed_in(case, firm=examples.ROCHAT, clerk=examples.CARL)
    row.state = "writing"
    return f"/desk/imports/{row.id}"


def nothing_yet(case: Case) -> str:
    new_firm(case.session)
    return "/desk/imports"


def several(case: Case) -> str:
    """Two files more, one of them brought in a moment ago."""
    at()(case)
    brought_in()(case)
    return "/desk/imports"


def without_amount(page: Page) -> None:
    page.locator("main [name=principal]").select_option("")
    press(page, "main form")


def no_file(page: Page) -> None:
    press(page, "main form[enctype]")


TAKEN_BACK = {"withdrawn": 1, "stay": 1, "columns": {}}
STATES: list[State] = [
    page("imports/overview", "with files", several, "lena"),
    page("imports/overview", "for the auditor", fixed("/desk/imports"), "otto"),
    page("imports/overview", "empty", nothing_yet, "urs"),
    page("imports/overview", "with error", fixed("/desk/imports"), "lena", no_file),
    page("imports/columns", "asked", at("/columns", ready=False), "lena"),
    page("imports/columns", "with error", at("/columns", ready=False), "lena", without_amount),
    page("imports/one", "checked", at(), "lena"),
    page("imports/one", "with error", at(), "lena", no_file),
    page("imports/one", "refused rows, for the auditor", at("?show=refused"), "otto"),
    page("imports/one", "being brought in", at(wants=Stage.ASKED, state="writing", total=2), "lena"),
    page("imports/one", "broken off", broken, "carl"),
    page("imports/one", "brought in", brought_in(), "lena"),
    page("imports/one", "taken back", brought_in(state="undone", details=TAKEN_BACK), "lena"),
    page("imports/undo", "asked", brought_in("/undo", untouched=True), "lena"),
    page("imports/undo", "nothing can go", brought_in("/undo"), "lena"),
    page("imports/undo", "too late", brought_in("/undo", ago=timedelta(hours=25)), "lena"),
]
