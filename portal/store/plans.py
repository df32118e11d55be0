"""Instalment plans and their instalments; tables and SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.rules.plans import LIVE, PlanStatus
from portal.store.database import Table

STATUSES = ", ".join(f"'{status}'" for status in PlanStatus)


class Plan(Table):
    """Who suggested which instalments; `covered` names the positions (`decisions.md` 21)."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    live_flag: Mapped[bool | None]
    asked_instalments: Mapped[int | None]
    asked_amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    day: Mapped[str]
    covered: Mapped[list[str]] = mapped_column(JSON)
    covered_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    notice_version: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    clerk_id: Mapped[UUID | None]
    proposed_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    late_since: Mapped[date | None]
    noticed_on: Mapped[date | None]
    moved_once: Mapped[bool] = mapped_column(default=False)
    suspended: Mapped[bool] = mapped_column(default=False)

    instalments: Mapped[list[PlanInstalment]] = relationship(
        "PlanInstalment", order_by="PlanInstalment.number", viewonly=True
    )

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index(
            "uq_plan_live",
            "creditor_id",
            "claim_id",
            unique=True,
            sqlite_where=text("live_flag IS NOT NULL"),
            postgresql_where=text("live_flag IS NOT NULL"),
        ),
        Index("ix_plan_claim", "creditor_id", "claim_id"),
        CheckConstraint(f"status IN ({STATUSES})", "status"),
        CheckConstraint("covered_minor > 0", "covered"),
        CheckConstraint("live_flag IS NULL OR live_flag", "live_flag"),
    )


class PlanInstalment(Table):
    """One instalment of one schedule; a counter-offer adds a new round with rows of its own."""

    __tablename__ = "plan_instalment"

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID]
    due: Mapped[date]
    amount_minor: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "plan_id"], ["plan.creditor_id", "plan.id"]),
        CheckConstraint("amount_minor > 0", "amount"),
    )


def live_plan(session: Session, creditor_id: UUID, claim_id: UUID) -> Plan | None:
    """The one plan of a claim that is suggested, agreed or late."""
    return session.scalar(
        select(Plan).where(
            Plan.creditor_id == creditor_id, Plan.claim_id == claim_id, Plan.status.in_(sorted(LIVE))
        )
    )


def plans_of(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Plan]:
    """All plans of a claim, the newest first."""
    return list(
        session.scalars(
            select(Plan)
            .where(Plan.creditor_id == creditor_id, Plan.claim_id == claim_id)
            .order_by(Plan.proposed_at.desc(), Plan.id)
        )
    )


def plan_at(session: Session, creditor_id: UUID, claim_id: UUID, plan_id: UUID) -> Plan | None:
    """This plan of this claim."""
    return session.scalar(
        select(Plan).where(Plan.creditor_id == creditor_id, Plan.claim_id == claim_id, Plan.id == plan_id)
    )
