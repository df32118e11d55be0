"""What a goodwill offer promises, how it ends, and what a waiver needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.rules.history import EventKind
from portal.rules.money import Money


class OfferStatus(StrEnum):
    LIVE = "live"
    TAKEN = "taken"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


#: Every move an offer may make (`decisions.md` 31), and the event that records it.
MOVES: dict[tuple[OfferStatus | None, OfferStatus], EventKind] = {
    (None, OfferStatus.LIVE): EventKind.OFFER_MADE,
    (OfferStatus.LIVE, OfferStatus.TAKEN): EventKind.OFFER_TAKEN,
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
    WAS_SHOWN = "was_shown"


class WaiverProblem(StrEnum):
    NOTHING_CHOSEN = "nothing_chosen"
    AMOUNT_MISSING = "amount_missing"
    MORE_THAN_OPEN = "more_than_open"
    ABOVE_YOUR_LIMIT = "above_your_limit"


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """Pay this sum by that day, and the rest is dropped."""

    amount: Money | None
    until: date | None


def problems(terms: OfferTerms, *, owed: Money, today: date, bank_day: bool, live: bool) -> list[OfferProblem]:
    """Say everything that stands against this offer; `bank_day` tells whether its last day is one."""
    found: list[OfferProblem] = []
    if live:
        found.append(OfferProblem.ANOTHER_IS_LIVE)
    if owed.minor <= 0:
        found.append(OfferProblem.NOTHING_OWED)
    if terms.amount is None or terms.amount.minor <= 0:
        found.append(OfferProblem.AMOUNT_MISSING)
    elif terms.amount >= owed:
        found.append(OfferProblem.AMOUNT_NOT_LESS)
    if terms.until is None:
        found.append(OfferProblem.UNTIL_MISSING)
    elif terms.until < today + SHORTEST:
        found.append(OfferProblem.UNTIL_TOO_SOON)
    elif terms.until > today + LONGEST:
        found.append(OfferProblem.UNTIL_TOO_FAR)
    elif not bank_day:
        found.append(OfferProblem.UNTIL_NO_BANK_DAY)
    return found
