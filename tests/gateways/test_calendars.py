"""Are the holidays of a canton or country those that people there keep?"""

from __future__ import annotations

from datetime import date

import pytest

from portal.gateways.calendars import CalendarSource, CalendarUnknown, HolidayCalendars

SOURCE: CalendarSource = HolidayCalendars()


def test_cantons_differ() -> None:
    ticino, bern = SOURCE.calendar("CH", "TI", [2026]), SOURCE.calendar("CH", "BE", [2026])
    good_friday, corpus_christi = date(2026, 4, 3), date(2026, 6, 4)
    assert not bern.is_working_day(good_friday)
    assert ticino.is_working_day(good_friday)
    assert bern.is_working_day(corpus_christi)
    assert not ticino.is_working_day(corpus_christi)


@pytest.mark.parametrize("canton", ["ZG", "FR", "VS"])
def test_days_that_courts_treat_like_holidays_count(canton: str) -> None:
    calendar = SOURCE.calendar("CH", canton, [2026])
    assert not calendar.is_working_day(date(2026, 1, 2))
    assert not calendar.is_working_day(date(2026, 4, 6))


@pytest.mark.parametrize(
    ("country", "part", "day"),
    [
        ("CH", None, "2028-08-01"),
        ("DE", "BY", "2026-01-06"),
        ("AT", None, "2026-10-26"),
        ("AT", "9", "2026-10-26"),
        ("FR", None, "2026-07-14"),
        ("IT", None, "2026-06-02"),
        ("LI", "", "2026-12-08"),
    ],
)
def test_every_country_we_serve_has_its_days(country: str, part: str | None, day: str) -> None:
    assert date.fromisoformat(day) in SOURCE.calendar(country, part, [2026, 2027, 2028]).holidays


def test_a_calendar_is_built_once_and_for_its_years_only() -> None:
    one = SOURCE.calendar("CH", "BE", [2026, 2027])
    assert SOURCE.calendar("CH", "BE", (2027, 2026, 2026)) is one
    assert {day.year for day in one.holidays} == {2026, 2027}
    assert SOURCE.calendar("CH", "BE", []).holidays == frozenset()


@pytest.mark.parametrize(("country", "part"), [("XX", None), ("CH", "XX"), ("", None)])
def test_an_unknown_place_is_said(country: str, part: str | None) -> None:
    with pytest.raises(CalendarUnknown):
        SOURCE.calendar(country, part, [2026])
