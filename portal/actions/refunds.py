"""What happens when money goes back: asked for, agreed by a second person, sent once, and followed to its end."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions import jobs
from portal.actions.claims import after_money
from portal.actions.convergence import StillMoving, converge
from portal.actions.history import move, record
from portal.actions.ledger import Cause, give_back, reverse, use_credit
from portal.actions.refund_states import failed_task
from portal.actions.waivers import limits_of
from portal.gateways.stripe import StripeDown, StripeGateway, StripeRefused
from portal.rules.access import refund_needs_second
from portal.rules.history import Actor, EventKind, MoveNotAllowed, system
from portal.rules.jobs import JobKind
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.rules.refunds import (
    MOVES,
    UNDER_WAY,
    RefundProblem,
    RefundReason,
    RefundStatus,
    RefundWay,
    problems,
)
from portal.store.claims import Claim, lock
from portal.store.database import Database
from portal.store.ledger import entry_by_key
from portal.store.payments import attempt_by_id
from portal.store.refunds import Refund, alone_by, credit_from, credit_left, refund_at, refund_by_id, returnable
from portal.store.settings import Creditor

log = logging.getLogger("portal.payments")

#: A refund that the provider has taken but not finished is looked at again after this time.
LOOKED_AT_AGAIN = timedelta(hours=6)
PROVIDER = system("payment provider")


class RefundRefused(Exception):
    """This can't go back; `problems` names every reason."""

    def __init__(self, problems: list[RefundProblem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Wish:
    """What a clerk wants to give back: how much, which way, of which payment, why, and for a transfer its day."""

    way: RefundWay | None
    attempt_id: UUID | None
    amount: Money | None
    reason: RefundReason | None
    value_on: date | None = None


def left_in_all(session: Session, claim: Claim) -> int:
    """What the page shows as still returnable, payments and credit together; the sum that `seen` names."""
    return sum(one.left_minor for one in returnable(session, claim)) + credit_left(session, claim)


def ask(
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
) -> Refund:
    """The refund is on its way, or above the limit waits for a second person; the same `op` gives the same refund.

    Never more than the payment has left (L5, under the claim's lock). Raises RefundRefused, and MoveNotAllowed where
    the sum that was seen is another one now.
    """
    lock(session, claim.creditor_id, claim.id)
    identity = uuid5(claim.id, str(op))
    known = refund_at(session, claim.creditor_id, claim.id, identity)
    if known is not None:
        return known
    if seen_minor != left_in_all(session, claim) or actor.clerk_id is None:
        raise MoveNotAllowed("refund", "seen", "changed")
    stated = _problems(session, claim, wish, today=today)
    if stated or wish.way is None or wish.amount is None or wish.reason is None:
        raise RefundRefused(stated)
    so_far = alone_by(session, claim, actor.clerk_id)
    alone = not refund_needs_second(so_far + wish.amount.minor, limits_of(creditor))
    row = Refund(
        id=identity,
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        attempt_id=wish.attempt_id if wish.way is RefundWay.ORIGINAL else None,
        way=wish.way.value,
        status="",
        amount_minor=wish.amount.minor,
        currency=wish.amount.currency,
        reason=wish.reason.value,
        value_on=wish.value_on if wish.way is RefundWay.TRANSFER else None,
        alone=alone,
        requested_by=actor.clerk_id,
        requested_at=now,
    )
    if not alone:
        move(
            session,
            row,
            RefundStatus.REQUESTED,
            MOVES,
            claim=claim,
            actor=actor,
            now=now,
            amount=wish.amount,
            reason=wish.reason,
        )
        return row
    row.decided_by, row.decided_at = actor.clerk_id, now
    _release(session, claim, creditor, row, actor=actor, now=now, today=today)
    return row


def approve(
    session: Session, claim: Claim, creditor: Creditor, row: Refund, *, actor: Actor, now: datetime, today: date
) -> None:
    """A second person has agreed, and the money goes back; asked twice by the same person it is agreed once."""
    lock(session, claim.creditor_id, claim.id)
    session.refresh(row)
    if row.status != RefundStatus.REQUESTED and row.decided_by == actor.clerk_id:
        return
    if row.requested_by == actor.clerk_id:
        raise RefundRefused([RefundProblem.OWN_REQUEST])
    wish = Wish(RefundWay(row.way), row.attempt_id, _amount(row), RefundReason(row.reason), row.value_on)
    if stated := _problems(session, claim, wish, today=today, besides=row.id):
        raise RefundRefused(stated)
    row.decided_by, row.decided_at = actor.clerk_id, now
    _release(session, claim, creditor, row, actor=actor, now=now, today=today)


def decline(session: Session, claim: Claim, row: Refund, *, actor: Actor, now: datetime) -> None:
    """Nothing goes back: the second person says no, or the first one has changed his mind."""
    lock(session, claim.creditor_id, claim.id)
    session.refresh(row)
    if row.status == RefundStatus.DECLINED:
        return
    row.decided_by, row.decided_at = actor.clerk_id, now
    move(session, row, RefundStatus.DECLINED, MOVES, claim=claim, actor=actor, now=now, amount=_amount(row))


def take_back(
    session: Session, claim: Claim, creditor: Creditor, row: Refund, *, actor: Actor, now: datetime, today: date
) -> None:
    """The transfer was not made after all: the mirror of its entry stands in the ledger, once."""
    lock(session, claim.creditor_id, claim.id)
    session.refresh(row)
    entry = entry_by_key(session, claim.creditor_id, _key(row))
    if row.status == RefundStatus.REVERSED or entry is None:
        raise RefundRefused([RefundProblem.ALREADY_REVERSED])
    cause = Cause(CauseType.REFUND, row.id, f"{_key(row)}:reversed", NoteCode.MISTAKE)
    reverse(session, claim, entry, cause, now=now, on=None)
    move(session, row, RefundStatus.REVERSED, MOVES, claim=claim, actor=actor, now=now, amount=_amount(row))
    settled_by = Cause(CauseType.REFUND, row.id, f"{_key(row)}:credit")
    use_credit(session, claim, cause=settled_by, now=now, on=today)
    after_money(session, claim, creditor, value_on=today, actor=actor, now=now, today=today)


def ask_again(session: Session, row: Refund, *, op: UUID, now: datetime) -> None:
    """The worker asks the provider again at once, under the same key."""
    if RefundStatus(row.status) in UNDER_WAY and row.way == RefundWay.ORIGINAL:
        jobs.enqueue(session, JobKind.REFUND, f"refund {row.id} again {op}", {"refund_id": str(row.id)}, now=now)


def send(database: Database, stripe: StripeGateway, refund_id: UUID, *, now: datetime) -> None:
    """The provider has made this refund, once, however often it is asked; or has said why it can't.

    It is looked for before it is asked for, because a key is forgotten after 24 hours, and a list never. Raises
    StripeDown where the provider does not say: the refund is `unknown` then, and is asked for again under the same key.
    """
    with database.reading() as session:
        row = refund_by_id(session, refund_id)
        attempt = attempt_by_id(session, row.attempt_id) if row is not None and row.attempt_id is not None else None
    if row is None or attempt is None or attempt.pi_id is None or RefundStatus(row.status) not in UNDER_WAY:
        return
    try:
        if row.sent_at is not None and _found(database, stripe, refund_id, attempt.id, now=now):
            return
    except StripeRefused as refused:  # whether it was made can't be known without the list
        raise StripeDown(refused.code) from refused
    _begin(database, refund_id, now=now)
    try:
        made = stripe.create_refund(
            account=attempt.stripe_account, pi_id=attempt.pi_id, refund_id=refund_id, amount=_amount(row)
        )
    except StripeRefused as refused:
        _give_up(database, refund_id, refused.code, now=now)
        return
    except StripeDown:
        _unknown(database, refund_id, now=now)
        raise
    _keep(database, refund_id, made.id)
    _found(database, stripe, refund_id, attempt.id, now=now)


def _found(database: Database, stripe: StripeGateway, refund_id: UUID, attempt_id: UUID, *, now: datetime) -> bool:
    """Whether the provider knows this refund; its money is booked as far as it has moved."""
    try:
        converge(database, stripe, attempt_id, now=now)
    except StillMoving as moving:
        raise StripeDown("still moving") from moving
    with database.writing() as session:
        row = refund_by_id(session, refund_id)
        if row is None or row.provider_id is None:
            return False
        if RefundStatus(row.status) in UNDER_WAY:
            when = now + LOOKED_AT_AGAIN
            key = f"refund {refund_id} {when:%Y-%m-%dT%H}"
            jobs.enqueue(session, JobKind.REFUND, key, {"refund_id": str(refund_id)}, now=now, run_at=when)
    return True


def _begin(database: Database, refund_id: UUID, *, now: datetime) -> None:
    with database.writing() as session:
        row, claim = _locked(session, refund_id)
        row.sent_at = row.sent_at or now
        if row.status == RefundStatus.APPROVED:
            move(session, row, RefundStatus.SENT, MOVES, claim=claim, actor=PROVIDER, now=now)


def _keep(database: Database, refund_id: UUID, provider_id: str) -> None:
    with database.writing() as session:
        row, _claim = _locked(session, refund_id)
        row.provider_id = provider_id


def _unknown(database: Database, refund_id: UUID, *, now: datetime) -> None:
    with database.writing() as session:
        row, claim = _locked(session, refund_id)
        if row.status == RefundStatus.SENT and row.provider_id is None:
            move(session, row, RefundStatus.UNKNOWN, MOVES, claim=claim, actor=PROVIDER, now=now, amount=_amount(row))


def _give_up(database: Database, refund_id: UUID, code: str, *, now: datetime) -> None:
    log.warning("a refund was refused by the provider: %s", code)
    with database.writing() as session:
        row, claim = _locked(session, refund_id)
        if RefundStatus(row.status) in UNDER_WAY and row.provider_id is None:
            row.failure = code[:200]
            move(session, row, RefundStatus.FAILED, MOVES, claim=claim, actor=PROVIDER, now=now, amount=_amount(row))
            failed_task(session, row, now=now)


def _locked(session: Session, refund_id: UUID) -> tuple[Refund, Claim]:
    unlocked = refund_by_id(session, refund_id)
    if unlocked is None:
        raise MoveNotAllowed("refund", None, "sent")
    claim = lock(session, unlocked.creditor_id, unlocked.claim_id)
    session.refresh(unlocked)
    return unlocked, claim


def _release(
    session: Session, claim: Claim, creditor: Creditor, row: Refund, *, actor: Actor, now: datetime, today: date
) -> None:
    """Agreed: a transfer is booked now, everything else is the worker's, outside of any lock (`decisions.md` 15)."""
    move(
        session,
        row,
        RefundStatus.APPROVED,
        MOVES,
        claim=claim,
        actor=actor,
        now=now,
        amount=_amount(row),
        reason=row.reason,
    )
    if row.way == RefundWay.ORIGINAL:
        jobs.enqueue(session, JobKind.REFUND, f"refund {row.id}", {"refund_id": str(row.id)}, now=now)
        return
    day = row.value_on or today
    cause = Cause(CauseType.REFUND, row.id, _key(row), NoteCode.BANK_TRANSFER)
    give_back(
        session,
        claim,
        _amount(row),
        kind=EntryKind.REFUND,
        clearing=AccountKind.BANK_CLEARING,
        cause=cause,
        now=now,
        on=day,
    )
    move(session, row, RefundStatus.SUCCEEDED, MOVES, claim=claim, actor=actor, now=now)
    record(
        session,
        claim,
        EventKind.PAYMENT_REFUNDED,
        actor=actor,
        now=now,
        subject="refund",
        subject_id=row.id,
        amount=_amount(row),
        value_on=day,
    )
    after_money(session, claim, creditor, value_on=today, actor=actor, now=now, today=today)


def _problems(
    session: Session, claim: Claim, wish: Wish, *, today: date, besides: UUID | None = None
) -> list[RefundProblem]:
    there = None
    if wish.way is RefundWay.TRANSFER and wish.value_on is not None:
        there = Money(credit_from(session, claim, wish.value_on), claim.currency)
    left = _left(session, claim, wish, besides=besides)
    return problems(wish.way, wish.amount, left, wish.reason, wish.value_on, today=today, on_the_day=there)


def _left(session: Session, claim: Claim, wish: Wish, *, besides: UUID | None = None) -> Money | None:
    if wish.way is RefundWay.TRANSFER:
        return Money(credit_left(session, claim, besides=besides), claim.currency)
    found = [one for one in returnable(session, claim, besides=besides) if one.attempt.id == wish.attempt_id]
    return Money(found[0].left_minor, claim.currency) if found else None


def _amount(row: Refund) -> Money:
    return Money(row.amount_minor, row.currency)


def _key(row: Refund) -> str:
    return f"refund {row.id}"
