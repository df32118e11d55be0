"""Can the desk give money back on its pages, with a second person where the sum asks for one, and nobody else?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.rules.access import Room
from portal.store.refunds import Refund
from portal.store.settings import creditor_by_id
from portal.store.today import Task
from portal.web.parts import Parts
from portal.worker import Worker
from tests.examples import DORA, STEFAN, VELO, Clock
from tests.paying import Till, till
from tests.people import Portal

pytestmark = pytest.mark.slow

REFUND = f"/desk/claims/{DORA.reference}/refund"


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path) as running:
        yield running


@pytest.fixture
def portal(shop: Till, clock: Clock) -> Portal:
    engine = "sqlite" if shop.database.is_sqlite else "postgres"
    return Portal(shop.app(), shop.parts, clock, engine)


def paid(shop: Till, minor: int) -> None:
    shop.pays(shop.session_of(shop.starts(VELO, DORA.claim_id, minor)))
    shop.delivers()


def works(shop: Till) -> None:
    Worker(shop.parts, wall=lambda: datetime.now(UTC)).drain()


def only(portal: Portal) -> Refund:
    return portal.read(lambda session: session.scalars(select(Refund)).one())  # type: ignore[no-any-return]


def test_a_lead_gives_a_part_back_and_both_sides_read_of_it(shop: Till, portal: Portal) -> None:
    lena = portal.staff("lena").is_in()
    assert "Nothing on this case can go back" in lena.reads(REFUND)
    assert "Give money back" not in lena.reads(lena.at(DORA))
    paid(shop, 5000)
    assert "Give money back" in lena.reads(lena.at(DORA))
    assert "At most CHF\u00a050.00" in lena.reads(REFUND)
    page = lena.follows(lena.sends(REFUND, amount="20", reason="paid_twice"))
    assert "Agreed, is being sent" in page
    assert "Refund on its way" in portal.dora.is_in(Room.FILE).reads(portal.dora.path)
    works(shop)
    assert "Given back" in lena.reads(f"{REFUND}/{only(portal).id}")
    dora = portal.dora.is_in(Room.FILE)
    assert "Money given back" in dora.reads(dora.path)
    assert "CHF\u00a030.00" in lena.reads(REFUND)


def test_what_is_wrong_is_said_on_its_field_and_nothing_typed_is_lost(shop: Till, portal: Portal) -> None:
    lena = portal.staff("lena").is_in()
    paid(shop, 5000)
    for fields in ({"amount": "50.01"}, {"amount": "0"}, {"amount": "viel"}, {"reason": ""}, {"payment": "nobody's"}):
        sent: dict[str, Any] = {"amount": "12.35", "reason": "paid_twice", **fields}
        answer = lena.sends(REFUND, **sent)
        assert answer.status_code == 422, fields
        assert fields.get("amount", "12.35") in answer.get_data(as_text=True)
    assert lena.sends(REFUND, amount="1", reason="paid_twice", seen="1").status_code == 409
    assert lena.sends(REFUND, payment="transfer", amount="1", reason="paid_twice").status_code == 422


def test_above_the_limit_the_other_one_sees_it_today_and_agrees(shop: Till, portal: Portal) -> None:
    with portal.writing() as session:
        creditor_by_id(session, VELO).lead_refund_minor = 1000
    lena, adam = portal.staff("lena").is_in(), portal.staff("adam").is_in()
    paid(shop, 5000)
    lena.sends(REFUND, amount="20", reason="paid_too_much")
    place = f"{REFUND}/{only(portal).id}"
    assert "Another person has to agree" in lena.reads(place)
    assert place not in lena.reads("/desk")
    assert place not in portal.staff("clara").is_in().reads("/desk")
    assert place in adam.reads("/desk")
    assert adam.opens(REFUND).status_code == 404
    answer = lena.posts(f"{place}/approve", token_from=place)
    assert answer.status_code == 422
    assert "Another person has to agree" in answer.get_data(as_text=True)
    elsewhere = f"/desk/claims/{STEFAN.reference}/refund/{only(portal).id}/approve"
    assert adam.posts(elsewhere, token_from=place).status_code == 404
    assert "Lena Huber" in adam.reads(place)
    adam.follows(adam.sends(f"{place}/approve", page=place))
    works(shop)
    assert only(portal).status == "succeeded"
    assert place not in adam.reads("/desk")
    assert adam.posts(f"{place}/decline", token_from="/velo-sutter").status_code == 409


def test_a_refund_nobody_answered_for_says_so_and_can_be_asked_again(shop: Till, portal: Portal) -> None:
    lena = portal.staff("lena").is_in()
    paid(shop, 5000)
    lena.sends(REFUND, amount="20", reason="goodwill")
    place = f"{REFUND}/{only(portal).id}"
    shop.standin.switches.set({"faults": [{"kind": "half_response", "path": "/v1/refunds", "method": "POST"}]})
    works(shop)
    assert "Is being checked" in lena.reads(place)
    shop.standin.switches.set({"reset": True})
    lena.sends(f"{place}/again", page=place)
    works(shop)
    assert "Given back" in lena.reads(place)
    assert len(shop.standin.switches.everything()["objects"]["refund"]) == 1


def test_a_task_about_credit_leads_a_lead_to_the_refund(portal: Portal) -> None:
    with portal.writing() as session:
        task = Task(creditor_id=VELO, claim_id=DORA.claim_id, kind="refund_credit", details={}, since=portal.clock())
        session.add(task)
        session.flush()
        place = f"/desk/tasks/{task.id}"
    assert REFUND in portal.staff("lena").is_in().reads(place)
    assert REFUND not in portal.staff("clara").is_in().reads(place)


def test_only_leads_begin_a_refund(shop: Till, portal: Portal) -> None:
    paid(shop, 5000)
    for name in ("clara", "adam", "otto", "carl"):
        assert portal.staff(name).is_in().opens(REFUND).status_code == 404, name
