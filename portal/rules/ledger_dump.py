"""How is a whole ledger written down so that two of them can be compared: no ids, no clock times, one order?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.rules.money import exponent

NONE = "-"


@dataclass(frozen=True, slots=True)
class DumpedSum:
    """What stands on accounts of one kind with one value date: of a claim's line, of a claim, or of the firm alone."""

    creditor: str
    claim: str | None
    position: int | None
    position_kind: str | None
    account: str
    currency: str
    value_on: date
    minor: int


def canonical_lines(sums: Iterable[DumpedSum]) -> list[str]:
    """One line per sum that is not zero, in an order that depends on nothing but the sums.

    Creditor, claim's reference, line's number and kind, kind of account, currency, value date, and the amount in major
    units with its sign (minus lowers the account); `-` stands where a sum belongs to no claim or to no line.
    """
    return sorted(f"{_words(one)} {amount_text(one.minor, one.currency)}" for one in sums if one.minor)


def amount_text(minor: int, currency: str) -> str:
    """The amount in major units with a point and no other mark, for machines and terminals: -1234.50."""
    digits = exponent(currency)
    whole, part = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{digits}}"


def _words(one: DumpedSum) -> str:
    position = NONE if one.position is None else f"{one.position:02}"
    kind = one.position_kind or NONE
    day = one.value_on.isoformat()
    return " ".join((one.creditor, one.claim or NONE, position, kind, one.account, one.currency, day))
