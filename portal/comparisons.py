"""Which comparisons of our books are due, and what does each of them run: for the worker, and for `portal daily`?"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from portal.actions import jobs, payouts, provider_events, reconciliation, trial
from portal.gateways.calendars import CalendarUnknown
from portal.gateways.stripe import StripeDown, StripeRefused
from portal.rules.dates import Calendar
from portal.rules.jobs import JobKind
from portal.rules.reconciliation import balance_period
from portal.store.settings import Creditor, creditor_by_id, creditors, day_of
from portal.web.parts import Parts

log = logging.getLogger("portal.reconciliation")
#: The ledger is asked about itself in the night of the firms' country; all of ours keep one time.
NIGHT_IN = "Europe/Zurich"


def queue_due(parts: Parts, *, now: datetime) -> None:
    """Each comparison that is due by now waits in the queue, once per hour or day and firm, whatever the clock did."""
    with parts.database.reading() as session:
        firms = [(creditor.id, creditor.timezone) for creditor in creditors(session)]
    due: list[tuple[JobKind, str, dict[str, str]]] = [(JobKind.LEDGER, f"ledger:{balance_period(now, NIGHT_IN)}", {})]
    for firm, zone in firms:
        payload = {"creditor_id": str(firm)}
        due.append((JobKind.EVENTS, f"events:{firm}:{now:%Y-%m-%dT%H}", payload))
        due.append((JobKind.BALANCE, f"balance:{firm}:{balance_period(now, zone)}", payload))
    missing = [one for one in due if not jobs.is_queued(parts.database, one[1])]
    if missing:
        with parts.database.writing() as session:
            for kind, key, payload in missing:
                jobs.enqueue(session, kind, key, payload, now=now)


def events(parts: Parts, creditor_id: UUID, *, now: datetime) -> None:
    """What Stripe knows to have happened waits in the inbox (R2)."""
    reconciliation.fetch_events(reconciliation.books(parts.database, parts.stripe, creditor_id, now=now))


def balance(parts: Parts, creditor_id: UUID, *, now: datetime, since: datetime | None = None) -> None:
    """Our ledger and Stripe's books of this firm say the same, and payouts are looked for at the bank (R3, R4)."""
    have = reconciliation.books(parts.database, parts.stripe, creditor_id, now=now)
    differed = reconciliation.compare_balance(have, since=since)
    if differed:
        log.info("%s objects differed from Stripe's books and were booked or held", differed)
    with parts.database.writing() as session:
        creditor = creditor_by_id(session, creditor_id)
        today = day_of(session, creditor_id, now)
        payouts.find_at_bank(session, creditor_id, now=now)
        payouts.await_at_bank(session, creditor_id, _calendar(parts, creditor, now), today=today, now=now)


def ledger(parts: Parts, *, now: datetime) -> int:
    """The ledger was asked every question, and tonight's files were read (R5); how many things are wrong."""
    return trial.check_ledger(parts.database, now=now) + trial.check_files(parts.database, parts.files, now=now)


def all_of_them(parts: Parts, *, now: datetime, since: datetime | None = None) -> tuple[list[str], int]:
    """Every comparison ran for every firm, as `portal daily` asks for; a sentence for each that could not, because
    Stripe was away, and how many things are wrong in our own books."""
    with parts.database.reading() as session:
        firms = [(creditor.id, creditor.slug) for creditor in creditors(session)]
    unasked = []
    for firm, slug in firms:
        try:
            events(parts, firm, now=now)
            provider_events.drain_events(parts.database, parts.stripe, now=now)
            balance(parts, firm, now=now, since=since)
        except (StripeDown, StripeRefused) as problem:
            log.warning("the books of a firm could not be compared: %s", type(problem).__name__)
            unasked.append(f"{slug}: Stripe did not show its books ({problem}). The next run catches up.")
    return unasked, ledger(parts, now=now)


def _calendar(parts: Parts, creditor: Creditor, now: datetime) -> Calendar:
    year = (now - timedelta(days=60)).year
    try:
        return parts.calendars.calendar(creditor.country, creditor.canton or None, range(year, year + 2))
    except CalendarUnknown:
        return Calendar()
