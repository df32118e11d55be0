"""What happens when a letter's code is tried: one reserved try, one argon2 outside any transaction, one answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions import sessions
from portal.actions.throttles import Counted, TooOften, count, count_unknown, give_back
from portal.gateways.hashing import CodeHasher, HashedCode, HashGate, TooBusy
from portal.rules.access import (
    CLEAN_LETTER,
    FACT_TRIES,
    NETWORK_WINDOWS,
    RETIRE,
    Retired,
    alert_after,
    lock_after,
    slow_after,
)
from portal.rules.letter_code import Code
from portal.rules.letters import CALLED_BACK, LetterTask, RevokeReason
from portal.store.access import LetterCode, code_locked
from portal.store.database import Database
from portal.store.today import Task

SCOPE = "letter"
#: What a retired or endlessly locked letter says in Retry-After.
LONG = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tried:
    """One try of a code: was the secret right, and what has to be given back if all else is right too."""

    lookup: str
    right: bool
    counted: Counted
    reserved: bool = False
    locked_until: datetime | None = None
    failed_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Reserved:
    tried: Tried
    stored: HashedCode | None


def try_code(
    database: Database, code: Code, *, codes: CodeHasher, gate: HashGate, network: str, now: datetime
) -> Tried:
    """The code was compared once; an unknown one costs the same work. Raises TooOften, or TooBusy without a count."""
    with database.writing() as session:
        reserved = _reserve(session, code.lookup, network, now=now)
    try:
        with gate.enter():
            if reserved.stored is None:
                right = codes.dummy(code.lookup, code.secret)
            else:
                right = codes.verify(code.lookup, code.secret, reserved.stored)
    except TooBusy:
        with database.writing() as session:
            take_back(session, reserved.tried, now=now)
            give_back(session, reserved.tried.counted, now=now)
        raise
    if not right and reserved.tried.counted.over is not None:
        raise TooOften(reserved.tried.counted.over)
    return replace(reserved.tried, right=right)


def _reserve(session: Session, lookup: str, network: str, *, now: datetime) -> _Reserved:
    row = code_locked(session, lookup)
    if row is None:
        count_unknown(session, "lookup", lookup, slow_after, now=now)
        return _Reserved(Tried(lookup, False, count(session, network, NETWORK_WINDOWS, scope=SCOPE, now=now)), None)
    refuse_while_locked(row, now)
    counted = count(session, network, NETWORK_WINDOWS, scope=SCOPE, now=now)
    clean = row.last_fail_at is None or now - row.last_fail_at >= CLEAN_LETTER
    if counted.over is not None and not clean:
        return _Reserved(Tried(lookup, False, counted), None)
    before = row.last_fail_at
    row.fail_code += 1
    row.last_fail_at = now
    wait = slow_after(row.fail_code)
    row.locked_until = now + wait if wait is not None else None
    if alert_after(row.fail_code):
        _tell_desk(session, row, LetterTask.LETTER_GUESSED, now=now)
    stored = HashedCode(row.salt, row.hash, row.kdf, row.kid)
    return _Reserved(Tried(lookup, False, counted, True, row.locked_until, before), stored)


def take_back(session: Session, tried: Tried, *, now: datetime) -> LetterCode | None:
    """The letter's reserved try counts no longer: the secret was right, or never compared. The row, locked."""
    row = code_locked(session, tried.lookup)
    if row is not None and tried.reserved:
        row.fail_code = max(0, row.fail_code - 1)
        if row.locked_until == tried.locked_until:
            row.locked_until = None
        if row.last_fail_at == now:
            row.last_fail_at = tried.failed_before
    return row


def refuse_while_locked(row: LetterCode, now: datetime) -> None:
    """Raises TooOften while the letter rests or once its tries are used up; such a try is not counted."""
    if row.locked_until is not None and row.locked_until > now:
        raise TooOften(row.locked_until - now)


def reserve_fact(row: LetterCode, *, now: datetime) -> datetime | None:
    """One more fact will be compared behind this right code; raises TooOften if none may be. The new lock's end."""
    refuse_while_locked(row, now)
    dead = row.revoked_at is not None and row.revoke_reason not in CALLED_BACK
    if dead or row.fail_fact >= FACT_TRIES:
        raise TooOften(LONG)
    row.fail_fact += 1
    wait = lock_after(row.fail_fact)
    row.locked_until = now + wait if isinstance(wait, timedelta) else None
    return row.locked_until


def give_fact_back(row: LetterCode, lock: datetime | None) -> None:
    """The fact was right: its try counts no longer, and the lock it brought is gone."""
    row.fail_fact = max(0, row.fail_fact - 1)
    if lock is not None and row.locked_until == lock:
        row.locked_until = None


def fact_was_wrong(session: Session, row: LetterCode, *, now: datetime) -> None:
    """The wrong fact stays counted; the tenth retires the letter, and a clerk sends a new one."""
    row.last_fail_at = now
    outcome: timedelta | Retired | None = lock_after(row.fail_fact)
    if outcome is RETIRE:
        retire(session, row, RevokeReason.TOO_MANY_FACTS, now=now)
        _tell_desk(session, row, LetterTask.LETTER_RETIRED, now=now)


def retire(session: Session, row: LetterCode, reason: RevokeReason, *, now: datetime) -> None:
    """The code opens nothing any more, and everybody who came in with it is out."""
    if row.revoked_at is None:
        row.revoked_at, row.revoke_reason = now, reason.value
    sessions.end_of_letter(session, row.creditor_id, row.debtor_id, row.letter_id, now=now)


def is_dead(row: LetterCode, now: datetime) -> bool:
    """Whether the code's time is over: expired, replaced by a newer letter, or called back."""
    replaced = row.superseded_at is not None and row.superseded_at <= now
    return row.revoked_at is not None or row.expires_at <= now or replaced


def _tell_desk(session: Session, row: LetterCode, kind: LetterTask, *, now: datetime) -> UUID:
    task = Task(creditor_id=row.creditor_id, kind=kind.value, subject_id=row.letter_id, details={}, since=now)
    session.add(task)
    session.flush()
    return task.id
