"""What happens in the ledger when money is claimed, paid, dropped or given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.actions.reallocation import Cause, New, credit_in, entry_row, place, receivable, stand
from portal.rules.allocation import Word
from portal.rules.claims import INTEREST_KINDS, PositionKind
from portal.rules.history import Actor, EventKind
from portal.rules.ledger import ClaimSum
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.rules.reallocation import Movement
from portal.store.allocation import first_taken_on, standing_entry
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, Position
from portal.store.disputes import disputed_lines
from portal.store.ledger import Entry, EntryRow, LineRow, credit_of, entry_by_key, last_seq, lines_of, write
from portal.store.plans import covered_while_running
from portal.store.today import Task, task_on

__all__ = [
    "Cause", "book_payment", "claimed_rows", "credit_task", "drop", "give_back", "open_lines", "post_interest",
    "reverse", "use_credit",
]  # fmt: skip

INCOME: dict[PositionKind, AccountKind] = {
    PositionKind.PRINCIPAL: AccountKind.PRINCIPAL_INCOME,
    PositionKind.CREDIT: AccountKind.PRINCIPAL_INCOME,
    PositionKind.CONTRACT_INTEREST: AccountKind.INTEREST_INCOME,
    PositionKind.DEFAULT_INTEREST: AccountKind.INTEREST_INCOME,
}


def open_lines(session: Session, claim: Claim, positions: Sequence[Position], *, now: datetime, today: date) -> None:
    """The claim's lines stand in the ledger with what was claimed; interest follows when a fact fixes it."""
    write(session, claimed_rows(claim, positions, now=now))


def claimed_rows(claim: Claim, positions: Sequence[Position], *, now: datetime) -> list[EntryRow]:
    """The entries that say what was claimed, one for each line that claims something."""
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
                    receivable(claim, position.id, position.claimed_minor),
                    LineRow(INCOME.get(kind, AccountKind.FEE_INCOME), -position.claimed_minor, claim.currency),
                ),
            )
        )
    return rows


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
                        receivable(claim, line.position.id, due.minor),
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
    paid_at: datetime | None = None,
    reference: str | None = None,
    told: EventKind = EventKind.PAYMENT_RECEIVED,
) -> Money:
    """The money stands on the claim line by line, and what is too much on the debtor's credit, which is returned.

    What the payer declares goes first, else what a running plan covers, else the country's order. Payments of one day
    stand in the order of the provider's time `paid_at`, then of `reference`, without either as they are booked; those
    valued later are divided again after this one (`decisions.md` 26). The claim's lock is held by the caller. The same
    cause booked again changes nothing.
    """
    zero = Money.zero(claim.currency)
    if entry_by_key(session, claim.creditor_id, cause.key) is not None:
        return zero
    first, word = _first(session, claim, declared, cause)
    movement = _movement(
        session, claim, EntryKind.PAYMENT, amount.minor,
        on=value_on, declared=first, paid_at=paid_at, reference=reference,
    )  # fmt: skip
    placed = place(
        session, claim, New(movement, (LineRow(clearing, amount.minor, claim.currency),), word), cause, now=now
    )
    if placed.entry_id is None:
        return zero
    record(
        session,
        claim,
        told,
        actor=actor,
        now=now,
        subject="entry",
        subject_id=placed.entry_id,
        amount=amount,
        value_on=value_on,
        method=method,
    )
    if placed.credit > 0:
        rest = Money(placed.credit, claim.currency)
        _overpaid(session, claim, rest, actor=actor, now=now, entry_id=placed.entry_id)
        return rest
    return zero


def _first(
    session: Session, claim: Claim, declared: Sequence[UUID] | None, cause: Cause
) -> tuple[frozenset[UUID], Word]:
    """The lines that this money pays before all others, and by whose word."""
    if declared:
        return frozenset(declared), Word.DECISION if cause.type is CauseType.DISPUTE else Word.PAYER
    covered = covered_while_running(session, claim.creditor_id, claim.id)
    return frozenset(covered), Word.PLAN if covered else Word.LAW


def _movement(
    session: Session,
    claim: Claim,
    kind: EntryKind,
    minor: int | None,
    *,
    on: date,
    declared: frozenset[UUID] = frozenset(),
    paid_at: datetime | None = None,
    reference: str | None = None,
) -> Movement:
    return Movement(
        id=uuid4(),
        kind=kind,
        value_on=on,
        minor=minor,
        reference=reference or f"{last_seq(session, claim.creditor_id, claim.id):012}",
        paid_at=paid_at,
        declared=declared,
        contested=disputed_lines(session, claim.creditor_id, claim.id),
    )


