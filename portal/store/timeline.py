"""What happened to a claim, as each side may see it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.rules.history import ON_THE_LETTER
from portal.store.history import Event


def events_for_debtor(
    session: Session, creditor_id: UUID, claim_id: UUID, *, only_letter_and_session: UUID | None = None
) -> list[Event]:
    """The events both sides see, the oldest first; in room 1 the letter's and those of this very session."""
    query = select(Event).where(
        Event.creditor_id == creditor_id, Event.claim_id == claim_id, Event.internal.is_(False)
    )
    if only_letter_and_session is not None:
        query = query.where(
            or_(
                Event.kind.in_(sorted(ON_THE_LETTER)),
                Event.signed_in_id == only_letter_and_session,
            )
        )
    return list(session.scalars(query.order_by(Event.seq)))


def events_for_desk(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Event]:
    """Every event of a claim, the newest first."""
    return list(
        session.scalars(
            select(Event)
            .where(Event.creditor_id == creditor_id, Event.claim_id == claim_id)
            .order_by(Event.seq.desc())
        )
    )
