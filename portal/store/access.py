"""Letter codes, sessions, throttles and drafts: what opens the portal, and what survives a closed door."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.database import Table


class LetterCode(Table):
    """The code of one letter; its secret exists only on the paper (`security.md` 2.4)."""

    __tablename__ = "letter_code"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    letter_id: Mapped[UUID]
    debtor_id: Mapped[UUID]
    lookup: Mapped[str] = mapped_column(String(6), unique=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    kdf: Mapped[str]
    kid: Mapped[int]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None]
    fail_code: Mapped[int] = mapped_column(default=0)
    fail_fact: Mapped[int] = mapped_column(default=0)
    last_fail_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]
    success_count: Mapped[int] = mapped_column(default=0)
    first_used_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "letter_id"], ["letter.creditor_id", "letter.id"]),
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        Index("ix_letter_code_letter", "creditor_id", "letter_id"),
    )


class SignedIn(Table):
    """A session of one audience; found by the SHA-256 of the cookie's token (`decisions.md` 3)."""

    __tablename__ = "signed_in"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    audience: Mapped[str]
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    debtor_id: Mapped[UUID | None]
    clerk_id: Mapped[UUID | None]
    room: Mapped[str | None]
    letters: Mapped[list[str]] = mapped_column(JSON, default=list)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    signed_out: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        CheckConstraint(
            "(audience = 'debtor' AND debtor_id IS NOT NULL AND clerk_id IS NULL) OR "
            "(audience = 'desk' AND clerk_id IS NOT NULL AND debtor_id IS NULL)",
            "audience",
        ),
        Index("ix_signed_in_debtor", "creditor_id", "debtor_id"),
        Index("ix_signed_in_clerk", "creditor_id", "clerk_id"),
    )


class Throttle(Table):
    """How often something failed from one network, or anywhere, in one window of time."""

    __tablename__ = "throttle"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    weight: Mapped[int] = mapped_column(BigInteger, default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Draft(Table):
    """What a person had typed when the session ended; offered once after the next sign-in (`decisions.md` 17)."""

    __tablename__ = "draft"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    debtor_id: Mapped[UUID]
    signed_in_id: Mapped[UUID | None]
    path: Mapped[str]
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    kept_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        Index("ix_draft_debtor", "creditor_id", "debtor_id"),
    )


def code_by_lookup(session: Session, lookup: str) -> LetterCode | None:
    """The one letter whose code begins with these six symbols."""
    return session.scalar(select(LetterCode).where(LetterCode.lookup == lookup))


def code_of_letter(session: Session, creditor_id: UUID, letter_id: UUID) -> LetterCode | None:
    """The code that stands on this letter."""
    return session.scalar(
        select(LetterCode).where(LetterCode.creditor_id == creditor_id, LetterCode.letter_id == letter_id)
    )


def codes_of_debtor(session: Session, creditor_id: UUID, debtor_id: UUID) -> list[LetterCode]:
    """All codes that were ever printed for this person, the newest first."""
    return list(
        session.scalars(
            select(LetterCode)
            .where(LetterCode.creditor_id == creditor_id, LetterCode.debtor_id == debtor_id)
            .order_by(LetterCode.issued_at.desc())
        )
    )


def session_by_token(session: Session, token_hash: bytes) -> SignedIn | None:
    """The session that this cookie opens, whether it has ended or not."""
    return session.scalar(select(SignedIn).where(SignedIn.token_hash == token_hash))


def session_by_id(session: Session, session_id: UUID) -> SignedIn | None:
    """The session row, read anew."""
    return session.scalar(
        select(SignedIn).where(SignedIn.id == session_id).execution_options(populate_existing=True)
    )


def code_locked(session: Session, lookup: str) -> LetterCode | None:
    """The code that begins with these six symbols, locked and read anew."""
    return session.scalar(
        select(LetterCode)
        .where(LetterCode.lookup == lookup)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def codes_locked(session: Session, creditor_id: UUID, debtor_id: UUID, letters: frozenset[UUID]) -> list[LetterCode]:
    """The codes of these letters of one person that were not revoked, locked in the order of their ids."""
    return list(
        session.scalars(
            select(LetterCode)
            .where(
                LetterCode.creditor_id == creditor_id,
                LetterCode.debtor_id == debtor_id,
                LetterCode.letter_id.in_(letters),
                LetterCode.revoked_at.is_(None),
            )
            .order_by(LetterCode.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def sessions_of_debtor(session: Session, creditor_id: UUID, debtor_id: UUID) -> list[SignedIn]:
    """This person's sessions that nobody ended, the oldest first."""
    return list(
        session.scalars(
            select(SignedIn)
            .where(
                SignedIn.creditor_id == creditor_id,
                SignedIn.debtor_id == debtor_id,
                SignedIn.audience == "debtor",
                SignedIn.ended_at.is_(None),
            )
            .order_by(SignedIn.started_at, SignedIn.id)
        )
    )


def sessions_of_clerk(session: Session, creditor_id: UUID, clerk_id: UUID) -> list[SignedIn]:
    """This clerk's sessions that nobody ended, the oldest first."""
    return list(
        session.scalars(
            select(SignedIn)
            .where(
                SignedIn.creditor_id == creditor_id,
                SignedIn.clerk_id == clerk_id,
                SignedIn.audience == "desk",
                SignedIn.ended_at.is_(None),
            )
            .order_by(SignedIn.started_at, SignedIn.id)
        )
    )


def newest_draft(
    session: Session,
    creditor_id: UUID,
    debtor_id: UUID,
    *,
    now: datetime,
    path: str | None = None,
    only_session: UUID | None = None,
) -> Draft | None:
    """The newest words that wait for this person, on this page or anywhere; what is older than a day is gone.

    `only_session` leaves what was typed in this session: a letter alone shows nobody else's words.
    """
    query = select(Draft).where(
        Draft.creditor_id == creditor_id, Draft.debtor_id == debtor_id, Draft.expires_at > now
    )
    if path is not None:
        query = query.where(Draft.path == path)
    if only_session is not None:
        query = query.where(Draft.signed_in_id == only_session)
    return session.scalar(query.order_by(Draft.kept_at.desc()).limit(1))
