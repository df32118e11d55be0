"""Does a lead see each case and what falls away before one press makes all offers, and why some get none?"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.store.offers import Offer
from portal.store.today import Task
from tests.examples import COLETTE, DORA, STEFAN, VELO
from tests.people import Clerk, Portal

PATH = "/desk/offers"
GIVEN = {"drops": "costs_and_interest", "until": "8.12.2026"}


@pytest.fixture
def lena(portal: Portal) -> Clerk:
    return portal.staff("lena").is_in()


def offers(portal: Portal) -> list[tuple[str, int]]:
    with portal.reading() as session:
        rows = session.scalars(select(Offer).where(Offer.creditor_id == VELO).order_by(Offer.amount_minor))
        return [(str(row.claim_id), row.amount_minor) for row in rows]


def shown(lena: Clerk, **given: object) -> str:
    answer = lena.sends(PATH, page=PATH + "?lang=en", look="1", **{**GIVEN, **given})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def picks(html: str) -> list[str]:
    return re.findall(r'name="pick" value="([^"]+)" checked', html)


def test_the_filter_shows_each_case_and_decides_nothing(portal: Portal, lena: Clerk) -> None:
    html = shown(lena)
    assert "Dora Keller, 2026-0418: CHF\u00a0284.60 instead of CHF\u00a0327.92" in html
    assert "Falls away: Default interest CHF\u00a03.32, Mahngebühr CHF\u00a040.00" in html
    assert "Stefan" in html
    assert "Colette" not in html
    assert '<p class="said" lang="de">' in html
    assert offers(portal) == []


def test_the_filter_filters(lena: Clerk) -> None:
    assert len(picks(shown(lena))) == 3
    assert len(picks(shown(lena, least="500"))) == 1
    assert len(picks(shown(lena, most="200"))) == 1
    assert len(picks(shown(lena, age="131"))) == 1
    assert picks(shown(lena, language="it")) == []
    html = shown(lena, drops="costs")
    assert len(picks(html)) == 1
    assert "There is nothing of this to waive." in html


def test_one_press_makes_them_all_and_a_second_press_no_more(portal: Portal, lena: Clerk) -> None:
    chosen, op = picks(shown(lena)), str(uuid4())
    first = lena.sends(PATH, **GIVEN, pick=chosen, op=op)
    second = lena.sends(PATH, **GIVEN, pick=chosen, op=op)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert [minor for _claim, minor in offers(portal)] == [9900, 28460, 124000]
    assert "3 offers made" in lena.reads(first.headers["Location"] + "?lang=en")
    again = lena.sends(PATH, **GIVEN, pick=chosen)
    html = lena.reads(again.headers["Location"])
    assert "0 offers made" in html
    assert html.count("An offer stands already") == 3
    assert picks(shown(lena)) == []


def test_a_sum_that_moved_and_a_strangers_claim_get_none(portal: Portal, lena: Clerk) -> None:
    picked = [f"{DORA.claim_id}:1", f"{COLETTE.claim_id}:46000", f"{STEFAN.claim_id}:x", "rubbish"]
    answer = lena.sends(PATH, **GIVEN, pick=picked)
    html = lena.reads(answer.headers["Location"] + "?lang=en")
    assert "Something changed meanwhile." in html
    assert COLETTE.reference not in html
    assert offers(portal) == []


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"drops": ""}, "Choose what is waived.", "drops"),
        ({"drops": "share", "share": "80"}, "Enter a whole number from 1 to 50.", "share"),
        ({"until": "5.12.2026"}, "The next working day is Monday, 7\u00a0December 2026.", "until"),
        ({"until": "27.11.2026"}, "The offer stands for at least seven days.", "until"),
        ({"least": "much"}, "Enter an amount, for example 20.00", "least"),
        ({"age": "old"}, "Enter a whole number of days", "age"),
        ({}, "Choose at least one case.", "pick"),
    ],
)
def test_each_refusal_stands_on_its_field(lena: Clerk, fields: dict[str, str], sentence: str, field: str) -> None:
    answer = lena.sends(PATH, page=PATH + "?lang=en", **{**GIVEN, **fields})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in html
    assert f'id="{field}-error"' in html


def test_a_part_of_everything(portal: Portal, lena: Clerk) -> None:
    given = {**GIVEN, "drops": "share", "share": "10"}
    (stefan,) = picks(shown(lena, **given, least="500"))
    lena.sends(PATH, **given, pick=[stefan])
    owed = int(stefan.split(":")[1])
    assert offers(portal) == [(str(STEFAN.claim_id), owed - owed // 10)]


@pytest.mark.parametrize("name", ["clara", "adam", "otto"])
def test_nobody_else_finds_the_page(portal: Portal, name: str) -> None:
    assert portal.staff(name).is_in().opens(PATH).status_code == 404


def test_another_task_is_no_record_of_offers(portal: Portal, lena: Clerk) -> None:
    with portal.writing() as session:
        row = Task(creditor_id=VELO, kind="not_me", details={}, since=portal.clock() - timedelta(days=1))
        session.add(row)
        session.flush()
        identity = row.id
    assert lena.opens(f"{PATH}/{identity}").status_code == 404
