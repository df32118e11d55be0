"""What happens with what the provider tells us: an inbox that is emptied, and questions where nothing was told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.actions.convergence import StillMoving, book_fee, converge, hold
from portal.gateways.stripe import PaidState, StripeDown, StripeGateway, StripeRefused, VerifiedEvent, target_of
from portal.rules.history import MoveNotAllowed
from portal.rules.payments import AccountKind, AttemptStatus
from portal.store.database import Database
from portal.store.ledger import booked_for
from portal.store.payments import add_event, attempt_named, attempts_to_ask, due_events, events_at
from portal.store.settings import Creditor, creditor_by_id

log = logging.getLogger("portal.payments")

ASKED_AFTER, ASKED_EVERY = timedelta(minutes=10), timedelta(minutes=5)
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1_800, 3_600, 10_800, 21_600))
#: What a lost race or a busy database looks like; the next try finds the truth.
LOST_RACE = (StillMoving, MoveNotAllowed, IntegrityError, OperationalError, StaleDataError)


def receive_event(session: Session, event: VerifiedEvent, *, live: bool, now: datetime) -> bool:
    """The verified event waits in the inbox, once; False for an account that is none of ours, which leaves no row."""
    creditor_id = session.scalar(
        select(Creditor.id).where(Creditor.stripe_account == event.account).order_by(Creditor.number).limit(1)
    )
    if creditor_id is None:
        return False
    if event.livemode is not live:
        log.error("an event of the wrong mode came in and is ignored: %s", event.id)
    add_event(
        session,
        {
            "event_id": event.id,
            "creditor_id": creditor_id,
            "account": event.account,
            "livemode": event.livemode,
            "type": event.type,
            "object_id": event.object_id,
            "created": event.created,
            "raw": event.raw,
            "received_at": now,
            "state": "received" if event.livemode is live else "ignored",
            "tries": 0,
            "next_try_at": now,
            "error": None,
        },
    )
    return True


@dataclass(frozen=True, slots=True)
class _Due:
    """Events about one and the same payment: one fetch answers them all."""

    creditor_id: UUID
    account: str
    attempt_id: UUID | None
    pi_id: str | None
    seqs: list[int]


def drain_events(database: Database, stripe: StripeGateway, *, now: datetime, limit: int = 200) -> int:
    """The ledger agrees with Stripe about all that the inbox named; how many events are done. Safe on many workers."""
    with database.reading() as session:
        work = _group(session, now, limit)
    return sum(len(due.seqs) for due in work if _handle(database, stripe, due, now))


def _group(session: Session, now: datetime, limit: int) -> list[_Due]:
    found: dict[tuple[UUID, UUID | str | None], _Due] = {}
    for event in due_events(session, now, limit):
        target = target_of(event.raw)
        attempt = attempt_named(
            session,
            event.creditor_id,
            attempt_id=_uuid(target.client_reference),
            session_id=target.session_id,
            pi_id=target.pi_id,
        )
        attempt_id = attempt.id if attempt is not None else None
        key = (event.creditor_id, attempt_id or target.pi_id)
        due = found.setdefault(key, _Due(event.creditor_id, event.account, attempt_id, target.pi_id, []))
        due.seqs.append(event.seq)
    return list(found.values())


def _handle(database: Database, stripe: StripeGateway, due: _Due, now: datetime) -> bool:
    def done(session: Session) -> None:
        _mark(session, due.seqs, "done")

    try:
        if due.attempt_id is not None:
            converge(database, stripe, due.attempt_id, now=now, pi_id=due.pi_id, then=done)
        elif due.pi_id is not None:
            _foreign(database, stripe, due, now=now, done=done)
        else:
            _in_one(database, lambda session: _mark(session, due.seqs, "ignored"))
    except StripeRefused as refused:
        code = refused.code
        _in_one(database, lambda session: _mark(session, due.seqs, "ignored", error=code))
        log.error("an event names something that Stripe does not give us: %s", code)
    except (StripeDown, *LOST_RACE) as problem:
        later = type(problem).__name__
        _in_one(database, lambda session: _later(session, due.seqs, later, now))
        return False
    return True


def _foreign(
    database: Database, stripe: StripeGateway, due: _Due, *, now: datetime, done: Callable[[Session], None]
) -> None:
    """Money that no attempt asked for stands in suspense; a payment whose attempt only Stripe names is adopted."""
    state = stripe.paid_state(due.account, due.pi_id or "")
    named = _uuid(state.client_reference)
    with database.reading() as session:
        attempt = attempt_named(session, due.creditor_id, attempt_id=named, session_id=None, pi_id=None)
    if attempt is not None:
        converge(database, stripe, attempt.id, now=now, pi_id=due.pi_id, then=done)
        return
    with database.writing() as session:
        _hold_foreign(session, due.creditor_id, state, now)
        done(session)


def _hold_foreign(session: Session, creditor_id: UUID, state: PaidState, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(creditor_by_id(session, creditor_id).timezone)).date()
    before = booked_for(session, creditor_id, f"{state.pi_id}:captured", AccountKind.PROVIDER_CLEARING)
    if state.received_minor > before:
        hold(session, creditor_id, state, state.received_minor - before, claim_id=None, attempt_id=None, now=now,
             on=today)  # fmt: skip
        book_fee(session, creditor_id, state, claim_id=None, attempt_id=None, now=now, on=today)


def _in_one(database: Database, write: Callable[[Session], None]) -> None:
    with database.writing() as session:
        write(session)


def _mark(session: Session, seqs: list[int], state: str, *, error: str | None = None) -> None:
    for event in events_at(session, seqs):
        event.state, event.error = state, error


def _later(session: Session, seqs: list[int], error: str, now: datetime) -> None:
    for event in events_at(session, seqs):
        if event.state == "received":
            event.next_try_at = now + BACK_OFF[min(event.tries, len(BACK_OFF) - 1)]
            event.tries, event.error = event.tries + 1, error


def reconcile_attempts(database: Database, stripe: StripeGateway, *, now: datetime, limit: int = 100) -> int:
    """Attempts open for more than 10 minutes, and those to be closed, are asked for at Stripe (R1); how many were."""
    with database.reading() as session:
        found = [
            (attempt.id, attempt.status == AttemptStatus.CLOSING or now >= attempt.expires_at)
            for attempt in attempts_to_ask(
                session, older_than=now - ASKED_AFTER, not_asked_since=now - ASKED_EVERY, limit=limit
            )
        ]
    asked = 0
    for attempt_id, close in found:
        try:
            converge(database, stripe, attempt_id, now=now, close=close)
            asked += 1
        except (StripeDown, StripeRefused, *LOST_RACE) as problem:
            log.warning("an attempt could not be asked for: %s", type(problem).__name__)
    return asked


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
