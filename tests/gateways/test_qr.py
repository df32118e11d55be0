"""QR codes on pages: drawn to pixels by typst and read again by zxing-cpp."""

import io
import re
from xml.etree import ElementTree

import pytest
import segno
import typst
import zxingcpp
from PIL import Image

from portal.gateways.qr import plain_svg, swiss_svg
from portal.gateways.qr_encoding import TooLong, _room, encoded
from portal.gateways.qr_mask import best
from portal.rules.transfers import epc_payload, swiss_payload
from tests.gateways.bills import BILLS, SEPA

URL = "https://fall.example.ch/o#7K4M29QXABCDEFGH"


def read(svg: str) -> zxingcpp.Barcode:
    """What a phone reads from this SVG, drawn 70 mm wide on a grey page."""
    page = b"""#set page(width: 80mm, height: 80mm, margin: 5mm, fill: luma(120))
    #image(bytes(sys.inputs.svg), width: 70mm)"""
    pixels = typst.compile(page, format="png", ppi=200, sys_inputs={"svg": svg})
    assert isinstance(pixels, bytes)
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(pixels)).convert("L"))
    assert len(codes) == 1
    return codes[0]


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: bill.message)
def test_a_phone_reads_the_swiss_code(bill: object) -> None:
    payload = swiss_payload(bill)  # type: ignore[arg-type]
    code = read(swiss_svg(payload, "QR-Rechnung"))
    assert code.text == payload
    assert code.ec_level == "M"


@pytest.mark.parametrize("text", [URL, epc_payload(SEPA)])
def test_a_phone_reads_other_codes(text: str) -> None:
    code = read(plain_svg(text, "Code"))
    assert (code.text, code.ec_level) == (text, "M")


def test_the_swiss_code_has_the_size_of_the_standard() -> None:
    svg = swiss_svg(swiss_payload(BILLS[0]), "QR")
    root = ElementTree.fromstring(svg)  # noqa: S314 (our own text)
    assert (root.get("width"), root.get("viewBox")) == ("56mm", "0 0 56 56")
    scale = float(re.findall(r"scale\(([0-9.]+)\)", svg)[0])
    modules = max(int(line) for line in re.findall(r" (\d+)\.5", svg)) + 1
    assert scale * modules == pytest.approx(46, abs=0.001)


@pytest.mark.parametrize("draw", [swiss_svg, plain_svg])
def test_codes_are_named_and_free_of_styles(draw: object) -> None:
    svg = draw("text", 'Code «A» & <b> "c"')  # type: ignore[operator]
    root = ElementTree.fromstring(svg)  # noqa: S314 (our own text)
    assert root.get("role") == "img"
    assert root.get("aria-label") == root[0].text == 'Code «A» & <b> "c"'
    assert not re.search(r"style|<script|\son\w+=|url\(", svg)


def test_codes_are_small_enough_for_the_page() -> None:
    assert len(swiss_svg(swiss_payload(BILLS[0]), "QR")) < 8_000


@pytest.mark.parametrize("length", [1, 40, 120, 260])
def test_the_mask_is_the_one_that_the_standard_wants(length: int) -> None:
    alphabet = "0123456789ABCDEFabcdef äöü/#"
    for start in range(5):
        text = "".join(alphabet[(start * 7 + at * (start + 3)) % len(alphabet)] for at in range(length))
        plain, whole = (
            segno.make_qr(text, error="m", boost_error=False, encoding="utf-8", mask=mask) for mask in (0, None)
        )
        rows = b"".join(bytes(row) for row in plain.matrix)
        assert best(int(plain.version), len(plain.matrix), rows) == ["".join(map(str, row)) for row in whole.matrix]


def test_a_symbol_is_the_one_that_segno_makes_where_nothing_is_filled_up() -> None:
    """With room left, segno puts one more zero before the standard's filling."""
    for version in range(1, 41):
        text = ("ab cd/" * 400)[: _room(version)]
        code = segno.make_qr(text, error="m", boost_error=False, encoding="utf-8", mask=0)
        assert encoded(text) == (version, len(code.matrix), b"".join(bytes(row) for row in code.matrix))


@pytest.mark.parametrize("length", [1, 14, 15, 61, 180, 200, 330, 996])
def test_a_symbol_that_is_filled_up_is_read_too(length: int) -> None:
    text = ("Zürich, 1. März: CHF 1'240.00\n" * 40)[:length]
    assert read(plain_svg(text, "Code")).text == text


def test_a_text_that_no_symbol_holds_is_refused() -> None:
    with pytest.raises(TooLong):
        encoded("a" * 2_332)
