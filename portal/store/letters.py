"""Which letters went out, and which claims each of them names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.claims import ClaimStatus
from portal.store.access import LetterCode
from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.people import Debtor


class Letter(Table):
    __tablename__ = "letter"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    debtor_id: Mapped[UUID]
    kind: Mapped[str]
    language: Mapped[str]
    dated_on: Mapped[date]
    pay_by: Mapped[date]
    issued_at: Mapped[datetime]
    op: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    file_id: Mapped[UUID | None]
    place: Mapped[int | None]
    posted_on: Mapped[date | None]

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "debtor_id"], ["debtor.creditor_id", "debtor.id"]),
        Index("ix_letter_debtor", "creditor_id", "debtor_id", "issued_at"),
        Index(
            "ix_letter_run",
            "creditor_id",
            "run_id",
            sqlite_where=text("run_id IS NOT NULL"),
            postgresql_where=text("run_id IS NOT NULL"),
        ),
    )


class LetterClaim(Table):
    """A letter names a claim and fixes its sum until the letter's date (`decisions.md` 2, 19)."""

    __tablename__ = "letter_claim"

    letter_id: Mapped[UUID] = mapped_column(primary_key=True)
    claim_id: Mapped[UUID] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    fixed_until: Mapped[date]
    offer_id: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "letter_id"], ["letter.creditor_id", "letter.id"]),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_letter_claim_claim", "creditor_id", "claim_id"),
    )


class LetterPick(Table):
    """A claim that was chosen for a run; `held` says why it got no letter after all."""

    __tablename__ = "letter_pick"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    claim_id: Mapped[UUID] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID]
    held: Mapped[str | None]
    what: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        ForeignKeyConstraint(["creditor_id", "run_id"], ["letter_run.creditor_id", "letter_run.id"]),
        ForeignKeyConstraint(["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"]),
        Index("ix_letter_pick_claim", "creditor_id", "claim_id"),
    )


def claims_named(session: Session, creditor_id: UUID, letter_ids: frozenset[UUID]) -> frozenset[UUID]:
    """The claims that these letters name; room 1 sees no others."""
    return frozenset(
        session.scalars(
            select(LetterClaim.claim_id).where(
                LetterClaim.creditor_id == creditor_id, LetterClaim.letter_id.in_(letter_ids)
            )
        )
    )


#: Put together once, as it is asked for every sum of a claim.
LAST = (
    select(Letter, LetterClaim)
    .join(LetterClaim, (LetterClaim.letter_id == Letter.id) & (LetterClaim.creditor_id == Letter.creditor_id))
    .where(LetterClaim.creditor_id == bindparam("creditor"), LetterClaim.claim_id == bindparam("claim"))
    .order_by(Letter.issued_at.desc())
    .limit(1)
)


def last_letter(session: Session, creditor_id: UUID, claim_id: UUID) -> tuple[Letter, LetterClaim] | None:
    """The newest letter that names this claim, with the sum it fixed."""
    row = session.execute(LAST, {"creditor": creditor_id, "claim": claim_id}).first()
    return None if row is None else (row[0], row[1])


def letters_naming(session: Session, creditor_id: UUID, claim_id: UUID) -> list[tuple[Letter, LetterClaim]]:
    """All letters that name this claim with the sums they fixed, the newest first."""
    rows = session.execute(
        select(Letter, LetterClaim)
        .join(LetterClaim, (LetterClaim.letter_id == Letter.id) & (LetterClaim.creditor_id == Letter.creditor_id))
        .where(LetterClaim.creditor_id == creditor_id, LetterClaim.claim_id == claim_id)
        .order_by(Letter.issued_at.desc())
    )
    return [(letter, named) for letter, named in rows]


def letter_by_id(session: Session, creditor_id: UUID, letter_id: UUID) -> Letter | None:
    """This letter of this creditor."""
    return session.scalar(select(Letter).where(Letter.creditor_id == creditor_id, Letter.id == letter_id))


