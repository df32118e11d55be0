"""How long does the interest of 100,000 claims as of a day take in one process (issue 3: at most 30 s)?"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.store.claim_sums import sums_on
from portal.store.claims import Claim, Position
from portal.store.database import Database
from portal.store.ledger import Account, Entry, Posting, account_id
from portal.store.pauses import Pause
from portal.store.schema import migrate
from tests.store.ledger_rows import FIRM, NOW, firm, ident

CLAIMS, BOUND = 100_000, 30.0
ON = date(2026, 6, 23)
#: The lines of a third each: a Swiss rate of its own, a German table and an Italian one, which change through time.
RATES = (("5", None, "30E/360"), (None, "de-consumer", "ACT/ACT"), (None, "it-legal", "ACT/ACT"))


def main() -> int:
    """Print the figure; 1 if the bound is not kept."""
    return 0 if measured(CLAIMS) <= BOUND else 1


def measured(claims: int) -> float:
    """Fill a database, add up every claim's interest, print and return the seconds that took."""
    with tempfile.TemporaryDirectory(prefix="kulanz-interest-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'claims.sqlite'}")
        migrate(database)
        with database.writing() as session:
            firm(session, "firm", 1)
            _fill(session, claims)
        began, cpu = time.perf_counter(), time.process_time()
        found = interest = 0
        with database.reading() as session:
            for _, total in sums_on(session, FIRM, on=ON):
                found += 1
                interest += sum(line.claimed.minor for line in total.lines if line.position.interest_from)
        took, used = time.perf_counter() - began, time.process_time() - cpu
        database.close()
    print(
        f"interest of {found:,} claims as of {ON}: {took:.1f} s, {used:.1f} s of CPU (bound {BOUND}), "
        f"{interest / 100:,.2f} in all"
    )
    return took


def _fill(session: Session, claims: int) -> None:
    """Claims of three countries' kinds; every second one was paid in part, every fifth one rested for two months."""
    rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in (Claim, Position, Account, Posting, Entry, Pause)}
    for number in range(claims):
        for table, row in _claim(number):
            rows[table].append(row)
        if number % 5_000 == 4_999 or number == claims - 1:
            for table, given in rows.items():
                if given:
                    session.execute(insert(table), given)
                given.clear()


def _claim(number: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    identity = uuid5(FIRM, str(number))
    due = date(2024, 1, 2) + timedelta(days=number % 700)
    own = {"creditor_id": FIRM, "claim_id": identity}
    yield Claim, {
        "id": identity, "creditor_id": FIRM, "debtor_id": ident("firm debtor"), "clerk_id": ident("firm clerk"),
        "reference": f"B-{number}", "status": "open", "version": 1, "currency": "CHF", "title": "Velo",
        "invoice_number": str(number), "invoice_on": due, "due_on": due, "pay_by": due, "qr_reference": "",
        "consumer": True, "opened_at": NOW, "touched_at": NOW,
    }  # fmt: skip
    percent, table, counted = RATES[number % 3]
    principal = uuid5(identity, "principal")
    lines = {"principal": 20_000 + number, "default_interest": 0, "reminder_fee": 2_000}
    for place, (kind, minor) in enumerate(lines.items(), start=1):
        interest = kind == "default_interest"
        yield Position, {
            **own, "id": uuid5(identity, kind), "number": place, "kind": kind, "label": "", "basis": "invoice",
            "claimed_minor": minor, "due_on": due, "rate_percent": percent if interest else None,
            "rate_table": table if interest else None, "interest_from": due + timedelta(days=30) if interest else None,
            "interest_reason": "reminder_received" if interest else None, "day_count": counted if interest else None,
        }  # fmt: skip
    if number % 2:
        yield from _paid(identity, principal, due + timedelta(days=200))
    if number % 5 == 0:
        yield Pause, {
            **own, "id": uuid5(identity, "pause"), "reason": "creditor", "text": "", "began_at": NOW, "ended_at": NOW,
            "from_on": due + timedelta(days=90), "until_on": due + timedelta(days=150), "stops_letters": True,
            "stops_costs": True, "stops_interest": True, "stops_steps": True,
        }  # fmt: skip


def _paid(claim_id: UUID, position_id: UUID, day: date) -> Iterator[tuple[Any, dict[str, Any]]]:
    owed = account_id(FIRM, AccountKind.RECEIVABLE, "CHF", claim_id=claim_id, position_id=position_id)
    bank = account_id(FIRM, AccountKind.BANK_CLEARING, "CHF", claim_id=claim_id)
    entry = uuid5(claim_id, "paid")
    for identity, kind, position in (
        (owed, AccountKind.RECEIVABLE, position_id),
        (bank, AccountKind.BANK_CLEARING, None),
    ):
        yield Account, {
            "id": identity, "creditor_id": FIRM, "kind": kind.value, "claim_id": claim_id, "position_id": position,
            "currency": "CHF",
        }  # fmt: skip
    for line, (identity, minor) in enumerate(((bank, 5_000), (owed, -5_000)), start=1):
        yield Posting, {
            "entry_id": entry, "line": line, "creditor_id": FIRM, "account_id": identity, "amount_minor": minor,
            "currency": "CHF",
        }  # fmt: skip
    yield Entry, {
        "id": entry, "creditor_id": FIRM, "claim_id": claim_id, "kind": EntryKind.PAYMENT.value, "effective_on": day,
        "recorded_at": NOW, "cause_type": CauseType.BOOKING.value, "cause_id": claim_id, "idem_key": f"paid {claim_id}",
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
