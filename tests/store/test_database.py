"""Do our sessions hold what they promise: settings of the connection, no lost update, moments in UTC?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import StatementError

from portal.store.claims import Claim, lock, lock_all
from portal.store.database import Database, answers
from portal.store.settings import Creditor
from tests.store.ledger_rows import CLAIM, FIRM, ident

pytestmark = pytest.mark.slow

THREADS, ROUNDS = 8, 15


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("busy_timeout", 10_000),
        ("cache_size", -16_000),
    ],
)
def test_every_sqlite_connection_has_our_settings(database: Database, pragma: str, value: object) -> None:
    for session in (database.open_reading(), database.open_writing()):
        assert session.execute(text(f"PRAGMA {pragma}")).scalar_one() == value
        session.close()


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("lock_timeout", "5s"),
        ("statement_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("timezone", "UTC"),
    ],
)
def test_every_postgres_connection_has_our_settings(database: Database, setting: str, value: str) -> None:
    with database.reading() as session:
        assert session.execute(text(f"SHOW {setting}")).scalar_one() == value


def test_eight_threads_that_read_and_write_lose_nothing(filled: Database) -> None:
    """Under the claim's lock each thread reads a number and writes it back increased by one."""

    def count(_: int) -> None:
        for _ in range(ROUNDS):
            with filled.writing() as session:
                lock(session, FIRM, CLAIM)
                found = session.scalars(select(Creditor.grace_days).where(Creditor.id == FIRM)).one()
                session.execute(update(Creditor).where(Creditor.id == FIRM).values(grace_days=found + 1))

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(count, range(THREADS)))
    with filled.reading() as session:
        assert session.scalars(select(Creditor.grace_days).where(Creditor.id == FIRM)).one() == 3 + THREADS * ROUNDS


def test_eight_threads_that_change_the_claim_itself_lose_nothing(filled: Database) -> None:
    """The lock reads anew, so that the version column never meets a stale row."""

    def count(_: int) -> None:
        for _ in range(ROUNDS):
            with filled.writing() as session:
                claim = lock(session, FIRM, CLAIM)
                claim.title = str(int(claim.title) + 1)

    with filled.writing() as session:
        lock(session, FIRM, CLAIM).title = "0"
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(count, range(THREADS)))
    with filled.reading() as session:
        claim = session.get_one(Claim, CLAIM)
        assert (claim.title, claim.version) == (str(THREADS * ROUNDS), 2 + THREADS * ROUNDS)


def test_a_block_that_fails_writes_nothing(filled: Database) -> None:
    def fail() -> None:
        with filled.writing() as session:
            lock(session, FIRM, CLAIM).title = "never"
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with filled.reading() as session:
        assert session.get_one(Claim, CLAIM).title == "Velo"


def test_what_a_reading_session_changes_is_not_kept(filled: Database) -> None:
    with filled.reading() as session:
        session.get_one(Claim, CLAIM).title = "never"
        session.flush()
    with filled.reading() as session:
        assert session.get_one(Claim, CLAIM).title == "Velo"


def test_several_claims_are_locked_in_one_order(filled: Database) -> None:
    with filled.writing() as session:
        assert [claim.id for claim in lock_all(session, FIRM, {CLAIM})] == [CLAIM]
        assert session.scalars(select(Claim.id).where(Claim.id == ident("other firm claim"))).one()


def test_moments_come_back_in_utc_and_naive_ones_are_refused(filled: Database) -> None:
    east = datetime(2026, 11, 23, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with filled.writing() as session:
        lock(session, FIRM, CLAIM).answered_at = east
    with filled.reading() as session:
        found = session.get_one(Claim, CLAIM).answered_at
    assert found == east
    assert found is not None
    assert found.tzinfo is UTC
    with pytest.raises(StatementError, match="without a time zone"), filled.writing() as session:
        lock(session, FIRM, CLAIM).answered_at = datetime(2026, 11, 23)  # noqa: DTZ001


def test_a_database_that_is_there_answers(database: Database) -> None:
    assert answers(database)
