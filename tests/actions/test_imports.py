"""Does a file of claims leave behind what opening each by hand leaves, at one moment, and only once?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portal.actions import imports
from portal.actions.history import record
from portal.actions.import_sets import new_claim, new_debtor
from portal.actions.import_undo import ImportUnknown, TakenBack, TooLate, undo
from portal.actions.imports import Figures, Given, ImportUnfinished, Refused
from portal.actions.opening import open_claim
from portal.actions.people import find_or_create
from portal.gateways.tables import read_table
from portal.rules.dates import Calendar
from portal.rules.history import EventKind, system
from portal.rules.import_rows import Read, RowProblem, Setting, read_row
from portal.rules.imports import Column, match_columns
from portal.rules.openings import OpeningProblem
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, claim_at_desk, lock
from portal.store.history import Event
from portal.store.imports import ClaimImport, unfinished
from portal.store.ledger import Account, Entry, Posting
from portal.store.ledger_checks import verify
from portal.store.people import Debtor
from portal.store.settings import creditor_by_id
from portal.web.parts import Parts
from portal.web.refused_rows import sentences
from tests.examples import TODAY, VELO, Clock, email_of

pytestmark = pytest.mark.slow

HEADER = (
    "reference;debtor_name;debtor_kind;street;postcode;town;language;birth_date;customer_number;title;invoice_number;"
    "invoice_date;due_date;principal;interest_from;interest_reason;interest_rate;reminder_fee;fee_basis;paid_so_far;contact"
)


def line(number: int, **changes: str) -> str:
    said = dict(zip(HEADER.split(";"), (
        f"IM-{number}", f"Anna Muster{number}", "person", f"Gasse {number}", "4900", "Langenthal", "de", "", "", "Velo",
        f"2026-{number}", "01.08.2026", "31.08.2026", "120.50", "2026-09-15", "reminder_received", "5", "20", "AGB",
        "20.50", email_of("clara"),
    ), strict=True))  # fmt: skip
    return ";".join((said | changes).values())


def file(*lines: str) -> bytes:
    return "\r\n".join((HEADER, *lines)).encode()


class Desk:
    """Velo Sutter's desk with a file of claims in hand."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self.parts, self.clock = parts, clock
        self.refused: list[Refused] = []
        with parts.database.reading() as session:
            creditor = creditor_by_id(session, VELO)
            self.setting: Setting = imports.setting_for(session, creditor, Calendar(), today=TODAY)

    def given(self, content: bytes, name: str = "claims.csv") -> Given:
        table = read_table(io.BytesIO(content))
        return Given(name, content[:32].ljust(32), table.header, match_columns(table.header), table.rows)

    def takes(self, content: bytes, **more: Any) -> Figures:
        self.refused = []
        return imports.take(
            self.parts.database, VELO, self.given(content), self.setting, self.parts.facts,
            clerk_id=None, now=self.clock(), on_refused=self.refused.append, **more,
        )  # fmt: skip

    def checks(self, content: bytes) -> Figures:
        self.refused = []
        return imports.check(
            self.parts.database, VELO, self.given(content), self.setting, self.parts.facts,
            on_refused=self.refused.append,
        )  # fmt: skip

    def takes_back(self, import_id: UUID) -> TakenBack:
        return undo(
            self.parts.database, VELO, import_id, actor=system("import"), now=self.clock(), today=self.clock.today
        )  # fmt: skip

    def problems(self) -> list[object]:
        return [problem for refused in self.refused for problem in refused.problems]

    def claim(self, reference: str) -> Claim | None:
        with self.parts.database.reading() as session:
            return claim_at_desk(session, creditor_id=VELO, reference=reference)

    def counts(self) -> list[int]:
        """How many rows there are of each kind; the ledger must be whole."""
        with self.parts.database.reading() as session:
            assert verify(session) == []
            return [
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Claim, Debtor, Account, Entry, Posting, Event, ClaimImport)
            ]


@pytest.fixture
def desk(parts: Parts, clock: Clock) -> Iterator[Desk]:
    return Desk(parts, clock)


