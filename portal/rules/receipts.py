"""Which papers prove a payment, a balance or an end, what stands on them, and how does their number read?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.rules.letter_code import ALPHABET, check_symbol
from portal.rules.money import Money, total
from portal.rules.payments import EntryKind


class PaperKind(StrEnum):
    """The papers that carry a number; the order is part of the number, so members are only ever added."""

    RECEIPT = "receipt"
    STATEMENT = "statement"
    SETTLEMENT = "settlement"


class DayProblem(StrEnum):
    """Why there is no statement for a day."""

    MISSING = "missing"
    FUTURE = "future"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry as far as it touches a claim's lines or the debtor's credit on it; minus lowers what is owed."""

    seq: int
    id: UUID
    kind: EntryKind
    value_on: date
    booked_at: datetime
    cause_type: str
    cause_id: UUID
    note: str | None
    reverses_id: UUID | None
    lines: tuple[tuple[UUID, int], ...]
    credit_minor: int
    #: What it makes up for of money that had gone back and was gone (minus), or has let go so.
    missing_minor: int = 0

    @property
    def minor(self) -> int:
        """What it changes in the sum owed."""
        return sum(part for _, part in self.lines)

    @property
    def received_minor(self) -> int:
        """For a payment: everything that came in, what went to the credit included."""
        return -self.minor - self.credit_minor - self.missing_minor

    def on(self, position_id: UUID) -> int:
        return sum(part for line, part in self.lines if line == position_id)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of the claim before and after a payment: `before` - `paid` - `dropped` = `open`."""

    position_id: UUID
    before: Money
    paid: Money
    dropped: Money
    open: Money


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a payment was spread and what it left open, as it was booked: the same figures for ever.

    `undone` is the entry that took it back; `replaced_by` the same money allocated again (`decisions.md` 26);
    `returned` what was given back of it, or taken back by the payer's bank, since.
    """

    entry: Movement
    amount: Money
    lines: tuple[ReceiptLine, ...]
    to_credit: Money
    to_missing: Money
    undone: Movement | None
    replaced_by: Movement | None
    returned: tuple[Movement, ...] = ()

    def sum_of(self, column: Callable[[ReceiptLine], Money]) -> Money:
        return total((column(line) for line in self.lines), self.amount.currency)

    @property
    def open(self) -> Money:
        return self.sum_of(lambda line: line.open)


#: What can follow from a payment in its own transaction: the rest of a kept offer or a small rest is dropped.
FOLLOWS = frozenset({EntryKind.WAIVER, EntryKind.REST_DROPPED, EntryKind.CREDIT})
#: Kinds of entries in which money came in for the claim, or stands on it anew.
BOOKS_MONEY = frozenset({EntryKind.PAYMENT, EntryKind.ALLOCATION})


def receipt_of(
    movements: Sequence[Movement], entry_id: UUID, positions: Sequence[UUID], currency: str
) -> Receipt | None:
    """The receipt of this payment from the ledger in its order; None if the entry is no payment.

    Counted is what had been booked up to it with a value date up to its own, and what followed from it at once; the
    interest to that day was posted with it (`decisions.md` 18), so later entries never change these figures.
    """
    entry = next((one for one in movements if one.id == entry_id), None)
    if entry is None or entry not in payments(movements):
        return None
    after = followers(movements, entry)
    known = [one for one in movements if one.seq <= entry.seq and counts(one.kind, one.value_on, entry.value_on)]
    lines = []
    for position in positions:
        paid = -entry.on(position)
        dropped = -sum(one.on(position) for one in after)
        left = sum(one.on(position) for one in known) - dropped
        figures = (left + dropped + paid, paid, dropped, left)
        if any(figures):
            lines.append(ReceiptLine(position, *(Money(figure, currency) for figure in figures)))
    undone = next((one for one in movements if one.reverses_id == entry.id), None)
    return Receipt(
        entry=entry,
        amount=Money(entry.received_minor, currency),
        lines=tuple(lines),
        to_credit=Money(-entry.credit_minor, currency),
        to_missing=Money(-entry.missing_minor, currency),
        undone=undone,
        replaced_by=_again(movements, entry, undone),
        returned=tuple(one for one in movements if _returns(movements, one, entry)),
    )


def _returns(movements: Sequence[Movement], one: Movement, entry: Movement) -> bool:
    if one.kind not in (EntryKind.REFUND, EntryKind.CHARGEBACK) or one.seq < entry.seq:
        return False
    same = (one.cause_type, one.cause_id) == (entry.cause_type, entry.cause_id)
    return same and not any(other.reverses_id == one.id for other in movements)


