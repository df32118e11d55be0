"""Does a claim's sum add up, line by line, on any day?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from portal.rules.claims import Basis, PositionKind
from portal.rules.ledger import PositionFacts, PostingFact, sum_on
from portal.rules.money import Money
from portal.rules.payments import EntryKind

SPACE = UUID(int=7)
PRINCIPAL, INTEREST, FEE = (uuid5(SPACE, name) for name in ("principal", "interest", "fee"))
START = date(2026, 1, 1)


def lines(principal: int = 100_000, fee: int = 4_000) -> list[PositionFacts]:
    money = lambda minor: Money(minor, "CHF")  # noqa: E731
    return [
        PositionFacts(PRINCIPAL, 1, PositionKind.PRINCIPAL, "", Basis.INVOICE, money(principal), START),
        PositionFacts(
            INTEREST, 2, PositionKind.DEFAULT_INTEREST, "", Basis.LAW_DEFAULT_INTEREST, money(0), START,
            rate=Decimal(5), interest_from=START,
        ),
        PositionFacts(FEE, 3, PositionKind.REMINDER_FEE, "", Basis.TERMS_CLAUSE, money(fee), START),
    ]  # fmt: skip


def test_a_year_of_interest_is_the_principal_times_the_rate() -> None:
    total = sum_on(lines(), [], until=date(2027, 1, 1), currency="CHF")
    line = total.line(INTEREST)
    assert line is not None
    assert line.claimed == Money(5_000, "CHF")
    assert total.open == Money(109_000, "CHF")
    assert [(part.days, part.rate) for part in line.stretches] == [(360, Decimal(5))]


def test_a_part_payment_lowers_the_interest_from_its_value_date() -> None:
    paid = PostingFact(PRINCIPAL, EntryKind.PAYMENT, date(2026, 7, 1), -50_000)
    line = sum_on(lines(), [paid], until=date(2027, 1, 1), currency="CHF").line(INTEREST)
    assert line is not None
    assert line.claimed == Money(3_750, "CHF")


def test_interest_rests_while_the_claim_rests() -> None:
    rest = (date(2026, 4, 1), date(2026, 7, 1))
    line = sum_on(lines(), [], until=date(2027, 1, 1), currency="CHF", resting=[rest]).line(INTEREST)
    assert line is not None
    assert line.claimed == Money(3_750, "CHF")
    open_end = sum_on(lines(), [], until=date(2027, 1, 1), currency="CHF", resting=[(date(2026, 7, 1), None)])
    assert open_end.line(INTEREST).claimed == Money(2_500, "CHF")  # type: ignore[union-attr]


def test_posted_interest_never_shrinks() -> None:
    posted = PostingFact(INTEREST, EntryKind.INTEREST, date(2026, 12, 1), 4_000)
    line = sum_on(lines(), [posted], until=date(2026, 2, 1), currency="CHF").line(INTEREST)
    assert line is not None
    assert line.claimed == Money(4_000, "CHF")


def test_the_undisputed_part_leaves_the_disputed_line_out() -> None:
    total = sum_on(lines(), [], until=START, currency="CHF", disputed=frozenset({FEE}))
    assert total.undisputed == Money(100_000, "CHF")


POSTED = st.lists(
    st.tuples(
        st.sampled_from([PRINCIPAL, INTEREST, FEE]),
        st.sampled_from([EntryKind.PAYMENT, EntryKind.WAIVER, EntryKind.CREDIT, EntryKind.REFUND]),
        st.integers(0, 700),
        st.integers(-60_000, 20_000),
    ),
    max_size=8,
)


@given(POSTED, st.integers(0, 800), st.integers(0, 400), st.integers(0, 200))
def test_claimed_is_always_dropped_plus_paid_plus_open(
    posted: list[tuple[UUID, EntryKind, int, int]], until: int, rest_from: int, rest_days: int
) -> None:
    facts = [PostingFact(position, kind, START + timedelta(days=day), minor) for position, kind, day, minor in posted]
    rest = (START + timedelta(days=rest_from), START + timedelta(days=rest_from + rest_days))
    total = sum_on(lines(), facts, until=START + timedelta(days=until), currency="CHF", resting=[rest])
    assert total.claimed == total.waived + total.paid + total.open
    for line in total.lines:
        assert line.claimed == line.waived + line.paid + line.open
        assert line.claimed.minor >= 0
