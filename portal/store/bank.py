"""Which bank files were read, which money came with them, and where is it now; their tables and SELECTs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.bank import BankState, FileKind
from portal.rules.bank_identity import Seen
from portal.rules.claims import ClaimStatus
from portal.rules.money import Money
from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.settings import BankAccount

STATES = ", ".join(f"'{state}'" for state in BankState)
#: So many names fit into one question to the database.
AT_ONCE = 500


class BankFileRow(Table):
    """One file as it was handed in, and what came of it; its bytes are not kept."""

    __tablename__ = "bank_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    clerk_id: Mapped[UUID | None]
    name: Mapped[str]
    sha256: Mapped[bytes]
    kind: Mapped[str]
    version: Mapped[str]
    taken_at: Mapped[datetime]
    noted_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    booked: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    unmatched: Mapped[int] = mapped_column(default=0)
    reversed: Mapped[int] = mapped_column(default=0)
    outgoing: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_bank_file_taken", "creditor_id", "taken_at"),
    )


class BankTransaction(Table):
    """One amount of money that came in or was taken back, known again by `identity` or by entry and place."""

    __tablename__ = "bank_transaction"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    file_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_account.id"))
    identity: Mapped[str]
    entry_key: Mapped[str]
    place: Mapped[int]
    whole: Mapped[bool]
    kind: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    credit: Mapped[bool]
    reversal: Mapped[bool]
    booked_on: Mapped[date]
    value_on: Mapped[date]
    servicer_ref: Mapped[str] = mapped_column(default="")
    entry_ref: Mapped[str] = mapped_column(default="")
    end_to_end: Mapped[str] = mapped_column(default="")
    reference: Mapped[str] = mapped_column(default="")
    payer: Mapped[str] = mapped_column(default="")
    payer_iban: Mapped[str] = mapped_column(default="")
    message: Mapped[str] = mapped_column(default="")
    status: Mapped[str]
    why: Mapped[str | None]
    claim_id: Mapped[UUID | None]
    same_as: Mapped[UUID | None]
    rounds: Mapped[int] = mapped_column(default=0)
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        UniqueConstraint("creditor_id", "account_id", "identity"),
        ForeignKeyConstraint(["creditor_id", "file_id"], ["bank_file.creditor_id", "bank_file.id"]),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "decided_by"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_bank_transaction_entry", "creditor_id", "account_id", "entry_key", "place"),
        Index("ix_bank_transaction_state", "creditor_id", "status", "value_on"),
        Index("ix_bank_transaction_file", "creditor_id", "file_id", "status"),
        Index("ix_bank_transaction_claim", "creditor_id", "claim_id"),
        Index("ix_bank_transaction_sum", "creditor_id", "account_id", "kind", "amount_minor", "booked_on"),
        CheckConstraint(f"status IN ({STATES})", "status"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("status <> 'booked' OR claim_id IS NOT NULL", "claim"),
    )

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


def accounts_of(session: Session, creditor_id: UUID) -> list[BankAccount]:
    """The accounts whose files this creditor may hand in."""
    query = select(BankAccount).where(BankAccount.creditor_id == creditor_id).order_by(BankAccount.currency)
    return list(session.scalars(query))


def seen_rows(
    session: Session, creditor_id: UUID, account_id: UUID, identities: Collection[str], entry_keys: Collection[str]
) -> list[Seen]:
    """What is kept of this account under any of these names."""
    columns = (
        BankTransaction.id, BankTransaction.identity, BankTransaction.entry_key, BankTransaction.place,
        BankTransaction.whole, BankTransaction.servicer_ref, BankTransaction.status,
    )  # fmt: skip
    found: dict[UUID, Seen] = {}
    for column, names in ((BankTransaction.identity, identities), (BankTransaction.entry_key, entry_keys)):
        for part in _parts(sorted(names)):
            rows = session.execute(
                select(*columns).where(
                    BankTransaction.creditor_id == creditor_id,
                    BankTransaction.account_id == account_id,
                    column.in_(part),
                )
            )
            for row in rows:
                found[row[0]] = Seen(row[0], row[1], row[2], row[3], row[4], row[5], BankState(row[6]))
    return list(found.values())


def _parts(names: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (names[at : at + AT_ONCE] for at in range(0, len(names), AT_ONCE))


def note(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """These rows are kept; one that another reader of the same file has just kept stays as it is."""
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for part in _parts(rows):
        session.execute(insert(BankTransaction).on_conflict_do_nothing(), list(part))


def adopt(session: Session, creditor_id: UUID, file_id: UUID, ids: Collection[UUID]) -> None:
    """Money that an earlier run noted and never worked through is this file's to work through."""
    for part in _parts(sorted(ids)):
        session.execute(
            update(BankTransaction)
            .where(
                BankTransaction.creditor_id == creditor_id,
                BankTransaction.id.in_(part),
                BankTransaction.status == BankState.NEW,
            )
            .values(file_id=file_id)
        )


def count_of(session: Session, creditor_id: UUID, file_id: UUID) -> int:
    """How many amounts this file brought first, or took over from a run that was stopped."""
    return sum(count_by_state(session, creditor_id, file_id).values())


def count_by_state(session: Session, creditor_id: UUID, file_id: UUID) -> dict[tuple[BankState, bool], int]:
    """How many amounts of this file are in which state, credits and debits apart."""
    rows = session.execute(
        select(BankTransaction.status, BankTransaction.credit, func.count())
        .where(BankTransaction.creditor_id == creditor_id, BankTransaction.file_id == file_id)
        .group_by(BankTransaction.status, BankTransaction.credit)
    )
    return {(BankState(row[0]), row[1]): row[2] for row in rows}


