"""What happens when a clerk says whose money it is, that it is nobody's here, or that this was a mistake."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.actions.bank_postings import (
    put_on_claim,
    shift,
    stop_waiting,
    take_off_claim,
    wait,
    waiting_task,
)
from portal.actions.bookings import SumMoved
from portal.rules.bank import ASIDE, TAKEN_BACK_FROM, BankState, MatchProblem, Why, match_problems
from portal.rules.history import Actor, MoveNotAllowed
from portal.store.bank import BankTransaction, lock_transaction
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.settings import creditor_by_id


class MatchRefused(Exception):
    """This money can't be put there; `problems` names every reason."""

    def __init__(self, problems: list[MatchProblem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def match(
    session: Session,
    row: BankTransaction,
    claim: Claim,
    *,
    seen_minor: int | None,
    actor: Actor,
    now: datetime,
    today: date,
) -> None:
    """The money stands on this claim with its value date; said twice it is booked once.

    `seen_minor` is what was open on the claim when the clerk decided (None: the reference was typed, nothing shown).
    Raises SumMoved, MatchRefused, and MoveNotAllowed where a colleague was faster.
    """
    claim = lock(session, claim.creditor_id, claim.id)
    row = lock_transaction(session, row.creditor_id, row.id)
    if row.status == BankState.BOOKED and row.claim_id == claim.id:
        return
    if row.status != BankState.UNMATCHED:
        raise MoveNotAllowed("bank", row.status, BankState.BOOKED)
    ahead = (row.value_on - today).days
    if found := match_problems(row.money, claim.currency, claim.status, credit=row.credit, days_ahead=ahead):
        raise MatchRefused(found)
    if seen_minor is not None and seen_minor != claim_sum(session, claim, on=today).open.minor:
        raise SumMoved
    _decided(row, actor, now)
    creditor = creditor_by_id(session, claim.creditor_id)
    put_on_claim(session, row, claim, creditor, actor=actor, now=now, today=today)
    waiting_task(session, claim.creditor_id, now=now)


def set_aside(session: Session, row: BankTransaction, to: BankState, *, actor: Actor, now: datetime) -> None:
    """The money was sent back, or is none of ours: it left our books, and who said so is kept."""
    row = lock_transaction(session, row.creditor_id, row.id)
    if row.status == to:
        return
    if to not in ASIDE:
        raise MoveNotAllowed("bank", row.status, to)
    shift(row, to)
    stop_waiting(session, row, now=now)
    _decided(row, actor, now)
    waiting_task(session, row.creditor_id, now=now)


def take_back(session: Session, row: BankTransaction, *, actor: Actor, now: datetime, today: date) -> None:
    """The decision was a mistake: the money waits again. Once per amount; after that a lead books by hand."""
    claim = lock(session, row.creditor_id, row.claim_id) if row.claim_id else None
    row = lock_transaction(session, row.creditor_id, row.id)
    if row.taken_back_at is not None or row.status not in TAKEN_BACK_FROM:
        raise MatchRefused([MatchProblem.TAKEN_BACK])
    if row.status == BankState.BOOKED:
        if claim is None or claim.id != row.claim_id:
            raise MoveNotAllowed("bank", row.status, BankState.UNMATCHED)
        creditor = creditor_by_id(session, row.creditor_id)
        take_off_claim(
            session, row, claim, creditor, on=None, to=BankState.UNMATCHED, actor=actor, now=now, today=today
        )
    else:
        shift(row, BankState.UNMATCHED)
    row.claim_id = None
    row.rounds += 1
    row.taken_back_at = now
    _decided(row, actor, now)
    wait(session, row, Why.TAKEN_BACK, now=now)
    waiting_task(session, row.creditor_id, now=now)


def _decided(row: BankTransaction, actor: Actor, now: datetime) -> None:
    row.decided_by, row.decided_at = actor.clerk_id, now
