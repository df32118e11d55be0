"""What happens when a file of claims is checked or taken in: each row whole or not at all, the file all at once.

The named exception that writes rows and events set by set (`decisions.md` 36, 48), from the same parts as
`actions/opening`; a test holds that both ways leave the same behind.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.import_evidence import Handed, Stored, add_evidence
from portal.actions.import_sets import Seen, changed, look_up, money_only
from portal.actions.import_writing import COLUMNS, Firm, Written, claim_key
from portal.actions.people import SAME_PERSON_TASK, Facts, answerers
from portal.rules.countries import profile_of
from portal.rules.dates import Calendar
from portal.rules.history import Actor, ActorKind, system
from portal.rules.import_evidence import file_key
from portal.rules.import_rows import Light, Problem, Read, Reader, RowProblem, Setting
from portal.rules.imports import REASON, Column, Row, TableFault, TableRefused, missing_columns
from portal.store.bulk import FIRST_LOOK, look_at_sizes
from portal.store.database import Database
from portal.store.imports import (
    ClaimImport,
    ImportMapping,
    import_at,
    mapping_of,
    show,
    still_owner,
    taken_meanwhile,
    unfinished,
    written_already,
)
from portal.store.people import clerks_of
from portal.store.rates import own_rates
from portal.store.settings import Creditor, bank_account, creditor_by_id, currencies_of

#: So many rows are looked up and written in one transaction, well under 200 ms.
AT_ONCE = 250
#: The day that the letter names lies so far ahead, as the desk suggests it for a case opened by hand.
TO_PAY = timedelta(days=20)
RULE = "import"


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it was handed in; its rows can be read once."""

    name: str
    sha256: bytes
    header: tuple[str, ...]
    columns: Mapping[Column, int]
    rows: Iterator[Row]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken, and what stands against it; `about` are the columns in which it differs."""

    read: Read
    problems: tuple[Problem, ...]
    about: tuple[Column, ...] = ()
    line: int = 0


@dataclass
class Figures:
    """What came of a file's rows."""

    total: int = 0
    taken: int = 0
    refused: int = 0
    unchanged: int = 0
    updated: int = 0
    lights: Counter[Light] = field(default_factory=Counter)
    ready: int = 0
    documents: int = 0
    import_id: UUID | None = None


class ImportUnfinished(Exception):
    """Another file's import broke off; it is continued with the same file or taken back first."""

    def __init__(self, row: ClaimImport) -> None:
        super().__init__(row.name)
        self.id, self.name, self.started_at = row.id, row.name, row.started_at


class ImportTakenOver(Exception):
    """Somebody has given the same file again and goes on with it; this writer stops."""


OnRefused = Callable[[Refused], None]
OnTaken = Callable[[Read, UUID], None]
OnProgress = Callable[[Figures], None]


def setting_for(
    session: Session, creditor: Creditor, calendar: Calendar, *, today: date, clerk_id: UUID | None = None,
    evidence: Collection[str] = (),
) -> Setting:  # fmt: skip
    """What this firm's rows are measured by on this day; `clerk_id` answers where a row names nobody."""
    answering = answerers(clerks_of(session, creditor.id))
    return Setting(
        country=creditor.country,
        language=creditor.language,
        profile=profile_of(creditor.country),
        today=today,
        pay_by=calendar.next_working_day(today + TO_PAY),
        currencies=tuple(currencies_of(session, creditor.id)),
        clerks={clerk.email.lower(): clerk.id for clerk in answering},
        own_rates=own_rates(session, creditor.id),
        small_minor=creditor.small_claim_minor,
        clerk_id=clerk_id if clerk_id in {clerk.id for clerk in answering} else None,
        evidence=frozenset(map(file_key, evidence)),
    )


def header_key(header: Sequence[str]) -> bytes:
    """The same bytes for files with the same columns, also for refused rows that come back."""
    names = header[:-1] if tuple(header[-1:]) == (REASON,) else header
    return hashlib.sha256("\n".join(names).encode()).digest()


def remember(
    session: Session, creditor_id: UUID, header: Sequence[str], columns: Mapping[Column, int], *, now: datetime
) -> None:
    """Files with this header are read like this from now on."""
    key = header_key(header)
    row = mapping_of(session, creditor_id, key)
    if row is None:
        row = ImportMapping(creditor_id=creditor_id, header=key)
        session.add(row)
    row.columns = {column.value: place for column, place in columns.items()}
    row.confirmed_at = now
    session.flush()


def remembered(session: Session, creditor_id: UUID, header: Sequence[str]) -> dict[Column, int] | None:
    """What a clerk has confirmed about files with this header, or None."""
    row = mapping_of(session, creditor_id, header_key(header))
    if row is None:
        return None
    return {Column(name): place for name, place in row.columns.items() if name in set(Column)}