def facts_of(desk: Desk, reference: str) -> dict[str, Any]:
    """Everything about a claim but ids and what names it."""
    with desk.parts.database.reading() as session:
        claim = claim_at_desk(session, creditor_id=VELO, reference=reference)
        assert claim is not None
        rows = session.execute(
            select(Entry.kind, Entry.effective_on, Entry.cause_type, Entry.recorded_at, Account.kind,
                   Posting.amount_minor, Posting.line)
            .join(Posting, Posting.entry_id == Entry.id).join(Account, Account.id == Posting.account_id)
            .where(Entry.claim_id == claim.id).order_by(Entry.seq, Posting.line)
        )  # fmt: skip
        events = session.scalars(select(Event).where(Event.claim_id == claim.id).order_by(Event.seq))
        return {
            "claim": [claim.status, claim.currency, claim.title, claim.invoice_on, claim.due_on, claim.pay_by,
                      claim.consumer, claim.opened_at, claim.touched_at, claim.ended_on, claim.clerk_id,
                      claim.undone_at, len(claim.qr_reference)],
            "lines": [
                (p.number, p.kind, p.label, p.basis, p.claimed_minor, p.due_on, p.rate_percent, p.rate_table,
                 p.interest_from, p.interest_reason, p.day_count)
                for p in claim.positions
            ],
            "debtor": [claim.debtor.kind, claim.debtor.street, claim.debtor.postcode, claim.debtor.language,
                       claim.debtor.fact_kind, claim.debtor.address_unclear],
            "ledger": [tuple(row) for row in rows],
            "events": [(e.kind, e.actor, e.internal, e.subject, e.details, e.at) for e in events],
        }  # fmt: skip


def by_hand(desk: Desk, read: Read) -> None:
    """The same claim, opened one by one under the next reference."""
    with desk.parts.database.writing() as session:
        debtor = find_or_create(session, VELO, new_debtor(read), desk.parts.facts, now=desk.clock())
        assert read.clerk_id is not None
        open_claim(
            session, creditor_by_id(session, VELO), debtor, read.clerk_id, new_claim(read, desk.setting),
            actor=system("import"), now=desk.clock(), today=TODAY,
        )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"debtor_kind": "company", "customer_number": "K-9", "interest_rate": "law", "paid_so_far": "120.50"},
        {"birth_date": "14.03.1987", "reminder_fee": ""} | dict.fromkeys(HEADER.split(";")[14:17], ""),
    ],
)  # fmt: skip
def test_both_ways_leave_the_same_behind(desk: Desk, changes: dict[str, str]) -> None:
    assert desk.takes(file(line(1, **changes))).taken == 1
    given = desk.given(file(line(2, **{"street": "Gasse 1", "invoice_number": "2026-1"} | changes)))
    (row,) = given.rows
    by_hand(desk, read_row(row, given.columns, len(given.header), desk.setting))
    assert facts_of(desk, "IM-1") == facts_of(desk, "IM-2")
    assert desk.counts()


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    content = file(line(1), line(2), line(3, customer_number="K1"), line(4, customer_number="K1"))
    figures = desk.takes(content)
    assert (figures.taken, figures.refused) == (3, 1)
    assert desk.problems() == [OpeningProblem.NUMBER_OF_ANOTHER]
    before = desk.counts()
    again = desk.takes(content)
    assert (again.taken, again.unchanged, again.refused) == (0, 3, 1)
    assert desk.counts() == before


def test_a_dry_run_says_the_same_and_changes_nothing(desk: Desk) -> None:
    content = file(line(1), line(2, principal="viel"), line(1))
    before = desk.counts()
    dry = desk.checks(content)
    said = [(refused.read.line, refused.problems, refused.line) for refused in desk.refused]
    assert desk.counts() == before
    wet = desk.takes(content)
    assert (dry.taken, dry.refused) == (wet.taken, wet.refused) == (1, 2)
    assert said == [(one.read.line, one.problems, one.line) for one in desk.refused]
    assert desk.refused[1].problems == (RowProblem.TWICE_IN_FILE,)
    assert desk.refused[1].line == 2


def test_a_changed_row_is_refused_with_the_difference_unless_it_may_change(desk: Desk) -> None:
    desk.takes(file(line(1), line(2)))
    content = file(line(1, town="Bern", title="Rad"), line(2, principal="99"))
    assert desk.takes(content).refused == 2
    assert [(one.problems, one.about) for one in desk.refused] == [
        ((RowProblem.DIFFERS,), (Column.TOWN, Column.TITLE)),
        ((RowProblem.MONEY_DIFFERS,), (Column.PRINCIPAL,)),
    ]
    figures = desk.takes(content, update=True)
    assert (figures.updated, figures.refused) == (1, 1)
    claim = desk.claim("IM-1")
    assert claim is not None
    assert claim.title == "Rad"
    assert desk.takes(file(line(1, town="Bern", title="Rad"))).unchanged == 1


def test_two_rows_of_one_person_are_one_debtor(desk: Desk) -> None:
    desk.takes(file(line(1), line(2, debtor_name="Anna Muster1", street="Gasse 1")), at_once=1)
    first, second = desk.claim("IM-1"), desk.claim("IM-2")
    assert first is not None
    assert second is not None
    assert first.debtor_id == second.debtor_id


def breaks_after(count: int) -> Any:
    def stop(figures: Figures) -> None:
        if figures.taken >= count:
            raise KeyboardInterrupt

    return stop


