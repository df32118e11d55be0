"""Does the QR-bill say the right account, sum and reference, in the official words of the reader's language?"""

from __future__ import annotations

import io

import pikepdf
import pytest

from portal.gateways.pdf import QR_BILL_WORDS
from portal.store.claims import Claim
from portal.web.labels.transfers import WORDS, qr_bill_words
from tests.examples import COLETTE, DORA
from tests.gateways.qr_words import WORDS as OFFICIAL
from tests.people import Portal


def test_every_word_of_the_slip_is_there() -> None:
    assert tuple(WORDS) == QR_BILL_WORDS
    printed = {name: word for name, word in qr_bill_words("en").items() if name not in ("title", "note", "code")}
    assert printed == {name: OFFICIAL["en"][name] for name in printed}


def test_the_rows_to_copy_are_the_claims_own(portal: Portal) -> None:
    with portal.reading() as session:
        reference = session.get_one(Claim, DORA.claim_id).qr_reference
    page = portal.dora.is_in().reads("/claims/2026-0418/pay?amount=60.00&lang=en")
    assert 'data-copy="CH4431999123000889012"' in page
    assert f'data-copy="{reference}"' in page
    assert 'data-copy="60.00"' in page


@pytest.mark.parametrize("typed", ["-5", "0", "abc", "99999999", "1e9", "60.001"])
def test_an_amount_that_cannot_be_paid_shows_everything(portal: Portal, typed: str) -> None:
    dora = portal.dora.is_in()
    whole = dora.opens("/claims/2026-0418/qr-bill.svg").get_data()
    assert dora.opens(f"/claims/2026-0418/qr-bill.svg?amount={typed}").get_data() == whole


def test_a_creditor_without_qr_iban_gets_a_creditor_reference(portal: Portal) -> None:
    page = portal.colette.is_in().reads(f"/claims/{COLETTE.reference}/pay?lang=en")
    assert "RF" in page
    assert 'data-copy="CH5604835012345678009"' in page


def test_the_pdf_is_one_page_for_the_reader(portal: Portal) -> None:
    made = portal.dora.is_in().opens("/claims/2026-0418/qr-bill.pdf").get_data()
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.Root.Lang)[:2] == "en"


def test_without_an_account_there_is_no_bill(portal: Portal) -> None:
    with portal.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM bank_account")
    dora = portal.dora.is_in()
    assert dora.opens("/claims/2026-0418/qr-bill.pdf").status_code == 404
    assert "qr-bill.pdf" not in dora.reads("/claims/2026-0418/pay")
