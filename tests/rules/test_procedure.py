"""Does the page tell what comes next, and nothing that was not announced?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from portal.rules.money import Money
from portal.rules.procedure import Procedure, StepKind, next_steps

TODAY = date(2026, 11, 23)
PLAIN = Procedure(running=True, pay_by=TODAY + timedelta(days=11), person_writes_on=TODAY + timedelta(days=14))


def kinds(facts: Procedure) -> list[StepKind]:
    return [step.kind for step in next_steps(facts, TODAY)]


def test_an_open_claim_names_the_letters_day_and_then_a_person() -> None:
    assert kinds(PLAIN) == [StepKind.LETTER_DATE, StepKind.PERSON_WRITES]


def test_a_claim_that_is_over_plans_nothing() -> None:
    assert kinds(replace(PLAIN, running=False)) == []


def test_days_that_are_past_are_not_promised_again() -> None:
    assert kinds(replace(PLAIN, pay_by=TODAY - timedelta(days=1))) == [StepKind.PERSON_WRITES]
    assert kinds(replace(PLAIN, pay_by=TODAY)) == [StepKind.LETTER_DATE, StepKind.PERSON_WRITES]


def test_nothing_is_written_while_a_pause_waits_for_a_decision() -> None:
    facts = replace(PLAIN, pauses=(None,), promised_on=TODAY + timedelta(days=2))
    assert kinds(facts) == [StepKind.ANSWER_PROMISED]


def test_after_a_pause_with_an_end_the_person_writes() -> None:
    facts = replace(PLAIN, pauses=(TODAY + timedelta(days=12),))
    assert kinds(facts) == [StepKind.PAUSE_ENDS, StepKind.PERSON_WRITES]


def test_instalments_take_the_place_of_the_letter() -> None:
    due = (TODAY + timedelta(days=8), TODAY + timedelta(days=38))
    facts = replace(PLAIN, instalments=tuple((day, Money(5000, "CHF")) for day in due))
    told = [(step.kind, step.on) for step in next_steps(facts, TODAY)]
    assert told == [(StepKind.INSTALMENT_DUE, day) for day in due]


def test_an_offer_ends_on_its_own_day() -> None:
    facts = replace(PLAIN, offer=(TODAY + timedelta(days=7), Money(28000, "CHF")))
    assert kinds(facts) == [StepKind.OFFER_ENDS, StepKind.PERSON_WRITES]
