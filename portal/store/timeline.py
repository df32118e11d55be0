"""What happened to a claim, as each side may see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from portal.rules.history import ON_THE_LETTER, ActorKind, EventKind
from portal.store.history import Event
from portal.store.people import Clerk


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event with the name of the clerk who caused it."""

    seq: int
    at: datetime
    kind: EventKind
    actor: ActorKind
    clerk: str | None
    internal: bool
    subject: str | None
    subject_id: UUID | None
    signed_in_id: UUID | None
    details: dict[str, Any]


By = aliased(Clerk)
OF_CLAIM = (
    select(
        Event.seq, Event.at, Event.kind, Event.actor, By.name, Event.internal, Event.subject, Event.subject_id,
        Event.signed_in_id, Event.details,
    )
    .outerjoin(By, (By.id == Event.clerk_id) & (By.creditor_id == Event.creditor_id))
    .where(
        Event.creditor_id == bindparam("creditor_id", type_=Uuid()),
        Event.claim_id == bindparam("claim_id", type_=Uuid()),
    )
    .order_by(Event.seq)
)  # fmt: skip
FOR_DEBTOR = OF_CLAIM.where(Event.internal.is_(False))
FOR_LETTER = FOR_DEBTOR.where(
    or_(Event.kind.in_(sorted(ON_THE_LETTER)), Event.signed_in_id == bindparam("signed_in_id", type_=Uuid()))
)


def events_for_debtor(
    session: Session, creditor_id: UUID, claim_id: UUID, *, only_letter_and_session: UUID | None = None
) -> list[EventRow]:
    """The events both sides see, the oldest first; in room 1 the letter's and those of this very session."""
    if only_letter_and_session is None:
        found = session.execute(FOR_DEBTOR, {"creditor_id": creditor_id, "claim_id": claim_id})
    else:
        given = {"creditor_id": creditor_id, "claim_id": claim_id, "signed_in_id": only_letter_and_session}
        found = session.execute(FOR_LETTER, given)
    return [_row(*row) for row in found]


def events_for_desk(session: Session, creditor_id: UUID, claim_id: UUID) -> list[EventRow]:
    """Every event of a claim, the newest first."""
    found = session.execute(OF_CLAIM, {"creditor_id": creditor_id, "claim_id": claim_id})
    return [_row(*row) for row in found][::-1]


def subjects_of(events: Collection[EventRow], session_id: UUID) -> frozenset[UUID]:
    """What this very session did: the ids of the things its events are about."""
    return frozenset(
        event.subject_id for event in events if event.signed_in_id == session_id and event.subject_id is not None
    )


def _row(seq: int, at: datetime, kind: str, actor: str, *rest: Any) -> EventRow:
    return EventRow(seq, at, EventKind(kind), ActorKind(actor), *rest)
