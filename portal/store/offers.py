"""Goodwill: dated offers and waived lines; tables and SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.ledger import PAID
from portal.rules.offers import OfferStatus
from portal.rules.payments import AccountKind
from portal.store.database import Table
from portal.store.ledger import Account, Entry, Posting

STATUSES = ", ".join(f"'{status}'" for status in OfferStatus)


class Offer(Table):
    """Pay this sum by that day and the rest is dropped; signed with a clerk's name."""

    __tablename__ = "offer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    clerk_id: Mapped[UUID]
    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    live_flag: Mapped[bool | None]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    owed_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    until_on: Mapped[date]
    on_letter: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index(
            "uq_offer_live",
            "creditor_id",
            "claim_id",
            unique=True,
            sqlite_where=text("live_flag IS NOT NULL"),
            postgresql_where=text("live_flag IS NOT NULL"),
        ),
        CheckConstraint(f"status IN ({STATUSES})", "status"),
        CheckConstraint("amount_minor > 0 AND amount_minor < owed_minor", "amount"),
        CheckConstraint("live_flag IS NULL OR live_flag", "live_flag"),
    )


class Waiver(Table):
    """A line or part of it that a clerk dropped; a minus line with a name, never an edited amount."""

    __tablename__ = "waiver"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    position_id: Mapped[UUID]
    clerk_id: Mapped[UUID | None]
    offer_id: Mapped[UUID | None]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    note_code: Mapped[str]
    waived_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "position_id"], ["position.creditor_id", "position.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_waiver_claim", "creditor_id", "claim_id"),
        CheckConstraint("amount_minor > 0", "amount"),
    )


def live_offer(session: Session, creditor_id: UUID, claim_id: UUID) -> Offer | None:
    """The one offer that stands on a claim."""
    return session.scalar(
        select(Offer).where(
            Offer.creditor_id == creditor_id, Offer.claim_id == claim_id, Offer.live_flag.is_(True)
        )
    )


def offer_at(session: Session, creditor_id: UUID, claim_id: UUID, offer_id: UUID) -> Offer | None:
    """This offer on this claim."""
    return session.scalar(
        select(Offer).where(Offer.creditor_id == creditor_id, Offer.claim_id == claim_id, Offer.id == offer_id)
    )


def waivers_of(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Waiver]:
    """All waived lines of a claim, in the order of waiving."""
    return list(
        session.scalars(
            select(Waiver)
            .where(Waiver.creditor_id == creditor_id, Waiver.claim_id == claim_id)
            .order_by(Waiver.waived_at)
        )
    )


def offers_that_may_count(session: Session, creditor_id: UUID, claim_id: UUID, value_on: date) -> list[Offer]:
    """The offers that money with this value date may still take, the oldest first; known late is not paid late."""
    return list(
        session.scalars(
            select(Offer)
            .where(
                Offer.creditor_id == creditor_id,
                Offer.claim_id == claim_id,
                Offer.status.in_((OfferStatus.LIVE.value, OfferStatus.EXPIRED.value)),
                Offer.until_on >= value_on,
            )
            .order_by(Offer.made_at)
        )
    )


def paid_for(session: Session, offer: Offer) -> int:
    """What came in since the offer was made with a value date inside its days, less what went back; minor units."""
    found = session.scalar(
        select(func.coalesce(func.sum(-Posting.amount_minor), 0))
        .join(Account, Account.id == Posting.account_id)
        .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .where(
            Account.creditor_id == offer.creditor_id,
            Account.claim_id == offer.claim_id,
            Account.kind == AccountKind.RECEIVABLE,
            Entry.kind.in_(sorted(PAID)),
            Entry.recorded_at >= offer.made_at,
            Entry.effective_on <= offer.until_on,
        )
    )
    return int(found or 0)


def offers_over(session: Session, creditor_id: UUID, today: date) -> list[Offer]:
    """The live offers of a creditor whose last day is over."""
    return list(
        session.scalars(
            select(Offer)
            .where(Offer.creditor_id == creditor_id, Offer.live_flag.is_(True), Offer.until_on < today)
            .order_by(Offer.claim_id)
        )
    )


def waiver_at(session: Session, creditor_id: UUID, claim_id: UUID, waiver_id: UUID) -> Waiver | None:
    """This waiver on this claim."""
    return session.scalar(
        select(Waiver).where(
            Waiver.creditor_id == creditor_id, Waiver.claim_id == claim_id, Waiver.id == waiver_id
        )
    )


def waived_by(session: Session, creditor_id: UUID, claim_id: UUID, clerk_id: UUID) -> int:
    """What this clerk has dropped on this claim so far without an offer, in minor units."""
    found = session.scalar(
        select(func.coalesce(func.sum(Waiver.amount_minor), 0)).where(
            Waiver.creditor_id == creditor_id,
            Waiver.claim_id == claim_id,
            Waiver.clerk_id == clerk_id,
            Waiver.offer_id.is_(None),
        )
    )
    return int(found or 0)
