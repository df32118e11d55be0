"""Are the days for paying later real, different and inside the limits?"""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules import deferrals
from portal.rules.dates import Calendar
from portal.rules.deferrals import DeferralProblem, DeferralStatus

quick = settings(max_examples=100, deadline=None)
TODAY = date(2026, 11, 21)
CALENDAR = Calendar(frozenset({date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}))


def test_three_days_are_offered() -> None:
    assert deferrals.choices(TODAY, CALENDAR) == (date(2026, 11, 30), date(2026, 12, 28), date(2026, 12, 31))
    at_the_end = deferrals.choices(date(2026, 11, 30), CALENDAR)
    assert at_the_end == (date(2026, 12, 28), date(2026, 12, 31), date(2027, 1, 25))


@quick
@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sets(st.integers(0, 100)))
def test_the_three_are_different_working_days_to_come(today: date, offsets: set[int]) -> None:
    calendar = Calendar(frozenset(today + timedelta(days=offset) for offset in offsets))
    days = deferrals.choices(today, calendar)
    assert len(set(days)) == 3
    assert list(days) == sorted(days)
    assert all(day > today and calendar.is_working_day(day) for day in days)


def test_all_problems_of_a_day() -> None:
    assert deferrals.problems(None, TODAY, 60) == [DeferralProblem.NO_DATE]
    assert deferrals.problems(TODAY, TODAY, 60) == [DeferralProblem.NOT_LATER]
    assert deferrals.problems(TODAY + timedelta(days=61), TODAY, 60) == [DeferralProblem.TOO_FAR]
    assert deferrals.problems(deferrals.latest(TODAY, 60), TODAY, 60) == []


def test_what_is_granted_at_once_and_on_which_day() -> None:
    assert deferrals.within_limits(date(2026, 12, 21), TODAY, 30)
    assert not deferrals.within_limits(date(2026, 12, 22), TODAY, 30)
    assert not deferrals.within_limits(TODAY, TODAY, 30)
    assert deferrals.working_day(date(2026, 12, 20), CALENDAR) == date(2026, 12, 21)


def test_a_deferral_moves_only_while_it_counts() -> None:
    assert {before for before, _ in deferrals.MOVES} == {None, *deferrals.LIVE}
    reached = {after for _, after in deferrals.MOVES}
    assert reached == set(DeferralStatus)
    assert all(str(kind) == f"deferral_{after}" for (_, after), kind in deferrals.MOVES.items())