@pytest.mark.parametrize("after", [1, 5, 9])
def test_f29_a_broken_import_is_invisible_and_goes_on_with_the_same_file(desk: Desk, after: int) -> None:
    content = file(*(line(number) for number in range(10)))
    with pytest.raises(KeyboardInterrupt):
        desk.takes(content, at_once=1, on_progress=breaks_after(after))
    assert desk.claim("IM-0") is None
    with desk.parts.database.reading() as session:
        assert unfinished(session, VELO) is not None
    with pytest.raises(ImportUnfinished):
        imports.take(
            desk.parts.database, VELO,
            Given("other.csv", b"x" * 32, ("a",), desk.given(content).columns, iter(())), desk.setting,
            desk.parts.facts, clerk_id=None, now=desk.clock(), on_refused=desk.refused.append,
        )  # fmt: skip
    desk.clock.move(minutes=1)
    figures = desk.takes(content)
    assert (figures.taken, figures.refused) == (10, 0)
    assert all(desk.claim(f"IM-{number}") for number in range(10))
    before = desk.counts()
    assert desk.takes(content).unchanged == 10
    assert desk.counts() == before


def test_what_was_taken_back_is_withdrawn_and_may_come_again(desk: Desk) -> None:
    content = file(*(line(number) for number in range(3)))
    figures = desk.takes(content)
    assert figures.import_id is not None
    touched, gone = desk.claim("IM-0"), desk.claim("IM-1")
    assert touched is not None
    assert gone is not None
    with desk.parts.database.writing() as session:
        claim = lock(session, VELO, touched.id)
        record(session, claim, EventKind.NOTE_ADDED, actor=system("test"), now=desk.clock())
    back = desk.takes_back(figures.import_id)
    assert (back.withdrawn, back.stay) == (2, 1)
    assert desk.claim("IM-0") is not None
    assert desk.claim("IM-1") is None
    with desk.parts.database.reading() as session:
        left = session.get_one(Claim, gone.id)
        assert (left.status, left.undone_at) == ("withdrawn", desk.clock())
        assert claim_sum(session, left, on=TODAY).open.minor == 0
    assert desk.counts()
    with pytest.raises(TooLate):
        desk.takes_back(figures.import_id)
    again = desk.takes(content)
    assert (again.taken, again.unchanged) == (2, 1)
    assert again.import_id is not None
    desk.clock.move(hours=25)
    with pytest.raises(TooLate):
        desk.takes_back(again.import_id)
    with pytest.raises(ImportUnknown):
        desk.takes_back(VELO)


def test_a_broken_import_can_be_taken_back(desk: Desk) -> None:
    content = file(*(line(number) for number in range(6)))
    with pytest.raises(KeyboardInterrupt):
        desk.takes(content, at_once=1, on_progress=breaks_after(4))
    with desk.parts.database.reading() as session:
        row = unfinished(session, VELO)
        assert row is not None
    desk.clock.move(hours=48)
    assert desk.takes_back(row.id).withdrawn == 4
    assert desk.counts()
    assert desk.takes(content).taken == 6


def test_a_reference_given_by_hand_meanwhile_stays_with_the_hand(desk: Desk) -> None:
    """Exactly one of the two is seen, and the row is told; the other's claim is not touched."""
    content = file(line(1), line(2), line(3))
    given = desk.given(file(line(2, title="Von Hand")))
    (row,) = given.rows
    read = read_row(row, given.columns, len(given.header), desk.setting)

    def meanwhile(figures: Figures) -> None:
        if figures.taken == 3:
            by_hand(desk, read)

    figures = desk.takes(content, on_progress=meanwhile)
    assert (figures.taken, figures.refused) == (2, 1)
    assert desk.problems() == [OpeningProblem.REFERENCE_TAKEN]
    assert (desk.refused[0].read.line, desk.refused[0].read.cells[0]) == (3, "IM-2")
    told = sentences(desk.refused[0], desk.setting.profile, TODAY)
    assert told == ["There is a case with this number already."]
    by_hand_claim = desk.claim("IM-2")
    assert by_hand_claim is not None
    assert (by_hand_claim.title, by_hand_claim.import_id) == ("Von Hand", None)
    assert desk.claim("IM-1")
    assert desk.claim("IM-3")
    with desk.parts.database.reading() as session:
        left = session.scalars(select(Claim).where(Claim.reference == "IM-2", Claim.import_id.is_not(None))).one()
        assert left.status == "withdrawn"
        assert left.undone_at is not None
    assert desk.counts()
    again = desk.takes(content)
    assert (again.unchanged, again.refused) == (2, 1)
    assert desk.refused[0].problems == (RowProblem.DIFFERS,)
