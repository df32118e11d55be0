"""Which positions does a payment settle, and how much of it is left over?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from portal.rules.money import Money, total


class Word(StrEnum):
    """By whose word a division goes: the payer's (OR 86), an agreed plan's, a decision's, or the law's order."""

    PAYER = "payer"
    PLAN = "plan"
    DECISION = "decision"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class PositionOpen:
    """What is open of one line of a claim on the day the money is valued."""

    position_id: UUID
    kind: str
    open: Money
    due: date
    contested: bool
    not_yet_due: bool = False


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where a payment went: an amount above zero per position, and the rest, which is the debtor's credit."""

    lines: tuple[tuple[UUID, Money], ...]
    rest: Money


def allocate(
    amount: Money, positions: Sequence[PositionOpen], *, order: Sequence[str], declared: Collection[UUID] | None
) -> Allocation:
    """Spread the money so that lines and rest together are exactly the amount.

    What the payer declares comes first, contested or not (OR 86). What is left then goes to the other positions that
    nobody contests, due ones first, in the country's order of kinds (OR 85: costs, interest, principal), the earliest
    due first; lines of one kind that are due on one day share in proportion (OR 87). Without a declaration contested
    positions come last of all, because a contested cost is not an owed one; with a declaration they get nothing.
    A kind that the order does not name stands behind those it names. Raises `CurrencyMismatch`; ValueError below zero.
    """
    if amount.minor < 0:
        raise ValueError("a payment is not negative")
    left = amount
    lines = []
    for tied in _in_order(positions, order, frozenset(declared or ())):
        for position, part in zip(tied, shares(left, [position.open for position in tied]), strict=True):
            if part.is_positive:
                lines.append((position.position_id, part))
                left = left - part
    return Allocation(tuple(lines), left)


def shares(amount: Money, opens: Sequence[Money]) -> list[Money]:
    """What each of several open sums gets of an amount, in proportion and never more than it is.

    Exact: the parts that rounding down leaves over go one by one to the largest remainders, the first of equal ones.
    """
    whole = total(opens, amount.currency).minor
    spread = min(amount.minor, whole)
    if whole <= 0:
        return [Money.zero(amount.currency) for _ in opens]
    parts = [spread * one.minor // whole for one in opens]
    by_remainder = sorted(range(len(opens)), key=lambda index: (-(spread * opens[index].minor % whole), index))
    for index in by_remainder[: spread - sum(parts)]:
        parts[index] += 1
    return [Money(part, amount.currency) for part in parts]


def allocated(allocation: Allocation) -> Money:
    """The sum that went to positions."""
    return total((amount for _, amount in allocation.lines), allocation.rest.currency)


def _in_order(
    positions: Sequence[PositionOpen], order: Sequence[str], declared: frozenset[UUID]
) -> Iterator[list[PositionOpen]]:
    """The positions that can get money, one group of equals after the other."""
    ranks = {kind: rank for rank, kind in reversed(list(enumerate(order)))}

    def place(position: PositionOpen) -> tuple[bool, bool, bool, int, date]:
        of_others = position.position_id not in declared
        contested = position.contested and of_others
        return of_others, contested, position.not_yet_due, ranks.get(position.kind, len(order)), position.due

    reached = [
        position
        for position in positions
        if position.open.minor > 0 and (not declared or position.position_id in declared or not position.contested)
    ]
    reached.sort(key=lambda position: (place(position), position.position_id))
    for _, tied in groupby(reached, key=place):
        yield list(tied)
