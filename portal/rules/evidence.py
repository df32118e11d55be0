"""Which documents can support a claim, and what is wrong with one that is to be added?"""

from __future__ import annotations

from enum import StrEnum

MAX_TITLE = 120


class EvidenceKind(StrEnum):
    """What a document is; the debtor reads the word behind it."""

    INVOICE = "invoice"
    CONTRACT = "contract"
    ORDER = "order"
    DELIVERY_NOTE = "delivery_note"
    TERMS = "terms"
    REMINDER = "reminder"
    RECEIPT = "receipt"
    PHOTO = "photo"
    OTHER = "other"


class EvidenceProblem(StrEnum):
    FILE_MISSING = "file_missing"
    ONE_FILE_ONLY = "one_file_only"
    TITLE_MISSING = "title_missing"
    TITLE_TOO_LONG = "title_too_long"
    KIND_MISSING = "kind_missing"
    LETTER_NOT_ALLOWED = "letter_not_allowed"


def problems(
    kind: EvidenceKind | None, title: str, *, files: int, with_letter: bool, health: bool
) -> list[EvidenceProblem]:
    """Say everything that stands against adding this document; `health` marks a creditor who treats people.

    Such a creditor's documents never open with the letter alone (`decisions.md` 1).
    """
    found = [EvidenceProblem.KIND_MISSING] if kind is None else []
    if not title.strip():
        found.append(EvidenceProblem.TITLE_MISSING)
    if len(title) > MAX_TITLE:
        found.append(EvidenceProblem.TITLE_TOO_LONG)
    if files != 1:
        found.append(EvidenceProblem.ONE_FILE_ONLY if files else EvidenceProblem.FILE_MISSING)
    if with_letter and health:
        found.append(EvidenceProblem.LETTER_NOT_ALLOWED)
    return found
