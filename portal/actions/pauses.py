"""What happens when a claim rests or goes on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.rules.claims import ClaimStatus
from portal.rules.history import Actor, EventKind, MoveNotAllowed
from portal.rules.messages import MessageKind
from portal.rules.pauses import (
    BY_HAND,
    PauseProblem,
    PauseReason,
    Stops,
    problems_of_resume,
    problems_of_until,
)
from portal.store.claims import Claim, lock
from portal.store.messages import Message
from portal.store.pauses import Pause, open_pauses, pause_at, pauses_of_cause

#: While one of these holds, no interest accrues: it is the creditor's turn, or both have agreed.
WITHOUT_INTEREST = frozenset(
    {
        PauseReason.DISPUTE,
        PauseReason.SUGGESTION,
        PauseReason.PLAN,
        PauseReason.DEFERRAL,
        PauseReason.HARDSHIP,
        PauseReason.EVIDENCE_MISSING,
        PauseReason.WRONG_PERSON,
    }
)


def pause(
    session: Session,
    claim: Claim,
    reason: PauseReason,
    *,
    cause_id: UUID | None = None,
    until: date | None = None,
    stops: Stops | None = None,
    text: str = "",
    actor: Actor,
    now: datetime,
    today: date,
    pause_id: UUID | None = None,
) -> Pause:
    """Let the claim rest from today, until a day or until somebody decides; both sides see it in the timeline."""
    held = stops or Stops(interest=reason in WITHOUT_INTEREST)
    row = Pause(
        id=pause_id or uuid4(),
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        reason=reason.value,
        cause_id=cause_id,
        clerk_id=actor.clerk_id,
        text=text,
        from_on=today,
        until_on=until,
        stops_letters=held.letters,
        stops_costs=held.costs,
        stops_interest=held.interest,
        stops_steps=held.steps,
        began_at=now,
    )
    session.add(row)
    _happened(session, claim, EventKind.PAUSED, row, actor=actor, now=now, until=until)
    return row


def end_pauses_of(
    session: Session,
    claim: Claim,
    cause_id: UUID,
    *,
    until: date | None = None,
    actor: Actor,
    now: datetime,
    today: date,
) -> None:
    """The cause is gone: its pauses end today, or stay until a last day that was promised."""
    for row in pauses_of_cause(session, claim.creditor_id, claim.id, cause_id):
        if until is not None and until > today:
            row.until_on = until
            continue
        end_pause(session, claim, row, actor=actor, now=now, today=today)


def end_pause(
    session: Session, claim: Claim, row: Pause, *, actor: Actor, now: datetime, today: date, text: str = ""
) -> None:
    """This pause ends today; the claim goes on unless another one holds it."""
    row.ended_at = now
    row.until_on = min(row.until_on, today) if row.until_on else today
    _happened(session, claim, EventKind.RESUMED, row, actor=actor, now=now, text=bool(text))


def pause_by_hand(
    session: Session,
    claim: Claim,
    *,
    until: date | None,
    interest: bool,
    text: str,
    words: str,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> Pause | list[PauseProblem]:
    """The desk lets the claim rest until a day or until it decides; or everything that stands against it.

    `interest` says whether interest rests too; `words` are what the debtor reads in the conversation. Paying stays
    possible. The same `op` again gives the pause that is there.
    """
    lock(session, claim.creditor_id, claim.id)
    identity = uuid5(claim.id, str(op))
    known = pause_at(session, claim.creditor_id, claim.id, identity)
    if known is not None:
        return known
    if claim.status != ClaimStatus.OPEN:
        raise MoveNotAllowed("pause", claim.status, PauseReason.CREDITOR)
    found = problems_of_until(until, today)
    held = open_pauses(session, claim.creditor_id, claim.id, today)
    if any(row.reason == PauseReason.CREDITOR for row in held):
        found.append(PauseProblem.ALREADY_PAUSED)
    if found:
        return found
    row = pause(
        session,
        claim,
        PauseReason.CREDITOR,
        until=until,
        stops=Stops(interest=interest),
        text=text,
        actor=actor,
        now=now,
        today=today,
        pause_id=identity,
    )
    _tell(session, claim, words, message_id=uuid5(identity, "message"), actor=actor, now=now)
    return row


def resume(
    session: Session,
    claim: Claim,
    *,
    resumes_on: date | None,
    reason: str,
    words: str,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> list[PauseProblem]:
    """The claim goes on from that day, and the debtor has the date and the reason; or everything that is missing.

    `words` are what the debtor reads. Only pauses that a person may end rest no longer: an objection, a plan or a
    suggestion ends with its own decision.
    """
    lock(session, claim.creditor_id, claim.id)
    identity = uuid5(claim.id, str(op))
    if session.get(Message, identity) is not None:
        return []
    held = endable(session, claim, today)
    found = problems_of_resume(resumes_on, reason, today)
    if not held:
        found.append(PauseProblem.NOT_PAUSED)
    if found or resumes_on is None:
        return found
    for row in held:
        last = resumes_on - timedelta(days=1)
        row.until_on = min(row.until_on, last) if row.until_on else last
        _happened(session, claim, EventKind.RESUMED, row, actor=actor, now=now, on=resumes_on)
    _tell(session, claim, words, message_id=identity, actor=actor, now=now)
    return []


def endable(session: Session, claim: Claim, today: date) -> list[Pause]:
    """The pauses that rest on the claim today and that the desk may end by hand."""
    return [row for row in open_pauses(session, claim.creditor_id, claim.id, today) if row.reason in BY_HAND]


def _happened(
    session: Session, claim: Claim, kind: EventKind, row: Pause, *, actor: Actor, now: datetime, **details: object
) -> None:
    """The timeline says that this pause began or ended, and why it was there."""
    record(session, claim, kind, actor=actor, now=now, subject="pause", subject_id=row.id, reason=row.reason, **details)


def _tell(session: Session, claim: Claim, text: str, *, message_id: UUID, actor: Actor, now: datetime) -> None:
    """The debtor has these words in the conversation, with the clerk's name."""
    session.add(
        Message(
            id=message_id,
            creditor_id=claim.creditor_id,
            claim_id=claim.id,
            kind=MessageKind.MESSAGE.value,
            clerk_id=actor.clerk_id,
            text=text,
            sent_at=now,
        )
    )
    claim.answered_at = now
    record(session, claim, EventKind.MESSAGE_SENT, actor=actor, now=now, subject="message", subject_id=message_id)
