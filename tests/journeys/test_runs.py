"""Does a letter that was called back, printed anew or returned mean to the person what the desk says it means?

And once round: from a file of 100 open invoices to money on the bank that closes the case of somebody who scanned.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
import zxingcpp

from portal.rules.claims import ClaimStatus
from portal.rules.transfers import parse_swiss
from portal.store.claims import claim_at_desk
from tests.bank_files import Ntry, Paper, Tx
from tests.examples import DORA, VELO, Known
from tests.journeys.live import Live
from tests.journeys.manners import Manner
from tests.journeys.steps import Books, Deskhand, Reader, at_desk, reader
from tests.web.test_letter_paper import pictures

#: What a run means does not depend on the engine; `tests/web/creditor/test_runs.py` asks both.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def once(number: int) -> pytest.MarkDecorator:
    """One engine, and with the number another language, with JavaScript or without."""
    manner = Manner(("de", "fr", "it")[number % 3], number % 2 == 0)
    return pytest.mark.parametrize(("database_url", "manner"), [("sqlite", manner)], indirect=["database_url"], ids=str)


def prints(hand: Deskhand, query: str) -> str:
    """Chooses the letters that fit, looks at them, prints; where the run stands."""
    hand.goes_to(f"/desk/letters/new?{query}")
    hand.taps_on("main form:has([name=pick]) button")
    hand.taps_on("main form[action$='/print'] button")
    hand.live.work()
    hand.page.reload()
    return hand.page.url.removeprefix(hand.live.base)


def codes_of(hand: Deskhand, folder: Path) -> list[str]:
    """The PDF is saved and its pages are looked at: the codes that a phone reads from them."""
    return [text.split("#")[1] for text in read(hand.saves("main a[href$='.pdf']"), folder) if "#" in text]


def read(pdf: bytes, folder: Path, pages: Sequence[int] = ()) -> list[str]:
    """What the QR codes on these pages say, or on all; read from pixels."""
    place = folder / uuid4().hex
    place.mkdir()
    if pages:
        with pikepdf.open(io.BytesIO(pdf)) as whole, pikepdf.new() as some:
            some.pages.extend([whole.pages[number] for number in pages])
            out = io.BytesIO()
            some.save(out)
            pdf = out.getvalue()
    return [one.text for picture in pictures(pdf, place) for one in zxingcpp.read_barcodes(picture)]


def scans(person: Reader, code: str, *, status: int = 200) -> None:
    """Follows the letter's link, or types what stands beside it, and says where she lives."""
    spoken = "" if person.language == DORA.language else f"?lang={person.language}"
    person.goes_to(f"/velo-sutter{spoken}{'#' + code if person.scripts else ''}")
    if not person.scripts:
        person.types("[name=code]", code)
    person.types("[name=postcode]", person.known.postcode)
    person.sends(status=status)


@once(0)
def test_a_run_is_called_back_and_whoever_scans_asks_for_a_new_letter(
    live: Live, manner: Manner, tmp_path: Path
) -> None:
    live.clock.move(days=20)
    lena = at_desk(live, "lena", manner)
    place = prints(lena, "q=Keller")
    (code,) = codes_of(lena, tmp_path)
    dora = reader(live, DORA, manner)
    scans(dora, code)
    dora.is_at("/claims")
    lena.goes_to(place)
    lena.taps_on(f"main a[href='{place}/revoke']")
    lena.sends()
    lena.is_at(place)
    lena.has("main a[href$='.pdf']", 0)
    dora.goes_to(dora.path)  # she was in, and is out
    dora.is_at("/velo-sutter")
    scans(dora, code, status=422)
    dora.has("main form[action='/velo-sutter/new-letter']")
    dora.sends()
    lena.goes_to(next(row for row in lena.today() if "/desk/tasks/" in row))
    lena.taps_on("main a[href^='/desk/letters/new']")
    lena.has("main form:has([name=pick])")  # free for another letter at once


@once(1)
def test_one_letter_is_printed_anew_and_only_the_new_one_opens_the_case(
    live: Live, manner: Manner, tmp_path: Path
) -> None:
    live.clock.move(days=20)
    adam = at_desk(live, "adam", manner)
    prints(adam, "q=Keller")
    (old,) = codes_of(adam, tmp_path)
    adam.taps_on("main a[href*='/reissue/']")
    adam.sends()
    (new,) = codes_of(adam, tmp_path)
    dora = reader(live, DORA, manner)
    scans(dora, old, status=422)
    dora.has("main form[action='/velo-sutter/new-letter']")
    scans(dora, new)
    dora.is_at("/claims")


