"""How do the steps of a firm's first hour read?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.set_up import Step, StepState
from portal.web.i18n import N_

TITLES: Mapping[Step, str] = {
    Step.FIRM: N_("The firm"),
    Step.LOOK: N_("Logo and look of the letters"),
    Step.PERSON: N_("A person whom people can ask"),
    Step.BANK: N_("Bank account for transfers"),
    Step.CARD: N_("Card and TWINT"),
    Step.LIMITS: N_("What is granted without asking"),
    Step.TEXTS: N_("Texts of the letters"),
    Step.IMPORT: N_("The first cases"),
    Step.LETTER: N_("A test letter to yourself"),
}
DETAILS: Mapping[Step, str] = {
    Step.FIRM: N_("Name, address, country and canton, language, phone number."),
    Step.LOOK: N_(
        "Your logo, and where the window of your envelopes is. Without a logo your name stands there."
    ),
    Step.PERSON: N_("Every letter names a person with a phone number and hours. That person answers at the desk."),
    Step.BANK: N_("IBAN or QR-IBAN, checked figure by figure. It stands on every payment part."),
    Step.CARD: N_("Your account at the payment provider, looked at live. Without one your customers pay by transfer."),
    Step.LIMITS: N_("Instalments agreed at once, small amounts, days of delay, how much a clerk may waive."),
    Step.TEXTS: N_("What the letters say, in each language. The texts that come with the portal are ready to use."),
    Step.IMPORT: N_("Your open invoices as a file from your accounting, or one case by hand."),
    Step.LETTER: N_("Print it, fold it, look through the window, scan the code. Nothing of it stands in your books."),
}
STATES: Mapping[StepState, str] = {
    StepState.DONE: N_("done"),
    StepState.KEPT: N_("stays as it is"),
    StepState.OPEN: N_("still to do"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {Step: TITLES, StepState: STATES}
