"""How does an example of a thousand steps leave no trace: real commits inside one transaction that is taken back?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, sessionmaker

from portal.store.database import Database


class UndoneDatabase(Database):
    """A database on which everything between the two ends of `example()` never happened afterwards.

    Sessions commit as always, each into a savepoint of one outer transaction; locks, triggers and keys work as always.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._outer: Connection | None = None

    @contextmanager
    def example(self) -> Iterator[None]:
        """One life of the database, from the rows it was made with."""
        self.begin()
        try:
            yield
        finally:
            self.undo()

    def begin(self) -> None:
        self._outer = self.engine.connect().execution_options(portal_begin="IMMEDIATE")
        self._outer.begin()
        made = {"bind": self._outer, "expire_on_commit": False, "join_transaction_mode": "create_savepoint"}
        self._reading = sessionmaker(autoflush=False, **made)  # type: ignore[call-overload]
        self._writing = sessionmaker(**made)  # type: ignore[call-overload]

    def undo(self) -> None:
        assert self._outer is not None
        self._outer.close()
        self._outer = None

    def says(self, question: str) -> Sequence[Any]:
        """The one row that answers a plain question, without anything between it and the database."""
        assert self._outer is not None
        return self._outer.exec_driver_sql(question).one()

    def check_deferred(self) -> None:
        """What the database checks only at a commit is checked now: references and PostgreSQL's balance trigger."""
        with Session(self._outer, join_transaction_mode="create_savepoint") as session:
            if self.is_sqlite:
                assert session.execute(text("PRAGMA foreign_key_check")).fetchmany(3) == []
            else:
                session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
