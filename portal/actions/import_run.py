"""Which import is under way, whose is it, and from which moment on does everybody see its claims?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actions.import_undo import withdraw
from portal.actions.import_writing import COLUMNS, claim_key, line_of
from portal.actions.people import SAME_PERSON_TASK
from portal.rules.history import Actor
from portal.rules.import_rows import Read
from portal.store.bulk import FIRST_LOOK, look_at_sizes
from portal.store.database import Database
from portal.store.imports import ClaimImport, import_at, show, still_owner, taken_meanwhile, unfinished


class Counts(Protocol):
    """How many rows were read, and what came of them."""

    total: int
    taken: int
    refused: int
    unchanged: int


class ImportUnfinished(Exception):
    """Another file's import broke off; it is continued with the same file or taken back first."""

    def __init__(self, row: ClaimImport) -> None:
        super().__init__(row.name)
        self.id, self.name, self.started_at = row.id, row.name, row.started_at


class ImportTakenOver(Exception):
    """Somebody has given the same file again and goes on with it; this writer stops."""


@dataclass
class Run:
    """The import's row, from the first claim that is written to the moment when all can be seen."""

    database: Database
    creditor_id: UUID
    name: str
    sha256: bytes
    clerk_id: UUID | None
    now: datetime
    import_id: UUID | None
    id: UUID = field(default_factory=uuid4)
    started_at: datetime = field(init=False)
    begun: bool = False
    continued: bool = False
    owner: UUID = field(default_factory=uuid4)
    written: int = 0
    tries: int = 3
    look_next: int = FIRST_LOOK

    def __post_init__(self) -> None:
        self.started_at = self.now

    def go_on(self) -> None:
        """If this file broke off before, this writer owns its import from now on."""
        with self.database.writing() as session:
            row = unfinished(session, self.creditor_id)
            if row is not None and row.sha256 != self.sha256:
                raise ImportUnfinished(row)
            if row is not None:
                row.owner = self.owner
                self.begun = self.continued = True
            elif self.import_id is not None:
                row = import_at(session, self.creditor_id, self.import_id)
            if row is not None:
                self.id, self.started_at = row.id, row.started_at

    def begin(self, session: Session) -> None:
        """The import has its row, and is this writer's."""
        if self.begun:
            return
        row = import_at(session, self.creditor_id, self.id)
        if row is None:
            row = ClaimImport(id=self.id, creditor_id=self.creditor_id, name=self.name, started_at=self.now)
            session.add(row)
        row.clerk_id, row.sha256, row.state, row.owner = self.clerk_id, self.sha256, "writing", self.owner
        session.flush()
        self.begun = True

    def look_at_sizes(self, written: int) -> None:
        """The database plans by the size that its tables have now, at 1,000 claims, 10,000 and so on."""
        self.written += written
        if self.written >= self.look_next:
            self.look_next *= 10
            look_at_sizes(self.database, list(COLUMNS))

    def hold(self, session: Session, figures: Counts) -> None:
        """Nobody else writes this import in this transaction."""
        if self.begun and not still_owner(
            session, self.id, self.owner, total=figures.total, taken=figures.taken, refused=figures.refused
        ):
            raise ImportTakenOver

    def key(self, read: Read, reference: str) -> str:
        """The id of the row's claim, as 32 hexadecimal signs."""
        return claim_key(self.id, self.started_at, read.line, reference)

    def finish(self, figures: Counts, *, actor: Actor, today: date) -> list[tuple[int, str]]:
        """Everything is seen from this commit on.

        A claim whose reference somebody has given by hand meanwhile is withdrawn instead: line and reference of each.
        """
        while True:
            try:
                return self._finish_once(figures, actor, today)
            except IntegrityError:
                self.tries -= 1  # the other one was not kept yet when we looked
                if not self.tries:
                    raise

    def _finish_once(self, figures: Counts, actor: Actor, today: date) -> list[tuple[int, str]]:
        with self.database.writing() as session:
            self.hold(session, figures)
            row = import_at(session, self.creditor_id, self.id)
            if row is None:
                raise ImportTakenOver
            late = taken_meanwhile(session, row)
            withdraw(session, late, actor=actor, now=self.now, today=today)
            session.flush()
            row.state, row.done_at = "done", self.now
            row.total, row.refused, row.unchanged = figures.total, figures.refused + len(late), figures.unchanged
            row.taken = show(session, row, task_kind=SAME_PERSON_TASK)
            return [(line_of(claim.id), claim.reference) for claim in late]
