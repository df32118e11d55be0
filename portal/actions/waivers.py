"""What happens when a clerk drops a line, a part of one, or everything that is still open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions import claims
from portal.actions.goodwill import waived
from portal.actions.history import record
from portal.actions.ledger import Cause, drop
from portal.rules.access import Role, RoleLimits, may_waive
from portal.rules.claims import ClaimStatus
from portal.rules.history import Actor, EventKind, MoveNotAllowed
from portal.rules.ledger import Line
from portal.rules.money import Money, total
from portal.rules.offers import WaiverProblem, problems_of_waiver
from portal.rules.payments import CauseType, EntryKind, NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.offers import waived_by, waiver_at
from portal.store.settings import Creditor

OPEN = frozenset({ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value})


def limits_of(creditor: Creditor) -> RoleLimits:
    """What a role may do alone at this creditor."""
    return RoleLimits(agent_waive_minor=creditor.agent_waive_minor, alone_refund_minor=creditor.lead_refund_minor)


def waive(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    position_id: UUID | None,
    amount: Money | None,
    *,
    whole: bool = False,
    role: Role,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> list[WaiverProblem]:
    """This much of the line (`whole`: all of it) is not asked for any more; or all reasons why not.

    The minus line carries the clerk's name. A claim of which nothing is left is settled. The same `op` changes nothing
    the second time.
    """
    lock(session, claim.creditor_id, claim.id)
    if waived_already(session, claim, op):
        return []
    _must_be_open(claim, actor)
    line = next((x for x in claim_sum(session, claim, on=today).lines if x.position.id == position_id), None)
    asked = line.open if whole and line is not None else amount
    found = problems_of_waiver(
        asked,
        None if line is None else line.open,
        within_limit=_within_limit(session, claim, creditor, asked, role=role, actor=actor),
        evidenced=line is None or line.evidenced,
    )
    if found or line is None or asked is None:
        return found
    _drop(session, claim, creditor, [(line, asked)], op=op, actor=actor, now=now, today=today)
    return []


def waive_all(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    *,
    role: Role,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> list[WaiverProblem]:
    """Nothing of the claim is asked for any more, and it is settled; or all reasons why not."""
    lock(session, claim.creditor_id, claim.id)
    if waived_already(session, claim, op):
        return []
    _must_be_open(claim, actor)
    parts = [(line, line.open) for line in claim_sum(session, claim, on=today).lines if line.open.minor > 0]
    asked = total((part for _, part in parts), claim.currency)
    within = _within_limit(session, claim, creditor, asked, role=role, actor=actor)
    found = problems_of_waiver(asked, asked, within_limit=within)
    if not found:
        _drop(session, claim, creditor, parts, op=op, actor=actor, now=now, today=today)
    return found


def waived_already(session: Session, claim: Claim, op: UUID) -> bool:
    """True if this very form was carried out before, so a second click changes nothing."""
    return waiver_at(session, claim.creditor_id, claim.id, uuid5(claim.id, str(op))) is not None


def _must_be_open(claim: Claim, actor: Actor) -> None:
    if claim.status not in OPEN or actor.clerk_id is None:
        raise MoveNotAllowed("waiver", claim.status, "waived")


def _within_limit(
    session: Session, claim: Claim, creditor: Creditor, asked: Money | None, *, role: Role, actor: Actor
) -> bool:
    """A limit that could be used again and again would be none, so what was waived before counts."""
    before = waived_by(session, claim.creditor_id, claim.id, actor.clerk_id) if actor.clerk_id else 0
    return may_waive(role, before + (asked.minor if asked is not None else 0), limits_of(creditor))


def _drop(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    parts: Sequence[tuple[Line, Money]],
    *,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> None:
    first = uuid5(claim.id, str(op))
    for number, (line, part) in enumerate(parts):
        note = NoteCode.GOODWILL if line.evidenced else NoteCode.COST_WITHOUT_BASIS
        identity = first if number == 0 else uuid5(first, str(line.position.id))
        cause = Cause(CauseType.WAIVER, identity, f"waiver {identity}", note)
        drop(session, claim, [(line.position.id, part)], kind=EntryKind.WAIVER, cause=cause, now=now, on=today)
        waived(session, claim, line.position.id, part, note, identity=identity, now=now, clerk_id=actor.clerk_id)
        record(
            session,
            claim,
            EventKind.WAIVED,
            actor=actor,
            now=now,
            subject="waiver",
            subject_id=identity,
            amount=part,
            line=line.position.kind,
            position_id=line.position.id,
        )
    claims.after_money(session, claim, creditor, value_on=today, actor=actor, now=now, today=today)
