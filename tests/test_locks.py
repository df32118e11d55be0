"""Does a fresh machine get exactly what we tested, from whatever registry it uses?"""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]+\])?==(\S+)", re.MULTILINE)
ADDRESS = re.compile(
    r"https?://|file:|--(?:extra-)?index-url|--find-links|--trusted-host|(?<![\w.])/(?:home|root|opt|tmp)/"
)


def name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", text, maxsplit=1)[0]).lower()


def pins(lock: str) -> dict[str, str]:
    return {name(found[0]): found[1] for found in PIN.findall((ROOT / lock).read_text(encoding="utf-8"))}


def declared(extra: str | None = None) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {name(text) for text in (project["optional-dependencies"][extra] if extra else project["dependencies"])}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_for_everything_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert ADDRESS.search(text) is None
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    assert [entry.split()[0] for entry in entries if PIN.match(entry) and "--hash=sha256:" not in entry] == []
    assert [entry.split()[0] for entry in entries if entry.strip() and not PIN.match(entry)] == []


def test_locks_hold_what_is_declared_and_agree() -> None:
    runtime, tests = (pins(lock) for lock in LOCKS)
    assert declared() - runtime.keys() == set()
    assert (declared() | declared("dev")) - tests.keys() == set()
    assert {key: version for key, version in runtime.items() if tests.get(key) != version} == {}


def test_what_only_tests_need_is_not_installed_for_users() -> None:
    assert declared("dev") & pins("requirements.lock").keys() == set()


def test_no_file_names_this_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    places = [str(ROOT).encode() + b"/", str(Path.home()).encode() + b"/"]
    files = [ROOT / path for path in listed.decode().split("\0") if path]
    named = [file for file in files if file.is_file() and any(place in file.read_bytes() for place in places)]
    assert named == []
