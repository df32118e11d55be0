"""Does a debtor's credit pay another of the same person's cases, and does moving it back leave no trace?"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.actions import credits
from portal.actions.credits import Wish
from portal.rules.credits import CreditProblem
from portal.rules.history import Actor, ActorKind, EventKind, MoveNotAllowed
from portal.rules.money import Money
from portal.store.claims import Claim
from portal.store.credits import moves_of, takers_of
from portal.store.history import Event
from portal.store.ledger import credit_of
from portal.store.ledger_checks import verify
from portal.store.settings import Creditor
from portal.store.today import Task
from tests.examples import DORA, LENA, STEFAN, VELO
from tests.soak.undone import UndoneDatabase
from tests.soak.world import World

LEAD = Actor(ActorKind.CLERK, clerk_id=LENA)


class Desk:
    """Dora has paid 60.00 too much on her first case, thirty days ago, and owes on a second one."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.opens(20_000, 2_000, "5", 60)
        self.second = world.claims[-1]
        world.books(DORA.claim_id, world.owed(DORA.claim_id) + 6_000, 0, world.op(1))
        world.days_pass(3)

    def moves(
        self, minor: int, *, to: object = None, op: object = None, seen: int | None = 6_000
    ) -> list[CreditProblem]:
        wish = Wish(to or self.second, Money(minor, "CHF"))  # type: ignore[arg-type]
        with self.world.database.writing() as session:
            claim, creditor = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
            return credits.move_credit(
                session, claim, creditor, wish, op=op or uuid4(), seen_minor=seen, actor=LEAD, now=self.world.now,  # type: ignore[arg-type]
                today=self.world.today,
            )  # fmt: skip

    def back(self, number: int = 0) -> list[CreditProblem]:
        with self.world.database.writing() as session:
            claim, creditor = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
            moved = moves_of(session, claim)[number]
            return credits.move_back(
                session, claim, creditor, moved, actor=LEAD, now=self.world.now, today=self.world.today
            )

    def credit(self) -> tuple[int, int]:
        with self.world.database.reading() as session:
            return tuple(credit_of(session, VELO, one, "CHF") for one in (DORA.claim_id, self.second))  # type: ignore[return-value]

    def kinds(self, claim_id: object) -> list[str]:
        with self.world.database.reading() as session:
            return list(session.scalars(select(Event.kind).where(Event.claim_id == claim_id).order_by(Event.seq)))

    def asked(self) -> list[int]:
        with self.world.database.reading() as session:
            rows = session.scalars(select(Task).where(Task.kind == "refund_credit", Task.done_at.is_(None)))
            return [row.details["minor"] for row in rows]


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    database = UndoneDatabase(database_url)
    with database.example():
        found = Desk(World(database))
        yield found
        database.check_deferred()
        with database.reading() as session:
            assert verify(session) == []
    database.close()


def without_interest(dump: list[str]) -> list[str]:
    """A move fixes the interest to its day, which stays in the ledger; the sum owed is the same."""
    return [line for line in dump if "interest" not in line]


def test_credit_pays_the_other_case_and_comes_back(desk: Desk) -> None:
    world = desk.world
    before, dump = world.owed(desk.second), world.dump()
    assert desk.asked() == [6_000]
    op = uuid4()
    assert desk.moves(4_000, op=op) == []
    assert desk.moves(4_000, op=op, seen=None) == []
    assert desk.credit() == (2_000, 0)
    # It counts from the day on which both were there, so there is no interest on it since.
    assert before - world.owed(desk.second) >= 4_000
    assert desk.asked() == [2_000]
    assert desk.kinds(DORA.claim_id).count(EventKind.CREDIT_MOVED) == 1
    assert desk.kinds(desk.second)[-1] == EventKind.CREDIT_CAME
    assert desk.back() == []
    assert desk.credit() == (6_000, 0)
    assert world.owed(desk.second) == before
    assert desk.asked() == [6_000]
    assert [line for line in world.dump() if "interest" not in line] == [
        line for line in dump if "interest" not in line
    ]
    for claim_id in (DORA.claim_id, desk.second):
        assert desk.kinds(claim_id).count(EventKind.CREDIT_MOVED_BACK) == 1
    assert desk.back() == [CreditProblem.MOVED_BACK]


def test_what_is_refused(desk: Desk) -> None:
    assert desk.moves(6_001) == [CreditProblem.MORE_THAN_CREDIT]
    assert desk.moves(0) == [CreditProblem.AMOUNT_MISSING]
    assert desk.moves(100, to=STEFAN.claim_id) == [CreditProblem.CLAIM_MISSING]
    assert desk.moves(100, to=DORA.claim_id) == [CreditProblem.CLAIM_MISSING]
    with pytest.raises(MoveNotAllowed):
        desk.moves(100, seen=5_999)
    world = desk.world
    world.books(desk.second, world.owed(desk.second) - 5_000, 0, world.op(2))
    assert desk.moves(5_500) == [CreditProblem.MORE_THAN_OPEN]
    assert desk.moves(5_000) == []
    with world.database.reading() as session:
        assert session.get_one(Claim, desk.second).status == "settled"
        assert desk.second not in {one.id for one in takers_of(session, session.get_one(Claim, DORA.claim_id))}


def test_credit_whose_payment_is_taken_back_is_asked_for_and_the_other_case_keeps_it(desk: Desk) -> None:
    world = desk.world
    assert desk.moves(6_000) == []
    left = world.owed(desk.second)
    world.takes_back(DORA.claim_id, 0)
    assert world.owed(desk.second) == left
    with world.database.reading() as session:
        rows = session.scalars(select(Task).where(Task.kind == "came_back_missing", Task.done_at.is_(None)))
        assert [row.details["minor"] for row in rows] == [6_000]
    assert desk.back() == []
    with world.database.reading() as session:
        rows = session.scalars(select(Task).where(Task.kind == "came_back_missing", Task.done_at.is_(None)))
        assert list(rows) == []
    assert desk.credit() == (0, 0)
