"""How many claims a second does `portal import-claims` take in, and with how much memory, on both databases?

`python -m benchmarks.imports [ROWS]`; the bounds: 5,000 a second on PostgreSQL and 2,500 on SQLite over 200,000 rows of
CSV within 400 MB, and 1,500 a second from XLSX.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openpyxl

from portal.demo.run import Place, place_for
from portal.rules.access import Role
from portal.store.database import Database
from portal.store.people import Clerk
from portal.store.schema import migrate
from portal.store.settings import BankAccount, Creditor
from tests.services.postgres import Postgres

ROWS, MEGABYTES = 200_000, 400.0
LEAST = {
    ("PostgreSQL", "csv"): 5_000,
    ("SQLite", "csv"): 2_500,
    ("PostgreSQL", "xlsx"): 1_500,
    ("SQLite", "xlsx"): 1_500,
}
HEADER = (
    "reference", "debtor_name", "debtor_kind", "street", "postcode", "town", "country", "language", "birth_date",
    "title", "invoice_number", "invoice_date", "due_date", "currency", "principal", "interest_from", "interest_reason",
    "interest_rate", "reminder_fee", "fee_basis", "contact",
)  # fmt: skip


def row(number: int) -> tuple[str, ...]:
    """One open invoice with interest and a reminder fee, which leaves three lines and two entries behind."""
    return (
        f"B-{number}", f"Anna Muster {number}", "person", f"Gasse {number % 90 + 1}", str(4900 + number % 60),
        "Langenthal", "CH", "de", f"{number % 28 + 1:02}.03.1987", "Velo und Zubehör", f"2026-{number}", "2026-08-01",
        "2026-08-31", "CHF", f"{20 + number % 900}.50", "2026-09-15", "reminder_received", "5", "20.00", "terms_clause",
        "clara@example.org",
    )  # fmt: skip


def main(count: int) -> int:
    """Print one line per database and format; 1 if a bound is not kept."""
    good = True
    with tempfile.TemporaryDirectory(prefix="kulanz-import-") as name:
        folder = Path(name)
        files = {
            "csv": (_csv(folder / "claims.csv", count), count),
            "xlsx": (_xlsx(folder / "c.xlsx", count // 10), count // 10),
        }
        server = Postgres(Path(tempfile.mkdtemp(prefix="kulanz-postgres-")))
        try:
            for engine in ("PostgreSQL", "SQLite"):
                for kind, (file, rows) in files.items():
                    place = place_for(
                        folder / f"{engine}-{kind}", 0, database_url=server.database() if engine == "PostgreSQL" else ""
                    )
                    place.folder.mkdir(parents=True, exist_ok=True)
                    _fill(place)
                    good = _run(engine, kind, place, file, rows) and good
        finally:
            server.stop()
    return 0 if good else 1


def _csv(file: Path, count: int) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(map(row, range(count)))
    return file


def _xlsx(file: Path, count: int) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for number in range(count):
        sheet.append(row(number))
    book.save(file)
    return file


def _fill(place: Place) -> None:
    database = Database(place.environment["PORTAL_DATABASE_URL"])
    migrate(database)
    with database.writing() as session:
        firm = Creditor(
            slug="velo-sutter", name="Velo Sutter AG", street="Gasse", postcode="4900", town="Langenthal", canton="BE",
            phone="062 555 01 40", stripe_account="", number=1,
        )  # fmt: skip
        session.add(firm)
        session.flush()
        session.add(BankAccount(creditor_id=firm.id, currency="CHF", iban="CH9300762011623852957"))
        session.add(
            Clerk(creditor_id=firm.id, email="clara@example.org", name="Clara", role=Role.AGENT.value, password_hash="",
                  totp_seed=b"")
        )  # fmt: skip
    database.close()


def _run(engine: str, kind: str, place: Place, file: Path, count: int) -> bool:
    command = [sys.executable, "-m", "portal.commands", "import-claims", str(file), "--creditor", "velo-sutter"]
    start = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **place.environment}, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    # The most that any child has had so far: files grow no smaller from run to run.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rate = count / took
    good = done.returncode == 0 and f"accepted: {count}" in done.stdout
    good = good and rate >= LEAST[engine, kind] and memory <= MEGABYTES
    print(
        f"{engine:10} {kind:4} {count} claims in {took:.1f} s, {rate:.0f}/s (bound {LEAST[engine, kind]}), "
        f"≤ {memory:.0f} MB (bound {MEGABYTES:.0f}){'' if good else '  NOT KEPT ' + done.stderr[-400:]}"
    )
    return good


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
