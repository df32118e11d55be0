"""What comes in over HTTP and what goes out, before any of it means something?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str


class Cut(StrEnum):
    """How a line breaks instead of carrying a whole answer."""

    DROP = "drop"
    HALF = "half"


@dataclass(frozen=True)
class Answer:
    """One answer, or the line breaks as `cut` says."""

    status: int
    body: str = ""
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: Cut | None = None


def as_json(thing: Any, status: int = 200) -> Answer:
    """The thing as Stripe writes JSON."""
    return Answer(status, json.dumps(thing, indent=2))
