"""Does `verify` see everything that the database should never have let in, and nothing where all is well?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from portal.rules.claims import ClaimStatus
from portal.rules.offers import OfferStatus
from portal.rules.payments import AccountKind, AttemptStatus, CauseType
from portal.rules.plans import PlanStatus
from portal.rules.reconciliation import FindingKind
from portal.store import triggers
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.ledger import Account, Entry, LineRow, Posting, account_id, write
from portal.store.ledger_checks import CAUSES, MOST, Rule, verify
from portal.store.ledger_facts import BACK_DATED
from portal.store.offers import Offer, Waiver
from portal.store.payments import Booking, PaymentAttempt
from portal.store.plans import Plan, PlanInstalment
from portal.store.reconciliation import Finding as Compared
from portal.store.today import Task
from tests.store.conftest import migrated
from tests.store.ledger_rows import CLAIM, DAY, FIRM, NOW, OTHER, POSITION, entry, fill, ident, other, paid, receivable

CASH = account_id(FIRM, AccountKind.BANK_CLEARING, "CHF")


def found(database: Database) -> set[Rule]:
    with database.reading() as session:
        return {finding.rule for finding in verify(session)}


@contextmanager
def unguarded(database: Database) -> Iterator[Session]:
    """What somebody does to it is kept: he found no trigger and no foreign key, and the triggers stand again."""
    with tampering(database) as session:
        yield session
        guard_again(session)
        connection = session.connection()
        session.commit()
        connection.commit()


@contextmanager
def tampering(database: Database) -> Iterator[Session]:
    """A session for somebody who tampers; nothing is kept unless it is committed inside."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        triggers.drop(connection)
        with Session(connection) as session:
            yield session
        connection.invalidate()


def guard_again(session: Session) -> None:
    session.flush()
    triggers.install(session.connection())


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
                other(-1, AccountKind.CREDITOR_PAYABLE),
                creditor_id=OTHER,
                cause_id=ident("other firm claim"),
            )
        ],
    )
    theirs = account_id(OTHER, AccountKind.CREDITOR_PAYABLE, "CHF")
    book(session, posting(1, 5), posting(2, -5, account_id=theirs))


def with_a_foreign_entry(session: Session) -> None:
    book(session, posting(1, 5), posting(2, -5), creditor_id=OTHER, cause_id=ident("other firm claim"))


def in_another_currency(session: Session) -> None:
    book(session, posting(1, 5, currency="EUR"), posting(2, -5, currency="EUR"))


def account_in_another_currency(session: Session) -> None:
    write(session, [entry("euro", receivable(-5, currency="EUR"), other(5, currency="EUR"))])


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


def task_of_another_sum(session: Session) -> None:
    credit = LineRow(AccountKind.DEBTOR_CREDIT, -500, "CHF", claim_id=CLAIM)
    write(session, [entry("too much", other(500), credit)])
    session.execute(
        insert(Task).values(
            id=ident("tampered"), creditor_id=FIRM, claim_id=CLAIM, kind="refund_credit", since=NOW,
            details={"minor": 400, "currency": "CHF"},
        )
    )  # fmt: skip


def credit_without_a_task(session: Session) -> None:
    write(session, [entry("too much", other(500), LineRow(AccountKind.DEBTOR_CREDIT, -500, "CHF", claim_id=CLAIM))])


def paid_attempt_without_money(session: Session) -> None:
    session.execute(
        insert(PaymentAttempt), [attempt(id=ident("tampered"), status=AttemptStatus.PAID, open_flag=None, pi_id="pi_1")]
    )


def expired_attempt_with_money(session: Session) -> None:
    values = attempt(id=ident("tampered"), status=AttemptStatus.EXPIRED, open_flag=None, pi_id="pi_1")
    session.execute(insert(PaymentAttempt), [values])
    money = other(5, AccountKind.PROVIDER_CLEARING)
    write(session, [entry("pi_1:captured:5", money, receivable(-5), cause_type="attempt", cause_id=ident("tampered"))])


