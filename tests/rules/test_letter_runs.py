"""Which way may a print run go, and which day of posting can be?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.rules.addresses import AddressProblem, Envelope, problems_of, sign_in
from portal.rules.history import MoveNotAllowed
from portal.rules.letter_runs import MOVES, POSTED_AHEAD, PostedProblem, RunState, moved, problems_of_posting
from portal.rules.transfers import Address

PRINTED, TODAY = date(2026, 11, 23), date(2026, 11, 25)


@pytest.mark.parametrize("old", [None, *RunState])
@pytest.mark.parametrize("new", list(RunState))
def test_a_run_moves_as_its_table_says_and_in_no_other_way(old: RunState | None, new: RunState) -> None:
    if (old, new) in MOVES:
        assert moved(old, new) == new
    else:
        with pytest.raises(MoveNotAllowed):
            moved(old, new)


def test_what_was_called_back_or_failed_stays_so() -> None:
    assert {old for old, _ in MOVES} & {RunState.REVOKED, RunState.FAILED} == set()


@pytest.mark.parametrize(
    ("posted", "found"),
    [
        (None, [PostedProblem.MISSING]),
        (PRINTED - timedelta(days=1), [PostedProblem.BEFORE_PRINT]),
        (PRINTED, []),
        (TODAY, []),
        (TODAY + POSTED_AHEAD, []),
        (TODAY + POSTED_AHEAD + timedelta(days=1), [PostedProblem.TOO_FAR]),
    ],
)
def test_letters_go_to_the_post_after_they_are_printed_and_soon(
    posted: date | None, found: list[PostedProblem]
) -> None:
    assert problems_of_posting(posted, PRINTED, TODAY) == found


def test_everything_that_stands_against_an_address_is_said_at_once() -> None:
    good = Address("Dora Keller", "Gartenweg", "", "4900", "Langenthal", "CH")
    assert problems_of(Envelope(good)) == []
    assert problems_of(Envelope(Address("", "", "", "x", "", ""))) == [
        problem for problem in AddressProblem if problem is not AddressProblem.SIGNS
    ]
    assert sign_in(Envelope(good, "王小明")) == "王小明"
