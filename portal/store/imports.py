"""Which files of claims were taken in, what came of them, and how are their rows written set by set?"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy import Table as CoreTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.rules.claims import ClaimStatus
from portal.rules.history import EventKind
from portal.rules.payments import AccountKind, CauseType
from portal.store.claims import Claim, Position
from portal.store.database import Table
from portal.store.history import Event
from portal.store.ledger import Account, Entry, EntryRow, Posting, account_id
from portal.store.letters import LetterClaim
from portal.store.people import Debtor
from portal.store.today import Task

#: What may have happened on a claim that is taken back with its import.
UNTOUCHED = (EventKind.CLAIM_OPENED.value, EventKind.EVIDENCE_ADDED.value, EventKind.FILE_REFUSED.value)


class ClaimImport(Table):
    """One file of claims: while its rows are written nobody sees them; `owner` is whoever writes now."""

    __tablename__ = "claim_import"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    clerk_id: Mapped[UUID | None]
    name: Mapped[str]
    sha256: Mapped[bytes]
    state: Mapped[str]
    owner: Mapped[UUID | None]
    file_key: Mapped[str | None]
    started_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    total: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_claim_import_started", "creditor_id", "started_at"),
        Index(
            "uq_claim_import_writing",
            "creditor_id",
            unique=True,
            sqlite_where=text("state = 'writing'"),
            postgresql_where=text("state = 'writing'"),
        ),
        CheckConstraint("state IN ('given', 'writing', 'done', 'undone')", "state"),
    )


class ImportMapping(Table):
    """Which column says what in files with this header: a clerk has confirmed it once."""

    __tablename__ = "import_mapping"

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"), primary_key=True)
    header: Mapped[bytes] = mapped_column(primary_key=True)
    columns: Mapped[dict[str, int]] = mapped_column(JSON)
    confirmed_at: Mapped[datetime]


def import_at(session: Session, creditor_id: UUID, import_id: UUID) -> ClaimImport | None:
    """This import of this firm."""
    return session.scalar(
        select(ClaimImport).where(ClaimImport.creditor_id == creditor_id, ClaimImport.id == import_id)
    )


def imports_of(session: Session, creditor_id: UUID, limit: int = 10) -> list[ClaimImport]:
    """The firm's last imports that wrote something, the newest first."""
    return list(
        session.scalars(
            select(ClaimImport)
            .where(ClaimImport.creditor_id == creditor_id, ClaimImport.state != "given")
            .order_by(ClaimImport.started_at.desc())
            .limit(limit)
        )
    )


def unfinished(session: Session, creditor_id: UUID) -> ClaimImport | None:
    """The import of this firm whose rows are not all written."""
    return session.scalar(
        select(ClaimImport).where(ClaimImport.creditor_id == creditor_id, ClaimImport.state == "writing")
    )


