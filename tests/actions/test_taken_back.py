"""Is everything as it should be once money has left again: on which day it counts, what it had earned, who is told?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.actions import goodwill
from portal.rules.claims import PositionKind
from portal.rules.history import EventKind
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.history import Event
from portal.store.ledger import credit_of
from portal.store.offers import Offer, Waiver
from portal.store.receipts import sum_then
from portal.store.settings import Creditor
from portal.store.standing import matters_of
from portal.store.today import Task
from tests.examples import DORA, LENA, STEFAN, TODAY, VELO
from tests.soak.undone import UndoneDatabase
from tests.soak.world import World

ZURICH = ZoneInfo("Europe/Zurich")


@pytest.fixture
def world(filled_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    """Everybody's acts on one life of a database; in the end every rule of the ledger holds."""
    database = UndoneDatabase(f"sqlite:///{shutil.copyfile(filled_sqlite, tmp_path / 'portal.db')}")
    with database.example():
        found = World(database)
        yield found
        database.check_deferred()
        assert found.findings() == []
    database.close()


def owed(world: World, claim_id: UUID, day: date) -> int:
    with world.database.reading() as session:
        return sum_then(session, session.get_one(Claim, claim_id), on=day, zone=ZURICH).open.minor


def test_a_mistaken_booking_counts_on_no_day(world: World) -> None:
    world.claims.append(STEFAN.claim_id)
    days = [world.today - timedelta(days=back) for back in (50, 40, 20, 0)]
    before = [owed(world, STEFAN.claim_id, day) for day in days]
    world.books(STEFAN.claim_id, 100_000, 40, world.op(1))
    world.books(STEFAN.claim_id, 2_000, 30, world.op(2))
    mistake = owed(world, STEFAN.claim_id, world.today)
    world.takes_back(STEFAN.claim_id, 0)
    world.takes_back(STEFAN.claim_id, 1)
    assert mistake < before[-1] - 102_000
    assert [owed(world, STEFAN.claim_id, day) for day in days] == before


def test_a_rest_that_was_dropped_after_a_mistaken_booking_is_owed_again(world: World) -> None:
    before = owed(world, DORA.claim_id, world.today)
    world.books(DORA.claim_id, before - 100, 0, world.op(1))
    assert owed(world, DORA.claim_id, world.today) == 0
    world.takes_back(DORA.claim_id, 0)
    assert owed(world, DORA.claim_id, world.today) == before


def pays_by_hand(world: World, minor: int) -> Callable[[], None]:
    world.books(DORA.claim_id, minor, 0, world.op(100 + world.acts))
    return lambda: world.takes_back(DORA.claim_id, 0)


def pays_by_transfer(world: World, minor: int) -> Callable[[], None]:
    number = len(world.papers)
    world.hands_in(world.paper(DORA.claim_id, minor, 0, "camt.053"))
    return lambda: world.hands_in(world.paper_again(number, as_other=False, back=True))


def pays_by_card(world: World, minor: int) -> Callable[[], None]:
    world.begins(DORA.claim_id, minor, world.op(100 + world.acts))
    page = world.pages()[-1]
    world.stripe.pay(page, world.now)
    world.converges(page)

    def lost() -> None:
        page.becomes(disputed_out_minor=minor)
        world.converges(page)
        assert status(world)[1] != "live"
        page.becomes(dispute_lost=True)
        world.converges(page)

    return lost


WAYS = [pays_by_hand, pays_by_transfer, pays_by_card]


def status(world: World) -> tuple[str, str | None]:
    """Of the claim, and of its newest offer."""
    with world.database.reading() as session:
        newest = select(Offer.status).where(Offer.claim_id == DORA.claim_id).order_by(Offer.made_at.desc())
        return session.get_one(Claim, DORA.claim_id).status, session.scalar(newest.limit(1))


def kinds(world: World) -> list[str]:
    with world.database.reading() as session:
        return list(session.scalars(select(Event.kind).where(Event.claim_id == DORA.claim_id).order_by(Event.seq)))


def waived(world: World) -> tuple[list[bool], int]:
    """Whether each waiver was undone, and how many minus lines people read."""
    with world.database.reading() as session:
        rows = list(session.scalars(select(Waiver).where(Waiver.claim_id == DORA.claim_id).order_by(Waiver.waived_at)))
        shown = matters_of(session, VELO, [DORA.claim_id])[DORA.claim_id].all("waiver")
        return [row.undone_at is not None for row in rows], len(shown)


