"""How does an account for transfers read, and what stands against one?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.accounts import AccountProblem
from portal.web.i18n import N_

PROBLEMS = {
    AccountProblem.CURRENCY_UNKNOWN: N_("Choose the currency of the account."),
    AccountProblem.IBAN_MISSING: N_("Enter the IBAN."),
    AccountProblem.IBAN_UNREADABLE: N_("This IBAN is not right. Compare it figure by figure with your bank's paper."),
    AccountProblem.IBAN_IS_QR: N_("This is a QR-IBAN. Enter it below, and here the usual IBAN of the same account."),
    AccountProblem.QR_IBAN_UNREADABLE: N_(
        "This QR-IBAN is not right. Compare it figure by figure with your bank's paper."
    ),
    AccountProblem.QR_IBAN_IS_NONE: N_(
        "This is a usual IBAN. A QR-IBAN has a number from 30000 to 31999 from its fifth figure on. Leave this empty "
        "if you have none."
    ),
    AccountProblem.QR_IBAN_IN_USE: N_("Cases have references that only a QR-IBAN takes. Name one for this account."),
    AccountProblem.OTHER_COUNTRY: N_("A QR-IBAN belongs to an account in Switzerland or Liechtenstein."),
    AccountProblem.BIC_UNREADABLE: N_("A BIC has 8 or 11 characters, for example POFICHBEXXX."),
    AccountProblem.SAME_AS_BEFORE: N_("This is the account that holds already."),
    AccountProblem.CHANGE_WAITS: N_("Another account waits for a second person already. Decide about that one first."),
    AccountProblem.OWN_REQUEST: N_("Somebody else has to agree to what you asked for."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {AccountProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    AccountProblem: {
        AccountProblem.CURRENCY_UNKNOWN: "currency",
        AccountProblem.IBAN_MISSING: "iban",
        AccountProblem.IBAN_UNREADABLE: "iban",
        AccountProblem.IBAN_IS_QR: "iban",
        AccountProblem.QR_IBAN_UNREADABLE: "qr_iban",
        AccountProblem.QR_IBAN_IS_NONE: "qr_iban",
        AccountProblem.QR_IBAN_IN_USE: "qr_iban",
        AccountProblem.OTHER_COUNTRY: "qr_iban",
        AccountProblem.BIC_UNREADABLE: "bic",
        AccountProblem.SAME_AS_BEFORE: "iban",
        AccountProblem.CHANGE_WAITS: "",
        AccountProblem.OWN_REQUEST: "",
    }
}