def booking_of_another_sum(session: Session) -> None:
    session.execute(
        insert(Booking).values(
            id=ident("tampered"), creditor_id=FIRM, claim_id=CLAIM, clerk_id=ident("firm clerk"), amount_minor=6,
            currency="CHF", value_on=DAY, source="", note_code="cash", booked_at=NOW,
        )
    )  # fmt: skip
    write(session, [paid("by hand", 5, cause_type="booking", cause_id=ident("tampered"))])


def more_refunded_than_paid(session: Session) -> None:
    session.execute(
        insert(PaymentAttempt),
        [attempt(id=ident("attempt"), status=AttemptStatus.PAID, open_flag=None, pi_id="pi_tampered")],
    )
    of_attempt = {"cause_type": "attempt", "cause_id": ident("attempt")}
    came, left = (other(minor, AccountKind.PROVIDER_CLEARING) for minor in (5, -6))
    write(session, [entry("pi_tampered:captured:5", came, receivable(-5), **of_attempt)])
    write(session, [entry("pi_tampered:refunded:6", left, receivable(6), kind="refund", **of_attempt)])


def line_reopened_by_more_than_was_paid(session: Session) -> None:
    write(session, [entry("out", other(-4_001), receivable(4_001), kind="refund")])


def credit_below_nothing(session: Session) -> None:
    debtor = LineRow(AccountKind.DEBTOR_CREDIT, 5, "CHF", claim_id=CLAIM)
    write(session, [entry("out", other(-5), debtor, kind="refund")])


def schedule_that_covers_less(session: Session) -> None:
    session.execute(
        insert(Plan).values(
            id=ident("tampered"), creditor_id=FIRM, claim_id=CLAIM, status=PlanStatus.AGREED, live_flag=True, day="1",
            covered=[], covered_minor=6_000, currency="CHF", notice_version="1", proposed_at=NOW,
        )
    )  # fmt: skip
    session.execute(
        insert(PlanInstalment),
        [
            {"plan_id": ident("tampered"), "creditor_id": FIRM, "number": n, "due": DAY, "amount_minor": minor}
            for n, minor in enumerate((3_000, 2_999), start=1)
        ],
    )


def mirror_before_its_entry(session: Session) -> None:
    original = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
    write(session, [entry("undo", receivable(4_000), other(-4_000), reverses_id=original, id=ident("tampered"))])
    session.execute(update(Entry).where(Entry.id == ident("tampered")).values(seq=-1))


def waiver_dated_back(session: Session) -> None:
    session.execute(
        insert(Waiver).values(
            id=ident("waiver"), creditor_id=FIRM, claim_id=CLAIM, position_id=POSITION, clerk_id=ident("firm clerk"),
            amount_minor=5, currency="CHF", note_code="goodwill", waived_at=NOW,
        )
    )  # fmt: skip
    written_off = LineRow(AccountKind.WRITEOFF, 5, "CHF", claim_id=CLAIM)
    yesterday = DAY - timedelta(days=1)
    write(
        session,
        [
            entry("drop", receivable(-5), written_off, kind="waiver", cause_type="waiver", cause_id=ident("waiver"),
                  effective_on=yesterday, id=ident("tampered")),
        ],
    )  # fmt: skip


