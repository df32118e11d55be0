"""What happens when the desk decides an objection: money is found, given up, or asked for with a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions import plans
from portal.actions.attachments import attach
from portal.actions.claims import after_money
from portal.actions.disputes import rejection_ends, release_lines, rested_from
from portal.actions.history import move, record
from portal.actions.ledger import Cause, book_payment, drop
from portal.actions.pauses import end_pauses_of
from portal.actions.promises import answered
from portal.rules.attachments import FilePurpose
from portal.rules.claims import ALLOCATION_ORDER, COST_KINDS, INTEREST_KINDS, PositionKind
from portal.rules.disputes import MOVES, Decision, DecisionProblem, DisputeReason, DisputeStatus, problems_of_decision
from portal.rules.history import Actor, EventKind, MoveNotAllowed
from portal.rules.ledger import ClaimSum, Line
from portal.rules.messages import MessageKind
from portal.rules.money import Money, total
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.disputes import Dispute, lines_of
from portal.store.messages import Message
from portal.store.plans import live_plan
from portal.store.settings import Creditor

#: A credit lowers what was sold first, then the interest on it, then the costs.
CREDIT_ORDER = tuple(reversed(ALLOCATION_ORDER))


def decide(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    dispute: Dispute,
    decision: Decision,
    *,
    op: UUID,
    files: Sequence[UUID] = (),
    actor: Actor,
    now: datetime,
    today: date,
) -> list[DecisionProblem]:
    """The objection is decided, or a question is with the debtor; the list says everything that stands against it.

    Upheld because paid: the found payment counts from its day, and costs and interest since are given up. Upheld
    otherwise: the lines are credited. Partly: what stays owed on them is the new sum. Rejected: ten days more of rest.
    """
    lock(session, claim.creditor_id, claim.id)
    identity = uuid5(claim.id, str(op))
    if session.get(Message, identity) is not None:
        return []
    session.refresh(dispute)
    if (DisputeStatus(dispute.status), decision.to) not in MOVES:
        raise MoveNotAllowed("dispute", dispute.status, decision.to)
    concerned = concerned_lines(session, dispute, claim_sum(session, claim, on=today))
    found = problems_of_decision(
        decision, DisputeReason(dispute.reason), owed=_open(concerned, claim), today=today,
        principal=_open([line for line in concerned if line.position.kind is PositionKind.PRINCIPAL], claim),
    )  # fmt: skip
    if found:
        return found
    _say(session, claim, dispute, decision, identity, files, actor=actor, now=now)
    if decision.to is DisputeStatus.ASKED:
        move(session, dispute, decision.to, MOVES, claim=claim, actor=actor, now=now)
    else:
        _end(session, claim, creditor, dispute, decision, concerned, actor=actor, now=now, today=today)
    answered(claim, now=now)
    session.flush()
    return []


def concerned_lines(session: Session, dispute: Dispute, owed: ClaimSum) -> list[Line]:
    """The lines that a decision is about; with all of the principal goes the interest on it."""
    ids = {row.position_id for row in lines_of(session, dispute)}
    principal = {line.position.id for line in owed.lines if line.position.kind is PositionKind.PRINCIPAL}
    whole = bool(principal) and principal <= ids
    return [
        line
        for line in owed.lines
        if line.position.id in ids or (whole and line.position.kind in INTEREST_KINDS and not line.disputed)
    ]


def _say(
    session: Session,
    claim: Claim,
    dispute: Dispute,
    decision: Decision,
    message_id: UUID,
    files: Sequence[UUID],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """What was decided stands in the conversation, with its documents and the name of who decided."""
    dispute.answer, dispute.clerk_id = decision.text.strip(), actor.clerk_id
    attach(session, claim, files, purpose=FilePurpose.DISPUTE, subject_id=dispute.id, actor=actor, now=now)
    session.add(
        Message(
            id=message_id, creditor_id=claim.creditor_id, claim_id=claim.id, kind=MessageKind.MESSAGE.value,
            clerk_id=actor.clerk_id, text=decision.text.strip(), sent_at=now,
        )
    )  # fmt: skip


def _end(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    dispute: Dispute,
    decision: Decision,
    concerned: Collection[Line],
    *,
    actor: Actor,
    now: datetime,
    today: date,
) -> None:
    raised_on = rested_from(session, dispute, today)
    dispute.decided_at = now
    dispute.found_minor = decision.found.minor if decision.found else None
    dispute.found_on = decision.found_on
    ids = {line.position.id for line in concerned}
    release_lines(session, dispute)
    move(
        session, dispute, decision.to, MOVES, claim=claim, actor=actor, now=now,
        reason=DisputeReason(dispute.reason), found=decision.found, found_on=decision.found_on,
        new_sum=decision.new_sum,
        paused_until=rejection_ends(today) if decision.to is DisputeStatus.REJECTED else None,
    )  # fmt: skip
    if decision.to is DisputeStatus.REJECTED:
        until = rejection_ends(today)
        end_pauses_of(session, claim, dispute.id, until=until, actor=actor, now=now, today=today)
        plans.resume_after_dispute(session, claim, paused_days=(until - raised_on).days, now=now, today=today)
        return
    value_on = _money(session, claim, dispute, decision, ids, actor=actor, now=now, today=today)
    end_pauses_of(session, claim, dispute.id, actor=actor, now=now, today=today)
    plan = live_plan(session, claim.creditor_id, claim.id)
    if plan is not None and ids & {UUID(position) for position in plan.covered}:
        plans.end_live(session, claim, now=now, today=today)
    else:
        plans.resume_after_dispute(session, claim, paused_days=(today - raised_on).days, now=now, today=today)
    after_money(session, claim, creditor, value_on=value_on, actor=actor, now=now, today=today)


def _money(
    session: Session,
    claim: Claim,
    dispute: Dispute,
    decision: Decision,
    ids: Collection[UUID],
    *,
    actor: Actor,
    now: datetime,
    today: date,
) -> date:
    """Book what was found and give up what is not owed; the day from which it counts."""
    value_on = today
    if decision.found is not None and decision.found_on is not None:
        value_on = decision.found_on
        _book_found(session, claim, dispute, decision, ids, value_on=value_on, actor=actor, now=now, today=today)
    left = Money.zero(claim.currency)
    if decision.to is DisputeStatus.PARTLY:
        owed = _open(_those(claim_sum(session, claim, on=today), ids), claim)
        left = min(decision.new_sum, owed) if decision.new_sum is not None else owed
    _credit(session, claim, dispute, ids, left, "rest", actor=actor, now=now, on=today)
    dispute.new_sum_minor = _open(_those(claim_sum(session, claim, on=today), ids), claim).minor
    return value_on


def _book_found(
    session: Session,
    claim: Claim,
    dispute: Dispute,
    decision: Decision,
    ids: Collection[UUID],
    *,
    value_on: date,
    actor: Actor,
    now: datetime,
    today: date,
) -> None:
    """The payment counts from the day it came; what an upheld objection's costs asked for was never owed."""
    amount = decision.found or Money.zero(claim.currency)
    if decision.to is DisputeStatus.UPHELD:
        lines = _those(claim_sum(session, claim, on=value_on), ids)
        costs = [line.position.id for line in lines if line.position.kind in COST_KINDS]
        _credit(session, claim, dispute, costs, Money.zero(claim.currency), "costs", actor=actor, now=now, on=value_on)
    book_payment(
        session, claim, amount, clearing=AccountKind.BANK_CLEARING, value_on=value_on, declared=sorted(ids),
        cause=Cause(CauseType.DISPUTE, dispute.id, f"dispute {dispute.id}:found", NoteCode.FOUND_PAYMENT),
        actor=actor, now=now, today=today, method="found",
    )  # fmt: skip


