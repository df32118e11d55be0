"""How does an account at the payment provider read: what it may do, and what the provider still wants to know?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.connections import ConnectionProblem, ConnectionStatus
from portal.web.i18n import N_

STATUSES = {
    ConnectionStatus.NONE: N_("There is no account at the payment provider. Debtors pay by bank transfer."),
    ConnectionStatus.NOT_LOOKED_AT: N_("Nobody has looked at the account yet."),
    ConnectionStatus.READY: N_("Debtors can pay right away, and the money is paid out to you."),
    ConnectionStatus.PAYOUTS_HELD: N_(
        "Debtors can pay right away, but the provider holds the money back. It still wants to know something from you."
    ),
    ConnectionStatus.TRANSFER_ONLY: N_(
        "The account takes no payments at the moment. The payment page offers the bank transfer only."
    ),
    ConnectionStatus.CLOSED: N_(
        "The account is not connected any more. The payment page offers the bank transfer only."
    ),
    ConnectionStatus.DOWN: N_("The provider did not answer. What stands below is from the time before."),
}
PROBLEMS = {
    ConnectionProblem.DOWN: N_("The provider does not answer at the moment. Try again in a few minutes."),
    ConnectionProblem.CLOSED: N_("The provider has refused this. Call it, or look into your account there."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {ConnectionStatus: STATUSES, ConnectionProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    ConnectionProblem: {ConnectionProblem.DOWN: "", ConnectionProblem.CLOSED: ""},
}
