"""What is claimed from whom, line by line; the claim's tables and their SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    bindparam,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.rules.claims import ClaimStatus, PositionKind
from portal.rules.money import Money
from portal.store.database import Table

if TYPE_CHECKING:
    from portal.store.people import Clerk, Debtor

STATUSES = ", ".join(f"'{status}'" for status in ClaimStatus)
KINDS = ", ".join(f"'{kind}'" for kind in PositionKind)


class Claim(Table):
    __tablename__ = "claim"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    debtor_id: Mapped[UUID]
    clerk_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(String(40))
    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    currency: Mapped[str]
    title: Mapped[str]
    invoice_number: Mapped[str]
    invoice_on: Mapped[date]
    due_on: Mapped[date]
    pay_by: Mapped[date]
    next_writing_on: Mapped[date | None]
    qr_reference: Mapped[str] = mapped_column(default="")
    consumer: Mapped[bool] = mapped_column(default=True)
    opened_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    undone_at: Mapped[datetime | None]
    import_id: Mapped[UUID | None]

    waiting_since: Mapped[datetime | None]
    promised_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    debtor_read_at: Mapped[datetime | None]
    clerk_read_at: Mapped[datetime | None]
    announced_until: Mapped[date | None]
    step_announced_for: Mapped[date | None]

    debtor: Mapped[Debtor] = relationship("Debtor", viewonly=True)
    clerk: Mapped[Clerk] = relationship("Clerk", viewonly=True)
    positions: Mapped[list[Position]] = relationship("Position", order_by="Position.number", viewonly=True)

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index(
            "uq_claim_reference",
            "creditor_id",
            "reference",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index(
            "uq_claim_qr_reference",
            "creditor_id",
            "qr_reference",
            unique=True,
            sqlite_where=text("qr_reference <> ''"),
            postgresql_where=text("qr_reference <> ''"),
        ),
        Index("ix_claim_debtor", "creditor_id", "debtor_id"),
        Index(
            "ix_claim_import",
            "creditor_id",
            "import_id",
            sqlite_where=text("import_id IS NOT NULL"),
            postgresql_where=text("import_id IS NOT NULL"),
        ),
        Index("ix_claim_waiting", "creditor_id", "waiting_since"),
        CheckConstraint(f"status IN ({STATUSES})", "status"),
        CheckConstraint("length(currency) = 3", "currency"),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Position(Table):
    """One line of the sum: what it is, what it rests on, and how interest on it is counted.

    Interest has either a rate of its own or the key of a statutory table; a credit claims less than nothing.
    """

    __tablename__ = "position"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[str]
    label: Mapped[str] = mapped_column(default="")
    basis: Mapped[str]
    evidence_id: Mapped[UUID | None]
    claimed_minor: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date]
    rate_percent: Mapped[str | None]
    rate_table: Mapped[str | None]
    interest_from: Mapped[date | None]
    interest_reason: Mapped[str | None]
    day_count: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        UniqueConstraint("claim_id", "number"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        CheckConstraint(f"kind IN ({KINDS})", "kind"),
        CheckConstraint(
            "(kind = 'credit' AND claimed_minor < 0) OR (kind <> 'credit' AND claimed_minor >= 0)", "claimed"
        ),
        CheckConstraint(
            "kind NOT IN ('contract_interest', 'default_interest') OR "
            "((rate_percent IS NULL) <> (rate_table IS NULL) "
            "AND interest_from IS NOT NULL AND interest_reason IS NOT NULL)",
            "interest",
        ),
    )

    @property
    def rate(self) -> Decimal:
        return Decimal(self.rate_percent or "0")


def claim_for(
    session: Session, *, creditor_id: UUID, debtor_id: UUID, reference: str, only: frozenset[UUID] | None = None
) -> Claim | None:
    """The claim with this reference that this person may see; `only` names the letter's claims in room 1."""
    query = select(Claim).where(
        Claim.creditor_id == creditor_id,
        Claim.debtor_id == debtor_id,
        Claim.reference == reference,
        Claim.undone_at.is_(None),
        Claim.status != ClaimStatus.DRAFT,
    )
    if only is not None:
        query = query.where(Claim.id.in_(only))
    return session.scalar(query)


def claims_for(
    session: Session, *, creditor_id: UUID, debtor_id: UUID, only: frozenset[UUID] | None = None
) -> list[Claim]:
    """All claims that this person may see, the oldest invoice first."""
    query = select(Claim).where(
        Claim.creditor_id == creditor_id,
        Claim.debtor_id == debtor_id,
        Claim.undone_at.is_(None),
        Claim.status != ClaimStatus.DRAFT,
    )
    if only is not None:
        query = query.where(Claim.id.in_(only))
    return list(session.scalars(query.order_by(Claim.invoice_on, Claim.reference)))


def claim_at_desk(session: Session, *, creditor_id: UUID, reference: str) -> Claim | None:
    """The claim with this reference of this clerk's firm."""
    return session.scalar(
        select(Claim).where(Claim.creditor_id == creditor_id, Claim.reference == reference, Claim.undone_at.is_(None))
    )


#: Put together once, as both are asked for every letter of a run.
LOCKED = (
    select(Claim)
    .where(Claim.creditor_id == bindparam("creditor", type_=Uuid()), Claim.id == bindparam("claim"))
    .with_for_update(of=Claim)
    .execution_options(populate_existing=True)
)
POSITIONS = (
    select(Position)
    .where(Position.creditor_id == bindparam("creditor", type_=Uuid()), Position.claim_id == bindparam("claim"))
    .order_by(Position.number)
)


def lock(session: Session, creditor_id: UUID, claim_id: UUID) -> Claim:
    """Take the claim's lock for a decision about money or status, and read it anew under the lock."""
    return session.scalars(LOCKED, {"creditor": creditor_id, "claim": claim_id}).one()


def lock_all(session: Session, creditor_id: UUID, claim_ids: set[UUID]) -> list[Claim]:
    """Take the locks of several claims, in the order of their ids so that nobody waits in a circle."""
    return [lock(session, creditor_id, claim_id) for claim_id in sorted(claim_ids)]


def positions_of(session: Session, claim: Claim) -> list[Position]:
    """The claim's lines in the order of the letter."""
    return list(session.scalars(POSITIONS, {"creditor": claim.creditor_id, "claim": claim.id}))


def money(claim: Claim, minor: int) -> Money:
    """So many minor units in the claim's currency."""
    return Money(minor, claim.currency)
