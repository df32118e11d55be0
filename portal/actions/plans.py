"""What happens when instalments are suggested, agreed, kept or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.history import move
from portal.actions.instalments import (
    after_money,
    can_withdraw,
    covered_ids,
    daily,
    decided,
    end,
    end_live,
    move_instalment,
    resume_after_dispute,
    set_dates,
    suspend_for_dispute,
)
from portal.actions.ledger import Cause, post_interest
from portal.actions.pauses import end_pauses_of, pause
from portal.actions.promises import answered, nobody_waits_since, now_waits
from portal.rules import deferrals as deferral_rules
from portal.rules import plans as rules
from portal.rules.claims import ClaimStatus
from portal.rules.dates import Calendar, DayOfMonth, promise_date
from portal.rules.deferrals import DeferralStatus
from portal.rules.history import Actor, ActorKind, MoveNotAllowed
from portal.rules.ledger import ClaimSum
from portal.rules.money import STEP, Money, total
from portal.rules.pauses import PauseReason
from portal.rules.payments import CauseType
from portal.rules.plans import DecisionProblem, Instalment, PlanPolicy, PlanProblem, PlanStatus, PlanTerms
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.deferrals import live_deferral
from portal.store.pauses import pauses_of_cause
from portal.store.plans import Plan, PlanInstalment, as_instalments, instalments_of, live_plan, plan_at
from portal.store.settings import Creditor

__all__ = [
    "accept",
    "after_money",
    "can_withdraw",
    "counter",
    "covered_sum",
    "daily",
    "decline",
    "end_live",
    "give_way",
    "move_instalment",
    "policy_of",
    "propose",
    "resume_after_dispute",
    "suspend_for_dispute",
    "withdraw",
]


def policy_of(creditor: Creditor, currency: str) -> PlanPolicy:
    """The creditor's limits for what a debtor may suggest."""
    return PlanPolicy(
        max_instalments=creditor.plan_max_instalments,
        min_instalment=Money(creditor.plan_min_instalment_minor, currency),
        latest_start_in_days=creditor.plan_latest_start_days,
        at_once_instalments=creditor.plan_at_once_instalments,
        at_once_months=creditor.plan_at_once_instalments,
        small_claim=Money(creditor.small_claim_minor, currency),
    )


def desk_policy(creditor: Creditor, currency: str) -> PlanPolicy:
    """A clerk may offer more than the limits say; only what can't be counted is refused."""
    return replace(
        policy_of(creditor, currency),
        max_instalments=rules.MOST_INSTALMENTS,
        min_instalment=Money(STEP[currency], currency),
        small_claim=Money(0, currency),
    )


def propose(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    terms: PlanTerms,
    *,
    seen_minor: int | None,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
    calendar: Calendar,
) -> Plan | list[PlanProblem]:
    """The plan counts at once if it lies inside the limits, else it waits for the clerk; the claim rests either way.

    It waits too while a rate of the law is missing, because a plan fixes the sum.

    A waiting suggestion and a later date give way to it. Raises SumChanged if the sum is not the one that was seen, and
    MoveNotAllowed if a plan runs or the claim is closed.
    """
    claim = lock(session, creditor.id, claim.id)
    plan_id = uuid5(claim.id, str(op))
    known = plan_at(session, creditor.id, claim.id, plan_id)
    if known is not None:
        return known
    if claim.status != ClaimStatus.OPEN:
        raise MoveNotAllowed("claim", claim.status, "plan")
    owed = claim_sum(session, claim, on=today)
    covered = covered_sum(owed)
    if seen_minor != covered.minor:
        raise rules.SumChanged
    policy = policy_of(creditor, claim.currency)
    if found := rules.problems(terms, covered, policy, today):
        return found
    give_way(session, claim, actor=actor, now=now, today=today)
    _replace_deferral(session, claim, actor=actor, now=now, today=today)
    at_once = rules.within_limits(terms, covered, policy) and owed.no_rate_from is None
    plan = _new_plan(claim, creditor, terms, owed, plan_id=plan_id, now=now, today=today)
    plan.agreed_at = now if at_once else None
    move(
        session,
        plan,
        PlanStatus.AGREED if at_once else PlanStatus.PROPOSED,
        rules.MOVES,
        claim=claim,
        actor=actor,
        now=now,
        instalments=terms.instalments,
        amount=terms.amount,
        day=str(terms.day),
        notice=plan.notice_version,
    )
    _add_schedule(session, plan, rules.schedule(terms, covered, today, calendar))
    reason = PauseReason.PLAN if at_once else PauseReason.SUGGESTION
    pause(session, claim, reason, cause_id=plan.id, actor=actor, now=now, today=today)
    if at_once:
        _fix_interest(session, claim, plan, owed, now=now, today=today)
    else:
        now_waits(claim, now=now, promised_on=promise_date(today, creditor.answer_days, calendar))
    return plan


