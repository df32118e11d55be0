"""What happens when Stripe pays out: the money has left the account there and is awaited at the bank (R4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions import findings
from portal.actions.bank_decisions import set_aside
from portal.actions.suspense import bring
from portal.gateways.stripe import Movement, PayoutState, StripeGateway
from portal.rules.bank import BankState
from portal.rules.dates import Calendar
from portal.rules.history import system
from portal.rules.payments import AccountKind, EntryKind
from portal.rules.reconciliation import BANK_EARLY, BANK_LATE, PAYOUT_OVER, FindingKind, bank_deadline
from portal.store.bank import lock_transaction
from portal.store.database import Database
from portal.store.reconciliation import (
    ProviderPayout,
    bank_lines_like,
    keep_movements,
    movements_on,
    payout_at,
    payouts_awaited,
    reads_bank_files,
)
from portal.store.settings import day_of


def row_of(movement: Movement) -> dict[str, object]:
    """One line of Stripe's books as it is kept."""
    return {
        "id": movement.id,
        "type": movement.type,
        "object_id": movement.object_id,
        "amount_minor": movement.amount_minor,
        "fee_minor": movement.fee_minor,
        "currency": movement.currency,
        "created": movement.created,
    }


def take_payout(
    database: Database, stripe: StripeGateway, creditor_id: UUID, account: str, payout_id: str, *, now: datetime
) -> None:
    """The payout and all that it is made of are known; what left Stripe is awaited at the bank, or is back."""
    state = stripe.payout(account, payout_id)
    parts = list(stripe.movements_of_payout(account, payout_id)) if state.automatic else []
    with database.writing() as session:
        keep_movements(session, creditor_id, map(row_of, parts), payout_id=payout_id)
        _keep(session, creditor_id, state, parts)
        _book(session, creditor_id, payout_id, state.currency, now=now)
        _judge(session, creditor_id, state, parts, now=now)


def _book(session: Session, creditor_id: UUID, payout_id: str, currency: str, *, now: datetime) -> None:
    """What Stripe's books say of this payout stands between the account there and the one at the bank."""
    moved = movements_on(session, creditor_id, payout_id)
    if not moved:
        return
    bring(
        session, creditor_id, f"{payout_id}:payout", sum(row.amount_minor - row.fee_minor for row in moved), currency,
        against=AccountKind.BANK_CLEARING, kind=EntryKind.PAYOUT,
        on=day_of(session, creditor_id, moved[-1].created), now=now,
    )  # fmt: skip


def _keep(session: Session, creditor_id: UUID, state: PayoutState, parts: list[Movement]) -> None:
    row = payout_at(session, creditor_id, state.id) or ProviderPayout(id=state.id, creditor_id=creditor_id)
    row.amount_minor, row.currency, row.status = state.amount_minor, state.currency, state.status
    row.created_on = day_of(session, creditor_id, state.created)
    row.arrives_on = day_of(session, creditor_id, state.arrives)
    row.parts_minor = _sum(state, parts) if parts else None
    session.add(row)
    session.flush()


def _sum(state: PayoutState, parts: Iterable[Movement]) -> int:
    return sum(part.net_minor for part in parts if part.object_id != state.id)


def _judge(session: Session, creditor_id: UUID, state: PayoutState, parts: list[Movement], *, now: datetime) -> None:
    wrong = _sum(state, parts) - state.amount_minor if parts else 0
    if wrong:
        findings.found(
            session, creditor_id, FindingKind.PAYOUT_SUM, state.id, minor=wrong, currency=state.currency, now=now
        )
    else:
        findings.gone(session, creditor_id, FindingKind.PAYOUT_SUM, state.id, now=now)
    if state.status in PAYOUT_OVER:
        findings.gone(session, creditor_id, FindingKind.PAYOUT_NOT_SEEN, state.id, now=now)
        findings.found(
            session, creditor_id, FindingKind.PAYOUT_FAILED, state.id, minor=state.amount_minor,
            currency=state.currency, now=now,
        )  # fmt: skip


def find_at_bank(session: Session, creditor_id: UUID, *, now: datetime) -> int:
    """Payouts that the bank's files show are seen, and their money waits for no case any more; how many were found.

    The sum, the currency and the day must agree; of several such credits one must name Stripe.
    """
    count = 0
    for payout in payouts_awaited(session, creditor_id):
        lines = bank_lines_like(session, payout, early=BANK_EARLY, late=BANK_LATE)
        if len(lines) != 1:
            continue
        line = lock_transaction(session, creditor_id, lines[0])
        set_aside(session, line, BankState.IGNORED, actor=system("payout seen at the bank"), now=now)
        payout.seen_on, payout.bank_line = line.booked_on, line.id
        session.flush()
        findings.gone(session, creditor_id, FindingKind.PAYOUT_NOT_SEEN, payout.id, now=now)
        count += 1
    return count


def await_at_bank(session: Session, creditor_id: UUID, calendar: Calendar, *, today: date, now: datetime) -> int:
    """Payouts that the bank's files have not shown in time stand at the desk, if the firm hands such files in; how
    many are late."""
    if not reads_bank_files(session, creditor_id):
        return 0
    late = [row for row in payouts_awaited(session, creditor_id) if today > bank_deadline(row.arrives_on, calendar)]
    for row in late:
        findings.found(
            session, creditor_id, FindingKind.PAYOUT_NOT_SEEN, row.id, minor=row.amount_minor, currency=row.currency,
            now=now,
        )  # fmt: skip
    return len(late)
