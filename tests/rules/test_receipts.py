"""Does a receipt add up, does money that was allocated again count once, and does a number show no pattern?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.payments import EntryKind
from portal.rules.receipts import (
    DAY_ZERO,
    DayProblem,
    Issued,
    Movement,
    PaperKind,
    Receipt,
    day_problems,
    pack,
    payments,
    read_number,
    receipt_of,
    replacement,
    spell,
    told,
    unpack,
)

PRINCIPAL, INTEREST, FEE = (uuid4() for _ in range(3))
ORDER = (PRINCIPAL, INTEREST, FEE)
DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def entry(seq: int, kind: EntryKind, on: date = DAY, credit: int = 0, **more: object) -> Movement:
    given = {"cause_id": uuid4(), "reverses_id": None, "booked_at": NOW, "lines": {}, "id": uuid4(), **more}
    lines = tuple(given["lines"].items())  # type: ignore[attr-defined]
    return Movement(
        seq, given["id"], kind, on, given["booked_at"], "booking", given["cause_id"], None, given["reverses_id"], lines,  # type: ignore[arg-type]
        credit,
    )  # fmt: skip


def opened() -> list[Movement]:
    return [
        entry(1, EntryKind.CLAIMED, DAY - timedelta(days=90), lines={PRINCIPAL: 28460}),
        entry(2, EntryKind.CLAIMED, DAY - timedelta(days=90), lines={FEE: 4000}),
        entry(3, EntryKind.INTEREST, lines={INTEREST: 332}),
    ]


def receipt(movements: list[Movement], one: Movement) -> Receipt:
    found = receipt_of(movements, one.id, ORDER, "CHF")
    assert found is not None
    return found


def test_a_receipt_adds_up_line_by_line() -> None:
    paid = entry(4, EntryKind.PAYMENT, lines={FEE: -4000, INTEREST: -332, PRINCIPAL: -5668})
    later = entry(5, EntryKind.PAYMENT, lines={PRINCIPAL: -22792}, credit=-208)
    found = receipt([*opened(), paid, later], paid)
    assert (found.amount.minor, found.open.minor) == (10000, 22792)
    assert [(one.before.minor, one.paid.minor, one.open.minor) for one in found.lines] == [
        (28460, 5668, 22792),
        (332, 332, 0),
        (4000, 4000, 0),
    ]
    last = receipt([*opened(), paid, later], later)
    assert (last.amount.minor, last.open.minor, last.to_credit.minor) == (23000, 0, 208)
    assert [one.position_id for one in last.lines] == [PRINCIPAL]


def test_what_an_offer_drops_with_the_payment_stands_on_its_receipt() -> None:
    paid = entry(4, EntryKind.PAYMENT, lines={PRINCIPAL: -20000})
    dropped = entry(5, EntryKind.WAIVER, lines={PRINCIPAL: -8460, INTEREST: -332, FEE: -4000})
    later = entry(6, EntryKind.WAIVER, booked_at=NOW + timedelta(days=1), lines={FEE: -1})
    found = receipt([*opened(), paid, dropped, later], paid)
    assert found.open.minor == 0
    assert found.sum_of(lambda one: one.dropped).minor == 12792
    for one in found.lines:
        assert one.before - one.paid - one.dropped == one.open


def again() -> tuple[list[Movement], Movement, Movement, UUID]:
    """A payment of the 23rd, then one valued the 20th becomes known: the first is reversed and allocated again."""
    cause = uuid4()
    first = entry(4, EntryKind.PAYMENT, cause_id=cause, lines={FEE: -4000, PRINCIPAL: -1000})
    undone = entry(5, EntryKind.REVERSAL, reverses_id=first.id, lines={FEE: 4000, PRINCIPAL: 1000})
    before = entry(6, EntryKind.PAYMENT, DAY - timedelta(days=3), lines={FEE: -4000})
    second = entry(7, EntryKind.PAYMENT, cause_id=cause, lines={PRINCIPAL: -5000})
    return [*opened(), first, undone, before, second], first, second, before.id


def test_a_receipt_that_was_replaced_says_by_which() -> None:
    movements, first, second, _ = again()
    old, new = receipt(movements, first), receipt(movements, second)
    assert old.replaced_by == second
    assert old.undone is not None
    assert new.replaced_by is None
    assert new.amount == old.amount
    assert replacement(movements, first) == second
    assert len(payments(movements)) == 3


def test_a_statement_tells_money_that_was_allocated_again_once() -> None:
    movements, _, second, before = again()
    shown = told(movements, DAY)
    assert [one.id for one in shown if one.kind is EntryKind.PAYMENT] == [before, second.id]
    assert all(one.kind is not EntryKind.REVERSAL for one in shown)
    assert sum(one.minor for one in shown) == sum(one.minor for one in movements)


def test_credit_that_was_used_anew_is_no_payment() -> None:
    paid = entry(4, EntryKind.PAYMENT, credit=-500)
    cause = uuid4()
    used = entry(5, EntryKind.ALLOCATION, cause_id=cause, lines={FEE: -500}, credit=500)
    undone = entry(6, EntryKind.REVERSAL, reverses_id=used.id, lines={FEE: 500}, credit=-500)
    anew = entry(7, EntryKind.ALLOCATION, cause_id=cause, lines={PRINCIPAL: -500}, credit=500)
    movements = [*opened(), paid, used, undone, anew]
    assert payments(movements) == [paid]
    assert [one.id for one in told(movements, DAY)][-1] == anew.id


def test_what_went_back_is_told_with_the_payment_it_came_with() -> None:
    cause = uuid4()
    paid = entry(4, EntryKind.PAYMENT, cause_id=cause, lines={FEE: -4000}, credit=-500)
    back = entry(5, EntryKind.REFUND, cause_id=cause, credit=500)
    charged = entry(6, EntryKind.CHARGEBACK, cause_id=cause, lines={FEE: 4000})
    undone = entry(7, EntryKind.REVERSAL, reverses_id=charged.id, lines={FEE: -4000})
    other = entry(8, EntryKind.REFUND, credit=100)
    assert receipt([*opened(), paid, back, charged, undone, other], paid).returned == (back,)
    assert receipt([*opened(), paid, back, charged, other], paid).returned == (back, charged)


def test_a_mistake_that_was_taken_back_is_told_with_both_its_days() -> None:
    first = entry(4, EntryKind.PAYMENT, lines={FEE: -4000})
    undone = entry(5, EntryKind.REVERSAL, DAY + timedelta(days=2), reverses_id=first.id, lines={FEE: 4000})
    movements = [*opened(), first, undone]
    found = receipt(movements, first)
    assert (found.undone, found.replaced_by) == (undone, None)
    assert [one.id for one in told(movements, DAY)][-1] == first.id
    assert [one.id for one in told(movements, DAY + timedelta(days=2))][-1] == undone.id


def test_nothing_but_a_payment_has_a_receipt() -> None:
    movements = opened()
    assert all(receipt_of(movements, one.id, ORDER, "CHF") is None for one in movements)
    assert receipt_of(movements, uuid4(), ORDER, "CHF") is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (None, [DayProblem.MISSING]),
        (DAY + timedelta(days=1), [DayProblem.FUTURE]),
        (DAY - timedelta(days=100), [DayProblem.TOO_EARLY]),
        (DAY, []),
        (DAY - timedelta(days=99), []),
    ],
)
def test_a_statement_is_for_a_day_between_the_invoice_and_today(day: date | None, expected: list[DayProblem]) -> None:
    assert day_problems(day, first=DAY - timedelta(days=99), today=DAY) == expected


@given(st.sampled_from(PaperKind), st.integers(0, 2**15 - 1))
def test_kind_and_day_come_back(kind: PaperKind, days: int) -> None:
    issued = Issued(kind, DAY_ZERO + timedelta(days=days))
    assert unpack(pack(issued)) == issued


@given(st.integers(0, 2**85 - 1))
def test_a_number_is_read_as_people_type_it(bits: int) -> None:
    printed = spell(bits)
    assert read_number(printed) == read_number(f" {printed.lower().replace('-', ' ')} ") == bits
    assert read_number(printed.replace("0", "O").replace("1", "l")) == bits


@given(st.integers(0, 2**85 - 1), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_sign_and_a_swap_are_found(bits: int, place: int, sign: str) -> None:
    text = spell(bits).replace("-", "")
    wrong = text[:place] + sign + text[place + 1 :]
    assert wrong == text or read_number(wrong) is None
    if place and text[place] != text[place - 1]:
        swapped = text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
        assert read_number(swapped) is None


@pytest.mark.parametrize("typed", ["", "ABC", "U" * 18, "0" * 17, "0" * 19, "ß" * 18, "0" * 2000])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(typed) is None
