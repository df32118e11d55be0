"""How long does `portal ledger verify` take for 1,000,000 postings, and how much memory, on both databases?

`python -m benchmarks.verify [POSTINGS]`; the bound holds on PostgreSQL: 60 seconds and 300 MB for a million.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from portal.demo.run import Place, place_for
from portal.rules.claims import Basis, ClaimStatus, InterestReason, PositionKind
from portal.rules.payments import AccountKind, AttemptStatus, CauseType, EntryKind, NoteCode
from portal.store import triggers
from portal.store.claims import Claim, Position
from portal.store.database import Database, Table
from portal.store.ledger import Account, Entry, Posting, account_id
from portal.store.payments import Booking, PaymentAttempt
from portal.store.people import Clerk, Debtor
from portal.store.schema import migrate
from portal.store.settings import Creditor
from tests.services.postgres import Postgres

POSTINGS, SECONDS, MEGABYTES = 1_000_000, 60.0, 300.0
FIRMS, EACH = 10, 21
DAY, NOW = date(2026, 7, 1), datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHUNK = 20_000
#: In the order of their keys.
TABLES = (Creditor, Clerk, Debtor, Claim, Position, PaymentAttempt, Booking, Account, Entry, Posting)


@dataclass
class Rows:
    """What is to be inserted, per table."""

    made: dict[type[Table], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: type[Table], **values: Any) -> None:
        self.made.setdefault(table, []).append(values)


class Maker:
    """Makes claims of 21 postings each: three lines, interest twice, a card payment with its fee, one by hand."""

    def __init__(self) -> None:
        self.chance = random.Random(1)

    def ident(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def firm(self, rows: Rows, number: int) -> dict[str, UUID]:
        firm = {"creditor_id": self.ident(), "clerk_id": self.ident(), "debtor_id": self.ident()}
        own = {"creditor_id": firm["creditor_id"]}
        place = {"street": "Weg", "postcode": "3000", "town": "Bern"}
        rows.add(Creditor, id=firm["creditor_id"], slug=f"firm-{number}", name="Firm", phone="0", number=number,
                 stripe_account=f"acct_{number}", **place)  # fmt: skip
        rows.add(Clerk, id=firm["clerk_id"], email=f"{number}@firm.example", name="Clara", role="agent",
                 password_hash="x", totp_seed=b"x", **own)  # fmt: skip
        rows.add(Debtor, id=firm["debtor_id"], name="Dora", **place, **own)
        for kind in AccountKind:
            if kind not in (AccountKind.RECEIVABLE, AccountKind.WRITEOFF, AccountKind.DEBTOR_CREDIT):
                rows.add(Account, id=account_id(own["creditor_id"], kind, "CHF"), kind=kind, claim_id=None,
                         position_id=None, currency="CHF", **own)  # fmt: skip
        return firm

    def claim(self, rows: Rows, firm: dict[str, UUID], number: int) -> None:
        own, claim_id = {"creditor_id": firm["creditor_id"]}, self.ident()
        rows.add(Claim, id=claim_id, **firm, reference=f"B-{number}", status=ClaimStatus.OPEN, currency="CHF",
                 title="Velo", invoice_number="1", invoice_on=DAY, due_on=DAY, pay_by=DAY, opened_at=NOW,
                 touched_at=NOW)  # fmt: skip
        lines = {}
        for at, kind in enumerate(
            (PositionKind.PRINCIPAL, PositionKind.REMINDER_FEE, PositionKind.DAMAGE, PositionKind.DEFAULT_INTEREST), 1
        ):
            bears = kind is PositionKind.DEFAULT_INTEREST
            lines[kind] = self.ident()
            rows.add(Position, id=lines[kind], claim_id=claim_id, number=at, kind=kind, basis=Basis.INVOICE,
                     claimed_minor=0 if bears else 10_000, due_on=DAY, rate_percent="5" if bears else None,
                     interest_from=DAY if bears else None, day_count=None,
                     interest_reason=InterestReason.CONTRACT if bears else None, **own)  # fmt: skip
            rows.add(Account, id=self.owed(own["creditor_id"], claim_id, lines[kind]), kind=AccountKind.RECEIVABLE,
                     claim_id=claim_id, position_id=lines[kind], currency="CHF", **own)  # fmt: skip
        for kind, position in list(lines.items())[:3]:
            income = AccountKind.PRINCIPAL_INCOME if kind is PositionKind.PRINCIPAL else AccountKind.FEE_INCOME
            self.entry(rows, firm, claim_id, EntryKind.CLAIMED, CauseType.CLAIM, claim_id, f"position {position}",
                       {position: 10_000}, {income: -10_000})  # fmt: skip
        self._payments(rows, firm, claim_id, lines)

    def _payments(self, rows: Rows, firm: dict[str, UUID], claim_id: UUID, lines: dict[PositionKind, UUID]) -> None:
        own = {"creditor_id": firm["creditor_id"], "claim_id": claim_id}
        attempt, booking, intent = self.ident(), self.ident(), f"pi_{self.chance.getrandbits(64):x}"
        rows.add(PaymentAttempt, id=attempt, **own, amount_minor=6_000, currency="CHF", status=AttemptStatus.PAID,
                 open_flag=None, return_ref=str(attempt), language="de", stripe_account="acct", session_id=None,
                 pi_id=intent, created_at=NOW, expires_at=NOW, object_version=1)  # fmt: skip
        rows.add(Booking, id=booking, **own, clerk_id=firm["clerk_id"], amount_minor=5_000, currency="CHF",
                 value_on=DAY, source="bank", note_code=NoteCode.BANK_TRANSFER, booked_at=NOW)  # fmt: skip
        interest, fee = lines[PositionKind.DEFAULT_INTEREST], lines[PositionKind.REMINDER_FEE]
        paid = f"{intent}:captured:6000"
        self.entry(rows, firm, claim_id, EntryKind.INTEREST, CauseType.ATTEMPT, attempt, f"{paid}:interest:1",
                   {interest: 1_000}, {AccountKind.INTEREST_INCOME: -1_000})  # fmt: skip
        self.entry(rows, firm, claim_id, EntryKind.PAYMENT, CauseType.ATTEMPT, attempt, paid,
                   {interest: -1_000, fee: -5_000}, {AccountKind.PROVIDER_CLEARING: 6_000})  # fmt: skip
        self.entry(rows, firm, claim_id, EntryKind.FEE, CauseType.ATTEMPT, attempt, f"{intent}:fee:200", {},
                   {AccountKind.PROVIDER_CLEARING: -200, AccountKind.PROVIDER_FEE: 200})  # fmt: skip
        self.entry(rows, firm, claim_id, EntryKind.INTEREST, CauseType.BOOKING, booking, f"booking {booking}:interest",
                   {interest: 500}, {AccountKind.INTEREST_INCOME: -500})  # fmt: skip
        self.entry(rows, firm, claim_id, EntryKind.PAYMENT, CauseType.BOOKING, booking, f"booking {booking}",
                   {interest: -500, fee: -4_000, lines[PositionKind.DAMAGE]: -500},
                   {AccountKind.BANK_CLEARING: 5_000})  # fmt: skip
        self.entry(rows, firm, claim_id, EntryKind.ALLOCATION, CauseType.CLAIM, claim_id, f"moved {claim_id}", {},
                   {AccountKind.CREDITOR_PAYABLE: -1, AccountKind.BANK_CLEARING: 1})  # fmt: skip

    def owed(self, creditor_id: UUID, claim_id: UUID, position_id: UUID) -> UUID:
        return account_id(creditor_id, AccountKind.RECEIVABLE, "CHF", claim_id=claim_id, position_id=position_id)

    def entry(
        self, rows: Rows, firm: dict[str, UUID], claim_id: UUID, kind: EntryKind, cause: CauseType, cause_id: UUID,
        key: str, positions: dict[UUID, int], others: dict[AccountKind, int],
    ) -> None:  # fmt: skip
        entry_id, creditor_id = self.ident(), firm["creditor_id"]
        accounts = {self.owed(creditor_id, claim_id, one): minor for one, minor in positions.items()}
        accounts |= {account_id(creditor_id, one, "CHF"): minor for one, minor in others.items()}
        for line, (account, minor) in enumerate(accounts.items(), 1):
            rows.add(Posting, entry_id=entry_id, line=line, creditor_id=creditor_id, account_id=account,
                     amount_minor=minor, currency="CHF")  # fmt: skip
        rows.add(Entry, id=entry_id, creditor_id=creditor_id, claim_id=claim_id, kind=kind, cause_type=cause,
                 effective_on=DAY + timedelta(days=self.chance.randrange(100)), recorded_at=NOW, cause_id=cause_id,
                 idem_key=key)  # fmt: skip


def chunks(postings: int) -> Iterator[Rows]:
    """The rows of so many postings, some thousand at a time; the first chunk holds the firms."""
    maker, rows = Maker(), Rows()
    firms = [maker.firm(rows, number) for number in range(1, FIRMS + 1)]
    for number in range(-(-postings // EACH)):
        maker.claim(rows, firms[number % FIRMS], number)
        if len(rows.made[Posting]) >= CHUNK:
            yield rows
            rows = Rows()
    if rows.made:
        yield rows


def fill(url: str, postings: int) -> None:
    """The database holds a true ledger of at least so many postings, written past the triggers, which stand again."""
    database = Database(url)
    migrate(database)
    with database.engine.connect() as connection, connection.begin():
        triggers.drop(connection)
        for rows in chunks(postings):
            for table in TABLES:
                if values := rows.made.get(table):
                    connection.execute(insert(table), values)
        triggers.install(connection)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    database.close()


def measure(place: Place) -> tuple[float, float]:
    """Seconds and peak megabytes of one `portal ledger verify` in a process of its own; it must find nothing."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.commands", "ledger", "verify"], env={**os.environ, **place.environment}
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("the made ledger is not true")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main(postings: int = POSTINGS) -> bool:
    """Print one line per database; False if the bound is not kept on PostgreSQL."""
    good = True
    with tempfile.TemporaryDirectory(prefix="kulanz-verify-") as folder:
        server = Postgres(Path(tempfile.mkdtemp(prefix="kulanz-postgres-")))
        try:
            for engine, url in (("PostgreSQL", server.database()), ("SQLite", "")):
                (Path(folder) / engine / "files").mkdir(parents=True)
                place = place_for(Path(folder) / engine, 0, database_url=url)
                fill(place.settings.database_url, postings)
                seconds, megabytes = measure(place)
                bound = f"(bound {SECONDS:.0f} s, {MEGABYTES:.0f} MB)" if url else ""
                print(f"ledger verify, {postings:,} postings, {engine}: {seconds:.1f} s, {megabytes:.0f} MB {bound}")
                good = good and (not url or (seconds <= SECONDS and megabytes <= MEGABYTES))
        finally:
            server.stop()
    return good


if __name__ == "__main__":
    sys.exit(0 if main(*(int(one) for one in sys.argv[1:])) else 1)
