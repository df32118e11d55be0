"""Which work waits for the worker, how long may it take, and when is it tried again?"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class JobKind(StrEnum):
    """What the worker can be asked to do; each kind has one handler in `portal/worker.py`."""

    ATTACHMENT = "attachment"
    SWEEP = "sweep"
    BANK_FILE = "bank_file"
    EVENTS = "events"
    BALANCE = "balance"
    LEDGER = "ledger"
    REFUND = "refund"
    NOTICE = "notice"
    PROMISES = "promises"
    IMPORT = "import"
    LETTERS = "letters"


class JobState(StrEnum):
    DUE = "due"
    DONE = "done"
    FAILED = "failed"


#: A worker that died gives its job back after this time (`decisions.md` 26, F26).
LEASE = timedelta(seconds=60)
#: After so many tries a person has to look: about a day and a half after the first.
MOST_ATTEMPTS = 40
#: Done work stays in the queue so long, so that the same thing is not asked for twice.
KEPT = timedelta(days=30)
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)


def waits(attempts: int) -> timedelta:
    """How long to wait after this many tries: 5 s, doubled each time, an hour at most."""
    doublings: int = min(max(attempts - 1, 0), 12)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def gives_up(attempts: int) -> bool:
    """True after so many tries that trying on would hide a fault."""
    return attempts >= MOST_ATTEMPTS
