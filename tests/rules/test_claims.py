"""In which one word do people see where a claim stands?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.rules.claims import (
    MOVES,
    Basis,
    ClaimStatus,
    Facts,
    PositionKind,
    Standing,
    evidenced,
    reference_problems,
    standing,
    standing_on_the_letter,
)

TODAY = date(2026, 11, 23)
ALL = {
    "answer_unread": (True, Standing.ANSWER_FOR_YOU),
    "dispute_open": (True, Standing.CHECKING),
    "paused": (True, Standing.PAUSED),
    "step_announced_for": (TODAY + timedelta(days=30), Standing.STEP_ANNOUNCED),
    "plan_countered": (True, Standing.COUNTER_OFFER),
    "suggestion_waiting": (True, Standing.SUGGESTION_WAITING),
    "instalment_late": (True, Standing.INSTALMENT_LATE),
    "plan_running": (True, Standing.INSTALMENTS_RUNNING),
    "payment_announced_until": (TODAY, Standing.PAYMENT_ANNOUNCED),
    "payment_in_progress": (True, Standing.PAYMENT_IN_PROGRESS),
    "deferred_until": (TODAY, Standing.DEFERRED),
}


@pytest.mark.parametrize("name", ALL)
def test_each_fact_alone_has_its_word(name: str) -> None:
    value, word = ALL[name]
    assert standing(Facts(ClaimStatus.OPEN, **{name: value}), TODAY) is word  # type: ignore[arg-type]


def test_the_first_that_applies_wins() -> None:
    names = list(ALL)
    for place, name in enumerate(names):
        facts = Facts(ClaimStatus.OPEN, **{later: ALL[later][0] for later in names[place:]})  # type: ignore[arg-type]
        assert standing(facts, TODAY) is ALL[name][1]


def test_what_has_ended_has_ended_whatever_else_is_there() -> None:
    for status, word in (
        (ClaimStatus.SETTLED, Standing.SETTLED),
        (ClaimStatus.WITHDRAWN, Standing.WITHDRAWN),
        (ClaimStatus.HANDED_OVER, Standing.HANDED_OVER),
    ):
        assert standing(Facts(status, paused=True, dispute_open=True), TODAY) is word


def test_an_open_claim_without_anything_is_still_open() -> None:
    assert standing(Facts(ClaimStatus.OPEN, deferred_until=TODAY - timedelta(days=1)), TODAY) is Standing.STILL_OPEN


def test_room_one_never_hears_a_reason() -> None:
    told = {standing_on_the_letter(word) for word in Standing}
    assert Standing.CHECKING not in told
    assert Standing.SUGGESTION_WAITING not in told
    assert Standing.ANSWER_FOR_YOU not in told
    assert standing_on_the_letter(Standing.CHECKING) is Standing.PAUSED


def test_nothing_leads_out_of_a_withdrawn_claim() -> None:
    assert not [new for old, new in MOVES if old is ClaimStatus.WITHDRAWN]


def test_only_a_cost_needs_something_to_rest_on() -> None:
    assert evidenced(PositionKind.PRINCIPAL, Basis.NONE)
    assert not evidenced(PositionKind.REMINDER_FEE, Basis.NONE)
    assert evidenced(PositionKind.REMINDER_FEE, Basis.TERMS_CLAUSE)


@pytest.mark.parametrize("good", ["2026-0418", "F.1_x", "7"])
def test_a_reference_that_can_stand_in_an_address(good: str) -> None:
    assert not reference_problems(good)


@pytest.mark.parametrize("bad", ["", "-1", "a/b", "é1", "x" * 41, "a b", "..", "a%2f"])
def test_a_reference_that_can_not(bad: str) -> None:
    assert reference_problems(bad)
