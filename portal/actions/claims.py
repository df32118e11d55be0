"""What happens to a claim as a whole when money or a decision changed what is owed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid5

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.actions import goodwill, offers, plans
from portal.actions.history import move, record
from portal.actions.ledger import Cause, drop
from portal.actions.promises import nobody_waits
from portal.actions.reallocation import again
from portal.rules.claims import MOVES, ClaimStatus
from portal.rules.history import Actor, EventKind, system
from portal.rules.money import Money
from portal.rules.payments import CauseType, EntryKind, NoteCode
from portal.store.allocation import last_valued
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.ledger import entry_by_key, receivable_postings
from portal.store.pauses import Pause
from portal.store.reckoning import reckoning_of
from portal.store.settings import Creditor


def after_money(
    session: Session, claim: Claim, creditor: Creditor, *, value_on: date, actor: Actor, now: datetime, today: date
) -> None:
    """What follows from money or a waiver: an offer is taken, a small rest dropped, a plan moves, all is settled.

    Goodwill that money had earned goes with that money.
    """
    offers.undo_if_unpaid(session, claim, now=now, today=today)
    goodwill.undo_if_unpaid(session, claim, creditor, now=now, today=today)
    offers.take_if_paid(session, claim, value_on=value_on, now=now, today=today)
    goodwill.take_if_paid(session, claim, creditor, value_on=value_on, now=now)
    paid_since = _paid_before_the_last_money(session, claim, value_on)
    if paid_since is None:
        value_on = max(value_on, last_valued(session, claim.creditor_id, claim.id) or value_on)
        _drop_small_rest(session, claim, creditor, value_on=value_on, now=now)
    plans.after_money(session, claim, creditor, now=now, today=today)
    nothing_open = paid_since is not None or claim_sum(session, claim, on=value_on).open.minor <= 0
    if claim.status == ClaimStatus.SETTLED and not nothing_open:
        move(session, claim, ClaimStatus.OPEN, MOVES, claim=claim, actor=actor, now=now)
        claim.ended_on = None
    if claim.status in (ClaimStatus.OPEN, ClaimStatus.HANDED_OVER) and nothing_open:
        settle(session, claim, actor=actor, now=now, today=today, on=paid_since or value_on)


def _paid_before_the_last_money(session: Session, claim: Claim, value_on: date) -> date | None:
    """The day since which nothing was open, where money valued later is known already; else None.

    That money found nothing to pay, so what a letter's fixed sum had forgiven does not come back with its day.
    """
    last = last_valued(session, claim.creditor_id, claim.id)
    if claim.status == ClaimStatus.SETTLED or last is None or last <= value_on:
        return None
    return reckoning_of(session, claim).closed_since(receivable_postings(session, claim.creditor_id, claim.id))


def settle(session: Session, claim: Claim, *, actor: Actor, now: datetime, today: date, on: date | None = None) -> None:
    """Nothing is owed any more since `on`: the claim is closed, and with it everything that was still under way.

    Interest counts to that day only, so a sum that a letter had fixed stays paid for ever.
    """
    move(session, claim, ClaimStatus.SETTLED, MOVES, claim=claim, actor=actor, now=now)
    _close(session, claim, now=now, today=today)
    claim.ended_on = on or today


def withdraw(session: Session, claim: Claim, *, actor: Actor, now: datetime, today: date) -> None:
    """The creditor asks for nothing any more: the claim is withdrawn."""
    move(session, claim, ClaimStatus.WITHDRAWN, MOVES, claim=claim, actor=actor, now=now)
    _close(session, claim, now=now, today=today)


def _close(session: Session, claim: Claim, *, now: datetime, today: date) -> None:
    claim.ended_on = today
    nobody_waits(claim, now=now)
    claim.announced_until = None
    plans.end_live(session, claim, now=now, today=today)
    offers.end_live(session, claim, now=now)
    session.flush()
    session.execute(
        update(Pause)
        .where(Pause.creditor_id == claim.creditor_id, Pause.claim_id == claim.id, Pause.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _drop_small_rest(session: Session, claim: Claim, creditor: Creditor, *, value_on: date, now: datetime) -> None:
    """A rest of up to the creditor's limit is not worth a letter; it is dropped with an event (`decisions.md` 19)."""
    total = claim_sum(session, claim, on=value_on)
    paid_anything = any(line.paid.minor > 0 for line in total.lines)
    if not paid_anything or not 0 < total.open.minor <= creditor.rest_drop_minor:
        return
    parts = [(line.position.id, line.open) for line in total.lines if line.open.minor > 0]
    key = f"rest {uuid5(claim.id, f'{value_on}|{total.open.minor}|{total.paid.minor}')}"
    while entry_by_key(session, claim.creditor_id, key) is not None:  # one that was dropped and is open again
        key = again(key)
    cause = Cause(CauseType.SYSTEM, claim.id, key, NoteCode.SMALL_REST)
    if drop(session, claim, parts, kind=EntryKind.REST_DROPPED, cause=cause, now=now, on=value_on):
        record(
            session,
            claim,
            EventKind.REST_DROPPED,
            actor=system("small rest"),
            now=now,
            amount=Money(total.open.minor, claim.currency),
        )
