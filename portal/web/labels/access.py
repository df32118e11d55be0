"""What do we say when a code, a fact or a PIN can't be read, and how is each fact called?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.actions.rooms import Proof
from portal.rules.access import FactKind, PinProblem
from portal.rules.letter_code import CodeReason
from portal.web.i18n import N_

CODE_REASONS = {
    CodeReason.EMPTY: N_("Enter the code from the letter."),
    CodeReason.TOO_LONG: N_("Check the code. It has 16 characters."),
    CodeReason.CHARACTER: N_("Check character %(position)s of the code. It has only figures and letters from A to Z."),
    CodeReason.LENGTH: N_("Check the code. It has 16 characters, and we read %(count)s."),
    CodeReason.CHECK: N_("Check the code. One character is different from the letter."),
}
PIN_PROBLEMS = {
    PinProblem.NOT_DIGITS: N_("Use only figures for your PIN."),
    PinProblem.TOO_SHORT: N_("Choose a PIN with at least 6 figures."),
    PinProblem.TOO_LONG: N_("Choose a PIN with at most 12 figures."),
    PinProblem.TOO_EASY: N_("Choose a PIN that is harder to guess: no date, no row and no repetition."),
}
#: What the field asks for, by what the creditor has on file.
FACTS = {
    FactKind.BIRTH_DATE: N_("Your date of birth"),
    FactKind.CUSTOMER_NUMBER: N_("Your customer number"),
    FactKind.CONTRACT_NUMBER: N_("Your contract number"),
    FactKind.PHONE_LAST4: N_("The last four figures of your phone number"),
}
FACT_HINTS = {
    FactKind.BIRTH_DATE: N_("Day, month and year, for example 14.03.1987"),
    FactKind.CUSTOMER_NUMBER: N_("It stands on your contract or order confirmation, not on this letter"),
    FactKind.CONTRACT_NUMBER: N_("It stands on your contract, not on this letter"),
    FactKind.PHONE_LAST4: N_("Of the number that we have from you"),
}
FACT_MISSING = {
    FactKind.BIRTH_DATE: N_("Enter your date of birth, for example 14.03.1987."),
    FactKind.CUSTOMER_NUMBER: N_("Enter your customer number."),
    FactKind.CONTRACT_NUMBER: N_("Enter your contract number."),
    FactKind.PHONE_LAST4: N_("Enter the last four figures of your phone number."),
}
#: How a person's file is protected, said at the desk (`decisions.md` 1).
PROTECTIONS = {
    Proof.FACT: N_("Protected by a fact that the letter does not print."),
    Proof.PIN: N_("Protected by a PIN of one's own."),
    Proof.LETTER: N_("Protected by the letter alone."),
    Proof.CLOSED: N_("Closed until there is a fact or a PIN."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    CodeReason: CODE_REASONS,
    PinProblem: PIN_PROBLEMS,
    FactKind: FACTS,
    Proof: PROTECTIONS,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    CodeReason: dict.fromkeys(CodeReason, "code"),
    PinProblem: dict.fromkeys(PinProblem, "pin"),
}
