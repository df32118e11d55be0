"""Who counts as the same person, what an absence needs, and who may become a colleague."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from portal.rules.access import Right, Role, allowed, normalise_postcode
from portal.rules.firm import LANGUAGES, is_phone


class DebtorKind(StrEnum):
    PERSON = "person"
    COMPANY = "company"


class AbsenceProblem(StrEnum):
    CLERK_MISSING = "clerk_missing"
    FROM_MISSING = "from_missing"
    UNTIL_MISSING = "until_missing"
    UNTIL_BEFORE_FROM = "until_before_from"
    OVER_ALREADY = "over_already"
    TOO_LONG = "too_long"
    DEPUTY_MISSING = "deputy_missing"
    DEPUTY_IS_THE_SAME = "deputy_is_the_same"
    DEPUTY_CANNOT_ANSWER = "deputy_cannot_answer"
    DEPUTY_IS_AWAY = "deputy_is_away"
    DEPUTY_FOR_SOMEBODY = "deputy_for_somebody"
    AWAY_ALREADY = "away_already"


class ClerkProblem(StrEnum):
    NAME_MISSING = "name_missing"
    EMAIL_UNREADABLE = "email_unreadable"
    EMAIL_TAKEN = "email_taken"
    PASSWORD_SHORT = "password_short"  # noqa: S105
    PASSWORD_LONG = "password_long"  # noqa: S105


class ColleagueProblem(StrEnum):
    """What stands against how a colleague is named on letters."""

    NAME_MISSING = "name_missing"
    ROLE_MISSING = "role_missing"
    LANGUAGE_MISSING = "language_missing"
    PHONE_MISSING = "phone_missing"
    PHONE_UNREADABLE = "phone_unreadable"


class CreditorProblem(StrEnum):
    NAME_MISSING = "name_missing"
    SLUG_UNUSABLE = "slug_unusable"
    SLUG_TAKEN = "slug_taken"


LONGEST_ABSENCE = timedelta(days=366)
PASSWORD_SHORTEST = 12
PASSWORD_LONGEST = 128
_EMAIL = re.compile(r"[^\s@<>\"',;]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
#: First segments of the portal's own addresses, which no creditor may take (`interfaces.md`).
RESERVED_SLUGS = frozenset(
    {
        "accessibility", "api", "claims", "css", "desk", "enter", "files", "healthz", "help", "paid", "privacy",
        "readyz", "robots.txt", "sign-out", "static", "stop", "webhooks",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is away from the first to the last day, and the deputy answers."""

    clerk_id: UUID
    deputy_id: UUID
    first: date
    last: date

    def meets(self, first: date, last: date) -> bool:
        """True if it has a day in common with these days."""
        return self.first <= last and first <= self.last


#: Every plain sign that is neither letter nor figure stands between words.
_BETWEEN = {code: " " for code in range(128) if not chr(code).isalnum()}


def normalise_name(raw: str) -> str:
    """A name or street as it is compared: no accents, case, points or hyphens; "Müller" is not "Mueller"."""
    if raw.isascii():
        return " ".join(raw.lower().translate(_BETWEEN).split())
    plain = unicodedata.normalize("NFKD", raw).casefold()
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def identity_key(creditor_id: UUID, name: str, street: str, house_number: str, postcode: str) -> bytes:
    """The same 32 bytes for the same name at the same address of one creditor (`decisions.md` 10)."""
    address = normalise_name(f"{street} {house_number}")
    parts = (str(creditor_id), normalise_name(name), address, normalise_postcode(postcode) or "")
    return hashlib.sha256("\n".join(parts).encode()).digest()


def absence_problems(
    *,
    clerk_id: UUID | None,
    deputy_id: UUID | None,
    first: date | None,
    last: date | None,
    answerers: frozenset[UUID],
    others: tuple[Away, ...],
    today: date,
) -> list[AbsenceProblem]:
    """Say everything that stands against this absence; `answerers` may be named as deputies."""
    found = _problems_of_days(first, last, today)
    if clerk_id is None:
        found.append(AbsenceProblem.CLERK_MISSING)
    if deputy_id is None:
        found.append(AbsenceProblem.DEPUTY_MISSING)
    elif deputy_id == clerk_id:
        found.append(AbsenceProblem.DEPUTY_IS_THE_SAME)
    elif deputy_id not in answerers:
        found.append(AbsenceProblem.DEPUTY_CANNOT_ANSWER)
    if first is not None and last is not None:
        meeting = [away for away in others if away.meets(first, last)]
        found += _problems_with_others(clerk_id, deputy_id, meeting)
    return found


def _problems_with_others(clerk_id: UUID | None, deputy_id: UUID | None, meeting: list[Away]) -> list[AbsenceProblem]:
    checks = (
        (any(away.clerk_id == clerk_id for away in meeting), AbsenceProblem.AWAY_ALREADY),
        (any(away.clerk_id == deputy_id for away in meeting), AbsenceProblem.DEPUTY_IS_AWAY),
        (any(away.deputy_id == clerk_id for away in meeting), AbsenceProblem.DEPUTY_FOR_SOMEBODY),
    )
    return [problem for holds, problem in checks if holds]


def _problems_of_days(first: date | None, last: date | None, today: date) -> list[AbsenceProblem]:
    found = []
    if first is None:
        found.append(AbsenceProblem.FROM_MISSING)
    if last is None:
        found.append(AbsenceProblem.UNTIL_MISSING)
    if first is None or last is None:
        return found
    if last < first:
        found.append(AbsenceProblem.UNTIL_BEFORE_FROM)
    elif last < today:
        found.append(AbsenceProblem.OVER_ALREADY)
    elif last - first > LONGEST_ABSENCE:
        found.append(AbsenceProblem.TOO_LONG)
    return found


def clerk_problems(name: str, email: str, password: str, *, taken: bool) -> list[ClerkProblem]:
    """Say everything that stands against this new colleague."""
    found = []
    if not name.strip():
        found.append(ClerkProblem.NAME_MISSING)
    if not _EMAIL.fullmatch(email):
        found.append(ClerkProblem.EMAIL_UNREADABLE)
    elif taken:
        found.append(ClerkProblem.EMAIL_TAKEN)
    if len(password) < PASSWORD_SHORTEST:
        found.append(ClerkProblem.PASSWORD_SHORT)
    elif len(password) > PASSWORD_LONGEST:
        found.append(ClerkProblem.PASSWORD_LONG)
    return found


def colleague_problems(
    *, name: str, role: str, language: str, phone: str, firm_phone: str
) -> list[ColleagueProblem]:
    """Say everything that stands against naming this colleague; who answers needs a number of the own or the firm's."""
    found = []
    if not name.strip():
        found.append(ColleagueProblem.NAME_MISSING)
    if role not in set(Role):
        found.append(ColleagueProblem.ROLE_MISSING)
    if language not in LANGUAGES:
        found.append(ColleagueProblem.LANGUAGE_MISSING)
    if phone and not is_phone(phone):
        found.append(ColleagueProblem.PHONE_UNREADABLE)
    if not phone and not firm_phone and role in set(Role) and allowed(Role(role), Right.ANSWER):
        found.append(ColleagueProblem.PHONE_MISSING)
    return found


def creditor_problems(name: str, slug: str, *, taken: bool) -> list[CreditorProblem]:
    """Say everything that stands against this new creditor."""
    found = []
    if not name.strip():
        found.append(CreditorProblem.NAME_MISSING)
    if not _SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        found.append(CreditorProblem.SLUG_UNUSABLE)
    elif taken:
        found.append(CreditorProblem.SLUG_TAKEN)
    return found
