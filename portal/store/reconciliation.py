"""What Stripe's own books say, how far we have compared them with ours, and what came out of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.attachments import FileState
from portal.rules.bank import BankState
from portal.rules.payments import AccountKind
from portal.rules.reconciliation import PAYOUT_OVER, FindingKind, Loop
from portal.store.attachments import Attachment
from portal.store.bank import BankFileRow, BankTransaction
from portal.store.database import Table
from portal.store.ledger import Account, Entry, Posting, under

FINDING_KINDS = ", ".join(f"'{kind}'" for kind in FindingKind)
LOOPS = ", ".join(f"'{loop}'" for loop in Loop)
CHUNK = 500


class ProviderMovement(Table):
    """One line of Stripe's books of a creditor's account, in minor units; only its payout is added later."""

    __tablename__ = "provider_movement"

    id: Mapped[str] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    type: Mapped[str]
    object_id: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    created: Mapped[datetime]
    payout_id: Mapped[str | None]

    __table_args__ = (
        Index("ix_provider_movement_object", "creditor_id", "object_id"),
        Index("ix_provider_movement_payout", "creditor_id", "payout_id"),
    )


class ProviderPayout(Table):
    """Money on its way from Stripe to the creditor's bank; `parts_minor` is what its movements add up to."""

    __tablename__ = "provider_payout"

    id: Mapped[str] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    status: Mapped[str]
    created_on: Mapped[date]
    arrives_on: Mapped[date]
    parts_minor: Mapped[int | None] = mapped_column(BigInteger)
    seen_on: Mapped[date | None]
    bank_line: Mapped[UUID | None] = mapped_column(unique=True)

    __table_args__ = (Index("ix_provider_payout_open", "creditor_id", "seen_on"),)


class ReconciliationCursor(Table):
    """How far one comparison of a creditor's books has got, and when it last came to its end."""

    __tablename__ = "reconciliation_cursor"

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"), primary_key=True)
    loop: Mapped[str] = mapped_column(primary_key=True)
    reached_at: Mapped[datetime]

    __table_args__ = (CheckConstraint(f"loop IN ({LOOPS})", "loop"),)


