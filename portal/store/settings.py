"""Who the creditor is, where its money goes, and which limits it set; its tables and their SELECTs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, UniqueConstraint, Uuid, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.database import Table


class Creditor(Table):
    __tablename__ = "creditor"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    street: Mapped[str]
    house_number: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str]
    town: Mapped[str]
    country: Mapped[str] = mapped_column(default="CH")
    canton: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="Europe/Zurich")
    language: Mapped[str] = mapped_column(default="de")
    phone: Mapped[str]
    hours: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    stripe_account: Mapped[str]
    accent: Mapped[str] = mapped_column(default="")
    strict: Mapped[bool] = mapped_column(default=False)
    health: Mapped[bool] = mapped_column(default=False)
    number: Mapped[int] = mapped_column(unique=True)

    answer_days: Mapped[int] = mapped_column(default=2)
    plan_max_instalments: Mapped[int] = mapped_column(default=12)
    plan_at_once_instalments: Mapped[int] = mapped_column(default=3)
    plan_min_instalment_minor: Mapped[int] = mapped_column(BigInteger, default=2_000)
    plan_latest_start_days: Mapped[int] = mapped_column(default=45)
    small_claim_minor: Mapped[int] = mapped_column(BigInteger, default=5_000)
    deferral_at_once_days: Mapped[int] = mapped_column(default=40)
    deferral_latest_days: Mapped[int] = mapped_column(default=120)
    rest_drop_minor: Mapped[int] = mapped_column(BigInteger, default=200)
    agent_waive_minor: Mapped[int] = mapped_column(BigInteger, default=10_000)
    lead_refund_minor: Mapped[int] = mapped_column(BigInteger, default=50_000)
    grace_days: Mapped[int] = mapped_column(default=3)
    #: What is promised to everybody, with the day from which it holds (`rules/goodwill.py`); None: nothing ever was.
    goodwill_rules: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (CheckConstraint("answer_days BETWEEN 1 AND 3", "answer_days"),)


class BankAccount(Table):
    """One account per creditor and currency (`decisions.md` 25)."""

    __tablename__ = "bank_account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    currency: Mapped[str]
    iban: Mapped[str]
    qr_iban: Mapped[str | None]
    bic: Mapped[str | None]
    sepa: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("creditor_id", "currency"),)


def creditor_by_slug(session: Session, slug: str) -> Creditor | None:
    """The creditor whose pages stand under this first segment of the address."""
    return session.scalar(select(Creditor).where(Creditor.slug == slug))


def creditor_by_id(session: Session, creditor_id: UUID) -> Creditor:
    """The creditor of somebody who is signed in."""
    return session.get_one(Creditor, creditor_id)


def day_of(session: Session, creditor_id: UUID, moment: datetime) -> date:
    """Which day this moment is where the creditor is."""
    return moment.astimezone(ZoneInfo(creditor_by_id(session, creditor_id).timezone)).date()


def creditor_by_id_locked(session: Session, creditor_id: UUID) -> Creditor:
    """The creditor as it stands at this moment, which nobody else changes meanwhile."""
    return session.scalars(
        select(Creditor)
        .where(Creditor.id == creditor_id)
        .with_for_update(of=Creditor)
        .execution_options(populate_existing=True)
    ).one()


def creditors(session: Session) -> list[Creditor]:
    """All creditors of this installation, for the system's own jobs."""
    return list(session.scalars(select(Creditor).order_by(Creditor.number)))


def only_creditor(session: Session) -> Creditor | None:
    """The one creditor of an installation for one firm; None if there are several."""
    found = session.scalars(select(Creditor).limit(2)).all()
    return found[0] if len(found) == 1 else None


#: Put together once, as it is asked for every letter of a run.
ACCOUNT = select(BankAccount).where(
    BankAccount.creditor_id == bindparam("creditor", type_=Uuid()), BankAccount.currency == bindparam("currency")
)


def bank_account(session: Session, creditor_id: UUID, currency: str) -> BankAccount | None:
    """Where transfers in this currency go."""
    return session.scalar(ACCOUNT, {"creditor": creditor_id, "currency": currency})


def next_number(session: Session) -> int:
    """The number of the next creditor, which makes its payment references its own."""
    return int(session.scalar(select(func.coalesce(func.max(Creditor.number), 0))) or 0) + 1


def currencies_of(session: Session, creditor_id: UUID) -> list[str]:
    """The currencies in which this creditor has an account, CHF first."""
    found = session.scalars(select(BankAccount.currency).where(BankAccount.creditor_id == creditor_id))
    return sorted(found, key=lambda currency: (currency != "CHF", currency))
