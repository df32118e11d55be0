"""Which change of an account waits for a second person, and what does the old account still carry?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.claims import Claim
from portal.store.database import Table


class AccountChange(Table):
    """Another account for transfers, asked for by one colleague and decided by another (`decisions.md` 9)."""

    __tablename__ = "account_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    currency: Mapped[str]
    iban: Mapped[str]
    qr_iban: Mapped[str | None]
    bic: Mapped[str | None]
    sepa: Mapped[bool]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    taken: Mapped[bool | None]
    #: The account that held before; letters that name it are still out, and money still comes to it.
    former_iban: Mapped[str | None]
    former_qr_iban: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "asked_by"], ["clerk.creditor_id", "clerk.id"]),
        ForeignKeyConstraint(["creditor_id", "decided_by"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_account_change_asked", "creditor_id", "asked_at"),
        CheckConstraint("(decided_at IS NULL) = (taken IS NULL)", "decided"),
        CheckConstraint("taken IS NULL OR NOT taken OR decided_by <> asked_by", "second"),
    )


def waiting_changes(session: Session, creditor_id: UUID) -> list[AccountChange]:
    """The changes that nobody has decided, the oldest first."""
    query = (
        select(AccountChange)
        .where(AccountChange.creditor_id == creditor_id, AccountChange.decided_at.is_(None))
        .order_by(AccountChange.asked_at)
    )
    return list(session.scalars(query))


def former_ibans(session: Session, creditor_id: UUID) -> dict[str, frozenset[str]]:
    """The account numbers that held before, by currency."""
    rows = session.execute(
        select(AccountChange.currency, AccountChange.former_iban, AccountChange.former_qr_iban).where(
            AccountChange.creditor_id == creditor_id, AccountChange.taken.is_(True)
        )
    )
    found: dict[str, frozenset[str]] = {}
    for currency, *numbers in rows:
        found[currency] = found.get(currency, frozenset()) | {number for number in numbers if number}
    return found


def change_locked(session: Session, creditor_id: UUID, change_id: UUID) -> AccountChange | None:
    """This change of this firm, which nobody else decides meanwhile."""
    return session.scalar(
        select(AccountChange)
        .where(AccountChange.creditor_id == creditor_id, AccountChange.id == change_id)
        .with_for_update()
    )


def carries_qr_references(session: Session, creditor_id: UUID, currency: str) -> bool:
    """Whether claims in this currency have references that only a QR-IBAN takes."""
    question = exists().where(
        Claim.creditor_id == creditor_id, Claim.currency == currency, Claim.qr_reference.not_like("RF%"),
        Claim.qr_reference != "",
    )  # fmt: skip
    return bool(session.scalar(select(question)))
