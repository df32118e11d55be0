"""What we know of each creditor's account at the payment provider, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.database import Table


class Connection(Table):
    """The last answer about one creditor's account; `problem` says why there was none, empty otherwise."""

    __tablename__ = "connection"

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"), primary_key=True)
    account: Mapped[str]
    checked_at: Mapped[datetime]
    charges_enabled: Mapped[bool]
    payouts_enabled: Mapped[bool]
    details_submitted: Mapped[bool]
    methods: Mapped[list[Any]] = mapped_column(JSON, default=list)
    due: Mapped[list[Any]] = mapped_column(JSON, default=list)
    disabled_reason: Mapped[str | None]
    problem: Mapped[str] = mapped_column(default="")

    __table_args__ = (CheckConstraint("problem IN ('', 'down', 'closed')", "problem"),)


def connection_of(session: Session, creditor_id: UUID) -> Connection | None:
    """What was last heard about this creditor's account."""
    return session.scalar(select(Connection).where(Connection.creditor_id == creditor_id))
