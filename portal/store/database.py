"""How do we talk to SQLite and PostgreSQL so that no decision is lost: engine, sessions, column types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: An integer that counts upwards by itself on both engines.
Sequence = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; a naive one is refused at the border."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Table(DeclarativeBase):
    """The one base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, str: String}


class Database:
    """One engine; sessions that only read, and sessions that write under the engine's one lock."""

    def __init__(self, url: str, *, echo: bool = False) -> None:
        self.engine = engine_for(url, echo=echo)
        self._reading = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._writing = sessionmaker(
            self.engine, expire_on_commit=False, execution_options={"portal_begin": "IMMEDIATE"}
        )

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def open_reading(self) -> Session:
        """A session whose caller closes it; nothing it does is kept."""
        return self._reading()

    def open_writing(self) -> Session:
        """A session that holds SQLite's write lock from its first statement; its caller commits and closes it."""
        return self._writing()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read in one short transaction that is always rolled back."""
        with self._reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write in one transaction: kept whole when the block ends well, else not at all."""
        with self._writing() as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


def engine_for(url: str, *, echo: bool = False) -> Engine:
    """Build the engine with the settings without which both databases lose updates (`stack.md` 2.1)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed, echo=echo, hide_parameters=True, connect_args={"timeout": 10, "check_same_thread": False}
        )  # what people wrote never stands in a traceback
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        parsed,
        echo=echo,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        connect_args={
            "connect_timeout": 5,
            "options": "-c lock_timeout=5s -c statement_timeout=60s "
            "-c idle_in_transaction_session_timeout=60s -c timezone=UTC",
        },
    )


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "busy_timeout=10000",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN " + str(connection.get_execution_options().get("portal_begin", "DEFERRED")))


def answers(database: Database) -> bool:
    """Say whether the database answers a simple question."""
    with database.reading() as session:
        return bool(session.execute(text("SELECT 1")).scalar_one() == 1)