def _overpaid(session: Session, claim: Claim, rest: Money, *, actor: Actor, now: datetime, entry_id: UUID) -> None:
    record(session, claim, EventKind.OVERPAID, actor=actor, now=now, subject="entry", subject_id=entry_id, amount=rest)
    credit_task(session, claim, now=now, entry_id=entry_id)


def credit_task(session: Session, claim: Claim, *, now: datetime, entry_id: UUID | None = None) -> None:
    """While the debtor has credit on this claim, one task at the desk says how much; without credit it is done."""
    session.flush()
    minor = credit_of(session, claim.creditor_id, claim.id, claim.currency)
    task = task_on(session, claim.creditor_id, claim.id, "refund_credit")
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
    if entry_by_key(session, claim.creditor_id, cause.key) is not None:
        return []
    movement = _movement(session, claim, kind, amount.minor, on=on)
    new = New(movement, (LineRow(clearing, -amount.minor, claim.currency),))
    placed = place(session, claim, new, cause, now=now)
    credit_task(session, claim, now=now)
    return [] if placed.entry_id is None else [placed.entry_id]


def use_credit(session: Session, claim: Claim, *, cause: Cause, now: datetime, on: date) -> None:
    """What the debtor has paid too much stands on the lines that are open now."""
    credit = credit_of(session, claim.creditor_id, claim.id, claim.currency)
    if credit <= 0 or claim_sum(session, claim, on=on).open.minor <= 0:
        return
    first, word = _first(session, claim, None, cause)
    movement = _movement(session, claim, EntryKind.ALLOCATION, None, on=on, declared=first)
    place(session, claim, New(movement, (), word), cause, now=now)
    credit_task(session, claim, now=now)


def reverse(
    session: Session, claim: Claim, entry: Entry, cause: Cause, *, now: datetime, on: date | None
) -> list[UUID]:
    """A mirror of this entry, or of the one that stands in its place now; the database takes only one per entry.

    Without a day it was a mistake: the mirror counts on the day of what it mirrors, as if that had never been, and
    everything since is counted again. Money that was there and has left on a later day counts until that day; one that
    was valued ahead counts on neither. If it has been used as credit or given back since, that is counted again.
    """
    if entry_by_key(session, claim.creditor_id, cause.key) is not None:
        return []
    entry = standing_entry(session, entry)
    mirrored = tuple(replace(line, amount_minor=-line.amount_minor) for line in lines_of(session, entry))
    mistake = on is None or on <= entry.effective_on
    day = entry.effective_on if on is None else max(on, entry.effective_on)
    row = replace(entry_row(claim, EntryKind.REVERSAL, cause, mirrored, now=now, on=day), reverses_id=entry.id)
    since = day if mistake else None
    if _is_gone(session, claim, row):
        taken_on = first_taken_on(session, claim.creditor_id, claim.id)
        since = taken_on if taken_on is not None and taken_on <= day else since
    stand(session, claim, row, cause, now=now, since=since)
    credit_task(session, claim, now=now)
    return [row.id]


def _is_gone(session: Session, claim: Claim, row: EntryRow) -> bool:
    """Whether this mirror would take more from a line, or from the debtor's credit, than still stands there."""
    if credit_in(row.lines) > credit_of(session, claim.creditor_id, claim.id, claim.currency):
        return True
    paid = {line.position.id: line.paid.minor for line in claim_sum(session, claim, on=row.effective_on).lines}
    return any(line.position_id and line.amount_minor > max(0, paid[line.position_id]) for line in row.lines)


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
    if entry_by_key(session, claim.creditor_id, cause.key) is not None:
        return []
    lines: list[LineRow] = []
    for position_id, part in parts:
        if part.minor > 0:
            lines.append(receivable(claim, position_id, -part.minor))
            lines.append(LineRow(AccountKind.WRITEOFF, part.minor, claim.currency, claim_id=claim.id))
    if not lines:
        return []
    row = entry_row(claim, kind, cause, tuple(lines), now=now, on=on)
    placed = stand(session, claim, row, cause, now=now)
    if placed.credit:
        credit_task(session, claim, now=now, entry_id=row.id)
    return [row.id]
