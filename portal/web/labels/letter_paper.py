"""Which words stand on a letter: page 1, the page of each claim, the reply slip, and the notices of the country?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.countries import Notice
from portal.web.i18n import N_

#: The letter's words, in the debtor's language and not in the clerk's.
WORDS: Mapping[str, str] = {
    "heading": N_("Your access to the case about your invoice of %(invoice)s"),
    "heading_many": N_("Your access to the cases about your invoices from %(invoice)s on"),
    "greeting": N_("Good day %(person)s"),
    "open": N_(
        "Our invoice of %(invoice)s for %(amount)s is still open. It may have been overlooked, or there may be a "
        "reason. Please tell us how things stand."
    ),
    "open_many": N_(
        "%(count)s of our invoices are still open, together %(owed)s. They may have been overlooked, or there may be a "
        "reason. Please tell us how things stand."
    ),
    "today": N_("Counting everything that was added or paid since, %(owed)s is open today."),
    "three_ways": N_(
        "Until %(until)s you have three options. You pay. You suggest instalments or a later date. Or you tell us what "
        "is wrong."
    ),
    "caption": N_("Look at your case"),
    "access": N_("Scan the code with your phone. Or go to %(address)s and enter this code:"),
    "no_account": N_("You do not need to register or install an app."),
    "pay_by": N_("The amount in your case holds until %(until)s."),
    "genuine": N_(
        "Not sure whether this letter is from us? Call the number on your first invoice or on our website. "
        "Do not use the number in this letter."
    ),
    "help": N_(
        "Are several bills open? A budget or debt advice service can help you. "
        "It is confidential and independent of us."
    ),
    "regards": N_("Kind regards"),
    "contact": N_("Your contact person"),
    "overleaf": N_("How the amount comes about, a slip for your reply and the details for paying follow on page 2."),
}

REPLY: Mapping[str, str] = {
    "title": N_("Reply by post"),
    "intro": N_(
        "Without the internet: tick what applies and send this page to %(address)s. It counts just as much as a reply "
        "in the portal."
    ),
    "paid": N_("I have already paid, on"),
    "pay": N_("I pay on"),
    "plan": N_("I suggest instalments a month of (amount and first day)"),
    "cannot": N_("I can't pay at the moment. You reach me at"),
    "wrong": N_("Something is not right:"),
    "day": N_("Day"),
    "signature": N_("Signature"),
}

#: What the country's law wants a letter to say beyond the sum line by line (`law.md` 2.1, 2.3).
NOTICES: Mapping[Notice, str] = {
    Notice.LETTER_13A: N_(
        "%(firm)s asks for this itself, as your contract partner. You get the circumstances of the contract on "
        "request. Your address comes from your contract with us; if it is wrong, tell us."
    ),
    Notice.LETTER_R124_4: N_(
        "%(firm)s asks for this itself, without a court, for its own invoice. Keep the date and the number of this "
        "letter: later letters name them."
    ),
}
#: The second and third paragraph of CPCE L111-8, which a letter in France repeats word for word.
L111_8 = (
    "Les frais de recouvrement entrepris sans titre exécutoire restent à la charge du créancier, sauf s'ils concernent "
    "un acte dont l'accomplissement est prescrit par la loi au créancier. Toute stipulation contraire est réputée non "
    "écrite, sauf disposition législative contraire. Cependant, le créancier qui justifie du caractère nécessaire des "
    "démarches entreprises pour recouvrer sa créance peut demander au juge de l'exécution de laisser tout ou partie "
    "des frais ainsi exposés à la charge du débiteur de mauvaise foi. (CPCE L111-8)"
)
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {}
