"""In which language, with or without JavaScript, is a journey made? Each journey once per engine, taking turns."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

LANGUAGES = ("de", "fr", "it")


@dataclass(frozen=True)
class Manner:
    """How one journey is made."""

    language: str
    scripts: bool

    def __str__(self) -> str:
        return f"{self.language}-{'scripts' if self.scripts else 'plain'}"


def turn(number: int) -> pytest.MarkDecorator:
    """The journey runs on both engines: in two languages, once with JavaScript and once without."""
    scripts = number % 2 == 0
    one = Manner(LANGUAGES[number % 3], scripts)
    other = Manner(LANGUAGES[(number + 1) % 3], not scripts)
    return pytest.mark.parametrize(
        ("database_url", "manner"),
        [
            pytest.param("sqlite", one, id=f"sqlite-{one}"),
            pytest.param("postgres", other, marks=pytest.mark.postgres, id=f"postgres-{other}"),
        ],
        indirect=["database_url"],
    )
