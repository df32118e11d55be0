"""Which positions does a payment settle, and how much of it is left over?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.rules.money import Money, total


@dataclass(frozen=True, slots=True)
class PositionOpen:
    """What is open of one line of a claim on the day the money is valued."""

    position_id: UUID
    kind: str
    open: Money
    due: date
    contested: bool


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where a payment went: an amount above zero per position, and the rest, which is the debtor's credit."""

    lines: tuple[tuple[UUID, Money], ...]
    rest: Money


def allocate(
    amount: Money, positions: Sequence[PositionOpen], *, order: Sequence[str], declared: Sequence[UUID] | None
) -> Allocation:
    """Spread the money so that lines and rest together are exactly the amount.

    What the payer declares comes first, contested or not (OR 86). What is left then goes to the other positions that
    nobody contests, in the country's order of kinds (OR 85: costs, interest, principal), the earliest due first.
    Without a declaration contested positions come last of all; with one they get nothing beyond it.
    A kind that the order does not name stands behind those it names. Raises `CurrencyMismatch`; ValueError below zero.
    """
    if amount.minor < 0:
        raise ValueError("a payment is not negative")
    left = amount
    lines = []
    for position in _in_order(positions, order, frozenset(declared or ())):
        part = min(left, position.open)
        if part.is_positive:
            lines.append((position.position_id, part))
            left = left - part
    return Allocation(tuple(lines), left)


def allocated(allocation: Allocation) -> Money:
    """The sum that went to positions."""
    return total((amount for _, amount in allocation.lines), allocation.rest.currency)


def _in_order(positions: Sequence[PositionOpen], order: Sequence[str], declared: frozenset[UUID]) -> list[PositionOpen]:
    ranks = {kind: rank for rank, kind in reversed(list(enumerate(order)))}

    def place(position: PositionOpen) -> tuple[bool, bool, int, date, UUID]:
        of_others = position.position_id not in declared
        contested = position.contested and of_others
        return of_others, contested, ranks.get(position.kind, len(order)), position.due, position.position_id

    reached = [
        position for position in positions if not declared or position.position_id in declared or not position.contested
    ]
    return sorted(reached, key=place)
