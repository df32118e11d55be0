"""What happens to a session: it begins, changes its token, and ends; always a row, found by a token's hash."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.rules.access import DEBTOR_SESSION, STAFF_SESSION, Room, SessionLife
from portal.store.access import SignedIn, session_by_id, sessions_of_clerk, sessions_of_debtor


def start_debtor(
    session: Session,
    *,
    creditor_id: UUID,
    debtor_id: UUID,
    letter_id: UUID,
    room: Room,
    current: UUID | None,
    token_hash: bytes,
    now: datetime,
) -> SignedIn:
    """This person is in; with another letter of the same person it is added, anybody else's session ends first."""
    letters, proved_at = {str(letter_id)}, None
    old = session_by_id(session, current) if current is not None else None
    if old is not None and old.ended_at is None:
        same = old.debtor_id == debtor_id and old.creditor_id == creditor_id
        if same and not _is_over(old, DEBTOR_SESSION, now):
            letters |= set(old.letters)
            if old.room == Room.FILE:
                room, proved_at = Room.FILE, old.proved_at
        _end(old, now)
    live = [row for row in sessions_of_debtor(session, creditor_id, debtor_id) if str(letter_id) in row.letters]
    _leave_room_for_one(live, DEBTOR_SESSION, now)
    row = SignedIn(
        id=uuid4(),
        token_hash=token_hash,
        audience="debtor",
        creditor_id=creditor_id,
        debtor_id=debtor_id,
        room=room.value,
        letters=sorted(letters),
        started_at=now,
        seen_at=now,
        proved_at=proved_at,
    )
    session.add(row)
    session.flush()
    return row


def start_clerk(
    session: Session, *, creditor_id: UUID, clerk_id: UUID, current: UUID | None, token_hash: bytes, now: datetime
) -> SignedIn:
    """This clerk is in, under a token that nobody had before."""
    old = session_by_id(session, current) if current is not None else None
    if old is not None and old.ended_at is None:
        _end(old, now)
    _leave_room_for_one(sessions_of_clerk(session, creditor_id, clerk_id), STAFF_SESSION, now)
    row = SignedIn(
        id=uuid4(),
        token_hash=token_hash,
        audience="desk",
        creditor_id=creditor_id,
        clerk_id=clerk_id,
        letters=[],
        started_at=now,
        seen_at=now,
        proved_at=now,
    )
    session.add(row)
    session.flush()
    return row


def into_file(session: Session, old: SignedIn, *, token_hash: bytes, now: datetime) -> SignedIn:
    """The person proved who she is: a new token opens the whole file, the old one opens nothing any more."""
    _end(old, now)
    row = SignedIn(
        id=uuid4(),
        token_hash=token_hash,
        audience="debtor",
        creditor_id=old.creditor_id,
        debtor_id=old.debtor_id,
        room=Room.FILE.value,
        letters=list(old.letters),
        started_at=old.started_at,
        seen_at=now,
        proved_at=now,
    )
    session.add(row)
    session.flush()
    return row


def sign_out(session: Session, session_id: UUID, *, now: datetime) -> None:
    """The person left; nothing typed is kept for this session."""
    row = session_by_id(session, session_id)
    if row is not None:
        row.signed_out = True
        if row.ended_at is None:
            _end(row, now)


def end_of_letter(session: Session, creditor_id: UUID, debtor_id: UUID, letter_id: UUID, *, now: datetime) -> None:
    """Everybody who came in with this letter is out."""
    for row in sessions_of_debtor(session, creditor_id, debtor_id):
        if str(letter_id) in row.letters:
            _end(row, now)


def end_others(session: Session, creditor_id: UUID, debtor_id: UUID, *, keep: UUID, now: datetime) -> None:
    """All sessions of this person but one are over."""
    for row in sessions_of_debtor(session, creditor_id, debtor_id):
        if row.id != keep:
            _end(row, now)


def _leave_room_for_one(live: list[SignedIn], life: SessionLife, now: datetime) -> None:
    running = [row for row in live if row.ended_at is None and not _is_over(row, life, now)]
    for row in running[: max(0, len(running) - life.parallel + 1)]:
        _end(row, now)


def _is_over(row: SignedIn, life: SessionLife, now: datetime) -> bool:
    return life.is_over(started_at=row.started_at, seen_at=row.seen_at, now=now)


def _end(row: SignedIn, now: datetime) -> None:
    row.ended_at = now
