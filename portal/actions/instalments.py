"""What happens to a running plan: instalments are paid, moved or missed, and the plan is kept, ended or broken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.history import move, record
from portal.actions.ledger import Cause, drop
from portal.actions.pauses import end_pauses_of
from portal.actions.promises import nobody_waits_since
from portal.rules import plans as rules
from portal.rules.claims import ClaimStatus
from portal.rules.dates import Calendar
from portal.rules.history import Actor, EventKind, MoveNotAllowed, system
from portal.rules.money import total
from portal.rules.pauses import RESUME_NOTICE
from portal.rules.payments import CauseType, EntryKind, NoteCode
from portal.rules.plans import RUNNING, WAITING, Instalment, InstalmentState, MoveProblem, PlanStatus
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.history import said_before
from portal.store.plans import Plan, claims_with_live_plans, instalments_of, live_plan, plan_at, progress
from portal.store.settings import Creditor


def can_withdraw(session: Session, claim: Claim, plan: Plan, *, now: datetime, today: date) -> bool:
    """Whether an agreed plan can still be taken back."""
    paid = progress(session, plan, claim_sum(session, claim, on=today)).paid
    return plan.agreed_at is not None and rules.can_withdraw(plan.agreed_at, now, paid)


def move_instalment(
    session: Session,
    claim: Claim,
    plan_id: UUID,
    to: date | None,
    *,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
    calendar: Calendar,
    grace_days: int,
) -> Plan | list[MoveProblem]:
    """The next open instalment is due on a later day, once in a plan; a late plan is on track again."""
    claim, plan, again = decided(session, claim, plan_id, op)
    if again:
        return plan
    if plan.status not in RUNNING:
        raise MoveNotAllowed("plan", plan.status, "moved")
    if to is None:
        return [MoveProblem.NOT_LATER]
    stands = progress(session, plan, claim_sum(session, claim, on=today))
    waiting = rules.next_open(stands.instalments, stands.paid, today)
    if waiting is None:
        raise MoveNotAllowed("plan", plan.status, "moved")
    if found := rules.move_problems(waiting[0], to, today, moved_before=plan.moved_once):
        return found
    moved = rules.move_once(stands.instalments, waiting[0].number, to, calendar)
    set_dates(session, plan, moved)
    plan.moved_once = True
    record(
        session,
        claim,
        EventKind.INSTALMENT_MOVED,
        actor=actor,
        now=now,
        subject="plan",
        subject_id=plan.id,
        number=waiting[0].number,
        due=moved[waiting[0].number - 1].due,
        op=op,
    )
    _on_track(session, claim, plan, grace_days, now=now, today=today)
    return plan


def after_money(session: Session, claim: Claim, creditor: Creditor, *, now: datetime, today: date) -> None:
    """A plan that is wholly paid is kept, what rested is dropped; a late one that is up to date runs again."""
    plan = live_plan(session, claim.creditor_id, claim.id)
    if plan is None or plan.status not in RUNNING:
        return
    owed = claim_sum(session, claim, on=today)
    stands = progress(session, plan, owed)
    if not rules.is_kept(stands.instalments, stands.paid):
        _on_track(session, claim, plan, creditor.grace_days, now=now, today=today)
        return
    keeper = system("plan kept")
    if plan.status == PlanStatus.LATE:
        move(session, plan, PlanStatus.AGREED, rules.MOVES, claim=claim, actor=keeper, now=now)
    end(session, claim, plan, PlanStatus.KEPT, actor=keeper, now=now, today=today)
    rest = [(line.position.id, line.open) for line in owed.lines if line.open.is_positive]
    cause = Cause(CauseType.PLAN, plan.id, f"plan {plan.id}:kept", NoteCode.PLAN_KEPT)
    if drop(session, claim, rest, kind=EntryKind.REST_DROPPED, cause=cause, now=now, on=today):
        amount = total((part for _, part in rest), claim.currency)
        record(session, claim, EventKind.REST_DROPPED, actor=keeper, now=now, amount=amount)


def end_live(session: Session, claim: Claim, *, now: datetime, today: date) -> None:
    """The claim is closed, or what the plan was about is gone: no plan is live any more."""
    plan = live_plan(session, claim.creditor_id, claim.id)
    if plan is not None:
        end(session, claim, plan, PlanStatus.ENDED, actor=system("plan ended"), now=now, today=today)


def suspend_for_dispute(
    session: Session, claim: Claim, positions: frozenset[UUID], *, now: datetime, today: date
) -> None:
    """While a covered line is disputed nothing is due; no positions mean all lines."""
    plan = live_plan(session, claim.creditor_id, claim.id)
    if plan is not None and (not positions or positions & covered_ids(plan)):
        plan.suspended = True
        session.flush()


def resume_after_dispute(session: Session, claim: Claim, *, paused_days: int, now: datetime, today: date) -> None:
    """The plan goes on, and what is not paid yet is due later by the days it rested, never on a weekend."""
    plan = live_plan(session, claim.creditor_id, claim.id)
    if plan is None or not plan.suspended:
        return
    plan.suspended = False
    stands = progress(session, plan, claim_sum(session, claim, on=today))
    still_open = rules.open_amounts(stands.instalments, stands.paid, today)
    later = rules.shift(stands.instalments, max(0, paused_days), Calendar())
    moved = [
        after if rest.is_positive else before
        for before, after, rest in zip(stands.instalments, later, still_open, strict=True)
    ]
    set_dates(session, plan, moved)


def daily(session: Session, creditor: Creditor, *, today: date, now: datetime) -> None:
    """Missed instalments are late and noticed, late plans are broken 10 days later, unanswered offers lapse."""
    for claim_id in claims_with_live_plans(session, creditor.id):
        claim = lock(session, creditor.id, claim_id)
        plan = live_plan(session, creditor.id, claim_id)
        if plan is None or plan.suspended or claim.status != ClaimStatus.OPEN:
            continue
        if plan.status in WAITING:
            if plan.valid_until is not None and plan.valid_until < today:
                nobody_waits_since(claim, plan.proposed_at, now=now)
                end(session, claim, plan, PlanStatus.EXPIRED, actor=system("plan expired"), now=now, today=today)
        elif not _on_track(session, claim, plan, creditor.grace_days, now=now, today=today):
            _late_or_broken(session, claim, plan, now=now, today=today)


def decided(session: Session, claim: Claim, plan_id: UUID, op: UUID) -> tuple[Claim, Plan, bool]:
    """The claim under its lock, the plan as it is now, and whether this click was here before."""
    claim = lock(session, claim.creditor_id, claim.id)
    plan = plan_at(session, claim.creditor_id, claim.id, plan_id)
    if plan is None:
        raise MoveNotAllowed("plan", None, "decided")
    session.refresh(plan)
    return claim, plan, said_before(session, claim.creditor_id, claim.id, plan.id, op)


def end(
    session: Session,
    claim: Claim,
    plan: Plan,
    to: PlanStatus,
    *,
    actor: Actor,
    now: datetime,
    today: date,
    op: UUID | None = None,
) -> None:
    """The plan is over; after a no, a lapse or a break the claim rests for seven more days."""
    plan.live_flag, plan.suspended = None, False
    move(session, plan, to, rules.MOVES, claim=claim, actor=actor, now=now, op=op)
    if claim.status != ClaimStatus.OPEN:
        return
    rests_on = to in {PlanStatus.DECLINED, PlanStatus.EXPIRED, PlanStatus.BROKEN}
    until = today + RESUME_NOTICE if rests_on else None
    end_pauses_of(session, claim, plan.id, until=until, actor=actor, now=now, today=today)


def set_dates(session: Session, plan: Plan, instalments: Sequence[Instalment]) -> None:
    for row, one in zip(instalments_of(session, plan), instalments, strict=True):
        row.due = one.due
    session.flush()


def _on_track(session: Session, claim: Claim, plan: Plan, grace_days: int, *, now: datetime, today: date) -> bool:
    """Whether no instalment is late; a plan that was late runs again."""
    stands = progress(session, plan, claim_sum(session, claim, on=today))
    if InstalmentState.LATE in rules.state_of(stands.instalments, stands.paid, today, grace_days):
        return False
    if plan.status == PlanStatus.LATE:
        plan.late_since = plan.noticed_on = None
        move(session, plan, PlanStatus.AGREED, rules.MOVES, claim=claim, actor=system("plan on track"), now=now)
    return True


def _late_or_broken(session: Session, claim: Claim, plan: Plan, *, now: datetime, today: date) -> None:
    if plan.status == PlanStatus.AGREED:
        plan.late_since = plan.noticed_on = today
        move(session, plan, PlanStatus.LATE, rules.MOVES, claim=claim, actor=system("plan late"), now=now)
    elif plan.noticed_on is not None and today >= rules.broken_on(plan.noticed_on):
        end(session, claim, plan, PlanStatus.BROKEN, actor=system("plan broken"), now=now, today=today)


def covered_ids(plan: Plan) -> frozenset[UUID]:
    return frozenset(UUID(one) for one in plan.covered)
