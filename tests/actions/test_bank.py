"""Does the bank's money stand in the books once, on the right claim or visibly waiting, whatever happens on the way?"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions import bank, bank_decisions
from portal.actions.bank import Handed
from portal.actions.bank_decisions import MatchRefused
from portal.actions.bank_postings import WAITS
from portal.actions.bank_together import book_together
from portal.actions.bookings import SumMoved
from portal.gateways.camt import read_bank_file
from portal.rules.bank import BankState, FileFault, FileRefused, MatchProblem, Why
from portal.rules.history import MoveNotAllowed
from portal.rules.payments import AccountKind
from portal.rules.references import qr_reference
from portal.store.allocation import Allocation
from portal.store.bank import BankTransaction
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.history import Event
from portal.store.ledger import Entry
from portal.store.settings import BankAccount, Creditor
from portal.web.parts import Parts
from tests import snapshot
from tests.bank_files import DAY, Ntry, Paper, Tx
from tests.banking import LEAD, Desk
from tests.examples import DORA, DORA_SECOND, ROCHAT, STEFAN, VELO, Clock

pytestmark = pytest.mark.slow
UNKNOWN = qr_reference(999_999)
IDS = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}")
#: Where the engine makes no difference.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(parts: Parts, clock: Clock) -> Desk:
    return Desk(parts, clock)


def paid(desk: Desk, amount: str, **more: object) -> Ntry:
    return Ntry((Tx(amount, desk.reference(DORA), ref="T1"),), ref="E1", **more)  # type: ignore[arg-type]


def batch(desk: Desk) -> Ntry:
    """Dora pays in full, Stefan a part, and somebody writes no reference."""
    owed = f"{desk.owes(DORA) / 100:.2f}"
    parts = (
        Tx(owed, desk.reference(DORA), ref="T1"), Tx("100.00", desk.reference(STEFAN), ref="T2"),
        Tx("42.00", payer="Anna Fremd", ref="T3"),
    )  # fmt: skip
    return Ntry(parts, ref="E1")


@pytest.mark.parametrize("version", ["04", "08"])
def test_a_file_books_what_names_its_claim_and_keeps_the_rest_in_sight(desk: Desk, version: str) -> None:
    paper = Paper([batch(desk)], version=version)
    figures = desk.hands_in(paper)
    assert (figures.booked, figures.known, figures.unmatched) == (2, 0, 1)
    assert (desk.owes(DORA), desk.status(DORA)) == (0, "settled")
    assert desk.balance(AccountKind.SUSPENSE) == -4200
    assert desk.tasks()[WAITS] == {"count": 1}
    waiting = desk.row(BankState.UNMATCHED)
    assert (waiting.why, waiting.payer, waiting.claim_id) == (Why.NO_REFERENCE, "Anna Fremd", None)
    before = desk.dump()
    again = desk.hands_in(paper)
    assert (again.booked, again.known, again.unmatched) == (0, 3, 0)
    assert desk.dump() == before


@pytest.mark.parametrize("order", [("camt.053", "camt.054"), ("camt.054", "camt.053")])
@pytest.mark.parametrize("silent", [True, False])
def test_the_same_booking_in_both_messages_is_booked_once(desk: Desk, order: tuple[str, str], silent: bool) -> None:
    entry = batch(desk)
    total = desk.balance(AccountKind.BANK_CLEARING)
    for kind in (*order, *order):
        told = replace(entry, silent=silent and kind == "camt.053")
        desk.hands_in(Paper([told], kind=kind, id=f"{kind} of the day"))
    assert desk.owes(DORA) == 0
    assert desk.balance(AccountKind.BANK_CLEARING) - total == round(float(entry.total) * 100)
    assert [state for state in desk.states() if state != "replaced"] == ["booked", "booked", "unmatched"]
    desk.dump()


@on_sqlite
def test_one_payment_is_booked_as_soon_as_one_of_the_messages_names_it(desk: Desk) -> None:
    whole = paid(desk, "50.00", silent=True)
    first = desk.hands_in(Paper([whole], kind="camt.053"))
    assert (first.booked, first.unmatched) == (0, 1)
    assert desk.row(BankState.UNMATCHED).why == Why.BATCH
    second = desk.hands_in(Paper([paid(desk, "50.00")]))
    assert (second.booked, second.unmatched) == (1, 0)
    assert desk.balance(AccountKind.SUSPENSE) == 0
    assert desk.tasks() == {}
    desk.dump()


@on_sqlite
def test_two_messages_without_a_common_name_wait_for_a_person(desk: Desk) -> None:
    nameless = Ntry((Tx("50.00", desk.reference(DORA)),))
    desk.hands_in(Paper([nameless], kind="camt.053", id="S"))
    second = desk.hands_in(Paper([nameless], kind="camt.054", id="N"))
    assert (second.booked, second.unmatched) == (0, 1)
    assert desk.row(BankState.UNMATCHED).why == Why.PERHAPS_TWICE


@on_sqlite
def test_the_value_date_stops_the_interest_and_not_the_day_of_the_file(desk: Desk, clock: Clock) -> None:
    early = DAY + timedelta(days=20)
    clock.move(days=60)
    owed = desk.owes(DORA, early)
    assert owed < desk.owes(DORA)
    desk.hands_in(Paper([paid(desk, f"{owed / 100:.2f}", value_on=early, booked_on=early)]))
    assert (desk.owes(DORA), desk.status(DORA)) == (0, "settled")


@on_sqlite
def test_too_much_is_the_debtors_credit_with_a_task(desk: Desk) -> None:
    desk.hands_in(Paper([paid(desk, "400.00")]))
    assert desk.status(DORA) == "settled"
    assert set(desk.tasks()) == {"refund_credit"}
    desk.dump()


REFUSED = {
    "a foreign account": (Paper([Ntry((Tx("1.00"),))], iban="CH5604835012345678009"), FileFault.FOREIGN_ACCOUNT),
    "a second, foreign account": (
        Paper([Ntry((Tx("1.00"),))], more=(Paper([], iban="DE89370400440532013000"),)), FileFault.FOREIGN_ACCOUNT,
    ),
    "another currency": (Paper([Ntry((Tx("1.00"),), currency="EUR")], currency="EUR"), FileFault.CURRENCY),
    "an entry in another currency": (Paper([Ntry((Tx("1.00"),), currency="EUR")]), FileFault.CURRENCY),
    "a batch that does not add up": (
        Paper([Ntry((Tx("1.00"),)), Ntry((Tx("1.00"), Tx("2.00")), amount="4.00")]), FileFault.SUM,
    ),
}  # fmt: skip


@on_sqlite
@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_changes_nothing(desk: Desk, parts: Parts, name: str) -> None:
    paper, fault = REFUSED[name]
    with parts.database.reading() as session:
        before = snapshot.of(session)
    with pytest.raises(FileRefused) as problem:
        desk.hands_in(paper)
    assert (problem.value.fault, problem.value.line > 1) == (fault, True)
    with parts.database.reading() as session:
        assert snapshot.of(session) == before


@on_sqlite
def test_the_same_sum_on_another_day_is_other_money_even_if_the_bank_numbers_nothing(desk: Desk) -> None:
    nameless, next_day = Ntry((Tx("50.00", desk.reference(DORA)),)), DAY + timedelta(days=1)
    desk.hands_in(Paper([nameless], id="", sequence=""))
    figures = desk.hands_in(Paper([replace(nameless, booked_on=next_day, value_on=next_day)], id="", sequence=""))
    assert (figures.booked, figures.known) == (1, 0)
    assert desk.balance(AccountKind.BANK_CLEARING) == 10_000
    desk.dump()


@on_sqlite
def test_the_qr_iban_is_the_same_account(desk: Desk) -> None:
    desk.hands_in(Paper([paid(desk, "50.00")], kind="camt.054", iban="CH4431999123000889012"))
    assert desk.hands_in(Paper([paid(desk, "50.00")], kind="camt.053")).known == 1


@on_sqlite
def test_money_in_another_currency_waits(desk: Desk, parts: Parts) -> None:
    iban = "CH9300762011623852957"
    with parts.database.writing() as session:
        session.add(BankAccount(creditor_id=VELO, currency="EUR", iban=iban, qr_iban=None, bic=None))
    entry = Ntry((Tx("50.00", desk.reference(DORA)),), currency="EUR", ref="E9")
    figures = desk.hands_in(Paper([entry], currency="EUR"))
    assert (figures.booked, figures.unmatched) == (0, 1)
    assert desk.row(BankState.UNMATCHED).why == Why.OTHER_CURRENCY
    assert desk.balance(AccountKind.SUSPENSE, "EUR") == -5000


def test_the_bank_takes_a_payment_back(desk: Desk, clock: Clock) -> None:
    owed = desk.owes(DORA)
    desk.hands_in(Paper([paid(desk, f"{owed / 100:.2f}")]))
    assert desk.status(DORA) == "settled"
    clock.move(days=2)
    part = Tx(f"{owed / 100:.2f}", desk.reference(DORA), ref="R1")
    back = Ntry((part,), ref="E2", credit=False, reversal=True, value_on=clock.today, booked_on=clock.today)
    figures = desk.hands_in(Paper([back], id="later"))
    assert (figures.booked, figures.reversed, figures.unmatched) == (0, 1, 0)
    assert desk.status(DORA) == "open"
    assert desk.owes(DORA) >= owed
    assert desk.balance(AccountKind.BANK_CLEARING) == 0
    before = desk.dump()
    assert desk.hands_in(Paper([back], id="later")).known == 1
    assert desk.dump() == before


def test_a_payment_and_its_reversal_in_one_file_cancel(desk: Desk) -> None:
    back = Ntry((Tx("50.00", desk.reference(DORA), ref="R1"),), ref="E2", credit=False, reversal=True)
    figures = desk.hands_in(Paper([back, paid(desk, "50.00")]))
    assert (figures.booked, figures.reversed) == (1, 1)
    assert desk.balance(AccountKind.BANK_CLEARING) == 0
    desk.dump()


@on_sqlite
def test_a_debit_valued_in_a_far_year_waits_and_fixes_no_interest(desk: Desk, clock: Clock) -> None:
    desk.hands_in(Paper([paid(desk, "50.00")]))
    owed = desk.owes(DORA)
    part = Tx("50.00", desk.reference(DORA), ref="R1")
    back = Ntry((part,), ref="E2", credit=False, reversal=True, value_on=date(9999, 12, 31))
    assert desk.hands_in(Paper([back], id="later")).unmatched == 1
    assert (desk.owes(DORA), desk.row(BankState.UNMATCHED).why) == (owed, Why.ODD_DATE)
    desk.dump()


@on_sqlite
def test_money_valued_in_a_far_year_is_put_on_no_case(desk: Desk) -> None:
    owed = desk.owes(DORA)
    desk.hands_in(Paper([paid(desk, "50.00", value_on=date(9999, 12, 31))]))
    with pytest.raises(MatchRefused) as refused:
        match(desk, DORA)
    assert (refused.value.problems, desk.owes(DORA)) == ([MatchProblem.VALUED_AHEAD], owed)


@on_sqlite
def test_money_valued_next_week_can_be_taken_back_today(desk: Desk, clock: Clock) -> None:
    owed = desk.owes(DORA, DAY + timedelta(days=7))
    desk.hands_in(Paper([paid(desk, "50.00", value_on=DAY + timedelta(days=7))]))
    _take_back(desk)
    clock.move(days=7)
    assert (desk.owes(DORA), desk.status(DORA)) == (owed, "open")
    assert desk.balance(AccountKind.SUSPENSE) == -5000
    desk.dump()


@on_sqlite
def test_a_reversal_of_money_that_waits_and_one_of_nothing(desk: Desk) -> None:
    desk.hands_in(Paper([Ntry((Tx("42.00", ref="T9"),), ref="E9")]))
    desk.hands_in(Paper([Ntry((Tx("42.00", ref="T9"),), ref="E9", credit=False, reversal=True)], id="later"))
    assert desk.states() == ["reversed", "reversed"]
    assert desk.balance(AccountKind.SUSPENSE) == 0
    figures = desk.hands_in(Paper([Ntry((Tx("7.00", returned="AC04"),), ref="E8", credit=False)], id="last"))
    assert (figures.reversed, figures.unmatched) == (0, 1)
    assert desk.row(BankState.UNMATCHED).why == Why.NO_ORIGINAL
    assert desk.balance(AccountKind.SUSPENSE) == 700
    desk.dump()


class Stopped(Exception):
    """The process was killed here."""


class Mortal(Database):
    """A database whose process dies after so many writing transactions."""

    def __init__(self, url: str, lives: int) -> None:
        super().__init__(url)
        self.lives = lives

    @contextmanager
    def writing(self) -> Iterator[Session]:
        if self.lives == 0:
            raise Stopped
        self.lives -= 1
        with super().writing() as session:
            yield session


def test_stopped_anywhere_the_same_file_again_leads_to_the_same_books(
    desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F29: a crash in the middle of a bank file."""
    entries = [Ntry(batch(desk).parts, ref="E1", silent=True), paid(desk, "20.00", status="PDNG")]
    desk.hands_in(Paper(entries, kind="camt.053"))
    more = [batch(desk), Ntry((Tx("5.00", desk.reference(DORA_SECOND), ref="T7"),), ref="E7"), Ntry((Tx("1.00"),))]
    back = Ntry((Tx("5.00", desk.reference(DORA_SECOND), ref="T7"),), ref="E7", credit=False, reversal=True)
    paper = Paper([*more, back])
    for lives in range(9):
        mortal = Mortal(database_url, lives)
        try:
            desk.hands_in(paper, mortal)
        except Stopped:
            desk.dump()
        finally:
            mortal.close()
    desk.hands_in(paper)
    assert desk.owes(DORA) == 0
    assert desk.balance(AccountKind.BANK_CLEARING) == sum(
        row.amount_minor if row.credit else -row.amount_minor for row in desk.rows() if row.status != "replaced"
    )
    assert desk.states() == ["booked", "booked", "replaced", "reversed", "reversed", "unmatched", "unmatched"]
    before = desk.dump()
    desk.hands_in(paper)
    assert desk.dump() == before


