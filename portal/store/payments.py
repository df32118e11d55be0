"""Attempts to pay, what the provider told us, and what the desk booked by hand."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.payments import LIVE, AttemptStatus
from portal.store.database import Sequence, Table

STATUSES = ", ".join(f"'{status}'" for status in AttemptStatus)


class PaymentAttempt(Table):
    """One try to pay at the provider; at most one per claim has its `open_flag` set (`decisions.md` 22, 24)."""

    __tablename__ = "payment_attempt"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    status: Mapped[str]
    open_flag: Mapped[bool | None]
    return_ref: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    stripe_account: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    session_url: Mapped[str | None]
    pi_id: Mapped[str | None] = mapped_column(unique=True)
    signed_in_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    object_version: Mapped[int] = mapped_column(default=0)
    #: When we heard that the payer's bank had decided against us: what it took does not come again.
    lost_at: Mapped[datetime | None]
    #: The lines that the payer named when paying (OR 86); None: the country's order.
    declared: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index(
            "uq_payment_attempt_open",
            "creditor_id",
            "claim_id",
            unique=True,
            sqlite_where=text("open_flag IS NOT NULL"),
            postgresql_where=text("open_flag IS NOT NULL"),
        ),
        Index("ix_payment_attempt_claim", "creditor_id", "claim_id"),
        CheckConstraint(f"status IN ({STATUSES})", "status"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("open_flag IS NULL OR open_flag", "open_flag"),
    )


class ProviderEvent(Table):
    """A verified event as it came in; the worker makes the ledger agree with the object it names."""

    __tablename__ = "provider_event"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    account: Mapped[str]
    livemode: Mapped[bool]
    type: Mapped[str]
    object_id: Mapped[str]
    created: Mapped[datetime]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    error: Mapped[str | None]

    __table_args__ = (
        Index("ix_provider_event_due", "state", "next_try_at"),
        CheckConstraint("state IN ('received', 'done', 'ignored')", "state"),
    )


class Booking(Table):
    """A payment that came another way and that a clerk booked by hand (`decisions.md` 23)."""

    __tablename__ = "booking"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    clerk_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    value_on: Mapped[date]
    source: Mapped[str]
    note_code: Mapped[str]
    dispute_id: Mapped[UUID | None]
    booked_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        CheckConstraint("amount_minor > 0", "amount"),
    )


def attempt_by_return_ref(session: Session, return_ref: str) -> PaymentAttempt | None:
    """The attempt whose return page stands under this unguessable reference."""
    return session.scalar(select(PaymentAttempt).where(PaymentAttempt.return_ref == return_ref))


def open_attempt(session: Session, creditor_id: UUID, claim_id: UUID) -> PaymentAttempt | None:
    """The one attempt of a claim that may still be paid."""
    return session.scalar(
        select(PaymentAttempt).where(
            PaymentAttempt.creditor_id == creditor_id,
            PaymentAttempt.claim_id == claim_id,
            PaymentAttempt.open_flag.is_(True),
        )
    )


def attempts_of(session: Session, creditor_id: UUID, claim_id: UUID) -> list[PaymentAttempt]:
    """All attempts on a claim, the newest first."""
    return list(
        session.scalars(
            select(PaymentAttempt)
            .where(PaymentAttempt.creditor_id == creditor_id, PaymentAttempt.claim_id == claim_id)
            .order_by(PaymentAttempt.created_at.desc())
        )
    )


def bookings_of(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Booking]:
    """All payments booked by hand on a claim, in the order of booking."""
    return list(
        session.scalars(
            select(Booking)
            .where(Booking.creditor_id == creditor_id, Booking.claim_id == claim_id)
            .order_by(Booking.booked_at)
        )
    )


def attempt_by_id(session: Session, attempt_id: UUID) -> PaymentAttempt | None:
    """The attempt, read anew."""
    return session.scalar(
        select(PaymentAttempt).where(PaymentAttempt.id == attempt_id).execution_options(populate_existing=True)
    )


def attempt_named(
    session: Session, creditor_id: UUID, *, attempt_id: UUID | None, session_id: str | None, pi_id: str | None
) -> PaymentAttempt | None:
    """The creditor's attempt that a provider's object names: by its page, its payment, or its own id."""
    query = select(PaymentAttempt).where(PaymentAttempt.creditor_id == creditor_id)
    for column, value in (
        (PaymentAttempt.session_id, session_id),
        (PaymentAttempt.pi_id, pi_id),
        (PaymentAttempt.id, attempt_id),
    ):
        if value is not None and (found := session.scalar(query.where(column == value))) is not None:
            return found
    return None


def attempts_to_ask(
    session: Session, *, older_than: datetime, not_asked_since: datetime, limit: int
) -> list[PaymentAttempt]:
    """Attempts that may still be paid and that nobody has asked the provider about for a while."""
    return list(
        session.scalars(
            select(PaymentAttempt)
            .where(
                PaymentAttempt.status.in_(sorted(LIVE)),
                or_(PaymentAttempt.created_at < older_than, PaymentAttempt.status == AttemptStatus.CLOSING),
                or_(PaymentAttempt.checked_at.is_(None), PaymentAttempt.checked_at < not_asked_since),
            )
            .order_by(PaymentAttempt.created_at)
            .limit(limit)
        )
    )


def add_event(session: Session, values: dict[str, object]) -> bool:
    """Put an event into the inbox; False if it is there already."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    added = session.execute(
        insert(ProviderEvent)
        .values(values)
        .on_conflict_do_nothing(index_elements=["event_id"])
        .returning(ProviderEvent.seq)
    )
    return added.first() is not None


def due_events(session: Session, now: datetime, limit: int) -> list[ProviderEvent]:
    """Events that wait for the worker, the oldest first."""
    return list(
        session.scalars(
            select(ProviderEvent)
            .where(ProviderEvent.state == "received", ProviderEvent.next_try_at <= now)
            .order_by(ProviderEvent.seq)
            .limit(limit)
        )
    )


def events_at(session: Session, seqs: list[int]) -> list[ProviderEvent]:
    """These events, read anew."""
    return list(
        session.scalars(
            select(ProviderEvent).where(ProviderEvent.seq.in_(seqs)).execution_options(populate_existing=True)
        )
    )


def booking_at(session: Session, creditor_id: UUID, claim_id: UUID, booking_id: UUID) -> Booking | None:
    """This booking of this claim."""
    return session.scalar(
        select(Booking).where(
            Booking.creditor_id == creditor_id, Booking.claim_id == claim_id, Booking.id == booking_id
        )
    )
