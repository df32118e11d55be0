"""Instalment plans and their instalments; tables and SELECTs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.rules.ledger import ClaimSum
from portal.rules.money import Money
from portal.rules.plans import LIVE, RUNNING, Instalment, PlanStatus, paid_in_all
from portal.store.database import Table

STATUSES = ", ".join(f"'{status}'" for status in PlanStatus)


class Plan(Table):
    """Who suggested which instalments; `covered` names the positions (`decisions.md` 21).

    `round` is the schedule that counts now: 1 is the debtor's, a counter-offer adds the next. `paid_before_minor`
    had been paid on the claim and taken off the covered lines when that schedule was made.
    """

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    live_flag: Mapped[bool | None]
    round: Mapped[int] = mapped_column(default=1)
    asked_instalments: Mapped[int | None]
    asked_amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    day: Mapped[str]
    covered: Mapped[list[str]] = mapped_column(JSON)
    covered_minor: Mapped[int] = mapped_column(BigInteger)
    paid_before_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str]
    notice_version: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    clerk_id: Mapped[UUID | None]
    proposed_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]
    late_since: Mapped[date | None]
    noticed_on: Mapped[date | None]
    moved_once: Mapped[bool] = mapped_column(default=False)
    suspended: Mapped[bool] = mapped_column(default=False)

    instalments: Mapped[list[PlanInstalment]] = relationship(
        "PlanInstalment",
        primaryjoin="and_(PlanInstalment.plan_id == Plan.id, PlanInstalment.round == Plan.round)",
        foreign_keys="PlanInstalment.plan_id",
        order_by="PlanInstalment.number",
        viewonly=True,
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
    round: Mapped[int] = mapped_column(primary_key=True, default=1)
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


def instalments_of(session: Session, plan: Plan, *, of_round: int | None = None) -> list[PlanInstalment]:
    """One schedule of a plan in its order: the one that counts now, or that of an earlier round."""
    return list(
        session.scalars(
            select(PlanInstalment)
            .where(
                PlanInstalment.creditor_id == plan.creditor_id,
                PlanInstalment.plan_id == plan.id,
                PlanInstalment.round == (of_round or plan.round),
            )
            .order_by(PlanInstalment.number)
        )
    )


def claims_with_live_plans(session: Session, creditor_id: UUID) -> list[UUID]:
    """The claims of a creditor on which a plan is suggested, agreed or late, in the order of their ids."""
    return list(
        session.scalars(
            select(Plan.claim_id)
            .where(Plan.creditor_id == creditor_id, Plan.live_flag.is_(True))
            .order_by(Plan.claim_id)
        )
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """A plan's schedule and what has been paid of it in all."""

    instalments: tuple[Instalment, ...]
    paid: Money


def progress(session: Session, plan: Plan, total: ClaimSum) -> Progress:
    """How far a plan is, given the claim's sum of today: all money that came in since its schedule was made counts."""
    came_in = paid_in_all(total, frozenset(UUID(one) for one in plan.covered)).minor - plan.paid_before_minor
    return Progress(as_instalments(instalments_of(session, plan), plan.currency), Money(max(0, came_in), plan.currency))


def as_instalments(rows: list[PlanInstalment], currency: str) -> tuple[Instalment, ...]:
    """The rows as the rules see them."""
    return tuple(Instalment(row.number, row.due, Money(row.amount_minor, currency)) for row in rows)


def covered_while_running(session: Session, creditor_id: UUID, claim_id: UUID) -> list[UUID]:
    """The positions that money on this claim pays first because a plan names them; none while the plan is suspended."""
    plan = live_plan(session, creditor_id, claim_id)
    if plan is None or plan.status not in RUNNING or plan.suspended:
        return []
    return [UUID(one) for one in plan.covered]
