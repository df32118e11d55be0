"""Does the database itself refuse to change, remove or unbalance what was booked, on both engines?"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Signal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.rules.payments import AccountKind
from portal.store import triggers
from portal.store.database import Database
from portal.store.ledger import Entry, EntryRow, LineRow, Posting, account_id, write
from tests.store.ledger_rows import CLAIM, FIRM, OTHER, entry, other, paid, receivable

CHANGES = [
    "UPDATE account SET kind = 'suspense'",
    "UPDATE entry SET note_code = 'mistake'",
    "UPDATE entry SET seq = seq + 100",
    "UPDATE posting SET amount_minor = amount_minor + 1",
    "UPDATE event SET kind = 'message_sent'",
    "UPDATE provider_event SET raw = event_id",
    "DELETE FROM account",
    "DELETE FROM entry",
    "DELETE FROM posting",
    "DELETE FROM event",
    "DELETE FROM provider_event",
]
TABLES = ["account", "entry", "posting", "event", "provider_event"]


def dump(database: Database) -> list[list[tuple[object, ...]]]:
    with database.reading() as session:
        return [sorted(map(tuple, session.execute(text(f"SELECT * FROM {table}"))), key=repr) for table in TABLES]  # noqa: S608


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_booked_cannot_be_changed_or_removed(filled: Database, change: str) -> None:
    before = dump(filled)
    if filled.engine.dialect.name == "postgresql":
        change = change.replace("raw = event_id", "raw = 'x'::bytea")
    with pytest.raises(IntegrityError, match="only ever added"), filled.writing() as session:
        session.execute(text(change))
    assert dump(filled) == before


def test_the_worker_may_note_that_a_providers_event_is_done(filled: Database) -> None:
    with filled.writing() as session:
        session.execute(text("UPDATE provider_event SET state = 'done', tries = 1, error = NULL"))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", TABLES)
def test_insert_or_replace_removes_nothing(filled: Database, table: str) -> None:
    """REPLACE deletes rows; only `recursive_triggers` makes SQLite fire for them."""
    before = dump(filled)
    with pytest.raises(IntegrityError), filled.writing() as session:
        session.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))  # noqa: S608
    assert dump(filled) == before


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_insert_or_replace_of_an_entry_by_its_key_removes_nothing(filled: Database) -> None:
    again = paid("paid", 1)
    with filled.open_writing() as session:
        _postings(session, again)
        with pytest.raises(IntegrityError, match="only ever added"):
            session.execute(insert(Entry).prefix_with("OR REPLACE").values(**_values(again)))


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"], indirect=True)
@pytest.mark.parametrize("table", [*TABLES, "creditor"])
def test_truncate_is_refused(filled: Database, table: str) -> None:
    before = dump(filled)
    with pytest.raises(IntegrityError, match="only ever added"), filled.writing() as session:
        session.execute(text(f"TRUNCATE {table} CASCADE"))
    assert dump(filled) == before


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((other(100), receivable(-99)), "add up to zero"),
        ((other(100), receivable(-100), other(5, AccountKind.SUSPENSE)), "add up to zero"),
        ((other(100, currency="EUR"), receivable(-100)), "add up to zero"),
        ((other(100),), "two postings"),
    ],
)
def test_an_unbalanced_entry_is_refused(filled: Database, lines: tuple[LineRow, ...], why: str) -> None:
    before = dump(filled)
    with pytest.raises(IntegrityError, match=why), filled.writing() as session:
        write(session, [entry("wrong", *lines)])
    assert dump(filled) == before


def test_two_currencies_that_each_add_up_are_fine(filled: Database) -> None:
    euro = (other(7, currency="EUR"), other(-7, AccountKind.SUSPENSE, "EUR"))
    with filled.writing() as session:
        assert len(write(session, [entry("both", other(100), receivable(-100), *euro)])) == 1


def test_an_entry_before_its_postings_is_refused(filled: Database) -> None:
    with pytest.raises(IntegrityError, match="two postings"), filled.writing() as session:
        session.execute(insert(Entry).values(**_values(paid("early"))))


def test_a_posting_to_an_entry_that_stands_is_refused(filled: Database) -> None:
    with filled.reading() as session:
        standing = session.scalars(select(Entry.id)).first()
    assert standing is not None
    with pytest.raises(IntegrityError, match="takes no further posting"), filled.writing() as session:
        _posting(session, standing, 9, 5)
    written = paid("same transaction", 10)
    with filled.open_writing() as session:
        write(session, [written])
        with pytest.raises(IntegrityError, match="takes no further posting"):
            _posting(session, written.id, 9, 5)


def test_postings_without_an_entry_are_refused_at_the_end(filled: Database) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), filled.writing() as session:
        _postings(session, paid("nobody", 10))


def test_postings_of_another_creditor_are_refused(filled: Database) -> None:
    row = paid("foreign", 10)
    with filled.open_writing() as session:
        _postings(session, row)
        with pytest.raises(IntegrityError, match="one creditor"):
            session.execute(insert(Entry).values(**{**_values(row), "creditor_id": OTHER, "claim_id": None}))


def test_a_posting_to_another_creditors_account_is_refused(filled: Database) -> None:
    row = entry("stranger", other(10), other(-10, AccountKind.SUSPENSE), creditor_id=OTHER, claim_id=None)
    with filled.writing() as session:
        write(session, [row])
    stolen = account_id(OTHER, AccountKind.SUSPENSE, "CHF")
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), filled.open_writing() as session:
        _posting(session, uuid4(), 1, 10, stolen)


def test_the_same_key_and_the_same_reversal_come_only_once(filled: Database) -> None:
    with filled.writing() as session:
        assert write(session, [paid()]) == []
        original = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
        write(session, [entry("undo", receivable(4_000), other(-4_000), reverses_id=original)])
    with pytest.raises(IntegrityError), filled.writing() as session:
        write(session, [entry("undo again", receivable(4_000), other(-4_000), reverses_id=original)])


def test_a_reversal_that_is_no_mirror_is_refused(filled: Database) -> None:
    with filled.reading() as session:
        original = session.scalars(select(Entry.id).where(Entry.idem_key == "paid")).one()
    wrong = ((receivable(3_999), other(-3_999)), (receivable(4_000), other(-4_000, AccountKind.SUSPENSE)))
    for number, lines in enumerate(wrong):
        with pytest.raises(IntegrityError, match="takes back on each account"), filled.writing() as session:
            write(session, [entry(f"undo {number}", *lines, reverses_id=original)])
    with filled.writing() as session:
        assert write(session, [entry("undo", receivable(4_000), other(-4_000), reverses_id=original)])


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"], indirect=True)
def test_a_posting_written_beside_an_uncommitted_entry_is_refused(filled: Database) -> None:
    """The second transaction can't see the first one's entry when it inserts, but it can when it commits."""
    row = paid("slow", 10)
    inserted, committed = Signal(), Signal()

    def beside() -> None:
        with filled.writing() as session:
            _posting(session, row.id, 9, 5)
            inserted.set()
            assert committed.wait(20)

    with ThreadPoolExecutor(1) as thread:
        with filled.writing() as session:
            write(session, [row])
            second: Future[None] = thread.submit(beside)
            assert inserted.wait(20)
        committed.set()
        with pytest.raises(IntegrityError, match="add up to zero"):
            second.result(20)


def test_drop_and_install_leave_the_same_triggers(filled: Database) -> None:
    with filled.writing() as session:
        connection = session.connection()
        triggers.drop(connection)
        assert triggers.missing(connection) == triggers.names(connection.dialect.name)
        triggers.drop(connection)
        triggers.install(connection)
        assert triggers.missing(connection) == frozenset()


def _values(row: EntryRow) -> dict[str, object]:
    names = (
        "id", "creditor_id", "claim_id", "kind", "effective_on", "recorded_at", "cause_type", "cause_id", "idem_key",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _posting(session: Session, entry_id: UUID, line: int, minor: int, account: UUID | None = None) -> None:
    session.execute(
        insert(Posting).values(
            entry_id=entry_id,
            line=line,
            creditor_id=FIRM,
            account_id=account or account_id(FIRM, AccountKind.BANK_CLEARING, "CHF"),
            amount_minor=minor,
            currency="CHF",
        )
    )


def _postings(session: Session, row: EntryRow) -> None:
    assert row.claim_id == CLAIM
    for number, line in enumerate(row.lines, start=1):
        _posting(session, row.id, number, line.amount_minor, line.account_id(FIRM))
