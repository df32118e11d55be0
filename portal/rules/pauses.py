"""Why a claim rests, what rests with it, and when it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class PauseReason(StrEnum):
    DISPUTE = "dispute"
    SUGGESTION = "suggestion"
    PLAN = "plan"
    DEFERRAL = "deferral"
    HARDSHIP = "hardship"
    WRONG_PERSON = "wrong_person"
    ADDRESS_UNCLEAR = "address_unclear"
    EVIDENCE_MISSING = "evidence_missing"
    CREDITOR = "creditor"
    CHARGEBACK = "chargeback"


#: Reasons that make the standing "paused"; the others have a word of their own.
SHOWN_AS_PAUSED = frozenset(
    {
        PauseReason.HARDSHIP,
        PauseReason.WRONG_PERSON,
        PauseReason.ADDRESS_UNCLEAR,
        PauseReason.EVIDENCE_MISSING,
        PauseReason.CREDITOR,
        PauseReason.CHARGEBACK,
        PauseReason.DISPUTE,
    }
)


#: Reasons that a clerk may end by hand; the others end with the decision they wait for.
BY_HAND = frozenset(SHOWN_AS_PAUSED - {PauseReason.DISPUTE})


@dataclass(frozen=True, slots=True)
class Stops:
    """What a pause stops (`decisions.md` 28)."""

    letters: bool = True
    costs: bool = True
    interest: bool = False
    steps: bool = True


#: A resumed procedure goes on seven days later at the earliest (`ux.md` 2.3).
RESUME_NOTICE = timedelta(days=7)
#: Nothing rests for more than two years without somebody looking at it again.
LONGEST = timedelta(days=731)


class PauseProblem(StrEnum):
    UNTIL_IN_THE_PAST = "until_in_the_past"
    UNTIL_TOO_FAR = "until_too_far"
    RESUME_MISSING = "resume_missing"
    RESUME_TOO_SOON = "resume_too_soon"
    RESUME_TOO_FAR = "resume_too_far"
    REASON_MISSING = "reason_missing"
    NOT_PAUSED = "not_paused"
    ALREADY_PAUSED = "already_paused"


def problems_of_until(until: date | None, today: date) -> list[PauseProblem]:
    """Say what stands against a pause until this day; none means until decided."""
    if until is None:
        return []
    if until <= today:
        return [PauseProblem.UNTIL_IN_THE_PAST]
    if until > today + LONGEST:
        return [PauseProblem.UNTIL_TOO_FAR]
    return []


def problems_of_resume(resumes_on: date | None, reason: str, today: date) -> list[PauseProblem]:
    """Say what stands against going on from this day: seven days' notice and a reason are owed."""
    found = []
    if not reason.strip():
        found.append(PauseProblem.REASON_MISSING)
    if resumes_on is None:
        found.append(PauseProblem.RESUME_MISSING)
    elif resumes_on < today + RESUME_NOTICE:
        found.append(PauseProblem.RESUME_TOO_SOON)
    elif resumes_on > today + LONGEST:
        found.append(PauseProblem.RESUME_TOO_FAR)
    return found
