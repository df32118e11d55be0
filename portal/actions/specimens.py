"""What does a firm's letter look like before there is a case: a whole one, set from rows that are never kept?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.letters import NewCode, issue_letter
from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.people import answerers
from portal.gateways.hashing import CodeHasher
from portal.rules.claims import Basis, PositionKind
from portal.rules.dates import Calendar
from portal.rules.history import system
from portal.rules.letter_code import Code
from portal.rules.letters import LetterKind
from portal.rules.money import Money
from portal.rules.people import DebtorKind
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.letters import Letter
from portal.store.people import Debtor, clerk_by_id, clerks_of
from portal.store.settings import Creditor, creditor_by_id, currencies_of

Data = dict[str, Any]
#: Turns the letter into what is set; the web layer knows the words.
Write = Callable[[Session, Creditor, Letter, Code, Debtor, Sequence[Claim]], Data]

AMOUNT_MINOR = 12_345
INVOICE_BEFORE = timedelta(days=75)
DUE_AFTER = timedelta(days=30)
#: In working days.
PAY_BY_AFTER = 15
BY_ITSELF = system("test letter")


class NobodyAnswers(Exception):
    """No colleague could be named as the contact person."""


def specimen_letter(
    database: Database,
    creditor_id: UUID,
    clerk_id: UUID,
    write: Write,
    *,
    code: Code,
    codes: CodeHasher,
    language: str,
    title: str,
    now: datetime,
    today: date,
) -> Data:
    """The data of a letter to this colleague at the firm's own address; the books are as they were before.

    Case, sum, letter and reference come about as for anybody, in a transaction that is then taken back whole. Raises
    `NobodyAnswers`.
    """
    made = NewCode(code, codes.hash(code.lookup, code.secret))
    session = database.open_writing()
    try:
        firm = creditor_by_id(session, creditor_id)
        person = _person(session, firm, clerk_id, language)
        claim = _claim(session, firm, person, title, now=now, today=today)
        letter, _ = issue_letter(
            session, firm, person, [claim], LetterKind.FIRST, language, codes=codes, actor=BY_ITSELF, now=now,
            today=today, made=made,
        )  # fmt: skip
        return write(session, firm, letter, code, person, [claim])
    finally:
        session.rollback()
        session.close()


def _person(session: Session, firm: Creditor, clerk_id: UUID, language: str) -> Debtor:
    clerk = clerk_by_id(session, firm.id, clerk_id)
    person = Debtor(
        id=uuid4(), creditor_id=firm.id, kind=DebtorKind.PERSON.value, name=clerk.name if clerk else firm.name,
        street=firm.street, house_number=firm.house_number, postcode=firm.postcode, town=firm.town,
        country=firm.country, canton=firm.canton, language=language,
    )  # fmt: skip
    session.add(person)
    session.flush()
    return person


def _claim(session: Session, firm: Creditor, person: Debtor, title: str, *, now: datetime, today: date) -> Claim:
    answers = answerers(clerks_of(session, firm.id))
    if not answers:
        raise NobodyAnswers
    currency = next(iter(currencies_of(session, firm.id)), "CHF" if firm.country == "CH" else "EUR")
    invoice_on = today - INVOICE_BEFORE
    due = invoice_on + DUE_AFTER
    line = NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(AMOUNT_MINOR, currency), due, label=title)
    reference = f"TEST-{uuid4().hex[:8].upper()}"
    new = NewClaim(
        reference=reference, title=title, invoice_number=reference, invoice_on=invoice_on, due_on=due,
        pay_by=Calendar().add_working_days(today, PAY_BY_AFTER), currency=currency, lines=(line,),
    )  # fmt: skip
    return open_claim(session, firm, person, answers[0].id, new, actor=BY_ITSELF, now=now, today=today)
