"""What does the desk see of the files of claims: all of them with who handed them in, and the same file again?"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.claims import Claim
from portal.store.imports import ClaimImport
from portal.store.people import Clerk


def import_for_desk(
    session: Session, creditor_id: UUID, import_id: UUID, *, locked: bool = False
) -> ClaimImport | None:
    """This import of this firm as it is now; locked it stays so until the transaction ends."""
    query = select(ClaimImport).where(ClaimImport.creditor_id == creditor_id, ClaimImport.id == import_id)
    return session.scalar(query.with_for_update() if locked else query, execution_options={"populate_existing": True})


def imports_at_desk(
    session: Session, creditor_id: UUID, *, offset: int, limit: int
) -> list[tuple[ClaimImport, str | None]]:
    """The firm's files of claims with the name of who handed each in, the newest first."""
    query = (
        select(ClaimImport, Clerk.name)
        .outerjoin(Clerk, (Clerk.id == ClaimImport.clerk_id) & (Clerk.creditor_id == ClaimImport.creditor_id))
        .where(ClaimImport.creditor_id == creditor_id)
        .order_by(ClaimImport.started_at.desc(), ClaimImport.id)
        .offset(offset)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def same_file(session: Session, creditor_id: UUID, sha256: bytes) -> ClaimImport | None:
    """The last import of exactly this file that nobody took back."""
    query = select(ClaimImport).where(
        ClaimImport.creditor_id == creditor_id, ClaimImport.sha256 == sha256, ClaimImport.state != "undone"
    )
    return session.scalar(query.order_by(ClaimImport.started_at.desc()).limit(1))


def references_left(session: Session, row: ClaimImport, limit: int) -> list[str]:
    """The numbers of claims of this import that were not taken back with it."""
    query = (
        select(Claim.reference)
        .where(Claim.creditor_id == row.creditor_id, Claim.import_id == row.id, Claim.undone_at.is_(None))
        .order_by(Claim.reference)
        .limit(limit)
    )
    return list(session.scalars(query))


def has_claims(session: Session, creditor_id: UUID) -> bool:
    """Whether the firm has a single case yet."""
    query = select(Claim.id).where(Claim.creditor_id == creditor_id, Claim.undone_at.is_(None)).limit(1)
    return session.scalar(query) is not None
