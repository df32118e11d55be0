"""Which days are holidays at a place, as the `holidays` package knows them?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

import holidays

from portal.rules.dates import Calendar

#: Days on which a deadline must not end, where the package knows them (`law.md` 6).
_CATEGORIES = frozenset({"public", "optional", "half_day"})


class CalendarUnknown(LookupError):
    """The package knows no such country or part of it."""

    def __init__(self, country: str, subdivision: str | None) -> None:
        super().__init__(f"no holidays are known for {country} {subdivision or ''}".rstrip())
        self.country, self.subdivision = country, subdivision


class CalendarSource(Protocol):
    def calendar(self, country: str, subdivision: str | None, years: Iterable[int]) -> Calendar:
        """The calendar of a country (ISO 3166-1, two capitals) and canton or Land for these years."""


class HolidayCalendars:
    """Calendars from the `holidays` package; each place and span of years is built once in a process."""

    def calendar(self, country: str, subdivision: str | None, years: Iterable[int]) -> Calendar:
        """The public, optional and half holidays of these years; others: weekends only. Raises `CalendarUnknown`."""
        return _calendar(country, subdivision or None, tuple(sorted(set(years))))


@lru_cache(maxsize=256)
def _calendar(country: str, subdivision: str | None, years: tuple[int, ...]) -> Calendar:
    try:
        known = holidays.country_holidays(country, subdiv=subdivision)
        categories = tuple(sorted(_CATEGORIES.intersection(known.supported_categories)))
        found = holidays.country_holidays(country, subdiv=subdivision, years=years, expand=False, categories=categories)
    except NotImplementedError:
        raise CalendarUnknown(country, subdivision) from None
    return Calendar(frozenset(found))
