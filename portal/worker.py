"""Who does the work that waits: the loop behind `portal worker`, which leaves nothing half done when it is stopped."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from portal import comparisons, paths
from portal.actions import attachments, bank, digests, jobs, notices, provider_events, refunds
from portal.actions.jobs import Taken
from portal.gateways.files import StorageFull
from portal.gateways.pixels import Converter, ConverterDown, SandboxConverter
from portal.gateways.scan import ClamdScanner, NoScanner, ScanFailed, Scanner
from portal.gateways.stripe import StripeDown, StripeRefused
from portal.rules.jobs import JobKind
from portal.rules.notices import REST
from portal.settings import Settings
from portal.store.settings import creditor_by_id
from portal.web import i18n, import_work, letter_prints, mails
from portal.web.parts import Clock, Parts

log = logging.getLogger("portal.worker")

IDLE_SECONDS = 1.0
GIVE_WAY_SECONDS = 0.01
#: Few enough that a worker that is asked to end has ended in seconds.
EVENTS_AT_ONCE = 60
#: So often work that takes long renews its lease of 60 s.
HOLD_EVERY = timedelta(seconds=15)
#: What may fail and is tried again later; anything else ends the worker, and the lease gives the job back.
TEMPORARY = (
    ScanFailed, ConverterDown, StorageFull, StripeDown, StripeRefused, IntegrityError, OperationalError, StaleDataError,
)  # fmt: skip


def scanner_of(settings: Settings) -> Scanner:
    """The virus scanner of this installation, or the stand-in that says that there is none."""
    return ClamdScanner(settings.clamd) if settings.clamd else NoScanner()


class Worker:
    """Empties the queue and the provider's inbox; any number of workers may run at once, on any machine.

    `wall` is the machine's own clock, by which the file store dates its files; the portal's clock may be a demo's.
    """

    def __init__(
        self, parts: Parts, *, wall: Clock, scanner: Scanner | None = None, converter: Converter | None = None
    ) -> None:
        self._parts = parts
        self._wall = wall
        self._scanner = scanner or scanner_of(parts.settings)
        self._converter = converter or SandboxConverter()
        self._planned: datetime | None = None
        self._start = 0
        self._mail_rests: datetime | None = None
        i18n.load(paths.TRANSLATIONS)
        self._handlers: Mapping[JobKind, Callable[[Taken], None]] = {
            JobKind.ATTACHMENT: self._attachment,
            JobKind.SWEEP: self._sweep,
            JobKind.BANK_FILE: self._bank_file,
            JobKind.EVENTS: self._events,
            JobKind.BALANCE: self._balance,
            JobKind.LEDGER: self._ledger,
            JobKind.REFUND: self._refund,
            JobKind.NOTICE: self._notice,
            JobKind.PROMISES: self._promises,
            JobKind.IMPORT: self._import,
            JobKind.LETTERS: self._letters,
        }

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a job that has begun is finished first."""
        log.info("the worker is ready")
        self._start = secrets.randbelow(1 << 30)  # two workers do not begin with the same event
        while not stop.is_set():
            self.plan()
            if not self._round():
                stop.wait(IDLE_SECONDS)
        log.info("the worker has stopped")

    def plan(self) -> None:
        """What is due by the clock, comparisons and warnings, waits in the queue; looked at once a minute."""
        now = self._parts.clock()
        minute = now.replace(second=0, microsecond=0)
        if minute == self._planned:
            return
        try:
            comparisons.queue_due(self._parts, now=now)
            if self._parts.mail.configured:
                digests.queue_warnings(self._parts.database, now=now)
        except TEMPORARY as problem:
            log.warning("the database is busy or away: %s", type(problem).__name__)
            return
        self._planned = minute

    def drain(self) -> int:
        """Work until nothing is due any more; how many jobs and provider events were done."""
        count = 0
        while found := self._round():
            count += found
        return count

    def _round(self) -> int:
        now = self._parts.clock()
        done = 0
        try:
            done = provider_events.drain_events(
                self._parts.database,
                self._parts.stripe,
                now=now,
                limit=EVENTS_AT_ONCE,
                start=self._start,
                between=self._give_way,
            )
            provider_events.reconcile_attempts(self._parts.database, self._parts.stripe, now=now)
            self._queue_sweep(now)
            taken = jobs.take(self._parts.database, now=now)
        except TEMPORARY as problem:
            log.warning("the database is busy or away: %s", type(problem).__name__)
            return done
        return done + (self._work(taken) if taken is not None else 0)

    def _give_way(self) -> None:
        """SQLite has one writer's place and no queue for it: who writes without a rest keeps all others waiting."""
        if self._parts.database.is_sqlite:
            time.sleep(GIVE_WAY_SECONDS)

    def _work(self, taken: Taken) -> int:
        """1 when the job is over, and when it will be tried again later."""
        try:
            self._handlers[taken.kind](taken)
        except TEMPORARY as problem:
            log.warning("%s waits for another try: %s", taken.kind, problem)
            jobs.failed(self._parts.database, taken, str(problem) or type(problem).__name__, now=self._parts.clock())
            return 1
        jobs.done(self._parts.database, taken)
        return 1

    def _attachment(self, taken: Taken) -> None:
        attachments.process(
            self._parts.database,
            self._parts.files,
            self._scanner,
            self._converter,
            UUID(taken.payload["attachment_id"]),
            now=self._parts.clock(),
        )

    def _refund(self, taken: Taken) -> None:
        refund_id = UUID(taken.payload["refund_id"])
        refunds.send(self._parts.database, self._parts.stripe, refund_id, now=self._parts.clock())

    def _notice(self, taken: Taken) -> None:
        """A mail to somebody who wants to be told; while the server is away, none is tried for a minute."""
        found, now = self._parts, self._parts.clock()
        notice_id = UUID(taken.payload["notice_id"])
        if self._mail_rests is not None and now < self._mail_rests:
            notices.put_off(found.database, notice_id, until=self._mail_rests, now=now)
            return
        later = notices.deliver(
            found.database, found.mail, partial(mails.written, found), notice_id, date=mails.written_at(now), now=now
        )
        self._mail_rests = now + REST if later is not None and later.down else None

    def _promises(self, taken: Taken) -> None:
        """Whoever has promised an answer for this day and not given it is told in the afternoon."""
        with self._parts.database.writing() as session:
            creditor = creditor_by_id(session, UUID(taken.payload["creditor_id"]))
            day = date.fromisoformat(taken.payload["day"])
            digests.warn(session, creditor, today=day, now=self._parts.clock())

    def _import(self, taken: Taken) -> None:
        """A file of claims is checked, brought in or taken back; a long one keeps its lease."""
        import_work.work_off(self._parts, taken.payload, self._held(taken))

    def _letters(self, taken: Taken) -> None:
        """A run of letters is printed, or told in the histories of its claims; a long one keeps its lease."""
        letter_prints.work_off(self._parts, taken.payload, self._held(taken))

    def _held(self, taken: Taken) -> Callable[[], None]:
        """Renews the lease of work that takes long, however often it is called."""
        last = self._parts.clock()

        def hold() -> None:
            nonlocal last
            now = self._parts.clock()
            if now - last >= HOLD_EVERY:
                jobs.hold_on(self._parts.database, taken, now=now)
                last = now

        return hold

    def _events(self, taken: Taken) -> None:
        comparisons.events(self._parts, UUID(taken.payload["creditor_id"]), now=self._parts.clock())

    def _balance(self, taken: Taken) -> None:
        comparisons.balance(self._parts, UUID(taken.payload["creditor_id"]), now=self._parts.clock())

    def _ledger(self, taken: Taken) -> None:
        comparisons.ledger(self._parts, now=self._parts.clock())

    def _bank_file(self, taken: Taken) -> None:
        """What a bank's file brought and nobody has worked through yet, some hundred amounts at a time."""
        creditor_id, file_id = UUID(taken.payload["creditor_id"]), UUID(taken.payload["file_id"])
        bank.go_on(self._parts.database, creditor_id, file_id, now=self._parts.clock())

    def _queue_sweep(self, now: datetime) -> None:
        """Once an hour, whichever worker is first."""
        if jobs.is_queued(self._parts.database, key := f"sweep:{now:%Y-%m-%dT%H}"):
            return
        with self._parts.database.writing() as session:
            jobs.enqueue(session, JobKind.SWEEP, key, {}, now=now)

    def _sweep(self, taken: Taken) -> None:
        gone = attachments.sweep(self._parts.database, self._parts.files, now=self._parts.clock(), wall=self._wall())
        jobs.forget_old(self._parts.database, now=self._parts.clock())
        notices.forget_old(self._parts.database, now=self._parts.clock())
        if gone:
            log.info("%s files that no row knew are gone", len(gone))
