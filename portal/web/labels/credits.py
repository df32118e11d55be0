"""How does moving a credit read when something stands against it?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.credits import CreditProblem
from portal.web.i18n import N_

PROBLEMS = {
    CreditProblem.CLAIM_MISSING: N_("Choose the case that the credit pays."),
    CreditProblem.AMOUNT_MISSING: N_("Enter the amount that is moved, for example 100.00"),
    CreditProblem.MORE_THAN_CREDIT: N_("That is more than the credit on this case. Enter a smaller amount."),
    CreditProblem.MORE_THAN_OPEN: N_("That is more than is open on the other case. Enter a smaller amount."),
    CreditProblem.MOVED_BACK: N_("This has been moved back already."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {CreditProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    CreditProblem: {
        CreditProblem.CLAIM_MISSING: "to",
        CreditProblem.AMOUNT_MISSING: "amount",
        CreditProblem.MORE_THAN_CREDIT: "amount",
        CreditProblem.MORE_THAN_OPEN: "amount",
        CreditProblem.MOVED_BACK: "",
    }
}
