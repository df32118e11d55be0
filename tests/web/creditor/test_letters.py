"""Does the desk hand out a letter as a PDF once, whole or not at all, with a code that opens the case?"""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from sqlalchemy import func, select

from portal.rules.transfers import parse_swiss
from portal.store.access import LetterCode
from portal.store.people import Debtor
from tests.examples import DORA
from tests.people import Portal, forms_of
from tests.web.test_letter_paper import pictures

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def codes(portal: Portal) -> int:
    found: int = portal.read(lambda s: s.scalar(select(func.count()).select_from(LetterCode)) or 0)
    return found


@on_sqlite
def test_the_letter_as_a_pdf_is_given_once_and_its_code_opens_the_case(portal: Portal, tmp_path: Path) -> None:
    adam = portal.staff("adam").is_in()
    path = f"{adam.at(DORA)}/letter-code"
    fields = {name: values[0] for name, values in forms_of(adam.reads(path))[-1][1].items()}
    answer = adam.client.post(path, data={**fields, "as_pdf": "1"})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "no-store" in answer.headers["Cache-Control"]
    first, second = pictures(answer.data, tmp_path)
    (code,), (bill,) = zxingcpp.read_barcodes(first), zxingcpp.read_barcodes(second)
    assert parse_swiss(bill.text).payer is not None
    again = adam.client.post(path, data={**fields, "as_pdf": "1"})
    assert (again.status_code, again.mimetype) == (409, "text/html")
    entered = portal.dora.posts("/velo-sutter/enter", code=code.text.split("#")[1], postcode=DORA.postcode)
    assert entered.status_code == 303


def test_a_letter_that_can_not_be_printed_right_is_not_issued(portal: Portal) -> None:
    def renamed(name: str) -> None:
        with portal.parts.database.writing() as session:
            session.get_one(Debtor, DORA.debtor_id).name = name

    renamed("王小明")
    before = codes(portal)
    adam = portal.staff("adam").is_in()
    answer = adam.sends(f"{adam.at(DORA)}/letter-code", as_pdf="1")
    assert answer.status_code == 422
    assert codes(portal) == before
