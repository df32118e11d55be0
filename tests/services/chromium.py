"""Where do tests get a real browser?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

MISSING = "Chromium is missing: install the package `chromium` (Debian: apt-get install chromium), or set CHROMIUM."
#: The shell is the same browser without the windows and menus that no test looks at, which cost a third of its time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "Applications/Chromium.app/Contents/MacOS/Chromium",
    "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
#: A container has no user namespaces for Chromium's sandbox; the pages are our own.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The browser's path, or None where there is none."""
    named = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ((named,) if named else NAMES)]
    found += [str(Path("/", place)) for place in PLACES if Path("/", place).exists()]
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's path; the test fails with one line where there is none."""
    path = find_chromium()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    return path


@pytest.fixture(scope="session")
def playwright(chromium_path: str) -> Iterator[Playwright]:
    """Playwright for this test process."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One Chromium for this test process; each test opens contexts of its own and closes them."""
    launched = playwright.chromium.launch(executable_path=chromium_path, args=list(ARGUMENTS))
    yield launched
    launched.close()
