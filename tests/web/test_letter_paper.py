"""Is a printed letter one that a phone, a bank, an envelope and a screen reader can use, its code in one box?"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from portal import paths
from portal.actions.letters import issue_letter
from portal.gateways.pdf import PaperFailed
from portal.rules.history import system
from portal.rules.letter_code import Code
from portal.rules.letters import LetterKind, Window
from portal.rules.transfers import parse_swiss
from portal.store.claims import Claim
from portal.store.people import Debtor
from portal.store.settings import Creditor, bank_account
from portal.web import i18n
from portal.web.letter_paper import Data, Writing, letter_data, letter_title
from portal.web.parts import Parts
from tests.examples import DORA, VELO, Clock

#: The engine makes no difference to a paper.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DPI = 200
MM = DPI / 25.4
#: What the window of an envelope can show, in mm from the left and the top, with the play of the sheet in it.
WINDOWS = {Window.RIGHT: (112, 45, 208, 91), Window.LEFT: (18, 45, 108, 91)}


def tool(*words: str, given: bytes) -> bytes:
    found = shutil.which(words[0])
    assert found, f"{words[0]} (poppler-utils) is not installed"
    return subprocess.run([found, *words[1:]], input=given, capture_output=True, check=True).stdout


def pictures(made: bytes, folder: Path, dpi: int = DPI) -> list[Image.Image]:
    (folder / "letter.pdf").write_bytes(made)
    tool("pdftoppm", "-r", str(dpi), "-gray", str(folder / "letter.pdf"), str(folder / "page"), given=b"")
    return [Image.open(io.BytesIO(one.read_bytes())) for one in sorted(folder.glob("page*.pgm"))]


def written(parts: Parts, clock: Clock, language: str, country: str = "CH") -> tuple[Data, Code]:
    with parts.database.writing() as session:
        firm, person = session.get_one(Creditor, VELO), session.get_one(Debtor, DORA.debtor_id)
        person.language, firm.country = language, country
        if country != "CH":
            account = bank_account(session, VELO, "CHF")
            assert account is not None
            account.iban, account.qr_iban, account.bic = "DE89370400440532013000", None, "COBADEFFXXX"
        claims = [session.get_one(Claim, DORA.claim_id)]
        letter, code = issue_letter(
            session, firm, person, claims, LetterKind.FIRST, language, codes=parts.codes, actor=system("test"),
            now=clock(), today=clock.today,
        )  # fmt: skip
        writing = Writing(firm, letter, code, person, claims, "https://portal.velo-sutter.ch", clock.today)
        return letter_data(session, writing), code


@pytest.mark.parametrize(("language", "country"), [("de", "CH"), ("fr", "FR"), ("it", "CH"), ("en", "DE")])
def test_a_letter_is_read_by_phone_bank_envelope_and_screen_reader(
    parts: Parts, clock: Clock, tmp_path: Path, language: str, country: str
) -> None:
    i18n.load(paths.TRANSLATIONS)
    data, code = written(parts, clock, language, country)
    made = parts.papers.letters(letter_title_of(data, language), data["firm"][0], [data])
    pages = pictures(made, tmp_path)
    if folder := os.environ.get("LETTERS_TO"):
        (Path(folder) / f"letter-{language}.pdf").write_bytes(made)
    assert len(pages) == 2
    read = [[one.text for one in zxingcpp.read_barcodes(page)] for page in pages]
    assert read[0] == [f"https://portal.velo-sutter.ch/velo-sutter#{code.compact}"]
    if country == "CH":
        (swiss,) = read[1]
        assert parse_swiss(swiss).payer is not None
        assert f"{swiss.splitlines()[18]}" in "".join(data["claims"][0]["bill"]["amount"]).replace(" ", "")
    else:
        assert read[1] == []  # a bank account in francs outside Switzerland has no code, the details stand alone
    assert_window_shows_the_address(made, data)
    assert_code_stays_in_its_box(made, code)
    assert_tagged(made, data)


def letter_title_of(data: Data, language: str) -> str:
    return letter_title(Creditor(name=data["firm"][0]), language)


def assert_window_shows_the_address(made: bytes, data: Data) -> None:
    left, top, right, bottom = WINDOWS[data["window"]]
    box = ["-x", left, "-y", top, "-W", right - left, "-H", bottom - top]
    text = cropped(made, box)
    assert [line.strip() for line in text.splitlines() if line.strip()] == data["to"]


def cropped(made: bytes, box: list[object]) -> str:
    sized = [str(round(one * 72 / 25.4)) if isinstance(one, int) else str(one) for one in box]
    return tool("pdftotext", "-f", "1", "-l", "1", "-layout", *sized, "-", "-", given=made).decode()


def assert_code_stays_in_its_box(made: bytes, code: Code) -> None:
    text = "".join(tool("pdftotext", "-", "-", given=made).decode().split())
    assert text.count(code.compact) == 1
    assert code.lookup in "".join(cropped(made, ["-x", 128, "-y", 100, "-W", 66, "-H", 130]).split())
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert code.secret not in str(pdf.docinfo)


def assert_tagged(made: bytes, data: Data) -> None:
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert str(pdf.Root.Lang).startswith(data["language"])
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert all("FontFile2" in str(one.DescendantFonts[0].FontDescriptor.keys()) or
                   "FontFile3" in str(one.DescendantFonts[0].FontDescriptor.keys()) for one in fonts)  # fmt: skip


@pytest.mark.parametrize("copies", [1, 3])
def test_a_name_that_no_font_of_ours_shows_is_never_printed_as_something_else(
    parts: Parts, clock: Clock, copies: int
) -> None:
    data, _ = written(parts, clock, "de")
    unknown = {**data, "to": ["王小明", *data["to"][1:]]}
    with pytest.raises(PaperFailed):
        parts.papers.letters("Brief", "Velo Sutter AG", [*[data] * (copies - 1), unknown])


def test_a_run_is_one_file_with_every_page_and_its_own_fonts(parts: Parts, clock: Clock, tmp_path: Path) -> None:
    data, code = written(parts, clock, "de")
    made = parts.papers.letters("Brief «A»", "Velo Sutter AG", [data] * 5)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 10
        assert pdf.check_pdf_syntax() == []
        assert str(pdf.docinfo["/Title"]) == "Brief «A»"
    read = [one.text for page in pictures(made, tmp_path, 150)[8:] for one in zxingcpp.read_barcodes(page)]
    assert read[0].endswith(f"#{code.compact}")
    assert parse_swiss(read[1]).payer is not None
    assert {row.split()[-5] for row in tool("pdffonts", "-", given=made).decode().splitlines()[2:]} == {"yes"}
