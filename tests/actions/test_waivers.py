"""Does a waiver take a line off with a name, within the clerk's limit, and close what has nothing left?"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions import waivers
from portal.rules.access import Role
from portal.rules.history import Actor, ActorKind, EventKind, MoveNotAllowed
from portal.rules.money import Money
from portal.rules.offers import WaiverProblem
from portal.rules.payments import NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, Position
from portal.store.history import Event
from portal.store.offers import waivers_of
from portal.store.settings import Creditor
from portal.web.parts import Parts
from tests.examples import CLARA, DORA, LENA, START, TODAY, VELO

AGENT = Actor(ActorKind.CLERK, clerk_id=CLARA)
LEAD = Actor(ActorKind.CLERK, clerk_id=LENA)
FIVE = Money(500, "CHF")


@pytest.fixture
def session(parts: Parts) -> Iterator[Session]:
    with parts.database.writing() as session:
        yield session


def _claim(session: Session) -> Claim:
    return session.get_one(Claim, DORA.claim_id)


def _line(session: Session, number: int) -> Position:
    return session.scalars(select(Position).where(Position.claim_id == DORA.claim_id, Position.number == number)).one()


def _owed(session: Session) -> int:
    return claim_sum(session, _claim(session), on=TODAY).open.minor


def _waive(
    session: Session, position: UUID | None, amount: Money | None = None, *, op: UUID | None = None, lead: bool = False
) -> list[WaiverProblem]:
    return waivers.waive(
        session, _claim(session), session.get_one(Creditor, VELO), position, amount, whole=amount is None,
        role=Role.LEAD if lead else Role.AGENT, op=op or uuid4(), actor=LEAD if lead else AGENT, now=START, today=TODAY,
    )  # fmt: skip


def test_a_line_comes_off_with_the_clerks_name(session: Session) -> None:
    before, fee = _owed(session), _line(session, 3)
    assert _waive(session, fee.id) == []
    assert _owed(session) == before - 4000
    (row,) = waivers_of(session, VELO, DORA.claim_id)
    assert (row.clerk_id, row.amount_minor, row.note_code, row.position_id) == (CLARA, 4000, NoteCode.GOODWILL, fee.id)
    event = session.scalars(select(Event).where(Event.kind == EventKind.WAIVED)).one()
    assert (event.clerk_id, event.internal, event.details["line"]) == (CLARA, False, "reminder_fee")


def test_a_part_comes_off(session: Session) -> None:
    before = _owed(session)
    assert _waive(session, _line(session, 1).id, FIVE) == []
    assert _owed(session) == before - 500


def test_the_same_click_twice_waives_once(session: Session) -> None:
    before, op, line = _owed(session), uuid4(), _line(session, 1).id
    assert _waive(session, line, FIVE, op=op) == _waive(session, line, FIVE, op=op) == []
    assert _owed(session) == before - 500


def test_what_stands_against_a_waiver(session: Session) -> None:
    fee, principal = _line(session, 3).id, _line(session, 1).id
    assert _waive(session, None) == [WaiverProblem.NOTHING_CHOSEN]
    assert _waive(session, uuid4()) == [WaiverProblem.NOTHING_CHOSEN]
    assert _waive(session, fee, Money(0, "CHF")) == [WaiverProblem.AMOUNT_MISSING]
    assert _waive(session, fee, Money(4001, "CHF")) == [WaiverProblem.MORE_THAN_OPEN]
    assert _waive(session, principal, Money(10001, "CHF")) == [WaiverProblem.ABOVE_YOUR_LIMIT]


def test_the_agents_limit_holds_for_the_case_and_not_for_each_click(session: Session) -> None:
    principal = _line(session, 1).id
    assert _waive(session, principal, Money(6000, "CHF")) == []
    assert _waive(session, principal, Money(4001, "CHF")) == [WaiverProblem.ABOVE_YOUR_LIMIT]
    assert _waive(session, principal, Money(4000, "CHF")) == []
    assert _waive(session, principal, Money(15000, "CHF"), lead=True) == []


def test_a_cost_without_basis_goes_as_a_whole_or_not_at_all(session: Session) -> None:
    fee = _line(session, 3)
    fee.basis = "none"
    session.flush()
    assert _waive(session, fee.id, FIVE) == [WaiverProblem.ONLY_AS_A_WHOLE]
    assert _waive(session, fee.id) == []
    assert waivers_of(session, VELO, DORA.claim_id)[0].note_code == NoteCode.COST_WITHOUT_BASIS


def test_a_lead_waives_everything_and_the_claim_is_settled(session: Session) -> None:
    creditor = session.get_one(Creditor, VELO)
    op = uuid4()
    for _ in range(2):
        found = waivers.waive_all(
            session, _claim(session), creditor, role=Role.LEAD, op=op, actor=LEAD, now=START, today=TODAY
        )
        assert found == []
    assert (_owed(session), _claim(session).status) == (0, "settled")
    assert len(waivers_of(session, VELO, DORA.claim_id)) == 3
    with pytest.raises(MoveNotAllowed):
        _waive(session, _line(session, 1).id, FIVE)
    agent = waivers.waive_all(
        session, _claim(session), creditor, role=Role.AGENT, op=op, actor=AGENT, now=START, today=TODAY
    )
    assert agent == []
