"""What happens when somebody tries: the try is reserved before the check, and given back when it was right."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.rules.access import FAILURE_WEIGHT, GLOBAL_PER_MINUTE, Window, network_wait
from portal.store import throttle

log = logging.getLogger("portal.access")
MINUTE = timedelta(minutes=1)


class TooOften(Exception):
    """No try is taken at the moment; the answer is always the same 429, whatever the reason."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too often")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Counted:
    """A reserved try of one network: its counters, and how long the network is over its limit (None: it isn't)."""

    rows: tuple[tuple[str, str, int], ...]
    over: timedelta | None


def count(session: Session, network: str, windows: tuple[Window, ...], *, scope: str, now: datetime) -> Counted:
    """This network has one failure more, until it is given back."""
    rows, before = [], []
    for window in windows:
        seconds = int(window.length.total_seconds())
        row = (f"{scope}-{seconds}", network, int(now.timestamp()) // seconds)
        rows.append(row)
        before.append(throttle.add(session, *row, FAILURE_WEIGHT, expires_at=now + window.length) - FAILURE_WEIGHT)
    everywhere = (f"{scope}-all", "", int(now.timestamp()) // 60)
    rows.append(everywhere)
    failed = throttle.add(session, *everywhere, FAILURE_WEIGHT, expires_at=now + MINUTE)
    if failed == GLOBAL_PER_MINUTE * FAILURE_WEIGHT:
        log.warning("more than %s failed tries in one minute (%s)", GLOBAL_PER_MINUTE, scope)
    return Counted(tuple(rows), network_wait(windows, tuple(before)))


def give_back(session: Session, counted: Counted, *, now: datetime) -> None:
    """The reserved try was a success, or was never made; it counts no longer."""
    for row in counted.rows:
        throttle.add(session, *row, -FAILURE_WEIGHT, expires_at=now)


def is_over(
    session: Session, network: str, windows: tuple[Window, ...], *, scope: str, now: datetime
) -> timedelta | None:
    """How long this network has to wait; nothing is counted."""
    found = []
    for window in windows:
        seconds = int(window.length.total_seconds())
        found.append(throttle.counted(session, f"{scope}-{seconds}", network, int(now.timestamp()) // seconds))
    return network_wait(windows, tuple(found))


def count_unknown(
    session: Session, scope: str, key: str, wait: Callable[[int], timedelta | None], *, now: datetime
) -> None:
    """A code or an account that doesn't exist slows down as a real one would; raises TooOften while it rests."""
    row = throttle.locked(session, scope, key, now=now)
    if wait(row.weight) is not None and row.expires_at > now:
        raise TooOften(row.expires_at - now)
    row.weight += 1
    row.expires_at = now + (wait(row.weight) or timedelta(days=1))
