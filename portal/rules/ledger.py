"""How does a claim's sum come about, line by line, on a given day: postings plus interest not yet posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from portal.rules.claims import INTEREST_KINDS, Basis, PositionKind, evidenced
from portal.rules.interest import DayCount, RateChange, accrued_over, segments
from portal.rules.money import Money, total
from portal.rules.payments import EntryKind


@dataclass(frozen=True, slots=True)
class PositionFacts:
    """What is fixed about one line when the claim is opened."""

    id: UUID
    number: int
    kind: PositionKind
    label: str
    basis: Basis
    claimed: Money
    due_on: date
    evidence_id: UUID | None = None
    rate: Decimal = Decimal(0)
    interest_from: date | None = None
    interest_reason: str | None = None
    day_count: DayCount = DayCount.THIRTY_E_360


@dataclass(frozen=True, slots=True)
class PostingFact:
    """What was posted to a line's receivable account, in minor units; minus lowers what is owed."""

    position_id: UUID
    kind: EntryKind
    effective_on: date
    minor: int


@dataclass(frozen=True, slots=True)
class InterestStretch:
    """Base, rate, from, to and days of one stretch of interest, as it is printed."""

    principal: Money
    rate: Decimal
    start: date
    end: date
    days: int
    convention: DayCount


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sum on a day: claimed (for interest: accrued), taken off, paid, and still open."""

    position: PositionFacts
    claimed: Money
    waived: Money
    paid: Money
    open: Money
    posted_interest: Money
    disputed: bool
    stretches: tuple[InterestStretch, ...] = ()

    @property
    def evidenced(self) -> bool:
        return evidenced(self.position.kind, self.position.basis)


@dataclass(frozen=True, slots=True)
class ClaimSum:
    """All lines of a claim on a day, and what they add up to."""

    lines: tuple[Line, ...]
    currency: str

    @property
    def claimed(self) -> Money:
        return total((line.claimed for line in self.lines), self.currency)

    @property
    def waived(self) -> Money:
        return total((line.waived for line in self.lines), self.currency)

    @property
    def paid(self) -> Money:
        return total((line.paid for line in self.lines), self.currency)

    @property
    def open(self) -> Money:
        return total((line.open for line in self.lines), self.currency)

    @property
    def undisputed(self) -> Money:
        return total((line.open for line in self.lines if not line.disputed), self.currency)

    def line(self, position_id: UUID) -> Line | None:
        return next((line for line in self.lines if line.position.id == position_id), None)


PAID = frozenset(
    {EntryKind.PAYMENT, EntryKind.REFUND, EntryKind.CHARGEBACK, EntryKind.ALLOCATION, EntryKind.REVERSAL}
)
WAIVED = frozenset({EntryKind.WAIVER, EntryKind.CREDIT, EntryKind.REST_DROPPED})


def sum_on(
    positions: Sequence[PositionFacts],
    postings: Sequence[PostingFact],
    *,
    until: date,
    currency: str,
    disputed: frozenset[UUID] = frozenset(),
    resting: Sequence[tuple[date, date | None]] = (),
) -> ClaimSum:
    """The claim's lines with interest up to `until` (not counted); it stands still in the `resting` stretches."""
    principal = [p for p in positions if p.kind is PositionKind.PRINCIPAL]
    steps_base = _principal_steps(principal, postings, currency)
    lines = []
    for position in positions:
        own = [posting for posting in postings if posting.position_id == position.id]
        posted = Money(sum(p.minor for p in own if p.kind is EntryKind.INTEREST), currency)
        claimed = position.claimed
        stretches: tuple[InterestStretch, ...] = ()
        if position.kind in INTEREST_KINDS and position.interest_from is not None:
            claimed, stretches = _interest(position, steps_base, until, resting)
            claimed = max(claimed + position.claimed, posted + position.claimed)
        waived = Money(-sum(p.minor for p in own if p.kind in WAIVED), currency)
        paid = Money(-sum(p.minor for p in own if p.kind in PAID), currency)
        lines.append(
            Line(
                position=position,
                claimed=claimed,
                waived=waived,
                paid=paid,
                open=claimed - waived - paid,
                posted_interest=posted,
                disputed=position.id in disputed,
                stretches=stretches,
            )
        )
    return ClaimSum(tuple(lines), currency)


def _interest(
    position: PositionFacts,
    base: Sequence[tuple[date, Money]],
    until: date,
    resting: Sequence[tuple[date, date | None]],
) -> tuple[Money, tuple[InterestStretch, ...]]:
    start = position.interest_from
    zero = Money.zero(position.claimed.currency)
    if start is None or until <= start:
        return zero, ()
    steps = _with_rests(_from(base, start), resting, until)
    rates = [RateChange(start, position.rate)]
    amount = accrued_over(steps, until, rates, position.day_count)
    printed = tuple(
        InterestStretch(part.principal, part.rate, part.start, part.end, part.days, position.day_count)
        for part in segments(steps, until, rates, position.day_count)
    )
    return amount, printed


def _principal_steps(
    principal: Sequence[PositionFacts], postings: Sequence[PostingFact], currency: str
) -> list[tuple[date, Money]]:
    """The principal from each day on: what was claimed, less what was paid or dropped with effect on that day."""
    ids = {position.id for position in principal}
    level = total((position.claimed for position in principal), currency)
    steps = [(date.min, level)]
    changes: dict[date, int] = {}
    for posting in postings:
        if posting.position_id in ids and posting.kind is not EntryKind.CLAIMED:
            changes[posting.effective_on] = changes.get(posting.effective_on, 0) + posting.minor
    for day in sorted(changes):
        level = level + Money(changes[day], currency)
        steps.append((day, max(level, Money.zero(currency))))
    return steps


def _from(steps: Sequence[tuple[date, Money]], start: date) -> list[tuple[date, Money]]:
    """The same steps from `start` on, the first of them with the level of that day."""
    level = steps[0][1]
    later: list[tuple[date, Money]] = []
    for day, amount in steps:
        if day <= start:
            level = amount
        else:
            later.append((day, amount))
    return [(start, level), *later]


def _with_rests(
    steps: Sequence[tuple[date, Money]], resting: Sequence[tuple[date, date | None]], until: date
) -> list[tuple[date, Money]]:
    """The same steps with nothing to bear interest in the resting stretches (first and last day rest)."""
    zero = Money.zero(steps[0][1].currency)
    marks = {day for day, _ in steps}
    spans = [(start, end or until) for start, end in resting]
    for start, end in spans:
        marks |= {start, end}
    first = steps[0][0]

    def level(day: date) -> Money:
        if any(start <= day < end for start, end in spans):
            return zero
        return [amount for since, amount in steps if since <= day][-1]

    return [(day, level(day)) for day in sorted(marks) if first <= day < until] or [(first, zero)]
