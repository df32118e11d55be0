"""How long does `portal import-bank` take for a camt.054 with 10,000 credits, and how much memory, on both databases?

`python -m benchmarks.bank [CREDITS]`; the bound: 60 seconds and 200 MB for ten thousand.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from portal.demo.run import Place, place_for
from portal.rules.claims import Basis, ClaimStatus, InterestReason, PositionKind
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.rules.references import qr_reference
from portal.store import triggers
from portal.store.claims import Claim, Position
from portal.store.database import Database, Table
from portal.store.ledger import Account, Entry, Posting, account_id
from portal.store.people import Clerk, Debtor
from portal.store.schema import migrate
from portal.store.settings import BankAccount, Creditor
from tests.bank_files import IBAN, Ntry, Paper, Tx
from tests.services.postgres import Postgres

CREDITS, SECONDS, MEGABYTES = 10_000, 60.0, 200.0
DAY, NOW = date(2026, 10, 1), datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
VALUE = date(2026, 11, 20)
PRINCIPAL, FEE = 24_500, 2_000
#: In the order of their keys.
TABLES = (Creditor, BankAccount, Clerk, Debtor, Claim, Position, Account, Entry, Posting)
Rows = dict[type[Table], list[dict[str, Any]]]


def main(count: int) -> int:
    """Print one line per database; 1 if a bound is not kept."""
    good = True
    with tempfile.TemporaryDirectory(prefix="kulanz-bank-") as folder:
        file = Path(folder) / "camt054.xml"
        file.write_bytes(_paper(count).bytes())
        print(f"camt.054.001.08, {count} credits, {file.stat().st_size / 1e6:.1f} MB")
        server = Postgres(Path(tempfile.mkdtemp(prefix="kulanz-postgres-")))
        try:
            for engine, url in (("SQLite", ""), ("PostgreSQL", server.database())):
                place = place_for(Path(folder) / engine, 0, database_url=url)
                place.folder.mkdir(parents=True, exist_ok=True)
                _fill(place, count)
                good = _run(engine, place, file, count) and good
        finally:
            server.stop()
    return 0 if good else 1


def _paper(count: int) -> Paper:
    """Of ten payers seven pay all but the interest, two a part, one forgets the reference; in batches of a hundred."""
    parts = []
    for number in range(1, count + 1):
        amount = "120.00" if number % 10 in (3, 6) else f"{(PRINCIPAL + FEE) / 100:.2f}"
        reference = "" if number % 10 == 9 else qr_reference(number)
        parts.append(Tx(amount, reference, f"Person Nummer {number}", ref=f"T{number:08d}", message=f"Danke {number}"))
    batches = [tuple(parts[at : at + 100]) for at in range(0, count, 100)]
    return Paper([Ntry(batch, ref=f"E{at:06d}", value_on=VALUE, booked_on=VALUE) for at, batch in enumerate(batches)])


def _fill(place: Place, count: int) -> None:
    database = Database(place.settings.database_url)
    migrate(database)
    chance = random.Random(1)
    rows: Rows = {table: [] for table in TABLES}
    firm, clerk = _ident(chance), _ident(chance)
    address = {"street": "Weg", "postcode": "3000", "town": "Bern"}
    rows[Creditor].append(
        dict(id=firm, slug="firm", name="Firm", phone="0", number=1, stripe_account="acct", **address)
    )
    rows[BankAccount].append(
        {"id": _ident(chance), "creditor_id": firm, "currency": "CHF", "iban": IBAN, "qr_iban": None, "bic": None}
    )
    rows[Clerk].append(
        {"id": clerk, "creditor_id": firm, "email": "c@firm.example", "name": "Clara", "role": "agent",
         "password_hash": "x", "totp_seed": b"x"}
    )  # fmt: skip
    for kind in (AccountKind.PRINCIPAL_INCOME, AccountKind.FEE_INCOME):
        rows[Account].append(_account(firm, kind))
    for number in range(1, count + 1):
        _claim(rows, chance, firm, clerk, number, address)
    with database.writing() as session:
        connection = session.connection()
        triggers.drop(connection)
        for table in TABLES:
            for at in range(0, len(rows[table]), 5_000):
                session.execute(insert(table), rows[table][at : at + 5_000])
        triggers.install(connection)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    database.close()


def _ident(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _account(firm: UUID, kind: AccountKind, claim: UUID | None = None, position: UUID | None = None) -> dict[str, Any]:
    identity = account_id(firm, kind, "CHF", claim_id=claim, position_id=position)
    return {
        "id": identity,
        "creditor_id": firm,
        "kind": kind,
        "claim_id": claim,
        "position_id": position,
        "currency": "CHF",
    }


def _claim(rows: Rows, chance: random.Random, firm: UUID, clerk: UUID, number: int, address: dict[str, str]) -> None:
    own = {"creditor_id": firm}
    debtor, claim = _ident(chance), _ident(chance)
    rows[Debtor].append(dict(id=debtor, name=f"Person Nummer {number}", **own, **address))
    rows[Claim].append(
        dict(id=claim, debtor_id=debtor, clerk_id=clerk, reference=f"B-{number}", status=ClaimStatus.OPEN,
             currency="CHF", title="Velo", invoice_number=str(number), invoice_on=DAY, due_on=DAY,
             pay_by=VALUE + timedelta(days=5), opened_at=NOW, touched_at=NOW, qr_reference=qr_reference(number), **own)
    )  # fmt: skip
    lines = (
        (PositionKind.PRINCIPAL, PRINCIPAL, AccountKind.PRINCIPAL_INCOME),
        (PositionKind.REMINDER_FEE, FEE, AccountKind.FEE_INCOME),
        (PositionKind.DEFAULT_INTEREST, 0, AccountKind.INTEREST_INCOME),
    )
    for at, (kind, minor, income) in enumerate(lines, start=1):
        position = _ident(chance)
        bears = kind is PositionKind.DEFAULT_INTEREST
        rows[Position].append(
            dict(id=position, claim_id=claim, number=at, kind=kind, basis=Basis.INVOICE, claimed_minor=minor,
                 due_on=DAY, rate_percent="5" if bears else None, interest_from=DAY if bears else None,
                 interest_reason=InterestReason.CONTRACT if bears else None, **own)
        )  # fmt: skip
        if minor:
            rows[Account].append(_account(firm, AccountKind.RECEIVABLE, claim, position))
            entry = _ident(chance)
            rows[Entry].append(
                dict(id=entry, claim_id=claim, kind=EntryKind.CLAIMED, effective_on=DAY, recorded_at=NOW,
                     cause_type=CauseType.CLAIM, cause_id=claim, idem_key=f"position {position}:claimed", **own)
            )  # fmt: skip
            receivable = account_id(firm, AccountKind.RECEIVABLE, "CHF", claim_id=claim, position_id=position)
            for line, (account, amount) in enumerate(
                ((receivable, minor), (account_id(firm, income, "CHF"), -minor)), 1
            ):
                rows[Posting].append(
                    dict(entry_id=entry, line=line, account_id=account, amount_minor=amount, currency="CHF", **own)
                )


#: The peak of the process itself: what `wait` reports begins with the size of whoever started it.
CHILD = """
import atexit, sys
from pathlib import Path
from portal.commands import main
atexit.register(lambda: print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0], file=sys.stderr))
main()
"""


def _run(engine: str, place: Place, file: Path, count: int) -> bool:
    command = [sys.executable, "-c", CHILD, "import-bank", str(file), "--creditor", "firm"]
    environment = {**os.environ, **place.environment, "PORTAL_DEMO_DAY": "2026-11-23", "PORTAL_CLOCK_FILE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    child = subprocess.run(command, env=environment, capture_output=True, text=True)
    took, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    peak = int(child.stderr.split()[-1]) / 1024 if child.stderr else 0.0
    database = Database(place.settings.database_url)
    with database.reading() as session:
        settled = len(session.scalars(select(Claim.id).where(Claim.status == ClaimStatus.SETTLED)).all())
    database.close()
    kept = child.returncode == 0 and took <= SECONDS * count / CREDITS and peak <= MEGABYTES
    bound = f"bound {SECONDS:.0f} s, {MEGABYTES:.0f} MB"
    print(f"{engine}: {took:.1f} s ({busy:.1f} s of its own CPU), {peak:.0f} MB, {settled} claims settled ({bound})")
    return kept


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else CREDITS))
