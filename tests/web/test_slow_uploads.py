"""Does the site answer while as many uploads trickle in as there are threads? A real server process, on SQLite."""

from __future__ import annotations

import hashlib
import http.client
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from portal.rules.access import Room
from portal.settings import Settings
from portal.store.access import SignedIn
from portal.store.database import Database
from tests import examples
from tests.people import forms_of

THREADS = Settings.threads
TOKEN = "t" * 43
PAGE = f"/claims/{examples.DORA.reference}/dispute"
pytestmark = pytest.mark.slow


@dataclass
class Served:
    """A running server and one signed-in browser."""

    port: int
    cookies: str
    token: str

    def posts(self, fields: dict[str, str]) -> tuple[int, float]:
        """The status of a small POST and how many seconds it took."""
        started = time.perf_counter()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.request(
            "POST", PAGE, urlencode({**fields, "csrf_token": self.token}),
            {"Cookie": self.cookies, "Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        status = line.getresponse().status
        line.close()
        return status, time.perf_counter() - started

    def trickles(self) -> socket.socket:
        """A connection on which an upload of 5 MB has begun."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        head = (
            f"POST {PAGE} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookies}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        )
        line.sendall(head.encode())
        return line


@pytest.fixture
def served(filled_sqlite: Path, tmp_path: Path) -> Iterator[Served]:
    shutil.copyfile(filled_sqlite, tmp_path / "portal.db")
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    _sign_in(url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    start = "from portal.commands import main; main()"
    server = subprocess.Popen(
        [sys.executable, "-c", start, "serve", "--port", str(port), "--workers", "1"],
        env=_environment(url, tmp_path, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        cookies, token = _first_page(port, server)
        yield Served(port, cookies, token)
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(40)


def test_another_post_answers_below_200_ms(served: Served) -> None:
    lines = [served.trickles() for _ in range(THREADS)]
    stop = threading.Event()
    dripping = threading.Thread(target=_drip, args=(lines, stop))
    dripping.start()
    try:
        refused = _answers(lines, THREADS - THREADS // 2, seconds=5)
        assert [status for _, status in refused] == [503] * (THREADS - THREADS // 2)
        took = [served.posts({"reason": "other"}) for _ in range(7)]
        assert {status for status, _ in took} == {422}
        assert sorted(seconds for _, seconds in took)[3] < 0.2
        late = [line for line in lines if line not in [done for done, _ in refused]]
        ended = _answers(late, len(late), seconds=20)
        assert [status for _, status in ended] == [408] * len(late)
        assert served.posts({"reason": "returned"})[0] == 303
    finally:
        stop.set()
        dripping.join()
        for line in lines:
            line.close()


def _drip(lines: list[socket.socket], stop: threading.Event) -> None:
    """A byte now and then on each connection, as long as the other side takes it."""
    open_lines = list(lines)
    while not stop.wait(0.1):
        for line in list(open_lines):
            try:
                line.sendall(b"x")
            except OSError:
                open_lines.remove(line)


def _answers(lines: list[socket.socket], count: int, *, seconds: float) -> list[tuple[socket.socket, int]]:
    """The first `count` answers that come on these connections, with their status."""
    found: list[tuple[socket.socket, int]] = []
    waiting = list(lines)
    end = time.monotonic() + seconds
    while len(found) < count:
        ready, _, _ = select.select(waiting, [], [], max(0.0, end - time.monotonic()))
        assert ready, f"only {len(found)} of {count} answers came"
        for line in ready:
            waiting.remove(line)
            found.append((line, int(line.recv(64).split()[1])))
    return found


def _sign_in(url: str) -> None:
    now = datetime.now(UTC)
    database = Database(url)
    with database.writing() as session:
        session.add(
            SignedIn(
                token_hash=hashlib.sha256(TOKEN.encode()).digest(), audience="debtor", creditor_id=examples.VELO,
                debtor_id=examples.DORA.debtor_id, room=Room.FILE.value, letters=[str(examples.DORA.letter_id)],
                started_at=now, seen_at=now, proved_at=now,
            )
        )  # fmt: skip
    database.close()


def _environment(url: str, folder: Path, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PORTAL_DATABASE_URL": url,
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL_SECRET_KEY": "tests only, and long enough for the check",
        "PORTAL_CODE_PEPPERS": examples.KEY,
        "PORTAL_DATA_KEYS": examples.KEY,
        "PORTAL_FILES_URL": f"file://{folder / 'files'}",
        "PORTAL_STRIPE_SECRET_KEY": "sk_test_tests",
        "PORTAL_STRIPE_WEBHOOK_SECRETS": examples.WEBHOOK_SECRET,
        "PORTAL_DEMO": "1",
    }


def _first_page(port: int, server: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Cookies and token from the form, as soon as the server answers."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended"
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", f"{PAGE}?reason=other", headers={"Cookie": f"s={TOKEN}"})
            answer = line.getresponse()
            html = answer.read().decode()
        except ConnectionRefusedError:
            select.select([], [], [], 0.05)
            continue
        finally:
            line.close()
        assert answer.status == 200, html[:500]
        seed = (answer.getheader("Set-Cookie") or "").split(";")[0]
        tokens = [fields["csrf_token"][0] for _, fields in forms_of(html) if "csrf_token" in fields]
        return f"s={TOKEN}; {seed}", tokens[0]
    raise AssertionError("the server does not answer")
