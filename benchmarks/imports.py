"""How many claims a second does `portal import-claims` take in, with how much memory, and how does the site answer?

`python -m benchmarks.imports [ROWS]`; the bounds: 5,000 a second on PostgreSQL and 2,500 on SQLite over 200,000 rows of
CSV within 400 MB, 1,500 a second from XLSX, and meanwhile pages and webhooks at most twice as slow. One row is an
invoice with its debtor, which leaves eight rows of tables behind.
"""

from __future__ import annotations

import csv
import http.client
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import stripe

from portal.demo.run import Place, place_for
from tests import examples
from tests.services.postgres import Postgres, free_port

#: What `make bench` takes, and what the bounds are about.
FEW, ROWS = 20_000, 200_000
MEGABYTES, TIMES_SLOWER = 400.0, 2.0
LEAST = {
    ("PostgreSQL", "csv"): 5_000,
    ("SQLite", "csv"): 2_500,
    ("PostgreSQL", "xlsx"): 1_500,
    ("SQLite", "xlsx"): 1_500,
}
#: A spreadsheet of so many rows is what a small firm has.
MOST_XLSX = 20_000
QUIET_SECONDS, EVERY = 10.0, 0.05
HEADER = (
    "reference", "debtor_name", "debtor_kind", "street", "postcode", "town", "country", "language", "birth_date",
    "title", "invoice_number", "invoice_date", "due_date", "currency", "principal", "contact",
)  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """One import: how long it took, how much of that the process worked itself, its memory, and what it said."""

    seconds: float
    cpu: float
    megabytes: float
    said: str


def row(number: int) -> tuple[str, ...]:
    """One open invoice of one person."""
    return (
        f"B-{number}", f"Anna Muster {number}", "person", f"Gasse {number % 90 + 1}", str(4900 + number % 60),
        "Langenthal", "CH", "de", f"{number % 28 + 1:02}.03.1987", "Velo und Zubehör", f"2026-{number}", "2026-08-01",
        "2026-08-31", "CHF", f"{20 + number % 900}.50", examples.email_of("clara"),
    )  # fmt: skip


def main(count: int) -> int:
    """Print one line per database and format, and one for the site meanwhile; 1 if a bound is not kept."""
    good = True
    with tempfile.TemporaryDirectory(prefix="kulanz-import-") as name:
        folder = Path(name)
        sheets = min(count // 4, MOST_XLSX)
        files = {"csv": (_csv(folder / "claims.csv", count), count), "xlsx": (_xlsx(folder / "c.xlsx", sheets), sheets)}
        server = Postgres(Path(tempfile.mkdtemp(prefix="kulanz-postgres-")))
        try:
            for engine in ("PostgreSQL", "SQLite"):
                for kind, (file, rows) in files.items():
                    place = _place(folder / f"{engine}-{kind}", server if engine == "PostgreSQL" else None)
                    good = _report(engine, kind, rows, _take(place, file)) and good
                place = _place(folder / f"{engine}-site", server if engine == "PostgreSQL" else None)
                good = _meanwhile(engine, place, _csv(folder / "some.csv", min(count, FEW))) and good
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


def _place(folder: Path, server: Postgres | None) -> Place:
    folder.mkdir(parents=True)
    place = place_for(folder, free_port(), database_url=server.database() if server is not None else "")
    place = replace(place, database_url=place.settings.database_url, secret=examples.WEBHOOK_SECRET)
    examples.build(place.settings.database_url)
    return place


def _take(place: Place, file: Path) -> Taken:
    command = [sys.executable, "-m", "portal.commands", "import-claims", str(file), "--creditor", "velo-sutter"]
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, env={**os.environ, **place.environment}, stdout=said, stderr=said)
        _, _, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        said.seek(0)
        return Taken(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said.read())


def _report(engine: str, kind: str, count: int, taken: Taken) -> bool:
    rate, bound = count / taken.seconds, LEAST[engine, kind]
    good = f"accepted: {count}\n" in taken.said and rate >= bound and taken.megabytes <= MEGABYTES
    print(
        f"{engine:10} {kind:4} {count:7,} claims in {taken.seconds:6.1f} s, {rate:5.0f}/s (bound {bound:,}), "
        f"{count / taken.cpu:5.0f} per CPU second, {taken.megabytes:.0f} MB (bound {MEGABYTES:.0f})"
        f"{'' if good else '  NOT KEPT ' + taken.said[-300:]}"
    )
    return good


def _meanwhile(engine: str, place: Place, file: Path) -> bool:
    """Pages and webhooks, 20 a second, first in quiet and then beside an import."""
    with _served(place) as line:
        asked = _Asked(line)
        until = time.perf_counter() + QUIET_SECONDS
        quiet = asked.while_(lambda: time.perf_counter() < until)
        command = [sys.executable, "-m", "portal.commands", "import-claims", str(file), "--creditor", "velo-sutter"]
        process = subprocess.Popen(command, env={**os.environ, **place.environment}, stdout=subprocess.DEVNULL)
        busy = asked.while_(lambda: process.poll() is None)
    good = process.returncode == 0
    for what in ("GET", "POST"):
        before, beside = _p95(quiet[what]), _p95(busy[what])
        good = good and beside <= TIMES_SLOWER * before
        print(
            f"{engine:10} {what:4} beside an import: p95 {beside * 1000:.0f} ms of {len(busy[what])}, in quiet "
            f"{before * 1000:.0f} ms, {beside / before:.1f} times (bound {TIMES_SLOWER:.0f})"
        )
    return good


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


class _Asked:
    """A page and a webhook in turn, each at its time; how long each answer took."""

    def __init__(self, line: http.client.HTTPConnection) -> None:
        self.line, self.numbers = line, itertools.count()

    def while_(self, going: Callable[[], bool]) -> dict[str, list[float]]:
        times: dict[str, list[float]] = {"GET": [], "POST": []}
        due = time.perf_counter()
        while going():
            number = next(self.numbers)
            what = "POST" if number % 2 else "GET"
            began = time.perf_counter()
            self._webhook(number) if what == "POST" else self._page()
            times[what].append(time.perf_counter() - began)
            due += EVERY
            time.sleep(max(0.0, due - time.perf_counter()))
        return times

    def _page(self) -> None:
        self._send("GET", "/velo-sutter", b"", {})

    def _webhook(self, number: int) -> None:
        event = {
            "id": f"evt_bench{number}", "object": "event", "type": "payout.created", "account": "acct_velo",
            "created": int(time.time()), "livemode": False, "data": {"object": {"id": "po_1", "object": "payout"}},
        }  # fmt: skip
        body = json.dumps(event)
        signed = stripe.WebhookSignature.generate_signature_header(body, examples.WEBHOOK_SECRET)
        headers = {"Stripe-Signature": signed, "Content-Type": "application/json"}
        self._send("POST", "/webhooks/stripe", body.encode(), headers)

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path} was answered {answer.status}")


@contextmanager
def _served(place: Place) -> Iterator[http.client.HTTPConnection]:
    port = place.port
    environment = {**os.environ, **place.environment, "PORTAL_BASE_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.serving", "portal", str(port)], env=environment)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        for _ in range(300):
            try:
                line.request("GET", "/healthz")
                line.getresponse().read()
                break
            except OSError:
                line.close()
                time.sleep(0.1)
        yield line
    finally:
        line.close()
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