def check(
    database: Database, creditor_id: UUID, given: Given, setting: Setting, facts: Facts, *,
    on_refused: OnRefused, on_taken: OnTaken | None = None, update: bool = False,
) -> Figures:  # fmt: skip
    """What would come of this file; nothing is written."""
    work = _Work(given, setting, facts, on_refused, update=update)
    for reads in work.sets():
        with database.reading() as session:
            creditor = creditor_by_id(session, creditor_id)
            for read, _ in work.sorted_out(session, creditor, reads):
                work.count(read)
                if on_taken is not None:
                    on_taken(read, uuid4())
    return work.figures


def take(
    database: Database, creditor_id: UUID, given: Given, setting: Setting, facts: Facts, *, clerk_id: UUID | None,
    now: datetime, on_refused: OnRefused, on_taken: OnTaken | None = None, on_progress: OnProgress | None = None,
    update: bool = False, signed_in_id: UUID | None = None, import_id: UUID | None = None, at_once: int = AT_ONCE,
    handed: Handed | None = None,
) -> Figures:  # fmt: skip
    """Each good row is a claim that everybody sees at the same moment; what was there already is unchanged.

    A file whose import broke off goes on where it stood. `handed` are documents that rows name; known claims that wait
    for one have it too. Raises `ImportUnfinished`, `ImportTakenOver`, and `StorageFull` for documents.
    """
    actor = Actor(ActorKind.CLERK, clerk_id=clerk_id, signed_in_id=signed_in_id) if clerk_id else system(RULE)
    work = _Work(given, setting, facts, on_refused, update=update)
    run = _Run(database, creditor_id, given, clerk_id, now, import_id)
    run.go_on()
    firm: Firm | None = None
    for reads in work.sets(at_once):
        with database.reading() as session:
            if firm is None:
                firm = _firm(session, creditor_id, work, run, actor)
            taken = list(work.sorted_out(session, firm.creditor, reads, run=run))
        stored = _stored(handed, [read for read, _ in taken])
        if taken or work.renewed or run.begun:
            with database.writing() as session:
                if taken:
                    run.begin(session)
                run.hold(session, work.figures)
                work.renew(session)
                _write(session, work, firm, taken, stored)
        for read, claim in taken:
            work.count(read)
            if on_taken is not None:
                on_taken(read, UUID(claim))
        run.look_at_sizes(work.figures.taken)
        if on_progress is not None:
            on_progress(work.figures)
    run.finish(work.figures)
    if handed is not None and work.naming:
        work.figures.documents = add_evidence(
            database, creditor_id, None, handed, actor=actor, now=now, today=setting.today, claim_ids=work.naming
        )
    return work.figures


def _stored(handed: Handed | None, reads: Sequence[Read]) -> dict[str, Stored]:
    """The documents that these rows name and that were handed in, in the store; no lock is held meanwhile."""
    if handed is None:
        return {}
    named = dict.fromkeys(file_key(name) for read in reads for name in read.evidence)
    return {key: found for key in named if (found := handed.stored(key)) is not None}


@dataclass
class _Run:
    """The import's row, from the first claim that is written to the moment when all can be seen."""

    database: Database
    creditor_id: UUID
    given: Given
    clerk_id: UUID | None
    now: datetime
    import_id: UUID | None
    id: UUID = field(default_factory=uuid4)
    started_at: datetime = field(init=False)
    begun: bool = False
    continued: bool = False
    owner: UUID = field(default_factory=uuid4)
    look_next: int = FIRST_LOOK

    def __post_init__(self) -> None:
        self.started_at = self.now

    def go_on(self) -> None:
        """If this file broke off before, this writer owns its import from now on."""
        with self.database.writing() as session:
            row = unfinished(session, self.creditor_id)
            if row is not None and row.sha256 != self.given.sha256:
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
            row = ClaimImport(id=self.id, creditor_id=self.creditor_id, name=self.given.name, started_at=self.now)
            session.add(row)
        row.clerk_id, row.sha256, row.state, row.owner = self.clerk_id, self.given.sha256, "writing", self.owner
        session.flush()
        self.begun = True

    def look_at_sizes(self, written: int) -> None:
        """The database plans by the size that its tables have now, at 1,000 claims, 10,000 and so on."""
        if self.begun and written >= self.look_next:
            self.look_next *= 10
            look_at_sizes(self.database, list(COLUMNS))

    def hold(self, session: Session, figures: Figures) -> None:
        """Nobody else writes this import in this transaction."""
        if self.begun and not still_owner(
            session, self.id, self.owner, total=figures.total, taken=figures.taken, refused=figures.refused
        ):
            raise ImportTakenOver

    def key(self, read: Read, reference: str) -> str:
        """The id of the row's claim, as 32 hexadecimal signs."""
        return claim_key(self.id, self.started_at, read.line, reference)

    def finish(self, figures: Figures) -> None:
        """Everything is seen from this commit on; a claim whose reference was taken meanwhile stays unseen."""
        if not self.begun:
            return
        with self.database.writing() as session:
            self.hold(session, figures)
            row = import_at(session, self.creditor_id, self.id)
            if row is None:
                raise ImportTakenOver
            row.details = {**(row.details or {}), "not_seen": [str(one) for one in taken_meanwhile(session, row)]}
            row.state, row.done_at = "done", self.now
            row.total, row.refused, row.unchanged = figures.total, figures.refused, figures.unchanged
            row.taken = show(session, row, task_kind=SAME_PERSON_TASK)
        figures.import_id = self.id


