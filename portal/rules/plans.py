"""What makes an instalment plan acceptable, when is which instalment due, and how may a plan move?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.rules.claims import PositionKind
from portal.rules.dates import Calendar, DayOfMonth, anchor_of, first_nominal, months_later
from portal.rules.history import EventKind
from portal.rules.ledger import ClaimSum, Line
from portal.rules.money import STEP, Money
from portal.rules.money import total as sum_of


class PlanStatus(StrEnum):
    PROPOSED = "proposed"
    COUNTERED = "countered"
    AGREED = "agreed"
    LATE = "late"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    EXPIRED = "expired"
    BROKEN = "broken"
    KEPT = "kept"
    ENDED = "ended"


#: The states in which a plan still counts; a claim has at most one such plan.
LIVE = frozenset({PlanStatus.PROPOSED, PlanStatus.COUNTERED, PlanStatus.AGREED, PlanStatus.LATE})
#: Those in which somebody's answer is awaited, and those in which instalments are due.
WAITING = frozenset({PlanStatus.PROPOSED, PlanStatus.COUNTERED})
RUNNING = frozenset({PlanStatus.AGREED, PlanStatus.LATE})

#: Every move a plan may make, and the event that records it (`decisions.md` 29).
MOVES: dict[tuple[PlanStatus | None, PlanStatus], EventKind] = {
    (None, PlanStatus.PROPOSED): EventKind.PLAN_PROPOSED,
    (None, PlanStatus.AGREED): EventKind.PLAN_AGREED,
    (PlanStatus.PROPOSED, PlanStatus.COUNTERED): EventKind.PLAN_COUNTERED,
    (PlanStatus.PROPOSED, PlanStatus.AGREED): EventKind.PLAN_ACCEPTED,
    (PlanStatus.PROPOSED, PlanStatus.DECLINED): EventKind.PLAN_DECLINED,
    (PlanStatus.PROPOSED, PlanStatus.WITHDRAWN): EventKind.PLAN_WITHDRAWN,
    (PlanStatus.PROPOSED, PlanStatus.REPLACED): EventKind.PLAN_REPLACED,
    (PlanStatus.PROPOSED, PlanStatus.EXPIRED): EventKind.PLAN_EXPIRED,
    (PlanStatus.COUNTERED, PlanStatus.AGREED): EventKind.PLAN_ACCEPTED,
    (PlanStatus.COUNTERED, PlanStatus.REPLACED): EventKind.PLAN_REPLACED,
    (PlanStatus.COUNTERED, PlanStatus.DECLINED): EventKind.PLAN_DECLINED,
    (PlanStatus.COUNTERED, PlanStatus.EXPIRED): EventKind.PLAN_EXPIRED,
    (PlanStatus.AGREED, PlanStatus.WITHDRAWN): EventKind.PLAN_WITHDRAWN,
    (PlanStatus.AGREED, PlanStatus.LATE): EventKind.PLAN_LATE,
    (PlanStatus.AGREED, PlanStatus.KEPT): EventKind.PLAN_KEPT,
    (PlanStatus.LATE, PlanStatus.AGREED): EventKind.PLAN_ON_TRACK,
    (PlanStatus.LATE, PlanStatus.BROKEN): EventKind.PLAN_BROKEN,
    (PlanStatus.PROPOSED, PlanStatus.ENDED): EventKind.PLAN_ENDED,
    (PlanStatus.COUNTERED, PlanStatus.ENDED): EventKind.PLAN_ENDED,
    (PlanStatus.AGREED, PlanStatus.ENDED): EventKind.PLAN_ENDED,
    (PlanStatus.LATE, PlanStatus.ENDED): EventKind.PLAN_ENDED,
}

#: No policy may go beyond this many monthly instalments (ten years).
MOST_INSTALMENTS = 120

WITHDRAW_WITHIN = timedelta(hours=24)
MOVE_AT_MOST = timedelta(days=14)
BROKEN_AFTER_NOTICE = timedelta(days=10)
#: A suggestion that nobody answers lapses after this time, a counter-offer after that.
PROPOSAL_VALID = timedelta(days=60)
COUNTER_VALID = timedelta(days=14)
MAX_REASON = 2000
#: What a plan covers by default; collection costs rest meanwhile (`decisions.md` 21).
COVERED_KINDS = frozenset(PositionKind) - {PositionKind.DAMAGE, PositionKind.AGENCY_COST}
_SUGGESTED_COUNTS = (2, 3, 6)
_LATEST_DAY_NUMBER = 28


class PlanProblem(StrEnum):
    NOTHING_OWED = "nothing_owed"
    SMALL_CLAIM = "small_claim"
    NOTHING_CHOSEN = "nothing_chosen"  # neither a number nor an amount, or both at once
    TOO_FEW_INSTALMENTS = "too_few_instalments"
    TOO_MANY_INSTALMENTS = "too_many_instalments"
    INSTALMENT_TOO_SMALL = "instalment_too_small"
    AMOUNT_TOO_HIGH = "amount_too_high"
    DAY_NOT_OFFERED = "day_not_offered"
    STARTS_TOO_LATE = "starts_too_late"
    RATE_MISSING = "rate_missing"  # nobody can say what is owed; only the desk is told


class DecisionProblem(StrEnum):
    """What stands against a clerk's answer to a suggestion."""

    NOTHING_DECIDED = "nothing_decided"
    RATE_MISSING = "rate_missing"
    REASON_MISSING = "reason_missing"
    REASON_TOO_LONG = "reason_too_long"


