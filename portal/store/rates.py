"""Which rates did a creditor enter for days on which the portal's own tables are silent; table and SELECTs."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.claims import ClaimStatus
from portal.rules.interest import RateChange
from portal.rules.ledger import OwnRates
from portal.store.claims import Claim, Position
from portal.store.database import Table


class Rate(Table):
    """A statutory rate that somebody read and entered, from a day to a day (not counted), with where it was read.

    It only speaks where the portal's table of that key has no rate; of two for one day the one entered last holds.
    """

    __tablename__ = "rate"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    table_key: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    percent: Mapped[str]
    source: Mapped[str]
    clerk_id: Mapped[UUID]
    entered_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_rate_table", "creditor_id", "table_key"),
        CheckConstraint("from_on < until_on", "days"),
    )


def rates_entered(session: Session, creditor_id: UUID) -> list[Rate]:
    """Everything this creditor entered, the newest first."""
    return list(
        session.scalars(select(Rate).where(Rate.creditor_id == creditor_id).order_by(Rate.entered_at.desc(), Rate.id))
    )


def own_rates(session: Session, creditor_id: UUID) -> OwnRates:
    """The same by the table they continue, as the rules see them; the one entered last comes first."""
    found: dict[str, list[RateChange]] = defaultdict(list)
    for row in rates_entered(session, creditor_id):
        found[row.table_key].append(RateChange(row.from_on, Decimal(row.percent), row.until_on))
    return {key: tuple(changes) for key, changes in found.items()}


def tables_in_use(session: Session, creditor_id: UUID) -> list[str]:
    """The keys of the tables that lines of claims follow which are not over."""
    return list(
        session.scalars(
            select(Position.rate_table)
            .join(Claim, (Claim.id == Position.claim_id) & (Claim.creditor_id == Position.creditor_id))
            .where(
                Position.creditor_id == creditor_id,
                Position.rate_table.is_not(None),
                Claim.status.in_((ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value)),
                Claim.undone_at.is_(None),
            )
            .distinct()
            .order_by(Position.rate_table)
        )
    )
