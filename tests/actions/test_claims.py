"""Is a settled claim settled for ever, and does a reopened one say so?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from portal.actions.claims import after_money
from portal.actions.ledger import Cause, book_payment
from portal.actions.pauses import pause
from portal.rules.claims import ClaimStatus
from portal.rules.history import system
from portal.rules.pauses import PauseReason
from portal.rules.payments import AccountKind, CauseType
from portal.store.claim_sum import claim_sum
from portal.store.claims import lock
from portal.store.settings import creditor_by_id
from portal.web.parts import Parts
from tests.examples import DORA, VELO, Clock


def test_what_the_letter_asked_for_is_enough_for_ever(parts: Parts, clock: Clock) -> None:
    with parts.database.writing() as session:
        claim = lock(session, VELO, DORA.claim_id)
        owed = claim_sum(session, claim, on=clock.today).open
        cause = Cause(CauseType.BOOKING, uuid4(), "booking test")
        book_payment(
            session, claim, owed, clearing=AccountKind.BANK_CLEARING, value_on=clock.today, cause=cause,
            actor=system("test"), now=clock(), today=clock.today,
        )  # fmt: skip
        after_money(
            session, claim, creditor_by_id(session, VELO), value_on=clock.today, actor=system("test"), now=clock(),
            today=clock.today,
        )  # fmt: skip
        assert claim.status == ClaimStatus.SETTLED
    with parts.database.reading() as session:
        claim = lock(session, VELO, DORA.claim_id)
        for days in (0, 5, 11, 12, 40, 400):
            assert claim_sum(session, claim, on=clock.today + timedelta(days=days)).open.minor == 0, days


def test_what_is_agreed_while_the_letter_fixes_the_sum_keeps_it(parts: Parts, clock: Clock) -> None:
    with parts.database.writing() as session:
        claim = lock(session, VELO, DORA.claim_id)
        owed = claim_sum(session, claim, on=clock.today).open
        pause(
            session, claim, PauseReason.DEFERRAL, until=clock.today + timedelta(days=40), actor=system("test"),
            now=clock(), today=clock.today,
        )  # fmt: skip
    with parts.database.reading() as session:
        claim = lock(session, VELO, DORA.claim_id)
        for days in (0, 11, 12, 40):
            assert claim_sum(session, claim, on=clock.today + timedelta(days=days)).open == owed, days
        assert claim_sum(session, claim, on=clock.today + timedelta(days=60)).open > owed
