"""Do open invoices from an accounting program become cases with their documents, and nothing again within a day?"""

from __future__ import annotations

from playwright.sync_api import FilePayload, expect

from portal.store.ledger_checks import verify
from tests import hostile
from tests.examples import DORA
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, Deskhand, at_desk, reader

HEADER = "Belegnr.;Debitor;Kundennr.;Strasse;PLZ;Ort;Beleg-Datum;Fällig am;Betrag inkl. MwSt.;Buchungstext;Belege"
OPEN = "main form[action$='/{}'] button:not(.sr):not([name=look]):not([name=remove])"


def rows() -> list[str]:
    """Twenty open invoices: one is Dora's, one names no town, one is not due yet."""
    made = []
    for number in range(1, 21):
        name, customer = f"Person Muster{number}", f"M-{number}"
        street, town, due = f"Gasse {number}", "Langenthal", "31.08.2026"
        if number == 1:
            name, customer, street = DORA.name, "K-Langenthal", "Gartenweg 3"
        if number == 2:
            town = ""
        if number == 3:
            due = "31.12.2026"
        made.append(
            f"R-{number};{name};{customer};{street};4900;{town};01.08.2026;{due};1'0{number:02},50;Service;R-{number}.pdf"
        )
    return made


def hands_in(lena: Deskhand, content: bytes) -> None:
    lena.goes_to("/desk/imports")
    lena.adds("[name=file]", "OP-Liste November.csv", "text/csv", content)
    lena.taps_on(OPEN.format("imports"))


def works_through(lena: Deskhand, place: str, manner: Manner) -> None:
    """The worker does what was asked for; with scripts the page comes anew by itself."""
    lena.live.work()
    if not manner.scripts:
        lena.goes_to(place)
    lena.has("main [data-again]", 0)


@turn(1)
def test_a_list_comes_in_with_its_documents_and_goes_back_out(live: Live, manner: Manner) -> None:
    content = "\r\n".join((HEADER, *rows())).encode("cp1252")
    lena = at_desk(live, "lena", manner)
    hands_in(lena, content)
    expect(lena.page.locator("[name=invoice_date] option:checked")).to_have_text("Beleg-Datum")
    expect(lena.page.locator("[name=principal] option:checked")).to_have_text("Betrag inkl. MwSt.")
    lena.sees("CHF 1’001.50")
    lena.taps_on(OPEN.format("columns"))
    place = lena.page.url
    lena.has("main table tbody tr", 20)
    lena.taps_on("main nav.views a[href*='show=refused']")
    lena.has("main table tbody tr", 2)
    lena.goes_to(place)
    for names in (["R-1.pdf", "fremd.pdf"], ["R-4.pdf"]):
        files = [FilePayload(name=name, mimeType="application/pdf", buffer=hostile.pdf()) for name in names]
        lena.page.locator("[name=files]").set_input_files(files)
        lena.taps_on("main form[enctype] button.second")
    lena.page.locator("main details summary").first.click()
    lena.has("main ul.kept li", 3)
    lena.taps_on(OPEN.format("take"))
    lena.has("main [role=status]")
    lena.goes_to("/desk/claims/R-1", status=404)
    lena.goes_to(place)
    works_through(lena, place, manner)
    lena.has("main .sheet.done")
    refused = lena.saves("main .sheet.done a[href$='/refused']").decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in refused] == ["Belegnr.", "R-2", "R-3"]
    lena.taps_on("main .actions a.button[href*='claims?import=']")
    lena.has("main table tbody tr", 18)
    lena.goes_to("/desk/claims/R-1")
    lena.sees(DORA.name)
    lena.has("main a.paper")
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    dora.goes_to("/claims/R-1")
    dora.sees("1’001.50")
    lena.goes_to(f"{place}/undo")
    lena.taps_on(OPEN.format("undo"))
    works_through(lena, place, manner)
    lena.goes_to("/desk/claims/R-1", status=404)
    dora.goes_to("/claims")
    dora.sees_not("R-1")
    dora.goes_to("/claims/R-1", status=404)
    assert Books(live).ask(verify) == []
    hands_in(lena, content)
    assert lena.page.url not in (place, f"{lena.page.url.removesuffix('/columns')}/columns")
    lena.has(OPEN.format("take"))
    lena.has("main table tbody tr", 20)