def _credit(
    session: Session,
    claim: Claim,
    dispute: Dispute,
    ids: Collection[UUID],
    left: Money,
    step: str,
    *,
    actor: Actor,
    now: datetime,
    on: date,
) -> None:
    """So much is given up on these lines that `left` stays owed on them together."""
    lines = _those(claim_sum(session, claim, on=on), ids)
    over = _open(lines, claim) - left
    parts: list[tuple[UUID, Money]] = []
    for line in sorted(lines, key=lambda one: (CREDIT_ORDER.index(one.position.kind), one.position.number)):
        part = min(over, line.open)
        if part.minor > 0:
            parts.append((line.position.id, part))
            over = over - part
    if not parts:
        return
    cause = Cause(CauseType.DISPUTE, dispute.id, f"dispute {dispute.id}:{step}", NoteCode.NOT_OWED)
    entries = drop(session, claim, parts, kind=EntryKind.CREDIT, cause=cause, now=now, on=on)
    record(
        session, claim, EventKind.CREDITED, actor=actor, now=now, subject="entry", subject_id=entries[0],
        amount=total((part for _, part in parts), claim.currency), reason=DisputeReason(dispute.reason),
    )  # fmt: skip


def _those(owed: ClaimSum, ids: Collection[UUID]) -> list[Line]:
    return [line for line in owed.lines if line.position.id in ids]


def _open(lines: Collection[Line], claim: Claim) -> Money:
    return total((line.open for line in lines), claim.currency)