class Finding(Table):
    """Something a comparison has found about one object; it has an owner, and stays open until somebody closes it."""

    __tablename__ = "finding"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    kind: Mapped[str]
    object_id: Mapped[str]
    minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    since: Mapped[datetime]
    owner_id: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "kind", "object_id"),
        ForeignKeyConstraint(["creditor_id", "owner_id"], ["clerk.creditor_id", "clerk.id"]),
        ForeignKeyConstraint(["creditor_id", "done_by"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_finding_open", "creditor_id", "done_at"),
        CheckConstraint(f"kind IN ({FINDING_KINDS})", "kind"),
    )


def cursor(session: Session, creditor_id: UUID, loop: Loop) -> datetime | None:
    """How far this comparison has got."""
    return session.scalar(
        select(ReconciliationCursor.reached_at).where(
            ReconciliationCursor.creditor_id == creditor_id, ReconciliationCursor.loop == loop.value
        )
    )


def cursors(session: Session, creditor_id: UUID) -> dict[Loop, datetime]:
    """When each comparison was last brought to its end."""
    rows = session.execute(
        select(ReconciliationCursor.loop, ReconciliationCursor.reached_at).where(
            ReconciliationCursor.creditor_id == creditor_id
        )
    )
    return {Loop(loop): reached for loop, reached in rows}


def reach(session: Session, creditor_id: UUID, loop: Loop, reached_at: datetime) -> None:
    """The comparison has got this far; it never goes back, whatever the clock does (F27)."""
    row = session.get(ReconciliationCursor, (creditor_id, loop.value), with_for_update=True)
    if row is None:
        row = ReconciliationCursor(creditor_id=creditor_id, loop=loop.value, reached_at=reached_at)
        session.add(row)
    row.reached_at = max(row.reached_at, reached_at)


def keep_movements(
    session: Session, creditor_id: UUID, rows: Iterable[dict[str, object]], *, payout_id: str | None = None
) -> None:
    """These lines of Stripe's books are known here, once each; what they are part of is filled in."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = [{**row, "creditor_id": creditor_id, "payout_id": payout_id} for row in rows]
    for start in range(0, len(values), CHUNK):
        statement = insert(ProviderMovement).values(values[start : start + CHUNK])
        if payout_id is None:
            session.execute(statement.on_conflict_do_nothing(index_elements=["id"]))
        else:
            session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"payout_id": payout_id}))


def books_of(session: Session, creditor_id: UUID, objects: Collection[str]) -> dict[str, dict[str, int]]:
    """By object and currency what Stripe's books say it has moved so far, in minor units."""
    found: dict[str, dict[str, int]] = {}
    wanted = sorted(objects)
    for start in range(0, len(wanted), CHUNK):
        rows = session.execute(
            select(
                ProviderMovement.object_id,
                ProviderMovement.currency,
                func.sum(ProviderMovement.amount_minor - ProviderMovement.fee_minor),
            )
            .where(
                ProviderMovement.creditor_id == creditor_id,
                ProviderMovement.object_id.in_(wanted[start : start + CHUNK]),
            )
            .group_by(ProviderMovement.object_id, ProviderMovement.currency)
        )
        for object_id, currency, minor in rows:
            found.setdefault(object_id, {})[currency] = int(minor)
    return found


def movements_on(session: Session, creditor_id: UUID, object_id: str) -> list[ProviderMovement]:
    """Every line of Stripe's books about this object, the oldest first."""
    return list(
        session.scalars(
            select(ProviderMovement)
            .where(ProviderMovement.creditor_id == creditor_id, ProviderMovement.object_id == object_id)
            .order_by(ProviderMovement.created, ProviderMovement.id)
        )
    )


def ledger_of(session: Session, creditor_id: UUID, prefix: str) -> dict[str, int]:
    """By currency what our ledger says this object has moved at Stripe so far, in minor units; no zeros."""
    total = func.sum(Posting.amount_minor)
    rows = session.execute(
        select(Posting.currency, total)
        .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .join(Account, Account.id == Posting.account_id)
        .where(
            Entry.creditor_id == creditor_id,
            under(prefix),
            Account.kind == AccountKind.PROVIDER_CLEARING,
        )
        .group_by(Posting.currency)
        .having(total != 0)
    )
    return {currency: int(minor) for currency, minor in rows}


def objects_booked_since(session: Session, creditor_id: UUID, since: datetime) -> set[str]:
    """The objects about which our ledger has moved money at Stripe since then."""
    keys = session.scalars(
        select(Entry.idem_key)
        .join(Posting, (Posting.creditor_id == Entry.creditor_id) & (Posting.entry_id == Entry.id))
        .join(Account, Account.id == Posting.account_id)
        .where(
            Entry.creditor_id == creditor_id,
            Entry.recorded_at >= since,
            Account.kind == AccountKind.PROVIDER_CLEARING,
        )
    )
    return {key.partition(":")[0] for key in keys}


def payout_at(session: Session, creditor_id: UUID, payout_id: str) -> ProviderPayout | None:
    """This payout of this creditor."""
    return session.scalar(
        select(ProviderPayout).where(ProviderPayout.creditor_id == creditor_id, ProviderPayout.id == payout_id)
    )


def payouts_awaited(session: Session, creditor_id: UUID) -> list[ProviderPayout]:
    """Payouts that should come to the bank account, or have come, and that no statement has shown yet."""
    return list(
        session.scalars(
            select(ProviderPayout)
            .where(
                ProviderPayout.creditor_id == creditor_id,
                ProviderPayout.seen_on.is_(None),
                ProviderPayout.status.not_in(sorted(PAYOUT_OVER)),
            )
            .order_by(ProviderPayout.arrives_on, ProviderPayout.id)
        )
    )


def bank_lines_like(session: Session, payout: ProviderPayout, *, early: timedelta, late: timedelta) -> list[UUID]:
    """Waiting credits on the firm's bank account that could be this payout: its sum, around its day; one that names
    Stripe stands alone, whatever else there is."""
    rows = session.execute(
        select(BankTransaction.id, BankTransaction.payer, BankTransaction.message)
        .where(
            BankTransaction.creditor_id == payout.creditor_id,
            BankTransaction.status == BankState.UNMATCHED.value,
            BankTransaction.credit.is_(True),
            BankTransaction.reversal.is_(False),
            BankTransaction.amount_minor == payout.amount_minor,
            BankTransaction.currency == payout.currency,
            BankTransaction.booked_on.between(payout.arrives_on - early, payout.arrives_on + late),
        )
        .order_by(BankTransaction.booked_on, BankTransaction.id)
    ).all()
    named = [row.id for row in rows if "stripe" in f"{row.payer} {row.message}".lower()]
    return named[:1] or [row.id for row in rows]


def reads_bank_files(session: Session, creditor_id: UUID) -> bool:
    """Whether this firm hands its bank's files in at all."""
    return session.scalar(select(BankFileRow.id).where(BankFileRow.creditor_id == creditor_id).limit(1)) is not None


def payouts_of(session: Session, creditor_id: UUID, *, limit: int) -> list[ProviderPayout]:
    """The creditor's payouts, the latest first."""
    return list(
        session.scalars(
            select(ProviderPayout)
            .where(ProviderPayout.creditor_id == creditor_id)
            .order_by(ProviderPayout.arrives_on.desc(), ProviderPayout.id)
            .limit(limit)
        )
    )


def finding_about(session: Session, creditor_id: UUID, kind: FindingKind, object_id: str) -> Finding | None:
    """What was found about this object, open or not."""
    return session.scalar(
        select(Finding).where(
            Finding.creditor_id == creditor_id, Finding.kind == kind.value, Finding.object_id == object_id
        )
    )


def finding_at(session: Session, creditor_id: UUID, finding_id: UUID) -> Finding | None:
    """This finding of this firm."""
    return session.scalar(
        select(Finding).where(Finding.creditor_id == creditor_id, Finding.id == finding_id).with_for_update()
    )


def open_findings(session: Session, creditor_id: UUID, *, limit: int) -> list[Finding]:
    """What nobody has closed, the oldest first."""
    return list(
        session.scalars(
            select(Finding)
            .where(Finding.creditor_id == creditor_id, Finding.done_at.is_(None))
            .order_by(Finding.since, Finding.id)
            .limit(limit)
        )
    )


def open_of_kind(session: Session, creditor_id: UUID, kind: FindingKind) -> list[Finding]:
    """The open findings of one kind."""
    return list(
        session.scalars(
            select(Finding).where(
                Finding.creditor_id == creditor_id, Finding.kind == kind.value, Finding.done_at.is_(None)
            )
        )
    )


def count_open(session: Session, creditor_id: UUID) -> int:
    """How many findings nobody has closed."""
    query = (
        select(func.count()).select_from(Finding).where(Finding.creditor_id == creditor_id, Finding.done_at.is_(None))
    )
    return int(session.scalar(query) or 0)


def files_kept(session: Session) -> list[Attachment]:
    """Every file that a row says can be shown."""
    return list(session.scalars(select(Attachment).where(Attachment.state == FileState.READY.value)))
