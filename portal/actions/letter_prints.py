"""What happens when a run of letters is printed: each file whole or not at all, its codes dead if nobody holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.jobs import enqueue
from portal.actions.letter_runs import HeldBack, Recipient, Write, Written, call_back, issue_all, survey
from portal.actions.letters import NewCode
from portal.gateways.hashing import CodeHasher
from portal.gateways.pdf import PaperFailed
from portal.rules.history import Actor, ActorKind, system
from portal.rules.jobs import LEASE, JobKind
from portal.rules.letter_runs import RunState, moved
from portal.rules.letters import MOST_IN_A_FILE, LetterKind, RevokeReason
from portal.store.database import Database
from portal.store.letter_runs import (
    LetterFile,
    LetterRun,
    add_picks,
    files_of,
    hold_back,
    picks_gone,
    put_in_file,
    run_at,
    run_locked,
    still_printing,
    unfiled,
)
from portal.store.letters import Letter, Wanted
from portal.store.settings import creditor_by_id

RULE = "letters"
Data = dict[str, object]
#: Sets these letters as one PDF.
Set = Callable[[Iterable[Data]], bytes]
#: Puts the file with this number somewhere safe; the key under which it lies with us, or None where it lies elsewhere.
Keep = Callable[[int, bytes], str | None]


class PrintTakenOver(Exception):
    """Somebody else prints this run now; this printer stops."""


@dataclass(frozen=True, slots=True)
class Printer:
    """What a run is printed with: codes, words, paper and a place for the files.

    `alive` is called after each letter; `told` hears each claim that is held back; `new` makes the codes in turns.
    """

    codes: CodeHasher
    write: Write
    set: Set
    keep: Keep
    alive: Callable[[], None] = lambda: None
    told: Callable[[HeldBack], None] = lambda held: None
    new: Callable[[], NewCode] | None = None


def draft(
    session: Session, creditor_id: UUID, claim_ids: Sequence[UUID], *, run_id: UUID, clerk_id: UUID | None,
    now: datetime,
) -> LetterRun:  # fmt: skip
    """These claims are chosen for a run that nobody has printed yet; the same id again gives the run that is there."""
    known = run_at(session, creditor_id, run_id)
    return known or _new(session, creditor_id, claim_ids, RunState.DRAFT, run_id, clerk_id, None, now)


def begin(
    session: Session, creditor_id: UUID, claim_ids: Sequence[UUID], *, clerk_id: UUID | None, now: datetime,
    kind: LetterKind | None = None, run_id: UUID | None = None,
) -> LetterRun:  # fmt: skip
    """A run of these claims is being printed by whoever asked."""
    return _new(session, creditor_id, claim_ids, RunState.PRINTING, run_id or uuid4(), clerk_id, kind, now)


def let_print(session: Session, run: LetterRun, *, now: datetime) -> None:
    """The draft is being printed."""
    run.state = moved(run.state, RunState.PRINTING)
    run.asked_at = now


def queue(session: Session, run: LetterRun, *, now: datetime, waited_for: bool) -> None:
    """The worker prints the run: at once, or what a clerk who waited for it has not got in a minute."""
    payload = {"creditor_id": str(run.creditor_id), "run_id": str(run.id)}
    run_at = now + LEASE if waited_for else now
    enqueue(session, JobKind.LETTERS, f"letters print {run.id}", payload, now=now, run_at=run_at)


def drop(session: Session, run: LetterRun) -> None:
    """The draft is given up: nothing was printed, and the run is gone."""
    moved(run.state, RunState.PRINTING)  # only a draft can still be printed, so only a draft can be given up
    picks_gone(session, run.creditor_id, run.id)
    session.delete(run)
    session.flush()


def print_run(
    database: Database, creditor_id: UUID, run_id: UUID, printer: Printer, *, now: datetime, today: date
) -> None:
    """Every claim of the run stands in a file or is held back with a reason; a run that broke off goes on.

    Raises `PrintTakenOver`. Codes that were issued for a file that never came to be are dead.
    """
    work = _Work(database, creditor_id, run_id, printer, now, today)
    if not work.take_over():
        return
    recipients = work.recipients()
    problem = ""
    try:
        for start in range(0, len(recipients), MOST_IN_A_FILE):
            work.file(recipients[start : start + MOST_IN_A_FILE])
    except PaperFailed as failed:
        problem = str(failed)[:300]
    work.finish(problem)


class _Work:
    """A run while it is printed."""

    def __init__(
        self, database: Database, creditor_id: UUID, run_id: UUID, printer: Printer, now: datetime, today: date
    ) -> None:
        self.database, self.creditor_id, self.run_id = database, creditor_id, run_id
        self.printer, self.now, self.today = printer, now, today
        self.owner, self.number = uuid4(), 0
        self.actor: Actor = system(RULE)
        self.kind: LetterKind | None = None

    def take_over(self) -> bool:
        """This printer owns the run, and codes of letters in no file are dead; False if it is not to be printed."""
        with self.database.writing() as session:
            run = run_locked(session, self.creditor_id, self.run_id)
            if run is None or run.state != RunState.PRINTING:
                return False
            run.owner = self.owner
            self.kind = LetterKind(run.kind) if run.kind else None
            if run.clerk_id is not None:
                self.actor = Actor(ActorKind.CLERK, clerk_id=run.clerk_id)
            self.number = len(files_of(session, self.creditor_id, self.run_id))
            loose = unfiled(session, self.creditor_id, self.run_id)
        self._call_back(loose)
        return True

    def recipients(self) -> tuple[Recipient, ...]:
        """Who still gets a letter, in the order of the addresses; claims that are not green are held back."""
        with self.database.reading() as session:
            creditor = creditor_by_id(session, self.creditor_id)
            found = survey(session, creditor, today=self.today, wanted=Wanted(run_id=self.run_id))
        with self.database.writing() as session:
            for held in found.held:
                self._hold(session, held, [held.reference])
        return found.recipients

    def file(self, recipients: Sequence[Recipient]) -> None:
        """One more file with a letter for each of these, or without those who are held back at the last moment."""
        letters: list[UUID] = []
        done = False
        try:
            coming = self._issued(recipients, letters)
            first = next(coming, None)
            if first is None:
                return
            pdf = self.printer.set(chain([first], coming))
            self.number += 1
            self._keep(letters, self.printer.keep(self.number, pdf))
            done = True
        finally:
            if not done:
                self._call_back(letters)

    def finish(self, problem: str) -> None:
        """The run is printed, or has failed because nothing stands in a file."""
        with self.database.writing() as session:
            run = self._mine(session)
            run.letters = sum(file.letters for file in files_of(session, self.creditor_id, self.run_id))
            run.state = moved(run.state, RunState.PRINTED if run.letters else RunState.FAILED)
            run.printed_at, run.problem, run.owner = self.now, problem, None

    def _issued(self, recipients: Sequence[Recipient], letters: list[UUID]) -> Iterator[Data]:
        def note(session: Session, letter: Letter) -> None:
            if not still_printing(session, self.creditor_id, self.run_id, self.owner):
                raise PrintTakenOver
            letter.run_id, letter.place = self.run_id, len(letters) + 1

        issued = issue_all(
            self.database, self.creditor_id, recipients, self.printer.write, codes=self.printer.codes,
            actor=self.actor, now=self.now, today=self.today, note=note, kind=self.kind, new=self.printer.new,
        )  # fmt: skip
        for recipient, one in zip(recipients, issued, strict=True):
            self.printer.alive()
            if isinstance(one, Written):
                letters.append(one.letter_id)
                yield one.data
                continue
            with self.database.writing() as session:
                self._hold(session, one, [reference for _, reference in recipient.claims])

    def _hold(self, session: Session, held: HeldBack, references: Sequence[str]) -> None:
        hold_back(session, self.creditor_id, self.run_id, references, held.why.value, held.what)
        self.printer.told(held)

    def _keep(self, letters: Sequence[UUID], key: str | None) -> None:
        with self.database.writing() as session:
            self._mine(session)
            file = LetterFile(
                id=uuid4(), creditor_id=self.creditor_id, run_id=self.run_id, number=self.number,
                letters=len(letters), file_key=key,
            )  # fmt: skip
            session.add(file)
            session.flush()
            put_in_file(session, self.creditor_id, letters, file.id)

    def _mine(self, session: Session) -> LetterRun:
        run = run_locked(session, self.creditor_id, self.run_id)
        if run is None or run.owner != self.owner or run.state != RunState.PRINTING:
            raise PrintTakenOver
        return run

    def _call_back(self, letters: Sequence[UUID]) -> None:
        call_back(self.database, self.creditor_id, letters, RevokeReason.STAFF, actor=self.actor, now=self.now)


def _new(
    session: Session, creditor_id: UUID, claim_ids: Sequence[UUID], state: RunState, run_id: UUID,
    clerk_id: UUID | None, kind: LetterKind | None, now: datetime,
) -> LetterRun:  # fmt: skip
    run = LetterRun(
        id=run_id, creditor_id=creditor_id, clerk_id=clerk_id, kind=kind.value if kind else None,
        state=moved(None, state), asked_at=now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    add_picks(session, creditor_id, run_id, claim_ids)
    return run