def twins_of(session: Session, rows: Sequence[BankTransaction]) -> dict[UUID, UUID]:
    """For each of these rows money of the other message that looks just like it and shares no bank reference."""
    if not rows:
        return {}
    first = rows[0]
    others: dict[tuple[object, ...], list[BankTransaction]] = {}
    for other in session.scalars(
        select(BankTransaction).where(
            BankTransaction.creditor_id == first.creditor_id,
            BankTransaction.account_id.in_({row.account_id for row in rows}),
            BankTransaction.amount_minor.in_({row.amount_minor for row in rows}),
            BankTransaction.booked_on.in_({row.booked_on for row in rows}),
            BankTransaction.kind.in_([kind.value for kind in FileKind if kind != first.kind]),
            BankTransaction.status != BankState.REPLACED,
            or_(BankTransaction.entry_ref == "", BankTransaction.servicer_ref == "", _unnamed(rows)),
        )
    ):
        others.setdefault(_look(other), []).append(other)
    return {
        row.id: other.id
        for row in rows
        for other in others.get(_look(row), ())[:1]
        if not (row.entry_ref and other.entry_ref) and not (row.servicer_ref and other.servicer_ref)
    }


def _look(row: BankTransaction) -> tuple[object, ...]:
    return row.account_id, row.amount_minor, row.booked_on, row.value_on, row.credit, row.reference


def _unnamed(rows: Sequence[BankTransaction]) -> ColumnElement[bool]:
    return true() if any(not row.entry_ref or not row.servicer_ref for row in rows) else false()


class Due(NamedTuple):
    """One amount to work through, and the claim that its reference names."""

    id: UUID
    claim_id: UUID | None
    credit: bool


def due_of(session: Session, creditor_id: UUID, file_id: UUID) -> list[Due]:
    """What this file brought and nobody has worked through, in the order of work.

    Credits before what takes them back, then claim by claim, each by value date.
    """
    rows = session.execute(
        select(BankTransaction.id, Claim.id, BankTransaction.credit)
        .outerjoin(
            Claim,
            (Claim.creditor_id == BankTransaction.creditor_id)
            & (Claim.qr_reference == BankTransaction.reference)
            & (Claim.qr_reference != "")
            & Claim.undone_at.is_(None)
            & (Claim.status != ClaimStatus.DRAFT),
        )
        .where(
            BankTransaction.creditor_id == creditor_id,
            BankTransaction.file_id == file_id,
            BankTransaction.status == BankState.NEW,
        )
        .order_by(BankTransaction.credit.desc(), Claim.id, BankTransaction.value_on, BankTransaction.identity)
    )
    return [Due(row[0], row[1], row[2]) for row in rows]


def lock_transactions(session: Session, creditor_id: UUID, ids: Collection[UUID]) -> dict[UUID, BankTransaction]:
    """Take the locks of these rows, in the order of their ids and after their claims' locks, and read them anew."""
    query = (
        select(BankTransaction)
        .where(BankTransaction.creditor_id == creditor_id, BankTransaction.id.in_(ids))
        .order_by(BankTransaction.id)
        .with_for_update(of=BankTransaction)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in session.scalars(query)}


def transaction_at(session: Session, creditor_id: UUID, transaction_id: UUID) -> BankTransaction | None:
    """This money at this creditor."""
    return session.scalar(
        select(BankTransaction).where(BankTransaction.creditor_id == creditor_id, BankTransaction.id == transaction_id)
    )


def lock_transaction(session: Session, creditor_id: UUID, transaction_id: UUID) -> BankTransaction:
    """Take the row's lock for a decision about it, after the claim's, and read it anew."""
    return session.scalars(
        select(BankTransaction)
        .where(BankTransaction.creditor_id == creditor_id, BankTransaction.id == transaction_id)
        .with_for_update(of=BankTransaction)
        .execution_options(populate_existing=True)
    ).one()


def originals_of(session: Session, row: BankTransaction) -> list[BankTransaction]:
    """The credits that this row could take back, those with the same bank reference first."""
    names = [
        column == value
        for column, value in (
            (BankTransaction.servicer_ref, row.servicer_ref),
            (BankTransaction.entry_ref, row.entry_ref),
            (BankTransaction.end_to_end, row.end_to_end),
            (BankTransaction.reference, row.reference),
        )
        if value
    ]
    if not names:
        return []
    query = select(BankTransaction).where(
        BankTransaction.creditor_id == row.creditor_id,
        BankTransaction.account_id == row.account_id,
        BankTransaction.credit.is_(True),
        BankTransaction.amount_minor == row.amount_minor,
        BankTransaction.value_on <= row.value_on,
        BankTransaction.status.in_([BankState.BOOKED, BankState.UNMATCHED]),
    )
    for name in names:
        found = list(session.scalars(query.where(name).order_by(BankTransaction.value_on.desc()).limit(2)))
        if found:
            return found
    return []


def undivided(session: Session, row: BankTransaction) -> BankTransaction | None:
    """The waiting booking that this row is a part of, kept before its parts were known."""
    if row.place == 0:
        return None
    return session.scalar(
        select(BankTransaction).where(
            BankTransaction.creditor_id == row.creditor_id,
            BankTransaction.account_id == row.account_id,
            BankTransaction.entry_key == row.entry_key,
            BankTransaction.place == 0,
            BankTransaction.whole.is_(True),
            BankTransaction.status.in_([BankState.NEW, BankState.UNMATCHED]),
        )
    )
