"""Does a case rest by hand, and go on with notice and a reason that the debtor reads?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions import pauses, promises
from portal.rules.history import Actor, ActorKind, EventKind
from portal.rules.pauses import PauseProblem, PauseReason
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.history import Event
from portal.store.messages import messages_of
from portal.store.pauses import Pause, Turn, open_pauses
from portal.web.parts import Parts
from tests.examples import CLARA, DORA, START, TODAY, VELO

AGENT = Actor(ActorKind.CLERK, clerk_id=CLARA)
SOON = TODAY + timedelta(days=7)


@pytest.fixture
def session(parts: Parts) -> Iterator[Session]:
    with parts.database.writing() as session:
        yield session


def _claim(session: Session) -> Claim:
    return session.get_one(Claim, DORA.claim_id)


def _pause(session: Session, *, op: UUID | None = None, days: int | None = None) -> Pause | list[PauseProblem]:
    until = TODAY + timedelta(days=days) if days is not None else None
    return pauses.pause_by_hand(
        session, _claim(session), until=until, interest=True, text="", words="Ihr Fall ist pausiert.", op=op or uuid4(),
        actor=AGENT, now=START, today=TODAY,
    )  # fmt: skip


def _resume(session: Session, days: int | None = 7, reason: str = "Die Abklärung ist fertig.") -> list[PauseProblem]:
    day = TODAY + timedelta(days=days) if days is not None else None
    return pauses.resume(
        session, _claim(session), resumes_on=day, reason=reason, words=f"Ab dann weiter. {reason}", op=uuid4(),
        actor=AGENT, now=START, today=TODAY,
    )  # fmt: skip


def test_a_case_rests_until_somebody_decides_and_the_person_reads_it(session: Session) -> None:
    row = _pause(session)
    assert isinstance(row, Pause)
    assert (row.until_on, row.stops_interest, row.clerk_id) == (None, True, CLARA)
    assert messages_of(session, VELO, DORA.claim_id)[-1].text == "Ihr Fall ist pausiert."
    kinds = list(session.scalars(select(Event.kind).where(Event.claim_id == DORA.claim_id).order_by(Event.seq)))
    assert kinds[-2:] == [EventKind.PAUSED, EventKind.MESSAGE_SENT]


def test_interest_rests_with_it(session: Session) -> None:
    _pause(session)
    far = TODAY + timedelta(days=100)
    near = TODAY + timedelta(days=12)
    assert claim_sum(session, _claim(session), on=far).open == claim_sum(session, _claim(session), on=near).open


def test_what_stands_against_a_pause(session: Session) -> None:
    assert _pause(session, days=0) == [PauseProblem.UNTIL_IN_THE_PAST]
    assert _pause(session, days=732) == [PauseProblem.UNTIL_TOO_FAR]
    op = uuid4()
    first = _pause(session, op=op, days=10)
    assert _pause(session, op=op, days=10) is first
    assert _pause(session, days=10) == [PauseProblem.ALREADY_PAUSED]


def test_it_goes_on_seven_days_later_and_says_why(session: Session) -> None:
    row = _pause(session)
    assert isinstance(row, Pause)
    assert _resume(session) == []
    assert (row.until_on, row.ended_at) == (SOON - timedelta(days=1), None)
    assert open_pauses(session, VELO, DORA.claim_id, TODAY) == [row]
    assert open_pauses(session, VELO, DORA.claim_id, SOON) == []
    assert any("Die Abklärung ist fertig." in message.text for message in messages_of(session, VELO, DORA.claim_id))
    event = session.scalars(select(Event).where(Event.kind == EventKind.RESUMED)).one()
    assert event.details["on"] == SOON.isoformat()


def test_what_stands_against_going_on(session: Session) -> None:
    assert _resume(session) == [PauseProblem.NOT_PAUSED]
    _pause(session)
    assert _resume(session, 6) == [PauseProblem.RESUME_TOO_SOON]
    assert _resume(session, None) == [PauseProblem.RESUME_MISSING]
    assert _resume(session, 800) == [PauseProblem.RESUME_TOO_FAR]
    assert _resume(session, reason=" ") == [PauseProblem.REASON_MISSING]


def test_an_objection_is_not_ended_by_hand(session: Session) -> None:
    pauses.pause(session, _claim(session), PauseReason.DISPUTE, cause_id=uuid4(), actor=AGENT, now=START, today=TODAY)
    assert _resume(session) == [PauseProblem.NOT_PAUSED]


def test_interest_rests_while_the_debtor_waits_for_an_answer(session: Session) -> None:
    claim = _claim(session)
    quiet = claim_sum(session, claim, on=TODAY + timedelta(days=120)).open
    promises.now_waits(claim, now=START + timedelta(days=20), promised_on=TODAY + timedelta(days=22))
    waiting = claim_sum(session, claim, on=TODAY + timedelta(days=21)).open
    assert claim_sum(session, claim, on=TODAY + timedelta(days=120)).open == waiting < quiet
    promises.answered(claim, now=START + timedelta(days=49))
    far = claim_sum(session, claim, on=TODAY + timedelta(days=120)).open
    assert waiting < far < quiet
    turn = session.scalars(select(Turn)).one()
    assert (turn.from_on, turn.until_on) == (TODAY + timedelta(days=20), TODAY + timedelta(days=49))
    assert claim_sum(session, claim, on=TODAY + timedelta(days=50)).open == waiting
    promises.nobody_waits(claim, now=START + timedelta(days=60))
    assert turn.until_on == TODAY + timedelta(days=49)


def test_a_pause_until_a_day_holds_that_day_too(session: Session) -> None:
    row = _pause(session, days=30)
    assert isinstance(row, Pause)
    rested = claim_sum(session, _claim(session), on=TODAY).open
    assert claim_sum(session, _claim(session), on=TODAY + timedelta(days=31)).open == rested
    assert claim_sum(session, _claim(session), on=TODAY + timedelta(days=60)).open > rested
