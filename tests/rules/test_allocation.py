"""Does a payment go where the payer or the law says, to the last Rappen?"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.allocation import PositionOpen, allocate, allocated
from portal.rules.money import CurrencyMismatch, Money, total

quick = settings(max_examples=100, deadline=None)
ORDER = ("costs", "interest", "principal")


def position(number: int, kind: str, minor: int, *, contested: bool = False, due: int = 1) -> PositionOpen:
    return PositionOpen(UUID(int=number), kind, Money(minor, "CHF"), date(2026, 11, due), contested)


def shares(
    minor: int, *positions: PositionOpen, declared: list[int] | None = None
) -> tuple[list[tuple[int, int]], int]:
    wanted = None if declared is None else [UUID(int=number) for number in declared]
    result = allocate(Money(minor, "CHF"), positions, order=ORDER, declared=wanted)
    return [(line.int, money.minor) for line, money in result.lines], result.rest.minor


CLAIM = (position(1, "principal", 10000), position(2, "costs", 2000), position(3, "interest", 300))


def test_costs_interest_principal() -> None:
    assert shares(2100, *CLAIM) == ([(2, 2000), (3, 100)], 0)
    assert shares(5000, *CLAIM) == ([(2, 2000), (3, 300), (1, 2700)], 0)
    assert shares(12500, *CLAIM) == ([(2, 2000), (3, 300), (1, 10000)], 200)
    assert shares(0, *CLAIM) == ([], 0)


def test_the_declaration_wins_and_more_goes_to_what_nobody_contests() -> None:
    assert shares(5000, *CLAIM, declared=[1]) == ([(1, 5000)], 0)
    assert shares(11000, *CLAIM, declared=[1]) == ([(1, 10000), (2, 1000)], 0)
    contested = (CLAIM[0], position(2, "costs", 2000, contested=True), CLAIM[2])
    assert shares(11000, *contested, declared=[1]) == ([(1, 10000), (3, 300)], 700)
    assert shares(1500, *contested, declared=[2]) == ([(2, 1500)], 0)
    assert shares(500, *CLAIM, declared=[99]) == ([(2, 500)], 0)
    assert shares(500, *CLAIM, declared=[]) == ([(2, 500)], 0)


def test_contested_lines_come_last_without_a_declaration() -> None:
    contested = (CLAIM[0], position(2, "costs", 2000, contested=True), CLAIM[2])
    assert shares(10300, *contested) == ([(3, 300), (1, 10000)], 0)
    assert shares(10400, *contested) == ([(3, 300), (1, 10000), (2, 100)], 0)


def test_the_earliest_due_goes_first_inside_a_kind_and_unknown_kinds_last() -> None:
    lines = (position(1, "principal", 100, due=9), position(2, "principal", 100, due=2), position(3, "stamps", 100))
    assert shares(250, *lines) == ([(2, 100), (1, 100), (3, 50)], 0)


def test_lines_of_one_kind_and_day_share_in_proportion() -> None:
    tied = (position(1, "principal", 10000), position(2, "principal", 5000), position(3, "principal", 5000, due=9))
    assert shares(300, *tied) == ([(1, 200), (2, 100)], 0)
    assert shares(100, *tied) == ([(1, 67), (2, 33)], 0)
    assert shares(1, *tied) == ([(1, 1)], 0)
    assert shares(15001, *tied) == ([(1, 10000), (2, 5000), (3, 1)], 0)
    assert shares(5000, *tied, declared=[2]) == ([(2, 5000)], 0)


def test_equal_remainders_go_to_the_first() -> None:
    tied = tuple(position(number, "costs", 100) for number in (1, 2, 3))
    assert shares(100, *tied) == ([(1, 34), (2, 33), (3, 33)], 0)
    assert shares(2, *tied) == ([(1, 1), (2, 1)], 0)


def test_wrong_money_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        shares(-1, *CLAIM)
    with pytest.raises(CurrencyMismatch):
        allocate(Money(1, "EUR"), CLAIM, order=ORDER, declared=None)


POSITIONS = st.lists(
    st.tuples(st.sampled_from([*ORDER, "other"]), st.integers(-100, 5000), st.booleans(), st.integers(1, 28)),
    max_size=7,
)


@quick
@given(st.integers(0, 20000), POSITIONS, st.one_of(st.none(), st.sets(st.integers(0, 8))), st.randoms())
def test_the_sums_are_always_the_amount(
    minor: int, drawn: list[tuple[str, int, bool, int]], declared: set[int] | None, chance: object
) -> None:
    lines = [
        position(number, kind, open_minor, contested=contested, due=due)
        for number, (kind, open_minor, contested, due) in enumerate(drawn)
    ]
    wanted = None if declared is None else [UUID(int=number) for number in declared]
    amount = Money(minor, "CHF")
    result = allocate(amount, lines, order=ORDER, declared=wanted)
    assert allocated(result) + result.rest == amount
    assert not result.rest.minor < 0
    by_id = {line.position_id: line for line in lines}
    assert len({line for line, _ in result.lines}) == len(result.lines)
    assert all(Money.zero("CHF") < money <= by_id[line].open for line, money in result.lines)
    if not wanted:
        could = total((line.open for line in lines if line.open.is_positive), "CHF")
        assert allocated(result) == min(amount, could)
        places = {(line.kind, line.contested, line.due) for line in lines}
        for place in places:
            tied = [line for line in lines if (line.kind, line.contested, line.due) == place and line.open.is_positive]
            got = {line: money.minor for line, money in result.lines}
            parts = [(got.get(line.position_id, 0), line.open.minor) for line in tied]
            assert all(abs(a * open_b - b * open_a) < open_a + open_b for a, open_a in parts for b, open_b in parts)
    chance.shuffle(lines)  # type: ignore[attr-defined]
    assert allocate(amount, lines, order=ORDER, declared=wanted) == result
