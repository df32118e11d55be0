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
    # Money valued inside the offer's days may become known only after they are over (`decisions.md` 19).
    (OfferStatus.EXPIRED, OfferStatus.TAKEN): EventKind.OFFER_TAKEN,
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
    ONLY_AS_A_WHOLE = "only_as_a_whole"
    ABOVE_YOUR_LIMIT = "above_your_limit"


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """Pay this sum by that day, and the rest is dropped."""

    amount: Money | None
    until: date | None


def problems(
    terms: OfferTerms, *, owed: Money, today: date, bank_day: bool, live: bool, unfounded: bool = False
) -> list[OfferProblem]:
    """Say everything that stands against this offer; `bank_day` tells whether its last day is one.

    `unfounded` says that a cost without a basis is still asked for: dropping what was never owed is no goodwill.
    """
    found: list[OfferProblem] = []
    if live:
        found.append(OfferProblem.ANOTHER_IS_LIVE)
    if unfounded:
        found.append(OfferProblem.COST_WITHOUT_BASIS)
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
