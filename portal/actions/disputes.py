"""What happens when somebody says that something is not right, and when the desk has answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions import plans
from portal.actions.attachments import attach
from portal.actions.history import move
from portal.actions.pauses import end_pauses_of, pause
from portal.actions.promises import nobody_waits, now_waits
from portal.rules.attachments import FilePurpose
from portal.rules.claims import COST_KINDS, INTEREST_KINDS, ClaimStatus
from portal.rules.disputes import (
    LIVE,
    MOVES,
    PAUSE_AFTER_REJECTION,
    AnswerProblem,
    DisputeProblem,
    DisputeReason,
    DisputeStatus,
    Objection,
    problems,
    problems_of_answer,
)
from portal.rules.history import Actor, MoveNotAllowed
from portal.rules.ledger import ClaimSum
from portal.rules.messages import MessageKind
from portal.rules.pauses import PauseReason
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.disputes import Dispute, DisputeLine, dispute_at, disputed_lines, lines_of, live_disputes
from portal.store.messages import Message
from portal.store.settings import day_of

OWED = frozenset({ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value})


def raise_objection(
    session: Session,
    claim: Claim,
    objection: Objection,
    *,
    op: UUID,
    files: Sequence[UUID] = (),
    paid_on: date | None = None,
    promised_on: date,
    actor: Actor,
    now: datetime,
    today: date,
) -> Dispute | list[DisputeProblem]:
    """The objection is with the desk and the claim rests from this moment; or everything that stands against it.

    `files` are drafts of this person, `promised_on` the day of the answer. The same `op` gives the same objection.
    """
    lock(session, claim.creditor_id, claim.id)
    identity = uuid5(claim.id, str(op))
    known = dispute_at(session, claim.creditor_id, claim.id, identity)
    if known is not None:
        return known
    total = claim_sum(session, claim, on=today)
    taken = disputed_lines(session, claim.creditor_id, claim.id)
    concerned = lines_concerned(objection, total, taken)
    found = _problems(claim, objection, total, taken, concerned)
    if found:
        return found
    dispute = Dispute(
        id=identity,
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        status="",
        version=0,
        reason=objection.reason.value,
        whole=not objection.lines and objection.reason is not DisputeReason.COSTS,
        text=objection.text.strip(),
        amount_minor=objection.amount.minor if objection.amount else None,
        paid_on=paid_on,
        signed_in_id=actor.signed_in_id,
        raised_at=now,
    )
    move(
        session, dispute, DisputeStatus.OPEN, MOVES, claim=claim, actor=actor, now=now,
        reason=objection.reason, whole=dispute.whole, files=len(files), promised_on=promised_on,
    )  # fmt: skip
    attach(session, claim, files, purpose=FilePurpose.DISPUTE, subject_id=dispute.id, actor=actor, now=now)
    for position_id in sorted(concerned):
        session.add(
            DisputeLine(
                dispute_id=dispute.id, position_id=position_id, creditor_id=claim.creditor_id, live_flag=True
            )
        )  # fmt: skip
    _rest(session, claim, dispute, concerned, promised_on=promised_on, actor=actor, now=now, today=today)
    return dispute


def answer(
    session: Session,
    claim: Claim,
    dispute: Dispute,
    text: str,
    *,
    op: UUID,
    files: Sequence[UUID] = (),
    promised_on: date,
    actor: Actor,
    now: datetime,
    today: date,
) -> Dispute | list[AnswerProblem]:
    """The person's answer is with the desk: to its question, or once to a rejection, which opens it again."""
    lock(session, claim.creditor_id, claim.id)
    identity = uuid5(claim.id, str(op))
    if session.get(Message, identity) is not None:
        return dispute
    session.refresh(dispute)
    found = problems_of_answer(text, len(files))
    if found:
        return found
    if dispute.status == DisputeStatus.REJECTED:
        _open_again(session, claim, dispute, promised_on=promised_on, actor=actor, now=now, today=today)
    else:
        move(
            session, dispute, DisputeStatus.OPEN, MOVES, claim=claim, actor=actor, now=now,
            files=len(files), promised_on=promised_on,
        )  # fmt: skip
        now_waits(claim, now=now, promised_on=promised_on)
    attach(session, claim, files, purpose=FilePurpose.DISPUTE, subject_id=dispute.id, actor=actor, now=now)
    session.add(
        Message(
            id=identity, creditor_id=claim.creditor_id, claim_id=claim.id, kind=MessageKind.MESSAGE.value,
            debtor_id=claim.debtor_id, signed_in_id=actor.signed_in_id, text=text.strip(), sent_at=now,
        )
    )  # fmt: skip
    session.flush()
    return dispute


