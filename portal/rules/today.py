"""In which order does the desk see what waits: who was promised something first, then who waits longest."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum


class Group(StrEnum):
    """The three groups of the desk's day; only the first two carry a number (`ux.md` 2.1)."""

    DECIDE = "decide"
    ANSWER = "answer"
    INFORMATION = "information"


def rank(promised_on: date | None, since: datetime, today: date) -> tuple[int, datetime]:
    """Where an item stands: promise passed, promise of today, everything else; inside each the longest wait first."""
    if promised_on is not None and promised_on < today:
        return 0, since
    return (1 if promised_on == today else 2), since


def days_waited(since: date, today: date) -> int:
    """For how many days somebody has waited; the first day counts as none."""
    return max((today - since).days, 0)
