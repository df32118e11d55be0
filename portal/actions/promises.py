"""What happens to the creditor's promise when somebody waits for an answer, and when the answer is there."""

from __future__ import annotations

from datetime import date, datetime

from portal.store.claims import Claim


def now_waits(claim: Claim, *, now: datetime, promised_on: date) -> None:
    """The debtor waits from now on unless he waited before; an earlier promise stands."""
    if claim.waiting_since is None:
        claim.waiting_since = now
        claim.promised_on = promised_on


def answered(claim: Claim, *, now: datetime) -> None:
    """A person answered: nobody waits for the creditor any more, and the debtor has something to read."""
    claim.waiting_since = None
    claim.promised_on = None
    claim.answered_at = now