def test_two_hands_with_the_same_file_book_it_once(desk: Desk) -> None:
    entry = batch(desk)
    with ThreadPoolExecutor(4) as several:
        done = list(several.map(lambda _: desk.hands_in(Paper([entry])), range(4)))
    assert sum(figures.booked for figures in done) >= 2
    assert desk.states() == ["booked", "booked", "unmatched"]
    assert desk.balance(AccountKind.BANK_CLEARING) == round(float(entry.total) * 100)
    desk.dump()


@on_sqlite
def test_another_firm_can_use_the_same_names(desk: Desk, parts: Parts) -> None:
    desk.hands_in(Paper([paid(desk, "50.00")]))
    paper = Paper([paid(desk, "50.00")], iban="CH5604835012345678009")
    with pytest.raises(FileRefused):
        desk.hands_in(paper)
    assert read_bank_file(paper.stream()).statements[0].iban == "CH5604835012345678009"
    assert ROCHAT != VELO


# ------------------------------------------------------------------------------------------------ by hand


def match(desk: Desk, known: object, seen: int | None = None) -> None:
    row = desk.rows()[0]
    with desk.database.writing() as session:
        claim = session.get_one(Claim, known.claim_id)  # type: ignore[attr-defined]
        bank_decisions.match(session, row, claim, seen_minor=seen, actor=LEAD, now=desk.clock(), today=desk.clock.today)


