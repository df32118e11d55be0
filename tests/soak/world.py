"""What can happen to money in one life: everybody's acts on a real database, and what it should say then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions import bank, bookings, decisions, disputes, goodwill, offers, plans, refunds, waivers
from portal.actions.bank import Handed
from portal.actions.bookings import BookingRefused, Found
from portal.actions.convergence import converge
from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.payments import SumChanged, Wish, start
from portal.actions.refunds import RefundRefused
from portal.daily import run_daily
from portal.gateways.camt import read_bank_file
from portal.rules.access import Role
from portal.rules.bank import BankState
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.dates import Calendar
from portal.rules.disputes import Decision, DisputeReason, DisputeStatus, Objection
from portal.rules.history import Actor, ActorKind, MoveNotAllowed, system
from portal.rules.money import Money
from portal.rules.offers import OfferTerms
from portal.rules.payments import NoteCode
from portal.rules.plans import PlanTerms
from portal.rules.plans import SumChanged as PlanSumChanged
from portal.rules.refunds import RefundReason, RefundStatus, RefundWay
from portal.store.bank import BankTransaction
from portal.store.claim_sum import claim_sum, rests_of
from portal.store.claims import Claim, positions_of
from portal.store.disputes import Dispute, disputes_of
from portal.store.goodwill import paid_for
from portal.store.ledger_checks import Finding, verify
from portal.store.ledger_dump import canonical
from portal.store.letters import last_letter
from portal.store.offers import live_offer
from portal.store.payments import Booking
from portal.store.people import Debtor
from portal.store.plans import live_plan
from portal.store.refunds import Refund
from portal.store.settings import Creditor
from tests.bank_files import Ntry, Paper, Tx
from tests.examples import CLARA, DORA, LENA, VELO, Clock
from tests.soak.reference import balances, cash_of, interest_of, owed_back
from tests.soak.stripe_memory import Page, StripeInMemory
from tests.soak.undone import UndoneDatabase

CLERK, DEBTOR = Actor(ActorKind.CLERK, clerk_id=LENA), Actor(ActorKind.DEBTOR)
NAMES = UUID("6f9619ff-0000-4000-8000-000000000000")
#: What a person is told when something can't be done now; nothing has happened then.
REFUSED = (BookingRefused, RefundRefused, MoveNotAllowed, SumChanged, PlanSumChanged)
WORKDAY = Calendar()


class World:
    """One life: a database that forgets it, a clock, a Stripe in memory, and what each claim should have got."""

    def __init__(self, database: UndoneDatabase) -> None:
        self.database, self.clock, self.stripe = database, Clock(), StripeInMemory()
        self.claims: list[UUID] = [DORA.claim_id]
        self.cash: dict[UUID, int] = {}
        self.of_page: dict[str, UUID] = {}
        self.papers: list[Paper] = []
        self.acts = 0

    @property
    def now(self) -> datetime:
        return self.clock()

    @property
    def today(self) -> date:
        return self.clock.today

    def op(self, number: int) -> UUID:
        return uuid5(NAMES, str(number))

    def writes(self, work: Callable[[Session], Any]) -> Any:
        """What the view does with one action: all of it or nothing."""
        self.acts += 1
        try:
            with self.database.writing() as session:
                return work(session)
        except REFUSED:
            return None

    # --- time

    def days_pass(self, days: int) -> None:
        self.clock.move(days=days)
        run_daily(self.database, now=self.now)

    # --- claims

    def opens(self, principal: int, fee: int, rate: str, age: int) -> None:
        due = self.today - timedelta(days=age)
        lines = [
            NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(principal, "CHF"), due),
            NewLine(
                PositionKind.DEFAULT_INTEREST, Basis.LAW_DEFAULT_INTEREST, Money(0, "CHF"), due, rate_percent=rate,
                interest_from=due + timedelta(days=1), interest_reason=InterestReason.AGREED_DUE_DATE,
            ),
        ]  # fmt: skip
        if fee:
            lines.append(NewLine(PositionKind.REMINDER_FEE, Basis.TERMS_CLAUSE, Money(fee, "CHF"), due))
        claim_id, reference = self.op(1_000_000 + len(self.claims)), f"W-{len(self.claims)}"
        new = NewClaim(reference, "Velo", reference, due, due, self.today, "CHF", tuple(lines))

        def work(session: Session) -> None:
            creditor, debtor = session.get_one(Creditor, VELO), session.get_one(Debtor, DORA.debtor_id)
            open_claim(session, creditor, debtor, CLARA, new, actor=system("life"), now=self.now, today=self.today,
                       claim_id=claim_id)  # fmt: skip

        self.writes(work)
        self.claims.append(claim_id)

    # --- payments by hand

    def books(self, claim_id: UUID, minor: int, days_ago: int, op: UUID) -> None:
        found = Found(Money(minor, "CHF"), self.today - timedelta(days=days_ago), "bank", NoteCode.BANK_TRANSFER)
        known = self._bookings(claim_id)
        done = self.writes(
            lambda session: bookings.book(session, session.get_one(Claim, claim_id), found, op=op, seen_minor=None,
                                          actor=CLERK, now=self.now, today=self.today)
        )  # fmt: skip
        if done is not None and done.id not in known:
            self._came(claim_id, minor)

    def takes_back(self, claim_id: UUID, which: int) -> None:
        known = self._bookings(claim_id)
        if not known:
            return
        booking_id = sorted(known)[which % len(known)]

        def work(session: Session) -> int:
            booking = session.get_one(Booking, booking_id)
            bookings.take_back(session, session.get_one(Claim, claim_id), booking, actor=CLERK, now=self.now,
                               today=self.today)  # fmt: skip
            return booking.amount_minor

        minor = self.writes(work)
        if minor is not None:
            self._came(claim_id, -minor)

    def _bookings(self, claim_id: UUID) -> set[UUID]:
        with self.database.reading() as session:
            return set(session.scalars(select(Booking.id).where(Booking.claim_id == claim_id)))

    # --- payments at the provider

    def starts(self, claim_id: UUID, part: int, op: UUID) -> None:
        self.begins(claim_id, max(1, self.owed(claim_id) * part // 100), op)

    def begins(self, claim_id: UUID, minor: int, op: UUID) -> None:
        owed = self.owed(claim_id)
        wish = Wish(VELO, claim_id, Money(minor, "CHF"), owed, op, "de", None, "Rechnung", "http://x")
        before = len(self.stripe.pages)
        try:
            start(self.database, self.stripe, wish, now=self.now, today=self.today)  # type: ignore[arg-type]
        except REFUSED:
            return
        for page in self.stripe.pages[before:]:
            self.of_page[page.id] = claim_id

    def pays(self, claim_id: UUID, part: int, op: UUID) -> None:
        """Started, paid and told in one go."""
        before = len(self.stripe.pages)
        self.starts(claim_id, part, op)
        for page in self.stripe.pages[before:]:
            self.stripe.pay(page, self.now)
            self.converges(page)

    def pages(self) -> list[Page]:
        return self.stripe.pages

    def converges(self, page: Page) -> None:
        """The worker asks; what Stripe tells him is what the ledger should say."""
        converge(self.database, self.stripe, page.attempt_id, now=self.now, pi_id=page.state.pi_id)  # type: ignore[arg-type]

    def refunds(self, claim_id: UUID, minor: int, part: int, transfer: bool, op: UUID) -> None:
        """The desk gives back a part of a card payment, or credit by transfer; the worker sends it."""
        asked: list[UUID] = []

        def work(session: Session) -> None:
            claim, creditor = session.get_one(Claim, claim_id), session.get_one(Creditor, VELO)
            paid = refunds.returnable(session, claim)
            if transfer or not paid:
                amount = Money(min(minor, max(1, refunds.credit_left(session, claim))), "CHF")
                wish = refunds.Wish(RefundWay.TRANSFER, None, amount, RefundReason.PAID_TWICE, self.today)
            else:
                amount = Money(max(1, paid[0].left_minor * part // 100), "CHF")
                wish = refunds.Wish(RefundWay.ORIGINAL, paid[0].attempt.id, amount, RefundReason.PAID_TOO_MUCH)
            seen = refunds.left_in_all(session, claim)
            row = refunds.ask(session, claim, creditor, wish, op=op, seen_minor=seen, actor=CLERK, now=self.now,
                              today=self.today)  # fmt: skip
            asked.append(row.id)

        self.writes(work)
        for refund_id in asked:
            refunds.send(self.database, self.stripe, refund_id, now=self.now)  # type: ignore[arg-type]

    # --- the bank's files

    def paper(self, claim_id: UUID | None, minor: int, days_ago: int, kind: str) -> Paper:
        """A file with one credit, for this claim by its reference or for nobody we know."""
        reference = ""
        if claim_id is not None:
            with self.database.reading() as session:
                reference = session.get_one(Claim, claim_id).qr_reference
        day, number = self.today - timedelta(days=days_ago), len(self.papers)
        part = Tx(f"{minor // 100}.{minor % 100:02}", reference, ref=f"T{number}")
        file = Paper([Ntry((part,), ref=f"E{number}", booked_on=day, value_on=day)], kind=kind, id=f"S{number}")
        self.papers.append(file)
        return file

    def paper_again(self, which: int, *, as_other: bool, back: bool) -> Paper:
        file = self.papers[which % len(self.papers)]
        if as_other:
            file = replace(file, kind="camt.054" if file.kind == "camt.053" else "camt.053", id=f"{file.id}o")
        if back:
            entries = [replace(one, credit=False, reversal=True, booked_on=self.today, value_on=self.today)
                       for one in file.entries]  # fmt: skip
            file = replace(file, entries=entries, id=f"{file.id}b")
        return file

    def hands_in(self, file: Paper) -> None:
        self.acts += 1
        handed = Handed(read_bank_file(file.stream()), "camt.xml", hashlib.sha256(file.bytes()).digest())
        file_id = bank.take_file(self.database, VELO, handed, now=self.now)
        bank.work_through(self.database, VELO, file_id, now=self.now, today=self.today)

    # --- goodwill

    def waives(self, claim_id: UUID, line: int, part: int, op: UUID) -> None:
        def work(session: Session) -> None:
            claim, creditor = session.get_one(Claim, claim_id), session.get_one(Creditor, VELO)
            lines = claim_sum(session, claim, on=self.today).lines
            chosen = lines[line % len(lines)]
            amount = Money(chosen.open.minor * part // 100, "CHF")
            waivers.waive(session, claim, creditor, chosen.position.id, amount, whole=part == 100, role=Role.LEAD,
                          op=op, actor=CLERK, now=self.now, today=self.today)  # fmt: skip

        self.writes(work)

    def offers(self, claim_id: UUID, part: int, days: int, op: UUID) -> None:
        terms = OfferTerms(Money(self.owed(claim_id) * part // 100, "CHF"), self.today + timedelta(days=days))
        self.writes(
            lambda session: offers.make(session, session.get_one(Claim, claim_id), terms, bank_day=True, op=op,
                                        actor=CLERK, now=self.now, today=self.today)
        )  # fmt: skip

    def takes_offer(self, claim_id: UUID, days_ago: int, op: UUID) -> None:
        """The sum of the offer that stands comes in, and is booked by hand."""
        with self.database.reading() as session:
            offer = live_offer(session, VELO, claim_id)
            minor = 0 if offer is None else offer.amount_minor - max(0, paid_for(session, offer))
        if minor > 0:
            self.books(claim_id, minor, days_ago, op)

    def promises(self, days: int) -> None:
        """Whoever pays the rest so many days after the letter pays no reminder fee."""
        fees = frozenset({PositionKind.REMINDER_FEE, PositionKind.DEFAULT_INTEREST})
        with self.database.writing() as session:
            goodwill.change_rule(
                session, session.get_one(Creditor, VELO), on=True, days=days, kinds=fees, clerk_id=LENA, now=self.now,
                today=self.today - timedelta(days=40),
            )  # fmt: skip

    # --- instalments

    def suggests(self, claim_id: UUID, count: int, day: int, op: UUID) -> None:
        def work(session: Session) -> None:
            claim, creditor = session.get_one(Claim, claim_id), session.get_one(Creditor, VELO)
            seen = plans.covered_sum(claim_sum(session, claim, on=self.today)).minor
            plans.propose(session, claim, creditor, PlanTerms(count, None, day), seen_minor=seen, op=op, actor=DEBTOR,
                          now=self.now, today=self.today, calendar=WORKDAY)  # fmt: skip

        self.writes(work)

    def answers_plan(self, claim_id: UUID, count: int, op: UUID) -> None:
        def work(session: Session) -> None:
            plan = live_plan(session, VELO, claim_id)
            claim, creditor = session.get_one(Claim, claim_id), session.get_one(Creditor, VELO)
            if plan is None:
                return
            common: dict[str, Any] = {"op": op, "now": self.now, "today": self.today, "calendar": WORKDAY}
            if plan.status == "proposed" and count > 2:
                plans.counter(session, claim, plan.id, creditor, PlanTerms(count, None, 1), actor=CLERK, **common)
            else:
                plans.accept(session, claim, plan.id, actor=CLERK if plan.status == "proposed" else DEBTOR, **common)

        self.writes(work)

    # --- objections

    def objects(self, claim_id: UUID, line: int | None, op: UUID) -> None:
        def work(session: Session) -> None:
            claim = session.get_one(Claim, claim_id)
            lines = positions_of(session, claim)
            chosen = frozenset() if line is None else frozenset({lines[line % len(lines)].id})
            said = Objection(DisputeReason.OTHER, chosen, "Das stimmt nicht.", None)
            disputes.raise_objection(session, claim, said, op=op, promised_on=self.today + timedelta(days=5),
                                     actor=DEBTOR, now=self.now, today=self.today)  # fmt: skip

        self.writes(work)

    def decides(self, claim_id: UUID, to: DisputeStatus, minor: int, days_ago: int, op: UUID) -> None:
        money = Money(minor, "CHF")
        booked: list[int] = []

        def work(session: Session) -> None:
            claim, creditor = session.get_one(Claim, claim_id), session.get_one(Creditor, VELO)
            waiting = [one for one in disputes_of(session, VELO, claim_id) if one.status == DisputeStatus.OPEN]
            if not waiting:
                return
            dispute: Dispute = waiting[0]
            partly = to is DisputeStatus.PARTLY
            decision = Decision(to, "Wir haben es geprüft.", None, None, money if partly else None)
            before = cash_of(session, claim)
            decisions.decide(session, claim, creditor, dispute, decision, op=op, actor=CLERK, now=self.now,
                             today=self.today)  # fmt: skip
            booked.append(cash_of(session, claim) - before)

        self.writes(work)
        self._came(claim_id, sum(booked))

    # --- what should be

    def _came(self, claim_id: UUID, minor: int) -> None:
        self.cash[claim_id] = self.cash.get(claim_id, 0) + minor

    def owed(self, claim_id: UUID) -> int:
        with self.database.reading() as session:
            return claim_sum(session, session.get_one(Claim, claim_id), on=self.today).open.minor

    def stands(self) -> tuple[int, int, date, dict[UUID, int], dict[str, int]]:
        """What every comparison depends on: the last entry and event, the day, and what was counted here."""
        entry, event = self.database.says("SELECT (SELECT max(seq) FROM entry), (SELECT max(seq) FROM event)")
        return entry, event, self.today, dict(self.cash), dict(self.stripe.told)

    def dump(self) -> list[str]:
        with self.database.reading() as session:
            return canonical(session)

    def findings(self) -> list[Finding]:
        with self.database.reading() as session:
            return verify(session)

    def compare(self, *claims: UUID) -> None:
        """Cheap enough for each step: these claims' figures against cash counted here, and lines that can't be."""
        with self.database.reading() as session:
            for claim_id in claims:
                self._compare(session, session.get_one(Claim, claim_id))

    def _compare(self, session: Session, claim: Claim) -> None:
        told = sum(self.stripe.told.get(page, 0) for page, claim_id in self.of_page.items() if claim_id == claim.id)
        cash = self.cash.get(claim.id, 0) + told + _by_bank(session, claim) - _by_transfer(session, claim)
        assert cash_of(session, claim) == cash, "the clearing accounts hold what came in"
        total = claim_sum(session, claim, on=self.today)
        stands = balances(session, claim)
        paid = total.paid.minor - stands.get("debtor_credit", 0)
        nowhere = owed_back(session, claim)
        assert paid - nowhere == cash, f"{paid} paid and credited, {nowhere} to come back, {cash} came in"
        assert 0 <= nowhere <= _by_transfer(session, claim), "only what was transferred can have to come back"
        for line in total.lines:
            assert line.open.minor >= 0, f"line {line.position.number} is below nothing"
            assert line.claimed - line.waived - line.paid == line.open
        assert (claim.status == "settled") == (total.open.minor == 0), f"{claim.status} with {total.open.minor} open"

    def compare_interest(self) -> None:
        """Claims without a letter bear interest that a day-by-day count finds too, never less than was posted."""
        with self.database.reading() as session:
            for claim_id in self.claims:
                claim = session.get_one(Claim, claim_id)
                if last_letter(session, VELO, claim_id) is None:
                    self._compare_interest(session, claim)

    def _compare_interest(self, session: Session, claim: Claim) -> None:
        until = self.today if claim.ended_on is None else min(self.today, claim.ended_on)
        spans = rests_of(session, claim)

        def rests(day: date) -> bool:
            return any(one.from_on <= day <= (one.until_on or until) for one in spans)

        lines = [
            line for line in claim_sum(session, claim, on=self.today).lines if line.stretches or line.posted_interest
        ]
        posted = sum(line.posted_interest.minor for line in lines)
        counted = interest_of(session, claim, until, rests)
        told = sum((line.claimed - line.position.claimed).minor for line in lines)
        assert told == max(counted, posted), f"{told} told, {counted} counted, {posted} posted"


def _by_bank(session: Session, claim: Claim) -> int:
    """What the bank's own lines say that the claim has got and kept."""
    rows = select(BankTransaction.amount_minor).where(
        BankTransaction.claim_id == claim.id, BankTransaction.status == BankState.BOOKED, BankTransaction.credit
    )
    return sum(session.scalars(rows))


def _by_transfer(session: Session, claim: Claim) -> int:
    """What the desk has transferred back."""
    rows = select(Refund.amount_minor).where(
        Refund.claim_id == claim.id, Refund.way == RefundWay.TRANSFER, Refund.status == RefundStatus.SUCCEEDED
    )
    return sum(session.scalars(rows))
