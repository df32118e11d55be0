"""Which files people sent, in which state they are, and where their bytes lie."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.attachments import FileProblem, FilePurpose, FileState
from portal.store.database import Table


class Attachment(Table):
    """A file on a claim: the sealed original, and after the worker's pass the clean copy that is served.

    `debtor_id` is always the claim's person; `clerk_id` is set where the desk uploaded it.
    """

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
        Index("ix_attachment_original", "creditor_id", "original_key"),
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


def drafts_of(
    session: Session, creditor_id: UUID, claim_id: UUID, *, clerk_id: UUID | None, now: datetime
) -> list[Attachment]:
    """What this clerk, or with None the debtor, uploaded to this claim, has not sent, and may still send."""
    return list(
        session.scalars(
            select(Attachment)
            .where(
                Attachment.creditor_id == creditor_id,
                Attachment.claim_id == claim_id,
                Attachment.purpose == FilePurpose.DRAFT,
                Attachment.expires_at > now,
                Attachment.clerk_id == clerk_id if clerk_id is not None else Attachment.clerk_id.is_(None),
            )
            .order_by(Attachment.received_at, Attachment.id)
        )
    )


def room_taken(session: Session, creditor_id: UUID, claim_id: UUID) -> tuple[int, int]:
    """How many files a claim holds, drafts included, and how many bytes they have."""
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).where(
            Attachment.creditor_id == creditor_id, Attachment.claim_id == claim_id
        )
    ).one()
    return int(row[0]), int(row[1])


def attachments_of(session: Session, creditor_id: UUID, subject_id: UUID) -> list[Attachment]:
    """The files that were sent with one message, objection or told hardship, in the order of arrival."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.creditor_id == creditor_id, Attachment.subject_id == subject_id)
            .order_by(Attachment.received_at, Attachment.id)
        )
    )


def forgotten_drafts(session: Session, now: datetime) -> list[Attachment]:
    """Uploaded files that nobody sent within their time, of every creditor; for the sweep only."""
    return list(
        session.scalars(
            select(Attachment).where(Attachment.purpose == FilePurpose.DRAFT, Attachment.expires_at <= now)
        )
    )


def known_keys(session: Session) -> set[str]:
    """Every key of the file store that a row knows, of every creditor; for the sweep only."""
    rows = session.execute(select(Attachment.original_key, Attachment.ready_key))
    return {key for row in rows for key in row if key is not None}


def found_infected(session: Session, before: datetime) -> list[Attachment]:
    """Refused files of every creditor with a virus in them that came before a moment; for the sweep only."""
    return list(
        session.scalars(
            select(Attachment).where(
                Attachment.problem == FileProblem.INFECTED,
                Attachment.original_key.is_not(None),
                Attachment.received_at < before,
            )
        )
    )


def attachment_at_work(session: Session, attachment_id: UUID) -> Attachment | None:
    """A sent file that was neither converted nor refused yet, of any creditor; for the worker only."""
    return session.scalar(
        select(Attachment)
        .where(
            Attachment.id == attachment_id,
            Attachment.state == FileState.RECEIVED,
            Attachment.purpose != FilePurpose.DRAFT,
        )
        .with_for_update()
    )


def same_bytes_done(session: Session, row: Attachment) -> Attachment | None:
    """Another file of this firm with the same stored bytes that the worker has gone through."""
    return session.scalar(
        select(Attachment)
        .where(
            Attachment.creditor_id == row.creditor_id,
            Attachment.original_key == row.original_key,
            Attachment.id != row.id,
            Attachment.state != FileState.RECEIVED,
        )
        .limit(1)
    )
