"""Does a phone read from every QR-bill of the demo's firms, in four languages, what the standard wants it to say?"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import typst
import zxingcpp
from PIL import Image

from portal import paths
from portal.demo.firms import FIRMS, Account, DemoFirm
from portal.gateways.pdf import Papers
from portal.rules import transfers
from portal.rules.money import Money
from portal.rules.references import qr_reference, scor_reference
from portal.rules.transfers import Address, Bill, Method, method_for, parse_swiss
from portal.web import i18n
from portal.web.labels.transfers import qr_bill_words

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAYER = Address("Zoë Müller-Šimić", "Rosenweg", "3a", "8404", "Winterthur", "CH")
CASES = [
    (firm, account, kind)
    for firm in FIRMS
    for account in firm.accounts
    for kind in (("QRR",) if account.qr_iban else ("SCOR", "NON"))
]


class Pictures(Papers):
    """The same pages from the same templates and data, as pixels instead of a PDF."""

    def paper(self, kind: str, data: Mapping[str, object]) -> bytes:
        folder = ROOT / "templates" / "letters"
        drawn = typst.compile(
            str(folder / f"{kind}.typ"), root=str(folder), font_paths=[str(self.fonts)], ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)}, format="png", ppi=150,
        )  # fmt: skip
        assert isinstance(drawn, bytes)
        return drawn


@pytest.fixture(scope="module")
def papers() -> Papers:
    return Pictures(ROOT / "static" / "fonts", ROOT / "templates" / "letters")


@pytest.fixture(scope="module", autouse=True)
def _words() -> None:
    i18n.load(paths.TRANSLATIONS)


def bill_of(firm: DemoFirm, account: Account, kind: str) -> Bill:
    reference = {"QRR": qr_reference(f"{firm.number}00000000000004711"), "SCOR": scor_reference("539007547"), "NON": ""}
    iban = account.qr_iban if kind == "QRR" and account.qr_iban else account.iban
    return Bill(
        transfers.Account(iban, account.bic), firm.paper.address, PAYER, Money(159005, account.currency),
        reference[kind], "2026-0418",
    )  # fmt: skip


def as_the_standard_has_it(firm: DemoFirm, bill: Bill, kind: str) -> str:
    """IG QR-bill v2.3, chapter 4.2: 31 lines, structured addresses, no ultimate creditor, amount with two decimals."""
    payee = firm.paper.address
    return "\n".join([
        "SPC", "0200", "1", bill.account.iban,
        "S", payee.name, payee.street, payee.house_number, payee.postcode, payee.town, payee.country,
        *[""] * 7,
        "1590.05", bill.currency,
        "S", "Zoë Müller-Šimić", "Rosenweg", "3a", "8404", "Winterthur", "CH",
        kind, bill.reference, "2026-0418", "EPD",
    ])  # fmt: skip


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
@pytest.mark.parametrize(("firm", "account", "kind"), CASES, ids=[f"{c[0].slug}-{c[1].currency}-{c[2]}" for c in CASES])
def test_a_phone_reads_what_the_standard_wants(
    papers: Papers, firm: DemoFirm, account: Account, kind: str, language: str
) -> None:
    bill = bill_of(firm, account, kind)
    assert method_for(bill) is Method.SWISS_QR
    made = papers.qr_bill(bill, qr_bill_words(language), language)
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(made)).convert("L"))
    assert code.text == as_the_standard_has_it(firm, bill, kind)
    assert code.ec_level == "M"
    again = parse_swiss(code.text)
    assert (again.amount, again.reference, again.payee, again.payer) == (
        bill.amount, bill.reference, bill.payee, bill.payer,
    )  # fmt: skip
