"""What do the fault tests look at afterwards: the ledger, the inbox, the desk's tasks?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.actions.provider_events import reconcile_attempts
from portal.rules.payments import AccountKind, EntryKind
from portal.store.ledger import Entry, account_id, balance, credit_of
from portal.store.ledger_checks import verify
from portal.store.payments import ProviderEvent
from portal.store.today import Task
from tests.examples import DORA, VELO
from tests.paying import Till

#: Locks and crashes differ between the engines; the rest of the faults is told on one.
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Crash(BaseException):
    """The process is gone at this very point: nothing that handles errors may catch it."""


def crash(*given: Any, **named: Any) -> Any:
    raise Crash


def after(real: Any) -> Any:
    """The real thing happens, and then the process is gone."""

    def gone(*given: Any, **named: Any) -> Any:
        real(*given, **named)
        raise Crash

    return gone


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, place: object, name: str, how: Any) -> Iterator[None]:
    """Inside, this function is another one, and the process is gone by it."""
    with monkeypatch.context() as patch:
        patch.setattr(place, name, how)
        with pytest.raises(Crash):
            yield


def pays(shop: Till, minor: int = 5000) -> str:
    """Dora pays on Stripe's page; the payment's id."""
    return str(shop.pays(shop.session_of(shop.starts(VELO, DORA.claim_id, minor)))["payment_intent"])


def asks(shop: Till) -> int:
    """The worker asks Stripe for attempts (R1)."""
    return reconcile_attempts(shop.database, shop.gateway, now=shop.clock())


def statuses(shop: Till) -> list[str]:
    return [attempt.status for attempt in shop.attempts(DORA.claim_id)]


def account(shop: Till, kind: AccountKind) -> int:
    with shop.database.reading() as session:
        return balance(session, account_id(VELO, kind, "CHF"))


def credit(shop: Till) -> int:
    with shop.database.reading() as session:
        return credit_of(session, VELO, DORA.claim_id, "CHF")


def booked(shop: Till, kind: EntryKind = EntryKind.PAYMENT) -> int:
    """How many entries of this kind the ledger has."""
    with shop.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(Entry).where(Entry.kind == kind.value)) or 0)


def tasks(shop: Till) -> list[str]:
    with shop.database.reading() as session:
        return list(session.scalars(select(Task.kind).where(Task.done_at.is_(None)).order_by(Task.kind)))


def inbox(shop: Till) -> list[str]:
    with shop.database.reading() as session:
        return list(session.scalars(select(ProviderEvent.state).order_by(ProviderEvent.seq)))


def sound(shop: Till) -> bool:
    with shop.database.reading() as session:
        return [str(one) for one in verify(session)] == []
