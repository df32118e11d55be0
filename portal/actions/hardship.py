"""What happens when somebody can pay nothing at the moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.history import move, record
from portal.actions.pauses import end_pauses_of, pause
from portal.actions.plans import give_way, resume_after_dispute, suspend_for_dispute
from portal.actions.promises import answered, nobody_waits_since, now_waits
from portal.rules import hardship as rules
from portal.rules.claims import ClaimStatus
from portal.rules.dates import Calendar, months_later, promise_date
from portal.rules.hardship import HardshipProblem, HardshipStatus, Need
from portal.rules.history import Actor, EventKind, MoveNotAllowed, system
from portal.rules.pauses import RESUME_NOTICE, PauseReason
from portal.rules.plans import WAITING
from portal.store.claims import Claim, lock
from portal.store.hardship import Hardship, claims_with_live_hardships, hardship_at, live_hardship, question_asked
from portal.store.history import said_before
from portal.store.pauses import pauses_of_cause
from portal.store.plans import live_plan
from portal.store.settings import Creditor
from portal.store.today import Task

QUESTION = "hardship_question"


def tell(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    needs: Sequence[Need],
    text: str,
    *,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
    calendar: Calendar,
) -> Hardship | list[HardshipProblem]:
    """The claim rests at once and nothing is due; what somebody adds later stands with what was told before.

    A waiting suggestion gives way, a running plan is suspended. Raises MoveNotAllowed if the claim is closed.
    """
    claim = lock(session, creditor.id, claim.id)
    known = hardship_at(session, creditor.id, claim.id, uuid5(claim.id, str(op)))
    if known is not None:
        return known
    if claim.status != ClaimStatus.OPEN:
        raise MoveNotAllowed("claim", claim.status, "hardship")
    if len(text) > rules.MAX_TEXT:
        return [HardshipProblem.TEXT_TOO_LONG]
    promise = promise_date(today, creditor.answer_days, calendar)
    live = live_hardship(session, creditor.id, claim.id)
    if live is not None:
        return _added(session, claim, live, needs, text, op=op, actor=actor, now=now, promise=promise)
    _plan_rests(session, claim, actor=actor, now=now, today=today)
    matter = Hardship(
        id=uuid5(claim.id, str(op)),
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        status="",
        version=0,
        needs=[need.value for need in needs],
        text=text.strip(),
        until_on=rules.paused_until(today),
        signed_in_id=actor.signed_in_id,
        told_at=now,
    )
    move(session, matter, HardshipStatus.TOLD, rules.MOVES, claim=claim, actor=actor, now=now, until=matter.until_on)
    pause(
        session, claim, PauseReason.HARDSHIP, cause_id=matter.id, until=matter.until_on,
        actor=actor, now=now, today=today,
    )  # fmt: skip
    now_waits(claim, now=now, promised_on=promise)
    return matter


def accept(
    session: Session, claim: Claim, matter_id: UUID, *, op: UUID, actor: Actor, now: datetime, today: date
) -> Hardship:
    """The proof is accepted: the claim rests for twelve months (`ux.md` D4d)."""
    claim, matter, again = _decided(session, claim, matter_id, op)
    if again:
        return matter
    matter.until_on = months_later(today, rules.PAUSE_ON_PROOF_MONTHS, anchor=today.day)
    matter.proof_accepted, matter.clerk_id, matter.decided_at = True, actor.clerk_id, now
    move(
        session, matter, HardshipStatus.ACCEPTED, rules.MOVES,
        claim=claim, actor=actor, now=now, until=matter.until_on, op=op,
    )  # fmt: skip
    _rest_until(session, claim, matter, matter.until_on, actor=actor, now=now, today=today)
    answered(claim, now=now)
    return matter


def ask(
    session: Session,
    claim: Claim,
    matter_id: UUID,
    *,
    question: str,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> Hardship | list[HardshipProblem]:
    """The clerk has a question; the claim goes on resting, for at least as long as at the beginning."""
    claim, matter, again = _decided(session, claim, matter_id, op)
    if again:
        return matter
    if not question.strip():
        return [HardshipProblem.QUESTION_MISSING]
    if len(question) > rules.MAX_TEXT:
        return [HardshipProblem.TEXT_TOO_LONG]
    matter.reason, matter.clerk_id = question.strip(), actor.clerk_id
    matter.until_on = max(matter.until_on, rules.paused_until(today))
    move(session, matter, HardshipStatus.ASKED, rules.MOVES, claim=claim, actor=actor, now=now, op=op)
    _rest_until(session, claim, matter, matter.until_on, actor=actor, now=now, today=today)
    answered(claim, now=now)
    return matter


def decline(
    session: Session,
    claim: Claim,
    matter_id: UUID,
    *,
    reason: str,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> Hardship | list[HardshipProblem]:
    """The clerk can't let the claim rest longer and says why; it rests for seven more days."""
    claim, matter, again = _decided(session, claim, matter_id, op)
    if again:
        return matter
    if not reason.strip():
        return [HardshipProblem.REASON_MISSING]
    if len(reason) > rules.MAX_TEXT:
        return [HardshipProblem.TEXT_TOO_LONG]
    matter.reason, matter.clerk_id, matter.decided_at = reason.strip(), actor.clerk_id, now
    move(session, matter, HardshipStatus.DECLINED, rules.MOVES, claim=claim, actor=actor, now=now, op=op)
    _rest_over(session, claim, matter, until=today + RESUME_NOTICE, actor=actor, now=now, today=today)
    answered(claim, now=now)
    return matter


