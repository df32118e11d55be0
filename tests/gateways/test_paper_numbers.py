"""Does a paper's number prove itself to its own firm, and can nobody make one up or count them up?"""

from __future__ import annotations

import base64
from datetime import date, timedelta
from uuid import uuid4

from portal.gateways.hashing import PaperNumbers, Peppers
from portal.rules.receipts import Issued, PaperKind, read_number, spell

OLD, NEW = ("1:" + base64.b64encode(b"a" * 32).decode(), "2:" + base64.b64encode(b"b" * 32).decode())
FIRM, OTHER = uuid4(), uuid4()
ISSUED = Issued(PaperKind.RECEIPT, date(2026, 11, 23))


def test_a_number_is_the_same_each_time_and_says_kind_and_day_to_its_own_firm() -> None:
    numbers = PaperNumbers(Peppers(OLD))
    for kind in PaperKind:
        for days in (0, 1, 900, 30_000):
            issued = Issued(kind, date(2020, 1, 1) + timedelta(days=days))
            number = numbers.number(FIRM, issued, "receipt 1")
            assert number == numbers.number(FIRM, issued, "receipt 1")
            assert numbers.check(FIRM, number) == issued
            assert numbers.check(OTHER, number) is None


def test_numbers_of_one_day_share_nothing_that_could_be_counted_up() -> None:
    numbers = PaperNumbers(Peppers(OLD))
    made = [numbers.number(FIRM, ISSUED, f"receipt {n}") for n in range(400)]
    assert len(set(made)) == 400
    for place in range(20):
        if made[0][place] != "-":
            assert len({number[place] for number in made}) > 20, place


def test_a_number_that_is_changed_anywhere_is_not_ours() -> None:
    numbers = PaperNumbers(Peppers(OLD))
    bits = read_number(numbers.number(FIRM, ISSUED, "receipt 1"))
    assert bits is not None
    assert all(numbers.check(FIRM, spell(bits ^ 1 << place)) is None for place in range(85))


def test_numbers_stay_good_when_a_new_pepper_comes() -> None:
    before = PaperNumbers(Peppers(OLD)).number(FIRM, ISSUED, "receipt 1")
    after = PaperNumbers(Peppers(f"{NEW},{OLD}"))
    assert after.check(FIRM, before) == ISSUED
    assert after.check(FIRM, after.number(FIRM, ISSUED, "receipt 1")) == ISSUED
    assert PaperNumbers(Peppers(NEW)).check(FIRM, before) is None
