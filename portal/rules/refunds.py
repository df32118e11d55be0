"""How does money go back: which way, why, who must agree, and how does a refund move?"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from portal.rules.history import EventKind
from portal.rules.money import Money


class RefundStatus(StrEnum):
    """`unknown`: the provider did not say whether it has done it; it is asked again under the same key (F21)."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DECLINED = "declined"
    REVERSED = "reversed"


class RefundWay(StrEnum):
    """Back to where a payment came from, through the provider; or credit that the desk has returned by transfer."""

    ORIGINAL = "original"
    TRANSFER = "transfer"


class RefundReason(StrEnum):
    PAID_TOO_MUCH = "paid_too_much"
    PAID_TWICE = "paid_twice"
    NOT_OWED = "not_owed"
    GOODS_RETURNED = "goods_returned"
    WRONG_PERSON = "wrong_person"
    GOODWILL = "goodwill"


class RefundProblem(StrEnum):
    PAYMENT_MISSING = "payment_missing"
    AMOUNT_MISSING = "amount_missing"
    MORE_THAN_PAID = "more_than_paid"
    MORE_THAN_CREDIT = "more_than_credit"
    REASON_MISSING = "reason_missing"
    DATE_MISSING = "date_missing"
    DATE_IN_THE_FUTURE = "date_in_the_future"
    DATE_BEFORE_CREDIT = "date_before_credit"
    OWN_REQUEST = "own_request"
    ALREADY_REVERSED = "already_reversed"


#: Refunds whose money is promised but not yet booked; they count against what can still be given back (L5).
PENDING = frozenset({RefundStatus.REQUESTED, RefundStatus.APPROVED, RefundStatus.SENT, RefundStatus.UNKNOWN})
#: Refunds that the worker has to bring to an end.
UNDER_WAY = PENDING - {RefundStatus.REQUESTED}

MOVES: dict[tuple[RefundStatus | None, RefundStatus], EventKind | None] = {
    (None, RefundStatus.REQUESTED): EventKind.REFUND_REQUESTED,
    (None, RefundStatus.APPROVED): EventKind.REFUND_APPROVED,
    (RefundStatus.REQUESTED, RefundStatus.APPROVED): EventKind.REFUND_APPROVED,
    (RefundStatus.REQUESTED, RefundStatus.DECLINED): EventKind.REFUND_DECLINED,
    (RefundStatus.APPROVED, RefundStatus.SENT): None,
    (RefundStatus.SENT, RefundStatus.UNKNOWN): EventKind.REFUND_UNKNOWN,
    (RefundStatus.UNKNOWN, RefundStatus.SENT): None,
    **{
        (old, RefundStatus.SUCCEEDED): None  # the booking of the money is the event
        for old in (RefundStatus.APPROVED, RefundStatus.SENT, RefundStatus.UNKNOWN, RefundStatus.FAILED)
    },
    **{
        (old, RefundStatus.FAILED): EventKind.REFUND_FAILED
        for old in (RefundStatus.SENT, RefundStatus.UNKNOWN, RefundStatus.SUCCEEDED)
    },
    (RefundStatus.SUCCEEDED, RefundStatus.REVERSED): EventKind.REFUND_REVERSED,
}

#: The provider's words for how far a refund got (docs.stripe.com/api/refunds/object); all others are under way.
SAID = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}


def status_said(word: str) -> RefundStatus:
    """How far a refund got, by the provider's own word."""
    return SAID.get(word, RefundStatus.SENT)


def problems(
    way: RefundWay | None,
    amount: Money | None,
    left: Money | None,
    reason: RefundReason | None,
    value_on: date | None,
    *,
    today: date,
    on_the_day: Money | None = None,
) -> list[RefundProblem]:
    """Say everything that stands against giving this back; `left` is what can still be given back this way.

    `on_the_day` is the credit that a transfer could take from its day on: what was not there yet can't have gone back.
    """
    found = []
    if way is None or left is None:
        found.append(RefundProblem.PAYMENT_MISSING)
    if amount is None or amount.minor <= 0:
        found.append(RefundProblem.AMOUNT_MISSING)
    elif left is not None and amount > left:
        more = RefundProblem.MORE_THAN_CREDIT if way is RefundWay.TRANSFER else RefundProblem.MORE_THAN_PAID
        found.append(more)
    if reason is None:
        found.append(RefundProblem.REASON_MISSING)
    if way is RefundWay.TRANSFER:
        if value_on is None:
            found.append(RefundProblem.DATE_MISSING)
        elif value_on > today:
            found.append(RefundProblem.DATE_IN_THE_FUTURE)
        elif amount is not None and on_the_day is not None and amount > on_the_day and not found:
            found.append(RefundProblem.DATE_BEFORE_CREDIT)
    return found
