"""Is a claim's money divided the same way in whatever order its payments are booked, and is nothing ever changed?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.claims import after_money
from portal.actions.ledger import Cause, book_payment, drop, give_back, reverse, use_credit
from portal.rules.claims import ClaimStatus, PositionKind
from portal.rules.history import EventKind, system
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.store.allocation import allocations_of, standing_entry
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock, positions_of
from portal.store.history import Event
from portal.store.ledger import Entry, credit_of, entry_by_key, lines_of
from portal.store.ledger_checks import verify
from portal.store.ledger_dump import canonical
from portal.store.settings import creditor_by_id
from portal.store.today import Task
from portal.web.parts import Parts
from tests.examples import DORA, STEFAN, TODAY, VELO, Clock, Known

#: What the examples owe: Dora 284.60, a fee of 40.00 and interest; Stefan 1240.00 and interest.
START = TODAY - timedelta(days=60)


@dataclass(frozen=True)
class Paid:
    """One payment: its name, how much, and how many days after the start it is valued."""

    name: str
    minor: int
    day: int

    @property
    def on(self) -> date:
        return START + timedelta(days=self.day)


class Desk:
    """Books on one claim in one transaction, which the caller throws away."""

    def __init__(self, session: Session, clock: Clock, known: Known = DORA) -> None:
        self.session, self.clock, self.known = session, clock, known
        self.claim: Claim = lock(session, VELO, known.claim_id)
        self.creditor = creditor_by_id(session, VELO)

    def cause(self, name: str, note: NoteCode | None = None) -> Cause:
        return Cause(CauseType.CLAIM, self.claim.id, name, note)

    def books(self, paid: Paid, **how: object) -> Money:
        rest = book_payment(
            self.session, self.claim, Money(paid.minor, "CHF"), clearing=AccountKind.BANK_CLEARING, value_on=paid.on,
            cause=self.cause(paid.name), actor=system("test"), now=self.clock(), today=self.clock.today,
            reference=paid.name, **how,  # type: ignore[arg-type]
        )  # fmt: skip
        self.after(paid.on)
        return rest

    def after(self, day: date) -> None:
        after_money(
            self.session, self.claim, self.creditor, value_on=day, actor=system("test"), now=self.clock(),
            today=self.clock.today,
        )  # fmt: skip

    def gives_back(self, name: str, minor: int, day: int) -> None:
        give_back(
            self.session, self.claim, Money(minor, "CHF"), kind=EntryKind.REFUND, clearing=AccountKind.BANK_CLEARING,
            cause=self.cause(name), now=self.clock(), on=START + timedelta(days=day),
        )  # fmt: skip

    def waives(self, kind: PositionKind, minor: int, day: int) -> None:
        drop(
            self.session, self.claim, [(self.line(kind), Money(minor, "CHF"))], kind=EntryKind.WAIVER,
            cause=self.cause(f"waiver {kind}"), now=self.clock(), on=START + timedelta(days=day),
        )  # fmt: skip

    def line(self, kind: PositionKind) -> UUID:
        return next(one.id for one in positions_of(self.session, self.claim) if one.kind == kind)

    def entry(self, name: str) -> Entry:
        found = entry_by_key(self.session, VELO, name)
        assert found is not None
        return found

    @property
    def dump(self) -> list[str]:
        self.session.flush()
        return canonical(self.session)

    @property
    def credit(self) -> int:
        return credit_of(self.session, VELO, self.claim.id, "CHF")

    @property
    def open(self) -> int:
        return claim_sum(self.session, self.claim, on=self.clock.today).open.minor

    def paid(self) -> dict[PositionKind, int]:
        total = claim_sum(self.session, self.claim, on=self.clock.today)
        return {line.position.kind: line.paid.minor for line in total.lines}

    def is_true(self) -> None:
        self.session.flush()
        assert verify(self.session) == []
        self.adds_up()

    def adds_up(self) -> None:
        for line in claim_sum(self.session, self.claim, on=self.clock.today).lines:
            assert line.open.minor >= 0, line


@pytest.fixture
def anew(parts: Parts, clock: Clock) -> Callable[[Callable[[Desk], object]], object]:
    """Run something on a claim as it was, and throw away what it wrote."""

    def run(work: Callable[[Desk], object], known: Known = DORA) -> object:
        session = parts.database.open_writing()
        try:
            return work(Desk(session, clock, known))
        finally:
            session.rollback()
            session.close()

    return run


def booked(order: Sequence[Paid]) -> Callable[[Desk], list[str]]:
    def work(desk: Desk) -> list[str]:
        for paid in order:
            desk.books(paid)
        desk.adds_up()
        return desk.dump

    return work


SETS = {
    "part payments": (Paid("a", 5_000, 0), Paid("b", 9_000, 20), Paid("c", 3_000, 40)),
    "settled and overpaid": (Paid("a", 20_000, 0), Paid("b", 12_000, 20), Paid("c", 9_000, 40)),
    "one day": (Paid("a", 30_000, 10), Paid("b", 2_700, 10), Paid("c", 4_000, 10)),
    "a small rest in the middle": (Paid("a", 2_000, 0), Paid("b", 30_500, 20), Paid("c", 5_000, 40)),
}


@pytest.mark.parametrize("payments", SETS.values(), ids=SETS)
def test_every_order_of_booking_ends_in_the_same_ledger(anew: Callable[..., object], payments: Sequence[Paid]) -> None:
    def work(desk: Desk) -> list[str]:
        end = booked(payments)(desk)
        desk.is_true()
        return end

    first = anew(work)
    one, two, three = payments
    assert all(anew(booked(order)) == first for order in ((three, two, one), (two, three, one)))


def test_an_earlier_payment_replaces_what_came_later_and_says_so(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        desk.books(Paid("late", 5_000, 30))
        assert desk.paid()[PositionKind.REMINDER_FEE] == 4_000
        first = desk.entry("late")
        desk.books(Paid("early", 4_500, 0))
        again = standing_entry(desk.session, first)
        assert (again.idem_key, again.effective_on, again.kind) == ("late:again:1", first.effective_on, "payment")
        assert desk.entry("late:undone").reverses_id == first.id
        told = allocations_of(desk.session, VELO, desk.claim.id)
        assert (told[first.id].replaced_by, told[first.id].replaced_at) == (again.id, desk.clock())
        assert told[again.id].replaced_by is None
        assert told[desk.entry("early").id].policy == "CH/1"
        kinds = list(desk.session.scalars(select(Event.kind).where(Event.claim_id == desk.claim.id)))
        assert kinds.count(EventKind.PAYMENTS_REALLOCATED) == 1
        desk.books(Paid("first of all", 100, -10))
        assert standing_entry(desk.session, first).idem_key in ("late:again:1", "late:again:2")
        desk.is_true()

    anew(work)


def test_what_changes_nothing_replaces_nothing(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        desk.books(Paid("late", 100, 30))
        desk.books(Paid("early", 100, 0))
        assert standing_entry(desk.session, desk.entry("late")).idem_key == "late"
        assert entry_by_key(desk.session, VELO, "late:undone") is None

    anew(work)


def test_interest_shrinks_and_what_was_paid_of_it_becomes_credit(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        desk.clock.move(days=400)
        owed = claim_sum(desk.session, desk.claim, on=desk.clock.today).open.minor
        last = Paid("last", owed, (desk.clock.today - START).days)
        desk.books(last)
        assert (desk.open, desk.credit, desk.claim.status) == (0, 0, ClaimStatus.SETTLED)
        interest = desk.paid()[PositionKind.DEFAULT_INTEREST]
        rest = desk.books(Paid("early", 50_000, 0))
        assert desk.paid()[PositionKind.DEFAULT_INTEREST] < interest
        assert rest.minor == desk.credit > 50_000
        assert desk.open == 0
        tasks = list(desk.session.scalars(select(Task).where(Task.kind == "refund_credit")))
        assert [task.details["minor"] for task in tasks] == [desk.credit]
        desk.is_true()

    anew(work, STEFAN)


def test_a_waiver_stands_and_the_money_goes_elsewhere(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        desk.books(Paid("late", 3_000, 30))
        desk.waives(PositionKind.REMINDER_FEE, 1_000, 60)
        desk.books(Paid("early", 2_500, 0))
        total = claim_sum(desk.session, desk.claim, on=desk.clock.today)
        fee = next(line for line in total.lines if line.position.kind is PositionKind.REMINDER_FEE)
        assert (fee.waived.minor, fee.paid.minor, fee.open.minor) == (1_000, 3_000, 0)
        desk.is_true()

    anew(work)


def test_waived_interest_that_never_accrued_stays_waived(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        total = claim_sum(desk.session, desk.claim, on=START + timedelta(days=60))
        line = next(one for one in total.lines if one.position.kind is PositionKind.DEFAULT_INTEREST)
        desk.waives(PositionKind.DEFAULT_INTEREST, line.open.minor, 60)
        desk.books(Paid("early", 120_000, -20))
        desk.is_true()
        again = claim_sum(desk.session, desk.claim, on=START + timedelta(days=60)).line(line.position.id)
        assert again is not None
        assert (again.waived, again.open.minor) == (line.open, 0)

    anew(work, STEFAN)


def test_a_refund_stays_behind_the_payments_of_its_day(anew: Callable[..., object]) -> None:
    def forth(desk: Desk) -> list[str]:
        for paid in (Paid("a", 5_000, 0), Paid("b", 4_000, 20)):
            desk.books(paid)
        desk.gives_back("r", 2_000, 30)
        desk.is_true()
        return desk.dump

    def back(desk: Desk) -> list[str]:
        desk.books(Paid("b", 4_000, 20))
        desk.gives_back("r", 2_000, 30)
        desk.books(Paid("a", 5_000, 0))
        desk.is_true()
        return desk.dump

    assert anew(forth) == anew(back)


def test_what_was_replaced_is_reversed_in_its_newest_form(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        desk.books(Paid("late", 5_000, 30))
        desk.books(Paid("early", 4_500, 0))
        before = desk.paid()
        reverse(desk.session, desk.claim, desk.entry("late"), desk.cause("back"), now=desk.clock(), on=desk.clock.today)
        assert sum(desk.paid().values()) == sum(before.values()) - 5_000
        assert desk.entry("back").reverses_id == desk.entry("late:again:1").id
        desk.is_true()

    anew(work)


@pytest.mark.parametrize("day", [35, 40, 60], ids=["dated before its use", "on the day of its use", "later"])
def test_credit_that_was_used_is_not_used_once_its_payment_is_taken_back(anew: Callable[..., object], day: int) -> None:
    def work(desk: Desk) -> None:
        def back(name: str, day: int) -> None:
            on = START + timedelta(days=day)
            reverse(desk.session, desk.claim, desk.entry(name), desk.cause(f"{name} back"), now=desk.clock(), on=on)
            used = desk.cause(f"{name} credit")
            use_credit(desk.session, desk.claim, cause=used, now=desk.clock(), on=on)
            desk.after(on)

        desk.books(Paid("settles", 60_000, 0))
        desk.books(Paid("a", 900, 30))
        desk.books(Paid("b", 500, 30))
        back("settles", 40)
        assert (sum(desk.paid().values()), desk.credit) == (1_400, 0)
        back("a", day)
        assert (sum(desk.paid().values()), desk.credit) == (500, 0)
        assert desk.open > 0
        desk.adds_up()
        desk.books(Paid("early", 700, -10))
        assert (sum(desk.paid().values()), desk.credit) == (1_200, 0)
        back("b", 60)
        desk.adds_up()
        assert (sum(desk.paid().values()), desk.credit) == (700, 0)

    anew(work)


def test_what_went_back_of_a_payment_that_is_taken_back_has_to_come_back(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        desk.books(Paid("stays", 1_000, 0))
        desk.books(Paid("mistake", 60_000, 10))
        too_much = desk.credit
        desk.gives_back("transfer", too_much, 20)
        reverse(desk.session, desk.claim, desk.entry("mistake"), desk.cause("back"), now=desk.clock(),
                on=desk.clock.today)  # fmt: skip
        desk.after(desk.clock.today)
        assert (sum(desk.paid().values()), desk.credit) == (0, 0)
        moved = standing_entry(desk.session, desk.entry("transfer"))
        waits = [line.amount_minor for line in lines_of(desk.session, moved) if line.kind is AccountKind.SUSPENSE]
        assert waits == [too_much - 1_000]
        desk.is_true()

    anew(work)


def test_what_is_given_back_leaves_no_more_on_a_line_than_a_waiver_left_room_for(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        desk.books(Paid("a", 32_000, 0))
        desk.gives_back("r", 30_000, 20)
        desk.waives(PositionKind.PRINCIPAL, 20_000, 20)
        desk.books(Paid("b", 25_000, 10))
        assert sum(desk.paid().values()) + desk.credit == 27_000
        desk.is_true()

    anew(work)


def test_a_small_rest_is_not_dropped_where_somebody_waived_it_later(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        owed = claim_sum(desk.session, desk.claim, on=START + timedelta(days=20)).open.minor
        before = claim_sum(desk.session, desk.claim, on=START + timedelta(days=10)).open.minor
        desk.waives(PositionKind.PRINCIPAL, 1, 20)
        desk.books(Paid("late", owed - 1, 20))
        desk.books(Paid("early", before - 1, 10))
        assert sum(desk.paid().values()) + desk.credit == owed - 1 + before - 1
        desk.is_true()

    anew(work)


def test_what_the_payer_named_stays_named_when_it_is_divided_again(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        principal = desk.line(PositionKind.PRINCIPAL)
        desk.books(Paid("named", 5_000, 30), declared=[principal])
        desk.books(Paid("early", 28_000, 0))
        told = allocations_of(desk.session, VELO, desk.claim.id)[standing_entry(desk.session, desk.entry("named")).id]
        assert (told.word, told.declared) == ("payer", [str(principal)])
        assert desk.paid()[PositionKind.REMINDER_FEE] == 4_000
        desk.is_true()

    anew(work)


def test_what_a_letter_forgave_does_not_come_back_with_another_payment(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        letter_until = (desk.claim.pay_by - START).days
        desk.clock.move(days=40)
        owed = claim_sum(desk.session, desk.claim, on=desk.claim.pay_by).open.minor
        desk.books(Paid("in time", owed, letter_until))
        assert desk.claim.status == ClaimStatus.SETTLED
        assert desk.books(Paid("once more", 5_000, letter_until + 10)).minor == desk.credit == 5_000
        desk.is_true()

    anew(work)


def test_what_was_paid_in_time_is_paid_though_later_money_was_known_first(anew: Callable[..., object]) -> None:
    def work(desk: Desk) -> None:
        letter_until = (desk.claim.pay_by - START).days
        desk.clock.move(days=60)
        owed = claim_sum(desk.session, desk.claim, on=desk.claim.pay_by).open.minor
        desk.books(Paid("later", 300, letter_until + 30))
        desk.books(Paid("in time", owed, letter_until))
        assert (desk.claim.status, desk.claim.ended_on) == (ClaimStatus.SETTLED, desk.claim.pay_by)
        assert (desk.credit, desk.open) == (300, 0)
        assert not desk.session.scalars(select(Entry).where(Entry.kind == EntryKind.REST_DROPPED)).all()
        desk.is_true()

    anew(work)


AMOUNTS = st.lists(st.tuples(st.integers(1, 40_000), st.integers(0, 5)), min_size=2, max_size=4)


@pytest.mark.parametrize("known", [DORA, STEFAN], ids=["with a fee", "without"])
def test_any_payments_in_any_order(anew: Callable[..., object], parts: Parts, known: Known) -> None:
    @settings(max_examples=6 if parts.database.is_sqlite else 2)
    @given(AMOUNTS, st.randoms(use_true_random=False))
    def holds(drawn: list[tuple[int, int]], chance: object) -> None:
        payments = [Paid(str(number), minor, day * 11) for number, (minor, day) in enumerate(drawn)]
        first = anew(booked(payments), known)
        chance.shuffle(payments)  # type: ignore[attr-defined]
        assert anew(booked(payments), known) == first

    holds()
