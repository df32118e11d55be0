"""Has every standing its own first block, with the right sum and the right way on, in both rooms?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from portal.actions.bookings import Found, book
from portal.rules.access import Room
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.payments import NoteCode
from portal.store.claims import Claim
from portal.store.deferrals import Deferral
from portal.store.disputes import Dispute, DisputeLine
from portal.store.pauses import Pause
from portal.store.payments import PaymentAttempt
from portal.store.plans import Plan, PlanInstalment
from tests import examples
from tests.examples import DORA, START, TODAY
from tests.people import Portal

OWN: dict[str, UUID] = {"creditor_id": examples.VELO, "claim_id": DORA.claim_id}
Change = Callable[[Session, Claim], None]


def set_to(**values: Any) -> Change:
    def change(session: Session, claim: Claim) -> None:
        for name, value in values.items():
            setattr(claim, name, value)

    return change


def plan(status: str, *, due_in: int = 10) -> Change:
    """Three instalments over everything but the costs."""

    def change(session: Session, claim: Claim) -> None:
        lines = [str(position.id) for position in claim.positions if position.kind != "reminder_fee"]
        row = Plan(
            id=uuid4(), **OWN, status=status, live_flag=True, asked_instalments=3, day="25", covered=lines,
            covered_minor=28792, currency="CHF", notice_version="1", proposed_at=START,
        )  # fmt: skip
        session.add(row)
        session.flush()
        for number, minor in enumerate((9595, 9595, 9602), start=1):
            due = TODAY + timedelta(days=due_in + 30 * (number - 1))
            part = PlanInstalment(plan_id=row.id, number=number, creditor_id=examples.VELO, due=due, amount_minor=minor)
            session.add(part)

    return change


def dispute(session: Session, claim: Claim) -> None:
    row = Dispute(id=uuid4(), **OWN, status="open", reason="costs", whole=False, text="Geheim 4711", raised_at=START)
    session.add(row)
    session.flush()
    cost = next(position for position in claim.positions if position.kind == "reminder_fee")
    session.add(DisputeLine(dispute_id=row.id, position_id=cost.id, creditor_id=examples.VELO, live_flag=True))


def rest(session: Session, claim: Claim) -> None:
    until = TODAY + timedelta(days=40)
    session.add(Pause(**OWN, reason="hardship", from_on=TODAY, until_on=until, stops_interest=True, began_at=START))


def deferral(status: str) -> Change:
    def change(session: Session, claim: Claim) -> None:
        until = TODAY + timedelta(days=20)
        session.add(Deferral(**OWN, status=status, until_on=until, notice_version="1", asked_at=START))

    return change


def attempt(session: Session, claim: Claim) -> None:
    session.add(
        PaymentAttempt(
            **OWN, amount_minor=32792, currency="CHF", status="open", open_flag=True, return_ref="r", language="de",
            stripe_account="acct_velo", created_at=START, expires_at=START + timedelta(hours=1),
        )
    )  # fmt: skip


LATER = TODAY + timedelta(days=5)
CASES: dict[str, tuple[Change, str, str]] = {
    "open": (set_to(), "Pay CHF\u00a0327.92", "Pay CHF\u00a0327.92"),
    "settled": (set_to(status="settled"), "There is nothing more for you to do.", "There is nothing more"),
    "withdrawn": (set_to(status="withdrawn"), "There is nothing to pay.", "There is nothing to pay."),
    "handed over": (set_to(status="handed_over"), "The case is now with another office.", "another office"),
    "checking": (dispute, "See or add to your objection", "no reminders, no new costs"),
    "paused": (rest, "Paused until", "no reminders, no new costs"),
    "step": (set_to(step_announced_for=LATER), "Step announced for", "Step announced for"),
    "counter": (plan("countered"), "Look at the suggestion", "Pay CHF\u00a0327.92"),
    "suggested": (plan("proposed"), "Change the suggestion", "no reminders, no new costs"),
    "later suggested": (deferral("proposed"), "Your suggestion: all at once", "no reminders, no new costs"),
    "late": (plan("late", due_in=-20), "has not arrived yet", "Something is agreed."),
    "running": (plan("agreed"), "Next instalment:", "Something is agreed."),
    "announced": (set_to(announced_until=LATER), "You told us that you have paid.", "Pay CHF\u00a0327.92"),
    "in progress": (attempt, "A payment was begun.", "Pay CHF\u00a0327.92"),
    "deferred": (deferral("granted"), "You have until", "Something is agreed."),
}


@pytest.mark.parametrize("case", CASES)
def test_each_standing_has_its_block_in_both_rooms(portal: Portal, case: str) -> None:
    change, whole, letter = CASES[case]
    with portal.writing() as session:
        change(session, session.get_one(Claim, DORA.claim_id))
    assert whole in portal.dora.is_in().reads(f"{portal.dora.path}?lang=en")
    seen = portal.dora.is_in(Room.LETTER).reads(f"{portal.dora.path}?lang=en")
    assert letter in seen
    assert "Geheim 4711" not in seen
    if whole not in letter and letter not in whole:
        assert whole not in seen


def test_the_right_part_can_be_paid_while_one_line_is_checked(portal: Portal) -> None:
    with portal.writing() as session:
        dispute(session, session.get_one(Claim, DORA.claim_id))
    html = portal.dora.is_in().reads(f"{portal.dora.path}?lang=en")
    assert "Pay the part that is right: CHF\u00a0287.92" in html
    assert "objection under way" in html
    assert "objection under way" not in portal.dora.is_in(Room.LETTER).reads(f"{portal.dora.path}?lang=en")


def test_the_next_instalment_is_what_the_plan_says(portal: Portal) -> None:
    with portal.writing() as session:
        plan("agreed")(session, session.get_one(Claim, DORA.claim_id))
    html = portal.dora.is_in().reads(portal.dora.path)
    assert f'href="{portal.dora.path}/pay?amount=95.95"' in html
    assert html.count('class="planned"') == 3
    desk = portal.staff("clara").is_in().reads(f"/desk/claims/{DORA.reference}")
    assert "CHF\u00a096.02" in desk


def test_what_is_agreed_is_not_called_open_and_a_settled_claim_asks_for_nothing(portal: Portal) -> None:
    dora = portal.dora.is_in()
    assert "Or tell us what is going on" in dora.reads(f"{dora.path}?lang=en")
    with portal.writing() as session:
        plan("agreed")(session, session.get_one(Claim, DORA.claim_id))
    html = dora.reads(f"{dora.path}?lang=en")
    assert "Has something changed?" in html
    assert "is still open</h1>" not in html
    assert "Pay CHF\u00a095.95" in html
    with portal.writing() as session:
        set_to(status="settled")(session, session.get_one(Claim, DORA.claim_id))
    assert "Do you have a question?" in dora.reads(f"{dora.path}?lang=en")


def test_a_paused_claim_says_since_when_and_who_gets_in_touch(portal: Portal) -> None:
    with portal.writing() as session:
        rest(session, session.get_one(Claim, DORA.claim_id))
    html = portal.dora.is_in().reads(f"{portal.dora.path}?lang=en")
    assert "The case has been paused since" in html
    assert "gets in touch with you before that day." in html


def test_a_settled_claim_says_what_arrived_and_when(portal: Portal) -> None:
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        book(
            session, claim, Found(Money(32792, "CHF"), TODAY, "", NoteCode.BANK_TRANSFER), op=uuid4(),
            seen_minor=None, actor=Actor(ActorKind.CLERK, clerk_id=examples.LENA), now=START, today=TODAY,
        )  # fmt: skip
    whole = portal.dora.is_in().reads(f"{portal.dora.path}?lang=en")
    assert "Thank you. Your payment of CHF\u00a0327.92 arrived on" in whole
    letter = portal.dora.is_in(Room.LETTER).reads(f"{portal.dora.path}?lang=en")
    assert "Thank you. We have received CHF\u00a0327.92." in letter
