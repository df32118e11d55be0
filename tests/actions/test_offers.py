"""Does an offer stand until its day, drop the rest when it is paid in time, and never vanish once it was read?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions import claims, offers
from portal.actions.ledger import Cause, book_payment, give_back
from portal.rules.history import Actor, ActorKind, EventKind, MoveNotAllowed, system
from portal.rules.money import Money
from portal.rules.offers import OfferProblem, OfferStatus, OfferTerms, effect_on
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.store.claim_page import owed_on
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, Position
from portal.store.history import Event
from portal.store.ledger import credit_of
from portal.store.offers import Offer, live_offer, waivers_of
from portal.store.settings import Creditor
from portal.web.parts import Parts
from tests.examples import DORA, LENA, START, TODAY, VELO, Clock

LEAD = Actor(ActorKind.CLERK, clerk_id=LENA)
UNTIL = TODAY + timedelta(days=11)
AMOUNT = Money(28000, "CHF")


@dataclass
class Case:
    """One claim in one open transaction."""

    session: Session
    clock: Clock

    @property
    def claim(self) -> Claim:
        return self.session.get_one(Claim, DORA.claim_id)

    def make(self, amount: Money | None = AMOUNT, until: date | None = UNTIL, **more: object) -> object:
        given = {"bank_day": True, "op": uuid4(), **more}
        terms = OfferTerms(amount, until)
        return offers.make(
            self.session,
            self.claim,
            terms,
            actor=LEAD,
            now=self.clock(),
            today=self.clock.today,
            **given,  # type: ignore[arg-type]
        )

    def made(self) -> Offer:
        offer = self.make()
        assert isinstance(offer, Offer)
        return offer

    def pays(self, minor: int, value_on: date) -> None:
        creditor = self.session.get_one(Creditor, VELO)
        cause = Cause(CauseType.BOOKING, uuid4(), f"booking {uuid4()}")
        book_payment(
            self.session, self.claim, Money(minor, "CHF"), clearing=AccountKind.BANK_CLEARING, value_on=value_on,
            cause=cause, actor=LEAD, now=self.clock(), today=self.clock.today,
        )  # fmt: skip
        claims.after_money(
            self.session, self.claim, creditor, value_on=value_on, actor=LEAD, now=self.clock(), today=self.clock.today
        )

    def kinds(self) -> list[str]:
        return list(self.session.scalars(select(Event.kind).where(Event.claim_id == DORA.claim_id).order_by(Event.seq)))

    def owed(self) -> int:
        return claim_sum(self.session, self.claim, on=self.clock.today).open.minor


@pytest.fixture
def case(parts: Parts, clock: Clock):  # type: ignore[no-untyped-def]
    with parts.database.writing() as session:
        yield Case(session, clock)


def test_an_offer_stands_and_says_so_on_both_sides(case: Case) -> None:
    offer = case.made()
    assert (offer.status, offer.live_flag, offer.amount_minor) == (OfferStatus.LIVE, True, 28000)
    assert offer.owed_minor == case.owed() > 28000
    assert case.kinds()[-1] == EventKind.OFFER_MADE


def test_the_same_click_twice_makes_one_offer(case: Case) -> None:
    op = uuid4()
    first, second = case.make(op=op), case.make(op=op)
    assert first is second


def test_one_live_offer_for_each_claim(case: Case) -> None:
    case.made()
    assert case.make() == [OfferProblem.ANOTHER_IS_LIVE]


@pytest.mark.parametrize(
    ("amount", "until", "problem"),
    [
        (None, UNTIL, OfferProblem.AMOUNT_MISSING),
        (Money(0, "CHF"), UNTIL, OfferProblem.AMOUNT_MISSING),
        (Money(99_999_00, "CHF"), UNTIL, OfferProblem.AMOUNT_NOT_LESS),
        (AMOUNT, None, OfferProblem.UNTIL_MISSING),
        (AMOUNT, TODAY + timedelta(days=6), OfferProblem.UNTIL_TOO_SOON),
        (AMOUNT, TODAY + timedelta(days=91), OfferProblem.UNTIL_TOO_FAR),
    ],
)
def test_what_stands_against_an_offer(
    case: Case, amount: Money | None, until: date | None, problem: OfferProblem
) -> None:
    assert case.make(amount, until) == [problem]


def test_the_last_day_is_a_bank_working_day(case: Case) -> None:
    assert case.make(bank_day=False) == [OfferProblem.UNTIL_NO_BANK_DAY]


def test_a_cost_without_basis_is_no_matter_for_an_offer(case: Case) -> None:
    fee = case.session.scalars(select(Position).where(Position.claim_id == DORA.claim_id, Position.number == 3)).one()
    fee.basis = "none"
    case.session.flush()
    assert case.make() == [OfferProblem.COST_WITHOUT_BASIS]


def test_the_offered_sum_in_time_closes_the_claim(case: Case) -> None:
    offer = case.made()
    case.clock.move(days=3)
    case.pays(28000, case.clock.today)
    assert offer.status == OfferStatus.TAKEN
    assert case.claim.status == "settled"
    assert case.owed() == 0
    dropped = waivers_of(case.session, VELO, DORA.claim_id)
    assert {row.offer_id for row in dropped} == {offer.id}
    assert {row.clerk_id for row in dropped} == {LENA}
    assert {EventKind.OFFER_TAKEN, EventKind.CLAIM_SETTLED} <= set(case.kinds())


def test_two_parts_in_time_count_together(case: Case) -> None:
    offer = case.made()
    case.pays(10000, TODAY + timedelta(days=1))
    assert offer.status == OfferStatus.LIVE
    case.clock.to(UNTIL)
    case.pays(18000, UNTIL)
    assert (offer.status, case.claim.status) == (OfferStatus.TAKEN, "settled")


def test_a_rappen_less_or_a_day_later_is_a_part_payment(case: Case) -> None:
    offer = case.made()
    case.pays(27999, UNTIL)
    assert offer.status == OfferStatus.LIVE
    case.clock.to(UNTIL + timedelta(days=1))
    case.pays(1, UNTIL + timedelta(days=1))
    assert offer.status == OfferStatus.LIVE
    assert case.claim.status == "open"
    assert case.owed() > 0


def test_what_was_paid_before_the_offer_does_not_count(case: Case) -> None:
    case.pays(5000, TODAY)
    case.clock.move(hours=1)
    offer = case.make(Money(23000, "CHF"))
    assert isinstance(offer, Offer)
    case.pays(20000, TODAY)
    assert offer.status == OfferStatus.LIVE
    case.pays(3000, TODAY)
    assert offer.status == OfferStatus.TAKEN


def test_money_valued_in_time_counts_though_it_is_known_later(case: Case) -> None:
    offer = case.made()
    case.clock.to(UNTIL + timedelta(days=3))
    assert offers.expire_due(case.session, VELO, today=case.clock.today, now=case.clock()) == 1
    assert offer.status == OfferStatus.EXPIRED
    case.pays(28000, UNTIL)
    assert (offer.status, case.claim.status) == (OfferStatus.TAKEN, "settled")
    assert claim_sum(case.session, case.claim, on=UNTIL).open.minor == 0


@pytest.mark.parametrize("minor", [3000, 6000])
def test_what_was_paid_after_its_days_meanwhile_is_the_debtors_credit(case: Case, minor: int) -> None:
    offer = case.made()
    case.clock.to(UNTIL + timedelta(days=3))
    offers.expire_due(case.session, VELO, today=case.clock.today, now=case.clock())
    case.pays(minor, UNTIL + timedelta(days=2))
    assert offer.status == OfferStatus.EXPIRED
    case.clock.move(days=1)
    case.pays(28000, UNTIL)
    assert (offer.status, case.claim.status) == (OfferStatus.TAKEN, "settled")
    assert claim_sum(case.session, case.claim, on=UNTIL).open.minor == 0
    assert credit_of(case.session, VELO, DORA.claim_id, "CHF") == minor
    assert case.kinds().count(EventKind.OFFER_TAKEN) == 1


def test_money_that_went_back_does_not_take_an_offer(case: Case) -> None:
    offer = case.made()
    case.pays(20000, TODAY)
    case.clock.to(UNTIL + timedelta(days=3))
    offers.expire_due(case.session, VELO, today=case.clock.today, now=case.clock())
    cause = Cause(CauseType.ATTEMPT, uuid4(), f"attempt {uuid4()}:charged_back")
    give_back(
        case.session, case.claim, Money(20000, "CHF"), kind=EntryKind.CHARGEBACK, clearing=AccountKind.BANK_CLEARING,
        cause=cause, now=case.clock(), on=case.clock.today,
    )  # fmt: skip
    case.pays(8000, UNTIL)
    assert (offer.status, case.claim.status) == (OfferStatus.EXPIRED, "open")


def test_interest_stands_still_in_the_offers_days_on_page_and_ledger(case: Case) -> None:
    case.clock.to(TODAY + timedelta(days=30))
    first, last = case.clock.today, case.clock.today + timedelta(days=14)
    before = case.owed()
    assert isinstance(case.make(until=last), Offer)

    def sums(day: date) -> tuple[int, int]:
        on_page = owed_on(case.session, [case.claim], today=day)[DORA.claim_id].total.open.minor
        return claim_sum(case.session, case.claim, on=day).open.minor, on_page

    assert sums(first) == sums(last) == sums(last + timedelta(days=1)) == (before, before)
    after = sums(last + timedelta(days=21))
    assert after[0] == after[1] > before


def test_an_offer_ends_by_itself_and_only_once(case: Case) -> None:
    offer = case.made()
    case.clock.to(UNTIL)
    assert offers.expire_due(case.session, VELO, today=case.clock.today, now=case.clock()) == 0
    case.clock.move(days=1)
    assert offers.expire_due(case.session, VELO, today=case.clock.today, now=case.clock()) == 1
    assert offers.expire_due(case.session, VELO, today=case.clock.today, now=case.clock()) == 0
    assert (offer.status, offer.live_flag) == (OfferStatus.EXPIRED, None)
    assert case.kinds().count(EventKind.OFFER_EXPIRED) == 1


def test_a_new_offer_can_follow_one_that_is_over(case: Case) -> None:
    case.made()
    case.clock.to(UNTIL + timedelta(days=1))
    assert isinstance(case.make(until=case.clock.today + timedelta(days=10)), Offer)


def test_only_an_unread_offer_can_be_taken_back(case: Case) -> None:
    offer = case.made()
    offer.shown_at = START
    case.session.flush()
    assert offers.withdraw(case.session, case.claim, offer, actor=LEAD, now=START) == [OfferProblem.WAS_SHOWN]
    offer.shown_at = None
    case.session.flush()
    assert offers.withdraw(case.session, case.claim, offer, actor=LEAD, now=START) == []
    assert offer.status == OfferStatus.WITHDRAWN
    assert live_offer(case.session, VELO, DORA.claim_id) is None


def test_a_closed_claim_ends_its_offer_and_takes_no_new_one(case: Case) -> None:
    offer = case.made()
    claims.withdraw(case.session, case.claim, actor=system("test"), now=START, today=TODAY)
    assert offer.status == OfferStatus.EXPIRED
    with pytest.raises(MoveNotAllowed):
        case.make()


def test_what_falls_away_is_what_was_shown_though_the_law_pays_costs_first(case: Case) -> None:
    owed = claim_sum(case.session, case.claim, on=TODAY)
    offer = case.make(owed.open - Money(4000, "CHF"))
    assert isinstance(offer, Offer)
    shown = effect_on(owed, Money(offer.amount_minor, "CHF"))
    assert list(shown.values()) == [4000]
    case.pays(offer.amount_minor, TODAY + timedelta(days=2))
    dropped = {row.position_id: row.amount_minor for row in waivers_of(case.session, VELO, DORA.claim_id)}
    assert dropped == shown
    assert case.claim.status == "settled"
