"""What has to happen on a day by itself: due instalments, deadlines, pauses that end; safe to repeat, catches up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.actions import deferrals, hardship, import_desk, letter_posts, offers, plans, rates
from portal.gateways.files import FileStore
from portal.store import throttle
from portal.store.database import Database
from portal.store.settings import Creditor, creditor_by_id, creditors

Duty = Callable[[Session, Creditor, date, datetime], object]

#: Each in a transaction of its own, in this order; what one ends is ended for the next.
DUTIES: tuple[tuple[str, Duty], ...] = (
    ("offers", lambda session, creditor, today, now: offers.expire_due(session, creditor.id, today=today, now=now)),
    ("deferrals", lambda session, creditor, today, now: deferrals.daily(session, creditor, today=today, now=now)),
    ("hardship", lambda session, creditor, today, now: hardship.daily(session, creditor, today=today, now=now)),
    ("plans", lambda session, creditor, today, now: plans.daily(session, creditor, today=today, now=now)),
    ("imports", lambda session, creditor, today, now: import_desk.forget_old(session, creditor.id, now=now)),
    ("rates", lambda session, creditor, today, now: rates.daily(session, creditor, today=today, now=now)),
)


def run_daily(database: Database, *, now: datetime, day: date | None = None, files: FileStore | None = None) -> int:
    """Everything that is due on this day (by default today where each creditor is) has happened; how many creditors.

    A second run on the same day finds nothing to do, and one that is days late does what the missed ones would have.
    What no row names any more is deleted from `files`; without them the worker's sweep does it.
    """
    with database.reading() as session:
        known = [(creditor.id, creditor.timezone) for creditor in creditors(session)]
    for creditor_id, zone in known:
        today = day or now.astimezone(ZoneInfo(zone)).date()
        for _, duty in DUTIES:
            with database.writing() as session:
                duty(session, creditor_by_id(session, creditor_id), today, now)
        with database.writing() as session:
            keys = letter_posts.clear_away(session, creditor_id, now=now)
        if files is not None:
            for key in keys:
                files.delete(key)
    with database.writing() as session:
        throttle.forget_old(session, now)
    return len(known)
