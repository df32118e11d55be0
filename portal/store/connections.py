"""What we know of each creditor's account at the payment provider, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.connections import ConnectionStatus, status_of
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


def status_now(session: Session, creditor_id: UUID, account: str) -> ConnectionStatus:
    """What the last look at this account of the creditor has found, in one word."""
    row = connection_of(session, creditor_id)
    if not account:
        return ConnectionStatus.NONE
    if row is None or row.account != account:
        return ConnectionStatus.NOT_LOOKED_AT
    return status_of(charges=row.charges_enabled, payouts=row.payouts_enabled, problem=row.problem)