@pytest.mark.parametrize("pays", WAYS)
def test_an_offer_stands_again_when_the_money_that_took_it_has_left(
    world: World, pays: Callable[[World, int], Callable[[], None]]
) -> None:
    before = owed(world, DORA.claim_id, world.today)
    world.offers(DORA.claim_id, 80, 20, world.op(50))
    world.days_pass(1)
    takes_back = pays(world, before * 80 // 100)
    assert status(world) == ("settled", "taken")
    world.days_pass(2)
    takes_back()
    assert status(world) == ("open", "live")
    assert owed(world, DORA.claim_id, world.today) == before
    assert all(waived(world)[0])
    assert waived(world)[1] == 0
    assert kinds(world).count(EventKind.OFFER_STANDS_AGAIN) == 1
    world.compare(DORA.claim_id)
    world.books(DORA.claim_id, before * 80 // 100, 0, world.op(1))
    assert status(world) == ("settled", "taken")
    assert waived(world)[1] > 0
    assert owed(world, DORA.claim_id, world.today) == 0
    world.compare(DORA.claim_id)


@pytest.mark.parametrize("pays", WAYS)
def test_after_its_last_day_it_is_over_and_all_is_owed(
    world: World, pays: Callable[[World, int], Callable[[], None]]
) -> None:
    before = owed(world, DORA.claim_id, world.today)
    world.offers(DORA.claim_id, 80, 7, world.op(50))
    takes_back = pays(world, before * 80 // 100)
    assert status(world) == ("settled", "taken")
    world.days_pass(9)
    takes_back()
    assert status(world) == ("open", "expired")
    assert owed(world, DORA.claim_id, world.today) >= before
    assert kinds(world).count(EventKind.OFFER_UNDONE) == 1
    world.books(DORA.claim_id, before * 80 // 100, 0, world.op(1))
    assert status(world) == ("open", "expired")
    world.books(DORA.claim_id, before * 80 // 100, 5, world.op(2))
    assert status(world) == ("settled", "taken")
    world.compare(DORA.claim_id)


def test_an_offer_stays_taken_while_the_rest_of_the_money_fulfils_it(world: World) -> None:
    before = owed(world, DORA.claim_id, world.today)
    world.offers(DORA.claim_id, 80, 20, world.op(50))
    pays_by_transfer(world, before * 80 // 100)
    pays_by_hand(world, 500)()
    assert status(world) == ("settled", "taken")
    assert waived(world)[1] > 0


def test_a_dispute_that_is_won_leaves_the_offer_taken(world: World) -> None:
    before = owed(world, DORA.claim_id, world.today)
    world.offers(DORA.claim_id, 80, 20, world.op(50))
    pays_by_card(world, before * 80 // 100)
    page = world.pages()[-1]
    page.becomes(disputed_out_minor=page.amount.minor)
    world.converges(page)
    assert status(world) == ("open", "taken")
    assert owed(world, DORA.claim_id, world.today) == before * 80 // 100
    page.becomes(disputed_out_minor=0)
    world.converges(page)
    assert status(world) == ("settled", "taken")
    assert waived(world)[1] > 0


def test_what_a_clerk_waived_by_hand_stays_waived(world: World) -> None:
    world.waives(DORA.claim_id, 2, 100, world.op(9))
    left = owed(world, DORA.claim_id, world.today)
    pays_by_hand(world, left)()
    assert status(world)[0] == "open"
    assert owed(world, DORA.claim_id, world.today) == left
    assert waived(world) == ([False], 1)


def tasks(world: World, kind: str) -> list[tuple[int, bool]]:
    """How much each task of this kind is about, and whether it is done."""
    with world.database.reading() as session:
        rows = session.scalars(
            select(Task).where(Task.kind == kind, Task.claim_id == DORA.claim_id).order_by(Task.since)
        )
        return [(row.details["minor"], row.done_at is not None) for row in rows]


def test_money_that_went_back_and_is_gone_is_asked_for_until_it_has_come_again(world: World) -> None:
    before = owed(world, DORA.claim_id, world.today)
    takes_back = pays_by_transfer(world, before + 4_000)
    world.refunds(DORA.claim_id, 4_000, 100, True, world.op(60))
    assert tasks(world, "refund_credit") == [(0, True)]
    world.days_pass(1)
    takes_back()
    assert tasks(world, "came_back_missing") == [(4_000, False)]
    assert owed(world, DORA.claim_id, world.today) == before
    world.books(DORA.claim_id, before + 1_500, 0, world.op(1))
    assert tasks(world, "came_back_missing") == [(2_500, False)]
    world.compare(DORA.claim_id)
    world.books(DORA.claim_id, 3_000, 0, world.op(2))
    assert tasks(world, "came_back_missing") == [(0, True)]
    assert tasks(world, "refund_credit")[-1] == (500, False)
    world.compare(DORA.claim_id)
    assert world.findings() == []
    world.takes_back(DORA.claim_id, 0)
    world.takes_back(DORA.claim_id, 1)
    assert tasks(world, "came_back_missing")[-1] == (4_000, False)
    world.compare(DORA.claim_id)


def promises(world: World) -> None:
    """The reminder fee falls away for who pays the rest within fourteen days of the letter of 17 November."""
    with world.database.writing() as session:
        goodwill.change_rule(
            session, session.get_one(Creditor, VELO), on=True, days=14, kinds=frozenset({PositionKind.REMINDER_FEE}),
            clerk_id=LENA, now=world.now, today=TODAY - timedelta(days=40),
        )  # fmt: skip


@pytest.mark.parametrize("pays", WAYS)
@pytest.mark.parametrize("days", [2, 15], ids=["in time", "too late"])
def test_costs_that_fell_away_are_owed_again_when_the_money_has_left(
    world: World, pays: Callable[[World, int], Callable[[], None]], days: int
) -> None:
    promises(world)
    before = owed(world, DORA.claim_id, world.today)
    takes_back = pays(world, before - 4_000)
    assert status(world)[0] == "settled"
    assert waived(world) == ([False], 1)
    world.days_pass(days)
    takes_back()
    assert status(world)[0] == "open"
    assert owed(world, DORA.claim_id, world.today) >= before
    assert waived(world) == ([True], 0)
    assert kinds(world).count(EventKind.WAIVER_UNDONE) == 1
    world.compare(DORA.claim_id)
    world.books(DORA.claim_id, owed(world, DORA.claim_id, world.today) - 4_000, 0, world.op(1))
    assert (status(world)[0] == "settled") is (days == 2)
    assert waived(world)[1] == (1 if days == 2 else 0)
    world.compare(DORA.claim_id)


def test_costs_stay_dropped_while_the_rest_of_the_money_in_time_pays_all_else(world: World) -> None:
    promises(world)
    pays_by_transfer(world, owed(world, DORA.claim_id, world.today) - 4_000)
    pays_by_hand(world, 700)()
    assert status(world)[0] == "settled"
    assert waived(world) == ([False], 1)


@pytest.mark.parametrize("late", [3_000, 520_000])
def test_money_in_time_that_is_known_late_leaves_no_trace_of_what_came_meanwhile(world: World, late: int) -> None:
    world.opens(500_000, 2_000, "5", 60)
    claim_id = world.claims[-1]
    amount = world.owed(claim_id) * 80 // 100
    world.offers(claim_id, 80, 7, world.op(1))
    world.days_pass(30)
    world.books(claim_id, late, 10, world.op(2))
    world.books(claim_id, amount, 25, world.op(3))
    in_time = world.today - timedelta(days=25)
    with world.database.reading() as session:
        claim = session.get_one(Claim, claim_id)
        assert (claim.status, claim.ended_on) == ("settled", in_time)
        assert credit_of(session, VELO, claim_id, "CHF") == late
        total = claim_sum(session, claim, on=world.today)
    assert (total.open.minor, total.paid.minor) == (0, amount)
    assert total.lines[1].posted_interest == total.lines[1].waived


@pytest.mark.parametrize("promised", [True, False], ids=["promise", "offer"])
def test_what_was_waived_meanwhile_is_not_dropped_again_by_money_known_late(world: World, promised: bool) -> None:
    before = owed(world, DORA.claim_id, world.today)
    if promised:
        promises(world)
    else:
        world.offers(DORA.claim_id, 80, 7, world.op(50))
    world.days_pass(20)
    world.waives(DORA.claim_id, 2, 50, world.op(9))
    world.books(DORA.claim_id, before - 4_000 if promised else before * 80 // 100, 18, world.op(1))
    assert status(world)[0] == "settled"
    world.compare(DORA.claim_id)
    with world.database.reading() as session:
        assert credit_of(session, VELO, DORA.claim_id, "CHF") == 0
