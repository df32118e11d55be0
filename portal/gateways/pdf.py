"""How does a paper become a PDF that prints, archives and reads aloud the same everywhere?"""

import base64
import io
import json
import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import AnyStr

import typst

from portal.gateways.pdf_joining import Joined
from portal.gateways.qr import swiss_svg
from portal.rules.references import group_iban, group_reference
from portal.rules.transfers import Address, Bill, slip_amount, swiss_payload

# What `qr_bill` needs said in the reader's language; in brackets the official English of IG QR-bill v2.3, annex D.
QR_BILL_WORDS = (
    "title",  # the page's heading and the file's title
    "note",  # one paragraph below it, may be empty
    "code",  # what a screen reader says for the QR code
    "payment_part",  # Payment part
    "account",  # Account / Payable to
    "reference",  # Reference
    "additional",  # Additional information
    "currency",  # Currency
    "amount",  # Amount
    "receipt",  # Receipt
    "acceptance_point",  # Acceptance point
    "separate",  # Separate before paying in
    "payable_by",  # Payable by
    "payable_by_blank",  # Payable by (name/address)
)


#: So many letters of a print run are set at once; typst's memory grows with them.
SET_TOGETHER = 2
#: The room for a logo at the head of a letter, in mm.
LOGO_ROOM = (62.0, 15.0)
#: A small picture is printed small, as it would blur.
LEAST_DPI = 150
#: The page around the letters' data.
LETTERS = b'#import "/letter.typ": letters\n#letters(json(bytes("%b")))\n'
#: A page with signs that no letter had before.
SIGNS = b'#set document(title: "signs")\n#set text(font: "Liberation Sans")\n#"%b"\n'
#: How typst says that no font of ours has a sign (PDF/UA-1 wants every sign to be readable).
UNKNOWN_SIGN = re.compile(r'the text `"(?:\\u\{(?P<code>[0-9a-f]+)\}|(?P<sign>.+?))"` could not be displayed')
MOST_UNKNOWN_SIGNS = 60


class PaperFailed(Exception):
    """The paper could not be set; the message says at which place of which template."""


class Papers:
    """Sets papers from templates with typst: one compiler for the process, one paper at a time.

    Data goes in as JSON and comes out as text, never as markup; files outside the templates' folder can't be read.
    """

    def __init__(self, fonts: Path, templates: Path) -> None:
        self.fonts = fonts
        self._templates = templates
        self._lock = threading.Lock()
        self._shown: set[str] = set()
        self._compiler = typst.Compiler(
            str(templates / "qr_bill.typ"), root=str(templates), font_paths=[str(fonts)], ignore_system_fonts=True
        )

    def qr_bill(self, bill: Bill, words: Mapping[str, str], language: str) -> bytes:
        """An A4 page with the Swiss QR-bill at its foot; TransferRefused where the bill is none."""
        return self.paper("qr_bill", qr_bill_data(bill, words, language))

    def letters(self, title: str, author: str, letters: Iterable[Mapping[str, object]]) -> bytes:
        """One PDF of these letters in this order; a single one is tagged, a print run is not (nobody reads it aloud).

        A letter is never printed with a sign of its text replaced: what it says is what the person can hold us to.
        PaperFailed for a sign without a font.
        """
        coming = iter(letters)
        some = list(islice(coming, SET_TOGETHER))
        if len(some) == 1:
            return self._set_letters(title, author, some, tagged=True)
        whole = io.BytesIO()
        run = Joined(whole)
        while some:
            run.add(self._set_letters(title, author, some, tagged=False))
            some = list(islice(coming, SET_TOGETHER))
        run.close(title)
        return whole.getvalue()

    def pictures(self, title: str, author: str, letter: Mapping[str, object], *, dpi: int = 96) -> list[bytes]:
        """Each page of this letter as a PNG, as it will be printed; PaperFailed as for `letters`."""
        page = LETTERS % _literal(_sheet(title, author, [letter])).encode()
        try:
            with self._lock:
                made = self._compiler.compile(input=page, format="png", ppi=dpi)
        except (typst.TypstError, RuntimeError) as error:
            raise PaperFailed(f"letter: {error}") from error
        return [made] if isinstance(made, bytes) else list(made or ())

    def paper(self, kind: str, data: Mapping[str, object]) -> bytes:
        """The tagged PDF (PDF/UA-1) of this template, the same bytes for the same data; PaperFailed otherwise.

        A sign that none of our fonts can show stands as a question mark: a name in another script stops no receipt.
        """
        if not re.fullmatch("[a-z_]+", kind):
            raise PaperFailed(f"{kind!r} is no name of a template")
        shown: object = dict(data)
        for _ in range(MOST_UNKNOWN_SIGNS):
            try:
                return self._set(kind, shown)
            except PaperFailed as error:
                unknown = UNKNOWN_SIGN.search(str(error))
                if unknown is None:
                    raise
                sign = chr(int(unknown["code"], 16)) if unknown["code"] else unknown["sign"]
                shown = _without(shown, sign)
        return self._set(kind, shown)

    def _set_letters(self, title: str, author: str, letters: list[Mapping[str, object]], *, tagged: bool) -> bytes:
        """What typst knows of the template stays known from letter to letter, as only the page around it is new."""
        data = _literal(_sheet(title, author, letters))
        if not tagged:
            self._check_signs(data)
        return self._compile("letter", LETTERS % data.encode(), tagged=tagged)

    def _check_signs(self, data: str) -> None:
        """PaperFailed for a sign without a font; typst itself takes that for a fault in tagged papers alone."""
        new = "".join(sorted(set(data) - self._shown - set('"\\')))
        if new:
            self._compile("letter", SIGNS % new.encode(), tagged=True)
            self._shown |= set(new)

    def _set(self, kind: str, data: object) -> bytes:
        return self._compile(kind, str(self._templates / f"{kind}.typ"), {"data": json.dumps(data)}, tagged=True)

    def _compile(self, kind: str, source: AnyStr, inputs: dict[str, str] | None = None, *, tagged: bool) -> bytes:
        try:
            with self._lock:
                made = self._compiler.compile(
                    input=source, sys_inputs=inputs, pdf_standards="ua-1" if tagged else [], pdf_tags=tagged
                )
        except (typst.TypstError, RuntimeError) as error:
            raise PaperFailed(f"{kind}: {error}") from error
        if not isinstance(made, bytes):
            raise PaperFailed(f"{kind}: no single file came back")
        return made


