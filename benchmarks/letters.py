"""How many letters a second does `portal letters` print on one core, and how much memory does the run take?

`python -m benchmarks.letters [LETTERS]`; the bounds: 15 letters a second with QR-bill, 250 MB for a run of 10,000.
On SQLite, with the full cost of the codes, from the first question to the file; the rate counts the command's own CPU.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.demo.run import Place, create, place_for
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.history import system
from portal.rules.money import Money
from portal.settings import from_environment
from portal.store.database import Database
from portal.store.people import Clerk, Debtor
from portal.store.settings import creditor_by_slug

LETTERS, LEAST_RATE, MEGABYTES = 500, 15.0, 250.0
DAY, NOW = date(2026, 7, 1), datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SLUG, CHUNK = "velo-sutter", 200
COMMAND = """
from portal.commands import portal
try:
    portal()
finally:
    print("MB", [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


def main(letters: int = LETTERS) -> int:
    """Print one line; 1 if a bound is not kept."""
    with tempfile.TemporaryDirectory(prefix="kulanz-bench-") as folder:
        place = place_for(Path(folder) / "demo", 0, today="2026-11-23")
        create(place)
        _open(place, letters)
        took, megabytes, printed = _print(place, Path(folder) / "letters.pdf")
    rate = printed / took
    print(f"portal letters, {printed} letters on SQLite: {rate:.1f}/s (bound {LEAST_RATE:.0f}), {megabytes:.0f} MB "
          f"(bound {MEGABYTES:.0f})")  # fmt: skip
    return 0 if rate >= LEAST_RATE and megabytes <= MEGABYTES else 1


def _open(place: Place, letters: int) -> None:
    database = Database(from_environment(place.environment).database_url)
    for start in range(0, letters, CHUNK):
        with database.writing() as session:
            creditor = creditor_by_slug(session, SLUG)
            if creditor is None:
                raise LookupError(SLUG)
            clerk = session.scalars(select(Clerk.id).where(Clerk.creditor_id == creditor.id).limit(1)).one()
            for number in range(start, min(start + CHUNK, letters)):
                person = Debtor(
                    creditor_id=creditor.id, name=f"Dora Keller {number}", street="Gartenweg", house_number=str(number),
                    postcode=str(3000 + number % 1000), town="Bern", language=("de", "fr", "it")[number % 3],
                )  # fmt: skip
                session.add(person)
                session.flush()
                open_claim(session, creditor, person, clerk, _claim(number), actor=system("bench"), now=NOW, today=DAY)
    database.close()


def _claim(number: int) -> NewClaim:
    lines = (
        NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(28_460, "CHF"), DAY),
        NewLine(PositionKind.DEFAULT_INTEREST, Basis.LAW_DEFAULT_INTEREST, Money(0, "CHF"), DAY, rate_percent="5",
                interest_from=DAY, interest_reason=InterestReason.AGREED_DUE_DATE),
        NewLine(PositionKind.REMINDER_FEE, Basis.TERMS_CLAUSE, Money(2_000, "CHF"), DAY),
    )  # fmt: skip
    return NewClaim(f"B-{number}", "Velo", f"R-{number}", DAY, DAY, date(2026, 12, 10), "CHF", lines)


def _print(place: Place, out: Path) -> tuple[float, float, int]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run(
        [sys.executable, "-c", COMMAND, "letters", "--creditor", SLUG, "--out", str(out)],
        env=place.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    printed = re.search(r"printed: (\d+)", child.stdout)
    peak = re.search(r"MB (\d+)", child.stdout)
    if printed is None or peak is None:
        raise RuntimeError(child.stdout[-500:])
    return took, int(peak[1]) / 1024, int(printed[1])


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LETTERS))
