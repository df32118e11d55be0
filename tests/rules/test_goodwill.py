"""Which promise holds for which letter, until which day, and is a promise kept when the rule changes?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.rules.claims import PositionKind
from portal.rules.dates import Calendar
from portal.rules.goodwill import (
    GoodwillProblem,
    StandingRule,
    changed,
    in_force,
    problems,
    promise_for,
    rules_from,
    stored_from,
)

TODAY = date(2026, 11, 23)  # a Monday
FEE = frozenset({PositionKind.REMINDER_FEE})
BOTH = FEE | {PositionKind.DEFAULT_INTEREST}
PLAIN = Calendar()


def on(days: int, today: date = TODAY, rules: tuple[StandingRule, ...] = ()) -> tuple[StandingRule, ...]:
    return changed(rules, days=days, kinds=FEE if days else frozenset(), today=today)


def test_the_days_count_from_the_first_letter_and_end_on_a_working_day() -> None:
    rules = on(10, TODAY - timedelta(days=30))
    found = promise_for(rules, TODAY, PLAIN)
    assert found is not None
    assert (found.start, found.until, found.kinds) == (TODAY, date(2026, 12, 3), FEE)
    late = promise_for(rules, TODAY + timedelta(days=2), Calendar(frozenset({date(2026, 12, 7)})))
    assert late is not None
    assert late.until == date(2026, 12, 8), "Saturday, Sunday and the holiday after it are no last days"


def test_an_older_claim_gets_the_days_from_the_rules_own_first_day() -> None:
    found = promise_for(on(10), TODAY - timedelta(days=60), PLAIN)
    assert found is not None
    assert (found.start, found.until) == (TODAY, date(2026, 12, 3))


def test_without_a_letter_or_a_rule_nothing_is_promised() -> None:
    assert promise_for(on(10), None, PLAIN) is None
    assert promise_for((), TODAY, PLAIN) is None


def test_a_promise_is_kept_though_the_rule_is_switched_off_the_same_day() -> None:
    rules = on(0, TODAY, on(10))
    assert promise_for(rules, TODAY, PLAIN) == promise_for(on(10), TODAY, PLAIN)
    assert promise_for(rules, TODAY + timedelta(days=1), PLAIN) is None
    assert in_force(rules, TODAY + timedelta(days=1)) is None


def test_a_change_holds_for_letters_from_tomorrow_on() -> None:
    rules = on(20, TODAY, on(10))
    today, later = promise_for(rules, TODAY, PLAIN), promise_for(rules, TODAY + timedelta(days=1), PLAIN)
    assert today is not None
    assert later is not None
    assert (today.until - today.start).days == 10
    assert (later.until - later.start).days == 20
    assert on(10, TODAY, rules) == on(10), "a change of the same day can be taken back"


def test_the_same_again_and_off_again_change_nothing() -> None:
    assert on(10, TODAY + timedelta(days=5), on(10)) == on(10)
    assert on(0) == ()
    off = on(0, TODAY, on(10))
    assert on(0, TODAY + timedelta(days=3), off) == off
    again = on(10, TODAY + timedelta(days=3), off)
    assert [rule.days for rule in again] == [10, 0, 10]


def test_the_rules_survive_being_stored() -> None:
    rules = changed(on(10), days=14, kinds=BOTH, today=TODAY + timedelta(days=9))
    assert rules_from(stored_from(rules)) == rules


@pytest.mark.parametrize(
    ("days", "kinds", "found"),
    [
        (10, FEE, []),
        (6, FEE, [GoodwillProblem.DAYS_OUT_OF_BOUNDS]),
        (91, FEE, [GoodwillProblem.DAYS_OUT_OF_BOUNDS]),
        (None, frozenset(), [GoodwillProblem.DAYS_OUT_OF_BOUNDS, GoodwillProblem.KINDS_MISSING]),
        (10, frozenset({PositionKind.COURT_COST}), [GoodwillProblem.KINDS_MISSING]),
    ],
)
def test_what_stands_against_a_rule(
    days: int | None, kinds: frozenset[PositionKind], found: list[GoodwillProblem]
) -> None:
    assert problems(days, kinds) == found
