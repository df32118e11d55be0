"""Where templates, static files and translations lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resources(name: str) -> Path:
    """The folder of this name; raises FileNotFoundError if the installation is incomplete."""
    for place in (PACKAGE / name, PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the folder {name} is missing from this installation")


TEMPLATES = resources("templates")
STATIC = resources("static")
TRANSLATIONS = resources("translations")
MIGRATIONS = PACKAGE / "store" / "migrations"