def withdraw(
    session: Session, claim: Claim, matter_id: UUID, *, op: UUID, actor: Actor, now: datetime, today: date
) -> Hardship:
    """The person can pay again: the pause ends and a suspended plan goes on later."""
    claim, matter, again = _decided(session, claim, matter_id, op)
    if again:
        return matter
    nobody_waits_since(claim, matter.told_at, now=now)
    move(session, matter, HardshipStatus.WITHDRAWN, rules.MOVES, claim=claim, actor=actor, now=now, op=op)
    _rest_over(session, claim, matter, until=None, actor=actor, now=now, today=today)
    return matter


def daily(session: Session, creditor: Creditor, *, today: date, now: datetime) -> None:
    """Before a pause ends the person is asked how things are, once; after its last day the matter is over."""
    for claim_id in claims_with_live_hardships(session, creditor.id):
        claim = lock(session, creditor.id, claim_id)
        matter = live_hardship(session, creditor.id, claim_id)
        if matter is None:
            continue
        actor = system("hardship pause ended")
        if matter.until_on < today or claim.status != ClaimStatus.OPEN:
            move(session, matter, HardshipStatus.ENDED, rules.MOVES, claim=claim, actor=actor, now=now)
            _rest_over(session, claim, matter, until=None, actor=actor, now=now, today=today)
        elif matter.until_on - rules.QUESTION_BEFORE_END <= today:
            _ask_how_things_are(session, claim, matter, now=now)


def _ask_how_things_are(session: Session, claim: Claim, matter: Hardship, *, now: datetime) -> None:
    if question_asked(session, matter):
        return
    session.add(
        Task(
            creditor_id=claim.creditor_id,
            claim_id=claim.id,
            kind=QUESTION,
            subject_id=matter.id,
            since=now,
            due_on=matter.until_on,
        )
    )
    record(
        session, claim, EventKind.HARDSHIP_ASKED, actor=system("question before the pause ends"), now=now,
        subject="hardship", subject_id=matter.id, until=matter.until_on,
    )  # fmt: skip


def _added(
    session: Session,
    claim: Claim,
    matter: Hardship,
    needs: Sequence[Need],
    text: str,
    *,
    op: UUID,
    actor: Actor,
    now: datetime,
    promise: date,
) -> Hardship | list[HardshipProblem]:
    """What somebody adds to the matter; an open question counts as answered."""
    if said_before(session, claim.creditor_id, claim.id, matter.id, op):
        return matter
    whole = "\n\n".join(part for part in (matter.text, text.strip()) if part)
    if len(whole) > 3 * rules.MAX_TEXT:
        return [HardshipProblem.TEXT_TOO_LONG]
    matter.needs = list(dict.fromkeys([*matter.needs, *(need.value for need in needs)]))
    matter.text = whole
    if matter.status == HardshipStatus.ASKED:
        move(session, matter, HardshipStatus.TOLD, rules.MOVES, claim=claim, actor=actor, now=now, op=op)
    else:
        record(
            session, claim, EventKind.HARDSHIP_TOLD, actor=actor, now=now, subject="hardship", subject_id=matter.id,
            until=matter.until_on, op=op,
        )  # fmt: skip
    now_waits(claim, now=now, promised_on=promise)
    return matter


def _plan_rests(session: Session, claim: Claim, *, actor: Actor, now: datetime, today: date) -> None:
    plan = live_plan(session, claim.creditor_id, claim.id)
    if plan is not None and plan.status in WAITING:
        give_way(session, claim, actor=actor, now=now, today=today)
    else:
        suspend_for_dispute(session, claim, frozenset(), now=now, today=today)


def _rest_until(
    session: Session, claim: Claim, matter: Hardship, until: date, *, actor: Actor, now: datetime, today: date
) -> None:
    held = pauses_of_cause(session, claim.creditor_id, claim.id, matter.id)
    for row in held:
        row.until_on = until
    if not held:
        pause(session, claim, PauseReason.HARDSHIP, cause_id=matter.id, until=until, actor=actor, now=now, today=today)


def _rest_over(
    session: Session, claim: Claim, matter: Hardship, *, until: date | None, actor: Actor, now: datetime, today: date
) -> None:
    """The pause ends today or on the promised day, and a suspended plan is due later by the days it rested."""
    held = pauses_of_cause(session, claim.creditor_id, claim.id, matter.id)
    began = min((row.from_on for row in held), default=today)
    end_pauses_of(session, claim, matter.id, until=until, actor=actor, now=now, today=today)
    resume_after_dispute(session, claim, paused_days=((until or today) - began).days, now=now, today=today)


def _decided(session: Session, claim: Claim, matter_id: UUID, op: UUID) -> tuple[Claim, Hardship, bool]:
    claim = lock(session, claim.creditor_id, claim.id)
    matter = hardship_at(session, claim.creditor_id, claim.id, matter_id)
    if matter is None:
        raise MoveNotAllowed("hardship", None, "decided")
    session.refresh(matter)
    return claim, matter, said_before(session, claim.creditor_id, claim.id, matter.id, op)
