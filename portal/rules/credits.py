"""What stands against moving a debtor's credit from one case to another of the same person?"""

from __future__ import annotations

from enum import StrEnum

from portal.rules.money import Money


class CreditProblem(StrEnum):
    CLAIM_MISSING = "claim_missing"
    AMOUNT_MISSING = "amount_missing"
    MORE_THAN_CREDIT = "more_than_credit"
    MORE_THAN_OPEN = "more_than_open"
    MOVED_BACK = "moved_back"


def problems(amount: Money | None, credit: Money, still_open: Money | None) -> list[CreditProblem]:
    """Say everything that stands against moving this much; None as `still_open` means that no case was chosen."""
    found = [CreditProblem.CLAIM_MISSING] if still_open is None else []
    if amount is None or amount.minor <= 0:
        return [*found, CreditProblem.AMOUNT_MISSING]
    if amount > credit:
        found.append(CreditProblem.MORE_THAN_CREDIT)
    elif still_open is not None and amount > still_open:
        found.append(CreditProblem.MORE_THAN_OPEN)
    return found