def still_owner(session: Session, import_id: UUID, owner: UUID, **figures: int) -> bool:
    """Whether this writer still owns the import, whose row is locked for the rest of the transaction."""
    statement = (
        update(ClaimImport)
        .where(ClaimImport.id == import_id, ClaimImport.owner == owner, ClaimImport.state == "writing")
        .values(owner=owner, **figures)
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def mapping_of(session: Session, creditor_id: UUID, header: bytes) -> ImportMapping | None:
    """What a clerk has confirmed about files with this header."""
    return session.get(ImportMapping, (creditor_id, header))


def claims_with_references(session: Session, creditor_id: UUID, references: Collection[str]) -> dict[str, Claim]:
    """The claims that stand under these references, finished imports only."""
    rows = session.scalars(
        select(Claim).where(
            Claim.creditor_id == creditor_id, Claim.reference.in_(references), Claim.undone_at.is_(None)
        )
    )
    return {claim.reference: claim for claim in rows}


def written_already(session: Session, import_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Those of these claims that this import had written before it broke off."""
    return set(session.scalars(select(Claim.id).where(Claim.id.in_(ids), Claim.import_id == import_id)))


def positions_of_all(session: Session, creditor_id: UUID, ids: Collection[UUID]) -> dict[UUID, list[Position]]:
    """The lines of these claims in their order."""
    found: dict[UUID, list[Position]] = {}
    query = select(Position).where(Position.creditor_id == creditor_id, Position.claim_id.in_(ids))
    for position in session.scalars(query.order_by(Position.claim_id, Position.number)):
        found.setdefault(position.claim_id, []).append(position)
    return found


def debtors_at(session: Session, creditor_id: UUID, ids: Collection[UUID]) -> dict[UUID, Debtor]:
    """These debtors by their ids."""
    rows = session.scalars(select(Debtor).where(Debtor.creditor_id == creditor_id, Debtor.id.in_(ids)))
    return {debtor.id: debtor for debtor in rows}


def debtors_with_numbers(session: Session, creditor_id: UUID, numbers: Collection[str]) -> list[Debtor]:
    """The debtors with one of these customer numbers."""
    if not numbers:
        return []
    query = select(Debtor).where(Debtor.creditor_id == creditor_id, Debtor.customer_number.in_(numbers))
    return list(session.scalars(query.order_by(Debtor.id)))


def debtors_with_identities(session: Session, creditor_id: UUID, identities: Collection[bytes]) -> list[Debtor]:
    """The debtors with one of these names at one of these addresses."""
    if not identities:
        return []
    query = select(Debtor).where(Debtor.creditor_id == creditor_id, Debtor.identity.in_(identities))
    return list(session.scalars(query.order_by(Debtor.id)))


def invoices_of(session: Session, creditor_id: UUID, debtor_ids: Collection[UUID]) -> set[tuple[UUID, str]]:
    """The invoice numbers that are claimed from these debtors already."""
    if not debtor_ids:
        return set()
    rows = session.execute(
        select(Claim.debtor_id, Claim.invoice_number).where(
            Claim.creditor_id == creditor_id, Claim.debtor_id.in_(debtor_ids), Claim.undone_at.is_(None)
        )
    )
    return {(row[0], row[1]) for row in rows}


def open_accounts(session: Session, creditor_id: UUID, kinds: Iterable[tuple[AccountKind, str]]) -> None:
    """The firm's own accounts of these kinds and currencies are there."""
    rows = [
        {"id": account_id(creditor_id, kind, currency), "creditor_id": creditor_id, "kind": kind.value,
         "currency": currency}
        for kind, currency in kinds
    ]  # fmt: skip
    if rows:
        once = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(once(Account).on_conflict_do_nothing(), rows)


def write_reversals(session: Session, entries: Sequence[EntryRow], events: Sequence[Mapping[str, Any]]) -> None:
    """Mirrors of entries that stand, on accounts that are there, and what is told of them."""
    session.flush()
    put(session, Event, events)
    lines = [
        {
            "entry_id": row.id, "line": number, "creditor_id": row.creditor_id,
            "account_id": line.account_id(row.creditor_id), "amount_minor": line.amount_minor,
            "currency": line.currency,
        }
        for row in entries
        for number, line in enumerate(row.lines, start=1)
    ]  # fmt: skip
    put(session, Posting, lines)
    put(session, Entry, [
        {
            "id": row.id, "creditor_id": row.creditor_id, "claim_id": row.claim_id, "kind": row.kind.value,
            "effective_on": row.effective_on, "recorded_at": row.recorded_at, "cause_type": str(row.cause_type),
            "cause_id": row.cause_id, "idem_key": row.idem_key, "reverses_id": row.reverses_id,
            "note_code": row.note_code,
        }
        for row in entries
    ])  # fmt: skip


def put(session: Session, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """These rows are in the table; each names the same columns. PostgreSQL takes them by COPY."""
    if not rows:
        return
    core: CoreTable = table.__table__  # type: ignore[assignment]
    if session.get_bind().dialect.name == "sqlite":
        session.execute(insert(core), list(rows))
        return
    _copy(session.connection(), core, rows)


def _copy(connection: Connection, table: CoreTable, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(rows[0])
    written = [isinstance(table.c[name].type, JSON) for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(
                [
                    json.dumps(value) if is_json and value is not None else value
                    for value, is_json in zip(row.values(), written, strict=True)
                ]
            )


def taken_meanwhile(session: Session, row: ClaimImport) -> list[Claim]:
    """Claims of this import whose reference somebody else has opened while it was written."""
    other = aliased(Claim)
    return list(
        session.scalars(
            select(Claim)
            .join(other, (other.creditor_id == Claim.creditor_id) & (other.reference == Claim.reference))
            .where(
                Claim.creditor_id == row.creditor_id,
                Claim.import_id == row.id,
                Claim.undone_at.is_not(None),
                Claim.status == ClaimStatus.OPEN,
                other.undone_at.is_(None),
                other.id != Claim.id,
            )
        )
    )


def show(session: Session, row: ClaimImport, *, task_kind: str) -> int:
    """All claims of this import can be seen from here on, and what the desk has to look at; how many claims."""
    session.execute(
        update(Task)
        .where(
            Task.creditor_id == row.creditor_id, Task.kind == task_kind, Task.since == row.started_at,
            Task.done_at == row.started_at,
        )
        .values(done_at=None)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    statement = (
        update(Claim)
        .where(
            Claim.creditor_id == row.creditor_id, Claim.import_id == row.id, Claim.status == ClaimStatus.OPEN,
            Claim.undone_at.is_not(None),
        )
        .values(undone_at=None)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def untouched(session: Session, row: ClaimImport, limit: int) -> list[Claim]:
    """Open claims of this import on which nothing has happened since, so many at most, locked."""
    query = _on_which_nothing_happened(select(Claim), row).order_by(Claim.id).limit(limit).with_for_update(of=Claim)
    return list(session.scalars(query))


def count_untouched(session: Session, row: ClaimImport) -> int:
    """How many claims would be taken back with this import."""
    return int(session.scalar(_on_which_nothing_happened(select(func.count()).select_from(Claim), row)) or 0)


def _on_which_nothing_happened(query: Select[Any], row: ClaimImport) -> Select[Any]:
    happened = (
        select(Event.seq)
        .where(Event.creditor_id == Claim.creditor_id, Event.claim_id == Claim.id, Event.kind.not_in(UNTOUCHED))
        .exists()
    )
    moved = (
        select(Entry.seq)
        .where(Entry.creditor_id == Claim.creditor_id, Entry.claim_id == Claim.id, Entry.cause_type != CauseType.CLAIM)
        .exists()
    )
    sent = (
        select(LetterClaim.letter_id)
        .where(LetterClaim.creditor_id == Claim.creditor_id, LetterClaim.claim_id == Claim.id)
        .exists()
    )
    return query.where(
        Claim.creditor_id == row.creditor_id, Claim.import_id == row.id, Claim.status == ClaimStatus.OPEN
    ).where(~happened, ~moved, ~sent)


def entries_of(
    session: Session, creditor_id: UUID, claim_ids: Collection[UUID]
) -> list[tuple[Entry, Account, Posting]]:
    """Every line of these claims' entries in the ledger's order."""
    rows = session.execute(
        select(Entry, Account, Posting)
        .join(Posting, (Posting.creditor_id == Entry.creditor_id) & (Posting.entry_id == Entry.id))
        .join(Account, (Account.creditor_id == Posting.creditor_id) & (Account.id == Posting.account_id))
        .where(Entry.creditor_id == creditor_id, Entry.claim_id.in_(claim_ids), Entry.reverses_id.is_(None))
        .order_by(Entry.seq, Posting.line)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def count_open(session: Session, row: ClaimImport) -> int:
    """How many claims of this import are not taken back."""
    query = select(func.count()).select_from(Claim)
    return int(
        session.scalar(query.where(Claim.creditor_id == row.creditor_id, Claim.import_id == row.id,
                                   Claim.undone_at.is_(None))) or 0
    )  # fmt: skip


def references_of(session: Session, creditor_id: UUID, claim_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The references of these claims."""
    rows = session.execute(
        select(Claim.id, Claim.reference).where(Claim.creditor_id == creditor_id, Claim.id.in_(list(claim_ids)))
    )
    return {row[0]: row[1] for row in rows}
