"""Does money still find its case when letters are out that name the account from before?"""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.actions.accounts import decide_account, name_account
from portal.rules.accounts import AccountProblem, AccountTerms, needs_second, problems
from portal.rules.bank import FileRefused
from portal.store.accounts import AccountChange
from portal.store.settings import bank_account
from portal.web.parts import Parts
from tests.bank_files import Ntry, Paper, Tx
from tests.banking import Desk
from tests.examples import ADAM, DORA, LENA, VELO, Clock

OLD, NEW, QR = "CH9300762011623852957", "CH5604835012345678009", "CH4431999123000889012"


def asked(session: Session, clock: Clock) -> AccountChange:
    made = name_account(session, VELO, AccountTerms("CHF", NEW, QR), clerk_id=ADAM, now=clock())
    assert isinstance(made, AccountChange)
    return made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_of_the_account_from_before_is_still_taken(parts: Parts, clock: Clock) -> None:
    desk = Desk(parts, clock)
    entry = Ntry((Tx("50.00", desk.reference(DORA), ref="T1"),), ref="E1")
    with pytest.raises(FileRefused):
        desk.hands_in(Paper([entry], iban=NEW))
    with parts.database.writing() as session:
        change = asked(session, clock)
    with pytest.raises(FileRefused):
        desk.hands_in(Paper([entry], iban=NEW))  # a second person has not agreed
    with parts.database.writing() as session:
        decide_account(session, VELO, change.id, taken=True, clerk_id=LENA, now=clock())
    before = desk.owes(DORA)
    assert desk.hands_in(Paper([entry], iban=OLD)).booked == 1
    assert desk.owes(DORA) == before - 5000
    assert desk.hands_in(Paper([entry], iban=OLD, id="again")).booked == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_asked_may_drop_and_not_agree_and_a_decision_stays(parts: Parts, clock: Clock) -> None:
    with parts.database.writing() as session:
        change = asked(session, clock)
        assert decide_account(session, VELO, change.id, taken=True, clerk_id=ADAM, now=clock()) == [
            AccountProblem.OWN_REQUEST
        ]
        dropped = decide_account(session, VELO, change.id, taken=False, clerk_id=ADAM, now=clock())
        assert isinstance(dropped, AccountChange)
        again = decide_account(session, VELO, change.id, taken=True, clerk_id=LENA, now=clock())
        assert (again is dropped, dropped.taken) == (True, False)
        held = bank_account(session, VELO, "CHF")
        assert held is not None
        assert held.iban == OLD


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_qr_iban_that_cases_refer_to_can_be_changed_and_not_left_out(parts: Parts, clock: Clock) -> None:
    Desk(parts, clock)  # claims have their references
    with parts.database.writing() as session:
        found = name_account(session, VELO, AccountTerms("CHF", NEW), clerk_id=ADAM, now=clock())
        assert found in ([AccountProblem.QR_IBAN_IN_USE],)


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        (AccountTerms("CHF", OLD, QR), []),
        (AccountTerms("CHF", OLD), []),
        (AccountTerms("EUR", "DE89370400440532013000", None, "COBADEFFXXX", True), []),
        (AccountTerms("USD", OLD), [AccountProblem.CURRENCY_UNKNOWN]),
        (AccountTerms("CHF", ""), [AccountProblem.IBAN_MISSING]),
        (AccountTerms("CHF", OLD[:-1] + "8"), [AccountProblem.IBAN_UNREADABLE]),
        (AccountTerms("CHF", QR, OLD), [AccountProblem.IBAN_IS_QR, AccountProblem.QR_IBAN_IS_NONE]),
        (AccountTerms("EUR", "DE89370400440532013000", QR), [AccountProblem.OTHER_COUNTRY]),
    ],
)
def test_what_stands_against_an_account(terms: AccountTerms, found: list[AccountProblem]) -> None:
    assert problems(terms) == found


def test_a_second_person_is_needed_once_letters_name_the_account() -> None:
    assert needs_second(known=True, letters=True)
    assert not needs_second(known=True, letters=False)
    assert not needs_second(known=False, letters=True)
