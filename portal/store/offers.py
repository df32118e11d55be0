"""Goodwill: dated offers and waived lines; tables and SELECTs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from portal.rules.claims import ClaimStatus
from portal.rules.ledger import PAID
from portal.rules.offers import OfferStatus
from portal.rules.payments import AccountKind, EntryKind
from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.ledger import Account, Entry, Posting
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

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "position_id"], ["position.creditor_id", "position.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_waiver_claim", "creditor_id", "claim_id"),
        CheckConstraint("amount_minor > 0", "amount"),
    )


#: The table, not the class: a class can only be doubled once the modules of all its relatives are loaded.
Mirrored = Entry.__table__.alias("mirrored")
#: The day on which money counts: a mirror entry counts on the day of what it takes back.
valued_on = func.coalesce(Mirrored.c.effective_on, Entry.effective_on)
#: Money that has left again counts against an offer whenever it left.
GONE_BACK = frozenset({EntryKind.CHARGEBACK, EntryKind.REFUND})


def _came_in(creditor_id: UUID, claim_id: UUID, *columns: Any) -> Select[Any]:
    """What was paid on a claim and what went back, posting by posting."""
    return (
        select(*columns)
        .select_from(Posting)
        .join(Account, Account.id == Posting.account_id)
        .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .outerjoin(Mirrored, (Mirrored.c.creditor_id == Entry.creditor_id) & (Mirrored.c.id == Entry.reverses_id))
        .where(Account.creditor_id == creditor_id, Account.claim_id == claim_id, Entry.kind.in_(sorted(PAID)))
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
    """What came in since the offer was made with a value date inside its days, less what went back; minor units.

    What stands to the debtor's credit counts too: it came in for this claim.
    """
    found = session.scalar(
        _came_in(offer.creditor_id, offer.claim_id, func.coalesce(func.sum(-Posting.amount_minor), 0)).where(
            Account.kind.in_((AccountKind.RECEIVABLE.value, AccountKind.DEBTOR_CREDIT.value)),
            Entry.recorded_at >= offer.made_at,
            (valued_on <= offer.until_on) | Entry.kind.in_(sorted(GONE_BACK)),
        )
    )
    return int(found or 0)


def paid_by_line(
    session: Session,
    creditor_id: UUID,
    claim_id: UUID,
    *,
    after: date | None = None,
    within: tuple[date, date] | None = None,
) -> dict[UUID, int]:
    """What stands on each line as paid with a value date after this day, or within these days; minor units, > 0."""
    query = (
        _came_in(creditor_id, claim_id, Account.position_id, func.sum(-Posting.amount_minor))
        .where(Account.kind == AccountKind.RECEIVABLE)
        .group_by(Account.position_id)
    )
    if after is not None:
        query = query.where(valued_on > after)
    if within is not None:
        query = query.where(valued_on >= within[0], valued_on <= within[1])
    return {
        position_id: int(minor)
        for position_id, minor in session.execute(query)
        if position_id is not None and minor is not None and minor > 0
    }


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
