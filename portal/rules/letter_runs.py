"""How may a print run move, when may it count as posted, and how long does its file lie on the server?"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.rules.history import MoveNotAllowed


class RunState(StrEnum):
    DRAFT = "draft"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    POSTED = "posted"
    REVOKED = "revoked"


#: Every move a run may make; a draft that is given up is no run any more.
MOVES: frozenset[tuple[RunState | None, RunState]] = frozenset(
    {
        (None, RunState.DRAFT),
        (None, RunState.PRINTING),
        (RunState.DRAFT, RunState.PRINTING),
        (RunState.PRINTING, RunState.PRINTED),
        (RunState.PRINTING, RunState.FAILED),
        (RunState.PRINTED, RunState.POSTED),
        (RunState.PRINTED, RunState.REVOKED),
        (RunState.POSTED, RunState.REVOKED),
    }
)


class PostedProblem(StrEnum):
    MISSING = "missing"
    BEFORE_PRINT = "before_print"
    TOO_FAR = "too_far"


class ChosenProblem(StrEnum):
    NOTHING = "nothing"


#: So long a run's files lie on the server, unless it counts as posted before.
FILE_LIFE = timedelta(days=7)
#: A draft that nobody printed is gone after this time.
DRAFT_LIFE = timedelta(days=7)
#: A run that is being printed for so long is not printed any more.
STUCK_AFTER = timedelta(days=1)
#: Letters can be handed to the post a few days after they are marked.
POSTED_AHEAD = timedelta(days=3)
#: So many letters are printed while the clerk waits; the worker prints more.
WHILE_WAITING = 10


def moved(state: str | None, to: RunState) -> str:
    """The run's new state; raises MoveNotAllowed, which becomes the 409 page."""
    old = RunState(state) if state else None
    if (old, to) not in MOVES:
        raise MoveNotAllowed("letter run", old, to)
    return to.value


def problems_of_posting(posted_on: date | None, printed_on: date, today: date) -> list[PostedProblem]:
    """Say what stands against this day on which the letters went to the post."""
    if posted_on is None:
        return [PostedProblem.MISSING]
    if posted_on < printed_on:
        return [PostedProblem.BEFORE_PRINT]
    return [PostedProblem.TOO_FAR] if posted_on > today + POSTED_AHEAD else []
