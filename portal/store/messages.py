"""What people wrote to each other, and the desk's own notes; table and SELECTs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.messages import MessageKind
from portal.store.database import Table
from portal.store.deferrals import Deferral
from portal.store.hardship import Hardship
from portal.store.people import Clerk
from portal.store.plans import Plan


class Message(Table):
    """A message to the other side, or a note that never leaves the desk."""

    __tablename__ = "message"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    kind: Mapped[str]
    debtor_id: Mapped[UUID | None]
    clerk_id: Mapped[UUID | None]
    signed_in_id: Mapped[UUID | None]
    text: Mapped[str]
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_message_claim", "creditor_id", "claim_id", "sent_at"),
        CheckConstraint("kind IN ('message', 'note')", "kind"),
        CheckConstraint("(debtor_id IS NULL) <> (clerk_id IS NULL)", "sender"),
        CheckConstraint("kind = 'message' OR clerk_id IS NOT NULL", "note"),
    )


def messages_of(
    session: Session, creditor_id: UUID, claim_id: UUID, *, notes: bool = False, only_session: UUID | None = None
) -> list[Message]:
    """The conversation about a claim, the oldest first; notes only for the desk, in room 1 this session's own words."""
    query = select(Message).where(Message.creditor_id == creditor_id, Message.claim_id == claim_id)
    if not notes:
        query = query.where(Message.kind == MessageKind.MESSAGE)
    if only_session is not None:
        query = query.where(Message.signed_in_id == only_session, Message.debtor_id.is_not(None))
    return list(session.scalars(query.order_by(Message.sent_at, Message.id)))


def clerk_names(session: Session, creditor_id: UUID) -> dict[UUID, str]:
    """Everybody who may have written for this firm, whether still there or not."""
    rows = session.execute(select(Clerk.id, Clerk.name).where(Clerk.creditor_id == creditor_id))
    return {row.id: row.name for row in rows}


def decision_words(session: Session, creditor_id: UUID, claim_id: UUID) -> dict[UUID, str]:
    """What clerks wrote with their decisions on suggestions and situations, by the id of what they decided."""
    found: dict[UUID, str] = {}
    for table in (Plan, Deferral, Hardship):
        rows = session.execute(
            select(table.id, table.reason).where(table.creditor_id == creditor_id, table.claim_id == claim_id)
        )
        found |= {row.id: row.reason for row in rows if row.reason}
    return found
