"""Which kinds of letters there are, and why a code ends before its time."""

from __future__ import annotations

from enum import StrEnum

class RevokeReason(StrEnum):
    REISSUED = "reissued"
    NOT_ME = "not_me"
    TOO_MANY_FACTS = "too_many_facts"
    TOO_MANY_CODES = "too_many_codes"
    STAFF = "staff"
    RETURNED_POST = "returned_post"


class LetterKind(StrEnum):
    FIRST = "first"
    REMINDER = "reminder"
    REISSUE = "reissue"
