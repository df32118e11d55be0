"""The money truth: accounts, entries and postings that are only ever added (`decisions.md` 18, 20)."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4, uuid5

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.ledger import PostingFact
from portal.rules.payments import AccountKind, EntryKind
from portal.store.database import Sequence, Table

ACCOUNT_KINDS = ", ".join(f"'{kind}'" for kind in AccountKind)
#: Compared by bytes on both engines, whatever the database's language.
ByBytes = String().with_variant(String(collation="C"), "postgresql")
ENTRY_KINDS = ", ".join(f"'{kind}'" for kind in EntryKind)


class Account(Table):
    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    kind: Mapped[str]
    claim_id: Mapped[UUID | None]
    position_id: Mapped[UUID | None]
    currency: Mapped[str]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id", "currency"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "position_id"], ["position.creditor_id", "position.id"]),
        Index("ix_account_claim", "creditor_id", "claim_id"),
        CheckConstraint(f"kind IN ({ACCOUNT_KINDS})", "kind"),
        CheckConstraint("(kind = 'receivable') = (position_id IS NOT NULL)", "receivable"),
    )


class Entry(Table):
    """One fact about money; `seq` is its order, `effective_on` the day it counts from."""

    __tablename__ = "entry"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    id: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    claim_id: Mapped[UUID | None]
    kind: Mapped[str]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    cause_type: Mapped[str]
    cause_id: Mapped[UUID]
    idem_key: Mapped[str] = mapped_column(ByBytes)
    reverses_id: Mapped[UUID | None] = mapped_column(unique=True)
    note_code: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        UniqueConstraint("creditor_id", "idem_key"),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        ForeignKeyConstraint(["creditor_id", "reverses_id"], ["entry.creditor_id", "entry.id"]),
        Index("ix_entry_claim", "creditor_id", "claim_id"),
        CheckConstraint(f"kind IN ({ENTRY_KINDS})", "kind"),
    )


class Posting(Table):
    """One line of an entry, in minor units; the lines of an entry add up to zero."""

    __tablename__ = "posting"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID]
    account_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(
            ["creditor_id", "entry_id"], ["entry.creditor_id", "entry.id"], deferrable=True, initially="DEFERRED"
        ),
        ForeignKeyConstraint(
            ["creditor_id", "account_id", "currency"], ["account.creditor_id", "account.id", "account.currency"]
        ),
        Index("ix_posting_account", "account_id"),
        CheckConstraint("amount_minor <> 0", "not_zero"),
        CheckConstraint("amount_minor BETWEEN -100000000000 AND 100000000000", "bounds"),
    )


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line to post: which account, and how much in minor units."""

    kind: AccountKind
    amount_minor: int
    currency: str
    claim_id: UUID | None = None
    position_id: UUID | None = None

    def account_id(self, creditor_id: UUID) -> UUID:
        return account_id(creditor_id, self.kind, self.currency, claim_id=self.claim_id, position_id=self.position_id)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry to write; its lines add up to zero, which the database checks again."""

    creditor_id: UUID
    claim_id: UUID | None
    kind: EntryKind
    effective_on: date
    recorded_at: datetime
    cause_type: str
    cause_id: UUID
    idem_key: str
    lines: tuple[LineRow, ...]
    note_code: str | None = None
    reverses_id: UUID | None = None
    id: UUID = field(default_factory=uuid4)


def account_id(
    creditor_id: UUID,
    kind: AccountKind,
    currency: str,
    *,
    claim_id: UUID | None = None,
    position_id: UUID | None = None,
) -> UUID:
    """The account's own id, the same wherever it is computed, so that two writers can't open it twice."""
    return uuid5(creditor_id, f"{kind}|{currency}|{claim_id or ''}|{position_id or ''}")


def write(session: Session, entries: SequenceOf[EntryRow]) -> list[UUID]:
    """Add these entries to the ledger; one whose `idem_key` is known already is left out. Ids of what was added."""
    added: list[UUID] = []
    for row in entries:
        known = session.scalar(
            select(Entry.id).where(Entry.creditor_id == row.creditor_id, Entry.idem_key == row.idem_key)
        )
        if known is None:
            _write_one(session, row)
            added.append(row.id)
    return added


def _write_one(session: Session, row: EntryRow) -> None:
    session.flush()
    _open_accounts(session, row)
    session.execute(
        insert(Posting),
        [
            {
                "entry_id": row.id,
                "line": number,
                "creditor_id": row.creditor_id,
                "account_id": line.account_id(row.creditor_id),
                "amount_minor": line.amount_minor,
                "currency": line.currency,
            }
            for number, line in enumerate(row.lines, start=1)
        ],
    )
    session.execute(
        insert(Entry).values(
            id=row.id,
            creditor_id=row.creditor_id,
            claim_id=row.claim_id,
            kind=row.kind,
            effective_on=row.effective_on,
            recorded_at=row.recorded_at,
            cause_type=row.cause_type,
            cause_id=row.cause_id,
            idem_key=row.idem_key,
            reverses_id=row.reverses_id,
            note_code=row.note_code,
        )
    )


def _open_accounts(session: Session, row: EntryRow) -> None:
    wanted = {line.account_id(row.creditor_id): line for line in row.lines}
    there = set(session.scalars(select(Account.id).where(Account.id.in_(wanted))))
    for identity, line in wanted.items():
        if identity not in there:
            insert_once = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgres_insert
            session.execute(
                insert_once(Account)
                .values(
                    id=identity,
                    creditor_id=row.creditor_id,
                    kind=line.kind,
                    claim_id=line.claim_id,
                    position_id=line.position_id,
                    currency=line.currency,
                )
                .on_conflict_do_nothing()
            )


#: Put together once, as it is asked for every sum of a claim.
RECEIVABLE_POSTINGS = (
    select(Account.position_id, Entry.kind, Entry.effective_on, Posting.amount_minor)
    .select_from(Posting)
    .join(Account, Account.id == Posting.account_id)
    .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
    .where(
        Account.creditor_id == bindparam("creditor", type_=Uuid()),
        Account.claim_id == bindparam("claim"),
        Account.kind == AccountKind.RECEIVABLE,
    )
    .order_by(Entry.seq, Posting.line)
)


def receivable_postings(session: Session, creditor_id: UUID, claim_id: UUID) -> list[PostingFact]:
    """Everything posted to the lines of a claim, in the ledger's order."""
    rows = session.execute(RECEIVABLE_POSTINGS, {"creditor": creditor_id, "claim": claim_id})
    return [
        PostingFact(position_id, EntryKind(kind), effective_on, minor)
        for position_id, kind, effective_on, minor in rows
        if position_id is not None
    ]


