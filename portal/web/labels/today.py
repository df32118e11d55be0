"""Which words name what waits at the desk: groups, kinds of decisions and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.today import Group
from portal.web.i18n import N_

GROUPS: Mapping[Group, str] = {
    Group.DECIDE: N_("Decide"),
    Group.ANSWER: N_("Answer"),
    Group.INFORMATION: N_("For information"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {Group: GROUPS}

#: The page of a decision, by what waits.
PLACES: Mapping[str, str] = {
    "plan": "plans",
    "deferral": "deferrals",
    "hardship": "hardship",
    "dispute": "disputes",
    "refund": "refund",
}
#: What a task asks for; one without its own words here is "Look at this case".
TASKS: Mapping[str, str] = {
    "refund_credit": N_("Give back what was paid too much"),
    "came_back_missing": N_("Money went back that is gone: agree how it comes again"),
    "card_dispute": N_("The payer's bank took a payment back"),
    "refund_failed": N_("A refund did not arrive"),
    "dispute_lost": N_("The bank decided for the payer: decide how to go on"),
    "card_stopped": N_("Card and TWINT do not work any more: look at the account at the payment provider"),
    "reconciliation": N_("Look at what comparing the books has found"),
    "suspense": N_("Money that fits no payment of ours"),
    "bank_waiting": N_("Money from the bank waits for its case"),
    "rate_missing": N_("Interest stands still: an admin enters the new rate of the law"),
    "hardship_question": N_("Ask how things are before the pause ends"),
    "not_me": N_("A letter reached the wrong person"),
    "new_letter": N_("A new letter was asked for"),
    "letter_retired": N_("A letter's code was closed after wrong answers"),
    "letter_guessed": N_("Somebody tried many codes of one letter"),
    "returned_post": N_("A letter came back: enter the right address"),
    "limits_changed": N_("The firm's limits were changed"),
    "standing_rule_changed": N_("What the firm promises everybody was changed"),
    "offers_made": N_("The same offer was made to many"),
    "notice_failed": N_("An e-mail could not be delivered"),
    "notice_bounced": N_("An e-mail came back: this address takes no mail"),
    "colleague_added": N_("A colleague was added"),
    "sign_in_renewed": N_("A colleague got a new sign-in"),
    "firm_changed": N_("The firm's name or address was changed"),
    "account_waits": N_("Another bank account waits for a second person"),
    "account_changed": N_("The bank account for transfers was changed"),
    "same_person": N_("Perhaps the same person stands here twice"),
}
#: Tasks that have a page of their own.
TASK_PAGES: Mapping[str, str] = {
    "reconciliation": "creditor.reconciliation.overview",
    "card_stopped": "creditor.connections.overview",
    "account_waits": "creditor.accounts.overview",
}
OTHER_TASK = N_("Look at this case")
