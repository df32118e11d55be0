"""Which day is meant, which day is a working day, and which day comes some months or working days later?"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

#: The day of the month a person chose; "last" is the last one, whatever its number.
DayOfMonth = int | Literal["last"]

#: The anchor that always means the last day of a month.
LAST = 31

#: The first instalment is never nearer than this many days.
FIRST_DUE_AHEAD = 5

_SATURDAY = 5
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_POINTS = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})")
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2199


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays of one place; Saturdays and Sundays are never working days (OR 78, SR 173.110.3)."""

    holidays: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether this is neither a weekend nor a holiday."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def next_working_day(self, day: date) -> date:
        """This day if it is a working day, else the first one after it."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The working day that comes `count` working days after this day; with 0 the same or the next working day."""
        if count < 0:
            raise ValueError("working days are counted forward")
        if count == 0:
            return self.next_working_day(day)
        for _ in range(count):
            day = self.next_working_day(day + timedelta(days=1))
        return day

    def union(self, other: Calendar) -> Calendar:
        """The days on which people work in both places: a debtor's deadline is never shortened (`law.md` 6)."""
        return Calendar(self.holidays | other.holidays)


def months_later(day: date, months: int, *, anchor: int) -> date:
    """The anchor's day of the month that lies `months` after this one, or that month's last day where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    return _on(day.year + years, month + 1, anchor)


def month_end(day: date) -> date:
    """The last day of this day's month."""
    return _on(day.year, day.month, LAST)


def anchor_of(day: DayOfMonth) -> int:
    """The anchor for `months_later` of the day a person chose. Raises ValueError outside 1 to 31 and "last"."""
    anchor = LAST if day == "last" else day
    if not 1 <= anchor <= LAST:
        raise ValueError(f"no such day of a month: {anchor}")
    return anchor


def first_nominal(today: date, day: DayOfMonth, *, ahead: int = FIRST_DUE_AHEAD) -> date:
    """The first such day of a month at least `ahead` days from today, before weekends and holidays are looked at."""
    anchor = anchor_of(day)
    earliest = today + timedelta(days=ahead)
    found = _on(earliest.year, earliest.month, anchor)
    return found if found >= earliest else months_later(found, 1, anchor=anchor)


def first_due(today: date, day: DayOfMonth, calendar: Calendar, *, ahead: int = FIRST_DUE_AHEAD) -> date:
    """The working day on which the first instalment falls due: the chosen day, moved forward where nobody works."""
    return calendar.next_working_day(first_nominal(today, day, ahead=ahead))


def promise_date(now_day: date, working_days: int, calendar: Calendar) -> date:
    """The day by which an answer is promised: that many working days after the day it was asked."""
    return calendar.add_working_days(now_day, working_days)


def parse_day(text: str) -> date | None:
    """The day of `2026-12-04`, `04.12.2026` or `4.12.2026`; None if the text is none of these or no such day exists."""
    text = text.strip()
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _POINTS.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    return from_parts(day, month, year)


def from_parts(day: str | int, month: str | int, year: str | int) -> date | None:
    """The day that three fields name together, the year with four digits; None if no such day exists."""
    texts = [str(part).strip() for part in (day, month, year)]
    if not all(text.isascii() and text.isdigit() and len(text) <= 4 for text in texts):
        return None
    number, number_of_month, number_of_year = (int(text) for text in texts)
    if not _EARLIEST_YEAR <= number_of_year <= _LATEST_YEAR:
        return None
    try:
        return date(number_of_year, number_of_month, number)
    except ValueError:
        return None


def _on(year: int, month: int, anchor: int) -> date:
    return date(year, month, min(anchor, monthrange(year, month)[1]))
