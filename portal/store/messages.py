"""What people wrote to each other, and the desk's own notes; table and SELECTs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.messages import MessageKind
from portal.store.database import Table


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


def messages_of(session: Session, creditor_id: UUID, claim_id: UUID, *, notes: bool = False) -> list[Message]:
    """The conversation about a claim, the oldest first; notes only for the desk."""
    query = select(Message).where(Message.creditor_id == creditor_id, Message.claim_id == claim_id)
    if not notes:
        query = query.where(Message.kind == MessageKind.MESSAGE)
    return list(session.scalars(query.order_by(Message.sent_at, Message.id)))