class SumChanged(Exception):
    """The sum that the person saw is not the sum of now; the answer is the 409 page."""


class MoveProblem(StrEnum):
    """What stands against moving an instalment."""

    MOVED_BEFORE = "moved_before"
    NOT_LATER = "not_later"
    TOO_FAR = "too_far"


class InstalmentState(StrEnum):
    PAID = "paid"
    LATE = "late"
    PARTLY = "partly"
    NEXT = "next"
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a debtor chooses: a number of instalments or an amount a month, and the day (1 to 28 or "last")."""

    instalments: int | None
    amount: Money | None
    day: DayOfMonth


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """A creditor's limits. A plan with at most `at_once_instalments`, done within `at_once_months`, counts at once."""

    max_instalments: int
    min_instalment: Money
    latest_start_in_days: int
    at_once_instalments: int
    at_once_months: int
    small_claim: Money


@dataclass(frozen=True, slots=True)
class Instalment:
    number: int
    due: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A plan the page offers as a row: its terms, its dates and amounts, and whether it counts at once."""

    terms: PlanTerms
    schedule: tuple[Instalment, ...]
    at_once: bool


def covered_lines(total: ClaimSum) -> tuple[Line, ...]:
    """The lines that instalments pay: principal, interest to date and evidenced fees, unless somebody objects."""
    return tuple(
        line
        for line in total.lines
        if line.position.kind in COVERED_KINDS and line.evidenced and not line.disputed and line.open.is_positive
    )


def resting(total: ClaimSum) -> Money:
    """What is not covered, rests while a plan runs, and is dropped when it is kept."""
    covered = {line.position.id for line in covered_lines(total)}
    rest = (line.open for line in total.lines if line.position.id not in covered and not line.disputed)
    return sum_of(rest, total.currency)


def paid_in_all(total: ClaimSum, covered: frozenset[UUID]) -> Money:
    """All money that came in on the claim, and what was taken off the lines that a plan covers."""
    return total.paid + sum_of((line.waived for line in total.lines if line.position.id in covered), total.currency)


def reason_problems(reason: str) -> list[DecisionProblem]:
    """Say what stands against this reason for a no: a no needs one, in words (`ux.md` 2.3)."""
    if not reason.strip():
        return [DecisionProblem.REASON_MISSING]
    return [DecisionProblem.REASON_TOO_LONG] if len(reason) > MAX_REASON else []


def notice_version(country: str) -> str:
    """Which wording of the notice above the button stands in this country now; it is kept with each plan."""
    return f"{country.lower()}-2026-1"


def problems(terms: PlanTerms, covered: Money, policy: PlanPolicy, today: date) -> list[PlanProblem]:
    """Say everything that stands against these terms; an empty list means none."""
    return _sum_problems(terms, covered, policy) + _day_problems(terms, policy, today)


def within_limits(terms: PlanTerms, covered: Money, policy: PlanPolicy) -> bool:
    """Whether this plan counts at once, without a clerk; one instalment a month, so one limit counts both."""
    if _sum_problems(terms, covered, policy):
        return False
    return _count(terms, covered) <= min(policy.at_once_instalments, policy.at_once_months)


def schedule(terms: PlanTerms, covered: Money, today: date, calendar: Calendar) -> tuple[Instalment, ...]:
    """The instalments month by month; their sum is exactly the sum covered, the last one takes the rest.

    The first is at least 5 days ahead; one on a day when nobody works moves forward without moving those after it.
    An amount a month is rounded down to the currency's step. Raises ValueError for terms that `problems` refuses.
    """
    anchor = anchor_of(terms.day)
    first = first_nominal(today, terms.day)
    return tuple(
        Instalment(n + 1, calendar.next_working_day(months_later(first, n, anchor=anchor)), amount)
        for n, amount in enumerate(_amounts(terms, covered))
    )


def suggestions(
    covered: Money, policy: PlanPolicy, today: date, calendar: Calendar, *, day: DayOfMonth = 25
) -> tuple[Suggestion, ...]:
    """The plans with 2, 3 and 6 instalments that nothing stands against."""
    offered = [PlanTerms(count, None, day) for count in _SUGGESTED_COUNTS]
    return tuple(
        Suggestion(terms, schedule(terms, covered, today, calendar), within_limits(terms, covered, policy))
        for terms in offered
        if not problems(terms, covered, policy, today)
    )


def amount_limits(covered: Money, policy: PlanPolicy) -> tuple[Money, Money]:
    """The smallest and the largest amount a month that the creditor's limits allow."""
    step = STEP[covered.currency]
    most = max(1, min(policy.max_instalments, MOST_INSTALMENTS))
    by_count = -(-covered.minor // (most * step)) * step
    return min(max(policy.min_instalment, Money(by_count, covered.currency)), covered), covered


def shift(instalments: Sequence[Instalment], days: int, calendar: Calendar | None = None) -> tuple[Instalment, ...]:
    """The same instalments, due so many days later (the length of a pause), on working days if a calendar is given."""
    if days < 0:
        raise ValueError("a pause moves due dates later, never earlier")
    moved = [replace(one, due=one.due + timedelta(days=days)) for one in instalments]
    if calendar is None:
        return tuple(moved)
    return tuple(replace(one, due=calendar.next_working_day(one.due)) for one in moved)


def open_amounts(instalments: Sequence[Instalment], paid: Money, today: date) -> tuple[Money, ...]:
    """What is still open of each instalment after `paid` in all.

    Money fills what is due, then whole instalments in their order, so who pays ahead is never late; what does not fill
    the next one that is not yet due goes to the last (`decisions.md` 29), and on to those before it.
    """
    left = paid
    open_now = [one.amount for one in instalments]
    for index, one in enumerate(instalments):
        if one.due > today and left < one.amount:
            break
        part = min(left, one.amount)
        open_now[index], left = one.amount - part, left - part
    for index in reversed(range(len(instalments))):
        part = min(left, open_now[index])
        open_now[index], left = open_now[index] - part, left - part
    return tuple(open_now)


def state_of(
    instalments: Sequence[Instalment], paid: Money, today: date, grace_days: int
) -> tuple[InstalmentState, ...]:
    """How each instalment stands; one is late from the day after its due date and the days of grace."""
    states: list[InstalmentState] = []
    next_seen = False
    for one, still_open in zip(instalments, open_amounts(instalments, paid, today), strict=True):
        if not still_open.is_positive:
            states.append(InstalmentState.PAID)
        elif today > one.due + timedelta(days=grace_days):
            states.append(InstalmentState.LATE)
        elif still_open < one.amount:
            states.append(InstalmentState.PARTLY)
        else:
            states.append(InstalmentState.COMING if next_seen else InstalmentState.NEXT)
        next_seen = next_seen or states[-1] in (InstalmentState.NEXT, InstalmentState.PARTLY)
    return tuple(states)


def next_open(instalments: Sequence[Instalment], paid: Money, today: date) -> tuple[Instalment, Money] | None:
    """The first instalment that is not wholly paid and what is open of it; None when the plan is kept."""
    for one, still_open in zip(instalments, open_amounts(instalments, paid, today), strict=True):
        if still_open.is_positive:
            return one, still_open
    return None


def is_kept(instalments: Sequence[Instalment], paid: Money) -> bool:
    """Whether everything the plan names is paid."""
    return paid >= sum_of((one.amount for one in instalments), paid.currency)


def can_withdraw(agreed_at: datetime, now: datetime, paid: Money) -> bool:
    """Whether the debtor may still take an agreed plan back: within 24 hours and with nothing paid."""
    return now - agreed_at <= WITHDRAW_WITHIN and not paid.is_positive


def move_problems(instalment: Instalment, to: date, today: date, *, moved_before: bool) -> list[MoveProblem]:
    """Say everything that stands against moving this instalment to this day: once in a plan, by at most 14 days."""
    found = []
    if moved_before:
        found.append(MoveProblem.MOVED_BEFORE)
    if to <= instalment.due or to < today:
        found.append(MoveProblem.NOT_LATER)
    if to > latest_move(instalment):
        found.append(MoveProblem.TOO_FAR)
    return found


def latest_move(instalment: Instalment) -> date:
    """The last day to which an instalment can be moved."""
    return instalment.due + MOVE_AT_MOST


def move_once(instalments: Sequence[Instalment], number: int, to: date, calendar: Calendar) -> tuple[Instalment, ...]:
    """The same plan with one instalment due later, on a working day; ask `move_problems` first."""
    return tuple(
        replace(one, due=calendar.next_working_day(to)) if one.number == number else one for one in instalments
    )


def broken_on(notice_day: date) -> date:
    """The first day on which a late plan may be called broken: 10 days after the notice."""
    return notice_day + BROKEN_AFTER_NOTICE


def _sum_problems(terms: PlanTerms, covered: Money, policy: PlanPolicy) -> list[PlanProblem]:
    if not covered.is_positive:
        return [PlanProblem.NOTHING_OWED]
    found = [PlanProblem.SMALL_CLAIM] if covered <= policy.small_claim else []
    if (terms.instalments is None) == (terms.amount is None):
        return [*found, PlanProblem.NOTHING_CHOSEN]
    smallest = max(policy.min_instalment, Money(STEP[covered.currency], covered.currency))
    if terms.amount is not None:
        if terms.amount < min(smallest, covered):
            return [*found, PlanProblem.INSTALMENT_TOO_SMALL]
        if terms.amount > covered:
            found.append(PlanProblem.AMOUNT_TOO_HIGH)
    elif terms.instalments is not None:
        if terms.instalments < 2:
            return [*found, PlanProblem.TOO_FEW_INSTALMENTS]
        if covered < smallest * terms.instalments:
            found.append(PlanProblem.INSTALMENT_TOO_SMALL)
    if _count(terms, covered) > min(policy.max_instalments, MOST_INSTALMENTS):
        found.append(PlanProblem.TOO_MANY_INSTALMENTS)
    return found


def _day_problems(terms: PlanTerms, policy: PlanPolicy, today: date) -> list[PlanProblem]:
    if terms.day != "last" and not 1 <= terms.day <= _LATEST_DAY_NUMBER:
        return [PlanProblem.DAY_NOT_OFFERED]
    if (first_nominal(today, terms.day) - today).days > policy.latest_start_in_days:
        return [PlanProblem.STARTS_TOO_LATE]
    return []


def _monthly(amount: Money, covered: Money) -> Money:
    """The amount a month on the currency's step, rounded down so that nobody is asked for more than they offered."""
    step = STEP[covered.currency]
    return covered if amount >= covered else Money(amount.minor // step * step, covered.currency)


def _count(terms: PlanTerms, covered: Money) -> int:
    if terms.amount is None:
        return terms.instalments or 0
    monthly = _monthly(terms.amount, covered).minor
    return -(-covered.minor // monthly) if monthly > 0 else 0


def _amounts(terms: PlanTerms, covered: Money) -> tuple[Money, ...]:
    count = _count(terms, covered)
    if not 1 <= count <= MOST_INSTALMENTS:
        raise ValueError(f"no plan with {count} instalments")
    if terms.amount is None:
        return covered.split(count, STEP[covered.currency])
    monthly = _monthly(terms.amount, covered)
    return (*((monthly,) * (count - 1)), covered - monthly * (count - 1))
