"""How does the bank's money read: why a file is refused, why an amount waits, and what speaks for a case?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.bank import BankState, FileFault, MatchProblem, Why
from portal.rules.bank_proposals import Reason
from portal.web.i18n import N_

FAULTS: Mapping[FileFault, str] = {
    FileFault.NOT_XML: N_("Line %(line)s: this is no complete XML (%(said)s)."),
    FileFault.DTD: N_("Line %(line)s: the file declares a document type or entities. A bank's file has neither."),
    FileFault.NOT_CAMT: N_(
        "Line %(line)s: this is no account statement (%(said)s). Ask your bank for camt.053 or camt.054."
    ),
    FileFault.VERSION: N_(
        "%(said)s is an old version. Ask your bank for camt.053 or camt.054 in version 08, the Swiss Payment Standards "
        "of 2019 or later."
    ),
    FileFault.MISSING: N_("Line %(line)s: %(element)s is missing."),
    FileFault.UNREADABLE: N_("Line %(line)s: %(element)s can't be read: «%(said)s»."),
    FileFault.SUM: N_(
        "Line %(line)s: the parts of this booking do not add up to its amount (%(said)s). "
        "Ask your bank for the file again."
    ),
    FileFault.CURRENCY: N_("Line %(line)s, %(element)s: the account is not kept in %(said)s."),
    FileFault.FOREIGN_ACCOUNT: N_("Line %(line)s: %(said)s is none of your accounts here."),
    FileFault.TOO_LARGE: N_("The file is larger than 50 MB. Ask your bank for one file a day."),
    FileFault.EMPTY: N_("Choose your bank's file. This one is empty."),
}
STATES: Mapping[BankState, str] = {
    BankState.NEW: N_("being worked through"),
    BankState.UNMATCHED: N_("waits"),
    BankState.BOOKED: N_("booked"),
    BankState.RETURNED: N_("sent back to the payer"),
    BankState.IGNORED: N_("not ours"),
    BankState.REVERSED: N_("taken back by the bank"),
    BankState.REPLACED: N_("replaced by its parts"),
}
REASONS_TO_WAIT: Mapping[Why, str] = {
    Why.NO_REFERENCE: N_("The payer gave no reference."),
    Why.BAD_REFERENCE: N_("The payer's reference has a wrong check digit."),
    Why.UNKNOWN_REFERENCE: N_("No case of yours has this reference."),
    Why.SEVERAL_REFERENCES: N_("The payer gave several references in one payment."),
    Why.OTHER_CURRENCY: N_("The case with this reference is kept in another currency."),
    Why.ODD_DATE: N_("The value date is far from today."),
    Why.PERHAPS_TWICE: N_("The same sum came in another file on the same day. It is perhaps the same money."),
    Why.BATCH: N_("The bank has booked a sum without its parts. They come in a camt.054."),
    Why.CAME_BACK: N_("The bank calls this a reversal: a payment of yours came back."),
    Why.NO_ORIGINAL: N_("The bank took back money that was never booked here."),
    Why.TAKEN_BACK: N_("It was put on a case by mistake and waits again."),
}
MATCHED: Mapping[Reason, str] = {
    Reason.REFERENCE: N_("The payment reference is this case's."),
    Reason.NUMBER: N_("The message names the invoice or the case."),
    Reason.AMOUNT: N_("The amount is what is open."),
    Reason.LETTER_AMOUNT: N_("The amount is what the letter asked for."),
    Reason.OFFER_AMOUNT: N_("The amount is the offer."),
    Reason.INSTALMENT_AMOUNT: N_("The amount is an instalment."),
    Reason.PRINCIPAL_AMOUNT: N_("The amount is the invoice without interest and costs."),
    Reason.NAME: N_("The payer has the debtor's name."),
    Reason.NAME_ALIKE: N_("The payer's name is much like the debtor's."),
    Reason.ANNOUNCED: N_("The debtor announced a payment."),
    Reason.PAID_BEFORE: N_("The same account has paid for this person before."),
}
PROBLEMS: Mapping[MatchProblem, str] = {
    MatchProblem.CLAIM_MISSING: N_("Enter the number of a case of yours."),
    MatchProblem.CURRENCY: N_("This case is kept in another currency."),
    MatchProblem.NOT_OPEN: N_("This case is not open yet."),
    MatchProblem.DEBIT: N_("Only money that came in can be put on a case."),
    MatchProblem.VALUED_AHEAD: N_(
        "The bank's value date is more than a month away. "
        "Book the payment by hand on the page of the case, with its day."
    ),
    MatchProblem.TAKEN_BACK: N_("This was taken back once already. Book the payment by hand on the page of the case."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    FileFault: FAULTS,
    BankState: STATES,
    Why: REASONS_TO_WAIT,
    Reason: MATCHED,
    MatchProblem: PROBLEMS,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {MatchProblem: dict.fromkeys(MatchProblem, "reference")}
