"""Are month ends, working days and typed days right?"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.dates import (
    Calendar,
    first_due,
    first_nominal,
    from_parts,
    month_end,
    months_later,
    parse_day,
    promise_date,
)

quick = settings(max_examples=100, deadline=None)
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
CHRISTMAS = Calendar(frozenset({date(2026, 12, 25), date(2026, 12, 26)}))


def test_weekends_and_holidays_are_not_worked() -> None:
    assert CHRISTMAS.is_working_day(date(2026, 12, 24))
    assert not CHRISTMAS.is_working_day(date(2026, 12, 25))
    assert CHRISTMAS.next_working_day(date(2026, 12, 24)) == date(2026, 12, 24)
    assert CHRISTMAS.next_working_day(date(2026, 12, 25)) == date(2026, 12, 28)
    assert CHRISTMAS.add_working_days(date(2026, 12, 23), 2) == date(2026, 12, 28)
    assert CHRISTMAS.add_working_days(date(2026, 12, 26), 0) == date(2026, 12, 28)
    assert promise_date(date(2026, 11, 21), 2, CHRISTMAS) == date(2026, 11, 24)
    assert not CHRISTMAS.union(Calendar(frozenset({date(2026, 12, 28)}))).is_working_day(date(2026, 12, 28))
    with pytest.raises(ValueError, match="forward"):
        CHRISTMAS.add_working_days(date(2026, 12, 23), -1)


@quick
@given(DAYS, st.integers(0, 40), st.sets(st.integers(0, 60)))
def test_working_days_are_counted_one_by_one(day: date, count: int, offsets: set[int]) -> None:
    calendar = Calendar(frozenset(day + timedelta(days=offset) for offset in offsets))
    reached = calendar.add_working_days(day, count)
    assert calendar.is_working_day(reached)
    between = [day + timedelta(days=n) for n in range(1, (reached - day).days + 1)]
    if count:
        assert sum(calendar.is_working_day(one) for one in between) == count


def test_the_last_day_of_a_month_stays_the_last() -> None:
    days = [months_later(date(2026, 1, 31), n, anchor=31) for n in range(5)]
    assert [day.day for day in days] == [31, 28, 31, 30, 31]
    assert months_later(date(2028, 1, 30), 1, anchor=30) == date(2028, 2, 29)
    assert months_later(date(2026, 2, 28), 1, anchor=30) == date(2026, 3, 30)
    assert months_later(date(2026, 11, 21), 2, anchor=21) == date(2027, 1, 21)
    assert months_later(date(2026, 1, 21), -1, anchor=21) == date(2025, 12, 21)
    assert month_end(date(2028, 2, 3)) == date(2028, 2, 29)


@quick
@given(DAYS, st.integers(0, 60), st.integers(0, 60), st.integers(1, 31))
def test_months_add_up_whatever_their_length(day: date, one: int, two: int, anchor: int) -> None:
    at_once = months_later(day, one + two, anchor=anchor)
    assert months_later(months_later(day, one, anchor=anchor), two, anchor=anchor) == at_once
    assert at_once.day == min(anchor, monthrange(at_once.year, at_once.month)[1])


def test_the_first_instalment_is_at_least_five_days_ahead() -> None:
    nothing = Calendar()
    assert first_due(date(2026, 11, 20), 25, nothing) == date(2026, 11, 25)
    assert first_due(date(2026, 11, 21), 25, CHRISTMAS) == date(2026, 12, 28)
    assert first_due(date(2026, 11, 21), "last", nothing) == date(2026, 11, 30)
    assert first_due(date(2026, 11, 27), 1, nothing) == date(2027, 1, 1)
    assert first_nominal(date(2026, 11, 26), 1) == date(2026, 12, 1)
    for day in (0, 32):
        with pytest.raises(ValueError, match="no such day"):
            first_due(date(2026, 11, 27), day, nothing)


@quick
@given(DAYS, st.one_of(st.integers(1, 28), st.just("last")))
def test_the_first_day_is_the_nearest_allowed(today: date, day: int | str) -> None:
    found = first_nominal(today, day)  # type: ignore[arg-type]
    assert 5 <= (found - today).days <= 5 + 31
    assert found == month_end(found) if day == "last" else found.day == day


@pytest.mark.parametrize("text", ["2026-12-04", "04.12.2026", "4.12.2026", " 4. 12. 2026 "])
def test_days_are_read_in_both_forms(text: str) -> None:
    assert parse_day(text) == date(2026, 12, 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13-01",
        "31.11.2026",
        "29.02.2026",
        "4.12.26",
        "4/12/2026",
        "2026-1-1",
        "٤.12.2026",
        "0001-01-01",
        "9999-12-31",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    assert parse_day(text) is None


def test_three_fields_make_a_day() -> None:
    assert from_parts("4", " 12", "2026") == from_parts(4, 12, 2026) == date(2026, 12, 4)
    for parts in (
        ("", "12", "2026"),
        ("31", "2", "2026"),
        ("4", "12", "26"),
        ("-4", "12", "2026"),
        ("²", "12", "2026"),
    ):
        assert from_parts(*parts) is None


@quick
@given(DAYS)
def test_every_day_is_read_back(day: date) -> None:
    assert (
        parse_day(day.isoformat())
        == parse_day(f"{day:%d.%m.%Y}")
        == parse_day(f"{day.day}.{day.month}.{day.year}")
        == day
    )


@quick
@given(st.text(max_size=20))
def test_any_text_is_answered(text: str) -> None:
    assert parse_day(text) is None or isinstance(parse_day(text), date)
    assert from_parts(text, "1", "2026") is None or text.strip().isdigit()
