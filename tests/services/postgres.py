"""Where do tests get a PostgreSQL of their own, empty and quick, that ends with them?

Started as an unprivileged user from a temporary folder, on a free port of 127.0.0.1 only, without fsync.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

Build = Callable[[str], None]

MISSING = "PostgreSQL is missing: install the package `postgresql` (Debian, Ubuntu: apt-get install postgresql)."
START_SECONDS = 60
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=64MB")


class ServiceMissing(Exception):
    """Something that no pip can install is not there; the message says in one line what to install."""


def server_program(name: str) -> str:
    """The path of initdb or postgres, on the path or where Debian, Fedora and Homebrew keep it."""
    if found := shutil.which(name):
        return found
    patterns = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin")
    places = [place / name for pattern in patterns for place in sorted(Path("/").glob(pattern), reverse=True)]
    for place in places:
        if place.exists():
            return str(place)
    raise ServiceMissing(MISSING)


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: the person who runs the tests, or where that is root, postgres or nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


class Postgres:
    """A running server; every database asked of it is new, and a copy where a builder is given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = unprivileged_user()
        self._templates: dict[Build, str] = {}
        self._data = folder / "data"
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._run([server_program("initdb"), "-D", str(self._data), "-U", "tests", "-A", "trust", "-E", "UTF8",
                   "--locale=C.UTF-8", "--no-sync"])  # fmt: skip
        self.port = free_port()
        self._process = self._start()

    def url(self, name: str) -> str:
        """The address of a database on this server, as PORTAL_DATABASE_URL takes it."""
        return f"postgresql+psycopg://tests@127.0.0.1:{self.port}/{name}"

    def database(self, build: Build | None = None) -> str:
        """The address of a new database: empty, or a copy of the one that `build(url)` filled once for this server."""
        name = f"t_{uuid4().hex}"
        self._create(name, self._template(build) if build else "template0")
        return self.url(name)

    def drop(self, url: str) -> None:
        """The database is gone, whoever is still connected."""
        name = sql.Identifier(url.rsplit("/", 1)[1])
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def stop(self) -> None:
        """The server has ended and its folder is gone."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=START_SECONDS)
        shutil.rmtree(self._folder)

    def _template(self, build: Build) -> str:
        if build not in self._templates:
            name = f"template_{len(self._templates)}"
            self._create(name, "template0")
            build(self.url(name))
            self._templates[build] = name
        return self._templates[build]

    def _create(self, name: str, template: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._address(), autocommit=True) as connection:
            connection.execute(statement)

    def _address(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=tests dbname=postgres"

    def _as_user(self) -> dict[str, object]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, **self._as_user())  # type: ignore[call-overload]
        if done.returncode:
            raise ServiceMissing(f"PostgreSQL doesn't start here: {done.stderr.strip()[-500:]}")

    def _start(self) -> subprocess.Popen[bytes]:
        """A child that ends with us, waited for until it takes connections."""
        command = [server_program("postgres"), "-D", str(self._data), "-p", str(self.port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._folder}"]
        for setting in QUICK:
            command += ["-c", setting]
        if setpriv := shutil.which("setpriv"):
            command = [setpriv, "--pdeathsig", "INT", *command]
        log = self._folder / "server.log"
        with log.open("wb") as output:
            process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
                command, cwd=self._folder, stdout=output, stderr=subprocess.STDOUT, **self._as_user()
            )
        pid_file = self._data / "postmaster.pid"
        for _ in range(START_SECONDS * 20):
            if process.poll() is not None:
                break
            # the last line of postmaster.pid says "ready" once connections are taken: what `pg_ctl -w` reads too
            if pid_file.exists() and pid_file.read_text().rstrip().endswith("ready"):
                return process
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        raise ServiceMissing(f"PostgreSQL doesn't start here: {log.read_text()[-500:]}")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for this test process; a test that asks for it is marked `postgres`."""
    try:
        server_program("initdb")
        server = Postgres(Path(tempfile.mkdtemp(prefix="kulanz-postgres-")))
    except ServiceMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    yield server
    server.stop()


@pytest.fixture
def postgres_database(postgres: Postgres) -> Iterator[Callable[[Build | None], str]]:
    """`postgres_database(build)` gives the address of a new database, dropped when the test is over."""
    made: list[str] = []

    def make(build: Build | None = None) -> str:
        made.append(postgres.database(build))
        return made[-1]

    yield make
    for url in made:
        postgres.drop(url)
