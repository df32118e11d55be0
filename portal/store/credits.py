"""Which cases can take a debtor's credit from another, since when was it there, and what was moved before?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, not_, select
from sqlalchemy.orm import Session, aliased

from portal.rules.claims import ClaimStatus
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.store.claims import Claim
from portal.store.ledger import Account, Entry, Posting, account_id
from portal.store.refunds import credit_from

TAKES = (ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value)


@dataclass(frozen=True, slots=True)
class Moved:
    """Credit that was moved away from a case: how much, whereto, when, and whether it was moved back."""

    id: UUID
    to_id: UUID
    reference: str
    minor: int
    moved_at: datetime
    back: bool


def key_of(move_id: UUID, side: str) -> str:
    """The key of one side of a move: `from` the case that had the credit, or `to` the other."""
    return f"credit {move_id}:{side}"


def takers_of(session: Session, claim: Claim) -> list[Claim]:
    """The same debtor's other running cases in this currency."""
    return list(
        session.scalars(
            select(Claim)
            .where(
                Claim.creditor_id == claim.creditor_id,
                Claim.debtor_id == claim.debtor_id,
                Claim.id != claim.id,
                Claim.currency == claim.currency,
                Claim.undone_at.is_(None),
                Claim.status.in_(TAKES),
            )
            .order_by(Claim.due_on, Claim.reference)
        )
    )


def credit_since(session: Session, claim: Claim, minor: int, today: date) -> date:
    """The first day since which so much credit has been there without a break."""
    credit = account_id(claim.creditor_id, AccountKind.DEBTOR_CREDIT, claim.currency, claim_id=claim.id)
    days = session.scalars(
        select(Entry.effective_on)
        .join(Posting, (Posting.creditor_id == Entry.creditor_id) & (Posting.entry_id == Entry.id))
        .where(Posting.account_id == credit)
        .distinct()
        .order_by(Entry.effective_on)
    )
    return next((day for day in days if credit_from(session, claim, day) >= minor), today)


def moves_of(session: Session, claim: Claim) -> list[Moved]:
    """What was moved away from a case, the newest first."""
    mirror, other = aliased(Entry), aliased(Claim)
    rows = session.execute(
        select(
            Entry.idem_key,
            other.id,
            other.reference,
            Posting.amount_minor,
            Entry.recorded_at,
            exists().where(
                mirror.creditor_id == Entry.creditor_id,
                mirror.idem_key == Entry.idem_key.concat(":reversed"),
            ),
        )
        .join(Posting, (Posting.creditor_id == Entry.creditor_id) & (Posting.entry_id == Entry.id))
        .join(Account, Account.id == Posting.account_id)
        .join(other, (other.creditor_id == Entry.creditor_id) & (other.id == Entry.cause_id))
        .where(
            Entry.creditor_id == claim.creditor_id,
            Entry.claim_id == claim.id,
            Entry.kind == EntryKind.REFUND,
            Entry.cause_type == CauseType.CLAIM,
            Account.kind == AccountKind.CREDITOR_PAYABLE,
            not_(Entry.idem_key.contains(":again:", autoescape=True)),
        )
        .order_by(Entry.seq.desc())
    )
    return [
        Moved(UUID(key.split()[1].split(":")[0]), to_id, reference, -minor, at, bool(back))
        for key, to_id, reference, minor, at, back in rows
    ]
