"""Which e-mails wait, went out or came to nothing, and which address waits for its code; tables and their SELECTs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.history import ActorKind, EventKind
from portal.rules.notices import NoticeKind, NoticeState
from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.history import Event
from portal.store.people import Debtor


class Notice(Table):
    """The outbox: one e-mail, written in the transaction of what it tells of, and what became of it.

    Neither text nor code stands here; the words are made when it goes out, always under the same Message-ID.
    """

    __tablename__ = "notice"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    kind: Mapped[str]
    debtor_id: Mapped[UUID | None]
    clerk_id: Mapped[UUID | None]
    claim_id: Mapped[UUID | None]
    address: Mapped[str]
    language: Mapped[str]
    #: Numbers that a clerk's mail says, or the id of the code's row; never personal text.
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: What is told only once, like a day's digest.
    once: Mapped[str | None] = mapped_column(unique=True)
    message_id: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    #: The moment from which the four hours of tries count.
    from_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_notice_debtor", "creditor_id", "debtor_id", "created_at"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'bounced', 'dropped')", "state"),
        CheckConstraint("(debtor_id IS NULL) <> (clerk_id IS NULL)", "whom"),
    )


class ContactCode(Table):
    """An address that a person gave and has not yet shown to be hers; the code itself is nowhere kept."""

    __tablename__ = "contact_code"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    debtor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    address: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_contact_code_debtor", "creditor_id", "debtor_id", "asked_at"),
    )


def notice_by_id(session: Session, notice_id: UUID, *, locked: bool = False) -> Notice | None:
    """This row of the outbox; the worker asks, so no creditor is named."""
    query = select(Notice).where(Notice.id == notice_id)
    return session.scalar(query.with_for_update() if locked else query)


def notice_once(session: Session, once: str) -> Notice | None:
    """What is told only once and was told, or waits."""
    return session.scalar(select(Notice).where(Notice.once == once))


def waiting_news(session: Session, creditor_id: UUID, debtor_id: UUID) -> Notice | None:
    """The news for this person that has not gone out yet."""
    return session.scalar(
        select(Notice)
        .where(
            Notice.creditor_id == creditor_id,
            Notice.debtor_id == debtor_id,
            Notice.kind == NoticeKind.NEWS.value,
            Notice.state == NoticeState.WAITING.value,
        )
        .limit(1)
    )


def last_news_at(session: Session, creditor_id: UUID, debtor_id: UUID) -> datetime | None:
    """When this person was last told that there is something."""
    return session.scalar(
        select(func.max(Notice.ended_at)).where(
            Notice.creditor_id == creditor_id,
            Notice.debtor_id == debtor_id,
            Notice.kind == NoticeKind.NEWS.value,
            Notice.state == NoticeState.SENT.value,
        )
    )


def old_notices_gone(session: Session, before: datetime) -> None:
    """Mails that ended before a moment, and codes asked for before it, are gone."""
    session.execute(delete(Notice).where(Notice.ended_at < before))
    session.execute(delete(ContactCode).where(ContactCode.asked_at < before))


def newest_code(session: Session, creditor_id: UUID, debtor_id: UUID) -> ContactCode | None:
    """The address that this person gave last."""
    return session.scalar(
        select(ContactCode)
        .where(ContactCode.creditor_id == creditor_id, ContactCode.debtor_id == debtor_id)
        .order_by(ContactCode.asked_at.desc(), ContactCode.id)
        .limit(1)
    )


def last_claim_of(session: Session, creditor_id: UUID, debtor_id: UUID) -> Claim | None:
    """The claim of this person on which something happened last."""
    return session.scalar(
        select(Claim)
        .where(Claim.creditor_id == creditor_id, Claim.debtor_id == debtor_id)
        .order_by(Claim.touched_at.desc(), Claim.id)
        .limit(1)
    )


def reader_of_mail(session: Session, debtor_id: UUID) -> Debtor | None:
    """Whose e-mails end with a page that names only this id; a keyed check has proved that we gave it out."""
    return session.get(Debtor, debtor_id)


#: What a person sends or agrees to; after the first of these she is asked how to be reached.
ACTS = (
    EventKind.PLAN_PROPOSED, EventKind.PLAN_AGREED, EventKind.PLAN_ACCEPTED, EventKind.DEFERRAL_PROPOSED,
    EventKind.DEFERRAL_GRANTED, EventKind.HARDSHIP_TOLD, EventKind.DISPUTE_RAISED, EventKind.MESSAGE_RECEIVED,
    EventKind.PAYMENT_TOLD,
)  # fmt: skip


def acted_once(session: Session, creditor_id: UUID, debtor_id: UUID) -> bool:
    """Whether this person has sent or agreed to something at exactly one moment so far."""
    moments = session.scalar(
        select(func.count(Event.at.distinct()))
        .join(Claim, (Claim.id == Event.claim_id) & (Claim.creditor_id == Event.creditor_id))
        .where(
            Event.creditor_id == creditor_id,
            Claim.debtor_id == debtor_id,
            Event.actor == ActorKind.DEBTOR.value,
            Event.kind.in_([kind.value for kind in ACTS]),
        )
    )
    return moments == 1