def interest_dated_back_by_the_system(session: Session) -> None:
    income = other(-5, AccountKind.INTEREST_INCOME)
    write(
        session,
        [
            entry("interest", receivable(5), income, kind="interest", cause_type="system", id=ident("tampered"),
                  effective_on=DAY - timedelta(days=1)),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def kept() -> Iterator[dict[str, Database]]:
    """One filled database per engine for all that is tampered with and not kept."""
    databases: dict[str, Database] = {}
    yield databases
    for database in databases.values():
        database.close()


@pytest.fixture
def shared(
    engine_name: str,
    kept: dict[str, Database],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Database:
    if engine_name not in kept:
        url = f"sqlite:///{tmp_path_factory.mktemp('tampered') / 'portal.db'}"
        if engine_name == "postgres":
            url = request.getfixturevalue("postgres").database(migrated)
        else:
            migrated(url)
        kept[engine_name] = Database(url)
        with kept[engine_name].writing() as session:
            fill(session)
    return kept[engine_name]


def difference_with_the_provider(session: Session) -> None:
    session.execute(
        insert(Compared).values(
            id=ident("finding"), creditor_id=FIRM, kind=FindingKind.DIFFERENCE, object_id="pi_tampered", minor=5,
            currency="CHF", since=NOW,
        )
    )  # fmt: skip


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
    (live_plan_without_its_flag, {Rule.FLAG_DIFFERS, Rule.SCHEDULE}),
    (ended_offer_that_is_live, {Rule.FLAG_DIFFERS}),
    (task_of_another_sum, {Rule.PROJECTION}),
    (credit_without_a_task, {Rule.PROJECTION}),
    (paid_attempt_without_money, {Rule.PROJECTION}),
    (expired_attempt_with_money, {Rule.PROJECTION}),
    (booking_of_another_sum, {Rule.PROJECTION}),
    (more_refunded_than_paid, {Rule.GIVEN_BACK}),
    (line_reopened_by_more_than_was_paid, {Rule.GIVEN_BACK}),
    (credit_below_nothing, {Rule.GIVEN_BACK}),
    (difference_with_the_provider, {Rule.PROVIDER}),
    (schedule_that_covers_less, {Rule.SCHEDULE}),
    (mirror_before_its_entry, {Rule.ORDER}),
    (waiver_dated_back, {Rule.BACK_DATED}),
    (interest_dated_back_by_the_system, {Rule.BACK_DATED}),
]
#: What stands in the offending row where it is not the row made above.
ROWS: dict[Callable[[Session], None], str] = {
    credit_without_a_task: str(CLAIM),
    credit_below_nothing: str(CLAIM),
    more_refunded_than_paid: "pi_tampered",
    difference_with_the_provider: "pi_tampered",
    line_reopened_by_more_than_was_paid: str(POSITION),
}
NEWER = TAMPERED[[made for made, _ in TAMPERED].index(task_of_another_sum) :]


def test_a_true_ledger_has_no_findings(filled: Database) -> None:
    with filled.writing() as session:
        original = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
        write(session, [entry("undo", receivable(4_000), other(-4_000), reverses_id=original), paid("rest", 10_000)])
        write(session, [entry("own", other(1), other(-1, AccountKind.CREDITOR_PAYABLE), cause_type=CauseType.SYSTEM)])
        session.execute(update(Claim).where(Claim.id == CLAIM).values(status=ClaimStatus.SETTLED))
        session.execute(insert(PaymentAttempt), [attempt()])
    with filled.reading() as session:
        assert verify(session) == []


@pytest.mark.parametrize(("tamper", "rules"), TAMPERED, ids=[tamper.__name__ for tamper, _ in TAMPERED])
def test_what_was_tampered_with_is_found(shared: Database, tamper: Callable[[Session], None], rules: set[Rule]) -> None:
    with tampering(shared) as session:
        tamper(session)
        guard_again(session)
        findings = verify(session)
    assert {finding.rule for finding in findings} == rules
    if (tamper, rules) in NEWER:
        named = ROWS.get(tamper, str(ident("tampered")))
        assert {finding.subject_id for finding in findings} == {named}


def test_every_cause_is_looked_for_and_may_or_may_not_date_back() -> None:
    """A new kind of cause needs a place in both tables, so that L6 and L12 mean it too."""
    assert set(CAUSES) == set(CauseType)
    assert set(BACK_DATED) == set(CauseType)


def test_every_rule_has_a_row_that_breaks_it() -> None:
    shown = set().union(*(rules for _, rules in TAMPERED))
    assert set(Rule) - shown == {Rule.GUARD_MISSING, Rule.TWICE, Rule.REVERSED_TWICE}  # each in a test of its own


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
    assert found(filled) == {Rule.TWICE, Rule.REVERSED_TWICE, Rule.GIVEN_BACK}


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
