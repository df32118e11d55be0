"""What happened, in the order it happened; events are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKeyConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.history import EventKind
from portal.store.database import Sequence, Table


class Event(Table):
    """One fact about a claim; `details` hold enum members, ids, days and minor units, never personal text."""

    __tablename__ = "event"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    clerk_id: Mapped[UUID | None]
    signed_in_id: Mapped[UUID | None]
    internal: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (
        UniqueConstraint("creditor_id", "seq"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_event_claim", "creditor_id", "claim_id", "seq"),
    )


def said_before(session: Session, creditor_id: UUID, claim_id: UUID, subject_id: UUID, op: UUID) -> bool:
    """Whether this very click (`op`) was already written down about this thing: a double click, not a second wish."""
    found = session.scalars(
        select(Event.details).where(
            Event.creditor_id == creditor_id, Event.claim_id == claim_id, Event.subject_id == subject_id
        )
    )
    return any(details.get("op") == str(op) for details in found)


def told_in_session(session: Session, creditor_id: UUID, claim_id: UUID, signed_in_id: UUID) -> bool:
    """Whether this very session said that the payment is on its way."""
    found = session.scalar(
        select(Event.seq)
        .where(
            Event.creditor_id == creditor_id,
            Event.claim_id == claim_id,
            Event.signed_in_id == signed_in_id,
            Event.kind == EventKind.PAYMENT_TOLD.value,
        )
        .limit(1)
    )
    return found is not None


def done_in_session(session: Session, creditor_id: UUID, claim_id: UUID, subject_id: UUID, signed_in_id: UUID) -> bool:
    """Whether this very session did something to this thing; room 1 may see that and no more (`decisions.md` 1)."""
    found = session.scalar(
        select(Event.seq)
        .where(
            Event.creditor_id == creditor_id,
            Event.claim_id == claim_id,
            Event.subject_id == subject_id,
            Event.signed_in_id == signed_in_id,
        )
        .limit(1)
    )
    return found is not None
