"""What happens to our refunds when the provider says how far each of them got?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.history import move
from portal.gateways.stripe import RefundState
from portal.rules.history import system
from portal.rules.money import Money
from portal.rules.refunds import MOVES, RefundStatus, status_said
from portal.store.claims import Claim
from portal.store.refunds import Refund, refunds_of_attempt
from portal.store.today import Task

#: The desk is told once when money that was promised did not arrive.
FAILED_TASK = "refund_failed"


def agree(session: Session, claim: Claim, attempt_id: UUID, said: Sequence[RefundState], *, now: datetime) -> None:
    """Each refund of this payment stands where the provider says; what it has never heard of stays as it is.

    The claim's lock is held by the caller, who books the money in the same transaction.
    """
    known = {str(row.id): row for row in refunds_of_attempt(session, claim.creditor_id, attempt_id)} if said else {}
    for one in said:
        row = known.get(one.ours or "")
        if row is not None:
            row.provider_id, row.failure = one.id, one.failure
            _follow(session, claim, row, status_said(one.status), now=now)


def _follow(session: Session, claim: Claim, row: Refund, new: RefundStatus, *, now: datetime) -> None:
    old = RefundStatus(row.status)
    if old is new or (old, new) not in MOVES:
        return
    amount = Money(row.amount_minor, row.currency)
    move(session, row, new, MOVES, claim=claim, actor=system("payment provider"), now=now, amount=amount)
    if new is RefundStatus.FAILED and old is not RefundStatus.SUCCEEDED:  # else the counter entry makes the task
        failed_task(session, row, now=now)


def failed_task(session: Session, row: Refund, *, now: datetime) -> None:
    """The desk has a task: the money is still here, and the debtor waits for it (F22)."""
    details = {"minor": row.amount_minor, "currency": row.currency}
    session.add(
        Task(
            creditor_id=row.creditor_id, claim_id=row.claim_id, kind=FAILED_TASK, subject_id=row.id, details=details,
            since=now,
        )
    )  # fmt: skip
