"""Can the desk take in a bank's file, put waiting money on its case with one tap, and take a mistake back?"""

from __future__ import annotations

import io
import re

import pytest

from portal.rules.payments import AccountKind
from portal.rules.references import qr_reference
from portal.worker import Worker
from tests import examples, hostile
from tests.bank_files import Ntry, Paper, Tx
from tests.banking import Desk
from tests.examples import DORA, STEFAN
from tests.people import Clerk, Portal

pytestmark = pytest.mark.slow

BANK = "/desk/bank"
#: Where the engine makes no difference.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOST = Tx("42.00", payer="Anna Fremd", ref="T3", message="Danke für das Velo")


@pytest.fixture
def lena(portal: Portal) -> Clerk:
    return portal.staff("lena").is_in()


@pytest.fixture
def desk(portal: Portal) -> Desk:
    return Desk(portal.parts, portal.clock)


def hands_in(clerk: Clerk, content: bytes, name: str = "camt054.xml"):  # type: ignore[no-untyped-def]
    return clerk.sends(BANK, file=(io.BytesIO(content), name))


@on_sqlite
def test_a_file_is_read_and_says_what_came_of_it(lena: Clerk, desk: Desk) -> None:
    paper = Paper([Ntry((Tx("50.00", desk.reference(DORA), ref="T1"), LOST), ref="E1")])
    page = lena.follows(hands_in(lena, paper.bytes()))
    assert "camt054.xml: 1 booked, 0 already known, 1 without a case." in page
    assert "Anna Fremd" in page
    assert "The payer gave no reference." in page
    page = lena.follows(hands_in(lena, paper.bytes(), "../../another<name>.xml"))
    assert "0 booked, 2 already known, 0 without a case." in page
    assert "<name>" not in page
    assert "Money from the bank waits for its case · 1 amount" in lena.reads("/desk")


@on_sqlite
def test_what_is_left_of_a_large_file_is_the_workers(lena: Clerk, desk: Desk, portal: Portal) -> None:
    parts = tuple(Tx("1.00", desk.reference(DORA), ref=f"T{number}") for number in range(103))
    page = lena.follows(hands_in(lena, Paper([Ntry(parts, ref="E1")]).bytes()))
    assert "being worked through" in page
    portal.clock.move(seconds=61)
    Worker(portal.parts, wall=portal.clock).drain()
    assert desk.states() == ["booked"] * 103
    assert "being worked through" not in lena.reads(BANK)


REFUSED = {
    "no file": (b"", "Choose your bank&#39;s file."),
    "a table": (b"Datum;Betrag\n1.1.2026;10", "Line 1: this is no complete XML"),
    "an old version": (Paper([], version="02").bytes(), "camt.054.001.02 is an old version. Ask your bank for"),
    "a bomb": (Paper([], before='<!DOCTYPE a [<!ENTITY b "c">]>').bytes(), "Line 2: the file declares a document type"),
    "a foreign account": (
        Paper([], iban="CH5604835012345678009").bytes(), "CH5604835012345678009 is none of your accounts here.",
    ),
    "a broken sum": (
        Paper([Ntry((Tx("1.00"), Tx("2.00")), amount="4.00")]).bytes(), "do not add up to its amount (3.00 / 4.00)",
    ),
}  # fmt: skip


@on_sqlite
@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_says_why_on_its_field(lena: Clerk, desk: Desk, name: str) -> None:
    content = REFUSED[name]
    answer = hands_in(lena, content[0])
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert content[1] in page
    assert desk.rows() == []


@on_sqlite
def test_hostile_words_in_a_file_stay_words(lena: Clerk, desk: Desk) -> None:
    word = hostile.PAYLOAD.decode()
    page = lena.follows(hands_in(lena, Paper([Ntry((Tx("1.00", payer=word, message=word),), ref="E1")]).bytes()))
    assert word not in page
    assert "&lt;script&gt;" in page


@on_sqlite
def test_a_page_that_no_list_has_is_empty(lena: Clerk) -> None:
    assert "waits for its case" not in lena.reads(f"{BANK}?page={10**30}")


def test_one_tap_puts_the_money_on_the_case_that_fits(lena: Clerk, desk: Desk) -> None:
    owed = f"{desk.owes(DORA) / 100:.2f}"
    desk.hands_in(Paper([Ntry((Tx(owed, payer="KELLER DORA", ref="T1"),), ref="E1")]))
    page = lena.reads(BANK)
    assert "The payer has the debtor&#39;s name." in page
    assert f"Put on {DORA.reference}" in page
    place = re.search(r'action="(/desk/bank/[^"]+/match)"', page)
    assert place is not None
    assert lena.sends(place[1], page=BANK).status_code == 303
    assert (desk.owes(DORA), desk.status(DORA)) == (0, "settled")
    assert "No money waits." in lena.reads(BANK)


def test_a_case_can_be_typed_and_a_mistake_taken_back_once(lena: Clerk, desk: Desk, portal: Portal) -> None:
    desk.hands_in(Paper([Ntry((LOST,), ref="E1")]))
    money = f"{BANK}/{desk.rows()[0].id}"
    wrong = lena.sends(f"{money}/match", page=money, reference="NOPE-1")
    assert wrong.status_code == 422
    assert "Enter the number of a case of yours." in wrong.get_data(as_text=True)
    foreign = lena.sends(f"{money}/match", page=money, reference=examples.COLETTE.reference)
    assert foreign.status_code == 422
    before = desk.owes(STEFAN)
    assert lena.sends(f"{money}/match", page=money, reference=STEFAN.reference).status_code == 303
    assert desk.owes(STEFAN) == before - 4200
    assert "42.00" in portal.stefan.is_in().reads(f"/claims/{STEFAN.reference}")
    assert lena.sends(f"{money}/back", page=money).status_code == 303
    assert desk.owes(STEFAN) == before
    assert lena.sends(f"{money}/aside", page=money, to="returned").status_code == 303
    assert desk.balance(AccountKind.SUSPENSE) == 0
    assert "This was a mistake" not in lena.reads(money)
    assert lena.posts(f"{money}/back", token_from=BANK).status_code == 422
    desk.dump()


def test_a_lost_race_is_told(lena: Clerk, desk: Desk) -> None:
    desk.hands_in(Paper([Ntry((LOST,), ref="E1")]))
    money = f"{BANK}/{desk.rows()[0].id}"
    answer = lena.posts(f"{money}/match", token_from=money, reference=DORA.reference, seen="1")
    assert answer.status_code == 409
    lena.posts(f"{money}/match", token_from=money, reference=DORA.reference)
    assert lena.posts(f"{money}/match", token_from=BANK, reference=DORA.reference).status_code == 303
    assert lena.posts(f"{money}/match", token_from=BANK, reference=STEFAN.reference).status_code == 409


def test_who_may_do_what(portal: Portal, desk: Desk) -> None:
    desk.hands_in(Paper([Ntry((Tx("1.00", qr_reference(5), ref="T1"),), ref="E1")]))
    money = f"{BANK}/{desk.rows()[0].id}"
    for name, reads, uploads, books in (
        ("clara", 200, 404, 404), ("adam", 200, 422, 404), ("otto", 200, 404, 404), ("carl", 404, 422, 404),
    ):  # fmt: skip
        clerk = portal.staff(name).is_in()
        assert clerk.opens(money).status_code == reads
        assert clerk.posts(BANK).status_code == uploads
        assert clerk.posts(f"{money}/aside", to="ignored").status_code == books
        assert clerk.posts(f"{money}/match", reference=DORA.reference).status_code == books
    assert desk.states() == ["unmatched"]
