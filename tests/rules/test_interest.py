"""Is default interest exact, and does it give the published values (`law.md` 3)?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.interest import DayCount, RateChange, RateMissing, accrued, accrued_over, days, segments, year_part
from portal.rules.money import CurrencyMismatch, Money

quick = settings(max_examples=100, deadline=None)
FIVE = (RateChange(date(1912, 1, 1), Decimal(5)),)
ALL = tuple(DayCount)
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
#: BGB 288, consumers: base rate + 5 points.
GERMAN = tuple(
    RateChange(date.fromisoformat(day), Decimal(rate))
    for day, rate in [
        ("2023-01-01", "6.62"),
        ("2023-07-01", "8.12"),
        ("2024-01-01", "8.62"),
        ("2024-07-01", "8.37"),
        ("2025-01-01", "7.27"),
        ("2025-07-01", "6.27"),
    ]
)


@pytest.mark.parametrize(
    ("minor", "start", "end", "expected"),
    [
        (100000, "2025-01-01", "2026-01-01", (5000, 5000, 5000)),
        (100000, "2024-01-01", "2025-01-01", (5000, 5000, 5014)),
        (59500, "2025-03-15", "2026-11-21", (5008, 5021, 5021)),
        (24990, "2026-01-31", "2026-02-28", (97, 96, 96)),
        (100000, "2026-01-01", "2026-01-20", (264, 260, 260)),
    ],
)
def test_swiss_values(minor: int, start: str, end: str, expected: tuple[int, int, int]) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert tuple(accrued(Money(minor, "CHF"), first, last, FIVE, one).minor for one in ALL) == expected


def test_days_as_each_convention_counts_them() -> None:
    start, end = date(2025, 3, 15), date(2026, 11, 21)
    assert [days(start, end, one) for one in ALL] == [606, 616, 616]
    assert days(date(2026, 1, 31), date(2026, 2, 28), DayCount.THIRTY_E_360) == 28
    assert days(date(2026, 1, 30), date(2026, 1, 31), DayCount.THIRTY_E_360) == 0


def test_german_consumer_rates_give_91_euros() -> None:
    steps = [(date(2023, 5, 10), Money(50000, "EUR"))]
    end = date(2025, 9, 1)
    lines = segments(steps, end, GERMAN, DayCount.ACT_ACT)
    assert [line.days for line in lines] == [52, 184, 182, 184, 181, 62]
    exact = [round(float(line.exact) / 100, 4) for line in lines]
    assert exact == [4.7156, 20.4668, 21.4322, 21.0393, 18.0256, 5.3252]
    assert accrued(Money(50000, "EUR"), date(2023, 5, 10), end, GERMAN, DayCount.ACT_ACT) == Money(9100, "EUR")


def test_a_missing_rate_is_said_never_carried_on() -> None:
    owed = Money(10000, "EUR")
    with pytest.raises(RateMissing) as missing:
        accrued(owed, date(2022, 12, 31), date(2023, 2, 1), GERMAN, DayCount.ACT_ACT)
    assert missing.value.day == date(2022, 12, 31)
    known = (RateChange(date(2026, 1, 1), Decimal("6.27"), until=date(2026, 7, 1)),)
    assert accrued(owed, date(2026, 1, 1), date(2026, 7, 1), known, DayCount.ACT_ACT).is_positive
    with pytest.raises(RateMissing) as missing:
        accrued(owed, date(2026, 1, 1), date(2026, 7, 2), known, DayCount.ACT_ACT)
    assert missing.value.day == date(2026, 7, 1)
    assert accrued(owed, date(2026, 1, 1), date(2026, 1, 1), (), DayCount.ACT_ACT).is_zero


def test_a_part_payment_lowers_the_principal_from_its_day() -> None:
    steps = [(date(2026, 1, 1), Money(100000, "CHF")), (date(2026, 7, 1), Money(40000, "CHF"))]
    assert accrued_over(steps, date(2027, 1, 1), FIVE, DayCount.THIRTY_E_360) == Money(2500 + 1000, "CHF")
    assert accrued_over(steps[::-1], date(2027, 1, 1), FIVE, DayCount.THIRTY_E_360) == Money(3500, "CHF")
    assert accrued_over(steps, date(2026, 4, 1), FIVE, DayCount.THIRTY_E_360) == Money(1250, "CHF")


def test_what_is_not_owed_bears_nothing() -> None:
    credit = [(date(2026, 1, 1), Money(-100000, "CHF")), (date(2026, 2, 1), Money(0, "CHF"))]
    assert accrued_over(credit, date(2027, 1, 1), FIVE, DayCount.ACT_ACT) == Money.zero("CHF")
    assert accrued(Money(100, "CHF"), date(2026, 2, 1), date(2026, 1, 1), FIVE, DayCount.ACT_ACT).is_zero


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="currency"):
        accrued_over([], date(2027, 1, 1), FIVE, DayCount.ACT_ACT)
    mixed = [(date(2026, 1, 1), Money(1, "CHF")), (date(2026, 2, 1), Money(1, "EUR"))]
    with pytest.raises(CurrencyMismatch):
        accrued_over(mixed, date(2027, 1, 1), FIVE, DayCount.ACT_ACT)
    for rate in (5.0, 5, Decimal("NaN")):
        with pytest.raises(TypeError):
            RateChange(date(2026, 1, 1), rate)  # type: ignore[arg-type]


@quick
@given(st.integers(1, 10**9), st.integers(2000, 2040), st.integers(0, 2000))
def test_a_calendar_year_is_principal_times_rate(minor: int, year: int, basis_points: int) -> None:
    rates = (RateChange(date(1990, 1, 1), Decimal(basis_points) / 100),)
    expected = int(Fraction(minor * basis_points, 10000) + Fraction(1, 2))
    for convention in (DayCount.THIRTY_E_360, DayCount.ACT_ACT):
        interest = accrued(Money(minor, "CHF"), date(year, 1, 1), date(year + 1, 1, 1), rates, convention)
        assert interest.minor == expected


@quick
@given(DAYS, DAYS, DAYS, st.sampled_from(ALL))
def test_adjoining_stretches_add_up_exactly(one: date, two: date, three: date, convention: DayCount) -> None:
    start, middle, end = sorted((one, two, three))
    whole = year_part(start, end, convention)
    assert year_part(start, middle, convention) + year_part(middle, end, convention) == whole
    assert days(start, middle, convention) + days(middle, end, convention) == days(start, end, convention)
    assert whole >= 0


@quick
@given(
    st.lists(st.tuples(DAYS, st.integers(-(10**6), 10**7)), min_size=1, max_size=5),
    st.lists(st.tuples(DAYS, st.integers(0, 2000)), max_size=4),
    DAYS,
    st.sampled_from(ALL),
)
def test_every_single_day_adds_up_to_the_whole(
    steps: list[tuple[date, int]], changes: list[tuple[date, int]], end: date, convention: DayCount
) -> None:
    rates = [RateChange(date(1990, 1, 1), Decimal(5))] + [RateChange(day, Decimal(bp) / 100) for day, bp in changes]
    balance = [(day, Money(minor, "CHF")) for day, minor in steps]
    lines = segments(balance, end, rates, convention)
    exact = sum((line.exact for line in lines), Fraction(0))
    assert abs(accrued_over(balance, end, rates, convention).minor - exact) <= Fraction(1, 2)
    for line in lines:
        assert line.start < line.end <= end
        middle = line.start + timedelta(days=(line.end - line.start).days // 2)
        known = [change for change in sorted(rates, key=lambda one: one.from_day) if change.from_day <= middle]
        held = [money for day, money in sorted(balance, key=lambda one: one[0]) if day <= middle]
        assert (line.rate, line.principal) == (known[-1].rate, held[-1])
