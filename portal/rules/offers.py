"""What a goodwill offer promises, how it ends, and what a waiver needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from portal.rules.claims import COST_KINDS, INTEREST_KINDS, Facts, PositionKind
from portal.rules.history import EventKind
from portal.rules.ledger import ClaimSum
from portal.rules.money import Money, total


class OfferStatus(StrEnum):
    LIVE = "live"
    TAKEN = "taken"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


#: Every move an offer may make (`decisions.md` 31), and the event that records it.
MOVES: dict[tuple[OfferStatus | None, OfferStatus], EventKind] = {
    (None, OfferStatus.LIVE): EventKind.OFFER_MADE,
    (OfferStatus.LIVE, OfferStatus.TAKEN): EventKind.OFFER_TAKEN,
    # Money valued inside the offer's days may become known only after they are over (`decisions.md` 19).
    (OfferStatus.EXPIRED, OfferStatus.TAKEN): EventKind.OFFER_TAKEN,
    # The money that had taken it was taken back: it stands to its day, or is over.
    (OfferStatus.TAKEN, OfferStatus.LIVE): EventKind.OFFER_STANDS_AGAIN,
    (OfferStatus.TAKEN, OfferStatus.EXPIRED): EventKind.OFFER_UNDONE,
    (OfferStatus.LIVE, OfferStatus.EXPIRED): EventKind.OFFER_EXPIRED,
    (OfferStatus.LIVE, OfferStatus.WITHDRAWN): EventKind.OFFER_WITHDRAWN,
}

#: An offer stands for seven days at least (`ux.md` 2.3).
SHORTEST = timedelta(days=7)
LONGEST = timedelta(days=90)


class OfferProblem(StrEnum):
    ANOTHER_IS_LIVE = "another_is_live"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_NOT_LESS = "amount_not_less"
    UNTIL_MISSING = "until_missing"
    UNTIL_TOO_SOON = "until_too_soon"
    UNTIL_TOO_FAR = "until_too_far"
    UNTIL_NO_BANK_DAY = "until_no_bank_day"
    COST_WITHOUT_BASIS = "cost_without_basis"
    NOTHING_OWED = "nothing_owed"
    RATE_MISSING = "rate_missing"
    WAS_SHOWN = "was_shown"


class WaiverProblem(StrEnum):
    NOTHING_CHOSEN = "nothing_chosen"
    AMOUNT_MISSING = "amount_missing"
    MORE_THAN_OPEN = "more_than_open"
    ONLY_AS_A_WHOLE = "only_as_a_whole"
    ABOVE_YOUR_LIMIT = "above_your_limit"


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """Pay this sum by that day, and the rest is dropped."""

    amount: Money | None
    until: date | None


def problems(
    terms: OfferTerms,
    *,
    owed: Money,
    today: date,
    bank_day: bool,
    live: bool,
    unfounded: bool = False,
    rate_missing: bool = False,
) -> list[OfferProblem]:
    """Say everything that stands against this offer; `bank_day` tells whether its last day is one.

    `unfounded` says that a cost without a basis is still asked for: dropping what was never owed is no goodwill;
    `rate_missing` that nobody can say what is owed, because a rate of the law is not known.
    """
    found: list[OfferProblem] = []
    if live:
        found.append(OfferProblem.ANOTHER_IS_LIVE)
    if unfounded:
        found.append(OfferProblem.COST_WITHOUT_BASIS)
    if rate_missing:
        found.append(OfferProblem.RATE_MISSING)
    if owed.minor <= 0:
        found.append(OfferProblem.NOTHING_OWED)
    if terms.amount is None or terms.amount.minor <= 0:
        found.append(OfferProblem.AMOUNT_MISSING)
    elif terms.amount >= owed:
        found.append(OfferProblem.AMOUNT_NOT_LESS)
    return [*found, *problems_of_day(terms.until, today=today, bank_day=bank_day)]


def problems_of_day(until: date | None, *, today: date, bank_day: bool) -> list[OfferProblem]:
    """Say what stands against this last day."""
    if until is None:
        return [OfferProblem.UNTIL_MISSING]
    if until < today + SHORTEST:
        return [OfferProblem.UNTIL_TOO_SOON]
    if until > today + LONGEST:
        return [OfferProblem.UNTIL_TOO_FAR]
    return [] if bank_day else [OfferProblem.UNTIL_NO_BANK_DAY]


def problems_of_withdrawal(*, shown: bool) -> list[OfferProblem]:
    """Say what stands against taking an offer back: once somebody could read it, it stands until its day."""
    return [OfferProblem.WAS_SHOWN] if shown else []


def problems_of_waiver(
    asked: Money | None, still_open: Money | None, *, within_limit: bool, evidenced: bool = True
) -> list[WaiverProblem]:
    """Say what stands against dropping this much of a line; None as `still_open` means that no line was chosen.

    A cost that nothing on file supports can't be reduced, only dropped (`ux.md` 2.3).
    """
    if still_open is None or still_open.minor <= 0:
        return [WaiverProblem.NOTHING_CHOSEN]
    if asked is None or asked.minor <= 0:
        return [WaiverProblem.AMOUNT_MISSING]
    found = [WaiverProblem.MORE_THAN_OPEN] if asked > still_open else []
    if not evidenced and asked < still_open:
        found.append(WaiverProblem.ONLY_AS_A_WHOLE)
    if not within_limit:
        found.append(WaiverProblem.ABOVE_YOUR_LIMIT)
    return found


#: What goodwill drops first: the creditor's own costs, then what offices took, then interest, the invoice itself last.
DROPPED_FIRST: tuple[PositionKind, ...] = (
    PositionKind.REMINDER_FEE,
    PositionKind.DAMAGE,
    PositionKind.AGENCY_COST,
    PositionKind.ENFORCEMENT_COST,
    PositionKind.COURT_COST,
    PositionKind.DEFAULT_INTEREST,
    PositionKind.CONTRACT_INTEREST,
    PositionKind.PRINCIPAL,
)


def effect(room: Iterable[tuple[UUID, PositionKind, int]], waived: int) -> dict[UUID, int]:
    """What an offer drops of each line, in minor units: `room` says how much of each line can be dropped."""
    found: dict[UUID, int] = {}
    for position_id, _kind, minor in sorted(room, key=lambda one: _place(one[1])):
        part = min(waived, minor)
        if part > 0:
            found[position_id] = part
            waived -= part
    return found


def effect_on(owed: ClaimSum, amount: Money) -> dict[UUID, int]:
    """What paying this sum would drop of each open line."""
    lines = [(line.position.id, line.position.kind, line.open.minor) for line in owed.lines]
    return effect(lines, owed.open.minor - amount.minor)


def _place(kind: PositionKind) -> int:
    return DROPPED_FIRST.index(kind) if kind in DROPPED_FIRST else len(DROPPED_FIRST)


# --- offers to many at once ---

#: So many offers are made by one press: each locks its claim until all are there.
AT_ONCE = 100
SMALLEST_SHARE, LARGEST_SHARE = 1, 50


class Drops(StrEnum):
    """What the same offer to many drops on each claim."""

    COSTS = "costs"
    COSTS_AND_INTEREST = "costs_and_interest"
    SHARE = "share"


class ManyProblem(StrEnum):
    DROPS_MISSING = "drops_missing"
    SHARE_OUT_OF_BOUNDS = "share_out_of_bounds"
    AMOUNT_UNREADABLE = "amount_unreadable"
    DAYS_UNREADABLE = "days_unreadable"
    NOTHING_CHOSEN = "nothing_chosen"


class LeftOut(StrEnum):
    """Why a claim gets no offer though it fits the filter, the first reason that applies."""

    CLOSED = "closed"
    ANOTHER_IS_LIVE = "another_is_live"
    COST_WITHOUT_BASIS = "cost_without_basis"
    OBJECTION = "objection"
    PAUSED = "paused"
    WAITS_FOR_US = "waits_for_us"
    PLAN = "plan"
    PAYMENT_UNDER_WAY = "payment_under_way"
    NOTHING_TO_DROP = "nothing_to_drop"
    RATE_MISSING = "rate_missing"
    SUM_CHANGED = "sum_changed"


@dataclass(frozen=True, slots=True)
class SameOffer:
    """The offer that many get: what falls away (`share`: so many percent of everything open), and until when."""

    drops: Drops
    until: date
    share: int = 0

    def amount(self, owed: ClaimSum) -> Money:
        """What is to be paid on a claim with this sum."""
        if self.drops is Drops.SHARE:
            return owed.open - Money(owed.open.minor * self.share // 100, owed.currency)
        kinds = COST_KINDS if self.drops is Drops.COSTS else COST_KINDS | INTEREST_KINDS
        falls = total((line.open for line in owed.lines if line.position.kind in kinds), owed.currency)
        return owed.open - falls


def left_out(offer: SameOffer, owed: ClaimSum, facts: Facts, *, running: bool, live: bool) -> LeftOut | None:
    """Why a claim gets none of this offer, or None if it does; nobody is offered money while something is under way."""
    amount = offer.amount(owed)
    reasons = (
        (not running or owed.open.minor <= 0, LeftOut.CLOSED),
        (live, LeftOut.ANOTHER_IS_LIVE),
        (any(line.open.minor > 0 and not line.evidenced for line in owed.lines), LeftOut.COST_WITHOUT_BASIS),
        (facts.dispute_open, LeftOut.OBJECTION),
        (facts.paused, LeftOut.PAUSED),
        (facts.suggestion_waiting or facts.plan_countered, LeftOut.WAITS_FOR_US),
        (facts.plan_running or facts.instalment_late or facts.deferred_until is not None, LeftOut.PLAN),
        (facts.payment_in_progress or facts.payment_announced_until is not None, LeftOut.PAYMENT_UNDER_WAY),
        (owed.no_rate_from is not None, LeftOut.RATE_MISSING),
        (not 0 < amount.minor < owed.open.minor, LeftOut.NOTHING_TO_DROP),
    )
    return next((reason for applies, reason in reasons if applies), None)


def problems_of_many(
    drops: Drops | None, until: date | None, share: int | None, *, today: date, bank_day: bool
) -> list[OfferProblem | ManyProblem]:
    """Say everything that stands against making this offer to many."""
    found: list[OfferProblem | ManyProblem] = []
    if drops is None:
        found.append(ManyProblem.DROPS_MISSING)
    if drops is Drops.SHARE and (share is None or not SMALLEST_SHARE <= share <= LARGEST_SHARE):
        found.append(ManyProblem.SHARE_OUT_OF_BOUNDS)
    return [*found, *problems_of_day(until, today=today, bank_day=bank_day)]
