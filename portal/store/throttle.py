"""How often has something failed in a window of time; counters that all workers share and a restart keeps."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.store.access import Throttle

#: Counters stay a while after their window, so that a lock's memory outlives the lock.
KEPT = timedelta(days=2)


def add(session: Session, scope: str, key: str, window: int, weight: int, *, expires_at: datetime) -> int:
    """The counter has grown by this weight (less if negative, never under 0); its new value is returned."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Throttle).values(
        scope=scope, key=key, window=window, weight=max(weight, 0), expires_at=expires_at
    )
    grown = statement.on_conflict_do_update(
        index_elements=["scope", "key", "window"], set_={"weight": Throttle.weight + weight}
    )
    found = session.scalar(grown.returning(Throttle.weight))
    return int(found or 0)


def counted(session: Session, scope: str, key: str, window: int) -> int:
    """The counter's value, 0 if nothing was counted."""
    found = session.scalar(
        select(Throttle.weight).where(Throttle.scope == scope, Throttle.key == key, Throttle.window == window)
    )
    return int(found or 0)


def locked(session: Session, scope: str, key: str, *, now: datetime) -> Throttle:
    """The one counter of a thing that is not ours (an unknown code or account), locked, made if it wasn't there."""
    add(session, scope, key, 0, 0, expires_at=now)
    return session.scalars(
        select(Throttle)
        .where(Throttle.scope == scope, Throttle.key == key, Throttle.window == 0)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def forget_old(session: Session, now: datetime) -> None:
    """Counters whose windows ended days ago are gone; the day's run calls it."""
    session.execute(delete(Throttle).where(Throttle.expires_at < now - KEPT))


def hit(session: Session, scope: str, key: str, amount: int, *, now: datetime, until: datetime) -> int:
    """So many more in the window that runs, else in a new one that runs until then; the sum in this window."""
    add(session, scope, key, 0, 0, expires_at=until)
    row = locked(session, scope, key, now=now)
    if row.expires_at <= now:
        row.weight, row.expires_at = 0, until
    row.weight += amount
    return row.weight


def running(session: Session, scope: str, key: str, *, now: datetime) -> tuple[int, datetime] | None:
    """The sum in the window that runs, and its end; None if none runs."""
    row = session.execute(
        select(Throttle.weight, Throttle.expires_at).where(
            Throttle.scope == scope, Throttle.key == key, Throttle.window == 0, Throttle.expires_at > now
        )
    ).first()
    return None if row is None else (row[0], row[1])


def forget(session: Session, scope: str, key: str) -> None:
    """Nothing is counted for this key any more."""
    session.execute(delete(Throttle).where(Throttle.scope == scope, Throttle.key == key))
