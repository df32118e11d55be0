"""What comes next on a claim, and on which day: only what was announced, nothing escalates by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.rules.money import Money


class StepKind(StrEnum):
    """What is planned, in the order in which steps of the same day are told."""

    ANSWER_PROMISED = "answer_promised"
    OFFER_ENDS = "offer_ends"
    LETTER_DATE = "letter_date"
    INSTALMENT_DUE = "instalment_due"
    DEFERRED_UNTIL = "deferred_until"
    PAYMENT_EXPECTED = "payment_expected"
    PAUSE_ENDS = "pause_ends"
    PERSON_WRITES = "person_writes"
    STEP_ANNOUNCED = "step_announced"


@dataclass(frozen=True, slots=True)
class Step:
    """One planned day; `amount` is the instalment or the offered sum."""

    kind: StepKind
    on: date
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """What a claim's next days follow from: stored days only, none of them is computed here."""

    running: bool
    pay_by: date
    person_writes_on: date | None = None
    promised_on: date | None = None
    offer: tuple[date, Money] | None = None
    instalments: tuple[tuple[date, Money], ...] = ()
    deferred_until: date | None = None
    payment_expected_until: date | None = None
    pauses: tuple[date | None, ...] = ()
    step_announced_for: date | None = None


def next_steps(facts: Procedure, today: date) -> tuple[Step, ...]:
    """Everything that is planned from today on, the nearest day first; a claim that is over plans nothing.

    While something rests or is agreed, the letter's date and the next writing do not hold before it ends.
    """
    if not facts.running:
        return ()
    found = [Step(kind, day) for kind, day in _days(facts) if day is not None]
    found += [Step(StepKind.INSTALMENT_DUE, due, amount) for due, amount in facts.instalments]
    if facts.offer is not None:
        found.append(Step(StepKind.OFFER_ENDS, *facts.offer))
    order = list(StepKind)
    coming = [step for step in found if step.on >= today]
    return tuple(sorted(coming, key=lambda step: (step.on, order.index(step.kind))))


def _days(facts: Procedure) -> tuple[tuple[StepKind, date | None], ...]:
    quiet = _quiet_until(facts)
    return (
        (StepKind.ANSWER_PROMISED, facts.promised_on),
        (StepKind.LETTER_DATE, None if facts.offer else _after(facts.pay_by, quiet)),
        (StepKind.DEFERRED_UNTIL, facts.deferred_until),
        (StepKind.PAYMENT_EXPECTED, facts.payment_expected_until),
        (StepKind.PAUSE_ENDS, _pause_end(facts)),
        (StepKind.PERSON_WRITES, _after(facts.person_writes_on, quiet)),
        (StepKind.STEP_ANNOUNCED, facts.step_announced_for),
    )


def _pause_end(facts: Procedure) -> date | None:
    """The day on which the last pause ends; none while one of them waits for a decision."""
    ends = [day for day in facts.pauses if day is not None]
    return max(ends) if ends and len(ends) == len(facts.pauses) else None


def _quiet_until(facts: Procedure) -> date | None:
    """Until when nothing is written: a pause without an end or a running plan keeps quiet for good."""
    if None in facts.pauses or facts.instalments:
        return date.max
    days = [*facts.pauses, facts.deferred_until, facts.payment_expected_until]
    return max((day for day in days if day is not None), default=None)


def _after(day: date | None, quiet: date | None) -> date | None:
    return day if day is not None and (quiet is None or day > quiet) else None