def test_money_matched_by_hand_stands_like_money_that_found_its_claim(desk: Desk) -> None:
    owed = desk.owes(DORA)
    desk.hands_in(Paper([Ntry((Tx(f"{owed / 100:.2f}", ref="T1"),), ref="E1")]))
    match(desk, DORA, seen=owed)
    match(desk, DORA, seen=owed)
    assert (desk.owes(DORA), desk.status(DORA)) == (0, "settled")
    assert desk.balance(AccountKind.SUSPENSE) == 0
    assert desk.balance(AccountKind.BANK_CLEARING) == owed
    assert WAITS not in desk.tasks()
    desk.dump()


def test_a_match_is_refused_when_the_sum_moved_or_a_colleague_was_faster(desk: Desk) -> None:
    desk.hands_in(Paper([Ntry((Tx("42.00", ref="T1"),), ref="E1")]))
    with pytest.raises(SumMoved):
        match(desk, DORA, seen=1)
    match(desk, DORA)
    with pytest.raises(MoveNotAllowed):
        match(desk, STEFAN)


def test_a_decision_is_taken_back_once_and_the_money_waits_again(desk: Desk) -> None:
    owed = desk.owes(DORA)
    desk.hands_in(Paper([Ntry((Tx(f"{owed / 100:.2f}", ref="T1"),), ref="E1")]))
    match(desk, DORA)
    _take_back(desk)
    assert (desk.owes(DORA), desk.status(DORA)) == (owed, "open")
    assert desk.balance(AccountKind.SUSPENSE) == -owed
    assert desk.row(BankState.UNMATCHED).why == Why.TAKEN_BACK
    match(desk, STEFAN)
    with pytest.raises(MatchRefused):
        _take_back(desk)
    assert desk.balance(AccountKind.SUSPENSE) == 0
    desk.dump()


