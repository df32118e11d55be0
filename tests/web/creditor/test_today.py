"""Does the desk see who waits, in the right order and in the right group?"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from portal.actions.history import move
from portal.rules.disputes import MOVES as DISPUTE_MOVES
from portal.rules.disputes import DisputeReason, DisputeStatus
from portal.rules.history import Actor, ActorKind
from portal.store.claims import lock
from portal.store.disputes import Dispute
from portal.store.history import Event
from portal.store.today import Task
from tests import examples
from tests.examples import DORA, DORA_SECOND, START, STEFAN, TODAY, Known
from tests.people import Portal

DEBTOR = Actor(ActorKind.DEBTOR)


def waits(portal: Portal, known: Known, *, since_days: int, promised_in: int) -> None:
    with portal.writing() as session:
        claim = lock(session, examples.VELO, known.claim_id)
        claim.waiting_since = START - timedelta(days=since_days)
        claim.promised_on = TODAY + timedelta(days=promised_in)


def objects(portal: Portal, known: Known) -> None:
    with portal.writing() as session:
        claim = lock(session, examples.VELO, known.claim_id)
        dispute = Dispute(
            id=uuid4(), creditor_id=examples.VELO, claim_id=claim.id, status="", reason=DisputeReason.PAID.value,
            whole=True, raised_at=START - timedelta(days=1),
        )  # fmt: skip
        move(session, dispute, DisputeStatus.OPEN, DISPUTE_MOVES, claim=claim, actor=DEBTOR, now=START)


def links(html: str) -> list[str]:
    return re.findall(r'class="item" href="([^"]+)"', html)


def test_an_empty_day_says_so(portal: Portal) -> None:
    html = portal.staff("clara").is_in().reads("/desk?lang=en")
    assert "Nothing to decide." in html
    assert "Nothing to answer." in html
    assert links(html) == []


def test_the_passed_promise_stands_before_the_longer_wait(portal: Portal) -> None:
    waits(portal, DORA, since_days=9, promised_in=1)
    waits(portal, STEFAN, since_days=1, promised_in=0)
    waits(portal, DORA_SECOND, since_days=2, promised_in=-1)
    html = portal.staff("clara").is_in().reads("/desk")
    wanted = [DORA_SECOND, STEFAN, DORA]
    assert links(html) == [f"/desk/claims/{known.reference}/messages" for known in wanted]


def test_an_item_says_how_long_it_waits_and_what_was_promised(portal: Portal) -> None:
    waits(portal, DORA, since_days=1, promised_in=3)
    html = portal.staff("clara").is_in().reads("/desk?lang=en")
    promised = TODAY + timedelta(days=3)
    assert f"waits 1 day · answer by {promised:%a} {promised.day}\u00a0{promised:%B}" in html
    assert html.count("answer by") == 1


def test_an_objection_waits_in_decide_and_is_counted_once(portal: Portal) -> None:
    objects(portal, DORA)
    waits(portal, DORA, since_days=1, promised_in=1)
    html = portal.staff("clara").is_in().reads("/desk")
    assert len(links(html)) == 1
    assert "/disputes/" in links(html)[0]
    assert re.search(r'href="/desk"[^>]*><span>[^<]*</span> <b>1</b>', html)


def test_money_that_came_is_for_information(portal: Portal) -> None:
    with portal.writing() as session:
        session.add(
            Event(
                creditor_id=examples.VELO, claim_id=DORA.claim_id, at=START, kind="payment_received", actor="system",
                details={"amount": {"minor": 9600, "currency": "CHF"}},
            )
        )  # fmt: skip
    html = portal.staff("clara").is_in().reads("/desk")
    assert links(html) == [f"/desk/claims/{DORA.reference}"]
    assert "CHF\u00a096.00" in html


def test_a_task_is_done_once_and_leaves_the_list(portal: Portal) -> None:
    identity = uuid4()
    with portal.writing() as session:
        session.add(
            Task(
                id=identity, creditor_id=examples.VELO, claim_id=DORA.claim_id, kind="refund_credit", since=START,
                details={"minor": 38000, "currency": "CHF"},
            )
        )  # fmt: skip
    clara = portal.staff("clara").is_in()
    assert links(clara.reads("/desk")) == [f"/desk/tasks/{identity}"]
    assert "CHF\u00a0380.00" in clara.reads(f"/desk/tasks/{identity}")
    assert portal.staff("carl").is_in().opens(f"/desk/tasks/{identity}").status_code == 404
    assert portal.staff("otto").is_in().posts(f"/desk/tasks/{identity}/done", token_from="/desk").status_code == 404
    for _ in range(2):
        assert clara.posts(f"/desk/tasks/{identity}/done", token_from="/desk").status_code == 303
    assert links(clara.reads("/desk")) == []
    done = portal.read(lambda session: session.get_one(Task, identity))
    assert (done.done_by, done.done_at) == (examples.CLARA, START)


def test_another_firm_sees_nothing_of_it(portal: Portal) -> None:
    waits(portal, DORA, since_days=1, promised_in=1)
    html = portal.staff("carl").is_in().reads("/desk")
    assert links(html) == []
    assert DORA.name not in html
