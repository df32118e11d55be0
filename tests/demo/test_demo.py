"""Is the demo complete and alive: does every code open, are the books right, and does it end in order?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from portal.app import build_parts, create_app
from portal.demo.run import DemoRefused, Place, create, place_for, write_json
from portal.gateways.hashing import CodeHasher, FactHasher, Peppers
from portal.rules.access import FactKind, normalise_fact
from portal.rules.letter_code import Code, normalise
from portal.store.access import LetterCode, code_by_lookup
from portal.store.attachments import Attachment
from portal.store.ledger_checks import verify
from portal.store.people import clerk_by_email, debtor_by_id
from portal.web.parts import Parts
from tests.people import forms_of

pytestmark = pytest.mark.slow

SITUATIONS = {
    "open", "offer", "plan_running", "instalment_late", "plan_proposed", "counter_offer", "disputed",
    "dispute_decided", "paused_hardship", "paid", "several_claims", "eur_claim",
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place_for(tmp_path_factory.mktemp("demo"), 0)


@pytest.fixture(scope="module")
def said(place: Place) -> dict[str, Any]:
    write_json(place, create(place))
    told: dict[str, Any] = json.loads((place.folder / "demo.json").read_text())
    return told


@pytest.fixture(scope="module")
def parts(place: Place, said: dict[str, Any]) -> Iterator[Parts]:
    built = build_parts(place.settings, clock=place.clock)
    yield built
    built.database.close()


def test_the_paper_names_everybody_as_the_interface_says(said: dict[str, Any]) -> None:
    assert set(said) == {"base_url", "stripe_api_base", "creditors", "debtors", "staff"}
    assert len(said["creditors"]) >= 2
    assert len(said["debtors"]) >= 12
    assert {one["situation"] for one in said["debtors"]} >= SITUATIONS
    assert {one["language"] for one in said["debtors"]} >= {"de", "fr", "it"}
    for creditor in said["creditors"]:
        roles = {one["role"] for one in said["staff"] if one["creditor"] == creditor["slug"]}
        assert roles >= {"agent", "lead", "admin"}
    keys = {"name", "language", "creditor", "reference", "code", "link", "postcode", "situation", "fact", "pin"}
    for one in said["debtors"]:
        assert set(one) == keys
        assert one["link"] == f"{said['base_url']}/{one['creditor']}#{one['code'].replace(' ', '')}"


def test_every_code_is_the_letters_and_every_fact_is_on_file(said: dict[str, Any], parts: Parts, place: Place) -> None:
    peppers = Peppers(place.settings.code_peppers)
    codes, facts = CodeHasher(peppers), FactHasher(peppers)
    with parts.database.reading() as session:
        for one in said["debtors"]:
            code = normalise(one["code"])
            assert isinstance(code, Code)
            row = code_by_lookup(session, code.lookup)
            assert isinstance(row, LetterCode)
            assert codes.verify(code.lookup, code.secret, row)  # type: ignore[arg-type]
            debtor = debtor_by_id(session, row.creditor_id, row.debtor_id)
            assert debtor is not None
            assert (debtor.name, debtor.postcode) == (one["name"], one["postcode"])
            assert (debtor.pin_hash is None) == (one["pin"] is None)
            if one["fact"]:
                kind = FactKind(one["fact"]["kind"])
                known = normalise_fact(kind, one["fact"]["value"])
                assert known is not None
                assert debtor.fact_hash is not None
                assert facts.matches(row.creditor_id, kind, known, debtor.fact_hash)


def test_every_letter_opens_the_portal(said: dict[str, Any], parts: Parts) -> None:
    app = create_app(replace(parts.settings, trusted_proxies=0), parts=parts)
    for number, one in enumerate(said["debtors"]):
        client = app.test_client()
        entry = f"/{one['creditor']}"
        network = {"REMOTE_ADDR": f"10.0.{number}.1"}
        fields = dict(forms_of(client.get(entry).get_data(as_text=True))[0][1])
        sent = {name: values[0] for name, values in fields.items() if values}
        sent |= {"code": one["code"], "postcode": one["postcode"]}
        answer = client.post(f"{entry}/enter", data=sent, environ_base=network)
        assert answer.status_code == 303, (one["situation"], answer.status_code)
        wanted = "/claims" if one["situation"] == "several_claims" else f"/claims/{one['reference']}"
        assert answer.headers["Location"] == wanted
        assert client.get(wanted, environ_base=network).status_code == 200, one["situation"]


def test_the_staff_can_sign_in(said: dict[str, Any], parts: Parts) -> None:
    with parts.database.reading() as session:
        for one in said["staff"]:
            clerk = clerk_by_email(session, one["email"])
            assert clerk is not None
            assert clerk.role == one["role"]
            assert parts.passwords.verify(one["password"], clerk.password_hash)
            assert len(pyotp.TOTP(one["totp_secret"]).now()) == 6


def test_the_books_are_right(parts: Parts) -> None:
    with parts.database.reading() as session:
        assert verify(session) == []


def test_every_file_can_be_opened(parts: Parts) -> None:
    with parts.database.reading() as session:
        files = session.scalars(select(Attachment)).all()
    assert {row.purpose for row in files} >= {"evidence", "dispute"}
    for row in files:
        assert row.state == "ready"
        head = parts.files.get(row.ready_key or "")[:4]
        assert head.startswith(b"%PDF" if "pdf" in (row.ready_type or "") else b"\xff\xd8")


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(DemoRefused):
        create(place_for(tmp_path, 0))
    assert (tmp_path / "letter.txt").read_text() == "mine"


@pytest.mark.slow
@pytest.mark.parametrize("today", ["2027-02-28", "2028-03-31", "2026-12-27"])
def test_the_stories_work_on_any_day(tmp_path: Path, today: str) -> None:
    place = place_for(tmp_path / "demo", 0, today=today)
    said = create(place)
    built = build_parts(place.settings, clock=place.clock)
    with built.database.reading() as session:
        assert verify(session) == []
    built.database.close()
    assert len(said["debtors"]) >= 12  # type: ignore[arg-type]
    assert place.clock().date().isoformat() == today


@pytest.mark.slow
def test_two_demos_run_side_by_side_and_end_with_everything_they_started(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    running = [_start(tmp_path / "one"), _start(tmp_path / "two", "--today", "2027-01-04", "--clock", str(clock))]
    try:
        told = [_told(process, tmp_path / name) for process, name in zip(running, ("one", "two"), strict=True)]
        assert told[0]["base_url"] != told[1]["base_url"]
        assert told[0]["stripe_api_base"] != told[1]["stripe_api_base"]
        for one in told:
            with urllib.request.urlopen(f"{one['base_url']}/readyz", timeout=10) as answer:  # noqa: S310
                assert answer.status == 200
        children = [int(pid) for process in running for pid in _children(process.pid)]
        assert len(children) == 6
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        ended = [process.wait(40) for process in running]
    assert ended == [0, 0]
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.slow
def test_how_long_it_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.perf_counter()
    command = [sys.executable, "-m", "portal.commands", "demo", "--no-serve", "--data", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "nothing is running" in done.stdout
    with capsys.disabled():
        print(f"\nportal demo --no-serve: {time.perf_counter() - began:.1f} s")


def _start(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "portal.commands", "demo", "--port", "0", "--data", str(folder), *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))


def _told(process: subprocess.Popen[bytes], folder: Path) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the demo ended by itself"
        if (folder / "demo.json").exists():
            told: dict[str, Any] = json.loads((folder / "demo.json").read_text())
            return told
        time.sleep(0.1)
    raise AssertionError("the demo did not start")


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
