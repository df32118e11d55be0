"""Papers: the QR-bill read back from its pixels, its parts in their places, tagged in the reader's language."""

import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from portal.gateways.pdf import QR_BILL_WORDS, PaperFailed, Papers, address_lines
from portal.rules.transfers import Bill, TransferRefused, slip_amount, swiss_payload
from tests.gateways.bills import ABROAD, BILLS, DORA, SEPA
from tests.gateways.qr_words import KEYS, WORDS
from tests.pdf_text import text_of

ROOT = Path(__file__).parent.parent.parent
POINTS_PER_MM = 72 / 25.4
CASES = list(zip(BILLS, ("de", "en", "fr", "it"), strict=True))


@pytest.fixture(scope="module")
def papers() -> Papers:
    return Papers(ROOT / "static" / "fonts", ROOT / "templates" / "letters")


def run(*words: str, given: bytes) -> bytes:
    tool = shutil.which(words[0])
    assert tool, f"{words[0]} (poppler-utils) is not installed"
    return subprocess.run([tool, *words[1:]], input=given, capture_output=True, check=True).stdout


def pixels(made: bytes, dpi: int) -> Image.Image:
    return Image.open(io.BytesIO(run("pdftoppm", "-r", str(dpi), "-gray", "-", given=made)))


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_mapping_of_words_is_complete() -> None:
    assert KEYS == QR_BILL_WORDS


@pytest.mark.parametrize(("bill", "language"), CASES)
def test_a_phone_reads_the_printed_bill(papers: Papers, bill: Bill, language: str) -> None:
    page = pixels(papers.qr_bill(bill, WORDS[language], language), 200)
    codes = zxingcpp.read_barcodes(page)
    assert [code.text for code in codes] == [swiss_payload(bill)]
    where, mm = codes[0].position, 200 / 25.4
    assert where.top_left.x / mm == pytest.approx(67, abs=0.5)
    assert where.top_left.y / mm == pytest.approx(297 - 105 + 17, abs=0.5)
    assert where.bottom_right.x / mm == pytest.approx(67 + 46, abs=0.5)


@pytest.mark.parametrize(("bill", "language"), CASES)
def test_the_page_is_tagged_one_a4_and_says_everything(papers: Papers, bill: Bill, language: str) -> None:
    made = papers.qr_bill(bill, WORDS[language], language)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 1
        size = [float(number) / POINTS_PER_MM for number in pdf.pages[0].mediabox]
        assert size == pytest.approx([0, 0, 210, 297], abs=0.1)
        assert str(pdf.Root.Lang).split("-")[0] == language
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.docinfo.Title) == WORDS[language]["title"]
        assert {"LiberationSans", "LiberationSans-Bold", "KulanzSerif-SemiBold"} == {
            str(font.BaseFont).split("+")[1] for font in pdf.pages[0].Resources.Font.values()
        }
    said = squeezed(run("pdftotext", "-layout", "-", "-", given=made).decode())
    shown = {key: word for key, word in WORDS[language].items() if key != "code"}
    shown.pop("payable_by_blank" if bill.payer else "payable_by")
    for word in shown.values() if bill.reference else ():
        assert squeezed(word) in said
    assert squeezed(bill.account.iban) in said
    if bill.amount is not None:
        assert squeezed(slip_amount(bill.amount)) in said


def test_nothing_runs_over_the_edges_of_its_part(papers: Papers) -> None:
    page = pixels(papers.qr_bill(BILLS[3], WORDS["it"], "it"), 100)
    mm = 100 / 25.4
    for left, top, right, bottom in (
        (0, 194, 4.8, 297),
        (57.5, 194, 61.5, 297),
        (205.5, 194, 210, 297),
        (63, 293, 205, 297),
    ):
        strip = page.crop((int(left * mm), int(top * mm), int(right * mm), int(bottom * mm)))
        assert strip.getextrema() == (255, 255)


def test_data_is_text_and_never_markup(papers: Papers) -> None:
    said = run("pdftotext", "-", "-", given=papers.qr_bill(BILLS[3], WORDS["it"], "it")).decode()
    assert "#panic()" in said
    assert "*grassetto*" in said


PAPER = {
    "language": "de", "region": "CH", "title": "Quittung", "heading": "Quittung", "firm": ["Firma"], "place": "Bern",
    "notice": [], "facts": [], "lead": [], "tables": [], "after": [], "page": ["", "/", ""],
    "number": {"label": "Nummer", "value": "1", "how": ""},
}  # fmt: skip


def test_a_sign_that_no_font_has_stops_no_paper(papers: Papers) -> None:
    said = text_of(papers.paper("paper", {**PAPER, "to": ["李小龙 Bruce Lee \U0001f600", "Nguyễn \x07 Привет"]}))
    assert "??? Bruce Lee ?" in said
    assert "Nguyễn ? Привет" in said


def test_the_same_bill_gives_the_same_bytes(papers: Papers) -> None:
    first, second = (papers.qr_bill(BILLS[0], WORDS["de"], "de") for _ in range(2))
    assert first == second


def test_several_threads_share_one_compiler(papers: Papers) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda case: papers.qr_bill(case[0], WORDS[case[1]], case[1]), CASES * 3))
    assert made[:4] == made[4:8] == made[8:]


def test_no_bill_no_paper(papers: Papers) -> None:
    with pytest.raises(TransferRefused):
        papers.qr_bill(SEPA, WORDS["it"], "it")
    with pytest.raises(KeyError):
        papers.qr_bill(BILLS[0], {}, "de")
    for kind in ("../secret", "missing", ""):
        with pytest.raises(PaperFailed):
            papers.paper(kind, {})


def test_addresses_abroad_name_their_country() -> None:
    assert address_lines(DORA) == ["Dora Keller", "Rosenweg 3a", "8404 Winterthur"]
    assert address_lines(ABROAD)[-1] == "DE-79539 Lörrach"
