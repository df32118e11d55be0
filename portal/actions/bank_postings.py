"""What happens in the ledger with money from the bank: it waits, finds its claim, leaves, or is taken back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.claims import after_money
from portal.actions.history import move
from portal.actions.ledger import Cause, book_payment, reverse, use_credit
from portal.rules.bank import MOVES, BankState, Why
from portal.rules.history import Actor, MoveNotAllowed
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.store.bank import BankTransaction
from portal.store.bank_desk import count_unmatched
from portal.store.claims import Claim
from portal.store.ledger import EntryRow, LineRow, entry_by_key, write
from portal.store.settings import Creditor
from portal.store.today import Task

#: The task that stands in Today while money waits.
WAITS = "bank_waiting"


def shift(row: BankTransaction, to: BankState) -> None:
    """Set the row's status if its table of moves allows it; Raises MoveNotAllowed, which becomes the 409 page."""
    if (BankState(row.status), to) not in MOVES:
        raise MoveNotAllowed("bank", row.status, to)
    row.status = to.value


def key_of(row: BankTransaction, effect: str) -> str:
    """The key of one effect of this money; a decision that was taken back begins a new round."""
    return f"bank {row.id}:{row.rounds}:{effect}"


def cause_of(row: BankTransaction, effect: str) -> Cause:
    return Cause(CauseType.BANK, row.id, key_of(row, effect), NoteCode.BANK_TRANSFER)


def wait(session: Session, row: BankTransaction, why: Why, *, now: datetime) -> None:
    """The money is in the books and waits for its owner, visibly, until somebody says whose it is."""
    row.why = why.value
    if row.status != BankState.UNMATCHED:
        shift(row, BankState.UNMATCHED)
    post_waiting(session, row, now=now, effect="waits", sign=1)


def stop_waiting(session: Session, row: BankTransaction, *, now: datetime) -> None:
    """The money does not wait any more; what becomes of it is written by whoever calls this."""
    post_waiting(session, row, now=now, effect="found", sign=-1)


def post_waiting(session: Session, row: BankTransaction, *, now: datetime, effect: str, sign: int) -> None:
    """Between the bank and what waits, as of the money's value date; a debit runs the other way."""
    write(session, [waiting_entry(row, now=now, effect=effect, sign=sign)])


def waiting_entry(row: BankTransaction, *, now: datetime, effect: str, sign: int) -> EntryRow:
    """The entry that makes money wait (1), or wait no more (-1)."""
    minor = row.amount_minor * sign * (1 if row.credit else -1)
    cause = cause_of(row, effect)
    return EntryRow(
        creditor_id=row.creditor_id,
        claim_id=None,
        kind=EntryKind.SUSPENSE,
        effective_on=row.value_on,
        recorded_at=now,
        cause_type=cause.type,
        cause_id=cause.id,
        idem_key=cause.key,
        lines=(
            LineRow(AccountKind.BANK_CLEARING, minor, row.currency),
            LineRow(AccountKind.SUSPENSE, -minor, row.currency),
        ),
    )


def put_on_claim(
    session: Session,
    row: BankTransaction,
    claim: Claim,
    creditor: Creditor,
    *,
    actor: Actor,
    now: datetime,
    today: date,
) -> None:
    """The money stands on the claim with its value date, and what follows from it has followed.

    The claim's lock is held by the caller. An announced payment has arrived with it.
    """
    if row.status == BankState.UNMATCHED:
        stop_waiting(session, row, now=now)
    row.claim_id, row.why = claim.id, None
    shift(row, BankState.BOOKED)
    book_payment(
        session, claim, row.money,
        clearing=AccountKind.BANK_CLEARING,
        value_on=row.value_on,
        cause=cause_of(row, "booked"),
        actor=actor,
        now=now,
        today=today,
        method=NoteCode.BANK_TRANSFER.value,
        reference=row.identity,
    )  # fmt: skip
    claim.announced_until = None
    after_money(session, claim, creditor, value_on=row.value_on, actor=actor, now=now, today=today)


def take_off_claim(
    session: Session,
    row: BankTransaction,
    claim: Claim,
    creditor: Creditor,
    *,
    on: date | None,
    to: BankState,
    actor: Actor,
    now: datetime,
    today: date,
) -> None:
    """The money is off the claim again as of that day, and the claim is open where it had paid it.

    Without a day it never belonged there, and counts on no day.
    """
    entry = entry_by_key(session, row.creditor_id, key_of(row, "booked"))
    if entry is None:
        raise MoveNotAllowed("bank", row.status, to)
    reverse(session, claim, entry, cause_of(row, "reversed"), now=now, on=on)
    move(session, row, to, MOVES, claim=claim, actor=actor, now=now, amount=row.money, value_on=on or row.value_on)
    use_credit(session, claim, cause=cause_of(row, "credit"), now=now, on=on or today)
    after_money(session, claim, creditor, value_on=on or today, actor=actor, now=now, today=today)


def waiting_task(session: Session, creditor_id: UUID, *, now: datetime) -> None:
    """While money waits, one task in Today says how many amounts; without any it is done."""
    session.flush()
    count = count_unmatched(session, creditor_id)
    task = session.scalar(
        select(Task).where(Task.creditor_id == creditor_id, Task.kind == WAITS, Task.done_at.is_(None)).limit(1)
    )
    if task is None and count:
        task = Task(creditor_id=creditor_id, kind=WAITS, since=now)
        session.add(task)
    if task is not None:
        task.details = {"count": count}
        task.done_at = None if count else now
