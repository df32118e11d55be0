"""How was a movement of money divided between a claim's lines, by whose word, and by what was it replaced?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, exists, func, not_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.rules.allocation import Word
from portal.rules.payments import AccountKind, EntryKind
from portal.store.database import Table
from portal.store.ledger import Account, Entry, LineRow, Posting

WORDS = ", ".join(f"'{word}'" for word in Word)


class Allocation(Table):
    """Everything that the division of one entry rests on (`law.md` 1.3), so that it can be computed again.

    `policy` is the country's order and its version; `declared` names the lines that go first and `word` whose wish
    that was; `contested` the lines that somebody objected to on that day. A division that a payment valued earlier has
    overtaken says by which entry and when; the entry's postings are then mirrored in the ledger.
    """

    __tablename__ = "allocation"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    policy: Mapped[str]
    word: Mapped[str]
    declared: Mapped[list[str]] = mapped_column(JSON)
    contested: Mapped[list[str]] = mapped_column(JSON)
    paid_at: Mapped[datetime | None]
    reference: Mapped[str]
    replaced_by: Mapped[UUID | None]
    replaced_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "entry_id"], ["entry.creditor_id", "entry.id"]),
        ForeignKeyConstraint(["creditor_id", "replaced_by"], ["entry.creditor_id", "entry.id"]),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_allocation_claim", "creditor_id", "claim_id"),
        CheckConstraint(f"word IN ({WORDS})", "word"),
        CheckConstraint("(replaced_by IS NULL) OR (replaced_at IS NOT NULL)", "replaced"),
    )


@dataclass(frozen=True, slots=True)
class Booked:
    """One entry of a claim with its lines, its division if it has one, and the entry that it mirrors, if any.

    `undone` has a mirror; `vanishes` gets one on its own day just now.
    """

    entry: Entry
    lines: tuple[LineRow, ...]
    allocation: Allocation | None
    mirrors: Entry | None = None
    undone: bool = False
    vanishes: bool = False

    @property
    def vanished(self) -> bool:
        """Whether this is half of a pair that cancels on one day: as if it had never been."""
        return self.mirrors is not None and self.mirrors.effective_on == self.entry.effective_on


def booked_on(session: Session, creditor_id: UUID, claim_id: UUID) -> list[Booked]:
    """Every entry of a claim in the ledger's order; of pairs that cancel on one day neither half."""
    lines: dict[UUID, list[LineRow]] = defaultdict(list)
    entries: dict[UUID, tuple[Entry, Allocation | None]] = {}
    rows: Any = session.execute(
        select(Entry, Account, Posting.amount_minor, Allocation)
        .join(Posting, (Posting.creditor_id == Entry.creditor_id) & (Posting.entry_id == Entry.id))
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(Allocation, Allocation.entry_id == Entry.id)
        .where(Entry.creditor_id == creditor_id, Entry.claim_id == claim_id)
        .order_by(Entry.seq, Posting.line)
    )
    for entry, account, minor, allocation in rows:
        entries[entry.id] = (entry, allocation)
        kind = AccountKind(account.kind)
        lines[entry.id].append(
            LineRow(kind, minor, account.currency, claim_id=account.claim_id, position_id=account.position_id)
        )
    found = {
        entry.id: Booked(entry, tuple(lines[entry.id]), allocation, _known(entries, entry.reverses_id))
        for entry, allocation in entries.values()
    }
    for one in list(found.values()):
        if one.mirrors is not None:
            if one.vanished:
                del found[one.entry.id], found[one.mirrors.id]
            else:
                found[one.mirrors.id] = replace(found[one.mirrors.id], undone=True)
    return list(found.values())


def _known(entries: dict[UUID, tuple[Entry, Allocation | None]], entry_id: UUID | None) -> Entry | None:
    return None if entry_id is None or entry_id not in entries else entries[entry_id][0]


def allocation_of(session: Session, creditor_id: UUID, entry_id: UUID) -> Allocation | None:
    """What this entry's division rests on."""
    return session.scalar(
        select(Allocation).where(Allocation.creditor_id == creditor_id, Allocation.entry_id == entry_id)
    )


def allocations_of(session: Session, creditor_id: UUID, claim_id: UUID) -> dict[UUID, Allocation]:
    """All divisions on a claim, replaced ones too, by the id of their entry."""
    found = session.scalars(
        select(Allocation).where(Allocation.creditor_id == creditor_id, Allocation.claim_id == claim_id)
    )
    return {one.entry_id: one for one in found}


def last_valued(session: Session, creditor_id: UUID, claim_id: UUID) -> date | None:
    """The latest value date of money that stands on a claim."""
    mirror = aliased(Entry)
    return session.scalar(
        select(func.max(Entry.effective_on)).where(
            Entry.creditor_id == creditor_id,
            Entry.claim_id == claim_id,
            Entry.kind.in_([EntryKind.PAYMENT, EntryKind.REFUND, EntryKind.CHARGEBACK, EntryKind.ALLOCATION]),
            not_(exists().where(mirror.creditor_id == Entry.creditor_id, mirror.reverses_id == Entry.id)),
        )
    )


def first_taken_on(session: Session, creditor_id: UUID, claim_id: UUID) -> date | None:
    """The first day on which money of a claim was given back, or the debtor's credit on it was used."""
    return session.scalar(
        select(func.min(Entry.effective_on))
        .join(Posting, (Posting.creditor_id == Entry.creditor_id) & (Posting.entry_id == Entry.id))
        .join(Account, Account.id == Posting.account_id)
        .where(
            Entry.creditor_id == creditor_id,
            Entry.claim_id == claim_id,
            Entry.kind.in_([EntryKind.REFUND, EntryKind.CHARGEBACK, EntryKind.ALLOCATION]),
            Account.kind.in_([AccountKind.DEBTOR_CREDIT, AccountKind.RECEIVABLE]),
            Posting.amount_minor > 0,
        )
    )


def standing_entry(session: Session, entry: Entry) -> Entry:
    """The entry that counts now in the place of this one: itself, or the last of those that replaced it."""
    now = entry
    while (found := allocation_of(session, now.creditor_id, now.id)) is not None and found.replaced_by is not None:
        now = session.scalars(
            select(Entry).where(Entry.creditor_id == now.creditor_id, Entry.id == found.replaced_by)
        ).one()
    return now
