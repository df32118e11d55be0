"""Which sentence tells what happened, who did it, and which figures belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from portal.rules.history import ActorKind, EventKind
from portal.rules.money import Money
from portal.store.timeline import EventRow
from portal.web import i18n
from portal.web.i18n import N_
from portal.web.i18n import gettext as _

EVENTS: Mapping[EventKind, str] = {
    EventKind.INVOICE_SENT: N_("Invoice sent"),
    EventKind.REMINDER_SENT: N_("Reminder sent"),
    EventKind.LETTER_ISSUED: N_("Letter with an access code"),
    EventKind.LETTER_POSTED: N_("Letter handed to the post"),
    EventKind.LETTER_REVOKED: N_("Access code no longer valid"),
    EventKind.EVIDENCE_ADDED: N_("Document added"),
    EventKind.EVIDENCE_MISSING: N_("A document is missing and has been asked for"),
    EventKind.CLAIM_DRAFTED: N_("Case prepared"),
    EventKind.CLAIM_OPENED: N_("Case opened"),
    EventKind.CLAIM_SETTLED: N_("Everything is paid, the case is closed"),
    EventKind.CLAIM_WITHDRAWN: N_("Case closed, nothing to pay"),
    EventKind.CLAIM_HANDED_OVER: N_("Case handed over"),
    EventKind.CLAIM_REOPENED: N_("Case open again"),
    EventKind.PLAN_PROPOSED: N_("Instalments suggested"),
    EventKind.PLAN_AGREED: N_("Instalments agreed"),
    EventKind.PLAN_ACCEPTED: N_("Instalments accepted"),
    EventKind.PLAN_COUNTERED: N_("Other instalments suggested"),
    EventKind.PLAN_DECLINED: N_("Suggested instalments not possible"),
    EventKind.PLAN_WITHDRAWN: N_("Instalments taken back"),
    EventKind.PLAN_REPLACED: N_("Suggestion replaced by a new one"),
    EventKind.PLAN_EXPIRED: N_("Suggestion of instalments ended without an answer"),
    EventKind.PLAN_LATE: N_("An instalment has not arrived yet"),
    EventKind.PLAN_ON_TRACK: N_("Instalments on track again"),
    EventKind.PLAN_BROKEN: N_("Instalments ended, an instalment was missing"),
    EventKind.PLAN_KEPT: N_("All instalments paid"),
    EventKind.PLAN_ENDED: N_("Instalments ended"),
    EventKind.INSTALMENT_MOVED: N_("Instalment moved to a later day"),
    EventKind.DEFERRAL_PROPOSED: N_("Later day suggested"),
    EventKind.DEFERRAL_GRANTED: N_("More time agreed"),
    EventKind.DEFERRAL_DECLINED: N_("Later day not possible"),
    EventKind.DEFERRAL_WITHDRAWN: N_("Later day taken back"),
    EventKind.DEFERRAL_REPLACED: N_("Later day replaced"),
    EventKind.DEFERRAL_ENDED: N_("Agreed time is over"),
    EventKind.HARDSHIP_TOLD: N_("Told that nothing can be paid at the moment"),
    EventKind.HARDSHIP_ACCEPTED: N_("Longer pause agreed"),
    EventKind.HARDSHIP_ASKED: N_("Question about the situation"),
    EventKind.HARDSHIP_DECLINED: N_("Longer pause not possible"),
    EventKind.HARDSHIP_WITHDRAWN: N_("Message about the situation taken back"),
    EventKind.HARDSHIP_ENDED: N_("Longer pause ended"),
    EventKind.DISPUTE_RAISED: N_("Objection received"),
    EventKind.DISPUTE_ASKED: N_("Question about the objection"),
    EventKind.DISPUTE_ANSWERED: N_("Question about the objection answered"),
    EventKind.DISPUTE_UPHELD: N_("The objection was right"),
    EventKind.DISPUTE_PARTLY: N_("The objection was right in part"),
    EventKind.DISPUTE_REJECTED: N_("We see the objection differently"),
    EventKind.DISPUTE_WITHDRAWN: N_("Objection taken back"),
    EventKind.DISPUTE_REOPENED: N_("Another person looks at the objection"),
    EventKind.OFFER_MADE: N_("Lower amount offered"),
    EventKind.OFFER_TAKEN: N_("Lower amount paid, the rest is waived"),
    EventKind.OFFER_EXPIRED: N_("Offer of a lower amount ended"),
    EventKind.OFFER_WITHDRAWN: N_("Offer of a lower amount taken back"),
    EventKind.OFFER_STANDS_AGAIN: N_("The payment was taken back, so the lower amount is open again"),
    EventKind.OFFER_UNDONE: N_("The payment was taken back, so what the offer had waived is owed again"),
    EventKind.MESSAGE_RECEIVED: N_("Message received"),
    EventKind.MESSAGE_SENT: N_("Message answered"),
    EventKind.NOTE_ADDED: N_("Internal note"),
    EventKind.FILE_REFUSED: N_("We could not open a file. Send it again as a photo or a PDF."),
    EventKind.PAUSED: N_("Case paused"),
    EventKind.RESUMED: N_("Pause ended"),
    EventKind.PAYMENT_TOLD: N_("Payment announced"),
    EventKind.PAYMENT_STARTED: N_("Payment begun"),
    EventKind.PAYMENT_RECEIVED: N_("Payment received"),
    EventKind.PAYMENT_NOT_COMPLETED: N_("Payment not completed, no money was taken"),
    EventKind.PAYMENT_REVERSED: N_("Payment reversed"),
    EventKind.PAYMENT_REFUNDED: N_("Money given back"),
    EventKind.REFUND_REQUESTED: N_("Refund waits for a second person"),
    EventKind.REFUND_APPROVED: N_("Refund on its way"),
    EventKind.REFUND_DECLINED: N_("Refund not made"),
    EventKind.REFUND_UNKNOWN: N_("Refund is being checked"),
    EventKind.REFUND_FAILED: N_("The refund did not arrive, we look after it"),
    EventKind.REFUND_REVERSED: N_("Refund by transfer taken back"),
    EventKind.PAYMENTS_REALLOCATED: N_("What was paid is divided anew among the lines"),
    EventKind.OVERPAID: N_("Too much paid, the rest is a credit"),
    EventKind.CREDIT_MOVED: N_("Credit moved to another case"),
    EventKind.CREDIT_CAME: N_("Credit from another case used here"),
    EventKind.CREDIT_MOVED_BACK: N_("Credit moved back"),
    EventKind.WAIVED: N_("Part of the amount waived"),
    EventKind.WAIVER_UNDONE: N_("The payment was taken back, so what had fallen away with it is owed again"),
    EventKind.CREDITED: N_("Part of the amount taken off, it was not owed"),
    EventKind.REST_DROPPED: N_("Small rest dropped"),
    EventKind.WRONG_PERSON: N_("Told that the letter is not for this person"),
    EventKind.ADDRESS_UNCLEAR: N_("Address is being checked"),
    EventKind.ADDRESS_ENTERED: N_("Address entered anew"),
    EventKind.PIN_SET: N_("PIN set"),
    EventKind.CONTACT_CHANGED: N_("Contact details changed"),
    EventKind.FILE_OPENED: N_("Whole file opened"),
    EventKind.TASK_DONE: N_("Task done"),
}

#: Why the portal did something by itself, said at the desk.
RULES: Mapping[str, str] = {
    "reminder": N_("a reminder is due"),
    "claim closed": N_("the case is closed"),
    "offer ends by itself": N_("the offer's date is over"),
    "offer kept": N_("the offer was kept"),
    "file check": N_("the check of files"),
    "plan expired": N_("the suggestion's date is over"),
    "plan on track": N_("the instalment has arrived"),
    "plan late": N_("an instalment has not arrived"),
    "plan broken": N_("the plan was not kept"),
    "plan kept": N_("the plan was kept"),
    "plan ended": N_("the plan has ended"),
    "deferral ended": N_("the later date has come"),
    "payment provider": N_("the payment provider"),
    "hardship pause ended": N_("the pause is over"),
    "question before the pause ends": N_("a question before the pause ends"),
    "small rest": N_("a small rest"),
    "bank file": N_("the bank's file"),
    "e-mail came back": N_("an e-mail came back"),
    "paid in time": N_("the rest was paid in time"),
    "payment taken back": N_("the payment was taken back"),
    "order of value dates": N_("payments count in the order of their value dates"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {EventKind: EVENTS}

#: The desk's filters of the timeline; what is in none of them counts as a decision.
LETTERS = frozenset(
    kind for kind in EventKind if kind.startswith(("invoice", "reminder", "letter", "evidence", "address"))
)
MESSAGES = frozenset(kind for kind in EventKind if kind.startswith(("message", "note", "file_refused", "contact")))
MONEY = frozenset(
    kind
    for kind in EventKind
    if kind.startswith(("payment", "overpaid", "refund", "waive", "credit", "rest", "offer"))
)
FILTERS: Mapping[str, tuple[str, frozenset[EventKind]]] = {
    "letters": (N_("Letters"), LETTERS),
    "messages": (N_("Messages"), MESSAGES),
    "money": (N_("Money"), MONEY),
    "decisions": (N_("Decisions"), frozenset(EventKind) - LETTERS - MESSAGES - MONEY),
}

#: Names of days in an event's details, and how the day is told.
DAYS: Mapping[str, str] = {
    "until": N_("until %(day)s"),
    "until_on": N_("until %(day)s"),
    "pay_by": N_("payable by %(day)s"),
    "value_on": N_("value date %(day)s"),
    "due": N_("due on %(day)s"),
    "to": N_("to %(day)s"),
    "posted_on": N_("on %(day)s"),
}


def sentence(event: EventRow) -> str:
    """What happened, in the language of this request."""
    return _(EVENTS[event.kind])


def who(event: EventRow, debtor: str) -> str:
    """Who did it: a clerk's name, the given words for the debtor, or the portal by itself."""
    if event.actor is ActorKind.CLERK:
        return event.clerk or ""
    if event.actor is ActorKind.DEBTOR:
        return debtor
    return _("automatic")


def figures(details: Mapping[str, Any]) -> list[str]:
    """Sums and days that belong to an event; whatever else its details hold is not shown."""
    found = [i18n.money(Money(value["minor"], value["currency"])) for value in details.values() if _is_sum(value)]
    for name, words in DAYS.items():
        day = _day(details.get(name))
        if day is not None:
            found.append(_(words, day=i18n.day(day)))
    return found


def _is_sum(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("minor"), int) and isinstance(value.get("currency"), str)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
