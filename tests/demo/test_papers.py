"""The demo's own papers and photos: real files of the kinds people have, the same every time, quickly made."""

import datetime as dt
import io
import subprocess
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from portal.demo.papers import (
    GARDEN,
    PRACTICE,
    WORKSHOP,
    Firm,
    Line,
    PhotoKind,
    invoice,
    long_day,
    photo,
    signed_order,
    terms,
)
from portal.gateways.pdf import Papers
from portal.rules.money import Money
from portal.rules.references import is_iban
from portal.rules.transfers import Address

ROOT = Path(__file__).parent.parent.parent
DORA = Address("Dora Keller", "Rosenweg", "3a", "8404", "Winterthur", "CH")
DAY = dt.date(2026, 8, 1)
LINES = (Line("Service", 12900), Line("Arbeit", 9600, 175, "Std."), Line("Siepe", 2450, 4000, vat=26))
FIRMS = [(WORKSHOP, "de", "CHF"), (PRACTICE, "fr", "CHF"), (GARDEN, "it", "EUR"), (WORKSHOP, "en", "CHF")]


@pytest.fixture(scope="module")
def papers() -> Papers:
    return Papers(ROOT / "static" / "fonts", ROOT / "templates" / "letters")


def text_of(made: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=made, capture_output=True, check=True)
    return done.stdout.decode().replace("\u00a0", " ")


def assert_is_a_good_paper(made: bytes, language: str) -> None:
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert 1 <= len(pdf.pages) <= 2
        assert str(pdf.Root.Lang).split("-")[0] == language
        assert "/StructTreeRoot" in pdf.Root
        for font in pdf.pages[0].Resources.Font.values():
            assert "/FontFile" in "".join(font.DescendantFonts[0].FontDescriptor.keys())


@pytest.mark.parametrize(("firm", "language", "currency"), FIRMS)
def test_an_invoice_adds_up(papers: Papers, firm: Firm, language: str, currency: str) -> None:
    made = invoice(papers, firm, DORA, "2026-0417", DAY, LINES, language=language, currency=currency)
    assert_is_a_good_paper(made, language)
    said = text_of(made)
    due = long_day(dt.date(2026, 8, 31), language).replace("\u00a0", " ")
    for part in (firm.address.name, "Dora Keller", "2026-0417", f"{currency} 1’277.00", due):
        assert part in said
    assert made == invoice(papers, firm, DORA, "2026-0417", DAY, LINES, language=language, currency=currency)


def test_tax_is_inside_the_price_and_shown_by_rate(papers: Papers) -> None:
    said = text_of(invoice(papers, WORKSHOP, DORA, "1", DAY, LINES, language="de", currency="CHF"))
    assert "8.1 %: CHF 22.25" in said
    assert "2.6 %: CHF 24.83" in said


@pytest.mark.parametrize(("firm", "language", "currency"), FIRMS)
def test_orders_are_signed_and_terms_name_the_fee(papers: Papers, firm: Firm, language: str, currency: str) -> None:
    order = signed_order(papers, firm, DORA, "A-22", DAY, LINES, language=language, currency=currency)
    clauses = terms(papers, firm, dt.date(2025, 1, 1), Money(2000, currency), language=language)
    for made in (order, clauses):
        assert_is_a_good_paper(made, language)
    assert f"{currency} 20.00" in text_of(clauses)
    assert "Dora Keller" in text_of(order)


@pytest.mark.parametrize("kind", PhotoKind)
def test_photos_are_large_jpegs_and_always_the_same(kind: PhotoKind) -> None:
    name, data = photo(kind)
    assert name.endswith(".jpg")
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert max(image.size) >= 1200
    assert photo(kind.value) == (name, data)


def test_firms_have_accounts_of_their_own() -> None:
    accounts = {firm.iban for firm in (WORKSHOP, PRACTICE, GARDEN)}
    assert len(accounts) == 3
    assert all(is_iban(account) for account in accounts)


def test_days_are_written_as_the_language_wants() -> None:
    assert [long_day(DAY, language) for language in ("de", "fr", "it", "en")] == [
        "1.\u00a0August 2026", "1er\u00a0août 2026", "1°\u00a0agosto 2026", "1\u00a0August 2026",
    ]  # fmt: skip
