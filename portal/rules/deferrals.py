"""To which later day may a payment be put off, and how may such a wish move?"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.rules.dates import LAST, Calendar, months_later
from portal.rules.history import EventKind


class DeferralStatus(StrEnum):
    PROPOSED = "proposed"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    ENDED = "ended"


#: The states in which a deferral still counts.
LIVE = frozenset({DeferralStatus.PROPOSED, DeferralStatus.GRANTED})

#: Every move a deferral may make, and the event that records it (`decisions.md` 31).
MOVES: dict[tuple[DeferralStatus | None, DeferralStatus], EventKind] = {
    (None, DeferralStatus.PROPOSED): EventKind.DEFERRAL_PROPOSED,
    (None, DeferralStatus.GRANTED): EventKind.DEFERRAL_GRANTED,
    (DeferralStatus.PROPOSED, DeferralStatus.GRANTED): EventKind.DEFERRAL_GRANTED,
    (DeferralStatus.PROPOSED, DeferralStatus.DECLINED): EventKind.DEFERRAL_DECLINED,
    (DeferralStatus.PROPOSED, DeferralStatus.WITHDRAWN): EventKind.DEFERRAL_WITHDRAWN,
    (DeferralStatus.PROPOSED, DeferralStatus.REPLACED): EventKind.DEFERRAL_REPLACED,
    (DeferralStatus.PROPOSED, DeferralStatus.ENDED): EventKind.DEFERRAL_ENDED,
    (DeferralStatus.GRANTED, DeferralStatus.REPLACED): EventKind.DEFERRAL_REPLACED,
    (DeferralStatus.GRANTED, DeferralStatus.ENDED): EventKind.DEFERRAL_ENDED,
}

_CHOICES = 3
_PAY_DAY = 25


class DeferralProblem(StrEnum):
    NO_DATE = "no_date"
    NOT_LATER = "not_later"
    TOO_FAR = "too_far"


def choices(today: date, calendar: Calendar) -> tuple[date, date, date]:
    """Three different working days after today: the end of this month, the 25th and the end of the next.

    Where one of them is today or past, the next such day after the others takes its place.
    """
    found: list[date] = []
    month = 0
    while len(found) < _CHOICES:
        for anchor in (_PAY_DAY, LAST) if month else (LAST,):
            day = calendar.next_working_day(months_later(today, month, anchor=anchor))
            if day > today and day not in found:
                found.append(day)
        month += 1
    first, second, third = found[:_CHOICES]
    return first, second, third


def problems(day: date | None, today: date, latest_days: int) -> list[DeferralProblem]:
    """Say everything that stands against this day: none given, not after today, more than `latest_days` ahead."""
    if day is None:
        return [DeferralProblem.NO_DATE]
    if day <= today:
        return [DeferralProblem.NOT_LATER]
    return [DeferralProblem.TOO_FAR] if day > latest(today, latest_days) else []


def latest(today: date, latest_days: int) -> date:
    """The last day a debtor may ask for."""
    return today + timedelta(days=latest_days)


def within_limits(day: date, today: date, at_once_days: int) -> bool:
    """Whether this day is granted at once, without a clerk."""
    return not problems(day, today, at_once_days)


def working_day(day: date, calendar: Calendar) -> date:
    """The day that counts: a Saturday, Sunday or holiday moves forward to the next working day."""
    return calendar.next_working_day(day)