def _take_back(desk: Desk) -> None:
    with desk.database.writing() as session:
        bank_decisions.take_back(session, desk.rows()[0], actor=LEAD, now=desk.clock(), today=desk.clock.today)


@pytest.mark.parametrize("to", [BankState.RETURNED, BankState.IGNORED])
def test_money_that_is_not_ours_leaves_the_books(desk: Desk, to: BankState) -> None:
    desk.hands_in(Paper([Ntry((Tx("42.00", UNKNOWN, ref="T1"),), ref="E1")]))
    assert desk.row(BankState.UNMATCHED).why == Why.UNKNOWN_REFERENCE
    for _ in range(2):
        with desk.database.writing() as session:
            bank_decisions.set_aside(session, desk.rows()[0], to, actor=LEAD, now=desk.clock())
    assert (desk.states(), desk.balance(AccountKind.SUSPENSE)) == ([to.value], 0)
    assert desk.balance(AccountKind.BANK_CLEARING) == 0
    _take_back(desk)
    assert (desk.states(), desk.balance(AccountKind.SUSPENSE)) == (["unmatched"], -4200)
    desk.dump()


@on_sqlite
def test_what_was_announced_has_arrived(desk: Desk) -> None:
    with desk.database.writing() as session:
        session.get_one(Claim, DORA.claim_id).announced_until = date(2026, 11, 26)
    desk.hands_in(Paper([paid(desk, "50.00")]))
    with desk.database.reading() as session:
        assert session.get_one(Claim, DORA.claim_id).announced_until is None
        assert session.get_one(BankTransaction, desk.rows()[0].id).claim_id == DORA.claim_id