def payments(movements: Sequence[Movement]) -> list[Movement]:
    """Every payment that has a receipt: money that came in, and the same money when it was allocated again."""
    again = {found.id for one in movements if (found := replacement(movements, one)) is not None}
    return [one for one in movements if one.received_minor > 0 and (one.kind is EntryKind.PAYMENT or one.id in again)]


def replacement(movements: Sequence[Movement], entry: Movement) -> Movement | None:
    """The entry in which this entry's money was allocated again after it had been reversed."""
    if entry.kind not in BOOKS_MONEY:
        return None
    undone = next((one for one in movements if one.reverses_id == entry.id), None)
    return _again(movements, entry, undone)


def followers(movements: Sequence[Movement], entry: Movement) -> list[Movement]:
    """What was dropped in the payment's own transaction."""
    found = []
    for one in movements:
        if one.seq <= entry.seq or one.kind is EntryKind.INTEREST:
            continue
        if one.kind not in FOLLOWS or one.booked_at != entry.booked_at or one.value_on != entry.value_on:
            break
        found.append(one)
    return found


def _again(movements: Sequence[Movement], entry: Movement, undone: Movement | None) -> Movement | None:
    if undone is None:
        return None
    cause = (entry.cause_type, entry.cause_id)
    return next(
        (
            one
            for one in movements
            if one.seq > undone.seq
            and (one.kind, one.value_on) == (entry.kind, entry.value_on)
            and (one.cause_type, one.cause_id) == cause
            and one.received_minor == entry.received_minor
        ),
        None,
    )


def told(movements: Sequence[Movement], on: date) -> list[Movement]:
    """What a statement as of this day tells, by value date: pairs that only counted the same anew are left out."""
    by_id = {one.id: one for one in movements}
    pairs = [(by_id[one.reverses_id], one) for one in movements if one.reverses_id in by_id]
    gone = {one.id for pair in pairs if _anew(movements, *pair) for one in pair}
    shown = [one for one in movements if one.id not in gone and one.lines and counts(one.kind, one.value_on, on)]
    return sorted(shown, key=lambda one: (one.value_on, one.seq))


def _anew(movements: Sequence[Movement], entry: Movement, mirror: Movement) -> bool:
    """Whether a pair cancels on one day and is no payment that was taken back."""
    if entry.value_on != mirror.value_on:
        return False
    return entry.kind is not EntryKind.PAYMENT or replacement(movements, entry) is not None


def counts(kind: EntryKind, value_on: date, on: date) -> bool:
    """Whether a posting belongs to the sum as of this day; what was claimed does from the start."""
    return value_on <= on or kind is EntryKind.CLAIMED


def day_problems(day: date | None, *, first: date, today: date) -> list[DayProblem]:
    """Say what stands against a statement as of this day; `first` is the invoice's day."""
    if day is None:
        return [DayProblem.MISSING]
    if day > today:
        return [DayProblem.FUTURE]
    return [DayProblem.TOO_EARLY] if day < first else []


# --- the number on a paper ---

#: Three groups of six symbols of Crockford's base 32: 85 bits and a check symbol. A letter's code is four groups of
#: four, so neither is taken for the other.
GROUP, SYMBOLS = 6, 18
KIND_BITS, DAY_BITS, TAG_BITS, MAC_BITS = 3, 15, 32, 35
DAY_ZERO = date(2020, 1, 1)
LONGEST_NUMBER = 64
_READ_AS = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class Issued:
    """What a paper's number says by itself."""

    kind: PaperKind
    day: date


def pack(issued: Issued) -> int:
    """Kind and day in 18 bits."""
    return list(PaperKind).index(issued.kind) << DAY_BITS | (issued.day - DAY_ZERO).days


def unpack(bits: int) -> Issued | None:
    """The kind and day that these bits say; None if there is no such kind."""
    kind, days = bits >> DAY_BITS, bits & (1 << DAY_BITS) - 1
    kinds = list(PaperKind)
    return Issued(kinds[kind], DAY_ZERO + timedelta(days=days)) if kind < len(kinds) else None


def spell(bits: int) -> str:
    """The 85 bits as they are printed, with the check symbol at the end."""
    body = "".join(ALPHABET[bits >> shift & 31] for shift in range(5 * (SYMBOLS - 2), -1, -5))
    whole = body + check_symbol(body)
    return "-".join(whole[at : at + GROUP] for at in range(0, SYMBOLS, GROUP))


def read_number(typed: str) -> int | None:
    """The 85 bits of a typed number; None where it can't be one of ours (signs, length, check symbol)."""
    if len(typed) > LONGEST_NUMBER:
        return None
    text = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(_READ_AS)
    if len(text) != SYMBOLS or any(sign not in ALPHABET for sign in text) or check_symbol(text[:-1]) != text[-1]:
        return None
    bits = 0
    for sign in text[:-1]:
        bits = bits << 5 | ALPHABET.index(sign)
    return bits
