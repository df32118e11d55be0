"""Which few rows do the store's own tests stand on: two firms, a claim of each, and what was booked on one of them?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.rules.claims import Basis, ClaimStatus, PositionKind
from portal.rules.history import EventKind
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.store.claims import Claim, Position
from portal.store.history import Event
from portal.store.ledger import EntryRow, LineRow, write
from portal.store.payments import ProviderEvent
from portal.store.people import Clerk, Debtor
from portal.store.settings import Creditor

NAMES = UUID("6a0e7a46-1111-4000-8000-000000000000")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


def ident(name: str) -> UUID:
    return uuid5(NAMES, name)


FIRM, OTHER = ident("firm"), ident("other firm")
CLAIM, POSITION = ident("firm claim"), ident("firm position")


def firm(session: Session, name: str, number: int, currency: str = "CHF") -> None:
    """A firm with a clerk, a debtor and one open claim of one line of 100.00."""
    own = {"creditor_id": ident(name)}
    address = {"postcode": "8004", "town": "Zürich"}
    session.add(
        Creditor(
            id=ident(name),
            slug=name.replace(" ", "-"),
            name=name,
            street="Weg",
            phone="0",
            number=number,
            stripe_account=f"acct_{number}",
            **address,
        )
    )
    session.flush()
    session.add(Clerk(id=ident(f"{name} clerk"), email=f"{number}@firm", name="Clara", role="agent",
                      password_hash="x", totp_seed=b"x", **own))  # fmt: skip
    session.add(Debtor(id=ident(f"{name} debtor"), name="Dora", street="Gasse", **address, **own))
    session.flush()
    session.add(
        Claim(
            id=ident(f"{name} claim"),
            debtor_id=ident(f"{name} debtor"),
            clerk_id=ident(f"{name} clerk"),
            reference=f"R-{number}",
            status=ClaimStatus.OPEN,
            currency=currency,
            title="Velo",
            invoice_number="1",
            invoice_on=DAY,
            due_on=DAY,
            pay_by=DAY,
            opened_at=NOW,
            touched_at=NOW,
            **own,
        )
    )
    session.flush()
    session.add(Position(id=ident(f"{name} position"), claim_id=ident(f"{name} claim"), number=1,
                         kind=PositionKind.PRINCIPAL, basis=Basis.INVOICE, claimed_minor=10_000, due_on=DAY,
                         **own))  # fmt: skip
    session.flush()


def receivable(minor: int, **changes: Any) -> LineRow:
    given: dict[str, Any] = {"currency": "CHF", "claim_id": CLAIM, "position_id": POSITION, **changes}
    return LineRow(AccountKind.RECEIVABLE, minor, **given)


def other(minor: int, kind: AccountKind = AccountKind.BANK_CLEARING, currency: str = "CHF") -> LineRow:
    return LineRow(kind, minor, currency)


def entry(key: str, *lines: LineRow, **changes: Any) -> EntryRow:
    given: dict[str, Any] = {
        "creditor_id": FIRM, "claim_id": CLAIM, "kind": EntryKind.PAYMENT, "effective_on": DAY, "recorded_at": NOW,
        "cause_type": CauseType.CLAIM, "cause_id": CLAIM, "idem_key": key, "lines": lines, **changes,
    }  # fmt: skip
    return EntryRow(**given)


def claimed() -> EntryRow:
    return entry("claimed", receivable(10_000), other(-10_000, AccountKind.PRINCIPAL_INCOME), kind=EntryKind.CLAIMED)


def paid(key: str = "paid", minor: int = 4_000, **changes: Any) -> EntryRow:
    return entry(key, other(minor), receivable(-minor), **changes)


def fill(session: Session) -> None:
    """Two firms; the first has claimed 100.00, got 40.00, and has an event and a provider's event."""
    firm(session, "firm", 1)
    firm(session, "other firm", 2)
    write(session, [claimed(), paid()])
    session.execute(
        insert(Event).values(creditor_id=FIRM, claim_id=CLAIM, at=NOW, kind=EventKind.CLAIM_OPENED, actor="system")
    )
    session.execute(
        insert(ProviderEvent).values(
            event_id="evt_1",
            creditor_id=FIRM,
            account="acct_1",
            livemode=False,
            type="charge.succeeded",
            object_id="pi_1",
            created=NOW,
            raw=b"{}",
            received_at=NOW,
            state="received",
            next_try_at=NOW,
        )
    )
