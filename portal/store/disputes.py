"""What people said is not right, and what was decided; tables and SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    bindparam,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.rules.disputes import LIVE, DisputeReason, DisputeStatus
from portal.store.database import Table

STATUSES = ", ".join(f"'{status}'" for status in DisputeStatus)
REASONS = ", ".join(f"'{reason}'" for reason in DisputeReason)


class Dispute(Table):
    __tablename__ = "dispute"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str]
    whole: Mapped[bool]
    text: Mapped[str] = mapped_column(default="")
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    paid_on: Mapped[date | None]
    signed_in_id: Mapped[UUID | None]
    clerk_id: Mapped[UUID | None]
    answer: Mapped[str] = mapped_column(default="")
    found_minor: Mapped[int | None] = mapped_column(BigInteger)
    found_on: Mapped[date | None]
    new_sum_minor: Mapped[int | None] = mapped_column(BigInteger)
    reopened: Mapped[bool] = mapped_column(default=False)
    raised_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    lines: Mapped[list[DisputeLine]] = relationship("DisputeLine", viewonly=True)

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_dispute_claim", "creditor_id", "claim_id"),
        CheckConstraint(f"status IN ({STATUSES})", "status"),
        CheckConstraint(f"reason IN ({REASONS})", "reason"),
    )


class DisputeLine(Table):
    """One line that an objection concerns; at most one live objection per line."""

    __tablename__ = "dispute_line"

    dispute_id: Mapped[UUID] = mapped_column(primary_key=True)
    position_id: Mapped[UUID] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID]
    live_flag: Mapped[bool | None]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "dispute_id"], ["dispute.creditor_id", "dispute.id"]),
        ForeignKeyConstraint(["creditor_id", "position_id"], ["position.creditor_id", "position.id"]),
        Index(
            "uq_dispute_line_live",
            "creditor_id",
            "position_id",
            unique=True,
            sqlite_where=text("live_flag IS NOT NULL"),
            postgresql_where=text("live_flag IS NOT NULL"),
        ),
        CheckConstraint("live_flag IS NULL OR live_flag", "live_flag"),
    )


def disputes_of(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Dispute]:
    """All objections to a claim, the newest first."""
    return list(
        session.scalars(
            select(Dispute)
            .where(Dispute.creditor_id == creditor_id, Dispute.claim_id == claim_id)
            .order_by(Dispute.raised_at.desc(), Dispute.id)
        )
    )


def dispute_at(session: Session, creditor_id: UUID, claim_id: UUID, dispute_id: UUID) -> Dispute | None:
    """This objection to this claim."""
    return session.scalar(
        select(Dispute).where(
            Dispute.creditor_id == creditor_id, Dispute.claim_id == claim_id, Dispute.id == dispute_id
        )
    )


#: Put together once, as it is asked for every sum of a claim.
DISPUTED = (
    select(DisputeLine.position_id)
    .join(Dispute, (Dispute.id == DisputeLine.dispute_id) & (Dispute.creditor_id == DisputeLine.creditor_id))
    .where(
        Dispute.creditor_id == bindparam("creditor"),
        Dispute.claim_id == bindparam("claim"),
        Dispute.status.in_(sorted(LIVE)),
    )
)


def disputed_lines(session: Session, creditor_id: UUID, claim_id: UUID) -> frozenset[UUID]:
    """The positions of a claim that a live objection concerns."""
    return frozenset(session.scalars(DISPUTED, {"creditor": creditor_id, "claim": claim_id}))


def lines_of(session: Session, dispute: Dispute) -> list[DisputeLine]:
    """The lines that an objection concerns, live or not."""
    return list(
        session.scalars(
            select(DisputeLine).where(
                DisputeLine.creditor_id == dispute.creditor_id, DisputeLine.dispute_id == dispute.id
            )
        )
    )


def live_disputes(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Dispute]:
    """The objections to a claim that nobody has decided yet, the oldest first."""
    return list(
        session.scalars(
            select(Dispute)
            .where(Dispute.creditor_id == creditor_id, Dispute.claim_id == claim_id, Dispute.status.in_(sorted(LIVE)))
            .order_by(Dispute.raised_at, Dispute.id)
        )
    )
