"""What happens when a file of claims is checked or taken in: each row whole or not at all, the file all at once.

The named exception that writes rows and events set by set (`decisions.md` 36, 48), from the same parts as
`actions/opening`; a test holds that both ways leave the same behind.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.import_evidence import Handed, Stored, add_evidence
from portal.actions.import_run import ImportTakenOver, ImportUnfinished, Run
from portal.actions.import_sets import Person, Seen, changed, look_up, money_only
from portal.actions.import_writing import Firm, Written
from portal.actions.people import Facts, answerers
from portal.rules.countries import profile_of
from portal.rules.dates import Calendar
from portal.rules.history import Actor, ActorKind, system
from portal.rules.import_evidence import file_key
from portal.rules.import_rows import Light, Problem, Read, Reader, RowProblem, Setting
from portal.rules.imports import REASON, Column, Row, TableFault, TableRefused, missing_columns
from portal.rules.openings import OpeningProblem
from portal.store.bulk import quick_turns
from portal.store.database import Database
from portal.store.imports import ImportMapping, mapping_of, written_already
from portal.store.people import clerks_of
from portal.store.rates import own_rates
from portal.store.settings import Creditor, bank_account, creditor_by_id, currencies_of

__all__ = [
    "AT_ONCE", "RULE", "Figures", "Given", "ImportTakenOver", "ImportUnfinished", "OnProgress", "Refused", "check",
    "header_key", "remember", "remembered", "setting_for", "take",
]  # fmt: skip

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
    run = Run(database, creditor_id, given.name, given.sha256, clerk_id, now, import_id)
    run.go_on()
    with database.reading() as session:
        firm = _firm(session, creditor_id, work, run, actor)
    with ThreadPoolExecutor(1) as beside, quick_turns():
        under_way: tuple[Future[None], _Set] | None = None
        for reads in work.sets(at_once):
            one = _prepared(database, firm, work, run, reads, handed)
            if under_way is not None:
                _ended(*under_way, work, on_taken, on_progress)
            under_way = beside.submit(_write, database, work, run, one), one
            if database.is_sqlite:
                _ended(*under_way, work, on_taken, on_progress)
                under_way = None
        if under_way is not None:
            _ended(*under_way, work, on_taken, on_progress)
    if run.begun:
        work.figures.import_id = run.id
        for line, reference in run.finish(work.figures, actor=actor, today=setting.today):
            work.late(line, reference)
    if handed is not None and work.naming:
        work.figures.documents = add_evidence(
            database, creditor_id, None, handed, actor=actor, now=now, today=setting.today, claim_ids=work.naming
        )
    return work.figures


@dataclass(frozen=True, slots=True)
class _Set:
    """Some rows of the file, put together and not written yet."""

    taken: Sequence[tuple[Read, str]]
    renewed: Sequence[Read]
    written: Written


def _prepared(
    database: Database, firm: Firm, work: _Work, run: Run, reads: Sequence[Read], handed: Handed | None
) -> _Set:  # fmt: skip
    """What these rows will leave behind; no lock is held meanwhile."""
    with database.reading() as session:
        taken = list(work.sorted_out(session, firm.creditor, reads, run=run))
    stored = _stored(handed, [read for read, _ in taken])
    written = Written(firm, work.known, stored, is_sqlite=database.is_sqlite)
    for read, claim in taken:
        written.add(read, claim)
    renewed, work.renewed, work.before = work.renewed, [], written.people
    return _Set(taken, renewed, written)


def _stored(handed: Handed | None, reads: Sequence[Read]) -> dict[str, Stored]:
    """The documents that these rows name and that were handed in, in the store."""
    if handed is None:
        return {}
    named = dict.fromkeys(file_key(name) for read in reads for name in read.evidence)
    return {key: found for key in named if (found := handed.stored(key)) is not None}


def _write(database: Database, work: _Work, run: Run, one: _Set) -> None:
    """These rows stand as claims that nobody sees yet; PostgreSQL does it while the next rows are read."""
    if one.taken or one.renewed or run.begun:
        with database.writing() as session:
            if one.taken:
                run.begin(session)
            run.hold(session, work.figures)
            work.renew(session, one.renewed)
            one.written.write(session)
    run.look_at_sizes(len(one.taken))


def _ended(
    writing: Future[None], one: _Set, work: _Work, on_taken: OnTaken | None, on_progress: OnProgress | None
) -> None:  # fmt: skip
    """The set is written, and whoever wants to know hears of it."""
    writing.result()
    for read, claim in one.taken:
        work.count(read)
        if on_taken is not None:
            on_taken(read, UUID(claim))
    if on_progress is not None:
        on_progress(work.figures)


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
        self.renewed: Sequence[Read] = []
        #: Somebody new of the set before, whom the database may not know yet.
        self.before: Sequence[Person] = ()

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

    def late(self, line: int, reference: str) -> None:
        """Somebody has opened a claim under the row's reference while the file was taken in."""
        self.figures.taken -= 1
        places = [self.given.columns.get(column) for column in (Column.REFERENCE, Column.INVOICE_NUMBER)]
        place = next(one for one in places if one is not None)
        cells = tuple(reference if at == place else "" for at in range(len(self.given.header)))
        self.refuse(Refused(Read(line, cells, (OpeningProblem.REFERENCE_TAKEN,)), (OpeningProblem.REFERENCE_TAKEN,)))

    def sorted_out(
        self, session: Session, creditor: Creditor, reads: Sequence[Read], *, run: Run | None = None
    ) -> Iterator[tuple[Read, str]]:
        """Those rows of the set that are new claims, with the id each will have; all others are told or counted."""
        self.figures.total += len(reads)
        self.known = look_up(session, creditor.id, [read for read in reads if not read.problems], self.before)
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
                self.named(read, UUID(claim))
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
            self.renewed = [*self.renewed, read]
        if read.opening is not None:
            self.named(read, self.known.claims[read.opening.reference].id)

    def named(self, read: Read, claim_id: UUID) -> None:
        """A claim that is there, whose row names documents."""
        if read.evidence:
            self.naming.append(claim_id)

    def renew(self, session: Session, reads: Sequence[Read]) -> None:
        """Known claims say what these rows say anew."""
        if not reads:
            return
        known = look_up(session, self.known.creditor_id, reads)
        for read in reads:
            known.renew(read)
        session.flush()


def _there(session: Session, run: Run | None, reads: Sequence[Read]) -> set[str]:
    if run is None or not run.continued:
        return set()
    wanted = [UUID(run.key(read, read.opening.reference)) for read in reads if read.opening is not None]
    return {one.hex for one in written_already(session, run.id, wanted)}


def _firm(session: Session, creditor_id: UUID, work: _Work, run: Run, actor: Actor) -> Firm:
    creditor, setting = creditor_by_id(session, creditor_id), work.setting
    accounts = {currency: bank_account(session, creditor_id, currency) for currency in setting.currencies}
    return Firm(creditor, accounts, setting, work.facts, actor, run.id, run.started_at, run.now)
