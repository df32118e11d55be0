"""What happens to the creditor's promise when somebody waits for an answer, and when nobody waits any more."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session, object_session

from portal.store.claims import Claim
from portal.store.pauses import Turn, open_turn
from portal.store.settings import day_of


def now_waits(claim: Claim, *, now: datetime, promised_on: date) -> None:
    """The debtor waits from now on unless he waited before; an earlier promise stands, and interest rests."""
    if claim.waiting_since is None:
        claim.waiting_since = now
        claim.promised_on = promised_on
        session = _session_of(claim)
        with session.no_autoflush:
            if open_turn(session, claim.creditor_id, claim.id) is None:
                first = day_of(session, claim.creditor_id, now)
                session.add(Turn(creditor_id=claim.creditor_id, claim_id=claim.id, from_on=first))


def answered(claim: Claim, *, now: datetime) -> None:
    """A person answered: nobody waits for the creditor any more, and the debtor has something to read."""
    nobody_waits(claim, now=now)
    claim.answered_at = now


def nobody_waits(claim: Claim, *, now: datetime) -> None:
    """The creditor owes no answer any more; this day is the last on which interest rests for it."""
    claim.waiting_since = None
    claim.promised_on = None
    session = _session_of(claim)
    turn = open_turn(session, claim.creditor_id, claim.id)
    if turn is not None:
        turn.until_on = max(turn.from_on, day_of(session, claim.creditor_id, now))


def nobody_waits_since(claim: Claim, since: datetime, *, now: datetime) -> None:
    """The same, but only if it was this moment's suggestion that began the waiting."""
    if claim.waiting_since == since:
        nobody_waits(claim, now=now)


def _session_of(claim: Claim) -> Session:
    session = object_session(claim)
    if session is None:
        raise LookupError("the claim was read in no session that could keep whose turn it is")
    return session
