"""How does a claim's sum come about, line by line, on a given day: postings plus interest not yet posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from portal.rules.claims import INTEREST_KINDS, Basis, Contestability, PositionKind, contestability, evidenced
from portal.rules.countries import rate_table
from portal.rules.interest import DayCount, RateChange, rounded, segments
from portal.rules.money import Money, total
from portal.rules.payments import EntryKind
from portal.rules.rates import filled, first_without

#: Rates that a creditor entered itself for days on which a statutory table is silent, by the table's key.
OwnRates = Mapping[str, tuple[RateChange, ...]]


@dataclass(frozen=True, slots=True)
class PositionFacts:
    """What is fixed about one line when the claim is opened; interest follows `rate`, or the table with this key."""

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
    rate_table: str | None = None


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
    """One line of the sum on a day: claimed (for interest: accrued), taken off, paid, and still open.

    `no_rate_from` is the first day for which interest would be counted but no rate is known: from there on the line
    stands still, because no rate is ever guessed (`law.md` 9.9).
    """

    position: PositionFacts
    claimed: Money
    waived: Money
    paid: Money
    open: Money
    posted_interest: Money
    disputed: bool
    stretches: tuple[InterestStretch, ...] = ()
    no_rate_from: date | None = None

    @property
    def evidenced(self) -> bool:
        return evidenced(self.position.kind, self.position.basis)

    @property
    def contestability(self) -> Contestability:
        return contestability(self.position.kind, self.position.basis)


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

    @property
    def no_rate_from(self) -> date | None:
        """The first day from which some interest stands still because its rate is not known."""
        return min((line.no_rate_from for line in self.lines if line.no_rate_from is not None), default=None)

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
    own_rates: OwnRates | None = None,
    settled: bool = False,
) -> ClaimSum:
    """The claim's lines with interest up to `until` (not counted); it stands still in the `resting` stretches.

    Of a settled claim only the interest that was posted counts: a rate that becomes known later changes nothing.
    """
    principal = [p for p in positions if p.kind is PositionKind.PRINCIPAL]
    base = _principal_steps(principal, postings, currency) if any(p.interest_from for p in positions) else []
    interest, waived, paid = _posted(postings)
    lines = []
    zero = Money.zero(currency)
    for position in positions:
        posted = Money(interest[position.id], currency) if position.id in interest else zero
        claimed = position.claimed
        accrual = NO_ACCRUAL
        if position.interest_from is not None and position.kind in INTEREST_KINDS:
            accrual = _accrual(position, position.interest_from, base, until, resting, own_rates or {})
            earned = posted.minor if settled else max(accrual.minor, posted.minor)
            claimed = claimed + Money(earned, currency)
        off = Money(waived[position.id], currency) if position.id in waived else zero
        came_in = Money(paid[position.id], currency) if position.id in paid else zero
        lowered = off.minor + came_in.minor
        lines.append(
            Line(
                position=position,
                claimed=claimed,
                waived=off,
                paid=came_in,
                open=Money(claimed.minor - lowered, currency) if lowered else claimed,
                posted_interest=posted,
                disputed=position.id in disputed,
                stretches=accrual.stretches,
                no_rate_from=accrual.no_rate_from,
            )
        )
    return ClaimSum(tuple(lines), currency)


def _posted(postings: Iterable[PostingFact]) -> tuple[dict[UUID, int], dict[UUID, int], dict[UUID, int]]:
    """What was posted to each line as interest, as taken off, and as paid; the last two count what lowers the line."""
    interest: dict[UUID, int] = {}
    waived: dict[UUID, int] = {}
    paid: dict[UUID, int] = {}
    for posting in postings:
        if posting.kind is EntryKind.INTEREST:
            interest[posting.position_id] = interest.get(posting.position_id, 0) + posting.minor
        elif posting.kind in PAID:
            paid[posting.position_id] = paid.get(posting.position_id, 0) - posting.minor
        elif posting.kind in WAIVED:
            waived[posting.position_id] = waived.get(posting.position_id, 0) - posting.minor
    return interest, waived, paid


@dataclass(frozen=True, slots=True)
class _Accrual:
    minor: int = 0
    stretches: tuple[InterestStretch, ...] = ()
    no_rate_from: date | None = None


NO_ACCRUAL = _Accrual()


def _accrual(
    position: PositionFacts,
    start: date,
    base: Sequence[tuple[date, Money]],
    until: date,
    resting: Sequence[tuple[date, date | None]],
    own_rates: OwnRates,
) -> _Accrual:
    if until <= start:
        return NO_ACCRUAL
    steps = _from(base, start)
    if resting:
        steps = _with_rests(steps, resting, until)
    rates, missing = _rates(position, start, steps, until, own_rates)
    parts = segments(steps, missing or until, rates, position.day_count)
    printed = tuple(
        InterestStretch(part.principal, part.rate, part.start, part.end, part.days, position.day_count)
        for part in parts
    )
    return _Accrual(rounded(parts, position.claimed.currency).minor, printed, missing)


def _rates(
    position: PositionFacts, start: date, steps: Sequence[tuple[date, Money]], until: date, own_rates: OwnRates
) -> tuple[Sequence[RateChange], date | None]:
    """The line's rates, and the first day on which principal would bear interest but no rate is known."""
    if position.rate_table is None:
        return (RateChange(start, position.rate),), None
    own = own_rates.get(position.rate_table, ())
    known = rate_table(position.rate_table).changes
    rates = filled(known, own) if own else known
    ends = [day for day, _ in steps[1:]] + [until]
    for (first, principal), end in zip(steps, ends, strict=True):
        missing = first_without(rates, first, min(end, until)) if principal.minor > 0 else None
        if missing is not None:
            return rates, missing
    return rates, None


def _principal_steps(
    principal: Sequence[PositionFacts], postings: Sequence[PostingFact], currency: str
) -> list[tuple[date, Money]]:
    """The principal from each day on: what was claimed, less what was paid or dropped with effect on that day."""
    ids = {position.id for position in principal}
    level = principal[0].claimed if len(principal) == 1 else total((one.claimed for one in principal), currency)
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
