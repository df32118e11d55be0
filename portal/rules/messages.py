"""What a message may be, and by when it is answered."""

from __future__ import annotations

from enum import StrEnum

MAX_TEXT = 3000


class MessageProblem(StrEnum):
    EMPTY = "empty"
    TOO_LONG = "too_long"


class MessageKind(StrEnum):
    MESSAGE = "message"
    NOTE = "note"


def problems(text: str, files: int) -> list[MessageProblem]:
    """Say what stands against sending these words with so many files."""
    if len(text) > MAX_TEXT:
        return [MessageProblem.TOO_LONG]
    if not text.strip() and files == 0:
        return [MessageProblem.EMPTY]
    return []
