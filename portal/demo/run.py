"""How does the demo run: its folder, its keys, its processes, and their orderly end?"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from portal.app import DemoClock, build_parts, system_clock
from portal.demo.bank_file import write_bank_file
from portal.demo.build import build
from portal.demo.documents import QuickFiles
from portal.demo.firms import FIRMS
from portal.gateways.vault import DataKeys
from portal.settings import Settings
from portal.store.schema import migrate

OURS = ("portal.db", "portal.db-wal", "portal.db-shm", "files", "bank", "standin", "demo.json", "demo.env")
WAIT_SECONDS = 30
GRACE_SECONDS = 28
Say = Callable[[str], None]


class DemoRefused(Exception):
    """The demo can't start here; the sentence says why and what to do."""


@dataclass(frozen=True)
class Place:
    """Everything that one demo needs to know about itself; all its files lie under `folder`."""

    folder: Path
    port: int
    standin_port: int
    today: str = ""
    clock_file: Path | None = None
    database_url: str = ""
    secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(16)}")
    keys: tuple[str, str, str] = field(default_factory=lambda: (_key(), _key(), secrets.token_urlsafe(32)))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def standin_url(self) -> str:
        return f"http://127.0.0.1:{self.standin_port}"

    @property
    def settings(self) -> Settings:
        """The settings of this demo's portal."""
        return Settings(
            database_url=self.database_url or f"sqlite:///{self.folder / 'portal.db'}",
            base_url=self.base_url,
            secret_key=self.keys[2],
            code_peppers=self.keys[0],
            data_keys=self.keys[1],
            files_root=self.folder / "files",
            stripe_secret_key="sk_test_demo",
            stripe_webhook_secrets=(self.secret,),
            stripe_api_base=self.standin_url,
            stripe_page_origin=self.standin_url,
            trusted_proxies=1,
            demo=True,
            clock_file=self.clock_file,
            demo_day=self.today,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The same settings for a process of their own."""
        settings = self.settings
        return {
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_BASE_URL": settings.base_url,
            "PORTAL_SECRET_KEY": settings.secret_key,
            "PORTAL_CODE_PEPPERS": settings.code_peppers,
            "PORTAL_DATA_KEYS": settings.data_keys,
            "PORTAL_FILES_URL": settings.files_root.as_uri(),
            "PORTAL_STRIPE_SECRET_KEY": settings.stripe_secret_key,
            "PORTAL_STRIPE_WEBHOOK_SECRETS": self.secret,
            "PORTAL_STRIPE_API_BASE": settings.stripe_api_base,
            "PORTAL_STRIPE_PAGE_ORIGIN": settings.stripe_page_origin,
            "PORTAL_TRUSTED_PROXIES": str(settings.trusted_proxies),
            "PORTAL_DEMO": "1",
            "PORTAL_DEMO_DAY": self.today,
            "PORTAL_CLOCK_FILE": str(self.clock_file or ""),
        }

    @property
    def clock(self) -> DemoClock:
        return DemoClock(self.today, self.clock_file)


def place_for(
    folder: Path, port: int, *, today: str = "", clock_file: Path | None = None, database_url: str = ""
) -> Place:
    """A demo with fresh keys in this folder; port 0 takes a free one, and so does the Stripe stand-in."""
    return Place(
        folder.resolve(), port or _free_port(), _free_port(), today,
        clock_file.resolve() if clock_file else None, database_url,
    )


def create(place: Place) -> dict[str, object]:
    """The folder holds a database with living sample data, its files and its settings; an older demo there is gone.

    Answers with what `demo.json` will say. Raises DemoRefused if the folder holds something else.
    """
    _make_room(place.folder)
    _write_private(place.folder / "demo.env", "".join(f"{k}={v}\n" for k, v in place.environment.items()))
    settings = place.settings
    files = QuickFiles(settings.files_root, DataKeys(settings.data_keys))
    parts = build_parts(settings, clock=place.clock, files=files)
    try:
        migrate(parts.database)
        said = build(parts, base_url=place.base_url)
        write_bank_file(parts, place.folder / "bank" / "camt054.xml")
    finally:
        parts.database.close()
    return {"base_url": place.base_url, "stripe_api_base": place.standin_url, **said}


def write_json(place: Place, said: Mapping[str, object]) -> None:
    """`demo.json` is there, whole."""
    _write_private(place.folder / "demo.json", json.dumps(said, ensure_ascii=False, indent=1))


def run(place: Place, say: Say) -> int:
    """Web server, worker and Stripe stand-in run until SIGTERM or SIGINT; then all end. 1 if one ended by itself."""
    if _in_use(place.port):
        raise DemoRefused(f"Port {place.port} is taken: choose another one with --port.")
    said = create(place)
    with _signals() as told, _children(place) as children:
        if not _answers(f"{place.base_url}/healthz", children, told):
            return 0 if told else 1
        write_json(place, said)
        for line in lines_about(said):
            say(line)
        while not told:
            time.sleep(0.1)
            for name, child in children.items():
                if child.poll() is not None:
                    say(f"The {name} has ended by itself (exit {child.returncode}), so the demo ends too.")
                    return 1
    return 0


def lines_about(said: Mapping[str, object]) -> list[str]:
    """What the demo prints: letters' codes, links and staff sign-ins."""
    lines = ["", "Letters (code and postcode; the link fills the code in):"]
    for one in _dicts(said["debtors"]):
        fact = one["fact"]
        known = f", {fact['kind'].replace('_', ' ')} {fact['value']}" if isinstance(fact, dict) else ""
        pin = f", PIN {one['pin']}" if one["pin"] else ""
        who = f"{one['postcode']:6} {one['name']}{known}{pin}"
        lines.append(f"  {one['situation']:16} {one['language']}  {one['code']}  {who}")
        lines.append(f"  {'':20} {one['link']}")
    lines += ["", f"Desk: {said['base_url']}/desk/sign-in"]
    for one in _dicts(said["staff"]):
        lines.append(f"  {one['role']:6} {one['email']:40} password «{one['password']}»  TOTP {one['totp_secret']}")
    return [*lines, "", f"The portal answers on {said['base_url']} (Ctrl+C ends it).", ""]


def _dicts(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def offset_of(place: Place) -> int:
    """Seconds by which `--today` moves the clock."""
    return round((DemoClock(place.today)() - system_clock()).total_seconds()) if place.today else 0


@contextmanager
def _children(place: Place) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The three processes run inside the block, and none of them after it."""
    environment = {**os.environ, **place.environment}
    portal = [sys.executable, "-m", "portal.commands"]
    clock = ["--clock", str(place.clock_file)] if place.clock_file else []
    standin = [
        sys.executable, "-m", "portal.demo.standin", "--port", str(place.standin_port), "--secret", place.secret,
        "--webhook", f"{place.base_url}/webhooks/stripe", "--data", str(place.folder / "standin"),
        "--offset", str(offset_of(place)), *clock, "--account", *(firm.standin_account for firm in FIRMS),
    ]  # fmt: skip
    commands = {
        "Stripe stand-in": standin,
        "worker": [*portal, "worker"],
        "web server": [*portal, "serve", "--port", str(place.port), "--workers", "1"],
    }
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            running[name] = subprocess.Popen(
                command, env=environment, start_new_session=True,
                stdout=subprocess.DEVNULL if name == "Stripe stand-in" else None,
            )  # fmt: skip
        yield running
    finally:
        _end(list(running.values()))


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in reversed(children):
        if child.poll() is None:
            child.terminate()
    for child in reversed(children):
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The list gets the signal that told us to end."""
    told: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        told.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _answers(url: str, children: Mapping[str, subprocess.Popen[bytes]], told: list[int]) -> bool:
    until = system_clock() + timedelta(seconds=WAIT_SECONDS)
    while not told and system_clock() < until and all(child.poll() is None for child in children.values()):
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    return False


def _make_room(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    there = {entry.name for entry in folder.iterdir()}
    if there and not there & {"demo.json", "demo.env"}:
        raise DemoRefused(f"{folder} holds something that is no demo: choose another folder with --data.")
    for name in OURS:
        target = folder / name
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def _key() -> str:
    return "1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _in_use(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def day_problem(text: str) -> str:
    """A sentence if this is no day, else nothing."""
    try:
        datetime.fromisoformat(f"{text}T00:00:00")
    except ValueError:
        return f"{text!r} is no day: write YYYY-MM-DD."
    return ""
