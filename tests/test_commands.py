"""What does each command say, and does it end well or badly as it should?"""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from portal.commands import portal as command_line
from portal.commands import routes_of
from portal.demo.run import place_for
from portal.rules.letter_code import make_code
from portal.store.database import Database
from portal.store.ledger import Entry
from portal.store.people import clerk_by_email
from portal.store.schema import migrate
from portal.store.settings import bank_account, creditor_by_slug
from portal.web import logs
from portal.web.security import Who
from tests.bank_files import Ntry, Paper, Tx
from tests.services.postgres import free_port

pytestmark = pytest.mark.slow

FIRM = [
    "add-creditor", "--slug", "velo-sutter", "--name", "Velo Sutter AG", "--street", "Lagerstrasse", "--house-number",
    "14", "--postcode", "4900", "--town", "Langenthal", "--canton", "BE", "--phone", "062 555 01 40",
    "--stripe-account", "acct_velosutter", "--iban", "CH93 0076 2011 6238 5295 7",
    "--qr-iban", "CH44 3199 9123 0008 8901 2",
]  # fmt: skip
CLERK = [
    "add-clerk", "--creditor", "velo-sutter", "--email", "claudia@velo-sutter.example", "--name", "Claudia Meier",
    "--role", "agent",
]  # fmt: skip


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings of an installation on this machine that is no demo; nobody answers where Stripe should be."""
    (tmp_path / "portal").mkdir()
    place = place_for(tmp_path / "portal", 0)
    off = {"PORTAL_DEMO": "", "PORTAL_TRUSTED_PROXIES": "0", "PORTAL_DEMO_DAY": "", "PORTAL_CLOCK_FILE": ""}
    return {**place.environment, **off}


@pytest.fixture(autouse=True)
def _loggers() -> Iterator[None]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield
    root.handlers[:], root.level = before[0], before[1]


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(command_line, list(arguments), env=environment)


@pytest.fixture
def migrated(environment: dict[str, str]) -> dict[str, str]:
    database = Database(environment["PORTAL_DATABASE_URL"])
    migrate(database)
    database.close()
    return environment


def test_missing_settings_are_all_named_and_nothing_starts() -> None:
    empty = {name: "" for name in os.environ if name.startswith("PORTAL_")}
    for name in ("serve", "worker", "check", "migrate"):
        result = run(empty, name)
        assert result.exit_code == 1
        for missing in ("PORTAL_BASE_URL", "PORTAL_SECRET_KEY", "PORTAL_CODE_PEPPERS", "PORTAL_STRIPE_SECRET_KEY"):
            assert f"{missing} is missing" in result.output


def test_a_moved_clock_is_refused_outside_the_demo(environment: dict[str, str]) -> None:
    result = run({**environment, "PORTAL_DEMO_DAY": "2027-01-01"}, "check")
    assert result.exit_code == 1
    assert "A moved clock exists in the demo only." in result.output


def test_migrate_makes_the_folder_and_can_be_repeated(environment: dict[str, str], tmp_path: Path) -> None:
    deep = {**environment, "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'folder' / 'portal.db'}"}
    for _ in range(2):
        result = run(deep, "migrate")
        assert result.exit_code == 0
        assert "newest schema" in result.output


def test_check_says_one_line_each_and_what_is_wrong(environment: dict[str, str]) -> None:
    before = run(environment, "check")
    assert before.exit_code == 1
    assert "wrong  schema" in before.output
    assert "portal migrate" in before.output
    run(environment, "migrate")
    good = run(environment, "check")
    assert good.exit_code == 0
    parts = [line[7:20].strip() for line in good.output.splitlines()]
    assert parts == ["configuration", "database", "schema", "storage", "clamd", "Stripe", "mail"]
    run(environment, *FIRM)
    silent = run({**environment, "PORTAL_CLAMD": "tcp://127.0.0.1:1", "PORTAL_MAIL_URL": "smtp://127.0.0.1:1"}, "check")
    assert silent.exit_code == 1
    wrong = [line[7:20].strip() for line in silent.output.splitlines() if line.startswith("wrong")]
    assert wrong == ["clamd", "Stripe", "mail"]


def test_the_first_hour_in_the_shell(migrated: dict[str, str], tmp_path: Path) -> None:
    """A firm without an account, a slip in an IBAN, a test letter only once somebody answers, and into a new file."""
    least = FIRM[: FIRM.index("--stripe-account")]
    wrong = run(migrated, *least, "--iban", "CH93 0076 2011 6238 5295 8")
    assert (wrong.exit_code, "This IBAN is not right." in wrong.output) == (1, True)
    swapped = run(migrated, *least, "--iban", "CH44 3199 9123 0008 8901 2")
    assert (swapped.exit_code, "This is a QR-IBAN." in swapped.output) == (1, True)
    assert run(migrated, *least).exit_code == 0
    letter = ("test-letter", "--creditor", "velo-sutter", "--out", str(tmp_path / "test.pdf"))
    assert "There is no colleague" in run(migrated, *letter).output
    run(migrated, *CLERK[:-1], "admin")
    assert "Nobody can be named as contact person" in run(migrated, *letter).output
    run(migrated, *CLERK[:4], "mia@velo-sutter.example", "--name", "Mia Wyss", "--role", "lead")
    assert run(migrated, *letter).exit_code == 0
    assert (tmp_path / "test.pdf").read_bytes().startswith(b"%PDF-")
    assert "can't be written" in run(migrated, *letter).output
    assert run(migrated, "ledger", "verify").exit_code == 0


def test_a_firm_and_its_people_need_no_sql(migrated: dict[str, str]) -> None:
    added = run(migrated, *FIRM)
    assert added.exit_code == 0, added.output
    assert "/velo-sutter" in added.output
    assert "This slug is taken." in run(migrated, *FIRM).output
    clerk = run(migrated, *CLERK)
    assert clerk.exit_code == 0, clerk.output
    assert "Password: " in clerk.output
    assert "otpauth://totp/" in clerk.output
    again = run(migrated, *CLERK)
    assert again.exit_code == 1
    assert "Somebody signs in with this mail address already." in again.output
    assert run(migrated, *CLERK[:2], "nobody", *CLERK[3:]).exit_code == 1
    database = Database(migrated["PORTAL_DATABASE_URL"])
    with database.reading() as session:
        firm = creditor_by_slug(session, "velo-sutter")
        assert firm is not None
        account = bank_account(session, firm.id, "CHF")
        assert account is not None
        assert (account.iban, account.qr_iban) == ("CH9300762011623852957", "CH4431999123000889012")
        assert clerk_by_email(session, "claudia@velo-sutter.example") is not None
    database.close()


def test_the_days_run_and_the_worker_end_well_with_nothing_to_do(migrated: dict[str, str]) -> None:
    run(migrated, *FIRM)
    for _ in range(2):
        result = run(migrated, "daily", "--date", "2026-11-23")
        assert result.exit_code == 0, result.output
        assert "done for 1 creditor." in result.output
    result = run(migrated, "worker", "--once")
    assert result.exit_code == 0, result.output
    assert "nothing is due any more" in result.output


def test_ledger_verify_names_the_rows_that_break_a_rule(migrated: dict[str, str]) -> None:
    good = run(migrated, "ledger", "verify")
    assert (good.exit_code, good.output.strip()) == (0, "Every rule of the ledger holds.")
    database = Database(migrated["PORTAL_DATABASE_URL"])
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {_a_guard(connection)}")
    database.close()
    bad = run(migrated, "ledger", "verify")
    assert bad.exit_code == 1
    assert "1 rows break a rule." in bad.output


def test_routes_are_listed_with_everybody_who_may(migrated: dict[str, str]) -> None:
    result = run(migrated, "routes", "--json")
    assert result.exit_code == 0, result.output
    listed = json.loads(result.output)
    assert {"rule", "methods", "endpoint", "policy", "right", "params"} == set(listed[0])
    assert {one["policy"] for one in listed} <= {who.value for who in Who}
    by_rule = {one["rule"]: one for one in listed}
    assert by_rule["/healthz"] == {
        "rule": "/healthz", "methods": ["GET"], "endpoint": "health.alive", "policy": "machine", "right": None,
        "params": [],
    }  # fmt: skip
    assert by_rule["/<slug>"]["params"] == ["slug"]
    assert run(migrated, "routes").output.count("\n") == len(listed)
    assert list(routes_of(Flask("empty", static_folder=None))) == []


def test_a_log_line_holds_the_route_and_no_secret() -> None:
    stream = io.StringIO()
    logs.configure("json", stream=stream)
    code = make_code(lambda n: 7)
    logging.getLogger("portal.web").warning(
        "%s and %s at CH93 0076 2011 6238 5295 7 for dora@example.org\nsecond line", code.printed, code.compact
    )
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["text"] == "[code] and [code] at [iban] for [mail]\nsecond line"


@pytest.mark.slow
def test_the_server_answers_logs_by_route_and_ends_politely(migrated: dict[str, str]) -> None:
    run(migrated, *FIRM)
    port = free_port()
    command = [sys.executable, "-m", "portal.commands", "serve", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, **migrated, "PORTAL_LOG_FORMAT": "json", "PORTAL_BASE_URL": f"http://127.0.0.1:{port}"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _wait_for(server, port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/velo-sutter?secret=word", timeout=10) as answer:
            assert answer.status == 200
            assert answer.headers["Server"] == "portal"
    finally:
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=40)
    assert server.returncode == 0
    lines = [json.loads(line) for line in said.splitlines()]
    asked = [line for line in lines if line.get("rule") == "/<slug>"]
    assert {"ts", "request", "rule", "method", "status", "ms"} <= set(asked[0])
    assert "secret" not in said
    assert "velo-sutter" not in said


def _a_guard(connection: object) -> str:
    rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()  # type: ignore[attr-defined]
    return str(sorted(row[0] for row in rows if Entry.__tablename__ in row[0])[0])


def _wait_for(server: subprocess.Popen[str], port: int) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server ended by itself"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not listen")


def test_a_banks_file_is_booked_once_and_a_bad_one_is_refused(migrated: dict[str, str], tmp_path: Path) -> None:
    assert run(migrated, *FIRM).exit_code == 0
    file = tmp_path / "camt054.xml"
    file.write_bytes(Paper([Ntry((Tx("42.00", payer="Anna Fremd", ref="T1"),), ref="E1")]).bytes())
    order = ["import-bank", str(file), "--creditor", "velo-sutter"]
    for known, unmatched in ((0, 1), (1, 0)):
        result = run(migrated, *order)
        assert (result.exit_code, result.output) == (
            0, f"booked: 0\nalready known: {known}\nunmatched: {unmatched}\n",
        )  # fmt: skip
    assert run(migrated, "ledger", "verify").exit_code == 0
    for name, words in (("camt053.v2.minimal.xml", "camt.053.001.02 is an old version"), ("LICENSE", "Line 1:")):
        path = Path(__file__).parent / "data" / "camt" / name
        refused = run(migrated, "import-bank", str(path), "--creditor", "velo-sutter")
        assert (refused.exit_code, words in refused.output, "Nothing was changed." in refused.output) == (1, True, True)
    assert run(migrated, "import-bank", str(file), "--creditor", "nobody").exit_code == 1
