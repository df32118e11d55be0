"""Goodwill: dated offers and waived lines; tables and SELECTs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from portal.rules.claims import ClaimStatus
from portal.rules.offers import OfferStatus
from portal.rules.payments import NoteCode
from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.letters import Letter, LetterClaim
from portal.store.people import Debtor

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
    #: The day from which the sum stands still for the offer; None: not known, so nothing stands still.
    made_on: Mapped[date | None]
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


#: An offer holds the claim's sum in its days, unless it was taken back before anybody read it (`decisions.md` 19).
HOLDS = Offer.made_on.is_not(None) & (Offer.status != OfferStatus.WITHDRAWN.value)


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
    #: The line is owed again, because the money that had earned this left; a mirror stands in the ledger.
    undone_at: Mapped[datetime | None]

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
        select(Offer).where(Offer.creditor_id == creditor_id, Offer.claim_id == claim_id, Offer.live_flag.is_(True))
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


def earned_waivers(
    session: Session, creditor_id: UUID, claim_id: UUID, note: NoteCode, offer_id: UUID | None
) -> list[Waiver]:
    """The waived lines that money had earned for this reason and that are not owed again."""
    return [
        one
        for one in waivers_of(session, creditor_id, claim_id)
        if one.note_code == note and one.offer_id == offer_id and one.undone_at is None
    ]


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


def taken_offers(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Offer]:
    """The offers of a claim that were kept, the oldest first."""
    return list(
        session.scalars(
            select(Offer)
            .where(
                Offer.creditor_id == creditor_id, Offer.claim_id == claim_id, Offer.status == OfferStatus.TAKEN.value
            )
            .order_by(Offer.made_at)
        )
    )


def first_letter_on(session: Session, creditor_id: UUID, claim_id: UUID) -> date | None:
    """The date of the first letter that names this claim; None: it was never written about."""
    return session.scalar(
        select(func.min(Letter.dated_on))
        .join(LetterClaim, (LetterClaim.letter_id == Letter.id) & (LetterClaim.creditor_id == Letter.creditor_id))
        .where(LetterClaim.creditor_id == creditor_id, LetterClaim.claim_id == claim_id)
    )


def claims_for_offers(
    session: Session, creditor_id: UUID, *, currency: str, language: str, invoiced_until: date, limit: int
) -> list[Claim]:
    """The running claims in this currency with an invoice of this day or before, those without an offer first.

    An empty `language` means all of them.
    """
    live = (
        select(Offer.id)
        .where(Offer.creditor_id == Claim.creditor_id, Offer.claim_id == Claim.id, Offer.live_flag.is_(True))
        .exists()
    )
    query = (
        select(Claim)
        .options(joinedload(Claim.debtor))
        .where(
            Claim.creditor_id == creditor_id,
            Claim.undone_at.is_(None),
            Claim.status.in_((ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value)),
            Claim.currency == currency,
            Claim.invoice_on <= invoiced_until,
        )
        .order_by(live, Claim.invoice_on, Claim.id)
        .limit(limit)
    )
    if language:
        query = query.join(Debtor, (Debtor.id == Claim.debtor_id) & (Debtor.creditor_id == Claim.creditor_id)).where(
            Debtor.language == language
        )
    return list(session.scalars(query))


def own_claims(session: Session, creditor_id: UUID, claim_ids: Collection[UUID]) -> set[UUID]:
    """Which of these claims are this creditor's."""
    return set(
        session.scalars(
            select(Claim.id).where(
                Claim.creditor_id == creditor_id, Claim.undone_at.is_(None), Claim.id.in_(sorted(claim_ids))
            )
        )
    )


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
        select(Waiver).where(Waiver.creditor_id == creditor_id, Waiver.claim_id == claim_id, Waiver.id == waiver_id)
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
