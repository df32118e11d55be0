"""What waits for the desk: tasks, and the reads behind the page Today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    cast,
    func,
    null,
    select,
    union_all,
)
from sqlalchemy import literal_column as word
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.deferrals import DeferralStatus
from portal.rules.disputes import DisputeStatus
from portal.rules.hardship import HardshipStatus
from portal.rules.history import ActorKind, EventKind
from portal.rules.plans import PlanStatus
from portal.rules.refunds import RefundStatus
from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.deferrals import Deferral
from portal.store.disputes import Dispute
from portal.store.hardship import Hardship
from portal.store.history import Event
from portal.store.messages import Message
from portal.store.people import Clerk, Debtor
from portal.store.plans import Plan, PlanInstalment
from portal.store.refunds import Refund


class Task(Table):
    """Something a clerk has to do or to know that no other row shows, like money to give back."""

    __tablename__ = "task"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    claim_id: Mapped[UUID | None]
    kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    since: Mapped[datetime]
    due_on: Mapped[date | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_task_open", "creditor_id", "done_at"),
    )


def task_since(
    session: Session, creditor_id: UUID, kind: str, subject_id: UUID, *, since: datetime
) -> Task | None:
    """A task of this kind about this thing that came up after a moment, done or not."""
    return session.scalar(
        select(Task)
        .where(
            Task.creditor_id == creditor_id, Task.kind == kind, Task.subject_id == subject_id, Task.since > since
        )
        .limit(1)
    )


def open_task(session: Session, creditor_id: UUID, kind: str, subject_id: UUID) -> Task | None:
    """The task of this kind about this thing that nobody has done yet."""
    return session.scalar(
        select(Task)
        .where(
            Task.creditor_id == creditor_id, Task.kind == kind, Task.subject_id == subject_id, Task.done_at.is_(None)
        )
        .limit(1)
    )


def task_on(session: Session, creditor_id: UUID, claim_id: UUID, kind: str) -> Task | None:
    """The task of this kind on a claim that waits."""
    return session.scalar(
        select(Task)
        .where(
            Task.creditor_id == creditor_id, Task.claim_id == claim_id, Task.kind == kind, Task.done_at.is_(None)
        )
        .limit(1)
    )


#: What happened without a clerk and is good to know.
WORTH_KNOWING = (
    EventKind.PAYMENT_RECEIVED,
    EventKind.PAYMENT_REVERSED,
    EventKind.PLAN_AGREED,
    EventKind.PLAN_ACCEPTED,
    EventKind.PLAN_WITHDRAWN,
    EventKind.PLAN_LATE,
    EventKind.PLAN_BROKEN,
    EventKind.PLAN_KEPT,
    EventKind.DEFERRAL_GRANTED,
    EventKind.DISPUTE_WITHDRAWN,
    EventKind.OFFER_TAKEN,
    EventKind.OFFER_STANDS_AGAIN,
    EventKind.OFFER_UNDONE,
    EventKind.WAIVER_UNDONE,
    EventKind.WRONG_PERSON,
    EventKind.ADDRESS_UNCLEAR,
    EventKind.CONTACT_CHANGED,
    EventKind.FILE_REFUSED,
)
SHOWN_NEWS = 30


@dataclass(frozen=True, slots=True)
class ToDecide:
    """Something a clerk has to decide; `word` is an objection's reason, `count` how many instalments."""

    kind: str
    claim_id: UUID
    id: UUID
    since: datetime
    word: str | None
    minor: int | None
    count: int | None
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim on which somebody waits, with the people on both sides."""

    claim: Claim
    debtor: Debtor
    clerk: str


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened by itself, and on which claim."""

    kind: EventKind
    at: datetime
    reference: str
    debtor: str
    details: dict[str, Any]


