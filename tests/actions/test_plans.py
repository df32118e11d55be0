"""Is a plan kept, late, broken, suspended and decided exactly once, on both engines?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from portal.actions import plans
from portal.actions.claims import after_money
from portal.actions.ledger import Cause, book_payment
from portal.rules.claims import Basis, PositionKind
from portal.rules.dates import Calendar
from portal.rules.history import Actor, ActorKind, MoveNotAllowed
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType
from portal.rules.plans import PlanProblem, PlanTerms, SumChanged
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock, positions_of
from portal.store.pauses import open_pauses
from portal.store.plans import Plan, instalments_of, live_plan, plans_of
from portal.store.settings import Creditor
from tests.examples import CLARA, DORA, START, VELO
from tests.people import Portal

DEBTOR = Actor(ActorKind.DEBTOR)
CLERK = Actor(ActorKind.CLERK, clerk_id=CLARA)
CALENDAR = Calendar()


def seen(session: Session, portal: Portal) -> int:
    owed = claim_sum(session, session.get_one(Claim, DORA.claim_id), on=portal.clock.today)
    return plans.covered_sum(owed).minor


def propose(portal: Portal, count: int = 3, day: int = 1, **more: object) -> Plan:
    with portal.writing() as session:
        claim, creditor = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
        done = plans.propose(
            session, claim, creditor, PlanTerms(count, None, day), seen_minor=seen(session, portal),
            op=uuid4(), actor=DEBTOR, now=portal.clock(), today=portal.clock.today, calendar=CALENDAR,
        )  # fmt: skip
        assert isinstance(done, Plan), done
        return done


def pay(portal: Portal, minor: int) -> None:
    with portal.writing() as session:
        claim, creditor = lock(session, VELO, DORA.claim_id), session.get_one(Creditor, VELO)
        now, today = portal.clock(), portal.clock.today
        cause = Cause(CauseType.BOOKING, uuid4(), f"test {uuid4()}")
        book_payment(
            session, claim, Money(minor, "CHF"), clearing=AccountKind.BANK_CLEARING, value_on=today, cause=cause,
            actor=CLERK, now=now, today=today,
        )  # fmt: skip
        after_money(session, claim, creditor, value_on=today, actor=CLERK, now=now, today=today)


def daily(portal: Portal) -> None:
    with portal.writing() as session:
        plans.daily(session, session.get_one(Creditor, VELO), today=portal.clock.today, now=portal.clock())


def last(portal: Portal) -> Plan:
    plan: Plan = portal.read(lambda session: plans_of(session, VELO, DORA.claim_id)[0])
    return plan


def dues(portal: Portal) -> list[date]:
    found: list[date] = portal.read(lambda session: [row.due for row in instalments_of(session, last(portal))])
    return found


def claim_of(portal: Portal) -> Claim:
    claim: Claim = portal.read(lambda session: session.get_one(Claim, DORA.claim_id))
    return claim


def decide(portal: Portal, plan_id: UUID, how: int) -> str:
    """One of several decisions at the same time; the answer is how it ended."""
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        common = {"op": uuid4(), "actor": CLERK, "now": portal.clock(), "today": portal.clock.today}
        try:
            if how % 2:
                plans.accept(session, claim, plan_id, calendar=CALENDAR, **common)  # type: ignore[arg-type]
            else:
                plans.decline(session, claim, plan_id, reason="Zu lang.", **common)  # type: ignore[arg-type]
        except MoveNotAllowed:
            return "lost"
    return "won"


def test_of_eight_decisions_at_once_one_counts(portal: Portal) -> None:
    plan = propose(portal, 6)
    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(lambda how: decide(portal, plan.id, how), range(8)))
    assert sorted(ended) == ["lost"] * 7 + ["won"]
    assert last(portal).status in {"agreed", "declined"}


def test_of_eight_suggestions_at_once_one_lives(portal: Portal) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: propose(portal, 6), range(8)))
    states = portal.read(lambda session: sorted(plan.status for plan in plans_of(session, VELO, DORA.claim_id)))
    assert states == ["proposed"] + ["replaced"] * 7


def test_collection_costs_rest_and_are_dropped_when_the_plan_is_kept(portal: Portal) -> None:
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        fee = next(row for row in positions_of(session, claim) if row.kind == PositionKind.REMINDER_FEE)
        fee.kind, fee.basis = PositionKind.AGENCY_COST.value, Basis.CONTRACT.value
    plan = propose(portal, 2)
    assert plan.covered_minor == portal.read(lambda s: seen(s, portal)) < 32_000
    pay(portal, plan.covered_minor // 2)
    assert last(portal).status == "agreed"
    portal.clock.move(days=40)
    pay(portal, plan.covered_minor - plan.covered_minor // 2)
    assert last(portal).status == "kept"
    assert claim_of(portal).status == "settled"
    assert portal.read(lambda s: claim_sum(s, claim_of(portal), on=portal.clock.today).open.minor) == 0


def test_no_interest_grows_while_a_plan_runs(portal: Portal) -> None:
    with portal.writing() as session:
        claim, creditor = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
        creditor.plan_at_once_instalments = 12
        assert plans.policy_of(creditor, claim.currency).at_once_instalments == 12
    propose(portal, 10)
    portal.clock.move(days=20)
    soon = portal.read(lambda s: claim_sum(s, claim_of(portal), on=portal.clock.today).open.minor)
    portal.clock.move(days=200)
    assert portal.read(lambda s: claim_sum(s, claim_of(portal), on=portal.clock.today).open.minor) == soon


def test_a_missed_instalment_is_late_and_after_ten_days_the_plan_is_broken(portal: Portal) -> None:
    propose(portal, 3, day=1)
    portal.clock.to(date(2026, 12, 4))
    daily(portal)
    assert last(portal).status == "agreed"
    portal.clock.to(date(2026, 12, 5))
    daily(portal)
    daily(portal)
    assert (last(portal).status, last(portal).noticed_on) == ("late", date(2026, 12, 5))
    portal.clock.to(date(2026, 12, 14))
    daily(portal)
    assert last(portal).status == "late"
    portal.clock.to(date(2026, 12, 15))
    daily(portal)
    assert last(portal).status == "broken"
    rests = portal.read(lambda s: open_pauses(s, VELO, DORA.claim_id, portal.clock.today))
    assert [row.until_on for row in rests] == [date(2026, 12, 22)]


def test_a_late_plan_runs_again_when_it_is_paid_or_moved(portal: Portal) -> None:
    plan = propose(portal, 3, day=1)
    portal.clock.to(date(2026, 12, 7))
    daily(portal)
    pay(portal, plan.covered_minor // 3 + 100)
    assert last(portal).status == "agreed"
    portal.clock.to(date(2027, 1, 8))
    daily(portal)
    assert last(portal).status == "late"
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        done = plans.move_instalment(
            session, claim, plan.id, date(2027, 1, 14), op=uuid4(), actor=DEBTOR, now=portal.clock(),
            today=portal.clock.today, calendar=CALENDAR, grace_days=3,
        )  # fmt: skip
        assert isinstance(done, Plan)
    assert last(portal).status == "agreed"
    assert dues(portal)[1] == date(2027, 1, 14)


def test_a_dispute_on_a_covered_line_suspends_and_shifts(portal: Portal) -> None:
    propose(portal, 2, day=1)
    before = dues(portal)
    now = {"now": portal.clock(), "today": portal.clock.today}
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        plans.suspend_for_dispute(session, claim, frozenset({uuid4()}), **now)  # type: ignore[arg-type]
        plan = live_plan(session, VELO, claim.id)
        assert plan is not None
        assert not plan.suspended
        plans.suspend_for_dispute(session, claim, frozenset(), **now)  # type: ignore[arg-type]
    portal.clock.to(date(2026, 12, 20))
    daily(portal)
    assert last(portal).status == "agreed"
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        plans.resume_after_dispute(session, claim, paused_days=27, now=portal.clock(), today=portal.clock.today)
    assert dues(portal) == [day + timedelta(days=27) for day in before]
    assert not last(portal).suspended


def test_a_counter_offer_keeps_both_schedules_and_lapses_after_two_weeks(portal: Portal) -> None:
    plan = propose(portal, 10)
    with portal.writing() as session:
        claim, creditor = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
        common = {"actor": CLERK, "now": portal.clock(), "today": portal.clock.today, "calendar": CALENDAR}
        refused = plans.counter(session, claim, plan.id, creditor, PlanTerms(None, None, 1), op=uuid4(), **common)  # type: ignore[arg-type]
        assert refused == [PlanProblem.NOTHING_CHOSEN]
        plans.counter(session, claim, plan.id, creditor, PlanTerms(6, None, 1), op=uuid4(), **common)  # type: ignore[arg-type]
    counts = portal.read(lambda s: [len(instalments_of(s, last(portal), of_round=n)) for n in (1, 2)])
    assert counts == [10, 6]
    portal.clock.to(date(2026, 12, 8))
    daily(portal)
    assert last(portal).status == "expired"


def test_a_yes_after_the_first_date_starts_later(portal: Portal) -> None:
    plan = propose(portal, 6, day=1)
    portal.clock.to(date(2026, 12, 3))
    assert decide(portal, plan.id, 1) == "won"
    assert dues(portal)[0] == date(2027, 1, 1)
    assert last(portal).agreed_at == portal.clock()


def test_another_sum_than_the_one_seen_changes_nothing(portal: Portal) -> None:
    with portal.writing() as session:
        claim, creditor = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
        with pytest.raises(SumChanged):
            plans.propose(
                session, claim, creditor, PlanTerms(3, None, 1), seen_minor=1, op=uuid4(), actor=DEBTOR,
                now=START, today=START.date(), calendar=CALENDAR,
            )  # fmt: skip
    assert portal.read(lambda session: plans_of(session, VELO, DORA.claim_id)) == []


def test_a_desk_may_offer_more_than_the_limits(portal: Portal) -> None:
    creditor = portal.read(lambda session: session.get_one(Creditor, VELO))
    usual, desk = plans.policy_of(creditor, "CHF"), plans.desk_policy(creditor, "CHF")
    assert desk == replace(usual, max_instalments=120, min_instalment=Money(5, "CHF"), small_claim=Money(0, "CHF"))
