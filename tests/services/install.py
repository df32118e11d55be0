"""Are PostgreSQL, Chromium and Poppler there, and may we install them? `python -m tests.services.install`.

It never stops a run: where something can't be installed one line says what, and the tests that need it fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.services import chromium, postgres

CLUSTER_SETTINGS = Path("/etc/postgresql-common/createcluster.conf")
NO_POPPLER = "Poppler is missing: install the package `poppler-utils` (Debian, Ubuntu: apt-get install poppler-utils)."
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def main() -> int:
    """What the tests need is installed, or one line each says what is not."""
    if (has_postgres() and chromium.find_chromium() and has_poppler()) or not may_install():
        return report()
    apt("update", "-q")
    if not has_postgres():
        install_postgres()
    if not chromium.find_chromium():
        install_chromium()
    if not has_poppler():
        apt("install", "-q", "-y", "--no-install-recommends", "poppler-utils")
    return report()


def may_install() -> bool:
    """True for root on a system with apt-get."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def has_postgres() -> bool:
    """True if a server can be started."""
    try:
        return bool(postgres.server_program("initdb") and postgres.server_program("postgres"))
    except postgres.ServiceMissing:
        return False


def has_poppler() -> bool:
    """True if papers can be turned into pixels and text."""
    return all(shutil.which(tool) for tool in ("pdftoppm", "pdftotext"))


def install_postgres() -> None:
    """The server's programs are there, and no server of the system was made or started beside our private ones."""
    apt("install", "-q", "-y", "--no-install-recommends", "postgresql-common")
    if CLUSTER_SETTINGS.exists():
        settings = CLUSTER_SETTINGS.read_text(encoding="utf-8")
        CLUSTER_SETTINGS.write_text(f"{settings}\ncreate_main_cluster = false\n", encoding="utf-8")
    apt("install", "-q", "-y", "--no-install-recommends", "postgresql")


def install_chromium() -> None:
    """The browser is there, without its windows where the system has it so; with fonts for the pages either way."""
    apt("install", "-q", "-y", "--no-install-recommends", "fonts-liberation")
    known = subprocess.run(["apt-cache", "show", "chromium-headless-shell"], capture_output=True).returncode == 0
    apt("install", "-q", "-y", "--no-install-recommends", "chromium-headless-shell" if known else "chromium")


def apt(*arguments: str) -> None:
    """One apt-get command has run; what it says is shown only if it failed."""
    done = subprocess.run(
        ["apt-get", *arguments], env={**os.environ, **QUIET}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        print(f"apt-get {' '.join(arguments)}: {done.stderr.strip()[-400:]}", file=sys.stderr)


def report() -> int:
    """One line for each thing that is still missing."""
    if not has_postgres():
        print(postgres.MISSING, file=sys.stderr)
    if not chromium.find_chromium():
        print(chromium.MISSING, file=sys.stderr)
    if not has_poppler():
        print(NO_POPPLER, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
