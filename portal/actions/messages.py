"""What happens when one side writes to the other, or a clerk notes something for the desk alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.actions.attachments import attach
from portal.actions.history import record
from portal.actions.promises import answered, now_waits
from portal.rules.attachments import FilePurpose
from portal.rules.history import Actor, EventKind
from portal.rules.messages import MessageKind, MessageProblem, problems
from portal.store.claims import Claim, lock
from portal.store.messages import Message


def send(
    session: Session,
    claim: Claim,
    text: str,
    *,
    op: UUID,
    files: Sequence[UUID] = (),
    promised_on: date,
    actor: Actor,
    now: datetime,
) -> Message | list[MessageProblem]:
    """The debtor's message is with the desk, which has promised an answer by this day; or what stands against it.

    `files` are drafts of this person. The same `op` gives the same message.
    """
    lock(session, claim.creditor_id, claim.id)
    known = _known(session, claim, op)
    if known is not None:
        return known
    found = problems(text, len(files))
    if found:
        return found
    message = _written(session, claim, op, text, MessageKind.MESSAGE, actor=actor, now=now)
    attach(session, claim, files, purpose=FilePurpose.MESSAGE, subject_id=message.id, actor=actor, now=now)
    now_waits(claim, now=now, promised_on=promised_on)
    _told(session, claim, message, EventKind.MESSAGE_RECEIVED, files=len(files), actor=actor, now=now)
    return message


def answer(
    session: Session,
    claim: Claim,
    text: str,
    *,
    op: UUID,
    files: Sequence[UUID] = (),
    actor: Actor,
    now: datetime,
) -> Message | list[MessageProblem]:
    """The debtor can read the clerk's answer, and nobody waits for the desk any more; or what stands against it."""
    lock(session, claim.creditor_id, claim.id)
    known = _known(session, claim, op)
    if known is not None:
        return known
    found = problems(text, len(files))
    if found:
        return found
    message = _written(session, claim, op, text, MessageKind.MESSAGE, actor=actor, now=now)
    attach(session, claim, files, purpose=FilePurpose.MESSAGE, subject_id=message.id, actor=actor, now=now)
    _has_read(session, claim, now=now)
    answered(claim, now=now)
    _told(session, claim, message, EventKind.MESSAGE_SENT, files=len(files), actor=actor, now=now)
    return message


def note(
    session: Session, claim: Claim, text: str, *, op: UUID, actor: Actor, now: datetime
) -> Message | list[MessageProblem]:
    """The desk has noted something that the debtor never sees; who waits goes on waiting."""
    lock(session, claim.creditor_id, claim.id)
    known = _known(session, claim, op)
    if known is not None:
        return known
    found = problems(text, 0)
    if found:
        return found
    message = _written(session, claim, op, text, MessageKind.NOTE, actor=actor, now=now)
    _told(session, claim, message, EventKind.NOTE_ADDED, files=0, actor=actor, now=now)
    return message


def _has_read(session: Session, claim: Claim, *, now: datetime) -> None:
    """Whoever answers has read what was written before."""
    session.execute(
        update(Message)
        .where(
            Message.creditor_id == claim.creditor_id,
            Message.claim_id == claim.id,
            Message.debtor_id.is_not(None),
            Message.read_at.is_(None),
        )
        .values(read_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _known(session: Session, claim: Claim, op: UUID) -> Message | None:
    return session.get(Message, uuid5(claim.id, str(op)))


def _written(
    session: Session, claim: Claim, op: UUID, text: str, kind: MessageKind, *, actor: Actor, now: datetime
) -> Message:
    message = Message(
        id=uuid5(claim.id, str(op)),
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        kind=kind.value,
        debtor_id=None if actor.clerk_id else claim.debtor_id,
        clerk_id=actor.clerk_id,
        signed_in_id=actor.signed_in_id,
        text=text.strip(),
        sent_at=now,
    )
    session.add(message)
    session.flush()
    return message


def _told(
    session: Session, claim: Claim, message: Message, kind: EventKind, *, files: int, actor: Actor, now: datetime
) -> None:
    record(session, claim, kind, actor=actor, now=now, subject="message", subject_id=message.id, files=files or None)
