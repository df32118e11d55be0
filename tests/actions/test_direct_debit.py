"""Does a direct debit stay under way for days, end as its bank says, and come back as a dispute when it is returned?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.provider_events import reconcile_attempts
from portal.demo.standin import Account
from portal.rules.claims import Basis, PositionKind
from portal.rules.history import system
from portal.rules.money import Money
from portal.rules.payments import AccountKind, PayMethod, methods_for
from portal.store.ledger import account_id, balance
from portal.store.ledger_checks import verify
from portal.store.pauses import open_pauses
from portal.store.people import Debtor
from portal.store.settings import creditor_by_id
from portal.store.today import Task
from portal.web.parts import Parts
from tests.examples import CLARA, DORA, VELO, Clock
from tests.paying import Till, till
from tests.people import Portal

pytestmark = pytest.mark.slow

EUROS = Account("acct_velo", ("CHF", "EUR"), ("card", "twint", "sepa_debit"))


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path, accounts=(EUROS,)) as running:
        yield running


@pytest.fixture
def claim(shop: Till) -> UUID:
    """Dora owes EUR 120.00 as well."""
    due, identity = shop.clock.today - timedelta(days=60), uuid4()
    line = NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(12000, "EUR"), due, label="Rechnung")
    new = NewClaim(
        reference="2026-0990", title="Ersatzteile", invoice_number="2026-0990", invoice_on=due, due_on=due,
        pay_by=shop.clock.today + timedelta(days=11), currency="EUR", lines=(line,),
        next_writing_on=shop.clock.today + timedelta(days=14),
    )  # fmt: skip
    with shop.database.writing() as session:
        open_claim(
            session, creditor_by_id(session, VELO), session.get_one(Debtor, DORA.debtor_id), CLARA, new,
            actor=system("example"), now=shop.clock(), today=shop.clock.today, claim_id=identity,
        )  # fmt: skip
    return identity


def begins(shop: Till, claim: UUID) -> str:
    """The debit is sent to the bank; the session's id."""
    session = shop.session_of(shop.starts(VELO, claim, 12000, amount=Money(12000, "EUR")))
    shop.pays(session, method="sepa_debit", outcome="processing")
    shop.delivers()
    return session


def cleared(shop: Till) -> int:
    with shop.database.reading() as session:
        return balance(session, account_id(VELO, AccountKind.PROVIDER_CLEARING, "EUR"))


def tasks(shop: Till) -> list[str]:
    with shop.database.reading() as session:
        return list(session.scalars(select(Task.kind).where(Task.done_at.is_(None)).order_by(Task.kind)))


def test_what_is_offered_depends_on_currency_and_sum() -> None:
    everything = [method.value for method in PayMethod]
    assert PayMethod.TWINT in methods_for(Money(500_000, "CHF"), everything)
    assert PayMethod.TWINT not in methods_for(Money(500_001, "CHF"), everything)
    assert methods_for(Money(100, "EUR"), ["sepa_debit", "twint", "card", "new_thing"]) == ("card", "sepa_debit")
    assert methods_for(Money(100, "CHF"), ["sepa_debit"]) == ()


def test_it_is_under_way_for_days_and_counts_from_its_beginning(shop: Till, claim: UUID) -> None:
    session = begins(shop, claim)
    assert (shop.owed(claim), cleared(shop), shop.attempts(claim)[0].status) == (12000, 0, "open")
    shop.moves(days=4)
    assert reconcile_attempts(shop.database, shop.gateway, now=shop.clock()) == 1
    assert shop.attempts(claim)[0].status == "open"
    portal = Portal(shop.app(), shop.parts, shop.clock, "")
    dora = portal.dora.is_in()
    page = dora.reads("/claims/2026-0990")
    assert "five bank working days" in page
    assert "Go on with the payment" not in page
    assert "five bank working days" in dora.reads(f"/paid/{shop.attempts(claim)[0].return_ref}")
    shop.pays(session)
    shop.delivers()
    assert (shop.owed(claim), shop.status(claim)) == (0, "settled")
    assert shop.attempts(claim)[0].status == "paid"


def test_a_bank_that_refuses_takes_no_money(shop: Till, claim: UUID) -> None:
    session = begins(shop, claim)
    shop.pays(session, outcome="failed")
    shop.delivers()
    assert (shop.owed(claim), cleared(shop), shop.attempts(claim)[0].status) == (12000, 0, "failed")


def test_a_debit_that_is_returned_later_opens_the_case_again(shop: Till, claim: UUID) -> None:
    shop.pays(begins(shop, claim))
    shop.delivers()
    shop.moves(days=40)
    intent = shop.attempts(claim)[0].pi_id
    shop.standin.switches.dispute({"payment_intent": intent, "state": "withdrawn"})
    shop.standin.switches.dispute({"payment_intent": intent, "state": "lost"})
    shop.delivers()
    assert (shop.owed(claim), shop.status(claim), tasks(shop)) == (12000, "open", ["card_dispute", "dispute_lost"])
    with shop.database.reading() as session:
        assert [row.reason for row in open_pauses(session, VELO, claim, shop.clock.today)] == ["chargeback"]
        assert verify(session) == []
