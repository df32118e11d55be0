"""What happens with what the provider tells us: an inbox that is emptied, and questions where nothing was told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.actions import connections
from portal.actions.convergence import StillMoving, converge
from portal.actions.payouts import take_payout
from portal.actions.suspense import hold_foreign
from portal.gateways.stripe import StripeDown, StripeGateway, StripeRefused, VerifiedEvent, target_of
from portal.rules.history import MoveNotAllowed
from portal.rules.payments import AttemptStatus
from portal.store.database import Database
from portal.store.payments import add_event, attempt_named, attempts_to_ask, due_events, events_at
from portal.store.settings import Creditor

log = logging.getLogger("portal.payments")

ASKED_AFTER, ASKED_EVERY = timedelta(minutes=10), timedelta(minutes=5)
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1_800, 3_600, 10_800, 21_600))
#: What the creditor's account may do has changed, or we may not see it any more.
ACCOUNT_EVENTS = ("account.updated", "account.application.", "capability.")
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
    """Events about one and the same payment, payout or account: one fetch answers them all."""

    creditor_id: UUID
    account: str
    attempt_id: UUID | None
    pi_id: str | None
    payout_id: str | None
    is_account: bool
    seqs: list[int]


def drain_events(
    database: Database,
    stripe: StripeGateway,
    *,
    now: datetime,
    limit: int = 200,
    start: int = 0,
    between: Callable[[], object] = lambda: None,
) -> int:
    """The ledger agrees with Stripe about all that the inbox named; how many events are done. Safe on many workers.

    Workers that begin at different places (`start`) share the work: what another one has done meanwhile is left out.
    `between` two objects others may have their turn.
    """
    with database.reading() as session:
        work = _group(session, now, limit)
    first = start % len(work) if work else 0
    done = 0
    for due in (*work[first:], *work[:first]):
        done += _done_with(database, stripe, due, now)
        between()
    return done


def _done_with(database: Database, stripe: StripeGateway, due: _Due, now: datetime) -> int:
    with database.reading() as session:
        waiting = any(event.state == "received" for event in events_at(session, due.seqs))
    return len(due.seqs) if waiting and _handle(database, stripe, due, now) else 0


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
        payout_id = event.object_id if event.type.startswith("payout.") else None
        is_account = event.type.startswith(ACCOUNT_EVENTS)
        key = (event.creditor_id, attempt_id or target.pi_id or payout_id or ("account" if is_account else None))
        one = _Due(event.creditor_id, event.account, attempt_id, target.pi_id, payout_id, is_account, [])
        due = found.setdefault(key, one)
        due.seqs.append(event.seq)
    return list(found.values())


def _handle(database: Database, stripe: StripeGateway, due: _Due, now: datetime) -> bool:
    def done(session: Session) -> None:
        _mark(session, due.seqs, "done")

    try:
        if due.attempt_id is not None:
            converge(database, stripe, due.attempt_id, now=now, pi_id=due.pi_id, then=done)
        elif due.pi_id is not None:
            settle_payment(database, stripe, due.creditor_id, due.account, due.pi_id, now=now, then=done)
        elif due.payout_id is not None:
            take_payout(database, stripe, due.creditor_id, due.account, due.payout_id, now=now)
            _in_one(database, lambda session: done(session))
        elif due.is_account:
            connections.look(database, stripe, due.creditor_id, now=now)
            _in_one(database, done)
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


def settle_payment(
    database: Database,
    stripe: StripeGateway,
    creditor_id: UUID,
    account: str,
    pi_id: str,
    *,
    now: datetime,
    then: Callable[[Session], None] | None = None,
) -> None:
    """The ledger agrees with Stripe about this payment, whoever asked for it; one whose attempt only Stripe names is
    adopted, and what belongs to no attempt of ours stands in suspense. `then` runs in the same transaction."""
    with database.reading() as session:
        attempt = attempt_named(session, creditor_id, attempt_id=None, session_id=None, pi_id=pi_id)
    if attempt is None:
        state = stripe.paid_state(account, pi_id)
        named = _uuid(state.client_reference)
        with database.reading() as session:
            attempt = attempt_named(session, creditor_id, attempt_id=named, session_id=None, pi_id=None)
        if attempt is None:
            with database.writing() as session:
                hold_foreign(session, creditor_id, state, now=now)
                if then is not None:
                    then(session)
            return
    converge(database, stripe, attempt.id, now=now, pi_id=pi_id, then=then)


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
