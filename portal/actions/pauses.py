"""What happens when a claim rests or goes on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.rules.history import Actor, EventKind
from portal.rules.pauses import PauseReason, Stops
from portal.store.claims import Claim
from portal.store.pauses import Pause, pauses_of_cause

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
    record(
        session, claim, EventKind.PAUSED, actor=actor, now=now, subject="pause", subject_id=row.id,
        reason=reason, until=until,
    )
    return row


def end_pauses_of(
    session: Session, claim: Claim, cause_id: UUID, *, until: date | None = None, actor: Actor, now: datetime, today: date
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
    record(
        session, claim, EventKind.RESUMED, actor=actor, now=now, subject="pause", subject_id=row.id,
        reason=row.reason, text=bool(text),
    )