def claims_of_letter(session: Session, creditor_id: UUID, letter_id: UUID) -> list[Claim]:
    """The claims that this letter names, those of undone imports left out."""
    return list(
        session.scalars(
            select(Claim)
            .join(LetterClaim, (LetterClaim.claim_id == Claim.id) & (LetterClaim.creditor_id == Claim.creditor_id))
            .where(
                LetterClaim.creditor_id == creditor_id, LetterClaim.letter_id == letter_id, Claim.undone_at.is_(None)
            )
            .order_by(Claim.invoice_on, Claim.reference)
        )
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims are looked at for letters: those chosen for a run or named, whatever their status, else the open.

    `words` are looked for in name, case and invoice number; `due_until` is the last day due.
    """

    run_id: UUID | None = None
    debtor_id: UUID | None = None
    references: tuple[str, ...] | None = None
    words: str = ""
    language: str = ""
    due_until: date | None = None
    import_id: UUID | None = None

    @property
    def named(self) -> bool:
        return self.run_id is not None or self.references is not None


def claims_to_write(
    session: Session, creditor_id: UUID, wanted: Wanted, limit: int | None = None
) -> Iterator[tuple[Claim, Debtor]]:
    """The wanted claims with their debtors, the one due longest first; of a run those without a finished letter."""
    query = (
        select(Claim, Debtor)
        .join(Debtor, (Debtor.id == Claim.debtor_id) & (Debtor.creditor_id == Claim.creditor_id))
        .where(Claim.creditor_id == creditor_id, Claim.undone_at.is_(None))
        .order_by(Claim.due_on, Claim.reference)
        .limit(limit)
    )
    for row in session.execute(_narrowed(query, creditor_id, wanted)):
        yield row[0], row[1]


def _narrowed(query: Select[Claim, Debtor], creditor_id: UUID, wanted: Wanted) -> Select[Claim, Debtor]:
    if wanted.debtor_id is not None:
        query = query.where(Claim.debtor_id == wanted.debtor_id)
    if wanted.run_id is not None:
        return query.where(Claim.id.in_(_left_to_print(creditor_id, wanted.run_id)))
    if wanted.references is not None:
        return query.where(Claim.reference.in_(wanted.references))
    query = query.where(Claim.status == ClaimStatus.OPEN)
    if wanted.language:
        query = query.where(Debtor.language == wanted.language)
    if wanted.import_id is not None:
        query = query.where(Claim.import_id == wanted.import_id)
    if wanted.due_until is not None:
        query = query.where(Claim.due_on <= wanted.due_until)
    for part in wanted.words.split()[:5]:
        name, *others = (
            column.icontains(part, autoescape=True) for column in (Debtor.name, Claim.reference, Claim.invoice_number)
        )
        query = query.where(or_(name, *others))
    return query


def _left_to_print(creditor_id: UUID, run_id: UUID) -> Select[Any]:
    printed = (
        select(LetterClaim.letter_id)
        .join(Letter, (Letter.id == LetterClaim.letter_id) & (Letter.creditor_id == LetterClaim.creditor_id))
        .where(
            LetterClaim.creditor_id == LetterPick.creditor_id,
            LetterClaim.claim_id == LetterPick.claim_id,
            Letter.run_id == LetterPick.run_id,
            Letter.file_id.is_not(None),
        )
        .exists()
    )
    return select(LetterPick.claim_id).where(
        LetterPick.creditor_id == creditor_id,
        LetterPick.run_id == run_id,
        LetterPick.held.is_(None),
        ~printed,
    )


def last_standing(session: Session, creditor_id: UUID, claim_ids: Collection[UUID]) -> dict[UUID, date]:
    """When the newest letter about each of these claims went out whose code was not called back.

    That is the day on which it was posted, or its date as long as nobody has marked it as posted.
    """
    rows = session.execute(
        select(LetterClaim.claim_id, func.max(func.coalesce(Letter.posted_on, Letter.dated_on)))
        .join(Letter, (Letter.id == LetterClaim.letter_id) & (Letter.creditor_id == LetterClaim.creditor_id))
        .join(LetterCode, (LetterCode.letter_id == Letter.id) & (LetterCode.creditor_id == Letter.creditor_id))
        .where(
            LetterClaim.creditor_id == creditor_id,
            LetterClaim.claim_id.in_(claim_ids),
            LetterCode.revoked_at.is_(None),
        )
        .group_by(LetterClaim.claim_id)
    )
    return {row.claim_id: row[1] for row in rows}


def sums_fixed(session: Session, creditor_id: UUID, letter_id: UUID) -> dict[UUID, int]:
    """The sum that this letter fixes for each claim that it names, in minor units."""
    rows = session.execute(
        select(LetterClaim.claim_id, LetterClaim.amount_minor).where(
            LetterClaim.creditor_id == creditor_id, LetterClaim.letter_id == letter_id
        )
    )
    return {row.claim_id: row.amount_minor for row in rows}