def accept(
    session: Session,
    claim: Claim,
    plan_id: UUID,
    *,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
    calendar: Calendar,
) -> Plan | list[DecisionProblem]:
    """The plan counts: the clerk said yes to a suggestion, or the debtor to a counter-offer; nobody waits any more.

    A clerk can't say yes while a rate of the law is missing.
    """
    claim, plan, again = decided(session, claim, plan_id, op)
    if again:
        return plan
    _whose_turn(plan, actor, PlanStatus.AGREED)
    owed = claim_sum(session, claim, on=today)
    if owed.no_rate_from is not None and actor.kind is ActorKind.CLERK:
        return [DecisionProblem.RATE_MISSING]
    plan.agreed_at, plan.valid_until = now, None
    plan.clerk_id = actor.clerk_id or plan.clerk_id
    move(session, plan, PlanStatus.AGREED, rules.MOVES, claim=claim, actor=actor, now=now, op=op)
    _keep_dates_ahead(session, plan, today, calendar)
    held = pauses_of_cause(session, claim.creditor_id, claim.id, plan.id)
    for row in held:
        row.reason, row.until_on = PauseReason.PLAN.value, None
    if not held:
        pause(session, claim, PauseReason.PLAN, cause_id=plan.id, actor=actor, now=now, today=today)
    _fix_interest(session, claim, plan, owed, now=now, today=today)
    if actor.kind is ActorKind.CLERK:
        answered(claim, now=now)
    return plan


def counter(
    session: Session,
    claim: Claim,
    plan_id: UUID,
    creditor: Creditor,
    terms: PlanTerms,
    *,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
    calendar: Calendar,
) -> Plan | list[PlanProblem]:
    """The clerk offers other instalments; the suggestion stays beside them, and the debtor has 14 days to choose."""
    claim, plan, again = decided(session, claim, plan_id, op)
    if again:
        return plan
    _whose_turn(plan, actor, PlanStatus.COUNTERED)
    owed = claim_sum(session, claim, on=today)
    covered = covered_sum(owed)
    if owed.no_rate_from is not None:
        return [PlanProblem.RATE_MISSING]
    if found := rules.problems(terms, covered, desk_policy(creditor, claim.currency), today):
        return found
    plan.round += 1
    plan.covered = [str(line.position.id) for line in rules.covered_lines(owed)]
    plan.covered_minor = covered.minor
    plan.paid_before_minor = rules.paid_in_all(owed, covered_ids(plan)).minor
    plan.day = str(terms.day)
    plan.clerk_id = actor.clerk_id
    plan.valid_until = today + rules.COUNTER_VALID
    move(
        session,
        plan,
        PlanStatus.COUNTERED,
        rules.MOVES,
        claim=claim,
        actor=actor,
        now=now,
        instalments=terms.instalments,
        amount=terms.amount,
        until=plan.valid_until,
        op=op,
    )
    _add_schedule(session, plan, rules.schedule(terms, covered, today, calendar))
    answered(claim, now=now)
    return plan