def withdraw(session: Session, claim: Claim, dispute: Dispute, *, actor: Actor, now: datetime, today: date) -> None:
    """The person takes the objection back: the claim goes on, and what was paused with it too."""
    lock(session, claim.creditor_id, claim.id)
    session.refresh(dispute)
    if dispute.status == DisputeStatus.WITHDRAWN:
        return
    waited = claim.waiting_since == dispute.raised_at
    move(session, dispute, DisputeStatus.WITHDRAWN, MOVES, claim=claim, actor=actor, now=now)
    release_lines(session, dispute)
    end_pauses_of(session, claim, dispute.id, actor=actor, now=now, today=today)
    rested = (today - rested_from(session, dispute, today)).days
    plans.resume_after_dispute(session, claim, paused_days=rested, now=now, today=today)
    if waited and not live_disputes(session, claim.creditor_id, claim.id):
        nobody_waits(claim, now=now)
        session.flush()


def lines_concerned(objection: Objection, total: ClaimSum, taken: Collection[UUID]) -> frozenset[UUID]:
    """Which lines an objection is about: those named, else the costs or everything that nobody contests yet."""
    if objection.lines:
        return objection.lines
    kinds = COST_KINDS if objection.reason is DisputeReason.COSTS else None
    return frozenset(
        line.position.id
        for line in total.lines
        if line.position.id not in taken
        and (line.position.kind in kinds if kinds else True)
        and (line.open.minor > 0 or line.position.kind in INTEREST_KINDS)
    )


def release_lines(session: Session, dispute: Dispute) -> frozenset[UUID]:
    """The lines of a decided objection are contested no more; they are returned."""
    rows = lines_of(session, dispute)
    for row in rows:
        row.live_flag = None
    session.flush()
    return frozenset(row.position_id for row in rows)


def rejection_ends(today: date) -> date:
    """The last day that a claim still rests after an objection was rejected (`decisions.md` 30)."""
    return today + PAUSE_AFTER_REJECTION


def _problems(
    claim: Claim, objection: Objection, total: ClaimSum, taken: frozenset[UUID], concerned: frozenset[UUID]
) -> list[DisputeProblem]:
    if claim.status not in OWED:
        return [DisputeProblem.NOTHING_OWED]
    open_lines = {line.position.id: line.open for line in total.lines if line.open.minor > 0}
    found = problems(objection, open_lines=open_lines, disputed=taken, owed=total.open)
    if not concerned and not found:
        costs_only = objection.reason is DisputeReason.COSTS
        found = [DisputeProblem.NO_COST_LINES if costs_only else DisputeProblem.LINE_ALREADY_DISPUTED]
    return found


def _rest(
    session: Session,
    claim: Claim,
    dispute: Dispute,
    lines: frozenset[UUID],
    *,
    promised_on: date,
    actor: Actor,
    now: datetime,
    today: date,
) -> None:
    pause(session, claim, PauseReason.DISPUTE, cause_id=dispute.id, actor=actor, now=now, today=today)
    plans.suspend_for_dispute(session, claim, lines, now=now, today=today)
    now_waits(claim, now=now, promised_on=promised_on)
    session.flush()


def _open_again(
    session: Session, claim: Claim, dispute: Dispute, *, promised_on: date, actor: Actor, now: datetime, today: date
) -> None:
    rows = lines_of(session, dispute)
    taken = disputed_lines(session, claim.creditor_id, claim.id)
    if dispute.reopened or claim.status not in OWED or taken & {row.position_id for row in rows}:
        raise MoveNotAllowed("dispute", dispute.status, DisputeStatus.OPEN)
    move(session, dispute, DisputeStatus.OPEN, MOVES, claim=claim, actor=actor, now=now, promised_on=promised_on)
    dispute.reopened = True
    for row in rows:
        row.live_flag = True
    end_pauses_of(session, claim, dispute.id, actor=actor, now=now, today=today)
    concerned = frozenset(row.position_id for row in rows)
    _rest(session, claim, dispute, concerned, promised_on=promised_on, actor=actor, now=now, today=today)


def rested_from(session: Session, dispute: Dispute, today: date) -> date:
    """The day since when this objection has rested the claim: when it was raised, or when it was decided last."""
    moment = dispute.decided_at or dispute.raised_at
    return min(day_of(session, dispute.creditor_id, moment), today)


def is_live(dispute: Dispute) -> bool:
    """True while nobody has decided the objection."""
    return DisputeStatus(dispute.status) in LIVE


def may_answer_again(dispute: Dispute) -> bool:
    """True if the person may answer a rejection, which is possible once."""
    return dispute.status == DisputeStatus.REJECTED and not dispute.reopened