@once(2)
def test_a_letter_comes_back_and_goes_out_again_to_the_right_address(
    live: Live, manner: Manner, tmp_path: Path
) -> None:
    live.clock.move(days=20)
    lena = at_desk(live, "lena", manner)
    place = prints(lena, "q=Keller")
    (lost,) = codes_of(lena, tmp_path)
    lena.taps_on("main a[href*='/returned']")
    lena.sends()
    lena.is_at(lena.at(DORA))
    stranger = reader(live, DORA, manner)
    scans(stranger, lost, status=422)
    stranger.has("main form[action='/velo-sutter/new-letter']", 0)  # a stranger may hold it: nothing is said
    lena.goes_to("/desk/letters/new?q=Keller")
    lena.has("main form:has([name=pick])", 0)
    task = next(row for row in lena.today() if "/desk/tasks/" in row)
    lena.goes_to(task)
    lena.taps_on("main a[href$='/address']")
    lena.types("[name=street]", "Rosenweg")
    lena.types("[name=postcode]", "8404")
    lena.types("[name=town]", "Winterthur")
    lena.sends()
    assert task not in lena.today()
    again = prints(lena, "q=Keller")
    assert again != place
    (code,) = codes_of(lena, tmp_path)
    dora = reader(live, replace(DORA, postcode="8404"), manner)
    scans(dora, code)
    dora.is_at("/claims")


HEADER = "Rechnungsnr;Kunde;Strasse;PLZ;Ort;Rechnungsdatum;Fällig am;Betrag"
MANY = 100


def invoices() -> bytes:
    """A hundred open invoices as an accounting program writes them."""
    rows = [
        f"R-{number:03};Anna Muster {number};Gasse {number};{4900 + number};Langenthal;01.08.2026;31.08.2026;1'120,50"
        for number in range(MANY)
    ]
    return "\r\n".join((HEADER, *rows)).encode("cp1252")


@once(0)
def test_from_a_file_of_invoices_to_a_scanned_letter_and_money_on_the_bank(
    live: Live, manner: Manner, tmp_path: Path
) -> None:
    lena = at_desk(live, "lena", manner)
    lena.goes_to("/desk/imports")
    lena.adds("[name=file]", "offene-posten.csv", "text/csv", invoices())
    lena.sends("main form[enctype]")
    lena.sends("main form[action$='/columns']")
    lena.sees(f"({MANY})")  # the check list, all good
    lena.taps_on("main form[action$='/take'] button")
    live.work()
    lena.page.reload()
    lena.taps_on("main a[href*='/desk/letters/new?import=']")
    lena.sees(f"({MANY})")  # all of them could get a letter; ten do
    place = prints(lena, f"{lena.page.url.split('?')[1]}&q=R-04")
    pdf, table = lena.saves("main a[href$='.pdf']"), lena.saves("main a[href$='.csv']").decode("utf-8-sig")
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        assert len(whole.pages) == 2 * 10
    at = next(i for i, line in enumerate(table.splitlines()[1:]) if ";Anna Muster 42;" in line)
    (link, slip) = read(pdf, tmp_path, (2 * at, 2 * at + 1))
    bill = parse_swiss(slip)
    assert bill.amount is not None
    lena.taps_on(f"main a[href='{place}/posted']")
    lena.sends()
    known = Known("Anna Muster 42", uuid4(), uuid4(), "R-042", link.split("#")[1], "4942", manner.language, None)
    anna = reader(live, known, manner)
    anna.goes_to(link.removeprefix(live.base))  # the letter's own link, as it was read from the paper
    anna.types("[name=postcode]", known.postcode)
    anna.sends()
    anna.is_at(anna.path)
    assert f"{bill.amount.minor % 100:02}" in anna.amount()
    paid = f"{bill.amount.minor // 100}.{bill.amount.minor % 100:02}"
    came = Paper([Ntry((Tx(paid, bill.reference, known.name),), booked_on=live.clock.today, value_on=live.clock.today)])
    lena.goes_to("/desk/bank")
    lena.adds("[name=file]", "camt054.xml", "application/xml", came.bytes())
    lena.sends("main form[enctype]")
    live.work()
    claim = Books(live).ask(lambda session: claim_at_desk(session, creditor_id=VELO, reference="R-042"))
    assert claim.status == ClaimStatus.SETTLED
    anna.looks()
    anna.has("main a[href$='/receipts']")
    assert not re.search(r"\d+[.,]\d{2}\s*CHF|CHF\s*1", anna.page.title())
