"""Do the ledger and what is kept beside it say the same: attempts, tasks, bookings, plans, days?

Rules L4, L5, L10 and L12 of `security.md` 3.3 as questions to the whole database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, literal_column, not_, or_, select
from sqlalchemy.orm import aliased

from portal.rules import payments, plans
from portal.rules.claims import ClaimStatus
from portal.rules.ledger import PAID
from portal.rules.offers import OfferStatus
from portal.rules.payments import AccountKind, AttemptStatus, CauseType, EntryKind
from portal.rules.reconciliation import FindingKind
from portal.store.claims import Claim
from portal.store.disputes import DisputeLine
from portal.store.ledger import Account, Entry, Posting
from portal.store.ledger_findings import AMOUNT, NOTHING, Question, Rule
from portal.store.offers import Offer
from portal.store.payments import Booking, PaymentAttempt
from portal.store.plans import Plan, PlanInstalment
from portal.store.reconciliation import Finding as Compared
from portal.store.today import Task

ALL = frozenset(EntryKind)
#: Which entries a cause may date before the day on which they were written (L12). A person who decides on a day, or a
#: plan that is kept on it, dates nothing back; the system only drops a small rest on the day of the money before it,
#: and books what Stripe's own books say on their day.
BACK_DATED: dict[CauseType, frozenset[EntryKind]] = {
    CauseType.CLAIM: ALL,
    CauseType.ATTEMPT: ALL,
    CauseType.BOOKING: ALL,
    CauseType.BANK: ALL,
    CauseType.WAIVER: frozenset(),
    CauseType.OFFER: ALL,
    CauseType.REFUND: ALL,
    CauseType.DISPUTE: ALL,
    CauseType.PLAN: frozenset(),
    CauseType.SYSTEM: frozenset({EntryKind.REST_DROPPED, EntryKind.FEE, EntryKind.SUSPENSE, EntryKind.PAYOUT}),
}

#: What such a finding is about: a claim with credit of which nobody was ever told.
CREDIT_WITHOUT_TASK = "credit without a task, claim"

OF_ENTRY = and_(Entry.creditor_id == Posting.creditor_id, Entry.id == Posting.entry_id)
OF_ACCOUNT = Account.id == Posting.account_id


def questions(dialect: str) -> Iterator[Question]:
    """Each rule with the rows that break it."""
    yield from _settled()
    yield from _flags()
    yield from _tasks()
    yield from _missing()
    yield from _attempts(dialect)
    yield from _bookings()
    yield from _given_back(dialect)
    yield from _provider()
    yield from _schedules()
    yield from _days()


def _settled() -> Iterator[Question]:
    yield (
        Rule.SETTLED_NOT_ZERO,
        "claim",
        select(Account.creditor_id, Account.claim_id, Account.currency, AMOUNT)
        .join(Posting, Posting.account_id == Account.id)
        .join(Claim, Claim.id == Account.claim_id)
        .where(Account.kind == AccountKind.RECEIVABLE, Claim.status == ClaimStatus.SETTLED)
        .group_by(Account.creditor_id, Account.claim_id, Account.currency, Account.id)
        .having(AMOUNT != 0),
    )


def _flags() -> Iterator[Question]:
    flags: tuple[tuple[str, Any, Any], ...] = (
        ("payment_attempt", PaymentAttempt.open_flag, PaymentAttempt.claim_id),
        ("plan", Plan.live_flag, Plan.claim_id),
        ("offer", Offer.live_flag, Offer.claim_id),
        ("dispute_line", DisputeLine.live_flag, DisputeLine.position_id),
    )
    for subject, flag, owner in flags:
        table = flag.class_
        yield (
            Rule.MORE_THAN_ONE_OPEN,
            subject,
            select(table.creditor_id, owner, NOTHING, func.count())
            .where(flag.is_not(None))
            .group_by(table.creditor_id, owner)
            .having(func.count() > 1),
        )
    for subject, flag, live in STATUSES:
        table = flag.class_
        yield (
            Rule.FLAG_DIFFERS,
            subject,
            select(table.creditor_id, table.id, NOTHING, NOTHING).where(
                table.status.in_(sorted(live)) != flag.is_not(None)
            ),
        )


#: Flags that repeat a status so that a unique index can hold them: the flag and the statuses in which it is set.
STATUSES: tuple[tuple[str, Any, frozenset[Any]], ...] = (
    ("payment_attempt", PaymentAttempt.open_flag, payments.LIVE),
    ("plan", Plan.live_flag, plans.LIVE),
    ("offer", Offer.live_flag, frozenset({OfferStatus.LIVE})),
)


def _tasks() -> Iterator[Question]:
    """What the desk is asked to give back is what stands on the debtor's credit."""
    credit = (
        select(Account.creditor_id, Account.claim_id, Account.currency, (-AMOUNT).label("minor"))
        .join(Posting, OF_ACCOUNT)
        .where(Account.kind == AccountKind.DEBTOR_CREDIT)
        .group_by(Account.creditor_id, Account.claim_id, Account.currency)
        .subquery()
    )
    asked = and_(Task.kind == "refund_credit", Task.claim_id.is_not(None))
    same = and_(credit.c.creditor_id == Task.creditor_id, credit.c.claim_id == Task.claim_id)
    stands = func.coalesce(credit.c.minor, 0)
    yield (
        Rule.PROJECTION,
        "task",
        select(Task.creditor_id, Task.id, credit.c.currency, stands)
        .outerjoin(credit, same)
        .where(asked, Task.done_at.is_(None), Task.details["minor"].as_integer() != stands),
    )
    yield (
        Rule.PROJECTION,
        CREDIT_WITHOUT_TASK,
        select(credit.c.creditor_id, credit.c.claim_id, credit.c.currency, credit.c.minor).where(
            credit.c.minor > 0, not_(exists().where(same, asked))
        ),
    )


