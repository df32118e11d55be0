"""What may a creditor's account at the payment provider do, said in one word?"""

from __future__ import annotations

from enum import StrEnum


class ConnectionStatus(StrEnum):
    NONE = "none"
    NOT_LOOKED_AT = "not_looked_at"
    READY = "ready"
    PAYOUTS_HELD = "payouts_held"
    TRANSFER_ONLY = "transfer_only"
    CLOSED = "closed"
    DOWN = "down"


class ConnectionProblem(StrEnum):
    """Why there was no answer about an account: none came, or the account is not open to us any more."""

    DOWN = "down"
    CLOSED = "closed"


def status_of(*, charges: bool, payouts: bool, problem: str) -> ConnectionStatus:
    """Say what the last look at an account has found."""
    if problem:
        return ConnectionStatus(problem)
    if not charges:
        return ConnectionStatus.TRANSFER_ONLY
    return ConnectionStatus.READY if payouts else ConnectionStatus.PAYOUTS_HELD
