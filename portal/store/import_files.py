"""Which files lie beside an import at the desk: documents that wait for it, its check list, its refused rows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.import_stages import Beside
from portal.store.database import Table
from portal.store.imports import ClaimImport


class ImportFile(Table):
    """Sealed bytes in the file store under `store_key`; gone as soon as nobody needs them any more."""

    __tablename__ = "import_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    import_id: Mapped[UUID] = mapped_column(ForeignKey("claim_import.id"))
    purpose: Mapped[str]
    name: Mapped[str]
    store_key: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_import_file_import", "creditor_id", "import_id", "purpose"),
        CheckConstraint("purpose IN ('document', 'list', 'refused')", "purpose"),
    )


def files_beside(session: Session, creditor_id: UUID, import_id: UUID, purpose: Beside) -> list[ImportFile]:
    """The files of this kind beside this import, by their names."""
    query = select(ImportFile).where(
        ImportFile.creditor_id == creditor_id, ImportFile.import_id == import_id, ImportFile.purpose == purpose
    )
    return list(session.scalars(query.order_by(ImportFile.name, ImportFile.id)))


def let_go(session: Session, creditor_id: UUID, import_id: UUID, *purposes: Beside) -> list[str]:
    """No row knows these files beside the import any more; the keys of their bytes."""
    gone = session.scalars(
        delete(ImportFile)
        .where(
            ImportFile.creditor_id == creditor_id, ImportFile.import_id == import_id, ImportFile.purpose.in_(purposes)
        )
        .returning(ImportFile.store_key)
    )
    return list(gone)


def forgotten(session: Session, creditor_id: UUID, before: datetime) -> list[ClaimImport]:
    """Files of claims that were handed in before this moment, never brought in, and still lie there."""
    query = select(ClaimImport).where(
        ClaimImport.creditor_id == creditor_id, ClaimImport.state == "given", ClaimImport.started_at < before
    )
    return list(session.scalars(query))


def older_files(session: Session, creditor_id: UUID, before: datetime) -> list[UUID]:
    """The imports beside which files lie that were added before this moment."""
    query = select(ImportFile.import_id).where(ImportFile.creditor_id == creditor_id, ImportFile.added_at < before)
    return list(session.scalars(query.distinct()))


def import_keys(session: Session) -> set[str]:
    """Every key of the file store that an import knows, of every creditor; for the sweep only."""
    beside = set(session.scalars(select(ImportFile.store_key)))
    return beside | set(session.scalars(select(ClaimImport.file_key).where(ClaimImport.file_key.is_not(None))))
