"""How do many rows get into a table at once, as fast as each engine can, with everything that guards it?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.store.database import Database

#: One value as it stands in a row: keys as 32 hexadecimal signs, days as ISO 8601, moments by `moment_text`.
Value = str | int | bytes | None
#: So many rows of a new table, and then ten times as many, until its size is looked at again.
FIRST_LOOK = 1_000
_BLOCK = 1 << 17
#: What SQLite may hold in memory while it imports.
CACHE_KIB = 98_304


def moment_text(moment: datetime, *, is_sqlite: bool) -> str:
    """The moment in the form in which a row of this engine holds it."""
    plain = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return plain if is_sqlite else f"{plain}+00"


@contextmanager
def quick_turns() -> Iterator[None]:
    """A thread that waits for the database gets its turn after half a millisecond, not after five."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def add_rows(session: Session, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    """These rows are in the table; PostgreSQL takes them by COPY. Every constraint and trigger holds as always."""
    if not rows:
        return
    driver: Any = session.connection().connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    if session.get_bind().dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        driver.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)  # noqa: S608
        return
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for block in _blocks(rows):
            copy.write(block)


def _blocks(rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    lines: list[str] = []
    size = 0
    for row in rows:
        line = "\t".join([_FORMS[type(value)](value) for value in row])
        lines.append(line)
        size += len(line)
        if size > _BLOCK:
            yield "\n".join([*lines, ""])
            lines, size = [], 0
    yield "\n".join([*lines, ""])


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"})


def _escaped(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


_FORMS: dict[type[Any], Callable[[Any], str]] = {
    str: _escaped,
    int: str,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: f"\\\\x{value.hex()}",
    type(None): lambda value: "\\N",
}


def make_room(session: Session) -> None:
    """SQLite keeps more of the indexes in memory on this connection, as an import grows all of them."""
    if session.get_bind().dialect.name == "sqlite":
        driver: Any = session.connection().connection.driver_connection
        driver.execute(f"PRAGMA cache_size=-{CACHE_KIB}")


def look_at_sizes(database: Database, tables: Sequence[str]) -> None:
    """PostgreSQL knows how many rows these tables have, and plans the check of each key by that.

    Without it the plans of an empty table are kept, by which every key is looked for among all rows of a firm.
    """
    if database.is_sqlite:
        return
    names = ", ".join(f'"{name}"' for name in tables)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"ANALYZE (SKIP_LOCKED) {names}"))
