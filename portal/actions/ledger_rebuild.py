"""What happens when what is kept beside the ledger is computed again from it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.history import move
from portal.actions.ledger import credit_task
from portal.rules.history import system
from portal.rules.payments import MOVES, AttemptStatus
from portal.store.claims import Claim, lock
from portal.store.database import Database
from portal.store.ledger import Entry
from portal.store.ledger_checks import Rule, verify
from portal.store.ledger_facts import CREDIT_WITHOUT_TASK, STATUSES
from portal.store.ledger_findings import Finding
from portal.store.payments import Booking, PaymentAttempt
from portal.store.today import Task

#: What can be computed again; everything else is the truth itself, which nothing may repair.
REBUILT = frozenset({Rule.PROJECTION, Rule.FLAG_DIFFERS})
ROUNDS = 10_000


def rebuild(database: Database, *, now: datetime) -> Counter[str]:
    """Flags, tasks about credit, paid attempts and bookings taken back say what the ledger says; how many did not.

    Each row in a transaction of its own under its claim's lock; what the ledger can't say is left as it is.
    """
    changed: Counter[str] = Counter()
    tried: set[tuple[str, str]] = set()
    for _ in range(ROUNDS):
        with database.reading() as session:
            found = [one for one in verify(session) if one.rule in REBUILT and _about(one) not in tried]
        if not found:
            break
        for one in found:
            tried.add(_about(one))
            with database.writing() as session:
                if _again(session, one, now):
                    changed[one.subject] += 1
    return changed


def _about(one: Finding) -> tuple[str, str]:
    return one.subject, one.subject_id


def _again(session: Session, one: Finding, now: datetime) -> bool:
    if one.creditor_id is None:
        return False
    identity = UUID(one.subject_id)
    if one.rule is Rule.FLAG_DIFFERS:
        return _flag(session, one.subject, identity)
    work: dict[str, Callable[[], bool]] = {
        "task": lambda: _task(session, session.get_one(Task, identity).claim_id, one.creditor_id, now),
        CREDIT_WITHOUT_TASK: lambda: _task(session, identity, one.creditor_id, now),
        "payment_attempt": lambda: _attempt(session, identity, now),
        "booking": lambda: _booking(session, identity),
    }
    return one.subject in work and work[one.subject]()


def _flag(session: Session, subject: str, identity: UUID) -> bool:
    for name, flag, live in STATUSES:
        if name == subject:
            row = session.get_one(flag.class_, identity)
            lock(session, row.creditor_id, row.claim_id)
            session.refresh(row)
            setattr(row, flag.key, True if row.status in live else None)
    return True


def _task(session: Session, claim_id: UUID | None, creditor_id: UUID | None, now: datetime) -> bool:
    if claim_id is None or creditor_id is None:
        return False
    credit_task(session, lock(session, creditor_id, claim_id), now=now)
    return True


def _attempt(session: Session, identity: UUID, now: datetime) -> bool:
    """Money that is booked makes its attempt paid; a paid attempt without money is for a person to look at."""
    attempt = session.get_one(PaymentAttempt, identity)
    claim: Claim = lock(session, attempt.creditor_id, attempt.claim_id)
    session.refresh(attempt)
    if attempt.status == AttemptStatus.PAID:
        return False
    move(session, attempt, AttemptStatus.PAID, MOVES, claim=claim, actor=system("rebuilt"), now=now)
    attempt.open_flag = None
    return True


def _booking(session: Session, identity: UUID) -> bool:
    """A booking is taken back exactly if the mirror that its own taking back wrote stands in the ledger."""
    booking = session.get_one(Booking, identity)
    lock(session, booking.creditor_id, booking.claim_id)
    session.refresh(booking)
    mirrored_at = session.scalar(
        select(Entry.recorded_at).where(
            Entry.creditor_id == booking.creditor_id, Entry.idem_key == f"booking {booking.id}:reversed"
        )
    )
    before, booking.reversed_at = booking.reversed_at, mirrored_at
    return before != mirrored_at
