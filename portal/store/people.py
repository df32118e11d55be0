"""Who owes, who answers, and who stands in for whom: debtors, clerks, absences and their SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
    bindparam,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.database import Table


class Debtor(Table):
    """A person or a company that got letters of one creditor, with the fact that only it should know."""

    __tablename__ = "debtor"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    kind: Mapped[str] = mapped_column(default="person")
    name: Mapped[str]
    contact_name: Mapped[str] = mapped_column(default="")
    salutation: Mapped[str] = mapped_column(default="")
    street: Mapped[str]
    house_number: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str]
    town: Mapped[str]
    country: Mapped[str] = mapped_column(default="CH")
    canton: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="de")
    customer_number: Mapped[str | None]
    identity: Mapped[bytes | None]
    fact_kind: Mapped[str | None]
    fact_hash: Mapped[bytes | None]
    pin_hash: Mapped[str | None]
    pin_set_at: Mapped[datetime | None]
    pin_invited_at: Mapped[datetime | None]
    contact_way: Mapped[str | None]
    #: The question how to be reached was put away; it is not asked again.
    contact_put_away_at: Mapped[datetime | None]
    email: Mapped[str | None]
    email_confirmed_at: Mapped[datetime | None]
    phone: Mapped[str | None]
    address_unclear: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        Index("ix_debtor_customer", "creditor_id", "customer_number"),
        Index("ix_debtor_identity", "creditor_id", "identity"),
        CheckConstraint("kind IN ('person', 'company')", "kind"),
        CheckConstraint("(fact_kind IS NULL) = (fact_hash IS NULL)", "fact"),
    )


class Clerk(Table):
    __tablename__ = "clerk"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    function: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    hours: Mapped[str] = mapped_column(default="")
    role: Mapped[str]
    language: Mapped[str] = mapped_column(default="de")
    feminine: Mapped[bool] = mapped_column(default=True)
    shortcuts: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str]
    totp_seed: Mapped[bytes]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    tries_since: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        CheckConstraint("role IN ('agent', 'lead', 'admin', 'auditor')", "role"),
    )


class Absence(Table):
    """A clerk is away, and this colleague inherits the promises (`decisions.md` 11)."""

    __tablename__ = "absence"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    clerk_id: Mapped[UUID]
    deputy_id: Mapped[UUID]
    from_on: Mapped[date]
    until_on: Mapped[date]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        ForeignKeyConstraint(["creditor_id", "deputy_id"], ["clerk.creditor_id", "clerk.id"]),
        CheckConstraint("clerk_id <> deputy_id", "deputy"),
        CheckConstraint("from_on <= until_on", "days"),
    )


#: Put together once, as they are asked for every letter of a run.
CREDITOR = bindparam("creditor", type_=Uuid())
BY_ID = select(Debtor).where(Debtor.creditor_id == CREDITOR, Debtor.id == bindparam("debtor"))
CLERK = select(Clerk).where(Clerk.creditor_id == CREDITOR, Clerk.id == bindparam("clerk"))
DEPUTY = (
    select(Clerk)
    .join(Absence, (Absence.deputy_id == Clerk.id) & (Absence.creditor_id == Clerk.creditor_id))
    .where(
        Absence.creditor_id == CREDITOR,
        Absence.clerk_id == bindparam("clerk"),
        Absence.from_on <= bindparam("today"),
        Absence.until_on >= bindparam("today"),
    )
    .order_by(Absence.until_on.desc())
    .limit(1)
)


def debtor_by_id(session: Session, creditor_id: UUID, debtor_id: UUID) -> Debtor | None:
    """This person of this creditor."""
    return session.scalar(BY_ID, {"creditor": creditor_id, "debtor": debtor_id})


def clerk_by_id(session: Session, creditor_id: UUID, clerk_id: UUID) -> Clerk | None:
    """This clerk of this creditor."""
    return session.scalar(select(Clerk).where(Clerk.creditor_id == creditor_id, Clerk.id == clerk_id))


def clerk_by_email(session: Session, email: str) -> Clerk | None:
    """Whoever signs in at the desk with this address."""
    return session.scalar(select(Clerk).where(Clerk.email == email))


def clerks_of(session: Session, creditor_id: UUID) -> list[Clerk]:
    """Everybody who can be named as a contact person."""
    return list(
        session.scalars(
            select(Clerk).where(Clerk.creditor_id == creditor_id, Clerk.active.is_(True)).order_by(Clerk.name)
        )
    )


def who_answers(session: Session, creditor_id: UUID, clerk_id: UUID, today: date) -> Clerk:
    """The clerk, or on days of absence the deputy; nobody is ever sent to somebody who is away."""
    who = {"creditor": creditor_id, "clerk": clerk_id}
    deputy = session.scalar(DEPUTY, {**who, "today": today})
    return deputy if deputy is not None else session.scalars(CLERK, who).one()


def debtors_with_number(session: Session, creditor_id: UUID, customer_number: str) -> list[Debtor]:
    """The debtors of this creditor with this customer number."""
    return list(
        session.scalars(
            select(Debtor)
            .where(Debtor.creditor_id == creditor_id, Debtor.customer_number == customer_number)
            .order_by(Debtor.id)
        )
    )


def debtors_with_identity(session: Session, creditor_id: UUID, identity: bytes) -> list[Debtor]:
    """The debtors of this creditor with the same name at the same address."""
    return list(
        session.scalars(
            select(Debtor).where(Debtor.creditor_id == creditor_id, Debtor.identity == identity).order_by(Debtor.id)
        )
    )


def absences_from(session: Session, creditor_id: UUID, today: date) -> list[Absence]:
    """The absences of today and later, the next one first."""
    return list(
        session.scalars(
            select(Absence)
            .where(Absence.creditor_id == creditor_id, Absence.until_on >= today)
            .order_by(Absence.from_on, Absence.id)
        )
    )


def absence_at(session: Session, creditor_id: UUID, absence_id: UUID) -> Absence | None:
    """This absence at this creditor."""
    return session.scalar(select(Absence).where(Absence.creditor_id == creditor_id, Absence.id == absence_id))
