"""Which claims could this money be for, and what speaks for each of them?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

MOST = 3
ENOUGH = 4
#: Words that stand in many names and tell nobody apart.
COMMON = frozenset({
    "herr", "frau", "monsieur", "madame", "signor", "signora", "und", "et", "oder", "ou", "von", "van", "de", "der",
    "di", "da", "la", "le", "ag", "sa", "gmbh", "sarl", "sagl", "dr",
})  # fmt: skip
LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o"})


class Reason(StrEnum):
    """One thing that speaks for a claim."""

    REFERENCE = "reference"
    NUMBER = "number"
    AMOUNT = "amount"
    LETTER_AMOUNT = "letter_amount"
    OFFER_AMOUNT = "offer_amount"
    INSTALMENT_AMOUNT = "instalment_amount"
    PRINCIPAL_AMOUNT = "principal_amount"
    NAME = "name"
    NAME_ALIKE = "name_alike"
    ANNOUNCED = "announced"
    PAID_BEFORE = "paid_before"


POINTS: dict[Reason, int] = {
    Reason.REFERENCE: 9,
    Reason.NUMBER: 6,
    Reason.AMOUNT: 4,
    Reason.LETTER_AMOUNT: 4,
    Reason.OFFER_AMOUNT: 4,
    Reason.INSTALMENT_AMOUNT: 3,
    Reason.PRINCIPAL_AMOUNT: 3,
    Reason.NAME: 4,
    Reason.NAME_ALIKE: 2,
    Reason.ANNOUNCED: 2,
    Reason.PAID_BEFORE: 4,
}
#: Of these only the first that fits counts.
AMOUNTS = (
    Reason.AMOUNT, Reason.LETTER_AMOUNT, Reason.OFFER_AMOUNT, Reason.INSTALMENT_AMOUNT, Reason.PRINCIPAL_AMOUNT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incoming:
    """What the bank says of an amount: how much in minor units, when, from whom, and with which words."""

    minor: int
    value_on: date
    reference: str
    payer: str
    message: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a claim that the money could be for; sums in minor units."""

    claim_id: UUID
    numbers: tuple[str, ...]
    qr_reference: str
    debtor: str
    contact: str
    open_minor: int
    amounts: tuple[tuple[Reason, int], ...]
    invoice_on: date
    announced: bool
    paid_before: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """One claim for the money, and everything that speaks for it."""

    claim_id: UUID
    reasons: tuple[Reason, ...]

    @property
    def points(self) -> int:
        return sum(POINTS[reason] for reason in self.reasons)


def proposals(money: Incoming, candidates: Iterable[Candidate]) -> list[Proposal]:
    """The claims that the money could be for, the best first, at most three; an amount alone is enough to be named."""
    found = [Proposal(one.claim_id, tuple(_reasons(money, one))) for one in candidates if _in_time(money, one)]
    good = [one for one in found if one.points >= ENOUGH]
    return sorted(good, key=lambda one: (-one.points, str(one.claim_id)))[:MOST]


def _in_time(money: Incoming, one: Candidate) -> bool:
    """Nobody pays an invoice before it was written."""
    return money.value_on >= one.invoice_on


def _reasons(money: Incoming, one: Candidate) -> list[Reason]:
    found = []
    if money.reference and money.reference == one.qr_reference:
        found.append(Reason.REFERENCE)
    if named(money.message, one.numbers) or named(money.reference, one.numbers):
        found.append(Reason.NUMBER)
    fits = {reason for reason, minor in one.amounts if minor == money.minor}
    if money.minor == one.open_minor:
        fits.add(Reason.AMOUNT)
    found += [reason for reason in AMOUNTS if reason in fits][:1]
    alike = max(likeness(money.payer, one.debtor), likeness(money.payer, one.contact))
    if alike == 2:
        found.append(Reason.NAME)
    elif alike == 1:
        found.append(Reason.NAME_ALIKE)
    if one.paid_before:
        found.append(Reason.PAID_BEFORE)
    if found and one.announced:
        found.append(Reason.ANNOUNCED)
    return found


def named(text: str, numbers: Sequence[str]) -> bool:
    """Whether one of these numbers stands in the text, however it was spaced; too short ones prove nothing."""
    plain = _plain(text)
    words = set(re.findall(r"[0-9a-z]+(?:[./_-][0-9a-z]+)*", text.lower()))
    for number in numbers:
        if len(_plain(number)) >= 5 and _plain(number) in plain:
            return True
        if len(number) >= 3 and any(sign.isdigit() for sign in number) and number.lower() in words:
            return True
    return False


def name_words(name: str) -> set[str]:
    """The words of a name that tell people apart, without accents and in small letters."""
    small = unicodedata.normalize("NFKD", name.lower().translate(LETTERS))
    letters = "".join(sign for sign in small if not unicodedata.combining(sign))
    return {word for word in re.findall(r"[a-z0-9]+", letters) if len(word) > 1 and word not in COMMON}


def likeness(one: str, other: str) -> int:
    """2: every word of the shorter name stands in the other, and there are two; 1: a long word is shared; else 0."""
    first, second = name_words(one), name_words(other)
    shared = first & second
    if len(shared) >= 2 and len(shared) == min(len(first), len(second)):
        return 2
    return 1 if any(len(word) >= 4 for word in shared) else 0


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())