class _Work:
    """A file while it is gone through once."""

    def __init__(self, given: Given, setting: Setting, facts: Facts, on_refused: OnRefused, *, update: bool) -> None:
        if missing := missing_columns(given.columns):
            raise TableRefused(TableFault.COLUMNS_MISSING, missing)
        self.given, self.setting, self.facts, self.update = given, setting, facts, update
        self.on_refused = on_refused
        self.figures, self.seen = Figures(), Seen()
        #: Known claims of rows that name documents, and rows of this set that say something new about a known claim.
        self.naming: list[UUID] = []
        self.renewed: list[Read] = []

    def sets(self, size: int = AT_ONCE) -> Iterator[list[Read]]:
        """The rows in sets of this size, as the portal understands them."""
        read = Reader(self.given.columns, len(self.given.header), self.setting).read
        while rows := list(islice(self.given.rows, size)):
            yield [read(row) for row in rows]

    def count(self, read: Read) -> None:
        self.figures.taken += 1
        self.figures.lights.update(read.lights)
        self.figures.ready += not read.lights

    def refuse(self, refused: Refused) -> None:
        self.figures.refused += 1
        self.on_refused(refused)

    def sorted_out(
        self, session: Session, creditor: Creditor, reads: Sequence[Read], *, run: _Run | None = None
    ) -> Iterator[tuple[Read, str]]:
        """Those rows of the set that are new claims, with the id each will have; all others are told or counted."""
        self.figures.total += len(reads)
        self.known = look_up(session, creditor.id, [read for read in reads if not read.problems])
        there = _there(session, run, reads)
        for read in reads:
            if read.problems or read.opening is None:
                self.refuse(Refused(read, read.problems))
                continue
            reference = read.opening.reference
            claim = run.key(read, reference) if run else ""
            first = self.seen.references.setdefault(reference, read.line)
            if first != read.line:
                self.refuse(Refused(read, (RowProblem.TWICE_IN_FILE,), line=first))
            elif claim in there:
                self.count(read)
            elif reference in self.known.claims:
                self._compare(read)
            elif problem := self.seen.stranger(read, self.known):
                self.refuse(Refused(read, (problem,)))
            else:
                yield self.seen.marked(read, self.known), claim

    def _compare(self, read: Read) -> None:
        differing = changed(self.known, read, self.given.columns, self.setting, self.facts)
        if not differing:
            self.figures.unchanged += 1
        elif money_only(differing):
            self.refuse(Refused(read, (RowProblem.MONEY_DIFFERS,), about=tuple(differing)))
        elif not self.update:
            self.refuse(Refused(read, (RowProblem.DIFFERS,), about=tuple(differing)))
        else:
            self.figures.updated += 1
            self.renewed.append(read)
        if read.evidence and read.opening is not None:
            self.naming.append(self.known.claims[read.opening.reference].id)

    def renew(self, session: Session) -> None:
        """Known claims say what the set's rows say anew."""
        if not self.renewed:
            return
        known = look_up(session, self.known.creditor_id, self.renewed)
        for read in self.renewed:
            known.renew(read)
        self.renewed = []
        session.flush()


def _there(session: Session, run: _Run | None, reads: Sequence[Read]) -> set[str]:
    if run is None or not run.continued:
        return set()
    wanted = [UUID(run.key(read, read.opening.reference)) for read in reads if read.opening is not None]
    return {one.hex for one in written_already(session, run.id, wanted)}


def _firm(session: Session, creditor_id: UUID, work: _Work, run: _Run, actor: Actor) -> Firm:
    creditor, setting = creditor_by_id(session, creditor_id), work.setting
    accounts = {currency: bank_account(session, creditor_id, currency) for currency in setting.currencies}
    return Firm(creditor, accounts, setting, work.facts, actor, run.id, run.started_at, run.now)


def _write(
    session: Session, work: _Work, firm: Firm, taken: list[tuple[Read, str]], stored: Mapping[str, Stored]
) -> None:
    """These rows stand as claims that nobody sees yet."""
    written = Written(session, firm, work.known, stored)
    for read, claim in taken:
        written.add(read, claim)
    written.write()
