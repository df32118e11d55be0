"""Does a claim's story name every movement, its lines, the interest and what is open, on any day, in any language?"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from portal.actions import bookings, waivers
from portal.actions.bookings import Found
from portal.rules.access import Role
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.payments import NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.settings import Creditor
from portal.web import i18n
from portal.web.ledger_story import story
from tests.examples import DORA_SECOND, LENA, VELO
from tests.people import Portal

pytestmark = pytest.mark.slow

LEAD = Actor(ActorKind.CLERK, clerk_id=LENA)


def told(portal: Portal, on: date, language: str = "en") -> list[str]:
    def read(session: Session) -> list[str]:
        claim, creditor = session.get_one(Claim, DORA_SECOND.claim_id), session.get_one(Creditor, VELO)
        return [line.replace(i18n.NBSP, " ") for line in story(session, creditor, claim, on=on, language=language)]

    return portal.read(read)


@pytest.fixture
def lived(portal: Portal) -> Portal:
    """Fifty francs came a week ago and were booked today; five of the invoice are waived today."""
    now, today = portal.clock(), portal.clock.today
    with portal.writing() as session:
        claim, creditor = session.get_one(Claim, DORA_SECOND.claim_id), session.get_one(Creditor, VELO)
        found = Found(Money(5_000, "CHF"), today - timedelta(days=7), "bank", NoteCode.BANK_TRANSFER)
        bookings.book(session, claim, found, op=uuid4(), seen_minor=None, actor=LEAD, now=now, today=today)
        line = claim_sum(session, claim, on=today).lines[0]
        waivers.waive(session, claim, creditor, line.position.id, Money(500, "CHF"), role=Role.LEAD, op=uuid4(),
                      actor=LEAD, now=now, today=today)  # fmt: skip
    return portal


def test_every_movement_with_its_line_and_what_was_open_after_it(lived: Portal) -> None:
    said = told(lived, lived.clock.today)
    assert "16 November 2026: Payment received (booked on 23 November 2026)" in said
    assert "    Rechnung 2026-0533: +CHF 99.00" in said
    assert "23 November 2026: Waived by Lena Huber: Rechnung 2026-0533" in said
    assert "    Rechnung 2026-0533: CHF −5.00" in said
    booked = next(line for line in reversed(said) if line.startswith("    Open after it: "))
    unbooked = [line for line in said if line.startswith("Of it not booked yet")]
    total = next(line for line in said if line.startswith("Total: "))
    assert unbooked or total == booked.replace("    Open after it", "Total")


def test_the_interest_is_told_stretch_by_stretch_and_cut_where_money_came(lived: Portal) -> None:
    said = told(lived, lived.clock.today + timedelta(days=30))
    stretches = [line for line in said if line.startswith("    5 % a year on CHF ")]
    assert stretches[0].startswith("    5 % a year on CHF 99.00 from ")
    assert " to 16 November 2026: " in stretches[0]
    assert stretches[-1].endswith("counted with 30 days a month.")
    assert len(stretches) == 3  # before the money, after it, after the waiver


def test_on_a_past_day_the_claim_stands_as_it_stood(lived: Portal) -> None:
    said = told(lived, date(2026, 11, 10))
    assert not any("Payment received" in line or "Waived" in line for line in said)
    assert "1. Rechnung 2026-0533: CHF 99.00" in said


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Danach offen"), ("fr", "Ouvert ensuite"), ("it", "Aperto dopo")]
)
def test_it_speaks_the_language_that_was_asked_for_and_then_no_other(lived: Portal, language: str, words: str) -> None:
    assert any(words in line for line in told(lived, lived.clock.today, language))
    assert i18n.language() == i18n.SOURCE
