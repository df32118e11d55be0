"""How a payment attempt moves, which ledger accounts exist, and what may be paid."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from portal.rules.history import EventKind
from portal.rules.money import Money


class AttemptStatus(StrEnum):
    CREATED = "created"
    OPEN = "open"
    CLOSING = "closing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


#: Attempts that keep the claim's one open place (`decisions.md` 24).
LIVE = frozenset({AttemptStatus.CREATED, AttemptStatus.OPEN, AttemptStatus.CLOSING})

MOVES: dict[tuple[AttemptStatus | None, AttemptStatus], EventKind | None] = {
    (None, AttemptStatus.CREATED): EventKind.PAYMENT_STARTED,
    (AttemptStatus.CREATED, AttemptStatus.OPEN): None,
    **{(live, AttemptStatus.CLOSING): None for live in (AttemptStatus.CREATED, AttemptStatus.OPEN)},
    **{
        (old, AttemptStatus.PAID): None  # the booking of the money is the event
        for old in AttemptStatus
        if old is not AttemptStatus.PAID
    },
    **{
        (old, new): EventKind.PAYMENT_NOT_COMPLETED
        for old in (AttemptStatus.CREATED, AttemptStatus.OPEN, AttemptStatus.CLOSING)
        for new in (AttemptStatus.FAILED, AttemptStatus.EXPIRED)
    },
}


class AccountKind(StrEnum):
    """Accounts of the double-entry ledger (`security.md` 3.2); receivables are per position."""

    RECEIVABLE = "receivable"
    PRINCIPAL_INCOME = "principal_income"
    FEE_INCOME = "fee_income"
    INTEREST_INCOME = "interest_income"
    PROVIDER_CLEARING = "provider_clearing"
    PROVIDER_FEE = "provider_fee"
    BANK_CLEARING = "bank_clearing"
    CREDITOR_PAYABLE = "creditor_payable"
    DEBTOR_CREDIT = "debtor_credit"
    DISPUTE_HOLD = "dispute_hold"
    WRITEOFF = "writeoff"
    SUSPENSE = "suspense"


class EntryKind(StrEnum):
    CLAIMED = "claimed"
    INTEREST = "interest"
    PAYMENT = "payment"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    FEE = "fee"
    WAIVER = "waiver"
    CREDIT = "credit"
    REST_DROPPED = "rest_dropped"
    ALLOCATION = "allocation"
    REVERSAL = "reversal"
    SUSPENSE = "suspense"
    PAYOUT = "payout"


class CauseType(StrEnum):
    CLAIM = "claim"
    ATTEMPT = "attempt"
    BOOKING = "booking"
    BANK = "bank"
    WAIVER = "waiver"
    OFFER = "offer"
    REFUND = "refund"
    DISPUTE = "dispute"
    PLAN = "plan"
    SYSTEM = "system"


class NoteCode(StrEnum):
    """Why the desk booked something; an enum, never free text, because postings are for ever."""

    BANK_TRANSFER = "bank_transfer"
    CASH = "cash"
    POST_COUNTER = "post_counter"
    FOUND_PAYMENT = "found_payment"
    GOODWILL = "goodwill"
    NOT_OWED = "not_owed"
    COST_WITHOUT_BASIS = "cost_without_basis"
    OFFER_KEPT = "offer_kept"
    PAID_IN_TIME = "paid_in_time"
    PLAN_KEPT = "plan_kept"
    SMALL_REST = "small_rest"
    MISTAKE = "mistake"


class PayProblem(StrEnum):
    AMOUNT_MISSING = "amount_missing"
    TOO_SMALL = "too_small"
    MORE_THAN_OPEN = "more_than_open"
    NOTHING_OWED = "nothing_owed"
    METHOD_MISSING = "method_missing"
    TWO_AMOUNTS = "two_amounts"


class ReturnStanding(StrEnum):
    """What the return page says; it knows nothing but the attempt."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    NOT_COMPLETED = "not_completed"


def return_standing(status: AttemptStatus) -> ReturnStanding:
    """Say how far this attempt got, as far as the provider has told us."""
    if status is AttemptStatus.PAID:
        return ReturnStanding.RECEIVED
    return ReturnStanding.IN_PROGRESS if status in LIVE else ReturnStanding.NOT_COMPLETED


#: How the desk may say that money came, when it books by hand.
BY_HAND = (NoteCode.BANK_TRANSFER, NoteCode.POST_COUNTER, NoteCode.CASH, NoteCode.FOUND_PAYMENT)
#: A payment older than this is not booked by hand: it is looked for in the bank's files.
OLDEST_BOOKING_DAYS = 1_096


class BookingProblem(StrEnum):
    AMOUNT_MISSING = "amount_missing"
    DATE_MISSING = "date_missing"
    DATE_IN_THE_FUTURE = "date_in_the_future"
    DATE_TOO_OLD = "date_too_old"
    ALREADY_REVERSED = "already_reversed"


#: Stripe's smallest card payment in CHF and EUR, and TWINT's largest (docs.stripe.com/payments/twint).
SMALLEST_MINOR = 50
TWINT_LARGEST_MINOR = 500_000


class PayMethod(StrEnum):
    """What can be offered on the provider's page, in its own words; phone wallets come with the card."""

    CARD = "card"
    TWINT = "twint"
    SEPA_DEBIT = "sepa_debit"
    PAYPAL = "paypal"
    LINK = "link"
    REVOLUT_PAY = "revolut_pay"


#: Methods that take one currency only (docs.stripe.com/payments/twint, …/sepa-debit).
ONLY_IN = {PayMethod.TWINT: "CHF", PayMethod.SEPA_DEBIT: "EUR"}


def methods_for(amount: Money, offered: Collection[str]) -> tuple[PayMethod, ...]:
    """What this sum can be paid with, out of what the creditor's account offers."""
    return tuple(
        method
        for method in PayMethod
        if method.value in offered
        and ONLY_IN.get(method, amount.currency) == amount.currency
        and not (method is PayMethod.TWINT and amount.minor > TWINT_LARGEST_MINOR)
    )


def booking_problems(amount: Money | None, value_on: date | None, *, today: date) -> list[BookingProblem]:
    """Say everything that stands against booking this payment by hand."""
    found = []
    if amount is None or amount.minor <= 0:
        found.append(BookingProblem.AMOUNT_MISSING)
    if value_on is None:
        found.append(BookingProblem.DATE_MISSING)
    elif value_on > today:
        found.append(BookingProblem.DATE_IN_THE_FUTURE)
    elif (today - value_on).days > OLDEST_BOOKING_DAYS:
        found.append(BookingProblem.DATE_TOO_OLD)
    return found


def problems(amount: Money | None, owed: Money) -> list[PayProblem]:
    """Say what stands against paying this sum now."""
    if owed.minor <= 0:
        return [PayProblem.NOTHING_OWED]
    if amount is None:
        return [PayProblem.AMOUNT_MISSING]
    if amount.minor < min(SMALLEST_MINOR, owed.minor):
        return [PayProblem.TOO_SMALL]
    if amount > owed:
        return [PayProblem.MORE_THAN_OPEN]
    return []
