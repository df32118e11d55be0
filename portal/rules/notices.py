"""Who is told by e-mail that something waits, when is it tried again, and when is it given up?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from portal.rules.history import ActorKind, EventKind


class ContactWay(StrEnum):
    """How a person hears that there is an answer (`ux.md` D13); without a choice it is the letter."""

    POST = "post"
    EMAIL = "email"
    SELF = "self"


class NoticeKind(StrEnum):
    """What an e-mail says; none ever carries a sum, a text or an address that opens anything."""

    NEWS = "news"
    CODE = "code"
    DIGEST = "digest"
    PROMISE = "promise"


class NoticeState(StrEnum):
    """`dropped`: not wanted any more, or there is no mail server. `bounced`: taken, and sent back later."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    DROPPED = "dropped"


#: What the other side or the portal did that a debtor wants to read soon; own steps are never told.
TELLS: Mapping[EventKind, NoticeKind] = dict.fromkeys(
    (
        EventKind.PLAN_AGREED, EventKind.PLAN_COUNTERED, EventKind.PLAN_DECLINED, EventKind.PLAN_LATE,
        EventKind.PLAN_BROKEN, EventKind.DEFERRAL_GRANTED, EventKind.DEFERRAL_DECLINED, EventKind.HARDSHIP_ACCEPTED,
        EventKind.HARDSHIP_ASKED, EventKind.HARDSHIP_DECLINED, EventKind.DISPUTE_ASKED, EventKind.DISPUTE_UPHELD,
        EventKind.DISPUTE_PARTLY, EventKind.DISPUTE_REJECTED, EventKind.OFFER_MADE, EventKind.MESSAGE_SENT,
        EventKind.EVIDENCE_ADDED, EventKind.FILE_REFUSED, EventKind.PAYMENT_RECEIVED, EventKind.PAYMENT_REVERSED,
        EventKind.PAYMENT_REFUNDED, EventKind.WAIVED, EventKind.CREDITED, EventKind.CLAIM_WITHDRAWN,
    ),
    NoticeKind.NEWS,
)  # fmt: skip

#: After this time without the server's yes a person has to look (`security.md` 8: 48 tries, 5 minutes apart).
GIVES_UP_AFTER = timedelta(hours=4)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=5)
#: So long nothing is tried after the server could not be reached, so that other work is not held up.
REST = timedelta(minutes=1)
#: A person hears of several things at once, not of each.
NEWS_EVERY = timedelta(hours=1)
KEPT = timedelta(days=90)

#: From this hour of the firm's day on the desk is told which promises of the day are still open.
WARNS_FROM_HOUR = 14

CODE_DIGITS = 8
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
#: How many codes a person can have sent in an hour, and an address in a day.
CODES_AN_HOUR = 4
CODES_A_DAY = 6

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
                      r"[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]")  # fmt: skip
LONGEST_ADDRESS = 254


def told_of(kind: EventKind, actor: ActorKind) -> NoticeKind | None:
    """The notice that this event asks for; nobody is told what she did herself."""
    return None if actor is ActorKind.DEBTOR else TELLS.get(kind)


def waits(attempts: int) -> timedelta:
    """How long to wait after so many tries: 30 s, doubled each time, 5 minutes at most."""
    return min(FIRST_WAIT * (1 << min(max(attempts - 1, 0), 8)), LONGEST_WAIT)


def read_address(typed: str) -> str | None:
    """The e-mail address as it is kept, or None if no mail could go there; ASCII, one `@`, a dot after it."""
    text = typed.strip()
    sound = _ADDRESS.fullmatch(text) and ".." not in text and not text.startswith(".") and ".@" not in text
    return text if sound and len(text) <= LONGEST_ADDRESS else None


def read_code(typed: str) -> str | None:
    """The eight digits, however they were grouped; None if it can't be a code."""
    digits = "".join(typed.split()).replace("-", "")
    return digits if digits.isascii() and digits.isdigit() and len(digits) == CODE_DIGITS else None
