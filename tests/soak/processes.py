"""How do tests run the portal in processes of its own that may die at any moment?"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.examples import KEY, WEBHOOK_SECRET

ROOT = Path(__file__).resolve().parent.parent.parent
STARTED_WITHIN = 60


def environment(database_url: str, port: int, api_base: str, folder: Path) -> dict[str, str]:
    """The settings that web and worker share."""
    return {
        **os.environ,
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL_SECRET_KEY": "tests only, and long enough for the check",
        "PORTAL_CODE_PEPPERS": KEY,
        "PORTAL_DATA_KEYS": KEY,
        "PORTAL_FILES_URL": f"file://{folder / 'files'}",
        "PORTAL_STRIPE_SECRET_KEY": "sk_test_tests",
        "PORTAL_STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        "PORTAL_STRIPE_API_BASE": api_base,
        "PORTAL_DEMO": "1",
    }


class Running:
    """One command of the portal, in a group of its own, started again whenever it was killed."""

    def __init__(self, command: list[str], given: dict[str, str]) -> None:
        self._command = [sys.executable, "-m", "portal.commands", *command]
        self._given = given
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command, cwd=ROOT, env=self._given, start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """`kill -9` for the whole group, and a new one in its place."""
        self.end(signal.SIGKILL)
        self._process = self._start()

    def kill_one(self, chance: random.Random) -> bool:
        """`kill -9` for one process below the first; False if there is none."""
        below = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if not below:
            return False
        os.kill(int(chance.choice(below)), signal.SIGKILL)
        return True

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """The group has ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)
        self._process.wait(30)


def wait_for(port: int) -> None:
    """The web server answers."""
    until = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the web server did not start")
