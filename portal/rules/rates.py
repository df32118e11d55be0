"""Which yearly rate does the law set for each day, where is that written, and from which day on is it not known?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.rules.interest import RateChange, RateMissing


@dataclass(frozen=True, slots=True)
class RateTable:
    """A statutory rate in percent a year through time; between and after its stretches no rate is known.

    `key` is stored with a line and never changes its meaning; `law` is the article as it is printed; `source` says
    where the figures were read.
    """

    key: str
    law: str
    source: str
    changes: tuple[RateChange, ...]

    @property
    def last_day_known(self) -> date | None:
        """The last day with a rate; None if the law itself sets it without an end."""
        last = self.changes[-1].until
        return None if last is None else date.fromordinal(last.toordinal() - 1)

    def missing_in(self, start: date, end: date) -> date | None:
        """The first day from start (counted) to end (not counted) without a rate; None if every day has one."""
        return first_without(self.changes, start, end)

    def on(self, day: date) -> Decimal:
        """The rate of this day. Raises `RateMissing`."""
        found = [change for change in self.changes if change.from_day <= day]
        if not found or (found[-1].until is not None and found[-1].until <= day):
            raise RateMissing(day)
        return found[-1].rate


def first_without(changes: Sequence[RateChange], start: date, end: date) -> date | None:
    """The first day from start (counted) to end (not counted) for which no rate holds."""
    day = start
    for change in sorted(changes, key=lambda one: one.from_day):
        if day >= end or change.from_day > day:
            break
        if change.until is None:
            later = [other.from_day for other in changes if other.from_day > change.from_day]
            day = max(day, min(later)) if later else end
        elif change.until > day:
            day = change.until
    return day if day < end else None


def table(
    key: str, law: str, source: str, steps: Iterable[tuple[str, str]], *, until: str | None, plus: str = "0"
) -> RateTable:
    """A table of (first day, percent) without gaps that ends before `until`; `plus` percentage points on each."""
    days = [(date.fromisoformat(day), Decimal(percent) + Decimal(plus)) for day, percent in steps]
    ends = [day for day, _ in days[1:]] + [None if until is None else date.fromisoformat(until)]
    changes = (RateChange(day, rate, end) for (day, rate), end in zip(days, ends, strict=True))
    return RateTable(key, law, source, tuple(changes))


def stretches(key: str, law: str, source: str, steps: Iterable[tuple[str, str, str]]) -> RateTable:
    """A table of (first day, end not counted, percent); what lies between two stretches is not known."""
    changes = tuple(
        RateChange(date.fromisoformat(day), Decimal(percent), date.fromisoformat(end)) for day, end, percent in steps
    )
    return RateTable(key, law, source, changes)
