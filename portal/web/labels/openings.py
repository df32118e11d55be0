"""How does opening a case by hand read: what is missing or wrong, on which field, and what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.claims import Basis, InterestReason
from portal.rules.openings import OpeningProblem
from portal.web.i18n import N_

PROBLEMS = {
    OpeningProblem.NAME_MISSING: N_("Enter the name as it stands on the invoice."),
    OpeningProblem.CONTACT_MISSING: N_("Enter who reads the letter at this company."),
    OpeningProblem.STREET_MISSING: N_("Enter the street."),
    OpeningProblem.POSTCODE_UNREADABLE: N_("Enter the postcode, for example 4900"),
    OpeningProblem.TOWN_MISSING: N_("Enter the town."),
    OpeningProblem.FACT_UNREADABLE: N_("Enter the date of birth like 14.03.1987, or leave the field empty."),
    OpeningProblem.NUMBER_OF_ANOTHER: N_("Another person has this customer number. Check the number and the name."),
    OpeningProblem.REFERENCE_UNUSABLE: N_(
        "Use up to 40 letters, figures, points, hyphens and underscores, beginning with a letter or a figure."
    ),
    OpeningProblem.REFERENCE_TAKEN: N_("There is a case with this number already."),
    OpeningProblem.TITLE_MISSING: N_("Say in a few words what the invoice is for."),
    OpeningProblem.INVOICE_NUMBER_MISSING: N_("Enter the invoice number."),
    OpeningProblem.INVOICE_ON_MISSING: N_("Enter the date of the invoice, for example %(example)s"),
    OpeningProblem.INVOICE_ON_LATER: N_("The date of the invoice lies after today."),
    OpeningProblem.INVOICE_ON_TOO_OLD: N_("The invoice is older than ten years. Check the date."),
    OpeningProblem.DUE_ON_MISSING: N_("Enter the day by which the invoice was to be paid, for example %(example)s"),
    OpeningProblem.DUE_BEFORE_INVOICE: N_("The invoice can't be due before its own date."),
    OpeningProblem.NOT_DUE_YET: N_("The invoice is not due yet. Open the case after that day."),
    OpeningProblem.PAY_BY_MISSING: N_("Enter the day that the letter names, for example %(example)s"),
    OpeningProblem.PAY_BY_TOO_SOON: N_("The letter needs some days. Choose %(earliest)s or a later day."),
    OpeningProblem.PAY_BY_NO_WORKING_DAY: N_("Banks are closed on that day. Choose a working day."),
    OpeningProblem.CURRENCY_WITHOUT_ACCOUNT: N_("There is no bank account in this currency."),
    OpeningProblem.PRINCIPAL_UNREADABLE: N_("Enter the amount of the invoice, for example 284.60"),
    OpeningProblem.FEE_UNREADABLE: N_("Enter the reminder fee, for example 20.00, or leave the field empty."),
    OpeningProblem.FEE_BASIS_MISSING: N_("Choose what the reminder fee rests on."),
    OpeningProblem.COST_UNREADABLE: N_("Enter the collection costs, for example 40.00, or leave the field empty."),
    OpeningProblem.COST_BASIS_MISSING: N_("Choose what the collection costs rest on."),
    OpeningProblem.FEE_FORBIDDEN: N_(
        "A private person can't be asked for a reminder fee: by %(cost_law)s it stays with the creditor."
    ),
    OpeningProblem.COST_FORBIDDEN: N_(
        "A private person can't be asked for collection costs: by %(cost_law)s they stay with the creditor."
    ),
    OpeningProblem.COST_NOT_BY_DEFAULT: N_(
        "Private persons are not asked for collection costs, because courts judge differently whether they are owed "
        "(%(cost_law)s). Leave the field empty, or tick the box below it."
    ),
    OpeningProblem.LUMP_OF_CONSUMER: N_("Only a company owes this lump sum, and only in euros (%(lump_law)s)."),
    OpeningProblem.CREDIT_UNREADABLE: N_("Enter the credit note, for example 40.00, or leave the field empty."),
    OpeningProblem.CREDIT_TOO_HIGH: N_("The credit note is higher than the invoice."),
    OpeningProblem.CREDIT_ON_MISSING: N_("Enter the date of the credit note, for example %(example)s"),
    OpeningProblem.CREDIT_ON_LATER: N_("The date of the credit note lies after today."),
    OpeningProblem.RATE_TWICE: N_("Choose the rate of the law, or name another one and leave the choice at that."),
    OpeningProblem.RATE_NOT_KNOWN: N_(
        "By %(rate_law)s no rate is known from %(missing)s on. An admin can enter it under Settings, or you name "
        "another rate."
    ),
    OpeningProblem.NO_RATE_BY_LAW: N_("The law's rate for companies is not in the portal. Name the agreed one."),
    OpeningProblem.RATE_UNREADABLE: N_("Enter a rate above 0 and up to 15 percent a year, for example 5"),
    OpeningProblem.INTEREST_FROM_MISSING: N_("Enter the first day of interest, for example %(example)s"),
    OpeningProblem.INTEREST_BEFORE_DUE: N_("Interest begins after the due date at the earliest."),
    OpeningProblem.INTEREST_REASON_MISSING: N_("Choose why interest begins on that day."),
    OpeningProblem.CLERK_MISSING: N_("Choose who answers this person."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {OpeningProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    OpeningProblem: {
        OpeningProblem.NAME_MISSING: "name",
        OpeningProblem.CONTACT_MISSING: "contact_name",
        OpeningProblem.STREET_MISSING: "street",
        OpeningProblem.POSTCODE_UNREADABLE: "postcode",
        OpeningProblem.TOWN_MISSING: "town",
        OpeningProblem.FACT_UNREADABLE: "birth_date",
        OpeningProblem.NUMBER_OF_ANOTHER: "customer_number",
        OpeningProblem.REFERENCE_UNUSABLE: "reference",
        OpeningProblem.REFERENCE_TAKEN: "reference",
        OpeningProblem.TITLE_MISSING: "title",
        OpeningProblem.INVOICE_NUMBER_MISSING: "invoice_number",
        OpeningProblem.INVOICE_ON_MISSING: "invoice_on",
        OpeningProblem.INVOICE_ON_LATER: "invoice_on",
        OpeningProblem.INVOICE_ON_TOO_OLD: "invoice_on",
        OpeningProblem.DUE_ON_MISSING: "due_on",
        OpeningProblem.DUE_BEFORE_INVOICE: "due_on",
        OpeningProblem.NOT_DUE_YET: "due_on",
        OpeningProblem.PAY_BY_MISSING: "pay_by",
        OpeningProblem.PAY_BY_TOO_SOON: "pay_by",
        OpeningProblem.PAY_BY_NO_WORKING_DAY: "pay_by",
        OpeningProblem.CURRENCY_WITHOUT_ACCOUNT: "currency",
        OpeningProblem.PRINCIPAL_UNREADABLE: "principal",
        OpeningProblem.FEE_UNREADABLE: "fee",
        OpeningProblem.FEE_BASIS_MISSING: "fee_basis",
        OpeningProblem.COST_UNREADABLE: "cost",
        OpeningProblem.COST_BASIS_MISSING: "cost_basis",
        OpeningProblem.FEE_FORBIDDEN: "fee",
        OpeningProblem.COST_FORBIDDEN: "cost",
        OpeningProblem.COST_NOT_BY_DEFAULT: "cost",
        OpeningProblem.LUMP_OF_CONSUMER: "lump",
        OpeningProblem.CREDIT_UNREADABLE: "credit",
        OpeningProblem.CREDIT_TOO_HIGH: "credit",
        OpeningProblem.CREDIT_ON_MISSING: "credit_on",
        OpeningProblem.CREDIT_ON_LATER: "credit_on",
        OpeningProblem.RATE_TWICE: "rate",
        OpeningProblem.RATE_NOT_KNOWN: "rate_kind",
        OpeningProblem.NO_RATE_BY_LAW: "rate_kind",
        OpeningProblem.RATE_UNREADABLE: "rate",
        OpeningProblem.INTEREST_FROM_MISSING: "interest_from",
        OpeningProblem.INTEREST_BEFORE_DUE: "interest_from",
        OpeningProblem.INTEREST_REASON_MISSING: "interest_reason",
        OpeningProblem.CLERK_MISSING: "clerk",
    },
}

#: What can be chosen as the basis of a cost, in the clerk's words.
BASIS_CHOICES = {
    Basis.TERMS_CLAUSE: N_("A clause in the terms names this amount"),
    Basis.CONTRACT: N_("The contract names this amount"),
    Basis.PROVEN_DAMAGE: N_("The damage is proven by documents"),
    Basis.NONE: N_("Nothing on file: it can only be waived"),
}
REASON_CHOICES = {
    InterestReason.AGREED_DUE_DATE: N_("A fixed day was agreed and has passed"),
    InterestReason.REMINDER_RECEIVED: N_("A reminder was received"),
    InterestReason.PAYMENT_ORDER_SERVED: N_("A payment order was served"),
    InterestReason.CONTRACT: N_("The contract says so"),
    InterestReason.JUDGMENT: N_("A judgment says so"),
}
