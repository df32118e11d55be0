"""Money that goes back: each refund with who asked for it, who agreed, and how far it got; then its SELECTs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.payments import AccountKind, AttemptStatus
from portal.rules.refunds import PENDING, RefundReason, RefundStatus, RefundWay
from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.ledger import Entry, Posting, account_id, booked_for, credit_of
from portal.store.payments import PaymentAttempt, attempts_of


def _words(kind: Collection[str]) -> str:
    return ", ".join(f"'{word}'" for word in kind)


class Refund(Table):
    """One refund; `alone` is true where its sum needed no second person (`decisions.md` 9)."""

    __tablename__ = "refund"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    attempt_id: Mapped[UUID | None]
    way: Mapped[str]
    status: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    reason: Mapped[str]
    value_on: Mapped[date | None]
    alone: Mapped[bool]
    requested_by: Mapped[UUID]
    requested_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(unique=True)
    failure: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "attempt_id"], ["payment_attempt.creditor_id", "payment_attempt.id"]),
        ForeignKeyConstraint(["creditor_id", "requested_by"], ["clerk.creditor_id", "clerk.id"]),
        ForeignKeyConstraint(["creditor_id", "decided_by"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_refund_claim", "creditor_id", "claim_id"),
        Index("ix_refund_status", "creditor_id", "status"),
        CheckConstraint(f"status IN ({_words(list(RefundStatus))})", "status"),
        CheckConstraint(f"way IN ({_words(list(RefundWay))})", "way"),
        CheckConstraint(f"reason IN ({_words(list(RefundReason))})", "reason"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("(way = 'original') = (attempt_id IS NOT NULL)", "attempt"),
        CheckConstraint("(way = 'transfer') = (value_on IS NOT NULL)", "value_on"),
        CheckConstraint("alone OR decided_by IS NULL OR decided_by <> requested_by OR status = 'declined'", "second"),
    )


@dataclass(frozen=True, slots=True)
class Returnable:
    """One payment through the provider, and how much of it can still go back, in minor units."""

    attempt: PaymentAttempt
    left_minor: int


def refund_at(session: Session, creditor_id: UUID, claim_id: UUID, refund_id: UUID) -> Refund | None:
    """This refund of this claim, read anew."""
    return session.scalar(
        select(Refund)
        .where(Refund.creditor_id == creditor_id, Refund.claim_id == claim_id, Refund.id == refund_id)
        .execution_options(populate_existing=True)
    )


def refund_by_id(session: Session, refund_id: UUID) -> Refund | None:
    """The refund, read anew; for the worker, which works for all creditors."""
    return session.scalar(
        select(Refund).where(Refund.id == refund_id).execution_options(populate_existing=True)
    )


def refunds_of(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Refund]:
    """All refunds of a claim, the newest first."""
    return list(
        session.scalars(
            select(Refund)
            .where(Refund.creditor_id == creditor_id, Refund.claim_id == claim_id)
            .order_by(Refund.requested_at.desc(), Refund.id)
        )
    )


def refunds_of_attempt(session: Session, creditor_id: UUID, attempt_id: UUID) -> list[Refund]:
    """All refunds of one payment, read anew."""
    return list(
        session.scalars(
            select(Refund)
            .where(Refund.creditor_id == creditor_id, Refund.attempt_id == attempt_id)
            .execution_options(populate_existing=True)
        )
    )


def returnable(session: Session, claim: Claim, *, besides: UUID | None = None) -> list[Returnable]:
    """The claim's payments of which something can still go back: received, less given and taken back and promised.

    `besides` leaves one refund out of what is promised, for the moment in which it is decided.
    """
    found = []
    for attempt in attempts_of(session, claim.creditor_id, claim.id):
        if attempt.status == AttemptStatus.PAID and attempt.pi_id is not None:
            booked = sum(
                booked_for(session, claim.creditor_id, f"{attempt.pi_id}:{effect}", AccountKind.PROVIDER_CLEARING)
                for effect in ("captured", "refunded", "disputed")
            )
            promised = _promised(session, claim, besides, attempt_id=attempt.id)
            if booked > promised:
                found.append(Returnable(attempt, booked - promised))
    return found


def credit_left(session: Session, claim: Claim, *, besides: UUID | None = None) -> int:
    """The debtor's credit on this claim that no refund has been promised of, in minor units."""
    credit = credit_of(session, claim.creditor_id, claim.id, claim.currency)
    return max(0, credit - _promised(session, claim, besides))


def credit_from(session: Session, claim: Claim, day: date) -> int:
    """The least that the debtor's credit on this claim was at the end of this day or of a later one, in minor units."""
    days = session.execute(
        select(Entry.effective_on, func.sum(-Posting.amount_minor))
        .join(Posting, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .where(
            Posting.account_id
            == account_id(claim.creditor_id, AccountKind.DEBTOR_CREDIT, claim.currency, claim_id=claim.id)
        )
        .group_by(Entry.effective_on)
        .order_by(Entry.effective_on)
    ).all()
    before = sum(int(minor) for when, minor in days if when <= day)
    later = accumulate((int(minor) for when, minor in days if when > day), initial=before)
    return max(0, min(later))


def alone_by(session: Session, claim: Claim, clerk_id: UUID) -> int:
    """What this clerk has given back on this claim without a second person, in minor units."""
    found = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.creditor_id == claim.creditor_id,
            Refund.claim_id == claim.id,
            Refund.requested_by == clerk_id,
            Refund.alone.is_(True),
            Refund.status.not_in((RefundStatus.FAILED.value, RefundStatus.REVERSED.value)),
        )
    )
    return int(found or 0)


def _promised(session: Session, claim: Claim, besides: UUID | None, *, attempt_id: UUID | None = None) -> int:
    query = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.creditor_id == claim.creditor_id,
        Refund.claim_id == claim.id,
        Refund.status.in_(sorted(PENDING)),
    )
    if attempt_id is not None:
        query = query.where(Refund.attempt_id == attempt_id)
    if besides is not None:
        query = query.where(Refund.id != besides)
    return int(session.scalar(query) or 0)
