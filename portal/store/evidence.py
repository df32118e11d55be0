"""What a claim rests on: the documents that the creditor shows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, Uuid, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.store.attachments import Attachment
from portal.store.database import Table


class Evidence(Table):
    __tablename__ = "evidence"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    attachment_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    with_letter: Mapped[bool] = mapped_column(default=False)
    number: Mapped[int]
    added_at: Mapped[datetime]

    attachment: Mapped[Attachment] = relationship(Attachment, viewonly=True)

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "attachment_id"], ["attachment.creditor_id", "attachment.id"]),
        Index("ix_evidence_claim", "creditor_id", "claim_id"),
    )


ON_CLAIM = (
    select(Evidence, Attachment)
    .join(
        Attachment,
        (Attachment.id == Evidence.attachment_id) & (Attachment.creditor_id == Evidence.creditor_id),
    )
    .where(
        Evidence.creditor_id == bindparam("creditor_id", type_=Uuid()),
        Evidence.claim_id == bindparam("claim_id", type_=Uuid()),
    )
    .order_by(Evidence.number)
)
WITH_LETTER = ON_CLAIM.where(Evidence.with_letter.is_(True))


def evidence_on(
    session: Session, creditor_id: UUID, claim_id: UUID, *, with_letter_only: bool = False
) -> list[tuple[Evidence, Attachment]]:
    """The documents of a claim with their files; in room 1 only those marked "with the letter"."""
    found = session.execute(
        WITH_LETTER if with_letter_only else ON_CLAIM, {"creditor_id": creditor_id, "claim_id": claim_id}
    )
    return [(row[0], row[1]) for row in found]


def evidence_at(session: Session, creditor_id: UUID, claim_id: UUID, evidence_id: UUID) -> Evidence | None:
    """This document of this claim."""
    return session.scalar(
        select(Evidence).where(
            Evidence.creditor_id == creditor_id, Evidence.claim_id == claim_id, Evidence.id == evidence_id
        )
    )


def next_number(session: Session, creditor_id: UUID, claim_id: UUID) -> int:
    """The number that the next document of a claim gets; the first is 1."""
    last = session.scalar(
        select(func.max(Evidence.number)).where(Evidence.creditor_id == creditor_id, Evidence.claim_id == claim_id)
    )
    return int(last or 0) + 1
