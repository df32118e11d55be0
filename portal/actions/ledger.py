"""What happens in the ledger when money is claimed, paid, dropped or given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.rules.allocation import PositionOpen, allocate
from portal.rules.claims import ALLOCATION_ORDER, INTEREST_KINDS, PositionKind
from portal.rules.history import Actor, EventKind
from portal.rules.ledger import ClaimSum
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, Position
from portal.store.ledger import Entry, EntryRow, LineRow, credit_of, lines_of, write
from portal.store.plans import covered_while_running
from portal.store.today import Task


@dataclass(frozen=True, slots=True)
class Cause:
    """Why money moved: what kind of fact, which one, and the key that makes it happen once."""

    type: CauseType
    id: UUID
    key: str
    note: NoteCode | None = None


INCOME: dict[PositionKind, AccountKind] = {
    PositionKind.PRINCIPAL: AccountKind.PRINCIPAL_INCOME,
    PositionKind.CONTRACT_INTEREST: AccountKind.INTEREST_INCOME,
    PositionKind.DEFAULT_INTEREST: AccountKind.INTEREST_INCOME,
}


def open_lines(session: Session, claim: Claim, positions: Sequence[Position], *, now: datetime, today: date) -> None:
    """The claim's lines stand in the ledger with what was claimed; interest follows when a fact fixes it."""
    rows = []
    for position in positions:
        if position.claimed_minor == 0:
            continue
        kind = PositionKind(position.kind)
        rows.append(
            EntryRow(
                creditor_id=claim.creditor_id,
                claim_id=claim.id,
                kind=EntryKind.CLAIMED,
                effective_on=position.due_on,
                recorded_at=now,
                cause_type=CauseType.CLAIM,
                cause_id=claim.id,
                idem_key=f"position {position.id}:claimed",
                lines=(
                    _receivable(claim, position.id, position.claimed_minor),
                    LineRow(INCOME.get(kind, AccountKind.FEE_INCOME), -position.claimed_minor, claim.currency),
                ),
            )
        )
    write(session, rows)


def post_interest(session: Session, claim: Claim, total: ClaimSum, cause: Cause, *, now: datetime, on: date) -> None:
    """The interest that has accrued by this day stands in the ledger; called when a fact fixes the sum."""
    rows = []
    for line in total.lines:
        due = line.claimed - line.position.claimed - line.posted_interest
        if line.position.kind in INTEREST_KINDS and due.minor > 0:
            rows.append(
                EntryRow(
                    creditor_id=claim.creditor_id,
                    claim_id=claim.id,
                    kind=EntryKind.INTEREST,
                    effective_on=on,
                    recorded_at=now,
                    cause_type=cause.type,
                    cause_id=cause.id,
                    idem_key=f"{cause.key}:interest:{line.position.id}",
                    lines=(
                        _receivable(claim, line.position.id, due.minor),
                        LineRow(AccountKind.INTEREST_INCOME, -due.minor, claim.currency),
                    ),
                )
            )
    write(session, rows)


def book_payment(
    session: Session,
    claim: Claim,
    amount: Money,
    *,
    clearing: AccountKind,
    value_on: date,
    cause: Cause,
    actor: Actor,
    now: datetime,
    today: date,
    declared: Sequence[UUID] | None = None,
    method: str | None = None,
) -> Money:
    """The money stands on the claim line by line, and what is too much on the debtor's credit, which is returned.

    The claim's lock is held by the caller. The same cause booked again changes nothing.
    """
    total = claim_sum(session, claim, on=value_on)
    post_interest(session, claim, total, cause, now=now, on=value_on)
    spread = allocate(
        amount,
        _open_positions(total),
        order=ALLOCATION_ORDER,
        declared=declared or covered_while_running(session, claim.creditor_id, claim.id),
    )
    lines = [LineRow(clearing, amount.minor, claim.currency)]
    lines += [_receivable(claim, position, -part.minor) for position, part in spread.lines]
    if spread.rest.minor:
        lines.append(
            LineRow(AccountKind.DEBTOR_CREDIT, -spread.rest.minor, claim.currency, claim_id=claim.id)
        )
    added = write(
        session,
        [
            EntryRow(
                creditor_id=claim.creditor_id,
                claim_id=claim.id,
                kind=EntryKind.PAYMENT,
                effective_on=value_on,
                recorded_at=now,
                cause_type=cause.type,
                cause_id=cause.id,
                idem_key=cause.key,
                lines=tuple(lines),
                note_code=cause.note,
            )
        ],
    )
    if not added:
        return Money.zero(claim.currency)
    record(
        session, claim, EventKind.PAYMENT_RECEIVED, actor=actor, now=now, subject="entry", subject_id=added[0],
        amount=amount, value_on=value_on, method=method,
    )
    if spread.rest.minor:
        _overpaid(session, claim, spread.rest, actor=actor, now=now, entry_id=added[0])
    return spread.rest


def _overpaid(session: Session, claim: Claim, rest: Money, *, actor: Actor, now: datetime, entry_id: UUID) -> None:
    record(
        session, claim, EventKind.OVERPAID, actor=actor, now=now, subject="entry", subject_id=entry_id, amount=rest
    )
    credit_task(session, claim, now=now, entry_id=entry_id)


