"""What happens with money at Stripe that belongs to no payment of ours: it stands in suspense, and the desk is told."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions import findings
from portal.gateways.stripe import PaidState
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.rules.reconciliation import FindingKind
from portal.store.ledger import EntryRow, LineRow, booked_for, entries_under, write
from portal.store.settings import day_of


def hold_foreign(session: Session, creditor_id: UUID, state: PaidState, *, now: datetime) -> None:
    """What came in, went back and was taken back of a foreign payment stands in suspense, its fee as the firm's cost.

    Only the difference to what is booked already is written, as for our own payments.
    """
    paid_on, today = day_of(session, creditor_id, state.paid_at or now), day_of(session, creditor_id, now)
    for effect, cumulative, kind, day in (
        ("captured", state.received_minor, EntryKind.SUSPENSE, paid_on),
        ("refunded", -state.refunded_minor, EntryKind.REFUND, today),
        ("disputed", -state.disputed_out_minor, EntryKind.CHARGEBACK, today),
    ):
        bring(
            session, creditor_id, f"{state.pi_id}:{effect}", cumulative, state.currency,
            against=AccountKind.SUSPENSE, kind=kind, on=day, now=now,
        )  # fmt: skip
    bring(
        session, creditor_id, f"{state.pi_id}:fee", -state.fee_minor, state.currency,
        against=AccountKind.PROVIDER_FEE, kind=EntryKind.FEE, on=today, now=now,
    )  # fmt: skip
    held = state.received_minor - state.refunded_minor - state.disputed_out_minor
    if held:
        findings.found(
            session, creditor_id, FindingKind.FOREIGN_MONEY, state.pi_id, minor=held, currency=state.currency, now=now
        )
    else:
        findings.gone(session, creditor_id, FindingKind.FOREIGN_MONEY, state.pi_id, now=now)


def bring(
    session: Session,
    creditor_id: UUID,
    prefix: str,
    cumulative: int,
    currency: str,
    *,
    against: AccountKind,
    kind: EntryKind,
    on: date,
    now: datetime,
) -> int:
    """The account at Stripe has moved by this much for this object and effect; the difference, in minor units."""
    delta = cumulative - booked_for(session, creditor_id, prefix, AccountKind.PROVIDER_CLEARING)
    if delta == 0:
        return 0
    before = entries_under(session, creditor_id, prefix)
    key = f"{prefix}:{cumulative}" if before == 0 else f"{prefix}:{cumulative}:{before}"
    lines = (
        LineRow(AccountKind.PROVIDER_CLEARING, delta, currency),
        LineRow(against, -delta, currency),
    )
    write(session, [EntryRow(creditor_id, None, kind, on, now, CauseType.SYSTEM, creditor_id, key, lines)])
    return delta
