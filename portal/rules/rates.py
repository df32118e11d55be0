"""Which yearly rate does the law set for each day, where is that written, and from which day on is it not known?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from portal.rules.interest import RateChange, RateMissing

#: A missing rate is announced so many days before interest would stand still.
NOTICE = timedelta(days=14)
HIGHEST = Decimal(30)
LONGEST_SOURCE = 200
#: No law sets a rate for longer at once.
LONGEST_STRETCH = timedelta(days=1_096)
_PERCENT = re.compile(r"-?[0-9]{1,2}(?:\.[0-9]{1,2})?")


class RateProblem(StrEnum):
    TABLE_MISSING = "table_missing"
    FROM_MISSING = "from_missing"
    LAST_MISSING = "last_missing"
    LAST_BEFORE_FROM = "last_before_from"
    TOO_LONG = "too_long"
    KNOWN_ALREADY = "known_already"
    PERCENT_UNREADABLE = "percent_unreadable"
    SOURCE_MISSING = "source_missing"


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
        return None if last is None else last - timedelta(days=1)

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
    """The first day from start (counted) to end (not counted) for which no rate holds; the changes are in order."""
    day = start
    for place, change in enumerate(changes):
        if day >= end or change.from_day > day:
            break
        if change.until is not None:
            day = max(day, change.until)
        else:
            day = max(day, changes[place + 1].from_day) if place + 1 < len(changes) else end
    return day if day < end else None


@lru_cache(maxsize=512)
def filled(known: tuple[RateChange, ...], own: tuple[RateChange, ...]) -> tuple[RateChange, ...]:
    """The known stretches, and where they leave a gap the creditor's own ones, of which the first named wins.

    Each of the creditor's own stretches has an end.
    """
    result = list(known)
    for change in own:
        day = change.from_day
        while change.until is not None and day < change.until:
            missing = first_without(result, day, change.until)
            if missing is None:
                break
            later = [one.from_day for one in result if one.from_day > missing]
            stop = min([change.until, *later])
            result = sorted([*result, replace(change, from_day=missing, until=stop)], key=lambda one: one.from_day)
            day = stop
    return tuple(result)


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


def read_percent(raw: str) -> Decimal | None:
    """A yearly rate in percent as people type it, with at most two decimals, up to 30; or None."""
    text = raw.strip().removesuffix("%").strip().replace(",", ".")
    if not _PERCENT.fullmatch(text):
        return None
    rate = Decimal(text)
    return rate if 0 <= rate <= HIGHEST else None


def problems_of_entry(
    law: RateTable | None, first: date | None, last: date | None, percent: Decimal | None, source: str
) -> list[RateProblem]:
    """Say everything that stands against entering this rate; only days of which the portal knows none can be filled."""
    found = [RateProblem.TABLE_MISSING] if law is None else []
    if first is None:
        found.append(RateProblem.FROM_MISSING)
    elif law is not None and law.missing_in(first, first + timedelta(days=1)) is None:
        found.append(RateProblem.KNOWN_ALREADY)
    if last is None:
        found.append(RateProblem.LAST_MISSING)
    elif first is not None and last < first:
        found.append(RateProblem.LAST_BEFORE_FROM)
    elif first is not None and last - first > LONGEST_STRETCH:
        found.append(RateProblem.TOO_LONG)
    if percent is None:
        found.append(RateProblem.PERCENT_UNREADABLE)
    if not source.strip():
        found.append(RateProblem.SOURCE_MISSING)
    return found
