"""What happens when a clerk signs in: the password says nothing by itself, and six digits count once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from portal.actions import sessions
from portal.actions.throttles import TooOften, count, count_unknown, give_back, is_over
from portal.gateways.hashing import HashGate, PasswordHasher
from portal.gateways.totp import matching_step
from portal.gateways.vault import DataKeys
from portal.rules.access import STAFF_NETWORK_WINDOW, staff_wait
from portal.store.database import Database
from portal.store.people import Clerk, clerk_by_email

SCOPE = "desk"
WINDOWS = (STAFF_NETWORK_WINDOW,)
LONGEST_EMAIL = 254


def password_is_right(
    database: Database, email: str, password: str, *, passwords: PasswordHasher, gate: HashGate, network: str,
    now: datetime,
) -> bool:  # fmt: skip
    """Whether an active account has this password; who asks must not be told before the digits are right too.

    Raises TooOften for a network over its limit, and TooBusy. An unknown account costs the same work.
    """
    with database.reading() as session:
        wait = is_over(session, network, WINDOWS, scope=SCOPE, now=now)
        clerk = clerk_by_email(session, tidy_email(email))
        stored = clerk.password_hash if clerk is not None and clerk.active else None
    if wait is not None:
        raise TooOften(wait)
    with gate.enter():
        right = passwords.verify(password, stored)
        renewed = passwords.hash(password) if right and stored and passwords.needs_rehash(stored) else None
    if renewed is not None and clerk is not None:
        with database.writing() as session:
            session.execute(
                update(Clerk)
                .where(Clerk.creditor_id == clerk.creditor_id, Clerk.id == clerk.id, Clerk.password_hash == stored)
                .values(password_hash=renewed)
            )
    return right


def sign_in(
    database: Database, email: str, digits: str, *, password_was_right: bool, keys: DataKeys, network: str,
    current: UUID | None, token_hash: bytes, now: datetime,
) -> UUID | None:  # fmt: skip
    """The clerk is in, and these digits never count again; None if anything was wrong. Raises TooOften."""
    with database.writing() as session:
        clerk = _locked(session, tidy_email(email))
        if clerk is None:
            count_unknown(session, "account", _key(email), staff_wait, now=now)
            counted = count(session, network, WINDOWS, scope=SCOPE, now=now)
            if counted.over is not None:
                raise TooOften(counted.over)
            return None
        _reserve(clerk, now)
        counted = count(session, network, WINDOWS, scope=SCOPE, now=now)
        if counted.over is not None:
            raise TooOften(counted.over)
        step = matching_step(keys, clerk.id, clerk.totp_seed, digits, now=now)
        if not password_was_right or step is None or not _takes_step(session, clerk, step):
            return None
        clerk.tries, clerk.tries_since, clerk.locked_until = 0, None, None
        give_back(session, counted, now=now)
        return sessions.start_clerk(
            session, creditor_id=clerk.creditor_id, clerk_id=clerk.id, current=current, token_hash=token_hash, now=now
        ).id


def tidy_email(email: str) -> str:
    """The address as accounts are found by it."""
    return email.strip().lower()[:LONGEST_EMAIL]


def _locked(session: Session, email: str) -> Clerk | None:
    return session.scalar(
        select(Clerk)
        .where(Clerk.email == email, Clerk.active.is_(True))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _reserve(clerk: Clerk, now: datetime) -> None:
    """One try more before anything is compared; while the account rests nothing is compared or counted."""
    if clerk.locked_until is not None and clerk.locked_until > now:
        raise TooOften(clerk.locked_until - now)
    clerk.tries += 1
    clerk.tries_since = clerk.tries_since or now
    wait: timedelta | None = staff_wait(clerk.tries)
    clerk.locked_until = now + wait if wait is not None else None


def _takes_step(session: Session, clerk: Clerk, step: int) -> bool:
    taken = session.execute(
        update(Clerk)
        .where(Clerk.creditor_id == clerk.creditor_id, Clerk.id == clerk.id, Clerk.totp_last_step < step)
        .values(totp_last_step=step)
        .execution_options(synchronize_session=False)
    )
    return isinstance(taken, CursorResult) and taken.rowcount == 1


def _key(email: str) -> str:
    return hashlib.sha256(tidy_email(email).encode()).hexdigest()[:32]
