"""When a claim rests and why; table and SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.database import Table


class Pause(Table):
    """One reason to rest; a claim is paused while one of its pauses is open (`decisions.md` 28)."""

    __tablename__ = "pause"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    reason: Mapped[str]
    cause_id: Mapped[UUID | None]
    clerk_id: Mapped[UUID | None]
    text: Mapped[str] = mapped_column(default="")
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    stops_letters: Mapped[bool] = mapped_column(default=True)
    stops_costs: Mapped[bool] = mapped_column(default=True)
    stops_interest: Mapped[bool] = mapped_column(default=False)
    stops_steps: Mapped[bool] = mapped_column(default=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_pause_claim", "creditor_id", "claim_id"),
    )


class Turn(Table):
    """A stretch in which the debtor waited for the creditor, first and last day counted; no interest accrues in it."""

    __tablename__ = "turn"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_turn_claim", "creditor_id", "claim_id"),
        Index(
            "uq_turn_open",
            "creditor_id",
            "claim_id",
            unique=True,
            sqlite_where=text("until_on IS NULL"),
            postgresql_where=text("until_on IS NULL"),
        ),
    )


def open_turn(session: Session, creditor_id: UUID, claim_id: UUID) -> Turn | None:
    """The stretch in which the debtor waits now."""
    return session.scalar(
        select(Turn).where(Turn.creditor_id == creditor_id, Turn.claim_id == claim_id, Turn.until_on.is_(None))
    )


def open_pauses(session: Session, creditor_id: UUID, claim_id: UUID, today: date) -> list[Pause]:
    """The pauses that rest on a claim on this day, the longest first."""
    return list(
        session.scalars(
            select(Pause)
            .where(
                Pause.creditor_id == creditor_id,
                Pause.claim_id == claim_id,
                Pause.ended_at.is_(None),
                or_(Pause.until_on.is_(None), Pause.until_on >= today),
            )
            .order_by(Pause.until_on.desc(), Pause.began_at)
        )
    )


def pauses_of_cause(session: Session, creditor_id: UUID, claim_id: UUID, cause_id: UUID) -> list[Pause]:
    """The open pauses that one plan, objection or suggestion began."""
    return list(
        session.scalars(
            select(Pause).where(
                Pause.creditor_id == creditor_id,
                Pause.claim_id == claim_id,
                Pause.cause_id == cause_id,
                Pause.ended_at.is_(None),
            )
        )
    )


def pause_at(session: Session, creditor_id: UUID, claim_id: UUID, pause_id: UUID) -> Pause | None:
    """This pause on this claim."""
    return session.scalar(
        select(Pause).where(Pause.creditor_id == creditor_id, Pause.claim_id == claim_id, Pause.id == pause_id)
    )
