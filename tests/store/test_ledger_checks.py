"""Does `verify` see everything that the database should never have let in, and nothing where all is well?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from portal.rules.claims import ClaimStatus
from portal.rules.offers import OfferStatus
from portal.rules.payments import AccountKind, AttemptStatus, CauseType
from portal.rules.plans import PlanStatus
from portal.store import triggers
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.ledger import Account, Entry, Posting, account_id, write
from portal.store.ledger_checks import MOST, Rule, verify
from portal.store.offers import Offer
from portal.store.payments import PaymentAttempt
from portal.store.plans import Plan
from tests.store.ledger_rows import CLAIM, DAY, FIRM, NOW, OTHER, POSITION, entry, ident, other, paid, receivable

CASH = account_id(FIRM, AccountKind.BANK_CLEARING, "CHF")


def found(database: Database) -> set[Rule]:
    with database.reading() as session:
        return {finding.rule for finding in verify(session)}


@contextmanager
def unguarded(database: Database) -> Iterator[Session]:
    """A session for somebody who tampers: no trigger, no foreign key, none of the unique indexes below."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        triggers.drop(connection)
        with Session(connection) as session:
            yield session
            session.flush()
            triggers.install(connection)
            session.commit()
        connection.commit()
        connection.invalidate()


def posting(line: int, minor: int, **changes: Any) -> dict[str, Any]:
    return {
        "entry_id": ident("tampered"), "line": line, "creditor_id": FIRM, "account_id": CASH, "amount_minor": minor,
        "currency": "CHF", **changes,
    }  # fmt: skip


def head(**changes: Any) -> dict[str, Any]:
    return {
        "id": ident("tampered"), "creditor_id": FIRM, "claim_id": CLAIM, "kind": "payment", "effective_on": DAY,
        "recorded_at": NOW, "cause_type": "claim", "cause_id": CLAIM, "idem_key": "tampered", **changes,
    }  # fmt: skip


def book(session: Session, *postings: dict[str, Any], **changes: Any) -> None:
    session.execute(insert(Posting), list(postings))
    session.execute(insert(Entry).values(**head(**changes)))


def unbalanced(session: Session) -> None:
    book(session, posting(1, 5), posting(2, -4))


def single_line(session: Session) -> None:
    book(session, posting(1, 5))


def without_postings(session: Session) -> None:
    session.execute(insert(Entry).values(**head()))


def without_entry(session: Session) -> None:
    session.execute(insert(Posting), [posting(1, 5), posting(2, -5)])


def changed_amount(session: Session) -> None:
    session.execute(update(Posting).where(Posting.amount_minor == 4_000).values(amount_minor=4_001))


def without_cause(session: Session) -> None:
    book(session, posting(1, 5), posting(2, -5), cause_id=ident("nothing"))


def with_unknown_cause(session: Session) -> None:
    book(session, posting(1, 5), posting(2, -5), cause_type="mood")


def with_a_foreign_cause(session: Session) -> None:
    book(session, posting(1, 5), posting(2, -5), cause_id=ident("other firm claim"))


def reversed_wrongly(session: Session) -> None:
    original = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
    book(session, posting(1, 3_999), posting(2, -3_999), reverses_id=original)


def reversed_in_part(session: Session) -> None:
    """Each line mirrors one of the original, but one of them stands twice and one is missing."""
    original = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
    book(session, posting(1, -4_000), posting(2, -4_000), posting(3, 8_000), reverses_id=original)


def with_a_foreign_account(session: Session) -> None:
    write(
        session,
        [
            entry(
                "theirs",
                other(1),
                other(-1, AccountKind.SUSPENSE),
                creditor_id=OTHER,
                cause_id=ident("other firm claim"),
            )
        ],
    )
    theirs = account_id(OTHER, AccountKind.SUSPENSE, "CHF")
    book(session, posting(1, 5), posting(2, -5, account_id=theirs))


def with_a_foreign_entry(session: Session) -> None:
    book(session, posting(1, 5), posting(2, -5), creditor_id=OTHER, cause_id=ident("other firm claim"))


def in_another_currency(session: Session) -> None:
    book(session, posting(1, 5, currency="EUR"), posting(2, -5, currency="EUR"))


def account_in_another_currency(session: Session) -> None:
    write(session, [entry("euro", receivable(5, currency="EUR"), other(-5, currency="EUR"))])


def account_of_another_claim(session: Session) -> None:
    session.execute(update(Account).where(Account.position_id == POSITION).values(claim_id=ident("other firm claim")))


def settled_too_early(session: Session) -> None:
    session.execute(update(Claim).where(Claim.id == CLAIM).values(status=ClaimStatus.SETTLED))


def attempt(**changes: Any) -> dict[str, Any]:
    return {
        "creditor_id": FIRM, "claim_id": CLAIM, "amount_minor": 5, "currency": "CHF", "status": AttemptStatus.OPEN,
        "open_flag": True, "return_ref": "a", "language": "de", "stripe_account": "acct_1", "created_at": NOW,
        "expires_at": NOW, **changes,
    }  # fmt: skip


def two_open_attempts(session: Session) -> None:
    session.execute(text("DROP INDEX uq_payment_attempt_open"))
    session.execute(insert(PaymentAttempt), [attempt(), attempt(return_ref="b")])


def expired_attempt_that_is_open(session: Session) -> None:
    session.execute(insert(PaymentAttempt), [attempt(status=AttemptStatus.EXPIRED)])