def decline(
    session: Session,
    claim: Claim,
    plan_id: UUID,
    *,
    reason: str,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> Plan | list[DecisionProblem]:
    """The answer is no; the claim rests for seven more days, so that the debtor can suggest something else."""
    claim, plan, again = decided(session, claim, plan_id, op)
    if again:
        return plan
    _whose_turn(plan, actor, PlanStatus.DECLINED)
    if actor.kind is ActorKind.CLERK:
        if found := rules.reason_problems(reason):
            return found
        plan.reason, plan.clerk_id = reason.strip(), actor.clerk_id
        answered(claim, now=now)
    end(session, claim, plan, PlanStatus.DECLINED, actor=actor, now=now, today=today, op=op)
    return plan


def withdraw(
    session: Session, claim: Claim, plan_id: UUID, *, op: UUID, actor: Actor, now: datetime, today: date
) -> Plan:
    """The debtor takes a waiting suggestion back, or within 24 hours an agreed plan of which nothing is paid."""
    claim, plan, again = decided(session, claim, plan_id, op)
    if again:
        return plan
    if plan.status == PlanStatus.AGREED and not can_withdraw(session, claim, plan, now=now, today=today):
        raise MoveNotAllowed("plan", plan.status, PlanStatus.WITHDRAWN)
    nobody_waits_since(claim, plan.proposed_at, now=now)
    end(session, claim, plan, PlanStatus.WITHDRAWN, actor=actor, now=now, today=today, op=op)
    return plan


def give_way(session: Session, claim: Claim, *, actor: Actor, now: datetime, today: date) -> None:
    """A waiting suggestion makes room for what the debtor wants now; raises MoveNotAllowed if a plan runs."""
    live = live_plan(session, claim.creditor_id, claim.id)
    if live is not None:
        nobody_waits_since(claim, live.proposed_at, now=now)
        end(session, claim, live, PlanStatus.REPLACED, actor=actor, now=now, today=today)


def covered_sum(owed: ClaimSum) -> Money:
    """What instalments would pay on this day."""
    return total((line.open for line in rules.covered_lines(owed)), owed.currency)


def day_of_month(text: str) -> DayOfMonth:
    """The day as it was kept: a number, or "last"."""
    return "last" if text == "last" else int(text)


def _new_plan(
    claim: Claim, creditor: Creditor, terms: PlanTerms, owed: ClaimSum, *, plan_id: UUID, now: datetime, today: date
) -> Plan:
    plan = Plan(
        id=plan_id,
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        status="",
        version=0,
        live_flag=True,
        round=1,
        asked_instalments=terms.instalments,
        asked_amount_minor=terms.amount.minor if terms.amount is not None else None,
        day=str(terms.day),
        covered=[str(line.position.id) for line in rules.covered_lines(owed)],
        covered_minor=covered_sum(owed).minor,
        currency=claim.currency,
        notice_version=rules.notice_version(creditor.country),
        proposed_at=now,
        valid_until=today + rules.PROPOSAL_VALID,
    )
    plan.paid_before_minor = rules.paid_in_all(owed, covered_ids(plan)).minor
    return plan


def _whose_turn(plan: Plan, actor: Actor, to: PlanStatus) -> None:
    """A suggestion is answered by a clerk, a counter-offer by the debtor."""
    needed = PlanStatus.PROPOSED if actor.kind is ActorKind.CLERK else PlanStatus.COUNTERED
    if plan.status != needed:
        raise MoveNotAllowed("plan", plan.status, to)


def _replace_deferral(session: Session, claim: Claim, *, actor: Actor, now: datetime, today: date) -> None:
    deferral = live_deferral(session, claim.creditor_id, claim.id)
    if deferral is not None:
        nobody_waits_since(claim, deferral.asked_at, now=now)
        move(session, deferral, DeferralStatus.REPLACED, deferral_rules.MOVES, claim=claim, actor=actor, now=now)
        end_pauses_of(session, claim, deferral.id, actor=actor, now=now, today=today)


def _fix_interest(session: Session, claim: Claim, plan: Plan, owed: ClaimSum, *, now: datetime, today: date) -> None:
    """A plan fixes the sum: the interest to date stands in the ledger (`decisions.md` 18)."""
    post_interest(session, claim, owed, Cause(CauseType.PLAN, plan.id, f"plan {plan.id}"), now=now, on=today)


def _add_schedule(session: Session, plan: Plan, instalments: Sequence[Instalment]) -> None:
    session.add_all(
        PlanInstalment(
            plan_id=plan.id,
            round=plan.round,
            number=one.number,
            creditor_id=plan.creditor_id,
            due=one.due,
            amount_minor=one.amount.minor,
        )
        for one in instalments
    )
    session.flush()
    session.expire(plan, ["instalments"])


def _keep_dates_ahead(session: Session, plan: Plan, today: date, calendar: Calendar) -> None:
    """A yes that came after the first date counts from today: the same amounts, a later start."""
    was = as_instalments(instalments_of(session, plan), plan.currency)
    if was[0].due > today:
        return
    every = Money(len(was) * STEP[plan.currency], plan.currency)
    fresh = rules.schedule(PlanTerms(len(was), None, day_of_month(plan.day)), every, today, calendar)
    set_dates(session, plan, fresh)
