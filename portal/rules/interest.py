"""How much default interest has a sum earned from one day to another?"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter, itemgetter

from portal.rules.money import Money


class DayCount(StrEnum):
    """How days become a part of a year (`law.md` 3); ACT/360 is not offered."""

    THIRTY_E_360 = "30E/360"
    ACT_ACT = "ACT/ACT"  # ISDA: split at year ends
    ACT_365F = "ACT/365F"


class RateMissing(LookupError):
    """No rate is known for this day; the last known one is never carried on silently."""

    def __init__(self, day: date) -> None:
        super().__init__(f"no interest rate is known for {day.isoformat()}")
        self.day = day


@dataclass(frozen=True, slots=True)
class RateChange:
    """A yearly rate in percent that holds from a day on, to the next change or, if given, the day before `until`."""

    from_day: date
    rate: Decimal
    until: date | None = None

    def __post_init__(self) -> None:
        if type(self.rate) is not Decimal or not self.rate.is_finite():
            raise TypeError("a rate is a finite Decimal")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch with one principal and one rate: a line of the statement; `exact` is in minor units, not rounded."""

    start: date
    end: date
    days: int
    principal: Money
    rate: Decimal
    exact: Fraction


def days(start: date, end: date, convention: DayCount) -> int:
    """The days from start (counted) to end (not counted), as the convention counts them."""
    if convention is DayCount.THIRTY_E_360:
        return _thirty(end) - _thirty(start)
    return (end - start).days


@lru_cache(maxsize=8192)
def year_part(start: date, end: date, convention: DayCount) -> Fraction:
    """The exact part of a year between the two days; adjoining stretches add up exactly."""
    if convention is DayCount.THIRTY_E_360:
        return Fraction(days(start, end, convention), 360)
    if convention is DayCount.ACT_365F:
        return Fraction(days(start, end, convention), 365)
    return _years_from_zero(end) - _years_from_zero(start)


def accrued(principal: Money, start: date, end: date, rates: Sequence[RateChange], convention: DayCount) -> Money:
    """The interest on an unchanged principal from start (the day after default, counted) to end (the day money arrives,
    not counted), rounded HALF_UP to one minor unit once. Raises `RateMissing`."""
    return accrued_over([(start, principal)], end, rates, convention)


def accrued_over(
    balance_steps: Sequence[tuple[date, Money]], end: date, rates: Sequence[RateChange], convention: DayCount
) -> Money:
    """The interest on a principal that changes: each step is the principal from that day on, so a payment lowers it
    from the day it is valued. Summed exactly, rounded HALF_UP once. Raises `RateMissing`, `CurrencyMismatch`."""
    if not balance_steps:
        raise ValueError("without a step there is no currency to answer in")
    return rounded(segments(balance_steps, end, rates, convention), balance_steps[0][1].currency)


def rounded(parts: Sequence[Segment], currency: str) -> Money:
    """What these stretches earn together, rounded HALF_UP to one minor unit once."""
    return Money(_half_up(sum((part.exact for part in parts), Fraction(0))), currency)


def segments(
    balance_steps: Sequence[tuple[date, Money]], end: date, rates: Sequence[RateChange], convention: DayCount
) -> tuple[Segment, ...]:
    """The stretches of one principal and one rate each, as a statement prints them; zero and below bear none.

    Of two steps on the same day the later in the sequence holds.
    """
    steps = sorted(balance_steps, key=itemgetter(0))
    if not steps:
        return ()
    ordered = sorted(rates, key=attrgetter("from_day"))
    ends = [day for day, _ in steps[1:]] + [end]
    nothing = Money.zero(steps[0][1].currency)
    found: list[Segment] = []
    for (start, principal), next_start in zip(steps, ends, strict=True):
        if principal > nothing:  # refuses a second currency, too
            for first, last, rate in _stretches(start, min(next_start, end), ordered):
                found.append(_segment(first, last, principal, rate, convention))
    return tuple(found)


def _segment(start: date, end: date, principal: Money, rate: Decimal, convention: DayCount) -> Segment:
    exact = principal.minor * _part_of(rate) * year_part(start, end, convention)
    return Segment(start, end, days(start, end, convention), principal, rate, exact)


def _stretches(start: date, end: date, ordered: Sequence[RateChange]) -> Iterator[tuple[date, date, Decimal]]:
    """Cut the time from start to end where the rate changes."""
    place = -1
    while start < end:
        while place + 1 < len(ordered) and ordered[place + 1].from_day <= start:
            place += 1
        if place < 0:
            raise RateMissing(start)
        current = ordered[place]
        if current.until is not None and current.until <= start:
            raise RateMissing(start)
        stop = end if place + 1 == len(ordered) else min(end, ordered[place + 1].from_day)
        if current.until is not None and current.until < stop:
            stop = current.until
        yield start, stop, current.rate
        start = stop


@lru_cache(maxsize=512)
def _part_of(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100


def _thirty(day: date) -> int:
    return day.year * 360 + day.month * 30 + min(day.day, 30)


def _years_from_zero(day: date) -> Fraction:
    return day.year + Fraction((day - date(day.year, 1, 1)).days, 366 if isleap(day.year) else 365)


def _half_up(exact: Fraction) -> int:
    """The nearest whole number of an amount that is not negative; a half goes up."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
