"""How do the parts of a letter read that a creditor may write, their placeholders, and what stands against a text?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.stationery import LogoProblem, Part, Placeholder, TextProblem
from portal.web.i18n import N_

PARTS: Mapping[Part, str] = {
    Part.OPENING: N_("Opening, for one invoice"),
    Part.OPENING_MANY: N_("Opening, for several invoices"),
    Part.SIGN_OFF: N_("Sign-off above the name"),
}
#: In whose words our own text is shown, with placeholders where figures will stand.
OURS: Mapping[Part, str] = {Part.OPENING: "open", Part.OPENING_MANY: "open_many", Part.SIGN_OFF: "regards"}
PLACEHOLDERS: Mapping[Placeholder, str] = {
    Placeholder.INVOICE_DAY: N_("Date of the invoice, of the oldest one where there are several"),
    Placeholder.INVOICE_NUMBER: N_("Number of the invoice"),
    Placeholder.TITLE: N_("What the invoice is for"),
    Placeholder.AMOUNT: N_("Amount of the invoice"),
    Placeholder.OPEN: N_("What is open today, with everything that was added or paid"),
    Placeholder.COUNT: N_("How many invoices are open"),
    Placeholder.PAY_BY: N_("The day until which the amount holds, with the weekday"),
    Placeholder.PERSON: N_("Name of the person who gets the letter"),
    Placeholder.FIRM: N_("Name of your firm"),
    Placeholder.CONTACT: N_("Name of the contact person"),
}
PROBLEMS: Mapping[TextProblem, str] = {
    TextProblem.UNKNOWN_PLACEHOLDER: N_("Line %(line)s, sign %(sign)s: «%(what)s» is not one of the placeholders."),
    TextProblem.EMPTY_PLACEHOLDER: N_("Line %(line)s, sign %(sign)s: nothing stands between the braces."),
    TextProblem.LONE_BRACE: N_("Line %(line)s, sign %(sign)s: this brace has no partner."),
    TextProblem.SIGN: N_("Line %(line)s, sign %(sign)s: «%(what)s» can't be printed right."),
    TextProblem.TOO_LONG: N_("This is longer than page 1 has room for: at most %(what)s characters."),
    TextProblem.TOO_MANY_LINES: N_("This is longer than page 1 has room for: at most %(what)s lines."),
    TextProblem.NO_SUM: N_("The letter has to say how much it is about. Use %(what)s."),
}
LOGO_PROBLEMS: Mapping[LogoProblem, str] = {
    LogoProblem.TYPE: N_("Take a picture that is a JPEG or a PNG."),
    LogoProblem.TOO_BIG: N_("This picture is larger than 2 MB. Save it smaller and take it again."),
    LogoProblem.BROKEN: N_("This picture can't be opened. Save it once more as a JPEG or a PNG."),
    LogoProblem.TOO_DETAILED: N_("This picture is too large for a letterhead. 1200 pixels in width are enough."),
    LogoProblem.LATER: N_("The picture can't be checked at the moment. Try again in a few minutes."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    Part: PARTS,
    Placeholder: PLACEHOLDERS,
    TextProblem: PROBLEMS,
    LogoProblem: LOGO_PROBLEMS,
}
