"""What does the desk see of the bank: files handed in, money that waits, and what was decided lately?"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.rules.bank import BankState
from portal.store.bank import BankFileRow, BankTransaction
from portal.store.claims import Claim

FILES_SHOWN = 20


def reference_of(session: Session, row: BankTransaction) -> str:
    """The number of the case on which this money stands, or stood."""
    if row.claim_id is None:
        return ""
    query = select(Claim.reference).where(Claim.creditor_id == row.creditor_id, Claim.id == row.claim_id)
    return session.scalar(query) or ""


def waiting(session: Session, creditor_id: UUID, *, offset: int = 0, limit: int = 20) -> list[BankTransaction]:
    """Money that waits for somebody to say whose it is, the oldest first."""
    return list(
        session.scalars(
            select(BankTransaction)
            .where(BankTransaction.creditor_id == creditor_id, BankTransaction.status == BankState.UNMATCHED)
            .order_by(BankTransaction.value_on, BankTransaction.id)
            .offset(offset)
            .limit(limit)
        )
    )


def count_unmatched(session: Session, creditor_id: UUID) -> int:
    """How many amounts wait."""
    found = session.scalar(
        select(func.count())
        .select_from(BankTransaction)
        .where(BankTransaction.creditor_id == creditor_id, BankTransaction.status == BankState.UNMATCHED)
    )
    return int(found or 0)


def settled_lately(session: Session, creditor_id: UUID, *, limit: int = 20) -> list[BankTransaction]:
    """What clerks decided last, so that it can be looked at again."""
    return list(
        session.scalars(
            select(BankTransaction)
            .where(
                BankTransaction.creditor_id == creditor_id,
                BankTransaction.decided_at.is_not(None),
                BankTransaction.status != BankState.UNMATCHED,
            )
            .order_by(BankTransaction.decided_at.desc(), BankTransaction.id)
            .limit(limit)
        )
    )


def files_of(session: Session, creditor_id: UUID) -> list[BankFileRow]:
    """The files that were handed in last, the newest first."""
    return list(
        session.scalars(
            select(BankFileRow)
            .where(BankFileRow.creditor_id == creditor_id)
            .order_by(BankFileRow.taken_at.desc(), BankFileRow.id)
            .limit(FILES_SHOWN)
        )
    )


def file_at(session: Session, creditor_id: UUID, file_id: UUID) -> BankFileRow | None:
    """This file of this creditor."""
    return session.scalar(select(BankFileRow).where(BankFileRow.creditor_id == creditor_id, BankFileRow.id == file_id))
