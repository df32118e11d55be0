"""Is the canonical dump the same text for the same sums, in whichever order they come?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from portal.rules.ledger_dump import DumpedSum, amount_text, canonical_lines

ONE = DumpedSum("velo", "R-1", 1, "principal", "receivable", "CHF", date(2026, 11, 23), 10_000)
FIRM = replace(ONE, claim=None, position=None, position_kind=None, account="provider_fee", minor=-5)


def test_one_line_per_sum_in_one_order_and_none_for_nothing() -> None:
    later = replace(ONE, value_on=date(2026, 12, 1), minor=-4_000)
    said = canonical_lines([later, FIRM, ONE, replace(ONE, position=2, minor=0)])
    assert said == canonical_lines([ONE, later, FIRM])
    assert said == [
        "velo - - - provider_fee CHF 2026-11-23 -0.05",
        "velo R-1 01 principal receivable CHF 2026-11-23 100.00",
        "velo R-1 01 principal receivable CHF 2026-12-01 -40.00",
    ]


def test_an_amount_keeps_every_minor_unit() -> None:
    assert [amount_text(minor, "EUR") for minor in (0, 5, -100, 123_456)] == ["0.00", "0.05", "-1.00", "1234.56"]