def _missing() -> Iterator[Question]:
    """What the desk is told to ask for again is what went back without being there."""
    missing = (
        select(Entry.creditor_id, Entry.claim_id, AMOUNT.label("minor"))
        .join(Posting, OF_ENTRY)
        .join(Account, OF_ACCOUNT)
        .where(Account.kind == AccountKind.SUSPENSE, Entry.claim_id.is_not(None))
        .group_by(Entry.creditor_id, Entry.claim_id)
        .subquery()
    )
    same = and_(missing.c.creditor_id == Task.creditor_id, missing.c.claim_id == Task.claim_id)
    asked = Task.kind == "came_back_missing"
    stands = func.coalesce(missing.c.minor, 0)
    yield (
        Rule.PROJECTION,
        "task",
        select(Task.creditor_id, Task.id, NOTHING, stands)
        .outerjoin(missing, same)
        .where(asked, Task.done_at.is_(None), Task.details["minor"].as_integer() != stands),
    )
    yield (
        Rule.PROJECTION,
        "missing money without a task, claim",
        select(missing.c.creditor_id, missing.c.claim_id, NOTHING, missing.c.minor).where(
            missing.c.minor > 0, not_(exists().where(same, asked))
        ),
    )
    yield (
        Rule.GIVEN_BACK,
        "claim that made up for more than was missing",
        select(missing.c.creditor_id, missing.c.claim_id, NOTHING, missing.c.minor).where(missing.c.minor < 0),
    )


def _attempts(dialect: str) -> Iterator[Question]:
    """An attempt is paid if and only if its payment's money came in, on the claim or in suspense."""
    came = (
        select(Entry.creditor_id, object_of(dialect).label("pi"), AMOUNT.label("minor"))
        .join(Posting, OF_ENTRY)
        .join(Account, OF_ACCOUNT)
        .where(
            Account.kind == AccountKind.PROVIDER_CLEARING,
            Entry.kind.in_([EntryKind.PAYMENT, EntryKind.SUSPENSE]),
            Entry.reverses_id.is_(None),
        )
        .group_by(Entry.creditor_id, object_of(dialect))
        .subquery()
    )
    paid, money = PaymentAttempt.status == AttemptStatus.PAID, func.coalesce(came.c.minor, 0) > 0
    yield (
        Rule.PROJECTION,
        "payment_attempt",
        select(PaymentAttempt.creditor_id, PaymentAttempt.id, PaymentAttempt.currency, came.c.minor)
        .outerjoin(came, and_(came.c.creditor_id == PaymentAttempt.creditor_id, came.c.pi == PaymentAttempt.pi_id))
        .where(or_(and_(paid, not_(money)), and_(not_(paid), money))),
    )


def _bookings() -> Iterator[Question]:
    """What a clerk booked by hand stands in the ledger with its sum, and not at all if it was taken back."""
    mirror = aliased(Entry)
    stands = (
        select(Entry.creditor_id, Entry.cause_id, AMOUNT.label("minor"))
        .join(Posting, OF_ENTRY)
        .join(Account, OF_ACCOUNT)
        .where(
            Account.kind == AccountKind.BANK_CLEARING,
            Entry.cause_type == CauseType.BOOKING,
            Entry.reverses_id.is_(None),
            not_(exists().where(mirror.creditor_id == Entry.creditor_id, mirror.reverses_id == Entry.id)),
        )
        .group_by(Entry.creditor_id, Entry.cause_id)
        .subquery()
    )
    due = case((Booking.reversed_at.is_(None), Booking.amount_minor), else_=0)
    yield (
        Rule.PROJECTION,
        "booking",
        select(Booking.creditor_id, Booking.id, Booking.currency, stands.c.minor)
        .outerjoin(stands, and_(stands.c.creditor_id == Booking.creditor_id, stands.c.cause_id == Booking.id))
        .where(func.coalesce(stands.c.minor, 0) != due),
    )