def balance(session: Session, identity: UUID) -> int:
    """The sum of an account's postings, in minor units."""
    total = func.coalesce(func.sum(Posting.amount_minor), 0)
    found = session.scalar(select(total).where(Posting.account_id == identity))
    return int(found or 0)


def credit_of(session: Session, creditor_id: UUID, claim_id: UUID, currency: str) -> int:
    """What the debtor has paid too much on this claim and not got back, in minor units."""
    return -balance(session, account_id(creditor_id, AccountKind.DEBTOR_CREDIT, currency, claim_id=claim_id))


def missing_on(session: Session, creditor_id: UUID, claim_id: UUID) -> int:
    """What went back of a claim's money though it was not there, and has not come again; minor units."""
    found = session.scalar(
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .join(Account, Account.id == Posting.account_id)
        .where(Entry.creditor_id == creditor_id, Entry.claim_id == claim_id, Account.kind == AccountKind.SUSPENSE)
    )
    return int(found or 0)


def under(key_prefix: str) -> ColumnElement[bool]:
    """Keys of this object and effect; a span of the index, not a search through everybody's."""
    return and_(Entry.idem_key >= f"{key_prefix}:", Entry.idem_key < f"{key_prefix};")  # ";" comes next after ":"


def booked_for(session: Session, creditor_id: UUID, key_prefix: str, kind: AccountKind) -> int:
    """What stands on accounts of this kind from entries whose key begins with this object's id, in minor units."""
    found = session.scalar(
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .join(Account, Account.id == Posting.account_id)
        .where(
            Entry.creditor_id == creditor_id,
            under(key_prefix),
            Account.kind == kind,
        )
    )
    return int(found or 0)


def entries_under(session: Session, creditor_id: UUID, key_prefix: str) -> int:
    """How many entries an effect of an object has made so far, interest that came with them left out."""
    found = session.scalar(
        select(func.count())
        .select_from(Entry)
        .where(
            Entry.creditor_id == creditor_id,
            under(key_prefix),
            Entry.kind != EntryKind.INTEREST,
        )
    )
    return int(found or 0)


def entry_by_key(session: Session, creditor_id: UUID, idem_key: str) -> Entry | None:
    """The entry that this key has made."""
    return session.scalar(select(Entry).where(Entry.creditor_id == creditor_id, Entry.idem_key == idem_key))


def last_seq(session: Session, creditor_id: UUID, claim_id: UUID) -> int:
    """The place of a claim's newest entry in the ledger's order."""
    query = select(func.coalesce(func.max(Entry.seq), 0))
    return int(session.scalar(query.where(Entry.creditor_id == creditor_id, Entry.claim_id == claim_id)) or 0)


def lines_of(session: Session, entry: Entry) -> list[LineRow]:
    """The lines of an entry as they could be written again."""
    rows = session.execute(
        select(Account, Posting)
        .join(Posting, (Posting.creditor_id == Account.creditor_id) & (Posting.account_id == Account.id))
        .where(Posting.creditor_id == entry.creditor_id, Posting.entry_id == entry.id)
        .order_by(Posting.line)
    )
    return [
        LineRow(
            AccountKind(account.kind),
            posting.amount_minor,
            posting.currency,
            claim_id=account.claim_id,
            position_id=account.position_id,
        )
        for account, posting in rows
    ]
