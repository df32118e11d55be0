"""Does a payment that came another way stand on the claim, and does its reversal put everything back?"""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from portal.rules.payments import AccountKind
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.history import Event
from portal.store.ledger import account_id, balance, credit_of
from portal.store.payments import Booking
from portal.store.today import Task
from tests import hostile
from tests.examples import DORA, STEFAN, VELO
from tests.people import Clerk, Portal

BOOKING = f"/desk/claims/{DORA.reference}/booking"


@pytest.fixture
def lena(portal: Portal) -> Clerk:
    return portal.staff("lena").is_in()


def owed(portal: Portal) -> int:
    def ask(session):  # type: ignore[no-untyped-def]
        claim = session.scalars(select(Claim).where(Claim.id == DORA.claim_id)).one()
        return claim_sum(session, claim, on=portal.clock.today).open.minor

    return int(portal.read(ask))


def credit(portal: Portal) -> int:
    return int(portal.read(lambda session: credit_of(session, VELO, DORA.claim_id, "CHF")))


def status(portal: Portal) -> str:
    return str(portal.read(lambda session: session.scalar(select(Claim.status).where(Claim.id == DORA.claim_id))))


def test_a_lead_books_and_the_claim_shows_it_once(portal: Portal, lena: Clerk) -> None:
    before = owed(portal)
    fields = {"amount": "100", "day": "23.11.2026", "note": "cash", "source": "Ladenkasse", "op": "b" * 32}
    for _ in range(2):
        answer = lena.posts(BOOKING, token_from=BOOKING, seen=str(before), **fields)
        assert answer.status_code == 303
    assert owed(portal) == before - 10000
    query = select(Event.kind).where(Event.claim_id == DORA.claim_id)
    kinds = portal.read(lambda session: list(session.scalars(query)))
    assert kinds.count("payment_received") == 1
    assert portal.read(lambda s: balance(s, account_id(VELO, AccountKind.BANK_CLEARING, "CHF"))) == 10000
    assert "Ladenkasse" in lena.reads(BOOKING)


def test_every_refusal_lands_on_its_field(lena: Clerk) -> None:
    for amount, day in (("", "23.11.2026"), ("0", "23.11.2026"), ("10", ""), ("10", "24.11.2026"), ("10", "1.1.2019")):
        assert lena.sends(BOOKING, amount=amount, day=day).status_code == 422, (amount, day)


def test_a_sum_that_moved_is_a_409(lena: Clerk) -> None:
    assert lena.sends(BOOKING, amount="10", day="23.11.2026", seen="1").status_code == 409


def test_who_may_not_book_finds_nothing(portal: Portal) -> None:
    for name in ("clara", "adam", "otto", "carl"):
        assert portal.staff(name).is_in().opens(BOOKING).status_code == 404, name


def test_a_reversal_puts_the_credit_onto_the_lines(portal: Portal, lena: Clerk) -> None:
    before = owed(portal)
    whole = f"{before // 100}.{before % 100:02d}"
    lena.sends(BOOKING, amount=whole, day="23.11.2026")
    assert status(portal) == "settled"
    lena.sends(BOOKING, amount="60", day="23.11.2026")
    assert (owed(portal), credit(portal)) == (0, 6000)
    bookings = portal.read(lambda session: list(session.scalars(select(Booking).order_by(Booking.amount_minor))))
    reverse = f"{BOOKING}/{bookings[1].id}/reverse"
    assert lena.sends(reverse, page=BOOKING).status_code == 303
    assert (owed(portal), credit(portal), status(portal)) == (before - 6000, 0, "open")
    tasks = portal.read(lambda session: list(session.scalars(select(Task.kind).where(Task.done_at.is_(None)))))
    assert tasks == []
    assert lena.posts(reverse, token_from=BOOKING, op="c" * 32).status_code == 422
    assert owed(portal) == before - 6000


def test_a_booking_of_another_claim_is_not_there(portal: Portal, lena: Clerk) -> None:
    lena.sends(BOOKING, amount="10", day="23.11.2026")
    booking = portal.read(lambda session: session.scalars(select(Booking)).one())
    other = f"/desk/claims/{STEFAN.reference}/booking/{booking.id}/reverse"
    assert lena.posts(other, token_from=BOOKING).status_code == 404


def test_what_shows_the_payment_stays_at_the_desk(portal: Portal) -> None:
    lena = portal.staff("lena").is_in()
    path = f"{lena.at(DORA)}/booking"
    photo = (io.BytesIO(hostile.png()), "beleg.png")
    answer = lena.sends(path, amount="50", day="20.11.2026", note="cash", source="Kasse", files=photo)
    assert answer.status_code == 303
    page = lena.reads(path)
    found = re.search(r'href="/desk(/files/[0-9a-f-]{36})">beleg\.jpg', page) or re.search(
        r'href="/desk(/files/[0-9a-f-]{36})"', page
    )
    assert found, page
    assert portal.dora.is_in().opens(found[1]).status_code == 404
