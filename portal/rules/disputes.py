"""What may be wrong with a claim, how an objection moves, and what a decision needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from portal.rules.history import EventKind
from portal.rules.money import Money


class DisputeReason(StrEnum):
    PAID = "paid"
    AMOUNT = "amount"
    QUALITY = "quality"
    RETURNED = "returned"
    NOT_ORDERED = "not_ordered"
    TOO_OLD = "too_old"
    COSTS = "costs"
    OTHER = "other"


class DisputeStatus(StrEnum):
    OPEN = "open"
    ASKED = "asked"
    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


LIVE = frozenset({DisputeStatus.OPEN, DisputeStatus.ASKED})

#: Every move an objection may make (`decisions.md` 30), and the event that records it.
MOVES: dict[tuple[DisputeStatus | None, DisputeStatus], EventKind] = {
    (None, DisputeStatus.OPEN): EventKind.DISPUTE_RAISED,
    (DisputeStatus.OPEN, DisputeStatus.ASKED): EventKind.DISPUTE_ASKED,
    (DisputeStatus.ASKED, DisputeStatus.OPEN): EventKind.DISPUTE_ANSWERED,
    (DisputeStatus.REJECTED, DisputeStatus.OPEN): EventKind.DISPUTE_REOPENED,
    **{
        (live, DisputeStatus.UPHELD): EventKind.DISPUTE_UPHELD
        for live in (DisputeStatus.OPEN, DisputeStatus.ASKED)
    },
    **{
        (live, DisputeStatus.PARTLY): EventKind.DISPUTE_PARTLY
        for live in (DisputeStatus.OPEN, DisputeStatus.ASKED)
    },
    **{
        (live, DisputeStatus.REJECTED): EventKind.DISPUTE_REJECTED
        for live in (DisputeStatus.OPEN, DisputeStatus.ASKED)
    },
    **{
        (live, DisputeStatus.WITHDRAWN): EventKind.DISPUTE_WITHDRAWN
        for live in (DisputeStatus.OPEN, DisputeStatus.ASKED)
    },
}

#: A rejection keeps the pause for ten days (`decisions.md` 30).
PAUSE_AFTER_REJECTION = timedelta(days=10)
MAX_TEXT = 3000


class DisputeProblem(StrEnum):
    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_NOT_LESS = "amount_not_less"
    LINE_UNKNOWN = "line_unknown"
    LINE_ALREADY_DISPUTED = "line_already_disputed"
    NO_COST_LINES = "no_cost_lines"
    NOTHING_OWED = "nothing_owed"


class AnswerProblem(StrEnum):
    """What is wrong with a debtor's answer to a question or to a rejection."""

    EMPTY = "empty"
    TOO_LONG = "too_long"


class DecisionProblem(StrEnum):
    REASON_MISSING = "reason_missing"
    DOCUMENT_OR_REASON_MISSING = "document_or_reason_missing"
    QUESTION_MISSING = "question_missing"
    NEW_SUM_MISSING = "new_sum_missing"
    NEW_SUM_NOT_LESS = "new_sum_not_less"
    PAID_ON_MISSING = "paid_on_missing"
    PAID_ON_IN_THE_FUTURE = "paid_on_in_the_future"
    FOUND_MISSING = "found_missing"
    FOUND_TOO_SMALL = "found_too_small"
    TEXT_TOO_LONG = "text_too_long"


@dataclass(frozen=True, slots=True)
class Objection:
    """What the debtor says is not right: the reason, the lines (empty means all) and, if given, words and a sum."""

    reason: DisputeReason
    lines: frozenset[UUID]
    text: str
    amount: Money | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the desk says to an objection: how it ends (or a question), in which words, and with which figures.

    `found` and `found_on` are a payment that was found; `new_sum` is what stays owed on the lines concerned.
    """

    to: DisputeStatus
    text: str = ""
    found: Money | None = None
    found_on: date | None = None
    new_sum: Money | None = None
    documents: int = 0


def problems_of_decision(
    decision: Decision, reason: DisputeReason, *, owed: Money, principal: Money, today: date
) -> list[DecisionProblem]:
    """Say everything that stands against this decision; `owed` and `principal` are open on the lines concerned."""
    found = [DecisionProblem.TEXT_TOO_LONG] if len(decision.text) > MAX_TEXT else []
    said = bool(decision.text.strip())
    if decision.to is DisputeStatus.ASKED and not said:
        found.append(DecisionProblem.QUESTION_MISSING)
    if decision.to is DisputeStatus.REJECTED and not said:
        if reason is not DisputeReason.PAID:
            found.append(DecisionProblem.REASON_MISSING)
        elif not decision.documents:
            found.append(DecisionProblem.DOCUMENT_OR_REASON_MISSING)
    if decision.to in (DisputeStatus.UPHELD, DisputeStatus.PARTLY) and reason is DisputeReason.PAID:
        found += _problems_of_found(decision, principal, today)
    elif decision.to is DisputeStatus.PARTLY:
        if decision.new_sum is None:
            found.append(DecisionProblem.NEW_SUM_MISSING)
        elif decision.new_sum.minor < 0 or decision.new_sum >= owed:
            found.append(DecisionProblem.NEW_SUM_NOT_LESS)
    return found


def problems_of_answer(text: str, files: int) -> list[AnswerProblem]:
    """Say what stands against this answer with so many files."""
    if len(text) > MAX_TEXT:
        return [AnswerProblem.TOO_LONG]
    return [] if text.strip() or files else [AnswerProblem.EMPTY]


def _problems_of_found(decision: Decision, principal: Money, today: date) -> list[DecisionProblem]:
    found = []
    if decision.found is None or decision.found.minor <= 0:
        found.append(DecisionProblem.FOUND_MISSING)
    elif decision.to is DisputeStatus.UPHELD and decision.found < principal:
        found.append(DecisionProblem.FOUND_TOO_SMALL)
    if decision.found_on is None:
        found.append(DecisionProblem.PAID_ON_MISSING)
    elif decision.found_on > today:
        found.append(DecisionProblem.PAID_ON_IN_THE_FUTURE)
    return found


def problems(
    objection: Objection, *, open_lines: dict[UUID, Money], disputed: frozenset[UUID], owed: Money
) -> list[DisputeProblem]:
    """Say everything that stands against raising this objection; an empty list means none."""
    found: list[DisputeProblem] = []
    if owed.minor <= 0:
        return [DisputeProblem.NOTHING_OWED]
    if objection.lines - open_lines.keys():
        found.append(DisputeProblem.LINE_UNKNOWN)
    if objection.reason is DisputeReason.OTHER and not objection.text.strip():
        found.append(DisputeProblem.TEXT_MISSING)
    if len(objection.text) > MAX_TEXT:
        found.append(DisputeProblem.TEXT_TOO_LONG)
    if objection.reason is DisputeReason.AMOUNT:
        if objection.amount is None:
            found.append(DisputeProblem.AMOUNT_MISSING)
        elif objection.amount.minor < 0 or objection.amount >= owed:
            found.append(DisputeProblem.AMOUNT_NOT_LESS)
    concerned = objection.lines or frozenset(open_lines)
    if (concerned and concerned <= disputed) or objection.lines & disputed:
        found.append(DisputeProblem.LINE_ALREADY_DISPUTED)
    return found
