"""Which words say where a claim stands, what each line is, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.claims import Basis, InterestReason, PositionKind, Standing
from portal.rules.interest import DayCount
from portal.web.i18n import N_

STANDINGS: Mapping[Standing, str] = {
    Standing.SETTLED: N_("Paid"),
    Standing.WITHDRAWN: N_("Closed, nothing to pay"),
    Standing.HANDED_OVER: N_("Handed over"),
    Standing.ANSWER_FOR_YOU: N_("Answer for you"),
    Standing.CHECKING: N_("We are checking"),
    Standing.PAUSED: N_("Paused"),
    Standing.STEP_ANNOUNCED: N_("Step announced"),
    Standing.COUNTER_OFFER: N_("Other suggestion for you"),
    Standing.SUGGESTION_WAITING: N_("Suggestion sent"),
    Standing.INSTALMENT_LATE: N_("Instalment still open"),
    Standing.INSTALMENTS_RUNNING: N_("Instalments running"),
    Standing.PAYMENT_ANNOUNCED: N_("Payment announced"),
    Standing.PAYMENT_IN_PROGRESS: N_("Payment under way"),
    Standing.DEFERRED: N_("More time agreed"),
    Standing.STILL_OPEN: N_("Still open"),
}

TINTS: Mapping[Standing, str] = {
    Standing.SETTLED: "good",
    Standing.WITHDRAWN: "good",
    Standing.HANDED_OVER: "wait",
    Standing.ANSWER_FOR_YOU: "accent",
    Standing.CHECKING: "pause",
    Standing.PAUSED: "pause",
    Standing.STEP_ANNOUNCED: "wait",
    Standing.COUNTER_OFFER: "accent",
    Standing.SUGGESTION_WAITING: "pause",
    Standing.INSTALMENT_LATE: "wait",
    Standing.INSTALMENTS_RUNNING: "good",
    Standing.PAYMENT_ANNOUNCED: "wait",
    Standing.PAYMENT_IN_PROGRESS: "wait",
    Standing.DEFERRED: "good",
    Standing.STILL_OPEN: "",
}

POSITIONS: Mapping[PositionKind, str] = {
    PositionKind.PRINCIPAL: N_("Invoice"),
    PositionKind.CONTRACT_INTEREST: N_("Agreed interest"),
    PositionKind.DEFAULT_INTEREST: N_("Default interest"),
    PositionKind.REMINDER_FEE: N_("Reminder fee"),
    PositionKind.DAMAGE: N_("Damage"),
    PositionKind.AGENCY_COST: N_("Collection costs"),
    PositionKind.ENFORCEMENT_COST: N_("Costs of the debt enforcement office"),
    PositionKind.COURT_COST: N_("Costs of the court"),
    PositionKind.CREDIT: N_("Credit note"),
}

BASES: Mapping[Basis, str] = {
    Basis.INVOICE: N_("It rests on the invoice."),
    Basis.CONTRACT: N_("It rests on the contract."),
    Basis.LAW_DEFAULT_INTEREST: N_("It rests on the law on late payment."),
    Basis.TERMS_CLAUSE: N_("It rests on the terms of business."),
    Basis.PROVEN_DAMAGE: N_("It rests on a receipt for the damage."),
    Basis.LAW_LUMP_SUM: N_("It is the lump sum that the law sets between businesses."),
    Basis.OFFICE_RECEIPT: N_("It rests on a receipt of the office."),
    Basis.NONE: N_("No document for this is in the case yet."),
}

INTEREST_REASONS: Mapping[InterestReason, str] = {
    InterestReason.AGREED_DUE_DATE: N_("It begins after the agreed due date."),
    InterestReason.REMINDER_RECEIVED: N_("It begins after the reminder."),
    InterestReason.PAYMENT_ORDER_SERVED: N_("It begins after the payment order."),
    InterestReason.CONTRACT: N_("Its beginning is agreed in the contract."),
    InterestReason.JUDGMENT: N_("Its beginning is set by the judgment."),
}

DAY_COUNTS: Mapping[DayCount, str] = {
    DayCount.THIRTY_E_360: N_("counted with 30 days a month"),
    DayCount.ACT_ACT: N_("counted by the calendar"),
    DayCount.ACT_365F: N_("counted with 365 days a year"),
}

LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    Standing: STANDINGS,
    PositionKind: POSITIONS,
    Basis: BASES,
    InterestReason: INTEREST_REASONS,
    DayCount: DAY_COUNTS,
}