def to_decide(
    session: Session, creditor_id: UUID, claim_id: UUID | None = None, *, approver: UUID | None = None
) -> list[ToDecide]:
    """Every suggestion, situation and objection that waits for a clerk of this firm, or on one claim.

    With an `approver` also the refunds that somebody else has asked for.
    """
    amounts = (
        select(func.count())
        .select_from(PlanInstalment)
        .where(PlanInstalment.plan_id == Plan.id, PlanInstalment.creditor_id == Plan.creditor_id)
    )
    first = (
        select(func.max(PlanInstalment.amount_minor))
        .where(PlanInstalment.plan_id == Plan.id, PlanInstalment.creditor_id == Plan.creditor_id)
    )
    parts = (
        (
            select(
                word("'plan'", String()).label("kind"), Plan.claim_id, Plan.id, Plan.proposed_at.label("since"),
                cast(null(), String).label("word"), first.scalar_subquery().label("minor"),
                amounts.scalar_subquery().label("count"), cast(null(), Date).label("until_on"),
            ).where(Plan.status == PlanStatus.PROPOSED.value),
            Plan,
        ),
        (
            select(
                word("'deferral'", String()), Deferral.claim_id, Deferral.id, Deferral.asked_at, cast(null(), String),
                cast(null(), BigInteger), cast(null(), Integer), Deferral.until_on,
            ).where(Deferral.status == DeferralStatus.PROPOSED.value),
            Deferral,
        ),
        (
            select(
                word("'hardship'", String()), Hardship.claim_id, Hardship.id, Hardship.told_at, cast(null(), String),
                cast(null(), BigInteger), cast(null(), Integer), Hardship.until_on,
            ).where(Hardship.status == HardshipStatus.TOLD.value),
            Hardship,
        ),
        (
            select(
                word("'dispute'", String()), Dispute.claim_id, Dispute.id, Dispute.raised_at, Dispute.reason,
                Dispute.amount_minor, cast(null(), Integer), cast(null(), Date),
            ).where(Dispute.status == DisputeStatus.OPEN.value),
            Dispute,
        ),
        (
            select(
                word("'refund'", String()), Refund.claim_id, Refund.id, Refund.requested_at, cast(null(), String),
                Refund.amount_minor, cast(null(), Integer), cast(null(), Date),
            ).where(Refund.status == RefundStatus.REQUESTED.value, Refund.requested_by != approver),
            Refund,
        ),
    )  # fmt: skip
    arms: list[Any] = []
    for query, table in parts if approver is not None else parts[:-1]:
        own: Any = query.where(table.creditor_id == creditor_id)
        arms.append(own if claim_id is None else own.where(table.claim_id == claim_id))
    return [ToDecide(*tuple(row)) for row in session.execute(union_all(*arms))]


def waiting_claims(session: Session, creditor_id: UUID, also: Iterable[UUID]) -> dict[UUID, Waiting]:
    """The claims on which somebody waits for an answer, and these others, by their ids."""
    rows = session.execute(
        select(Claim, Debtor, Clerk.name)
        .join(Debtor, (Debtor.id == Claim.debtor_id) & (Debtor.creditor_id == Claim.creditor_id))
        .join(Clerk, (Clerk.id == Claim.clerk_id) & (Clerk.creditor_id == Claim.creditor_id))
        .where(
            Claim.creditor_id == creditor_id,
            Claim.undone_at.is_(None),
            Claim.waiting_since.is_not(None) | Claim.id.in_(list(also)),
        )
    )
    return {row[0].id: Waiting(row[0], row[1], row[2]) for row in rows}


def unanswered(session: Session, creditor_id: UUID) -> dict[UUID, tuple[datetime, str]]:
    """The first message on each claim that came since somebody waits: when, and its words."""
    rows = session.execute(
        select(Message.claim_id, Message.sent_at, Message.text)
        .join(Claim, (Claim.id == Message.claim_id) & (Claim.creditor_id == Message.creditor_id))
        .where(
            Message.creditor_id == creditor_id,
            Message.debtor_id.is_not(None),
            Claim.waiting_since.is_not(None),
            Message.sent_at >= Claim.waiting_since,
        )
        .order_by(Message.sent_at.desc())
    )
    return {row.claim_id: (row.sent_at, row.text) for row in rows}


