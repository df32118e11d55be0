"""What happens when something happens: the one place where a status moves and an event is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions import notices
from portal.rules.history import INTERNAL, Actor, EventKind, MoveNotAllowed
from portal.rules.money import Money
from portal.store.claims import Claim
from portal.store.history import Event


class Movable(Protocol):
    """Anything with a lifecycle: a plan, an objection, an offer, the claim itself."""

    id: Any
    status: Any


def record(
    session: Session,
    claim: Claim,
    kind: EventKind,
    *,
    actor: Actor,
    now: datetime,
    subject: str | None = None,
    subject_id: UUID | None = None,
    **details: object,
) -> Event:
    """Write into the claim's history that this happened; the claim counts as touched."""
    facts = {name: _plain(value) for name, value in details.items() if value is not None}
    if actor.rule is not None:
        facts["rule"] = actor.rule
    event = Event(
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        at=now,
        kind=kind.value,
        actor=actor.kind.value,
        clerk_id=actor.clerk_id,
        signed_in_id=actor.signed_in_id,
        internal=kind in INTERNAL,
        subject=subject,
        subject_id=subject_id,
        details=facts,
    )
    session.add(event)
    claim.touched_at = now
    session.flush()
    notices.event_happened(session, claim, kind, actor=actor, now=now)
    return event


def move(
    session: Session,
    thing: Movable,
    to: StrEnum,
    moves: Mapping[tuple[Any, Any], EventKind | None],
    *,
    claim: Claim,
    actor: Actor,
    now: datetime,
    **details: object,
) -> None:
    """Set the thing's status if its table of moves allows it, and write the event that belongs to the move.

    A new thing has status "" before its first move. Raises MoveNotAllowed, which becomes the 409 page.
    """
    old = type(to)(thing.status) if thing.status else None
    name = type(thing).__name__.lower()
    if (old, to) not in moves:
        raise MoveNotAllowed(name, old, to)
    thing.status = to.value
    if hasattr(thing, "version") and not isinstance(thing, Claim):
        thing.version = (thing.version or 0) + 1
    session.add(thing)
    kind = moves[(old, to)]
    if kind is not None:
        record(session, claim, kind, actor=actor, now=now, subject=name, subject_id=thing.id, **details)
    else:
        claim.touched_at = now
        session.flush()


def _plain(value: object) -> object:
    """Enum members, ids, days and sums in a form that JSON keeps."""
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | StrEnum):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
