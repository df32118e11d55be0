"""Is a printed letter one that a phone, a bank, an envelope and a screen reader can use, its code in one box?"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import typst
import zxingcpp
from PIL import Image

from portal import paths
from portal.actions.letters import issue_letter
from portal.gateways.pdf import PaperFailed
from portal.rules.history import system
from portal.rules.letter_code import Code
from portal.rules.letters import PRINTABLE, LetterKind, Window, unprintable
from portal.rules.transfers import epc_payload, parse_swiss
from portal.store.claims import Claim
from portal.store.people import Debtor
from portal.store.settings import Creditor, bank_account
from portal.store.stationery import Logo, Stationery
from portal.web import i18n
from portal.web.labels.letter_paper import L111_8
from portal.web.letter_paper import Data, Writing, _payment, letter_data, letter_title
from portal.web.parts import Parts
from tests.examples import DORA, VELO, Clock
from tests.gateways.bills import SEPA

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


def written(
    parts: Parts, clock: Clock, language: str, country: str = "CH", stationery: Stationery | None = None
) -> tuple[Data, Code]:
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
        writing = Writing(firm, letter, code, person, claims, "https://portal.velo-sutter.ch", clock.today, stationery)
        return letter_data(session, writing), code


def logo() -> Logo:
    made = io.BytesIO()
    Image.new("RGB", (900, 220), "black").save(made, "JPEG")
    return Logo(made.getvalue(), 900, 220)


#: The longest words that a creditor may choose, its logo, and the window that is not its country's.
OWN = Stationery(
    "left",
    logo(),
    {"opening": "\n".join(["{open} offen, {title} vom {invoice_day}. " + "Wir hören zu. " * 2] * 7)[:480].rstrip(),
     "sign_off": "Herzlich\naus der Werkstatt"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "country", "own"),
    [
        ("de", "CH", None),
        ("fr", "FR", None),
        ("it", "CH", OWN),
        ("en", "DE", None),
        ("de", "AT", replace(OWN, window="right")),
    ],
)
def test_a_letter_is_read_by_phone_bank_envelope_and_screen_reader(
    parts: Parts, clock: Clock, tmp_path: Path, language: str, country: str, own: Stationery | None
) -> None:
    i18n.load(paths.TRANSLATIONS)
    data, code = written(parts, clock, language, country, own)
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
    assert_only_the_texts_are_the_creditors(made, data, language)
    assert_what_the_law_wants(made, data, country)


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


def assert_only_the_texts_are_the_creditors(made: bytes, data: Data, language: str) -> None:
    """Page 1 holds everything, and what is ours stands there whatever the creditor writes."""
    said = plain(tool("pdftotext", "-f", "1", "-l", "1", "-raw", "-", "-", given=made).decode())
    ours = [data["heading"], data["genuine"], data["help"], *data["signs"], data["box"]["free"], data["box"]["caption"]]
    for words in [*ours, *(line for block in data["paragraphs"] for line in block), *data["regards"]]:
        assert plain(words) in said
    # The last line of the text ends above the rule at the foot.
    foot = plain(cropped(made, ["-x", 20, "-y", 255, "-W", 180, "-H", 40]))
    assert plain(data["signs"][-1]) not in foot
    assert plain(data["help"]) in foot


NOTICES_OF = {
    "DE": [
        "asks for this itself, as your contract partner",
        "the circumstances of the contract on request",
        "Your address comes from your contract with us; if it is wrong, tell us",
    ],
    "FR": ["demande ce montant elle-même, à l’amiable, pour sa propre facture", L111_8],
}


def assert_what_the_law_wants(made: bytes, data: Data, country: str) -> None:
    """`law.md` 2.1 (RDG 13a) and 2.3.2 (CPCE R124-4), point by point as far as they apply to a creditor itself."""
    if country not in ("DE", "FR"):
        return
    page_1, page_2 = (plain(tool("pdftotext", "-f", n, "-l", n, "-raw", "-", "-", given=made).decode()) for n in "12")
    (claim,) = data["claims"]
    ground = [value for _, value in claim["facts"]]
    lines, interest = claim["tables"]
    assert [words for words in data["firm"] if plain(words) not in page_1] == []  # who asks, and its address
    wanted = {
        "ground": ground,
        "each line with its basis": [cell[0] for cell in lines["rows"][0][:1]] + [row[0][1] for row in lines["rows"]],
        "sums": [cell for row in lines["rows"] for cell in row[1:]],
        "interest on, rate, from, to, days": [cell for row in interest["rows"] for cell in row[:5]],
        "way of paying": [value for _, value in claim["transfer"]["rows"]],
        "notices": NOTICES_OF[country],
    }
    assert {name: [words for words in said if plain(words) not in page_2] for name, said in wanted.items()} == {
        name: [] for name in wanted
    }
    assert interest["rows"]
    assert len(claim["transfer"]["rows"]) > 2


def plain(words: str) -> str:
    """The text without what a line break in the paper changes."""
    return "".join(words.replace("\u200b", "").split()).replace("-", "")


def test_a_letter_in_euro_carries_the_code_of_its_own_zone(parts: Parts, clock: Clock, tmp_path: Path) -> None:
    data, code = written(parts, clock, "de")
    assert SEPA.amount is not None
    claim = {name: value for name, value in data["claims"][0].items() if name != "bill"}
    made = parts.papers.letters(
        "Brief", "Velo Sutter AG", [{**data, "claims": [{**claim, **_payment(SEPA, "de", SEPA.amount)}]}]
    )
    read = [[one.text for one in zxingcpp.read_barcodes(page)] for page in pictures(made, tmp_path)]
    assert read == [[f"https://portal.velo-sutter.ch/velo-sutter#{code.compact}"], [epc_payload(SEPA)]]


NAMES = ["Nguyễn Thị Ánh", "Αλέξανδρος Δημόπουλος", "Елена Щукина", "Łukasz Żółć", "Ștefan Ţăran", "Ọlágúnjú Ṣadé"]


def test_names_in_latin_greek_and_cyrillic_letters_print_as_they_are(parts: Parts, clock: Clock) -> None:
    data, _ = written(parts, clock, "de")
    apart = [unicodedata.normalize("NFD", name) for name in NAMES]
    made = parts.papers.letters("Brief", "Velo Sutter AG", [{**data, "to": apart}])
    left, top, right, _ = WINDOWS[Window.RIGHT]
    text = cropped(made, ["-x", left, "-y", top, "-W", right - left, "-H", 46])
    assert [line.strip() for line in text.splitlines() if line.strip()] == NAMES
    assert unprintable(tuple(NAMES)) is None


def test_every_sign_that_is_let_through_is_in_the_fonts(parts: Parts) -> None:
    signs = "".join(one for one in map(chr, range(0x20, 0x3000)) if PRINTABLE.fullmatch(one) and one not in '"\\')
    for weight in ("regular", "bold"):
        page = f'#set document(title: "x")\n#set text(font: "Liberation Sans", weight: "{weight}", fallback: false)'
        typst.compile(
            f'{page}\n#"{signs}"'.encode(), pdf_standards="ua-1", ignore_system_fonts=True,
            font_paths=[str(paths.STATIC / "fonts")],
        )  # fmt: skip


def test_a_run_stops_at_the_place_that_nothing_is_there_for(parts: Parts, clock: Clock) -> None:
    with parts.database.writing() as session:
        session.get_one(Claim, DORA.claim_id).title = " "
    own = Stationery(texts={"opening": "Guten Tag\n{open} für {title}"})
    with pytest.raises(PaperFailed, match=r"de, opening, line 2: \{title\} is empty"):
        written(parts, clock, "de", "CH", own)


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
