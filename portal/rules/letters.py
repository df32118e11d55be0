"""Which kinds of letters there are, why a code ends before its time, and what a wrong recipient can tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.rules.claims import ClaimStatus, Standing


class RevokeReason(StrEnum):
    REISSUED = "reissued"
    NOT_ME = "not_me"
    TOO_MANY_FACTS = "too_many_facts"
    TOO_MANY_CODES = "too_many_codes"
    STAFF = "staff"
    RETURNED_POST = "returned_post"
    RUN = "run"
    ADDRESS = "address"


#: The letter was called back without a stranger's having it: whoever knows code and postcode may ask for a new one.
CALLED_BACK = frozenset({RevokeReason.RUN, RevokeReason.REISSUED, RevokeReason.ADDRESS})


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
    RETURNED_POST = "returned_post"


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


class Hindrance(StrEnum):
    """Why a claim gets no letter in a run; the first that applies is told."""

    YEAR_END = "year_end"
    OVER = "over"
    WAITS_FOR_US = "waits_for_us"
    PAUSED = "paused"
    AGREED = "agreed"
    UNDER_WAY = "under_way"
    RECENT = "recent"
    NOT_DUE = "not_due"
    DOCUMENTS_MISSING = "documents_missing"
    ADDRESS_UNCLEAR = "address_unclear"
    ADDRESS_MISSING = "address_missing"
    SIGNS = "signs"
    NO_ACCOUNT = "no_account"
    NO_RATE = "no_rate"
    NOTHING_OWED = "nothing_owed"


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What decides whether a claim gets a letter: where it stands, who it goes to, and what went out before.

    `last_on` is the day on which the newest letter that was not called back went to the post, as long as nobody has
    said which day that was its date; `texts` is everything the letter repeats; `documents_missing` if the file that
    brought the claim names documents and none has come.
    """

    status: ClaimStatus
    standing: Standing
    waiting: bool
    letters_paused: bool
    due_on: date
    last_on: date | None
    documents_missing: bool
    address_unclear: bool
    address: tuple[str, ...]
    texts: tuple[str, ...]
    has_account: bool


#: So many letters are in one file of a run.
MOST_IN_A_FILE = 500
#: Between two letters about the same claim (`ux.md` 2.5).
BETWEEN_LETTERS = timedelta(days=14)
#: No letter is dated in these days of December, when nobody is there to answer (`ux.md` 2.5).
QUIET_DECEMBER = range(20, 32)
#: What the fonts of the letters show, bold and regular, from left to right: Latin, Greek and Cyrillic letters, and the
#: marks of good typesetting. All other signs are refused by name before a run.
PRINTABLE = re.compile(
    "[\u0020-\u007e\u00a0-\u024f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u0482\u048a-\u04ff"
    "\u1e00-\u1e9b\u1e9e\u1ea0-\u1ef9\u20ac\u2010-\u2015\u2018-\u201e\u2026\u202f\u2212]*"
)
_WAITS = frozenset({Standing.SUGGESTION_WAITING, Standing.CHECKING})
_AGREED = frozenset({Standing.INSTALMENTS_RUNNING, Standing.DEFERRED, Standing.COUNTER_OFFER})
_UNDER_WAY = frozenset({Standing.PAYMENT_ANNOUNCED, Standing.PAYMENT_IN_PROGRESS})


def is_quiet(day: date) -> bool:
    """Whether no letter of a run carries this date."""
    return day.month == 12 and day.day in QUIET_DECEMBER


def hindrance(facts: LetterFacts, today: date) -> Hindrance | None:
    """The first reason why this claim gets no letter today; None if all checks are green."""
    told = (
        (Hindrance.YEAR_END, is_quiet(today)),
        (Hindrance.OVER, facts.status is not ClaimStatus.OPEN),
        (Hindrance.WAITS_FOR_US, facts.waiting or facts.standing in _WAITS),
        (Hindrance.ADDRESS_UNCLEAR, facts.address_unclear),
        (Hindrance.PAUSED, facts.letters_paused or facts.standing is Standing.PAUSED),
        (Hindrance.AGREED, facts.standing in _AGREED),
        (Hindrance.UNDER_WAY, facts.standing in _UNDER_WAY),
        (Hindrance.RECENT, facts.last_on is not None and today - facts.last_on < BETWEEN_LETTERS),
        (Hindrance.NOT_DUE, facts.due_on >= today),
        (Hindrance.DOCUMENTS_MISSING, facts.documents_missing),
        (Hindrance.ADDRESS_MISSING, not all(line.strip() for line in facts.address)),
        (Hindrance.SIGNS, unprintable(facts.texts) is not None),
        (Hindrance.NO_ACCOUNT, not facts.has_account),
    )
    return next((reason for reason, holds in told if holds), None)


def unprintable(texts: tuple[str, ...]) -> str | None:
    """The first of these texts with a sign that a letter can't print; None if all print right."""
    return next((text for text in texts if not PRINTABLE.fullmatch(text)), None)