def credit_task(session: Session, claim: Claim, *, now: datetime, entry_id: UUID | None = None) -> None:
    """While the debtor has credit on this claim, one task at the desk says how much; without credit it is done."""
    session.flush()
    minor = credit_of(session, claim.creditor_id, claim.id, claim.currency)
    task = session.scalar(
        select(Task).where(
            Task.creditor_id == claim.creditor_id,
            Task.claim_id == claim.id,
            Task.kind == "refund_credit",
            Task.done_at.is_(None),
        )
    )
    if task is None and minor > 0:
        task = Task(
            creditor_id=claim.creditor_id, claim_id=claim.id, kind="refund_credit", subject_id=entry_id, since=now
        )
        session.add(task)
    if task is not None:
        task.details = {"minor": minor, "currency": claim.currency}
        task.done_at = None if minor > 0 else now


def give_back(
    session: Session,
    claim: Claim,
    amount: Money,
    *,
    kind: EntryKind,
    clearing: AccountKind,
    cause: Cause,
    now: datetime,
    on: date,
) -> list[UUID]:
    """Money has left again: first the debtor's credit shrinks, then the lines reopen, the last one settled first."""
    total = claim_sum(session, claim, on=on)
    post_interest(session, claim, total, cause, now=now, on=on)
    from_credit = min(amount.minor, max(0, credit_of(session, claim.creditor_id, claim.id, claim.currency)))
    lines = [LineRow(clearing, -amount.minor, claim.currency)]
    if from_credit:
        lines.append(LineRow(AccountKind.DEBTOR_CREDIT, from_credit, claim.currency, claim_id=claim.id))
    left = amount.minor - from_credit
    ranks = {rank: place for place, rank in enumerate(ALLOCATION_ORDER)}
    for line in sorted(
        total.lines, key=lambda one: (one.disputed, ranks[one.position.kind], one.position.due_on), reverse=True
    ):
        part = min(left, max(0, line.paid.minor))
        if part:
            lines.append(_receivable(claim, line.position.id, part))
            left -= part
    if left:
        lines.append(LineRow(AccountKind.SUSPENSE, left, claim.currency))
    added = write(session, [_entry(claim, kind, cause, tuple(lines), now=now, on=on)])
    credit_task(session, claim, now=now)
    return added


def use_credit(session: Session, claim: Claim, *, cause: Cause, now: datetime, on: date) -> None:
    """What the debtor has paid too much stands on the lines that are open now."""
    total = claim_sum(session, claim, on=on)
    credit = credit_of(session, claim.creditor_id, claim.id, claim.currency)
    if credit <= 0 or total.open.minor <= 0:
        return
    spread = allocate(
        Money(credit, claim.currency),
        _open_positions(total),
        order=ALLOCATION_ORDER,
        declared=covered_while_running(session, claim.creditor_id, claim.id),
    )
    used = credit - spread.rest.minor
    lines = [LineRow(AccountKind.DEBTOR_CREDIT, used, claim.currency, claim_id=claim.id)]
    lines += [_receivable(claim, position, -part.minor) for position, part in spread.lines]
    write(session, [_entry(claim, EntryKind.ALLOCATION, cause, tuple(lines), now=now, on=on)])
    credit_task(session, claim, now=now)


def reverse(session: Session, claim: Claim, entry: Entry, cause: Cause, *, now: datetime, on: date) -> list[UUID]:
    """A mirror of this entry, line by line, stands in the ledger; the database takes only one per entry."""
    total = claim_sum(session, claim, on=on)
    post_interest(session, claim, total, cause, now=now, on=on)
    mirrored = tuple(replace(line, amount_minor=-line.amount_minor) for line in lines_of(session, entry))
    row = _entry(claim, EntryKind.REVERSAL, cause, mirrored, now=now, on=on)
    added = write(session, [replace(row, reverses_id=entry.id)])
    credit_task(session, claim, now=now)
    return added


def _entry(
    claim: Claim, kind: EntryKind, cause: Cause, lines: tuple[LineRow, ...], *, now: datetime, on: date
) -> EntryRow:
    return EntryRow(
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        kind=kind,
        effective_on=on,
        recorded_at=now,
        cause_type=cause.type,
        cause_id=cause.id,
        idem_key=cause.key,
        lines=lines,
        note_code=cause.note,
    )


def _open_positions(total: ClaimSum) -> list[PositionOpen]:
    return [
        PositionOpen(line.position.id, line.position.kind, line.open, line.position.due_on, line.disputed)
        for line in total.lines
        if line.open.minor > 0
    ]


def drop(
    session: Session,
    claim: Claim,
    parts: Sequence[tuple[UUID, Money]],
    *,
    kind: EntryKind,
    cause: Cause,
    now: datetime,
    on: date,
) -> list[UUID]:
    """These parts of these lines are not asked for any more: waived, credited, or too small to matter."""
    total = claim_sum(session, claim, on=on)
    post_interest(session, claim, total, cause, now=now, on=on)
    lines: list[LineRow] = []
    for position_id, part in parts:
        if part.minor > 0:
            lines.append(_receivable(claim, position_id, -part.minor))
            lines.append(LineRow(AccountKind.WRITEOFF, part.minor, claim.currency, claim_id=claim.id))
    if not lines:
        return []
    return write(
        session,
        [
            EntryRow(
                creditor_id=claim.creditor_id,
                claim_id=claim.id,
                kind=kind,
                effective_on=on,
                recorded_at=now,
                cause_type=cause.type,
                cause_id=cause.id,
                idem_key=cause.key,
                lines=tuple(lines),
                note_code=cause.note,
            )
        ],
    )


def _receivable(claim: Claim, position_id: UUID, minor: int) -> LineRow:
    return LineRow(AccountKind.RECEIVABLE, minor, claim.currency, claim_id=claim.id, position_id=position_id)