def _given_back(dialect: str) -> Iterator[Question]:
    """L5: no payment gives back more than it brought, no line more than was paid on it, no credit more than it is."""
    payment = object_of(dialect)
    yield (
        Rule.GIVEN_BACK,
        "payment",
        select(Entry.creditor_id, payment, Posting.currency, AMOUNT)
        .join(Posting, OF_ENTRY)
        .join(Account, OF_ACCOUNT)
        .where(
            Account.kind == AccountKind.PROVIDER_CLEARING,
            Entry.kind != EntryKind.FEE,
            Entry.idem_key.startswith("pi\\_", escape="\\"),
        )
        .group_by(Entry.creditor_id, payment, Posting.currency)
        .having(AMOUNT < 0),
    )
    yield (
        Rule.GIVEN_BACK,
        "position",
        select(Account.creditor_id, Account.position_id, Account.currency, AMOUNT)
        .select_from(Account)
        .join(Posting, OF_ACCOUNT)
        .join(Entry, OF_ENTRY)
        .where(
            Account.kind == AccountKind.RECEIVABLE,
            Entry.kind.in_(sorted(PAID)),
            not_(and_(Entry.cause_type == CauseType.CLAIM, Entry.kind == EntryKind.ALLOCATION)),  # a credit note
        )
        .group_by(Account.creditor_id, Account.position_id, Account.currency)
        .having(AMOUNT > 0),
    )
    yield (
        Rule.GIVEN_BACK,
        "credit of claim",
        select(Account.creditor_id, Account.claim_id, Account.currency, AMOUNT)
        .join(Posting, OF_ACCOUNT)
        .where(Account.kind == AccountKind.DEBTOR_CREDIT)
        .group_by(Account.creditor_id, Account.claim_id, Account.currency)
        .having(AMOUNT > 0),
    )


def _provider() -> Iterator[Question]:
    """L9: a difference that the last comparison with the provider's own books has left, until it is explained."""
    yield (
        Rule.PROVIDER,
        "provider's object",
        select(Compared.creditor_id, Compared.object_id, Compared.currency, Compared.minor).where(
            Compared.kind == FindingKind.DIFFERENCE, Compared.done_at.is_(None)
        ),
    )


def _schedules() -> Iterator[Question]:
    """L10: the instalments that count add up to what the plan covers, to the Rappen."""
    total = func.coalesce(func.sum(PlanInstalment.amount_minor), 0)
    yield (
        Rule.SCHEDULE,
        "plan",
        select(Plan.creditor_id, Plan.id, Plan.currency, total - Plan.covered_minor)
        .outerjoin(PlanInstalment, and_(PlanInstalment.plan_id == Plan.id, PlanInstalment.round == Plan.round))
        .group_by(Plan.creditor_id, Plan.id, Plan.currency, Plan.covered_minor)
        .having(total != Plan.covered_minor),
    )


def _days() -> Iterator[Question]:
    """L12: a mirror stands behind what it mirrors, and only the causes that may do so date an entry back."""
    before = aliased(Entry)
    yield (
        Rule.ORDER,
        "entry",
        select(Entry.creditor_id, Entry.id, NOTHING, Entry.seq)
        .join(before, and_(before.creditor_id == Entry.creditor_id, before.id == Entry.reverses_id))
        .where(before.seq >= Entry.seq),
    )
    may = [
        and_(Entry.cause_type == cause, Entry.kind.in_(sorted(kinds)) if kinds != ALL else literal(True))
        for cause, kinds in BACK_DATED.items()
        if kinds
    ]
    yield (
        Rule.BACK_DATED,
        "entry",
        select(Entry.creditor_id, Entry.id, NOTHING, Entry.seq).where(
            Entry.effective_on < func.date(Entry.recorded_at), not_(or_(*may))
        ),
    )


def object_of(dialect: str) -> ColumnElement[str]:
    """The object that an entry's key names first: `pi_1` of `pi_1:captured:5000`; constants, so that rows can group."""
    colon: ColumnElement[str] = literal_column("':'")
    if dialect == "sqlite":
        ends = func.instr(Entry.idem_key, colon) - literal_column("1")
        return func.substr(Entry.idem_key, literal_column("1"), ends)
    return func.split_part(Entry.idem_key, colon, literal_column("1"))
