"""Is the ledger still true: every rule of `security.md` 3.3 as one question to the whole database?

Each question is answered inside the database with indexes and temporary files; only what is wrong comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, exists, func, not_, or_, select, text
from sqlalchemy.orm import Session, aliased

from portal.rules.payments import AccountKind, CauseType
from portal.store import ledger_facts, triggers
from portal.store.bank import BankTransaction
from portal.store.claims import Claim, Position
from portal.store.disputes import Dispute
from portal.store.jobs import Job
from portal.store.ledger import Account, Entry, Posting
from portal.store.ledger_findings import AMOUNT, MOST, NOTHING, Finding, Question, Rule
from portal.store.letters import Letter
from portal.store.offers import Offer, Waiver
from portal.store.payments import Booking, PaymentAttempt
from portal.store.plans import Plan
from portal.store.refunds import Refund

__all__ = ["CAUSES", "MOST", "Finding", "Rule", "verify"]

#: Where the cause of an entry is kept; the firm's word to everybody is an offer on each claim; what the system did by
#: itself names a claim, a letter, a job or the creditor.
CAUSES: dict[CauseType, tuple[Any, ...]] = {
    CauseType.CLAIM: (Claim,),
    CauseType.ATTEMPT: (PaymentAttempt,),
    CauseType.BOOKING: (Booking,),
    CauseType.BANK: (BankTransaction,),
    CauseType.WAIVER: (Waiver,),
    CauseType.OFFER: (Offer, Claim),
    CauseType.REFUND: (Refund,),
    CauseType.DISPUTE: (Dispute,),
    CauseType.PLAN: (Plan,),
    CauseType.SYSTEM: (Claim, PaymentAttempt, Entry, Letter),
}


def verify(session: Session) -> list[Finding]:
    """Everything in the ledger that breaks a rule, at most 200 per question; an empty list is what should be."""
    if session.get_bind().dialect.name != "sqlite":  # a large ledger may take longer than a page ever may
        session.execute(text("SET LOCAL statement_timeout = 0"))
    found = [Finding(Rule.GUARD_MISSING, "trigger", name) for name in sorted(triggers.missing(session.connection()))]
    for rule, subject, query in _questions(session.get_bind().dialect.name):
        found += _ask(session, rule, subject, query)
    return found


def _ask(session: Session, rule: Rule, subject: str, query: Select[*tuple[Any, ...]]) -> Iterator[Finding]:
    """Each query gives creditor, id, currency, minor units, in this order."""
    for creditor_id, subject_id, currency, minor in session.execute(query.limit(MOST)):
        yield Finding(rule, subject, str(subject_id), creditor_id, currency, None if minor is None else int(minor))


@cache
def _questions(dialect: str) -> tuple[Question, ...]:
    return tuple(_made(dialect))


def _made(dialect: str) -> Iterator[Question]:
    yield from _entries()
    yield from _causes()
    yield from _reversals()
    yield from _accounts()
    yield from ledger_facts.questions(dialect)


def _entries() -> Iterator[Question]:
    yield (
        Rule.SUM_ZERO,
        "entry",
        select(Posting.creditor_id, Posting.entry_id, Posting.currency, AMOUNT)
        .group_by(Posting.entry_id, Posting.creditor_id, Posting.currency)
        .having(AMOUNT != 0),
    )
    lines = select(func.count()).where(Posting.entry_id == Entry.id).correlate(Entry).scalar_subquery()
    yield Rule.TWO_LINES, "entry", select(Entry.creditor_id, Entry.id, NOTHING, NOTHING).where(lines < 2)
    yield (
        Rule.ENTRY_MISSING,
        "posting",
        select(Posting.creditor_id, Posting.entry_id, Posting.currency, Posting.amount_minor).where(
            not_(exists().where(Entry.id == Posting.entry_id))
        ),
    )
    yield (
        Rule.TWICE,
        "idem_key",
        select(Entry.creditor_id, Entry.idem_key, NOTHING, func.count())
        .group_by(Entry.creditor_id, Entry.idem_key)
        .having(func.count() > 1),
    )
    yield (
        Rule.TWICE,
        "entry",
        select(NOTHING, Entry.id, NOTHING, func.count()).group_by(Entry.id).having(func.count() > 1),
    )


def _causes() -> Iterator[Question]:
    known = [
        and_(
            Entry.cause_type == cause_type,
            or_(
                *(
                    exists().where(table.id == Entry.cause_id, table.creditor_id == Entry.creditor_id)
                    for table in (aliased(table) for table in tables)
                ),
                *_system_causes(cause_type),
            ),
        )
        for cause_type, tables in CAUSES.items()
    ]
    yield (
        Rule.CAUSE_MISSING,
        "entry",
        select(Entry.creditor_id, Entry.id, NOTHING, NOTHING).where(not_(or_(*known))),
    )


def _system_causes(cause_type: CauseType) -> tuple[Any, ...]:
    if cause_type is not CauseType.SYSTEM:
        return ()
    return (Entry.cause_id == Entry.creditor_id, exists().where(Job.id == Entry.cause_id))


def _reversals() -> Iterator[Question]:
    yield (
        Rule.REVERSED_TWICE,
        "entry",
        select(Entry.creditor_id, Entry.reverses_id, NOTHING, func.count())
        .where(Entry.reverses_id.is_not(None))
        .group_by(Entry.creditor_id, Entry.reverses_id)
        .having(func.count() > 1),
    )
    line, mirrored = aliased(Posting), aliased(Posting)
    same = and_(
        mirrored.entry_id == Entry.reverses_id,
        mirrored.account_id == line.account_id,
        mirrored.currency == line.currency,
        mirrored.amount_minor == -line.amount_minor,
    )
    count_of = {
        identity: select(func.count()).where(Posting.entry_id == identity).correlate(Entry).scalar_subquery()
        for identity in (Entry.id, Entry.reverses_id)
    }
    yield (
        Rule.NO_MIRROR,
        "entry",
        select(Entry.creditor_id, Entry.id, NOTHING, NOTHING).where(
            Entry.reverses_id.is_not(None),
            or_(
                exists().where(line.entry_id == Entry.id, not_(exists().where(same).correlate(line, Entry))),
                count_of[Entry.id] != count_of[Entry.reverses_id],
            ),
        ),
    )


def _accounts() -> Iterator[Question]:
    yield (
        Rule.CREDITOR_SUM,
        "creditor",
        select(Posting.creditor_id, Posting.creditor_id, Posting.currency, AMOUNT)
        .group_by(Posting.creditor_id, Posting.currency)
        .having(AMOUNT != 0),
    )
    line = select(Posting.creditor_id, Posting.entry_id, Posting.currency, Posting.amount_minor)
    yield (
        Rule.CREDITOR_DIFFERS,
        "posting",
        line.outerjoin(Account, Account.id == Posting.account_id)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(
            or_(
                Account.id.is_(None),
                Account.creditor_id != Posting.creditor_id,
                Entry.creditor_id != Posting.creditor_id,
            )
        ),
    )
    yield (
        Rule.CURRENCY_DIFFERS,
        "posting",
        line.join(Account, Account.id == Posting.account_id).where(Account.currency != Posting.currency),
    )
    account = select(Account.creditor_id, Account.id, Account.currency, NOTHING)
    yield (
        Rule.CURRENCY_DIFFERS,
        "account",
        account.join(Claim, Claim.id == Account.claim_id).where(Claim.currency != Account.currency),
    )
    yield (
        Rule.CLAIM_DIFFERS,
        "account",
        account.outerjoin(Claim, Claim.id == Account.claim_id)
        .outerjoin(Position, Position.id == Account.position_id)
        .where(
            or_(
                Claim.creditor_id != Account.creditor_id,
                and_(
                    Account.kind == AccountKind.RECEIVABLE,
                    or_(Position.id.is_(None), Claim.id.is_(None), Position.claim_id != Account.claim_id),
                ),
            )
        ),
    )
