"""How many letters a second does `portal letters` print on one core, and how much memory does the run take?

`python -m benchmarks.letters [LETTERS]`; the bounds: 15 letters a second with QR-bill, 250 MB for a run of 10,000.
On SQLite, with the full cost of the codes, from the first question to the file. The rate counts the command's own CPU
on all cores without the command's start, which a run of 10,000 does not feel; the second rate is the clock's, and the
third figure says how much of each letter's time is the argon2 of its code, which nothing may make cheaper.
"""

from __future__ import annotations

import base64
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from portal.actions.letters import new_code
from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.demo.run import Place, create, place_for
from portal.gateways.hashing import CodeHasher, Peppers
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.history import system
from portal.rules.money import Money
from portal.settings import from_environment
from portal.store.database import Database
from portal.store.people import Clerk, Debtor
from portal.store.settings import creditor_by_slug

LETTERS, FEW, LEAST_RATE, MEGABYTES = 1_000, 200, 15.0, 250.0
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
        start = _run(place, Path(folder) / "none.pdf", "--reference", "NONE")
        run = _run(place, Path(folder) / "letters.pdf")
    cpu, clock = run.cpu - start.cpu, run.clock - start.clock
    rate, each = run.printed / cpu, cpu / run.printed * 1000
    code = _code() * 1000
    print(f"portal letters, {run.printed} letters on SQLite: {rate:.1f}/s of CPU (bound {LEAST_RATE:.0f}), "
          f"{run.printed / clock:.1f}/s on the clock; {each:.0f} ms a letter, {code:.0f} of them for its code; "
          f"{run.megabytes:.0f} MB (bound {MEGABYTES:.0f})")  # fmt: skip
    return 0 if rate >= LEAST_RATE and run.megabytes <= MEGABYTES else 1


class Run(NamedTuple):
    """What one call of the command took, in seconds, and how many letters came out."""

    cpu: float
    clock: float
    megabytes: float
    printed: int


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


def _run(place: Place, out: Path, *words: str) -> Run:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    child = subprocess.run(
        [sys.executable, "-c", COMMAND, "letters", "--creditor", SLUG, "--out", str(out), *words],
        env=place.environment, capture_output=True, text=True, check=not words,
    )  # fmt: skip
    took = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    printed = re.search(r"printed: (\d+)", child.stdout)
    peak = re.search(r"MB (\d+)", child.stdout)
    if peak is None or (printed is None and not words):
        raise RuntimeError(child.stdout[-500:] + child.stderr[-500:])
    return Run(cpu, took, int(peak[1]) / 1024, int(printed[1]) if printed else 0)


def _code() -> float:
    """The CPU seconds of one code's argon2 at its full cost."""
    codes, count = CodeHasher(Peppers(f"1:{base64.b64encode(bytes(32)).decode()}")), 20
    began = time.process_time()
    for _ in range(count):
        new_code(codes)
    return (time.process_time() - began) / count


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LETTERS))
