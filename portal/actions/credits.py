"""What happens when a debtor's credit moves from one case to another of the same person, and back?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.claims import after_money
from portal.actions.history import record
from portal.actions.ledger import Cause, book_payment, give_back, reverse, use_credit
from portal.rules.credits import CreditProblem, problems
from portal.rules.history import Actor, EventKind, MoveNotAllowed
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock_all
from portal.store.credits import Moved, credit_since, key_of, moves_of, takers_of
from portal.store.ledger import entry_by_key
from portal.store.refunds import credit_left
from portal.store.settings import Creditor


@dataclass(frozen=True, slots=True)
class Wish:
    """Which case gets how much of the credit."""

    to_id: UUID | None
    amount: Money | None


def problems_of(session: Session, claim: Claim, wish: Wish, *, today: date) -> list[CreditProblem]:
    """Say everything that stands against this move now."""
    to = next((one for one in takers_of(session, claim) if one.id == wish.to_id), None)
    still_open = claim_sum(session, to, on=today).open if to is not None else None
    return problems(wish.amount, Money(credit_left(session, claim), claim.currency), still_open)


def move_credit(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    wish: Wish,
    *,
    op: UUID,
    seen_minor: int | None,
    actor: Actor,
    now: datetime,
    today: date,
) -> list[CreditProblem]:
    """This much of the credit pays the other case, since the day on which both were there; or all reasons against.

    Both cases' timelines say so. The same `op` again changes nothing. Raises MoveNotAllowed where the credit is not the
    one that was seen.
    """
    takers = {one.id for one in takers_of(session, claim)}
    locked = lock_all(session, claim.creditor_id, {claim.id} | ({wish.to_id} & takers if wish.to_id else set()))
    identity = uuid5(claim.id, str(op))
    if entry_by_key(session, claim.creditor_id, key_of(identity, "from")) is not None:
        return []
    if seen_minor != credit_left(session, claim) or actor.clerk_id is None:
        raise MoveNotAllowed("credit", "seen", "changed")
    found = problems_of(session, claim, wish, today=today)
    to = next((one for one in locked if one.id == wish.to_id), None)
    if found or to is None or wish.amount is None:
        return found
    day = min(today, max(credit_since(session, claim, wish.amount.minor, today), to.due_on))
    give_back(
        session, claim, wish.amount, kind=EntryKind.REFUND, clearing=AccountKind.CREDITOR_PAYABLE,
        cause=Cause(CauseType.CLAIM, to.id, key_of(identity, "from")), now=now, on=day,
    )  # fmt: skip
    record(
        session, claim, EventKind.CREDIT_MOVED, actor=actor, now=now, subject="claim", subject_id=to.id,
        amount=wish.amount, value_on=day,
    )  # fmt: skip
    book_payment(
        session, to, wish.amount, clearing=AccountKind.CREDITOR_PAYABLE, value_on=day,
        cause=Cause(CauseType.CLAIM, claim.id, key_of(identity, "to")), actor=actor, now=now, today=today,
        told=EventKind.CREDIT_CAME,
    )  # fmt: skip
    for one in (claim, to):
        after_money(session, one, creditor, value_on=day, actor=actor, now=now, today=today)
    return []


def move_back(
    session: Session, claim: Claim, creditor: Creditor, moved: Moved, *, actor: Actor, now: datetime, today: date
) -> list[CreditProblem]:
    """The move counts on no day: the credit is on its case again, and the other is open where it was paid by it."""
    both = {one.id: one for one in lock_all(session, claim.creditor_id, {claim.id, moved.to_id})}
    current = next((one for one in moves_of(session, claim) if one.id == moved.id), None)
    if current is None or current.back:
        return [CreditProblem.MOVED_BACK]
    amount = Money(moved.minor, claim.currency)
    for side, here, there in (("to", both[moved.to_id], claim), ("from", both[claim.id], both[moved.to_id])):
        entry = entry_by_key(session, claim.creditor_id, key_of(moved.id, side))
        if entry is None:
            return [CreditProblem.MOVED_BACK]
        cause = Cause(CauseType.CLAIM, there.id, f"{entry.idem_key}:reversed")
        reverse(session, here, entry, cause, now=now, on=None)
        record(
            session, here, EventKind.CREDIT_MOVED_BACK, actor=actor, now=now, subject="claim", subject_id=there.id,
            amount=amount,
        )  # fmt: skip
        used = Cause(CauseType.CLAIM, there.id, f"{entry.idem_key}:credit")
        use_credit(session, here, cause=used, now=now, on=today)
        after_money(session, here, creditor, value_on=today, actor=actor, now=now, today=today)
    return []