def open_tasks(
    session: Session, creditor_id: UUID, claim_id: UUID | None = None
) -> list[tuple[Task, str | None, str | None]]:
    """Tasks nobody has done, the oldest first, with the claim's reference and whose claim it is."""
    query = (
        select(Task, Claim.reference, Debtor.name)
        .outerjoin(Claim, (Claim.id == Task.claim_id) & (Claim.creditor_id == Task.creditor_id))
        .outerjoin(Debtor, (Debtor.id == Claim.debtor_id) & (Debtor.creditor_id == Claim.creditor_id))
        .where(Task.creditor_id == creditor_id, Task.done_at.is_(None))
        .order_by(Task.since)
    )
    if claim_id is not None:
        query = query.where(Task.claim_id == claim_id)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def task_at(session: Session, creditor_id: UUID, task_id: UUID) -> Task | None:
    """This task of this firm."""
    return session.scalar(select(Task).where(Task.creditor_id == creditor_id, Task.id == task_id))


def news_since(session: Session, creditor_id: UUID, since: datetime) -> list[News]:
    """What happened without a clerk since then, the newest first."""
    rows = session.execute(
        select(Event.kind, Event.at, Claim.reference, Debtor.name, Event.details)
        .join(Claim, (Claim.id == Event.claim_id) & (Claim.creditor_id == Event.creditor_id))
        .join(Debtor, (Debtor.id == Claim.debtor_id) & (Debtor.creditor_id == Claim.creditor_id))
        .where(
            Event.creditor_id == creditor_id,
            Event.at >= since,
            Event.kind.in_(sorted(WORTH_KNOWING)),
            Event.actor != ActorKind.CLERK.value,
        )
        .order_by(Event.seq.desc())
        .limit(SHOWN_NEWS)
    )
    return [News(EventKind(row[0]), row[1], row[2], row[3], row[4]) for row in rows]


def count_waiting(session: Session, creditor_id: UUID, *, approver: UUID | None = None) -> int:
    """How many items stand in Decide and Answer."""
    deciding = to_decide(session, creditor_id, approver=approver)
    claims = {one.claim_id for one in deciding}
    waiting = session.scalars(
        select(Claim.id).where(
            Claim.creditor_id == creditor_id, Claim.undone_at.is_(None), Claim.waiting_since.is_not(None)
        )
    )
    return len(deciding) + len([one for one in waiting if one not in claims])


def promised_by(session: Session, creditor_id: UUID, day: date) -> dict[UUID, int]:
    """How many answers each clerk has promised by this day and not given yet."""
    rows = session.execute(
        select(Claim.clerk_id, func.count())
        .where(
            Claim.creditor_id == creditor_id,
            Claim.undone_at.is_(None),
            Claim.waiting_since.is_not(None),
            Claim.promised_on <= day,
        )
        .group_by(Claim.clerk_id)
    )
    return {row[0]: row[1] for row in rows}


def claims_at_desk(
    session: Session, creditor_id: UUID, *, words: str, statuses: Sequence[str], offset: int, limit: int,
    import_id: UUID | None = None,
) -> list[Waiting]:  # fmt: skip
    """The firm's claims by name, reference or invoice number, or those of one import, the ones touched last first."""
    query = (
        select(Claim, Debtor, Clerk.name)
        .join(Debtor, (Debtor.id == Claim.debtor_id) & (Debtor.creditor_id == Claim.creditor_id))
        .join(Clerk, (Clerk.id == Claim.clerk_id) & (Clerk.creditor_id == Claim.creditor_id))
        .where(Claim.creditor_id == creditor_id, Claim.undone_at.is_(None), Claim.status.in_(statuses))
        .order_by(Claim.touched_at.desc(), Claim.id)
        .offset(offset)
        .limit(limit)
    )
    if import_id is not None:
        query = query.where(Claim.import_id == import_id)
    for part in words.split()[:5]:
        found = [
            column.icontains(part, autoescape=True)
            for column in (Debtor.name, Claim.reference, Claim.invoice_number, Claim.title)
        ]
        query = query.where(found[0] | found[1] | found[2] | found[3])
    return [Waiting(row[0], row[1], row[2]) for row in session.execute(query)]
