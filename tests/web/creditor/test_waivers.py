"""Does a clerk waive on the page, within his limit, and see only what he may?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.store.claims import Claim, Position
from portal.store.offers import waivers_of
from tests.examples import DORA, VELO
from tests.people import Portal

PATH = "/desk/claims/2026-0418/waive"


def _line(portal: Portal, number: int) -> str:
    question = select(Position.id).where(Position.claim_id == DORA.claim_id, Position.number == number)
    return str(portal.read(lambda session: session.scalars(question).one()))


def test_an_agent_waives_the_fee(portal: Portal) -> None:
    clara = portal.staff("clara").is_in()
    html = clara.reads(PATH + "?lang=en")
    assert "Everything that is still open" not in html
    assert "you can waive up to" in html
    assert clara.sends(PATH, line=_line(portal, 3)).status_code == 303
    assert len(portal.read(lambda session: waivers_of(session, VELO, DORA.claim_id))) == 1


@pytest.mark.parametrize(
    ("number", "amount", "sentence", "field"),
    [
        (0, "", "Choose what is waived.", "line"),
        (3, "abc", "Enter an amount, for example 20.00", "amount"),
        (3, "50", "That is more than is open on this line.", "amount"),
        (1, "", "On one case you can waive up to CHF", "line"),
    ],
)
def test_each_refusal_stands_on_its_field(portal: Portal, number: int, amount: str, sentence: str, field: str) -> None:
    clara = portal.staff("clara").is_in()
    line = _line(portal, number) if number else ""
    answer = clara.sends(PATH, page=PATH + "?lang=en", line=line, amount=amount)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert f'id="{field}-error"' in answer.get_data(as_text=True)


def test_a_cost_without_basis_says_that_only_a_waiver_is_possible(portal: Portal) -> None:
    fee = _line(portal, 3)
    with portal.writing() as session:
        session.scalars(
            select(Position).where(Position.claim_id == DORA.claim_id, Position.number == 3)
        ).one().basis = "none"
    lena = portal.staff("lena").is_in()
    assert "It can only be waived as a whole." in lena.reads(PATH + "?lang=en")
    offer = PATH.removesuffix("waive") + "offer"
    assert "Waive it first" in lena.reads(offer + "?lang=en")
    assert lena.sends(PATH, line=fee, amount="5").status_code == 422
    assert lena.sends(PATH, line=fee).status_code == 303


def test_a_lead_waives_everything_and_a_second_click_is_harmless(portal: Portal) -> None:
    lena = portal.staff("lena").is_in()
    answer = lena.sends(PATH, line="all")
    assert answer.status_code == 303
    assert portal.read(lambda session: session.get_one(Claim, DORA.claim_id)).status == "settled"
    assert lena.opens(PATH).status_code == 404


def test_an_agent_cannot_send_what_he_does_not_see(portal: Portal) -> None:
    assert portal.staff("clara").is_in().sends(PATH, line="all").status_code == 404


def test_a_changed_sum_is_refused(portal: Portal) -> None:
    assert portal.staff("clara").is_in().sends(PATH, line=_line(portal, 3), seen="1").status_code == 409


@pytest.mark.parametrize("name", ["adam", "otto", "carl"])
def test_nobody_else_finds_the_page(portal: Portal, name: str) -> None:
    assert portal.staff(name).is_in().opens(PATH).status_code == 404
