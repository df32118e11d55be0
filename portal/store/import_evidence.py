"""Which documents does a file of claims name that nobody has handed in yet?"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.evidence import Evidence


class ImportEvidence(Table):
    """A document that a row of a file names and that is not there; the row is gone as soon as it comes.

    `key` is the name as names are compared, `place` where it stands among the row's names.
    """

    __tablename__ = "import_evidence"

    creditor_id: Mapped[UUID] = mapped_column(primary_key=True)
    claim_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("claim_import.id"))
    name: Mapped[str]
    place: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_import_evidence_import", "creditor_id", "import_id", "key"),
    )


def waiting_files(session: Session, creditor_id: UUID, import_id: UUID) -> dict[str, int]:
    """The names that claims of this import wait for, each with the number of claims, in their order."""
    rows = session.execute(
        select(func.min(ImportEvidence.name), func.count())
        .join(Claim, (Claim.creditor_id == ImportEvidence.creditor_id) & (Claim.id == ImportEvidence.claim_id))
        .where(
            ImportEvidence.creditor_id == creditor_id,
            ImportEvidence.import_id == import_id,
            Claim.undone_at.is_(None),
        )
        .group_by(ImportEvidence.key)
        .order_by(ImportEvidence.key)
    )
    return {row[0]: int(row[1]) for row in rows}


def waits_for_files(session: Session, creditor_id: UUID, claim_ids: Collection[UUID]) -> set[UUID]:
    """Those of these claims for which a named document is not there yet."""
    rows = session.scalars(
        select(ImportEvidence.claim_id).where(
            ImportEvidence.creditor_id == creditor_id, ImportEvidence.claim_id.in_(claim_ids)
        )
    )
    return set(rows)


def without_documents(session: Session, creditor_id: UUID, claim_ids: Collection[UUID]) -> set[UUID]:
    """Those of these claims that wait for a named document and have none at all: one that came by hand is enough."""
    waiting = waits_for_files(session, creditor_id, claim_ids)
    known = select(Evidence.claim_id).where(Evidence.creditor_id == creditor_id, Evidence.claim_id.in_(waiting))
    return waiting - set(session.scalars(known)) if waiting else waiting


def claims_waiting_for(
    session: Session, creditor_id: UUID, keys: Collection[str], *, import_id: UUID | None, claim_ids: Collection[UUID],
    after: UUID | None, limit: int,
) -> list[UUID]:  # fmt: skip
    """Claims that everybody sees and that wait for one of these files, of an import or among these; so many at most."""
    query = (
        select(ImportEvidence.claim_id)
        .join(Claim, (Claim.creditor_id == ImportEvidence.creditor_id) & (Claim.id == ImportEvidence.claim_id))
        .where(ImportEvidence.creditor_id == creditor_id, ImportEvidence.key.in_(keys), Claim.undone_at.is_(None))
        .distinct()
        .order_by(ImportEvidence.claim_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(ImportEvidence.claim_id > after)
    if import_id is not None:
        return list(session.scalars(query.where(ImportEvidence.import_id == import_id)))
    return list(session.scalars(query.where(ImportEvidence.claim_id.in_(claim_ids))))


def waited_for(session: Session, creditor_id: UUID, claim_id: UUID, keys: Collection[str]) -> list[ImportEvidence]:
    """Those of these files that the claim waits for, in the order in which its row names them."""
    query = select(ImportEvidence).where(
        ImportEvidence.creditor_id == creditor_id, ImportEvidence.claim_id == claim_id, ImportEvidence.key.in_(keys)
    )
    return list(session.scalars(query.order_by(ImportEvidence.place)))


def no_longer_waits(session: Session, row: ImportEvidence) -> None:
    """This document has come."""
    session.execute(
        delete(ImportEvidence).where(
            ImportEvidence.creditor_id == row.creditor_id, ImportEvidence.claim_id == row.claim_id,
            ImportEvidence.key == row.key,
        )
    )  # fmt: skip
