"""Does a lead make an offer on the page, with each refusal on its field, and does an agent not even see it?"""

from __future__ import annotations

from uuid import uuid4

import pytest

from portal.store.offers import live_offer
from tests.examples import DORA, VELO
from tests.people import Clerk, Portal

PATH = "/desk/claims/2026-0418/offer"


@pytest.fixture
def lena(portal: Portal) -> Clerk:
    return portal.staff("lena").is_in()


def _live(portal: Portal) -> object:
    return portal.read(lambda session: live_offer(session, VELO, DORA.claim_id))


def test_the_form_opens_with_the_costs_dropped_and_the_debtors_words(lena: Clerk) -> None:
    html = lena.reads(PATH + "?lang=en")
    assert "What will be read" in html
    assert 'lang="de"' in html


def test_an_offer_is_made_and_a_second_click_makes_no_other(portal: Portal, lena: Clerk) -> None:
    op = str(uuid4())
    first = lena.sends(PATH, amount="280.00", until="4.12.2026", op=op)
    assert (first.status_code, first.headers["Location"]) == (303, "/desk/claims/2026-0418")
    assert _live(portal) is not None
    html = lena.reads(PATH + "?lang=en")
    assert "An offer stands already" in html
    assert "offered by Lena Huber" in html


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"amount": ""}, "Enter the amount to pay, for example 280.00", "amount"),
        ({"amount": "9999"}, "Enter less than CHF", "amount"),
        ({"until": ""}, "Enter the last day of the offer", "until"),
        ({"until": "27.11.2026"}, "The offer stands for at least seven days.", "until"),
        ({"until": "1.6.2027"}, "Choose a day until", "until"),
        (
            {"until": "5.12.2026"},
            "Banks are closed on that day. The next working day is Monday, 7\u00a0December 2026.",
            "until",
        ),
    ],
)
def test_each_refusal_stands_on_its_field(lena: Clerk, fields: dict[str, str], sentence: str, field: str) -> None:
    given = {"amount": "280.00", "until": "4.12.2026", **fields}
    answer = lena.sends(PATH, page=PATH + "?lang=en", **given)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in html
    assert f'id="{field}-error"' in html


def test_another_sum_than_the_one_seen_is_refused(portal: Portal, lena: Clerk) -> None:
    assert lena.sends(PATH, amount="280.00", until="4.12.2026", seen="1").status_code == 409
    assert _live(portal) is None


def test_showing_the_text_again_decides_nothing(portal: Portal, lena: Clerk) -> None:
    answer = lena.sends(PATH, amount="200.00", until="4.12.2026", look="1")
    assert answer.status_code == 200
    assert "200.00" in answer.get_data(as_text=True)
    assert _live(portal) is None


def test_taken_back_while_nobody_read_it(portal: Portal, lena: Clerk) -> None:
    lena.sends(PATH, amount="280.00", until="4.12.2026")
    offer = _live(portal)
    back = f"{PATH}/{offer.id}/withdraw"  # type: ignore[attr-defined]
    portal.dora.is_in().reads(f"/claims/2026-0418/offer/{offer.id}")  # type: ignore[attr-defined]
    assert lena.posts(back, token_from=PATH.removesuffix("offer") + "waive").status_code == 409
    assert _live(portal) is not None


@pytest.mark.parametrize("name", ["clara", "adam", "otto", "carl"])
def test_nobody_else_finds_the_page(portal: Portal, name: str) -> None:
    assert portal.staff(name).is_in().opens(PATH).status_code == 404
