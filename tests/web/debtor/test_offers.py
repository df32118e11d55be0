"""Does the person see what an offer means, until when, and who made it, and nobody else?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from portal.actions import offers
from portal.rules.access import Room
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.offers import OfferTerms
from portal.store.claims import Claim
from portal.store.offers import Offer
from tests.examples import DORA, LENA, TODAY
from tests.people import Portal

UNTIL = TODAY + timedelta(days=11)


@pytest.fixture
def offer(portal: Portal) -> Offer:
    return _made(portal, on_letter=False)


def _made(portal: Portal, *, on_letter: bool) -> Offer:
    with portal.writing() as session:
        made = offers.make(
            session, session.get_one(Claim, DORA.claim_id), OfferTerms(Money(28000, "CHF"), UNTIL), bank_day=True,
            op=uuid4(), actor=Actor(ActorKind.CLERK, clerk_id=LENA), now=portal.clock(), today=TODAY,
            on_letter=on_letter,
        )  # fmt: skip
        assert isinstance(made, Offer)
    return made


def _path(offer: Offer) -> str:
    return f"/claims/2026-0418/offer/{offer.id}"


def test_the_page_says_what_until_when_and_who(portal: Portal, offer: Offer) -> None:
    html = portal.dora.is_in().reads(_path(offer) + "?lang=en")
    assert "Until Friday, 4\u00a0December 2026" in html
    assert "The matter is then settled." in html
    assert f"/claims/2026-0418/pay?offer={offer.id}" in html
    assert "Lena Huber" in html
    assert portal.read(lambda session: session.get_one(Offer, offer.id)).shown_at is not None


def test_after_its_day_it_is_over(portal: Portal, offer: Offer) -> None:
    portal.clock.to(UNTIL + timedelta(days=1))
    html = portal.dora.is_in().reads(_path(offer) + "?lang=en")
    assert "This offer is over" in html
    assert "?offer=" not in html


def test_with_the_letter_alone_only_a_printed_offer_is_there(portal: Portal, offer: Offer) -> None:
    assert portal.dora.is_in(Room.LETTER).opens(_path(offer)).status_code == 404


def test_a_printed_offer_is_there_with_the_letter(portal: Portal) -> None:
    assert portal.dora.is_in(Room.LETTER).opens(_path(_made(portal, on_letter=True))).status_code == 200


def test_a_stranger_and_a_wrong_id_are_the_same_404(portal: Portal, offer: Offer) -> None:
    assert portal.stefan.is_in().opens(_path(offer)).status_code == 404
    assert portal.dora.is_in().opens(f"/claims/2026-0418/offer/{uuid4()}").status_code == 404
    assert portal.dora.is_in().opens(f"/claims/2026-0533/offer/{offer.id}").status_code == 404
