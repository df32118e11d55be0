"""How is all money of a claim divided if everything counts in the order of its value, whenever it was booked?

A payment valued before others changes what they could pay and how much interest there was. So from its day on
everything that depends on what was open is counted again, day by day: interest, payments, refunds, small rests.
What somebody has decided (a waiver, a credit, an offer that was kept) stands as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from portal.rules.allocation import PositionOpen, allocate
from portal.rules.claims import INTEREST_KINDS, PositionKind
from portal.rules.ledger import PAID, WAIVED, ClaimSum, PostingFact
from portal.rules.money import Money
from portal.rules.payments import EntryKind

#: Money in; what takes money out again; credit that the debtor had.
RANKS = {EntryKind.PAYMENT: 0, EntryKind.REFUND: 1, EntryKind.CHARGEBACK: 1, EntryKind.ALLOCATION: 2}
NO_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Movement:
    """Money whose way depends on what was open on its day; `minor` None is all credit that can be used.

    `declared` goes first (OR 86), `contested` was objected to when the money was booked. Movements of one day stand in
    the order of the provider's time, then of their reference (`decisions.md` 26).
    """

    id: UUID
    kind: EntryKind
    value_on: date
    minor: int | None
    reference: str
    paid_at: datetime | None = None
    declared: frozenset[UUID] = frozenset()
    contested: frozenset[UUID] = frozenset()

    @property
    def place(self) -> tuple[date, int, datetime, str]:
        rank = 0 if self.minor is not None and self.kind is EntryKind.ALLOCATION else RANKS[self.kind]
        return self.value_on, rank, self.paid_at or NO_TIME, self.reference


@dataclass(frozen=True, slots=True)
class Way:
    """Where one movement's money goes, as it is posted: minus lowers a line, and minus is credit of the debtor.

    `nowhere` is money that went back and was not there to go back; minus makes up for it.
    """

    lines: tuple[tuple[UUID, int], ...]
    credit: int = 0
    nowhere: int = 0

    @property
    def empty(self) -> bool:
        return not self.lines and not self.credit and not self.nowhere


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands in the ledger in the end: the way of each movement, interest by day and line, rests by movement."""

    ways: Mapping[UUID, Way]
    interest: Mapping[tuple[date, UUID], int]
    rests: Mapping[UUID, tuple[tuple[UUID, int], ...]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the movements meet: postings that stand, credit beside them, days on which interest is fixed, the rules.

    `missing` is what had gone back already without being there; what is paid too much makes up for it first.

    `sum_at` gives the sum that some postings make on a day, for a claim of which nothing was open since its last
    argument: what a letter's fixed sum had forgiven does not come back then.

    A rest of up to `rest_limit` after a movement is dropped; after the last one only `rest_at_the_end`, because there
    offers and plans have their say first.
    """

    standing: Sequence[PostingFact]
    credit: int
    days: frozenset[date]
    sum_at: Callable[[Sequence[PostingFact], date, date | None], ClaimSum]
    order: Sequence[PositionKind]
    rest_limit: int = 0
    rest_at_the_end: bool = False
    missing: int = 0


def plan(movements: Iterable[Movement], ground: Ground) -> Plan:
    """The one way in which these movements go, in whatever order they are given.

    No line gets more than it can hold in the end: where a later waiver took what an earlier payment had just paid, the
    payment goes elsewhere, at last to the debtor's credit. Where it stands already, what is given back is taken there.
    """
    ordered = sorted(movements, key=lambda one: one.place)
    most: dict[UUID, int] = {}
    too_full: dict[UUID, int] = {}
    known: dict[UUID, int] = {}
    for _ in range(2 * len(ground.order) + 2):
        run = _Run(ground, most, too_full)
        run.goes(ordered)
        over, full = run.over(), run.too_full()
        if not over and (not full or full == known):
            break
        known = full
        most = {**most, **over}
        too_full = {**too_full, **{line: too_full.get(line, 0) + minor for line, minor in full.items()}}
    run.lifts()
    return Plan(run.ways, run.interest, run.rests)


def too_much_off(movements: Iterable[Movement], ground: Ground, dropped: Mapping[UUID, int]) -> dict[UUID, int]:
    """How much of the interest dropped just now will never have accrued, so that there is nothing of it to drop.

    `dropped` says for each line how much interest of later days had been counted when somebody dropped it.
    """
    run = _Run(ground, {}, {})
    run.goes(sorted(movements, key=lambda one: one.place))
    found = {}
    for line in run.end().lines:
        planned = sum(minor for (_, position_id), minor in run.interest.items() if position_id == line.position.id)
        vanished = dropped.get(line.position.id, 0) - planned
        if line.open.minor < 0 < vanished and line.position.kind in INTEREST_KINDS:
            found[line.position.id] = min(vanished, -line.open.minor)
    return found


@dataclass
class _Run:
    ground: Ground
    most: Mapping[UUID, int]
    first_from: Mapping[UUID, int]
    ways: dict[UUID, Way] = field(default_factory=dict)
    interest: dict[tuple[date, UUID], int] = field(default_factory=dict)
    rests: dict[UUID, tuple[tuple[UUID, int], ...]] = field(default_factory=dict)
    made: list[PostingFact] = field(default_factory=list)
    got: dict[UUID, int] = field(default_factory=dict)
    credit: int = 0
    missing: int = 0
    closed: date | None = None

    def goes(self, ordered: Sequence[Movement]) -> None:
        self.credit, self.missing = self.ground.credit, self.ground.missing
        days = sorted(self.ground.days | {one.value_on for one in ordered})
        before = [fact.effective_on for fact in self.ground.standing if fact.kind is not EntryKind.CLAIMED]
        if earlier := [day for day in before if day <= days[0]]:
            self._closes(max(earlier))
        for day in days:
            self._fixes_interest(day)
            for one in (movement for movement in ordered if movement.value_on == day):
                self._moves(one)
                if self.ground.rest_at_the_end or one is not ordered[-1]:
                    self._drops_small_rest(one)
            self._closes(day)

    def over(self) -> dict[UUID, int]:
        """The lines that got more than they hold in the end, and the most that the movements may bring them."""
        found = {}
        for line in self.end().lines:
            got = self.got.get(line.position.id, 0)
            if line.open.minor < 0 < got:
                found[line.position.id] = max(0, got + line.open.minor)
        return found

    def too_full(self) -> dict[UUID, int]:
        """The lines on which more stands than they hold in the end, though these movements brought nothing there."""
        return {
            line.position.id: -line.open.minor
            for line in self.end().lines
            if line.open.minor < 0 < line.paid.minor and self.got.get(line.position.id, 0) <= 0
        }

    def lifts(self) -> None:
        """Interest that was waived and would not have accrued stands as claimed and waived, so the waiver holds."""
        last = max(self.ground.days, default=None)
        if last is None:
            return
        for line in self.end().lines:
            if line.open.minor < 0 < line.waived.minor and line.position.kind in INTEREST_KINDS:
                self._interest(last, line.position.id, min(-line.open.minor, line.waived.minor))

    def end(self) -> ClaimSum:
        days = [self.made[-1].effective_on] if self.made else []
        last = max([*self.ground.days, *days, *(fact.effective_on for fact in self.ground.standing)], default=date.min)
        return self.ground.sum_at([*self.ground.standing, *self.made], last, self.closed)

    def _now(self, day: date) -> ClaimSum:
        known = [fact for fact in (*self.ground.standing, *self.made) if fact.effective_on <= day]
        return self.ground.sum_at(known, day, self.closed)

    def _closes(self, day: date) -> None:
        """From the day on which nothing is open any more there is no interest, until something is open again."""
        nothing = all(line.open.minor <= 0 for line in self._now(day).lines)
        self.closed = (self.closed or day) if nothing else None

    def _interest(self, day: date, position_id: UUID, minor: int) -> None:
        self.interest[day, position_id] = self.interest.get((day, position_id), 0) + minor
        self.made.append(PostingFact(position_id, EntryKind.INTEREST, day, minor))

    def _fixes_interest(self, day: date) -> None:
        for line in self._now(day).lines:
            due = line.claimed - line.position.claimed - line.posted_interest
            if line.position.kind in INTEREST_KINDS and due.minor > 0:
                self._interest(day, line.position.id, due.minor)

    def _moves(self, one: Movement) -> None:
        total = self._now(one.value_on)
        taken = one.kind in (EntryKind.REFUND, EntryKind.CHARGEBACK)
        way = self._taken(one, total) if taken else self._brought(one, total)
        self.ways[one.id] = way
        self.credit -= way.credit
        self.missing += way.nowhere
        for position_id, minor in way.lines:
            self.got[position_id] = self.got.get(position_id, 0) - minor
            self.made.append(PostingFact(position_id, one.kind, one.value_on, minor))

    def _brought(self, one: Movement, total: ClaimSum) -> Way:
        of_credit = one.minor is None
        amount = Money(max(0, self.credit) if one.minor is None else one.minor, total.currency)
        spread = allocate(amount, self._open(one, total), order=self.ground.order, declared=one.declared or None)
        lines = tuple((position_id, -part.minor) for position_id, part in spread.lines)
        used = sum(minor for _, minor in lines)
        if of_credit:
            return Way(lines, credit=-used)
        back = min(spread.rest.minor, max(0, self.missing))
        return Way(lines, credit=back - spread.rest.minor, nowhere=-back)

    def _open(self, one: Movement, total: ClaimSum) -> list[PositionOpen]:
        found = []
        for line in total.lines:
            most = self.most.get(line.position.id)
            room = line.open.minor if most is None else min(line.open.minor, most - self.got.get(line.position.id, 0))
            if room > 0:
                facts = line.position
                later = facts.kind not in INTEREST_KINDS and facts.due_on > one.value_on
                amount = Money(room, total.currency)
                found.append(PositionOpen(facts.id, facts.kind, amount, facts.due_on, facts.id in one.contested, later))
        return found

    def _taken(self, one: Movement, total: ClaimSum) -> Way:
        """First what a line can't hold, then the debtor's credit, then the lines reopen, the last one settled first.

        What somebody takes back later is not there to be given back.
        """
        left = one.minor or 0
        too_much: dict[UUID, int] = {}
        for line in total.lines:
            minor = self.first_from.get(line.position.id, 0) + min(0, self.got.get(line.position.id, 0))
            too_much[line.position.id] = part = max(0, min(left, minor, line.paid.minor))
            left -= part
        credit = min(left, max(0, self.credit))
        left -= credit
        ranks = {kind: rank for rank, kind in enumerate(self.ground.order)}
        gone: dict[UUID, int] = {}
        for fact in self.ground.standing:
            if fact.effective_on > one.value_on and fact.kind in PAID:
                gone[fact.position_id] = gone.get(fact.position_id, 0) + fact.minor
        lines = []
        for line in sorted(
            total.lines,
            key=lambda x: (
                x.position.id in one.contested,
                ranks.get(x.position.kind, len(ranks)),
                x.position.due_on,
                x.position.number,
            ),
            reverse=True,
        ):
            first = too_much[line.position.id]
            part = min(left, max(0, line.paid.minor - first - max(0, gone.get(line.position.id, 0))))
            if first + part:
                lines.append((line.position.id, first + part))
                left -= part
        return Way(tuple(lines), credit=credit, nowhere=left)

    def _drops_small_rest(self, one: Movement) -> None:
        """What is left is dropped, but for what somebody waives on a later day anyway."""
        total = self._now(one.value_on)
        if one.kind not in (EntryKind.PAYMENT, EntryKind.ALLOCATION) or not (
            0 < total.open.minor <= self.ground.rest_limit
        ):
            return
        waived: dict[UUID, int] = {}
        for fact in self.ground.standing:
            if fact.effective_on > one.value_on and fact.kind in WAIVED:
                waived[fact.position_id] = waived.get(fact.position_id, 0) - fact.minor
        rests = ((line.position.id, line.open.minor - max(0, waived.get(line.position.id, 0))) for line in total.lines)
        parts = tuple((position_id, -rest) for position_id, rest in rests if rest > 0)
        if not parts:
            return
        self.rests[one.id] = parts
        self.made += [
            PostingFact(position_id, EntryKind.REST_DROPPED, one.value_on, minor) for position_id, minor in parts
        ]