def live_plan_without_its_flag(session: Session) -> None:
    session.execute(
        insert(Plan).values(
            creditor_id=FIRM,
            claim_id=CLAIM,
            status=PlanStatus.AGREED,
            live_flag=None,
            day="1",
            covered=[],
            covered_minor=1,
            currency="CHF",
            notice_version="1",
            proposed_at=NOW,
        )
    )


def ended_offer_that_is_live(session: Session) -> None:
    session.execute(
        insert(Offer).values(
            creditor_id=FIRM,
            claim_id=CLAIM,
            clerk_id=ident("firm clerk"),
            status=OfferStatus.TAKEN,
            live_flag=True,
            amount_minor=1,
            owed_minor=2,
            currency="CHF",
            until_on=DAY,
            made_at=NOW,
        )
    )


TAMPERED: list[tuple[Callable[[Session], None], set[Rule]]] = [
    (unbalanced, {Rule.SUM_ZERO, Rule.CREDITOR_SUM}),
    (single_line, {Rule.SUM_ZERO, Rule.TWO_LINES, Rule.CREDITOR_SUM}),
    (without_postings, {Rule.TWO_LINES}),
    (without_entry, {Rule.ENTRY_MISSING}),
    (changed_amount, {Rule.SUM_ZERO, Rule.CREDITOR_SUM}),
    (without_cause, {Rule.CAUSE_MISSING}),
    (with_unknown_cause, {Rule.CAUSE_MISSING}),
    (with_a_foreign_cause, {Rule.CAUSE_MISSING}),
    (reversed_wrongly, {Rule.NO_MIRROR}),
    (reversed_in_part, {Rule.NO_MIRROR}),
    (with_a_foreign_account, {Rule.CREDITOR_DIFFERS}),
    (with_a_foreign_entry, {Rule.CREDITOR_DIFFERS}),
    (in_another_currency, {Rule.CURRENCY_DIFFERS}),
    (account_in_another_currency, {Rule.CURRENCY_DIFFERS}),
    (account_of_another_claim, {Rule.CLAIM_DIFFERS}),
    (settled_too_early, {Rule.SETTLED_NOT_ZERO}),
    (two_open_attempts, {Rule.MORE_THAN_ONE_OPEN}),
    (expired_attempt_that_is_open, {Rule.FLAG_DIFFERS}),
    (live_plan_without_its_flag, {Rule.FLAG_DIFFERS}),
    (ended_offer_that_is_live, {Rule.FLAG_DIFFERS}),
]


def test_a_true_ledger_has_no_findings(filled: Database) -> None:
    with filled.writing() as session:
        original = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
        write(session, [entry("undo", receivable(4_000), other(-4_000), reverses_id=original), paid("rest", 10_000)])
        write(session, [entry("own", other(1), other(-1, AccountKind.SUSPENSE), cause_type=CauseType.SYSTEM)])
        session.execute(update(Claim).where(Claim.id == CLAIM).values(status=ClaimStatus.SETTLED))
        session.execute(insert(PaymentAttempt), [attempt()])
    with filled.reading() as session:
        assert verify(session) == []


@pytest.mark.parametrize(("tamper", "rules"), TAMPERED, ids=[tamper.__name__ for tamper, _ in TAMPERED])
def test_what_was_tampered_with_is_found(filled: Database, tamper: Callable[[Session], None], rules: set[Rule]) -> None:
    with unguarded(filled) as session:
        tamper(session)
    assert found(filled) == rules


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"], indirect=True)
def test_entries_that_stand_twice_are_found(filled: Database) -> None:
    """SQLite can't drop a table's unique key; the question is the same for both."""
    with unguarded(filled) as session:
        session.execute(text("ALTER TABLE entry DROP CONSTRAINT uq_entry_creditor_id_idem_key"))
        session.execute(text("ALTER TABLE entry DROP CONSTRAINT uq_entry_reverses_id"))
        original = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
        for name in ("one", "two"):
            lines = [
                posting(1, -4_000, entry_id=ident(name)),
                posting(2, 4_000, entry_id=ident(name), account_id=receivable(1).account_id(FIRM)),
            ]
            book(session, *lines, id=ident(name), reverses_id=original)
    assert found(filled) == {Rule.TWICE, Rule.REVERSED_TWICE}


def test_a_missing_guard_is_found_by_name(filled: Database) -> None:
    with filled.writing() as session:
        table = "" if filled.is_sqlite else " ON posting"
        session.execute(text(f"DROP TRIGGER posting_no_update{table}"))
    with filled.reading() as session:
        assert [(item.rule, item.subject_id) for item in verify(session)] == [(Rule.GUARD_MISSING, "posting_no_update")]


def test_a_finding_says_whose_entry_it_is_and_by_how_much(filled: Database) -> None:
    with unguarded(filled) as session:
        changed_amount(session)
        wrong = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
    with filled.reading() as session:
        first = next(item for item in verify(session) if item.rule is Rule.SUM_ZERO)
    assert (first.subject, first.subject_id, first.creditor_id, first.currency, first.minor) == (
        "entry", str(wrong), FIRM, "CHF", 1,
    )  # fmt: skip


def test_a_ruined_ledger_gives_a_short_list(filled: Database) -> None:
    with unguarded(filled) as session:
        session.execute(insert(Posting), [posting(1, 5, entry_id=ident(str(number))) for number in range(3 * MOST)])
    with filled.reading() as session:
        assert len([item for item in verify(session) if item.rule is Rule.SUM_ZERO]) == MOST
