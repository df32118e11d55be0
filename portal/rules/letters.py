"""Which kinds of letters there are, why a code ends before its time, and what a wrong recipient can tell."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class RevokeReason(StrEnum):
    REISSUED = "reissued"
    NOT_ME = "not_me"
    TOO_MANY_FACTS = "too_many_facts"
    TOO_MANY_CODES = "too_many_codes"
    STAFF = "staff"
    RETURNED_POST = "returned_post"


class LetterKind(StrEnum):
    FIRST = "first"
    REMINDER = "reminder"
    REISSUE = "reissue"


class NotMeReason(StrEnum):
    """Why a letter reached the wrong person; no name is asked (`ux.md` D1n)."""

    UNKNOWN = "unknown"
    MOVED = "moved"
    DIED = "died"


class LetterTask(StrEnum):
    """What a clerk has to look at after somebody used, or tried to use, a letter's code."""

    NOT_ME = "not_me"
    NEW_LETTER = "new_letter"
    LETTER_RETIRED = "letter_retired"
    LETTER_GUESSED = "letter_guessed"


#: A new letter leaves at least so much time to pay.
PAY_DAYS = timedelta(days=14)
#: A new letter can be asked for once in this time (`security.md` 2.4).
NEW_LETTER_EVERY = timedelta(days=7)


def pay_by(asked: date, today: date) -> date:
    """The day a new letter names: the claim's own while it lies ahead, else in two weeks."""
    return asked if asked > today else today + PAY_DAYS


class Window(StrEnum):
    """Where an envelope shows the address: Swiss C5/6 and C5 on the right, DIN 5008 form B on the left."""

    RIGHT = "right"
    LEFT = "left"


def window_of(country: str) -> Window:
    """The window of the envelopes that are usual where the letter is posted (ISO 3166-1)."""
    return Window.LEFT if country in ("DE", "AT") else Window.RIGHT
