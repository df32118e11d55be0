"""What a person who can pay nothing now needs, and how the matter moves."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.rules.history import EventKind


class Need(StrEnum):
    """Needs, never causes (`ux.md` D4d)."""

    MORE_TIME = "more_time"
    BY_POST = "by_post"
    LARGE_PRINT = "large_print"
    SOMEBODY_HELPS = "somebody_helps"
    PHONE_CALL = "phone_call"


class HardshipStatus(StrEnum):
    TOLD = "told"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


LIVE = frozenset({HardshipStatus.TOLD, HardshipStatus.ASKED, HardshipStatus.ACCEPTED})

#: Every move the matter may make (`decisions.md` 31), and the event that records it.
MOVES: dict[tuple[HardshipStatus | None, HardshipStatus], EventKind] = {
    (None, HardshipStatus.TOLD): EventKind.HARDSHIP_TOLD,
    (HardshipStatus.TOLD, HardshipStatus.ASKED): EventKind.HARDSHIP_ASKED,
    (HardshipStatus.ASKED, HardshipStatus.TOLD): EventKind.HARDSHIP_TOLD,
    (HardshipStatus.TOLD, HardshipStatus.ACCEPTED): EventKind.HARDSHIP_ACCEPTED,
    (HardshipStatus.ASKED, HardshipStatus.ACCEPTED): EventKind.HARDSHIP_ACCEPTED,
    (HardshipStatus.TOLD, HardshipStatus.DECLINED): EventKind.HARDSHIP_DECLINED,
    (HardshipStatus.ASKED, HardshipStatus.DECLINED): EventKind.HARDSHIP_DECLINED,
    (HardshipStatus.TOLD, HardshipStatus.WITHDRAWN): EventKind.HARDSHIP_WITHDRAWN,
    (HardshipStatus.ASKED, HardshipStatus.WITHDRAWN): EventKind.HARDSHIP_WITHDRAWN,
    (HardshipStatus.ACCEPTED, HardshipStatus.WITHDRAWN): EventKind.HARDSHIP_WITHDRAWN,
    (HardshipStatus.TOLD, HardshipStatus.ENDED): EventKind.HARDSHIP_ENDED,
    (HardshipStatus.ASKED, HardshipStatus.ENDED): EventKind.HARDSHIP_ENDED,
    (HardshipStatus.ACCEPTED, HardshipStatus.ENDED): EventKind.HARDSHIP_ENDED,
}

FIRST_PAUSE = timedelta(days=45)
#: The industry code's deferral on proof of insolvency (`ux.md` 0, Inkasso Suisse): twelve months.
PAUSE_ON_PROOF_MONTHS = 12
#: Before the pause ends the person is asked how things are.
QUESTION_BEFORE_END = timedelta(days=14)
MAX_TEXT = 3000


class HardshipProblem(StrEnum):
    TEXT_TOO_LONG = "text_too_long"
    REASON_MISSING = "reason_missing"
    QUESTION_MISSING = "question_missing"
    UNTIL_IN_THE_PAST = "until_in_the_past"


def paused_until(today: date) -> date:
    """The last day of the pause that begins at once when somebody says that nothing is possible."""
    return today + FIRST_PAUSE
