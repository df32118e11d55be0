"""What does a creditor promise everybody: which costs fall away when the rest is paid within so many days?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from portal.rules.claims import COST_KINDS, PositionKind
from portal.rules.dates import Calendar
from portal.rules.ledger import ClaimSum, Line
from portal.rules.money import Money, total

#: What a standing rule may drop; what an office or a court was paid is not the creditor's to give away.
DROPPABLE = (
    PositionKind.REMINDER_FEE,
    PositionKind.DAMAGE,
    PositionKind.AGENCY_COST,
    PositionKind.DEFAULT_INTEREST,
)
#: As short as an offer may be (`ux.md` 2.3), and as long.
SHORTEST_DAYS = 7
LONGEST_DAYS = 90


class GoodwillProblem(StrEnum):
    DAYS_OUT_OF_BOUNDS = "days_out_of_bounds"
    KINDS_MISSING = "kinds_missing"


@dataclass(frozen=True, slots=True)
class StandingRule:
    """From this day on these lines are dropped when the rest is paid within `days`; 0 days: the rule is off."""

    from_on: date
    days: int
    kinds: frozenset[PositionKind]

    @property
    def on(self) -> bool:
        return self.days > 0


@dataclass(frozen=True, slots=True)
class Promise:
    """The rule for one claim: it counts from `start`, and money with a value date up to `until` takes it."""

    start: date
    until: date
    kinds: frozenset[PositionKind]


@dataclass(frozen=True, slots=True)
class Goodwill:
    """What the promise means today: this much to pay, and this much falls away, be it costs only or interest too."""

    until: date
    pays: Money
    drops: Money
    only_costs: bool


def problems(days: int | None, kinds: Iterable[PositionKind]) -> list[GoodwillProblem]:
    """Say everything that stands against switching the rule on with these days (None: unreadable) and lines."""
    found = []
    if days is None or not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        found.append(GoodwillProblem.DAYS_OUT_OF_BOUNDS)
    chosen = frozenset(kinds)
    if not chosen or not chosen <= frozenset(DROPPABLE):
        found.append(GoodwillProblem.KINDS_MISSING)
    return found


def rules_from(stored: Sequence[Mapping[str, Any]]) -> tuple[StandingRule, ...]:
    """The rules as the creditor's row keeps them, the oldest first."""
    return tuple(
        StandingRule(
            date.fromisoformat(row["from"]), int(row["days"]), frozenset(PositionKind(kind) for kind in row["kinds"])
        )
        for row in stored
    )


def stored_from(rules: Iterable[StandingRule]) -> list[dict[str, Any]]:
    """The rules as the creditor's row keeps them."""
    return [{"from": rule.from_on.isoformat(), "days": rule.days, "kinds": sorted(rule.kinds)} for rule in rules]


def in_force(rules: Sequence[StandingRule], day: date) -> StandingRule | None:
    """The rule that holds for letters of this day; None while it is off."""
    begun = [rule for rule in rules if rule.from_on <= day]
    return begun[-1] if begun and begun[-1].on else None


def changed(
    rules: Sequence[StandingRule], *, days: int, kinds: frozenset[PositionKind], today: date
) -> tuple[StandingRule, ...]:
    """The rules with this change, `days` 0 switches off.

    A rule that is on was read by somebody today, so its change holds for letters from tomorrow on; a promise that was
    made is kept to its day.
    """
    begun = [rule for rule in rules if rule.from_on <= today]
    holds = begun[-1] if begun else None
    if (holds is None or not holds.on) and not days:
        return tuple(begun)
    if holds is not None and (holds.days, holds.kinds) == (days, kinds):
        return tuple(begun)
    if holds is None or not holds.on:
        kept = [rule for rule in begun if rule.from_on < today]
        return (*kept, StandingRule(today, days, kinds))
    return (*begun, StandingRule(today + timedelta(days=1), days, kinds if days else frozenset()))


def promise_for(rules: Sequence[StandingRule], letter_on: date | None, calendar: Calendar) -> Promise | None:
    """What the creditor has promised on a claim whose first letter is of this day; None: nothing.

    The days count from that letter, for an older claim from the day on which the rule was switched on. The last day is
    moved to the next working day of the creditor, because a transfer is valued on those only.
    """
    if letter_on is None:
        return None
    rule = in_force(rules, letter_on) or next((one for one in rules if one.on and one.from_on > letter_on), None)
    if rule is None:
        return None
    start = max(letter_on, rule.from_on)
    return Promise(start, calendar.next_working_day(start + timedelta(days=rule.days)), rule.kinds)


def falls_away(promise: Promise, line: Line) -> bool:
    """Whether the promise is about this line."""
    return line.position.kind in promise.kinds


def announced(owed: ClaimSum, promise: Promise | None, today: date) -> Goodwill | None:
    """What the debtor is told today; nothing once the promise's day is over or nothing would fall away.

    A cost that nothing on file supports keeps the rule silent: dropping what was not owed is no goodwill (`ux.md` 2.3).
    """
    if promise is None or not promise.start <= today <= promise.until:
        return None
    if unfounded(owed):
        return None
    falling = [line for line in owed.lines if falls_away(promise, line) and line.open.minor > 0]
    drops = total((line.open for line in falling), owed.currency)
    pays = owed.open - drops
    if drops.minor <= 0 or pays.minor <= 0:
        return None
    return Goodwill(promise.until, pays, drops, all(line.position.kind in COST_KINDS for line in falling))


def unfounded(owed: ClaimSum) -> bool:
    """Whether a cost is asked for, or was paid, that nothing on file supports."""
    return any(line.claimed > line.waived and not line.evidenced for line in owed.lines)
