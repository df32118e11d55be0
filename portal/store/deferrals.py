"""Later dates that were asked for or granted; table and SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.deferrals import LIVE, DeferralStatus
from portal.store.database import Table

STATUSES = ", ".join(f"'{status}'" for status in DeferralStatus)


class Deferral(Table):
    __tablename__ = "deferral"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    until_on: Mapped[date]
    notice_version: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    clerk_id: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_deferral_claim", "creditor_id", "claim_id"),
        CheckConstraint(f"status IN ({STATUSES})", "status"),
    )


def deferrals_of(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Deferral]:
    """All deferrals of a claim, the newest first."""
    return list(
        session.scalars(
            select(Deferral)
            .where(Deferral.creditor_id == creditor_id, Deferral.claim_id == claim_id)
            .order_by(Deferral.asked_at.desc(), Deferral.id)
        )
    )


def deferral_at(session: Session, creditor_id: UUID, claim_id: UUID, deferral_id: UUID) -> Deferral | None:
    """This deferral of this claim."""
    return session.scalar(
        select(Deferral).where(
            Deferral.creditor_id == creditor_id, Deferral.claim_id == claim_id, Deferral.id == deferral_id
        )
    )


def live_deferral(session: Session, creditor_id: UUID, claim_id: UUID) -> Deferral | None:
    """The newest deferral of a claim that is asked for or granted."""
    return session.scalar(
        select(Deferral)
        .where(
            Deferral.creditor_id == creditor_id, Deferral.claim_id == claim_id, Deferral.status.in_(sorted(LIVE))
        )
        .order_by(Deferral.asked_at.desc(), Deferral.id)
        .limit(1)
    )


def claims_with_live_deferrals(session: Session, creditor_id: UUID) -> list[UUID]:
    """The claims of a creditor with a deferral that is asked for or granted, in the order of their ids."""
    return list(
        session.scalars(
            select(Deferral.claim_id)
            .where(Deferral.creditor_id == creditor_id, Deferral.status.in_(sorted(LIVE)))
            .distinct()
            .order_by(Deferral.claim_id)
        )
    )
