"""Which words name what a comparison of the books has found, and what there is to do about it?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.reconciliation import FindingKind, Loop
from portal.web.i18n import N_

FINDINGS: Mapping[FindingKind, str] = {
    FindingKind.FOREIGN_MONEY: N_("Money at Stripe that fits no payment of ours"),
    FindingKind.DIFFERENCE: N_("A payment stands otherwise in Stripe's books"),
    FindingKind.OTHER_MOVEMENT: N_("Stripe moved money that is no payment and no fee"),
    FindingKind.PAYOUT_SUM: N_("A payout is not the sum of its parts"),
    FindingKind.PAYOUT_FAILED: N_("The bank sent a payout back"),
    FindingKind.PAYOUT_NOT_SEEN: N_("A payout was not seen on the bank account"),
    FindingKind.LEDGER_RULE: N_("The ledger breaks one of its rules"),
    FindingKind.FILE_MISSING: N_("A stored file can't be read any more"),
}
TO_DO: Mapping[FindingKind, str] = {
    FindingKind.FOREIGN_MONEY: N_("Look it up at Stripe. It waits in suspense and changes no claim."),
    FindingKind.DIFFERENCE: N_("Often a refund under way. This goes by itself when both say the same again."),
    FindingKind.OTHER_MOVEMENT: N_("Look it up at Stripe. It waits in suspense and changes no claim."),
    FindingKind.PAYOUT_SUM: N_("Ask Stripe which movements belong to this payout."),
    FindingKind.PAYOUT_FAILED: N_("The money is at Stripe again. Check the bank account that is entered there."),
    FindingKind.PAYOUT_NOT_SEEN: N_("Read in the bank's latest file, or ask the bank where the payout is."),
    FindingKind.LEDGER_RULE: N_("Tell whoever runs the portal; the log names the row."),
    FindingKind.FILE_MISSING: N_("Tell whoever runs the portal; the person is asked to send the file again."),
}
LOOPS: Mapping[Loop, str] = {
    Loop.EVENTS: N_("Messages from Stripe"),
    Loop.BALANCE: N_("Movements at Stripe and payouts"),
    Loop.LEDGER: N_("Rules of our own ledger"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {FindingKind: FINDINGS, Loop: LOOPS}

#: How far a payout got, in Stripe's words for its states.
PAYOUTS: Mapping[str, str] = {
    "pending": N_("planned"),
    "in_transit": N_("on its way"),
    "paid": N_("sent"),
    "failed": N_("sent back"),
    "canceled": N_("called off"),
}
