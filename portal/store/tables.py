"""Every table of the portal in one place, for Alembic and for tests that look at all of them."""

from __future__ import annotations

from portal.store import (
    access,
    allocation,
    attachments,
    bank,
    claims,
    connections,
    deferrals,
    disputes,
    evidence,
    hardship,
    history,
    jobs,
    ledger,
    letters,
    messages,
    offers,
    pauses,
    payments,
    people,
    plans,
    rates,
    reconciliation,
    refunds,
    settings,
    today,
)
from portal.store.database import Table

MODULES = (
    access,
    allocation,
    attachments,
    bank,
    claims,
    connections,
    deferrals,
    disputes,
    evidence,
    hardship,
    history,
    jobs,
    ledger,
    letters,
    messages,
    offers,
    pauses,
    payments,
    people,
    plans,
    rates,
    reconciliation,
    refunds,
    settings,
    today,
)

metadata = Table.metadata
