"""How do we say why a claim gets no letter in a run?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.letters import Hindrance
from portal.web.i18n import N_

HINDRANCES: Mapping[Hindrance, str] = {
    Hindrance.YEAR_END: N_("No letter is dated 20 to 31 December."),
    Hindrance.OVER: N_("The case is not open."),
    Hindrance.WAITS_FOR_US: N_("Something waits for your answer."),
    Hindrance.PAUSED: N_("The case is paused."),
    Hindrance.AGREED: N_("Something is agreed or suggested."),
    Hindrance.UNDER_WAY: N_("A payment is announced or under way."),
    Hindrance.RECENT: N_("The last letter is less than 14 days old."),
    Hindrance.NOT_DUE: N_("The invoice is not yet due."),
    Hindrance.DOCUMENTS_MISSING: N_("The documents that the file names are missing."),
    Hindrance.ADDRESS_UNCLEAR: N_("The address is unclear."),
    Hindrance.ADDRESS_MISSING: N_("A part of the address is missing."),
    Hindrance.SIGNS: N_("«%(what)s» has a sign that can't be printed right."),
    Hindrance.NO_ACCOUNT: N_("No bank account is entered for this currency."),
    Hindrance.NO_RATE: N_("No rate of interest is known from %(what)s on."),
    Hindrance.NOTHING_OWED: N_("Nothing is owed."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {Hindrance: HINDRANCES}
