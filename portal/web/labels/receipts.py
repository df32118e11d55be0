"""Which words stand on a claim's papers: their titles, what each movement was, and why a day has no statement?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.payments import CauseType, EntryKind
from portal.rules.receipts import DayProblem, PaperKind
from portal.web.i18n import N_

TITLES: Mapping[PaperKind, str] = {
    PaperKind.RECEIPT: N_("Receipt for your payment"),
    PaperKind.STATEMENT: N_("Statement of account"),
    PaperKind.SETTLEMENT: N_("Confirmation of settlement"),
}
#: How a download is called: nothing of the case stands in a folder that others may see.
FILES: Mapping[PaperKind, str] = {
    PaperKind.RECEIPT: N_("receipt"),
    PaperKind.STATEMENT: N_("statement"),
    PaperKind.SETTLEMENT: N_("confirmation"),
}
#: What the page of genuineness says of a number; no name, no sum, no reference.
GENUINE: Mapping[PaperKind, str] = {
    PaperKind.RECEIPT: N_("We issued a receipt with this number, dated %(day)s."),
    PaperKind.STATEMENT: N_("We issued a statement of account with this number, dated %(day)s."),
    PaperKind.SETTLEMENT: N_("We issued a confirmation of settlement with this number, dated %(day)s."),
}
NOT_GENUINE = N_(
    "We have not issued a paper with this number. Compare it once more. If it is the same, do not trust the paper and "
    "call us."
)
MOVEMENTS: Mapping[EntryKind, str] = {
    EntryKind.CLAIMED: N_("Claimed: %(line)s"),
    EntryKind.INTEREST: N_("%(line)s up to this day"),
    EntryKind.PAYMENT: N_("Payment received"),
    EntryKind.REFUND: N_("Money given back"),
    EntryKind.CHARGEBACK: N_("Payment taken back by the bank"),
    EntryKind.FEE: N_("Fee of the payment service"),
    EntryKind.WAIVER: N_("Waived: %(line)s"),
    EntryKind.CREDIT: N_("Taken off: %(line)s"),
    EntryKind.REST_DROPPED: N_("Small rest dropped"),
    EntryKind.ALLOCATION: N_("Your credit was used"),
    EntryKind.REVERSAL: N_("Booking reversed"),
    EntryKind.SUSPENSE: N_("Payment being looked into"),
    EntryKind.PAYOUT: N_("Paid out by the payment service"),
}
#: The same of credit that moved between two cases of one person.
MOVED: Mapping[EntryKind, str] = {
    EntryKind.PAYMENT: N_("Credit from another case used here"),
    EntryKind.REFUND: N_("Credit moved to another case"),
}


def movement_words(kind: EntryKind, cause_type: str) -> str:
    """The sentence for a movement, not yet translated."""
    return MOVED[kind] if cause_type == CauseType.CLAIM and kind in MOVED else MOVEMENTS[kind]


DAY_PROBLEMS: Mapping[DayProblem, str] = {
    DayProblem.MISSING: N_("Enter a day, for example %(example)s."),
    DayProblem.FUTURE: N_("That day is still to come. The latest day is today, %(today)s."),
    DayProblem.TOO_EARLY: N_("There was no invoice yet on that day. The earliest day is %(first)s."),
}
#: A receipt for the capital raises the presumption that the interest is paid as well (OR 89(2)); this one does not.
RESERVATION = N_(
    "This receipt covers the amount of this payment as it is shown above, and nothing else. As far as interest, costs "
    "or other amounts are still shown as open, it does not confirm that they are paid."
)
RESERVATION_CH = N_(
    "This receipt covers the amount of this payment as it is shown above, and nothing else. As far as interest, costs "
    "or other amounts are still shown as open, it does not confirm that they are paid (Art. 88 and 89 of the Swiss "
    "Code of Obligations)."
)

LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    PaperKind: TITLES,
    EntryKind: MOVEMENTS,
    DayProblem: DAY_PROBLEMS,
}