# ------------------------------------------------------------------------------------------------ together


def left_behind(desk: Desk, together: bool) -> tuple[list[str], list[object], list[object]]:
    """The ledger, the events and the claims after a file with every kind of payment, valued on three days."""
    late, early = DAY + timedelta(days=9), DAY - timedelta(days=3)
    debtors = {known.name: desk.reference(known) for known in (DORA, DORA_SECOND, STEFAN)}
    dora, second, stefan = desk.reference(DORA), desk.reference(DORA_SECOND), debtors[STEFAN.name]
    almost = f"{desk.owes(STEFAN, early) / 100 - 1.5:.2f}"
    entries = [
        Ntry((Tx(f"{desk.owes(DORA, DAY) / 100:.2f}", dora, ref="T1"), Tx("42.00", ref="T2")), ref="E1"),
        Ntry((Tx("99.90", second, ref="T3"),), ref="E2", value_on=late, booked_on=late),
        Ntry((Tx(almost, stefan, ref="T4"),), ref="E3", value_on=early, booked_on=early),
    ]
    more = [Ntry((Tx("500.00", second, ref="T5"), Tx("1.00", stefan, ref="T6")), ref="E4")]
    for number, found in enumerate((entries, more)):
        paper = Paper(found, id=f"S{number}")
        handed = Handed(read_bank_file(paper.stream()), "camt.xml", b"")
        file_id = bank.take_file(desk.database, VELO, handed, now=desk.clock())
        bank.work_through(desk.database, VELO, file_id, now=desk.clock(), today=desk.clock.today, together=together)
    with desk.database.reading() as session:
        events = [
            (row.claim_id, row.kind, row.actor, row.internal, row.subject, sorted(row.details.items(), key=str))
            for row in session.scalars(select(Event).order_by(Event.claim_id, Event.seq))
        ]
        claims = [
            (row.id, row.status, row.ended_on, row.announced_until, row.promised_on, row.touched_at)
            for row in session.scalars(select(Claim).order_by(Claim.id))
        ]
        keys = sorted(IDS.sub("#", key) for key in session.scalars(select(Entry.idem_key)))
        shares = sorted(map(repr, session.execute(select(Allocation.reference, Allocation.policy, Allocation.word))))
    return [*desk.dump(), *keys, *shares], events, claims  # type: ignore[return-value]


def test_many_plain_claims_together_are_left_as_one_by_one(
    desk: Desk, parts: Parts, tmp_path: Path, filled_sqlite: Path
) -> None:
    other = tmp_path / "other.db"
    shutil.copyfile(filled_sqlite, other)
    twin = replace(parts, database=Database(f"sqlite:///{other}"))
    together, alone = left_behind(desk, together=True), left_behind(Desk(twin, desk.clock), together=False)
    twin.database.close()
    for one, other in zip(together, alone, strict=True):
        assert one == other


@on_sqlite
def test_plain_money_is_booked_together(desk: Desk) -> None:
    """Otherwise the comparison above would compare the slow way with itself."""
    paper = Paper([Ntry((Tx("50.00", desk.reference(DORA), ref="T1"), Tx("7.00", ref="T2")), ref="E1")])
    handed = Handed(read_bank_file(paper.stream()), "camt.xml", b"")
    bank.take_file(desk.database, VELO, handed, now=desk.clock())
    with desk.database.writing() as session:
        rows = {row.reference: row for row in session.scalars(select(BankTransaction))}
        creditor = session.get_one(Creditor, VELO)
        claim = session.get_one(Claim, DORA.claim_id)
        wanted = [(rows[claim.qr_reference], claim)]
        lost = [(rows[""], Why.NO_REFERENCE)]
        done = book_together(session, creditor, wanted, lost, actor=bank.AUTOMATIC, now=desk.clock())
    assert done == {row.id for row in rows.values()}
    desk.dump()
