"""People who can pay nothing now, and what they need; table and SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.hardship import LIVE, HardshipStatus
from portal.rules.history import ActorKind, EventKind
from portal.store.database import Table
from portal.store.history import Event

STATUSES = ", ".join(f"'{status}'" for status in HardshipStatus)


class Hardship(Table):
    __tablename__ = "hardship"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    needs: Mapped[list[str]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    until_on: Mapped[date]
    proof_accepted: Mapped[bool] = mapped_column(default=False)
    signed_in_id: Mapped[UUID | None]
    clerk_id: Mapped[UUID | None]
    told_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_hardship_claim", "creditor_id", "claim_id"),
        CheckConstraint(f"status IN ({STATUSES})", "status"),
    )


def hardships_of(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Hardship]:
    """Everything the person told about not being able to pay, the newest first."""
    return list(
        session.scalars(
            select(Hardship)
            .where(Hardship.creditor_id == creditor_id, Hardship.claim_id == claim_id)
            .order_by(Hardship.told_at.desc(), Hardship.id)
        )
    )


def hardship_at(session: Session, creditor_id: UUID, claim_id: UUID, hardship_id: UUID) -> Hardship | None:
    """This matter of this claim."""
    return session.scalar(
        select(Hardship).where(
            Hardship.creditor_id == creditor_id, Hardship.claim_id == claim_id, Hardship.id == hardship_id
        )
    )


def live_hardship(session: Session, creditor_id: UUID, claim_id: UUID) -> Hardship | None:
    """The matter that is still open or accepted on this claim."""
    return session.scalar(
        select(Hardship)
        .where(
            Hardship.creditor_id == creditor_id, Hardship.claim_id == claim_id, Hardship.status.in_(sorted(LIVE))
        )
        .order_by(Hardship.told_at.desc(), Hardship.id)
        .limit(1)
    )


def claims_with_live_hardships(session: Session, creditor_id: UUID) -> list[UUID]:
    """The claims of a creditor on which such a matter is live, in the order of their ids."""
    return list(
        session.scalars(
            select(Hardship.claim_id)
            .where(Hardship.creditor_id == creditor_id, Hardship.status.in_(sorted(LIVE)))
            .distinct()
            .order_by(Hardship.claim_id)
        )
    )


def question_asked(session: Session, matter: Hardship) -> bool:
    """Whether the person was already asked how things are before this very end of the pause."""
    asked = session.scalars(
        select(Event.details).where(
            Event.creditor_id == matter.creditor_id,
            Event.claim_id == matter.claim_id,
            Event.subject_id == matter.id,
            Event.kind == EventKind.HARDSHIP_ASKED,
            Event.actor == ActorKind.SYSTEM,
        )
    )
    return any(details.get("until") == matter.until_on.isoformat() for details in asked)
