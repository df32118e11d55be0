"""How do refunds read: how far one got, which way it goes, why, and what stands against it?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.refunds import RefundProblem, RefundReason, RefundStatus, RefundWay
from portal.web.i18n import N_

STATUSES = {
    RefundStatus.REQUESTED: N_("Waits for a second person"),
    RefundStatus.APPROVED: N_("Agreed, is being sent"),
    RefundStatus.SENT: N_("Sent, not yet arrived"),
    RefundStatus.UNKNOWN: N_("Is being checked: the payment provider has not answered yet"),
    RefundStatus.SUCCEEDED: N_("Given back"),
    RefundStatus.FAILED: N_("Did not arrive, the money is still here"),
    RefundStatus.DECLINED: N_("Not made"),
    RefundStatus.REVERSED: N_("Taken back, the transfer was not made"),
}
WAYS = {
    RefundWay.ORIGINAL: N_("Back to where the payment came from"),
    RefundWay.TRANSFER: N_("By bank transfer, made by you"),
}
REASONS = {
    RefundReason.PAID_TOO_MUCH: N_("Paid too much"),
    RefundReason.PAID_TWICE: N_("Paid twice"),
    RefundReason.NOT_OWED: N_("Was not owed"),
    RefundReason.GOODS_RETURNED: N_("Goods were returned"),
    RefundReason.WRONG_PERSON: N_("Paid by the wrong person"),
    RefundReason.GOODWILL: N_("Goodwill"),
}
PROBLEMS = {
    RefundProblem.PAYMENT_MISSING: N_("Choose which payment goes back."),
    RefundProblem.AMOUNT_MISSING: N_("Enter the amount that goes back, for example 100.00"),
    RefundProblem.MORE_THAN_PAID: N_("That is more than this payment has left. Enter a smaller amount."),
    RefundProblem.MORE_THAN_CREDIT: N_("That is more than the credit on this case. Enter a smaller amount."),
    RefundProblem.REASON_MISSING: N_("Choose why it goes back."),
    RefundProblem.DATE_MISSING: N_("Enter the day of the transfer, for example %(example)s"),
    RefundProblem.DATE_IN_THE_FUTURE: N_("Enter today or an earlier day."),
    RefundProblem.DATE_BEFORE_CREDIT: N_(
        "On that day there was not yet so much credit on this case. Enter the day on which you made the transfer."
    ),
    RefundProblem.OWN_REQUEST: N_("You have asked for this refund yourself. Another person has to agree."),
    RefundProblem.ALREADY_REVERSED: N_("This has been taken back already."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    RefundStatus: STATUSES,
    RefundWay: WAYS,
    RefundReason: REASONS,
    RefundProblem: PROBLEMS,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    RefundProblem: {
        RefundProblem.PAYMENT_MISSING: "payment",
        RefundProblem.AMOUNT_MISSING: "amount",
        RefundProblem.MORE_THAN_PAID: "amount",
        RefundProblem.MORE_THAN_CREDIT: "amount",
        RefundProblem.REASON_MISSING: "reason",
        RefundProblem.DATE_MISSING: "day",
        RefundProblem.DATE_IN_THE_FUTURE: "day",
        RefundProblem.DATE_BEFORE_CREDIT: "day",
        RefundProblem.OWN_REQUEST: "",
        RefundProblem.ALREADY_REVERSED: "",
    },
}
