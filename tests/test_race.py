"""Is money booked once, and a decision taken once, when eight people do it in the same moment?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.provider_events import drain_events
from portal.rules.claims import Basis, PositionKind
from portal.rules.history import EventKind, system
from portal.rules.money import Money
from portal.rules.payments import AccountKind
from portal.store.history import Event
from portal.store.ledger import Account, Posting, credit_of
from portal.store.ledger_checks import verify
from portal.store.payments import Booking
from portal.store.people import Debtor
from portal.store.settings import Creditor
from portal.store.today import Task
from portal.web.parts import Parts
from tests.examples import CLARA, DORA, VELO, Clock, ident
from tests.paying import Till, till
from tests.people import Portal

pytestmark = pytest.mark.slow

HUNDRED = ident("claim of one hundred")


def one_hundred(till: Till) -> UUID:
    """A claim of exactly CHF 100.00, without interest."""
    due = till.clock.today
    line = NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(10_000, "CHF"), due)
    new = NewClaim("R-100", "Kette", "R-100", due, due, due, "CHF", (line,))
    with till.database.writing() as session:
        open_claim(
            session, session.get_one(Creditor, VELO), session.get_one(Debtor, DORA.debtor_id), CLARA, new,
            actor=system("example"), now=till.clock(), today=due, claim_id=HUNDRED,
        )  # fmt: skip
    return HUNDRED


class Later:
    """An application that is known only after its address is."""

    def __init__(self) -> None:
        self.app: Any = None

    def __call__(self, environ: Any, start: Any) -> Any:
        return self.app(environ, start)


@contextmanager
def listening(app: Later) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    later = Later()
    with (
        listening(later) as address,
        till(parts, clock, tmp_path, webhooks=[f"{address}/webhooks/stripe"]) as running,
    ):
        later.app = running.app()
        yield running


def at_once(times: int, work: Callable[[int], Any]) -> list[Any]:
    """The same work in so many threads that all begin in the same moment."""
    gate = threading.Barrier(times)

    def run(number: int) -> Any:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def postings(till: Till, kind: AccountKind, claim_id: UUID | None = None) -> list[int]:
    query = select(Posting.amount_minor).join(Account, Account.id == Posting.account_id).where(Account.kind == kind)
    if claim_id is not None:
        query = query.where(Account.claim_id == claim_id)
    with till.database.reading() as session:
        return list(session.scalars(query))


def test_eight_late_payments_of_sixty_against_one_hundred(shop: Till) -> None:
    claim = one_hundred(shop)
    shop.standin.switches.set({"webhooks": {"hold": True, "duplicate": 3, "shuffle": 7}})
    late = []
    for _ in range(8):
        late.append(shop.session_of(shop.starts(VELO, claim, 6_000)))
        shop.starts(VELO, claim, 5_000)  # another sum ends the page, which is paid all the same
    for session in late:
        shop.pays(session, force=True)
    assert shop.owed(claim) == 10_000
    shop.standin.webhooks.release()
    at_once(4, lambda number: _drain(shop))
    assert shop.standin.webhooks.drain(30)
    shop.moves(seconds=30)
    shop.works()
    with shop.database.reading() as session:
        credit = credit_of(session, VELO, claim, "CHF")
        tasks = [(task.kind, task.details) for task in session.scalars(select(Task))]
        received = session.scalars(select(Event.seq).where(Event.kind == EventKind.PAYMENT_RECEIVED)).all()
    paid = 10_000 - sum(postings(shop, AccountKind.RECEIVABLE, claim))
    assert (paid + credit, paid, credit) == (48_000, 10_000, 38_000)
    assert tasks == [("refund_credit", {"minor": 38_000, "currency": "CHF"})]
    assert (shop.status(claim), len(received)) == ("settled", 8)
    with shop.database.reading() as session:
        assert verify(session) == []


def _drain(shop: Till) -> None:
    for _ in range(20):
        shop.standin.webhooks.drain(0.2)
        drain_events(shop.database, shop.gateway, now=shop.clock())


def test_eight_people_press_pay_and_one_page_is_made(shop: Till) -> None:
    claim = one_hundred(shop)
    addresses = at_once(8, lambda number: shop.starts(VELO, claim, 10_000))
    assert len(set(addresses)) == 1
    assert len(shop.standin.switches.everything()["objects"]["checkout.session"]) == 1


def test_of_eight_simultaneous_decisions_one_wins(portal: Portal) -> None:
    page = f"/desk/claims/{DORA.reference}/booking"
    staff = [portal.staff("lena").is_in() for _ in range(8)]
    forms = [(one, one.token(page)) for one in staff]
    seen = _seen(staff[0].reads(page))

    def decide(number: int) -> int:
        clerk, token = forms[number]
        fields = {"amount": "100", "day": "23.11.2026", "note": "cash", "seen": seen, "op": f"{number}" * 32}
        return clerk.client.post(page, data={**fields, "csrf_token": token}).status_code

    assert sorted(at_once(8, decide)) == [303, *[409] * 7]
    assert len(portal.read(lambda session: session.scalars(select(Booking.id)).all())) == 1


def _seen(html: str) -> str:
    return html.split('name="seen" value="')[1].split('"')[0]
