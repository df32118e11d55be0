"""Does each country's profile say what its law says, with the source, and refuse what nobody has read yet?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from portal.rules.claims import Basis, Contestability, PositionKind, contestability
from portal.rules.countries import PROFILES, RATE_TABLES, Asked, has_profile, profile_of, rate_table
from portal.rules.interest import DayCount, RateChange, RateMissing, accrued
from portal.rules.ledger import ClaimSum, OwnRates, PositionFacts, PostingFact, sum_on
from portal.rules.money import Money
from portal.rules.payments import EntryKind
from portal.rules.rates import filled, first_without

PRINCIPAL, INTEREST = UUID(int=1), UUID(int=2)


def claim(
    table: str, start: date, until: date, *, minor: int = 50_000, own: OwnRates | None = None,
    postings: tuple[PostingFact, ...] = (), resting: tuple[tuple[date, date | None], ...] = (), settled: bool = False,
) -> ClaimSum:  # fmt: skip
    euros = Money(minor, "EUR")
    lines = [
        PositionFacts(PRINCIPAL, 1, PositionKind.PRINCIPAL, "", Basis.INVOICE, euros, start),
        PositionFacts(
            INTEREST, 2, PositionKind.DEFAULT_INTEREST, "", Basis.LAW_DEFAULT_INTEREST, Money(0, "EUR"), start,
            interest_from=start, day_count=DayCount.ACT_ACT, rate_table=table,
        ),
    ]  # fmt: skip
    return sum_on(
        lines, postings, until=until, currency="EUR", own_rates=own, resting=resting, settled=settled
    )  # fmt: skip


def test_the_german_example_to_the_cent() -> None:
    line = claim("de-consumer", date(2023, 5, 10), date(2025, 9, 1)).line(INTEREST)
    assert line is not None
    assert line.claimed == Money(9100, "EUR")
    assert [(part.days, part.rate) for part in line.stretches] == [
        (52, Decimal("6.62")), (184, Decimal("8.12")), (182, Decimal("8.62")), (184, Decimal("8.37")),
        (181, Decimal("7.27")), (62, Decimal("6.27")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "day", "rate"),
    [
        ("ch-default", "2026-11-23", "5"),
        ("de-consumer", "2020-01-01", "4.12"),
        ("de-business", "2026-06-30", "10.27"),
        ("at-consumer", "2026-11-23", "4"),
        ("at-business", "2025-06-30", "11.73"),
        ("fr-legal", "2026-06-30", "2.62"),
        ("fr-legal-private", "2025-07-01", "6.65"),
        ("it-legal", "2026-12-31", "1.60"),
        ("it-commercial", "2026-01-01", "10.15"),
    ],
)
def test_the_rate_of_a_day(key: str, day: str, rate: str) -> None:
    assert rate_table(key).on(date.fromisoformat(day)) == Decimal(rate)


@pytest.mark.parametrize(
    ("key", "day"),
    [("de-consumer", "2026-07-01"), ("fr-legal", "2021-06-30"), ("it-legal", "2027-01-01"), ("it-legal", "2019-12-31")],
)
def test_a_day_nobody_has_read_has_no_rate(key: str, day: str) -> None:
    with pytest.raises(RateMissing) as missing:
        rate_table(key).on(date.fromisoformat(day))
    assert missing.value.day == date.fromisoformat(day)
    with pytest.raises(RateMissing):
        accrued(Money(1, "EUR"), date(2019, 1, 1), date(2030, 1, 1), rate_table(key).changes, DayCount.ACT_ACT)


def test_interest_stands_still_on_the_first_day_without_a_rate() -> None:
    known = claim("de-consumer", date(2026, 1, 1), date(2026, 7, 1))
    later = claim("de-consumer", date(2026, 1, 1), date(2026, 11, 23))
    assert (known.no_rate_from, later.no_rate_from) == (None, date(2026, 7, 1))
    assert known.open == later.open
    paid = PostingFact(PRINCIPAL, EntryKind.PAYMENT, date(2026, 6, 1), -50_000)
    assert claim("de-consumer", date(2026, 1, 1), date(2026, 11, 23), postings=(paid,)).no_rate_from is None
    rest = ((date(2026, 7, 1), None),)
    assert claim("de-consumer", date(2026, 1, 1), date(2026, 11, 23), resting=rest).no_rate_from is None


def test_an_own_rate_fills_the_gap_and_never_what_is_known() -> None:
    own = {"de-consumer": (RateChange(date(2026, 1, 1), Decimal(8), date(2027, 1, 1)),)}
    total = claim("de-consumer", date(2026, 1, 1), date(2027, 1, 1), own=own)
    line = total.line(INTEREST)
    assert line is not None
    assert total.no_rate_from is None
    assert [(part.start, part.rate) for part in line.stretches] == [
        (date(2026, 1, 1), Decimal("6.27")), (date(2026, 7, 1), Decimal(8)),
    ]  # fmt: skip
    newest, older = (RateChange(date(2026, 10, 1), Decimal(9), date(2026, 12, 1)), *own["de-consumer"])
    days = filled(rate_table("de-consumer").changes, (newest, older))
    assert [(one.from_day, one.rate) for one in days[-3:]] == [
        (date(2026, 7, 1), Decimal(8)), (date(2026, 10, 1), Decimal(9)), (date(2026, 12, 1), Decimal(8)),
    ]  # fmt: skip
    assert first_without(days, date(2026, 1, 1), date(2027, 1, 2)) == date(2027, 1, 1)


def test_a_settled_claim_grows_by_no_rate_that_comes_later() -> None:
    start, until = date(2026, 1, 1), date(2026, 11, 23)
    earned = claim("de-consumer", start, until).line(INTEREST)
    assert earned is not None
    paid = (
        PostingFact(INTEREST, EntryKind.INTEREST, until, earned.claimed.minor),
        PostingFact(INTEREST, EntryKind.PAYMENT, until, -earned.claimed.minor),
        PostingFact(PRINCIPAL, EntryKind.PAYMENT, until, -50_000),
    )
    own = {"de-consumer": (RateChange(date(2026, 7, 1), Decimal(8), date(2027, 1, 1)),)}
    assert claim("de-consumer", start, until, own=own, postings=paid).open.is_positive
    assert claim("de-consumer", start, until, own=own, postings=paid, settled=True).open.is_zero


def test_what_a_consumer_is_asked_for() -> None:
    asked = {country: PROFILES[country].asked(PositionKind.AGENCY_COST, consumer=True) for country in PROFILES}
    assert asked == {"CH": Asked.NOT_BY_DEFAULT, "DE": Asked.YES, "AT": Asked.YES, "FR": Asked.NEVER, "IT": Asked.YES}
    assert all(
        PROFILES[country].asked(kind, consumer=False) is Asked.YES for country in PROFILES for kind in PositionKind
    )
    france = profile_of("FR")
    assert {kind for kind in PositionKind if france.asked(kind, consumer=True) is Asked.NEVER} == {
        PositionKind.REMINDER_FEE, PositionKind.DAMAGE, PositionKind.AGENCY_COST,
    }  # fmt: skip
    assert set(france.consumer_law.values()) == {"CPCE L111-8"}
    assert not has_profile("XX")
    with pytest.raises(KeyError):
        profile_of("XX")


def test_each_profile_is_whole() -> None:
    for profile in PROFILES.values():
        assert set(profile.allocation_order) == set(PositionKind)
        counted = DayCount.THIRTY_E_360 if profile.country == "CH" else DayCount.ACT_ACT
        assert (profile.day_count, bool(profile.notices)) == (counted, True)
        for table in profile.tables:
            assert RATE_TABLES[table.key] is table
            assert table.source
            assert table.law
            assert list(table.changes) == sorted(table.changes, key=lambda change: change.from_day)
    assert profile_of("AT").allocation_order[0] == PositionKind.DEFAULT_INTEREST
    assert profile_of("CH").allocation_order[0] == PositionKind.COURT_COST


def test_how_firm_a_line_stands() -> None:
    assert contestability(PositionKind.DEFAULT_INTEREST, Basis.LAW_DEFAULT_INTEREST) is Contestability.UNDISPUTED_BY_LAW
    assert contestability(PositionKind.DEFAULT_INTEREST, Basis.CONTRACT) is Contestability.NEEDS_CONTRACT
    assert contestability(PositionKind.REMINDER_FEE, Basis.NONE) is Contestability.NEEDS_CONTRACT
    assert contestability(PositionKind.AGENCY_COST, Basis.CONTRACT) is Contestability.CONTESTED
    assert contestability(PositionKind.DAMAGE, Basis.LAW_LUMP_SUM) is Contestability.UNDISPUTED_BY_LAW
