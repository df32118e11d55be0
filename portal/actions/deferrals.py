"""What happens when somebody asks to pay everything later."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.history import move
from portal.actions.pauses import end_pauses_of, pause
from portal.actions.plans import give_way
from portal.actions.promises import answered, nobody_waits_since, now_waits
from portal.rules import deferrals as rules
from portal.rules.claims import ClaimStatus
from portal.rules.dates import Calendar, promise_date
from portal.rules.deferrals import DeferralProblem, DeferralStatus
from portal.rules.history import Actor, MoveNotAllowed, system
from portal.rules.pauses import RESUME_NOTICE, PauseReason
from portal.rules.plans import DecisionProblem, notice_version, reason_problems
from portal.store.claims import Claim, lock
from portal.store.deferrals import Deferral, claims_with_live_deferrals, deferral_at, live_deferral
from portal.store.history import said_before
from portal.store.pauses import pauses_of_cause
from portal.store.settings import Creditor


def ask(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    day: date | None,
    *,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
    calendar: Calendar,
) -> Deferral | list[DeferralProblem]:
    """The person has time until this day, or the next working day; beyond the limit the clerk answers first.

    An earlier wish and a waiting suggestion give way; raises MoveNotAllowed if a plan runs or the claim is closed.
    """
    claim = lock(session, creditor.id, claim.id)
    known = deferral_at(session, creditor.id, claim.id, uuid5(claim.id, str(op)))
    if known is not None:
        return known
    if claim.status != ClaimStatus.OPEN:
        raise MoveNotAllowed("claim", claim.status, "deferral")
    found = rules.problems(day, today, creditor.deferral_latest_days)
    if found or day is None:
        return found
    give_way(session, claim, actor=actor, now=now, today=today)
    _replace_earlier(session, claim, actor=actor, now=now, today=today)
    at_once = rules.within_limits(day, today, creditor.deferral_at_once_days)
    deferral = Deferral(
        id=uuid5(claim.id, str(op)),
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        status="",
        version=0,
        until_on=rules.working_day(day, calendar),
        notice_version=notice_version(creditor.country),
        asked_at=now,
        decided_at=now if at_once else None,
    )
    move(
        session, deferral, DeferralStatus.GRANTED if at_once else DeferralStatus.PROPOSED, rules.MOVES,
        claim=claim, actor=actor, now=now, until=deferral.until_on, notice=deferral.notice_version,
    )  # fmt: skip
    if at_once:
        pause(
            session, claim, PauseReason.DEFERRAL, cause_id=deferral.id, until=deferral.until_on,
            actor=actor, now=now, today=today,
        )  # fmt: skip
    else:
        pause(session, claim, PauseReason.SUGGESTION, cause_id=deferral.id, actor=actor, now=now, today=today)
        now_waits(claim, now=now, promised_on=promise_date(today, creditor.answer_days, calendar))
    return deferral


def grant(
    session: Session, claim: Claim, deferral_id: UUID, *, op: UUID, actor: Actor, now: datetime, today: date
) -> Deferral:
    """The clerk says yes: the person has time until the day that was asked for."""
    claim, deferral, again = _decided(session, claim, deferral_id, op)
    if again:
        return deferral
    if deferral.until_on <= today:
        raise MoveNotAllowed("deferral", deferral.status, DeferralStatus.GRANTED)
    deferral.clerk_id, deferral.decided_at = actor.clerk_id, now
    move(
        session, deferral, DeferralStatus.GRANTED, rules.MOVES,
        claim=claim, actor=actor, now=now, until=deferral.until_on, op=op,
    )  # fmt: skip
    for row in pauses_of_cause(session, claim.creditor_id, claim.id, deferral.id):
        row.reason, row.until_on = PauseReason.DEFERRAL.value, deferral.until_on
    answered(claim, now=now)
    return deferral


def decline(
    session: Session,
    claim: Claim,
    deferral_id: UUID,
    *,
    reason: str,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> Deferral | list[DecisionProblem]:
    """The clerk says no with a reason; the claim rests for seven more days."""
    claim, deferral, again = _decided(session, claim, deferral_id, op)
    if again:
        return deferral
    if found := reason_problems(reason):
        return found
    deferral.clerk_id, deferral.decided_at, deferral.reason = actor.clerk_id, now, reason.strip()
    move(session, deferral, DeferralStatus.DECLINED, rules.MOVES, claim=claim, actor=actor, now=now, op=op)
    end_pauses_of(session, claim, deferral.id, until=today + RESUME_NOTICE, actor=actor, now=now, today=today)
    answered(claim, now=now)
    return deferral


def withdraw(
    session: Session, claim: Claim, deferral_id: UUID, *, op: UUID, actor: Actor, now: datetime, today: date
) -> Deferral:
    """The person takes a wish back that nobody answered yet."""
    claim, deferral, again = _decided(session, claim, deferral_id, op)
    if again:
        return deferral
    nobody_waits_since(claim, deferral.asked_at, now=now)
    move(session, deferral, DeferralStatus.WITHDRAWN, rules.MOVES, claim=claim, actor=actor, now=now, op=op)
    end_pauses_of(session, claim, deferral.id, actor=actor, now=now, today=today)
    return deferral


def daily(session: Session, creditor: Creditor, *, today: date, now: datetime) -> None:
    """What was granted until a day before today is over, and so is what hangs on a closed claim."""
    for claim_id in claims_with_live_deferrals(session, creditor.id):
        claim = lock(session, creditor.id, claim_id)
        deferral = live_deferral(session, creditor.id, claim_id)
        if deferral is None:
            continue
        over = deferral.status == DeferralStatus.GRANTED and deferral.until_on < today
        if not over and claim.status == ClaimStatus.OPEN:
            continue
        actor = system("deferral ended")
        move(session, deferral, DeferralStatus.ENDED, rules.MOVES, claim=claim, actor=actor, now=now)
        end_pauses_of(session, claim, deferral.id, actor=actor, now=now, today=today)


def _replace_earlier(session: Session, claim: Claim, *, actor: Actor, now: datetime, today: date) -> None:
    earlier = live_deferral(session, claim.creditor_id, claim.id)
    if earlier is not None:
        nobody_waits_since(claim, earlier.asked_at, now=now)
        move(session, earlier, DeferralStatus.REPLACED, rules.MOVES, claim=claim, actor=actor, now=now)
        end_pauses_of(session, claim, earlier.id, actor=actor, now=now, today=today)


def _decided(session: Session, claim: Claim, deferral_id: UUID, op: UUID) -> tuple[Claim, Deferral, bool]:
    claim = lock(session, claim.creditor_id, claim.id)
    deferral = deferral_at(session, claim.creditor_id, claim.id, deferral_id)
    if deferral is None:
        raise MoveNotAllowed("deferral", None, "decided")
    session.refresh(deferral)
    return claim, deferral, said_before(session, claim.creditor_id, claim.id, deferral.id, op)
