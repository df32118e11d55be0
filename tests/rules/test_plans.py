"""Are instalment plans exact, on working days, inside the limits, and do they move only as decided?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.rules import plans
from portal.rules.dates import Calendar
from portal.rules.history import EventKind
from portal.rules.money import Money, total
from portal.rules.plans import Instalment, InstalmentState, MoveProblem, PlanPolicy, PlanProblem, PlanStatus, PlanTerms

quick = settings(max_examples=100, deadline=None)
TODAY = date(2026, 11, 21)
CALENDAR = Calendar(frozenset({date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1), date(2027, 1, 2)}))


def chf(minor: int) -> Money:
    return Money(minor, "CHF")


POLICY = PlanPolicy(12, chf(1000), 60, 6, 6, chf(5000))


def by_count(count: int, day: int = 25) -> PlanTerms:
    return PlanTerms(count, None, day)


def by_amount(minor: int) -> PlanTerms:
    return PlanTerms(None, chf(minor), "last")


def test_the_lifecycle_is_the_one_decided() -> None:
    new = {"proposed", "agreed"}
    leads = {
        "proposed": {"countered", "agreed", "declined", "withdrawn", "replaced", "expired", "ended"},
        "countered": {"agreed", "replaced", "declined", "expired", "ended"},
        "agreed": {"withdrawn", "late", "kept", "ended"},
        "late": {"agreed", "broken", "ended"},
    }
    assert {after for before, after in plans.MOVES if before is None} == new
    for status in PlanStatus:
        assert {after for before, after in plans.MOVES if before is status} == leads.get(status, set())
        assert (status in plans.LIVE) == bool(leads.get(status))
    assert plans.MOVES[PlanStatus.PROPOSED, PlanStatus.AGREED] is EventKind.PLAN_ACCEPTED


def test_a_schedule_keeps_the_day_and_moves_only_what_falls_on_a_free_day() -> None:
    dates = [(one.due, one.amount.minor) for one in plans.schedule(by_count(3), chf(100000), TODAY, CALENDAR)]
    assert dates == [(date(2026, 12, 28), 33335), (date(2027, 1, 25), 33335), (date(2027, 2, 25), 33330)]
    last = plans.schedule(PlanTerms(4, None, "last"), chf(40000), TODAY, CALENDAR)
    assert [one.due for one in last] == [date(2026, 11, 30), date(2026, 12, 31), date(2027, 2, 1), date(2027, 3, 1)]


def test_an_amount_a_month_makes_as_many_instalments_as_it_takes() -> None:
    amounts = [one.amount.minor for one in plans.schedule(by_amount(5003), chf(12010), TODAY, CALENDAR)]
    assert amounts == [5000, 5000, 2010]
    assert [one.amount for one in plans.schedule(by_amount(28803), chf(28803), TODAY, CALENDAR)] == [chf(28803)]
    for terms in (by_amount(1), by_count(0), by_count(121)):
        with pytest.raises(ValueError, match="no plan"):
            plans.schedule(terms, chf(12010), TODAY, CALENDAR)


@quick
@given(
    st.integers(1, 10**7),
    st.one_of(st.integers(-1, 130), st.none()),
    st.one_of(st.integers(-5, 10**7), st.none()),
    st.one_of(st.integers(0, 29), st.just("last")),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_terms_without_a_problem_give_an_exact_schedule(
    minor: int, count: int | None, amount: int | None, day: int | str, today: date
) -> None:
    terms = PlanTerms(count, None if amount is None else chf(amount), day)  # type: ignore[arg-type]
    covered = chf(minor)
    if plans.problems(terms, covered, POLICY, today):
        return
    laid_out = plans.schedule(terms, covered, today, CALENDAR)
    assert total((one.amount for one in laid_out), "CHF") == covered
    assert 1 <= len(laid_out) <= 12
    assert [one.number for one in laid_out] == list(range(1, len(laid_out) + 1))
    assert all(one.amount.is_positive and CALENDAR.is_working_day(one.due) for one in laid_out)
    assert all(one.amount >= POLICY.min_instalment for one in laid_out[:-1])
    assert (laid_out[0].due - today).days >= 5
    assert all(before.due < after.due for before, after in pairwise(laid_out))
    assert plans.within_limits(terms, covered, POLICY) == (len(laid_out) <= 6)


@pytest.mark.parametrize(
    ("terms", "covered", "expected"),
    [
        (by_count(3), 0, [PlanProblem.NOTHING_OWED]),
        (by_count(3), 5000, [PlanProblem.SMALL_CLAIM]),
        (PlanTerms(None, None, 25), 28803, [PlanProblem.NOTHING_CHOSEN]),
        (PlanTerms(3, chf(5000), 25), 28803, [PlanProblem.NOTHING_CHOSEN]),
        (by_count(1), 28803, [PlanProblem.TOO_FEW_INSTALMENTS]),
        (by_count(13), 28803, [PlanProblem.TOO_MANY_INSTALMENTS]),
        (by_count(12), 11999, [PlanProblem.INSTALMENT_TOO_SMALL]),
        (by_count(10**12), 28803, [PlanProblem.INSTALMENT_TOO_SMALL, PlanProblem.TOO_MANY_INSTALMENTS]),
        (by_amount(999), 28803, [PlanProblem.INSTALMENT_TOO_SMALL]),
        (by_amount(2000), 28803, [PlanProblem.TOO_MANY_INSTALMENTS]),
        (by_amount(28804), 28803, [PlanProblem.AMOUNT_TOO_HIGH]),
        (by_amount(28803), 28803, []),
        (by_count(2, day=29), 28803, [PlanProblem.DAY_NOT_OFFERED]),
        (
            by_count(13, day=0),
            12000,
            [PlanProblem.INSTALMENT_TOO_SMALL, PlanProblem.TOO_MANY_INSTALMENTS, PlanProblem.DAY_NOT_OFFERED],
        ),
        (by_count(12), 12000, []),
    ],
)
def test_all_reasons_are_said(terms: PlanTerms, covered: int, expected: list[PlanProblem]) -> None:
    assert plans.problems(terms, chf(covered), POLICY, TODAY) == expected


def test_a_start_beyond_the_limit_is_said() -> None:
    near = PlanPolicy(12, chf(1000), 30, 6, 6, chf(0))
    assert plans.problems(by_count(3), chf(28803), near, TODAY) == [PlanProblem.STARTS_TOO_LATE]


def test_what_counts_at_once() -> None:
    assert plans.within_limits(by_count(6), chf(28803), POLICY)
    assert not plans.within_limits(by_count(7), chf(28803), POLICY)
    assert not plans.within_limits(by_count(6), chf(28803), PlanPolicy(12, chf(1000), 60, 6, 4, chf(0)))
    assert not plans.within_limits(by_count(3), chf(5000), POLICY)


def test_the_page_offers_what_nothing_stands_against() -> None:
    offered = plans.suggestions(chf(28803), POLICY, TODAY, CALENDAR)
    assert [(one.terms.instalments, len(one.schedule), one.at_once) for one in offered] == [
        (2, 2, True),
        (3, 3, True),
        (6, 6, True),
    ]
    assert [one.terms.instalments for one in plans.suggestions(chf(5500), POLICY, TODAY, CALENDAR)] == [2, 3]
    assert plans.suggestions(chf(5000), POLICY, TODAY, CALENDAR) == ()


@quick
@given(st.integers(1, 10**6), st.integers(1, 24), st.integers(0, 5000))
def test_both_limits_of_the_amount_are_accepted(minor: int, most: int, smallest: int) -> None:
    policy = PlanPolicy(most, chf(smallest), 60, 6, 6, chf(0))
    for amount in plans.amount_limits(chf(minor), policy):
        assert plans.problems(PlanTerms(None, amount, 25), chf(minor), policy, TODAY) == []


THREE = tuple(Instalment(n, date(2026, 11 + n, 25) if n < 2 else date(2027, n - 1, 25), chf(10000)) for n in (1, 2, 3))


def states(paid: int, today: date, grace: int = 3) -> list[str]:
    return [str(state) for state in plans.state_of(THREE, chf(paid), today, grace)]


def test_how_each_instalment_stands() -> None:
    assert states(0, TODAY) == ["next", "coming", "coming"]
    assert states(10000, TODAY) == ["paid", "next", "coming"]
    assert states(15000, TODAY) == ["paid", "next", "partly"]
    assert states(20000, TODAY) == ["paid", "paid", "next"]
    assert states(30000, TODAY) == states(99999, TODAY) == ["paid"] * 3
    assert states(4000, date(2026, 12, 28)) == ["partly", "coming", "coming"]
    assert states(4000, date(2026, 12, 29)) == ["late", "next", "coming"]
    assert states(0, date(2027, 3, 25)) == ["late"] * 3
    assert states(15000, date(2027, 2, 1)) == ["paid", "late", "next"]


def test_extra_money_goes_to_the_last_and_on_to_those_before_it() -> None:
    assert plans.open_amounts(THREE, chf(15000), TODAY) == (chf(0), chf(10000), chf(5000))
    assert plans.open_amounts(THREE, chf(4000), THREE[0].due) == (chf(6000), chf(10000), chf(10000))
    uneven = (*THREE[:2], Instalment(3, THREE[2].due, chf(3000)))
    assert plans.open_amounts(uneven, chf(15000), TODAY) == (chf(0), chf(8000), chf(0))
    assert plans.next_open(THREE, chf(15000), TODAY) == (THREE[1], chf(10000))
    assert plans.next_open(THREE, chf(30000), TODAY) is None
    assert plans.is_kept(THREE, chf(30000))
    assert not plans.is_kept(THREE, chf(29999))


@quick
@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=8),
    st.integers(0, 4500),
    st.integers(-10, 300),
    st.integers(0, 10),
)
def test_open_amounts_are_exact_and_who_has_paid_what_is_due_is_not_late(
    amounts: list[int], paid: int, after: int, grace: int
) -> None:
    plan = tuple(Instalment(n + 1, TODAY + timedelta(days=30 * n), chf(amount)) for n, amount in enumerate(amounts))
    today = TODAY + timedelta(days=after)
    still_open = plans.open_amounts(plan, chf(paid), today)
    assert total(still_open, "CHF").minor == max(0, sum(amounts) - paid)
    assert all(0 <= rest.minor <= one.amount.minor for rest, one in zip(still_open, plan, strict=True))
    late = InstalmentState.LATE in plans.state_of(plan, chf(paid), today, grace)
    due = sum(one.amount.minor for one in plan if one.due + timedelta(days=grace) < today)
    assert late == (paid < due)


def test_a_pause_moves_what_is_due_by_its_length() -> None:
    assert [one.due for one in plans.shift(THREE, 10)] == [date(2027, 1, 4), date(2027, 2, 4), date(2027, 3, 7)]
    assert plans.shift(THREE, 10, CALENDAR)[2].due == date(2027, 3, 8)
    with pytest.raises(ValueError, match="later"):
        plans.shift(THREE, -1)


def test_a_plan_is_withdrawn_within_a_day_and_unpaid() -> None:
    agreed = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert plans.can_withdraw(agreed, agreed + timedelta(hours=24), chf(0))
    assert not plans.can_withdraw(agreed, agreed + timedelta(hours=24, seconds=1), chf(0))
    assert not plans.can_withdraw(agreed, agreed, chf(1))


def test_an_instalment_moves_once_by_two_weeks_at_most() -> None:
    first = THREE[0]
    assert plans.move_problems(first, plans.latest_move(first), TODAY, moved_before=False) == []
    assert plans.move_problems(first, first.due + timedelta(days=15), TODAY, moved_before=True) == [
        MoveProblem.MOVED_BEFORE,
        MoveProblem.TOO_FAR,
    ]
    assert plans.move_problems(first, first.due, TODAY, moved_before=False) == [MoveProblem.NOT_LATER]
    moved = plans.move_once(THREE, 1, date(2027, 1, 2), CALENDAR)
    assert [one.due for one in moved] == [date(2027, 1, 4), THREE[1].due, THREE[2].due]


def test_a_plan_breaks_ten_days_after_the_notice() -> None:
    assert plans.broken_on(date(2026, 12, 24)) == date(2027, 1, 3)


@quick
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_rest_never_reaches_the_monthly_amount(minor: int, monthly: int) -> None:
    assume(monthly >= 5 and minor // (monthly // 5 * 5) < plans.MOST_INSTALMENTS)
    laid_out = plans.schedule(by_amount(monthly), chf(minor), TODAY, CALENDAR)
    assert total((one.amount for one in laid_out), "CHF") == chf(minor)
    assert all(Money.zero("CHF") < one.amount <= chf(monthly) for one in laid_out)