def _sheet(title: str, author: str, letters: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What is set together; a firm's logo goes in once, as all letters of a file are one firm's."""
    logo = letters[0].get("logo")
    return {"title": title, "author": author, "logo": logo, "letters": [{**one, "logo": None} for one in letters]}


def _literal(data: object) -> str:
    """The data as JSON inside a string of typst: two signs end or bend such a string, and both are told apart."""
    text = unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False))
    return text.replace("\\", "\\\\").replace('"', '\\"')


def logo_data(jpeg: bytes, width: int, height: int, name: str) -> dict[str, object]:
    """The picture as large as a letterhead has room for, in mm; it keeps its shape, and `name` is read aloud for it."""
    scale = min(LOGO_ROOM[0] / width, LOGO_ROOM[1] / height, 25.4 / LEAST_DPI)
    inside = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image href="{inside}" width="{width}" height="{height}"/></svg>'
    )
    return {"svg": svg, "width": round(width * scale, 2), "height": round(height * scale, 2), "name": name}


def qr_bill_data(bill: Bill, words: Mapping[str, str], language: str) -> dict[str, object]:
    """What the templates need to set this bill's receipt and payment part; TransferRefused where the bill is none."""
    code = swiss_svg(swiss_payload(bill), words["code"])
    said = {key: words[key] for key in QR_BILL_WORDS}
    return {**_printed(bill), "qr": code, "words": said, "language": language}


def _without(data: object, sign: str) -> object:
    """The same data with a question mark for this sign wherever it stands."""
    if isinstance(data, str):
        return data.replace(sign, "?")
    if isinstance(data, Mapping):
        return {key: _without(value, sign) for key, value in data.items()}
    return [_without(value, sign) for value in data] if isinstance(data, list | tuple) else data


def address_lines(address: Address) -> list[str]:
    """The address as it is printed; the country stands before the postcode when it is not Switzerland."""
    postcode = address.postcode if address.country == "CH" else f"{address.country}-{address.postcode}"
    lines = [address.name, f"{address.street} {address.house_number}", f"{postcode} {address.town}"]
    return [line.strip() for line in lines if line.strip()]


def _printed(bill: Bill) -> dict[str, object]:
    return {
        "iban": group_iban(bill.account.iban),
        "payee": address_lines(bill.payee),
        "payer": address_lines(bill.payer) if bill.payer else [],
        "reference": group_reference(bill.reference),
        "message": bill.message,
        "currency": bill.currency,
        "amount": "" if bill.amount is None else slip_amount(bill.amount),
    }
