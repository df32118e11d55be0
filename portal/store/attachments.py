"""Which files people sent, in which state they are, and where their bytes lie."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.database import Table


class Attachment(Table):
    """A file on a claim: the sealed original, and after the worker's pass the clean copy that is served."""

    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    debtor_id: Mapped[UUID | None]
    clerk_id: Mapped[UUID | None]
    purpose: Mapped[str]
    subject_id: Mapped[UUID | None]
    name: Mapped[str]
    type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str]
    problem: Mapped[str | None]
    original_key: Mapped[str | None]
    ready_key: Mapped[str | None]
    ready_type: Mapped[str | None]
    ready_size: Mapped[int | None] = mapped_column(BigInteger)
    pages: Mapped[int | None]
    received_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_attachment_claim", "creditor_id", "claim_id"),
        Index("ix_attachment_subject", "creditor_id", "subject_id"),
        CheckConstraint("purpose IN ('draft', 'message', 'dispute', 'hardship', 'evidence', 'booking')", "purpose"),
        CheckConstraint("state IN ('received', 'ready', 'rejected', 'damaged')", "state"),
    )


def attachment_of(
    session: Session, *, creditor_id: UUID, attachment_id: UUID, debtor_id: UUID | None = None
) -> Attachment | None:
    """This file of this creditor; with `debtor_id` only if it stands on a claim of that person."""
    query = select(Attachment).where(Attachment.creditor_id == creditor_id, Attachment.id == attachment_id)
    if debtor_id is not None:
        query = query.where(Attachment.debtor_id == debtor_id)
    return session.scalar(query)


def attachments_on(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Attachment]:
    """Every sent file of a claim, in the order of arrival; drafts are left out."""
    return list(
        session.scalars(
            select(Attachment)
            .where(
                Attachment.creditor_id == creditor_id,
                Attachment.claim_id == claim_id,
                Attachment.purpose != "draft",
            )
            .order_by(Attachment.received_at, Attachment.id)
        )
    )


def drafts_on(session: Session, creditor_id: UUID, claim_id: UUID, debtor_id: UUID) -> list[Attachment]:
    """Files this person uploaded to this claim but has not sent yet."""
    return list(
        session.scalars(
            select(Attachment)
            .where(
                Attachment.creditor_id == creditor_id,
                Attachment.claim_id == claim_id,
                Attachment.debtor_id == debtor_id,
                Attachment.purpose == "draft",
            )
            .order_by(Attachment.received_at, Attachment.id)
        )
    )
