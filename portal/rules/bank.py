"""What does a bank's file say, how far did each of its bookings get, and when may a credit book itself?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.rules.claims import ClaimStatus
from portal.rules.history import EventKind
from portal.rules.money import Money


class FileKind(StrEnum):
    """The messages that are read: the day's statement, and the notice of single credits."""

    STATEMENT = "camt.053"
    NOTICE = "camt.054"


#: SPS 1.7 (until 2025) and SPS 2019 and later; anything else is refused by name.
VERSIONS = frozenset({"04", "08"})


class FileFault(StrEnum):
    """Why a bank's file is not taken; nothing of it is kept."""

    NOT_XML = "not_xml"
    DTD = "dtd"
    NOT_CAMT = "not_camt"
    VERSION = "version"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    SUM = "sum"
    CURRENCY = "currency"
    FOREIGN_ACCOUNT = "foreign_account"
    TOO_LARGE = "too_large"
    EMPTY = "empty"


class FileRefused(Exception):
    """The file is not taken: which fault, in which line, at which element, and what stands there."""

    def __init__(self, fault: FileFault, *, line: int = 0, element: str = "", said: str = "") -> None:
        super().__init__(f"{fault} in line {line}, {element}: {said}")
        self.fault, self.line, self.element, self.said = fault, line, element, said


@dataclass(frozen=True, slots=True)
class Detail:
    """One payer's part of an entry (`TxDtls`); without an amount of its own it is the whole entry."""

    amount: Money | None = None
    credit: bool | None = None
    servicer_ref: str = ""
    end_to_end: str = ""
    references: tuple[str, ...] = ()
    payer: str = ""
    payer_iban: str = ""
    message: str = ""
    returned: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One booking on the account (`Ntry`), with the payers it is made of as far as the bank names them."""

    number: int
    line: int
    amount: Money
    credit: bool
    reversal: bool
    booked_on: date
    value_on: date
    servicer_ref: str
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One account's bookings in a file; `outgoing` and `pending` were seen and are not ours to book."""

    id: str
    sequence: str
    page: str
    iban: str
    currency: str
    line: int
    entries: tuple[BankEntry, ...]
    outgoing: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True)
class BankFile:
    """What a bank's file says: its kind, its version, and one statement or several."""

    kind: FileKind
    version: str
    statements: tuple[Statement, ...]


class BankState(StrEnum):
    """How far a bank booking got: seen, on a claim, waiting, or set aside with a reason."""

    NEW = "new"
    UNMATCHED = "unmatched"
    BOOKED = "booked"
    RETURNED = "returned"
    IGNORED = "ignored"
    REVERSED = "reversed"
    REPLACED = "replaced"


#: What a clerk may say of money that is not for a claim.
ASIDE = (BankState.RETURNED, BankState.IGNORED)
#: States from which a clerk's decision can be taken back, once.
TAKEN_BACK_FROM = frozenset({BankState.BOOKED, *ASIDE})

MOVES: dict[tuple[BankState | None, BankState], EventKind | None] = {
    (None, BankState.NEW): None,
    (BankState.NEW, BankState.UNMATCHED): None,
    (BankState.NEW, BankState.BOOKED): None,  # the booking of the money is the event
    (BankState.NEW, BankState.REVERSED): None,
    (BankState.NEW, BankState.REPLACED): None,
    (BankState.UNMATCHED, BankState.BOOKED): None,
    (BankState.UNMATCHED, BankState.REVERSED): None,
    (BankState.UNMATCHED, BankState.REPLACED): None,
    **{(BankState.UNMATCHED, aside): None for aside in ASIDE},
    (BankState.UNMATCHED, BankState.NEW): None,  # the other message says more about it
    **{(aside, BankState.UNMATCHED): None for aside in ASIDE},
    (BankState.BOOKED, BankState.UNMATCHED): EventKind.PAYMENT_REVERSED,
    (BankState.BOOKED, BankState.REVERSED): EventKind.PAYMENT_REVERSED,
}


class Why(StrEnum):
    """Why money waits for a person instead of standing on a claim."""

    NO_REFERENCE = "no_reference"
    BAD_REFERENCE = "bad_reference"
    UNKNOWN_REFERENCE = "unknown_reference"
    SEVERAL_REFERENCES = "several_references"
    OTHER_CURRENCY = "other_currency"
    ODD_DATE = "odd_date"
    PERHAPS_TWICE = "perhaps_twice"
    BATCH = "batch"
    CAME_BACK = "came_back"
    NO_ORIGINAL = "no_original"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Movement:
    """One amount of money as we keep it: which booking, which place in it, and two names under which it is known."""

    identity: str
    entry_key: str
    place: int
    whole: bool
    amount: Money
    credit: bool
    reversal: bool
    booked_on: date
    value_on: date
    servicer_ref: str
    entry_ref: str
    end_to_end: str
    reference: str
    payer: str
    payer_iban: str
    message: str
    why: Why | None
    line: int


#: A value date further away than this from today was not written by a bank's clock.
DAYS_AHEAD = 31
DAYS_BACK = 1_096


def odd_date(value_on: date, today: date) -> bool:
    """Whether a person should look at this value date first."""
    return not -DAYS_BACK <= (value_on - today).days <= DAYS_AHEAD


def first_doubt(movement: Movement, today: date) -> Why | None:
    """What keeps this money from booking itself before anybody has looked for its claim; None if nothing does."""
    if movement.why is not None:
        return movement.why
    if movement.reversal:
        return Why.CAME_BACK
    return Why.ODD_DATE if odd_date(movement.value_on, today) else None


class MatchProblem(StrEnum):
    """What stands against putting this money on that claim, or against taking the decision back."""

    CLAIM_MISSING = "claim_missing"
    CURRENCY = "currency"
    NOT_OPEN = "not_open"
    DEBIT = "debit"
    VALUED_AHEAD = "valued_ahead"
    TAKEN_BACK = "taken_back"


def match_problems(
    amount: Money, currency: str, status: str, *, credit: bool, days_ahead: int = 0
) -> list[MatchProblem]:
    """Say everything that stands against this money on a claim in that currency and state.

    Interest is fixed on the value date, so money valued far ahead (`days_ahead` from today) would fix what never
    accrues.
    """
    found = []
    if days_ahead > DAYS_AHEAD:
        found.append(MatchProblem.VALUED_AHEAD)
    if not credit:
        found.append(MatchProblem.DEBIT)
    if amount.currency != currency:
        found.append(MatchProblem.CURRENCY)
    if status not in (ClaimStatus.OPEN, ClaimStatus.SETTLED, ClaimStatus.HANDED_OVER, ClaimStatus.WITHDRAWN):
        found.append(MatchProblem.NOT_OPEN)
    return found
