"""How do payments read: what stands against one, how far it got, and which way it came?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.payments import BookingProblem, NoteCode, PayMethod, PayProblem, ReturnStanding
from portal.web.i18n import N_

PROBLEMS = {
    PayProblem.AMOUNT_MISSING: N_("Enter an amount, for example 100.00"),
    PayProblem.TOO_SMALL: N_("Enter at least %(smallest)s."),
    PayProblem.MORE_THAN_OPEN: N_("Enter at most %(owed)s. That is what is open today."),
    PayProblem.NOTHING_OWED: N_("Nothing is open any more."),
    PayProblem.METHOD_MISSING: N_("Choose how you would like to pay."),
    PayProblem.TWO_AMOUNTS: N_(
        "You have chosen one amount and typed another. Choose «Another amount», or empty the field."
    ),
}
BOOKING_PROBLEMS = {
    BookingProblem.AMOUNT_MISSING: N_("Enter the amount that came in, for example 100.00"),
    BookingProblem.DATE_MISSING: N_("Enter the day on which the money came in, for example %(example)s"),
    BookingProblem.DATE_IN_THE_FUTURE: N_("Enter today or an earlier day."),
    BookingProblem.DATE_TOO_OLD: N_("Enter a day of the last three years."),
    BookingProblem.ALREADY_REVERSED: N_("This booking has been reversed already."),
}
RETURNED = {
    ReturnStanding.RECEIVED: N_("We have received your payment"),
    ReturnStanding.IN_PROGRESS: N_("Your payment is in progress"),
    ReturnStanding.NOT_COMPLETED: N_("The payment was not completed"),
}
NOTES = {
    NoteCode.BANK_TRANSFER: N_("Bank transfer"),
    NoteCode.CASH: N_("Cash"),
    NoteCode.POST_COUNTER: N_("At the post office counter"),
    NoteCode.FOUND_PAYMENT: N_("Earlier payment that was found"),
    NoteCode.GOODWILL: N_("Goodwill"),
    NoteCode.NOT_OWED: N_("Not owed"),
    NoteCode.COST_WITHOUT_BASIS: N_("Cost without a document"),
    NoteCode.OFFER_KEPT: N_("Offer kept"),
    NoteCode.PAID_IN_TIME: N_("Paid in time"),
    NoteCode.PLAN_KEPT: N_("Instalments kept"),
    NoteCode.SMALL_REST: N_("Small rest"),
    NoteCode.MISTAKE: N_("Booked by mistake"),
}
METHODS = {
    PayMethod.CARD: N_("Card, with Apple Pay and Google Pay"),
    PayMethod.TWINT: N_("TWINT, in Swiss francs up to CHF 5,000"),
    PayMethod.SEPA_DEBIT: N_("Direct debit (SEPA), in euros; takes some days"),
    PayMethod.PAYPAL: N_("PayPal"),
    PayMethod.LINK: N_("Link"),
    PayMethod.REVOLUT_PAY: N_("Revolut Pay"),
}
#: What the button says for the first two methods offered; every other choice is named on the provider's page.
PAY_BY = {
    (PayMethod.CARD,): N_("Pay %(amount)s by card"),
    (PayMethod.CARD, PayMethod.TWINT): N_("Pay %(amount)s by card or TWINT"),
    (PayMethod.CARD, PayMethod.SEPA_DEBIT): N_("Pay %(amount)s by card or direct debit"),
    (PayMethod.TWINT,): N_("Pay %(amount)s with TWINT"),
    (PayMethod.SEPA_DEBIT,): N_("Pay %(amount)s by direct debit"),
}
PAY_AT_ONCE = N_("Pay %(amount)s right away")
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    PayProblem: PROBLEMS,
    BookingProblem: BOOKING_PROBLEMS,
    ReturnStanding: RETURNED,
    NoteCode: NOTES,
    PayMethod: METHODS,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    PayProblem: {
        PayProblem.AMOUNT_MISSING: "amount",
        PayProblem.TOO_SMALL: "amount",
        PayProblem.MORE_THAN_OPEN: "amount",
        PayProblem.NOTHING_OWED: "",
        PayProblem.METHOD_MISSING: "",
        PayProblem.TWO_AMOUNTS: "amount",
    },
    BookingProblem: {
        BookingProblem.AMOUNT_MISSING: "amount",
        BookingProblem.DATE_MISSING: "day",
        BookingProblem.DATE_IN_THE_FUTURE: "day",
        BookingProblem.DATE_TOO_OLD: "day",
        BookingProblem.ALREADY_REVERSED: "",
    },
}
