"""What happens when our books are compared with Stripe's own: events nobody told us of, and each movement of money.

The loops R2, R3 and R4 of `security.md` 3.5; R1 asks for single attempts in `provider_events`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions import findings
from portal.actions.payouts import row_of, take_payout
from portal.actions.provider_events import LOST_RACE, receive_event, settle_payment
from portal.actions.suspense import bring
from portal.gateways.stripe import StripeGateway, StripeRefused
from portal.rules.payments import AccountKind, EntryKind
from portal.rules.reconciliation import FEE_TYPES, FindingKind, Loop, balance_since, events_since
from portal.store.database import Database
from portal.store.reconciliation import (
    books_of,
    cursor,
    keep_movements,
    ledger_of,
    movements_on,
    objects_booked_since,
    open_of_kind,
    payouts_awaited,
    reach,
)
from portal.store.settings import creditor_by_id, day_of

log = logging.getLogger("portal.reconciliation")

T = TypeVar("T")
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Books:
    """Whose books are compared, and through what."""

    database: Database
    stripe: StripeGateway
    creditor_id: UUID
    account: str
    now: datetime


def books(database: Database, stripe: StripeGateway, creditor_id: UUID, *, now: datetime) -> Books:
    """The creditor's books here and at Stripe."""
    with database.reading() as session:
        return Books(database, stripe, creditor_id, creditor_by_id(session, creditor_id).stripe_account, now)


def fetch_events(have: Books) -> int:
    """Every event Stripe knows of since the last time waits in the inbox (R2); how many were asked for.

    The cursor moves only when all of them are kept, so an outage in the middle loses nothing.
    """
    with have.database.reading() as session:
        since = events_since(cursor(session, have.creditor_id, Loop.EVENTS), have.now)
    count = 0
    for some in _by(CHUNK, have.stripe.events_since(have.account, since)):
        with have.database.writing() as session:
            for event in some:
                receive_event(session, event, live=have.stripe.live, now=have.now)
        count += len(some)
    with have.database.writing() as session:
        reach(session, have.creditor_id, Loop.EVENTS, have.now)
    return count


def compare_balance(have: Books, *, since: datetime | None = None, days: int | None = None) -> int:
    """For each object that moved money, our ledger and Stripe's books say the same, or it stands in suspense (R3).

    Reads the last whole days, further back where days were missed or `since` says so (F16). How many objects differed
    at first; a payment is asked for again before anything is held against it.
    """
    with have.database.reading() as session:
        creditor = creditor_by_id(session, have.creditor_id)
        reached = cursor(session, have.creditor_id, Loop.BALANCE)
        usual = balance_since(reached, have.now, creditor.timezone, **({"days": days} if days is not None else {}))
        start = min(usual, since) if since is not None else usual
        objects = objects_booked_since(session, have.creditor_id, start)
        again = {one.object_id for one in open_of_kind(session, have.creditor_id, FindingKind.DIFFERENCE)}
        again |= {one.id for one in payouts_awaited(session, have.creditor_id)}
    for some in _by(CHUNK, have.stripe.movements_since(have.account, start)):
        with have.database.writing() as session:
            keep_movements(session, have.creditor_id, map(row_of, some))
        objects |= {movement.object_id for movement in some}
    differing = set(_differing(have, objects))
    for object_id in sorted(differing | again):
        _agree(have, object_id, again=object_id in again)
    with have.database.writing() as session:
        reach(session, have.creditor_id, Loop.BALANCE, have.now)
    return len(differing)


def _differing(have: Books, objects: Iterable[str]) -> Iterator[str]:
    for some in _by(CHUNK, iter(sorted(objects))):
        with have.database.reading() as session:
            theirs = books_of(session, have.creditor_id, some)
            for object_id in some:
                if _plain(theirs.get(object_id, {})) != ledger_of(session, have.creditor_id, object_id):
                    yield object_id


def _plain(sums: dict[str, int]) -> dict[str, int]:
    return {currency: minor for currency, minor in sums.items() if minor}


def _agree(have: Books, object_id: str, *, again: bool) -> None:
    """This object is asked for at Stripe and booked; what differs then is held. `again`: it was held before."""
    try:
        if object_id.startswith("po_"):
            take_payout(have.database, have.stripe, have.creditor_id, have.account, object_id, now=have.now)
            return
        if object_id.startswith("pi_"):
            settle_payment(have.database, have.stripe, have.creditor_id, have.account, object_id, now=have.now)
            if not again and not any(_differing(have, [object_id])):
                return
            complete = have.stripe.movements_of_payment(have.account, object_id)
            with have.database.writing() as session:
                keep_movements(session, have.creditor_id, map(row_of, complete))
    except StripeRefused as refused:
        log.error("Stripe does not give us something that stands in its books: %s", refused.code)
    except LOST_RACE as problem:
        log.warning("a payment is moving and is compared next time: %s", type(problem).__name__)
        return
    with have.database.writing() as session:
        _hold_rest(session, have, object_id)


def _hold_rest(session: Session, have: Books, object_id: str) -> None:
    """What still differs is held in suspense, except what Stripe has taken for itself, which is a cost."""
    moved = movements_on(session, have.creditor_id, object_id)
    theirs = _plain(books_of(session, have.creditor_id, [object_id]).get(object_id, {}))
    ours = ledger_of(session, have.creditor_id, object_id)
    payment = object_id.startswith("pi_")
    fee = bool(moved) and {row.type for row in moved} <= FEE_TYPES
    effect = "fee" if fee else "difference" if payment else "movement"
    on = day_of(session, have.creditor_id, moved[-1].created if moved else have.now)
    kind = FindingKind.DIFFERENCE if payment else FindingKind.OTHER_MOVEMENT
    for currency in sorted({*theirs, *ours}):
        missing = theirs.get(currency, 0) - ours.get(currency, 0)
        if not missing:
            continue
        held = ledger_of(session, have.creditor_id, f"{object_id}:{effect}").get(currency, 0)
        bring(
            session, have.creditor_id, f"{object_id}:{effect}", held + missing, currency,
            against=AccountKind.PROVIDER_FEE if fee else AccountKind.SUSPENSE,
            kind=EntryKind.FEE if fee else EntryKind.SUSPENSE, on=on, now=have.now,
        )  # fmt: skip
    if fee:
        return
    rest = ledger_of(session, have.creditor_id, f"{object_id}:{effect}")
    for currency, minor in rest.items():
        findings.found(session, have.creditor_id, kind, object_id, minor=minor, currency=currency, now=have.now)
    if not rest:
        findings.gone(session, have.creditor_id, kind, object_id, now=have.now)


def _by(size: int, things: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(things, size)):
        yield some
