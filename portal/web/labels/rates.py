"""How does entering a rate of the law read: what is missing or wrong, and on which field?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.rates import RateProblem
from portal.web.i18n import N_

PROBLEMS: Mapping[RateProblem, str] = {
    RateProblem.TABLE_MISSING: N_("Choose which rate it is."),
    RateProblem.FROM_MISSING: N_("Enter the first day of the rate, for example %(example)s"),
    RateProblem.LAST_MISSING: N_("Enter the last day of the rate, for example %(example)s"),
    RateProblem.LAST_BEFORE_FROM: N_("The last day lies before the first one."),
    RateProblem.TOO_LONG: N_("Enter at most three years at once."),
    RateProblem.KNOWN_ALREADY: N_("The portal knows the rate of this first day already."),
    RateProblem.PERCENT_UNREADABLE: N_("Enter the rate in percent a year, for example 6.27"),
    RateProblem.SOURCE_MISSING: N_("Say where the rate is published."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {RateProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    RateProblem: {
        RateProblem.TABLE_MISSING: "table",
        RateProblem.FROM_MISSING: "first",
        RateProblem.LAST_MISSING: "last",
        RateProblem.LAST_BEFORE_FROM: "last",
        RateProblem.TOO_LONG: "last",
        RateProblem.KNOWN_ALREADY: "first",
        RateProblem.PERCENT_UNREADABLE: "percent",
        RateProblem.SOURCE_MISSING: "source",
    }
}
