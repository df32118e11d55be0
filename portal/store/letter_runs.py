"""Which letters were printed together, in which files, and which claims of a run got none?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.history import EventKind
from portal.rules.letter_runs import RunState
from portal.store.access import LetterCode, SignedIn
from portal.store.claims import Claim
from portal.store.database import Table
from portal.store.history import Event
from portal.store.letters import Letter, LetterClaim, LetterPick
from portal.store.people import Clerk, Debtor

STATES = ", ".join(f"'{state}'" for state in RunState)


class LetterRun(Table):
    """Letters that are printed together; without a clerk the command line made them. `owner` is whoever prints now."""

    __tablename__ = "letter_run"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"))
    clerk_id: Mapped[UUID | None]
    kind: Mapped[str | None]
    state: Mapped[str]
    owner: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    printed_at: Mapped[datetime | None]
    posted_on: Mapped[date | None]
    posted_by: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None]
    files_gone_at: Mapped[datetime | None]
    letters: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("creditor_id", "id"),
        ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),
        Index("ix_letter_run_asked", "creditor_id", "asked_at"),
        CheckConstraint(f"state IN ({STATES})", "state"),
    )


class LetterFile(Table):
    """A PDF of a run; the bytes lie in the file store under the key until the letters are posted."""

    __tablename__ = "letter_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    creditor_id: Mapped[UUID]
    run_id: Mapped[UUID]
    number: Mapped[int]
    letters: Mapped[int]
    file_key: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        ForeignKeyConstraint(["creditor_id", "run_id"], ["letter_run.creditor_id", "letter_run.id"]),
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """One letter of a run as the desk looks at it: to whom, about what, and whether its code still opens."""

    letter: Letter
    person: Debtor
    revoked_at: datetime | None
    used_at: datetime | None
    claims: tuple[tuple[str, int, str], ...]

    @property
    def references(self) -> str:
        return ", ".join(reference for reference, _minor, _currency in self.claims)


def run_at(session: Session, creditor_id: UUID, run_id: UUID) -> LetterRun | None:
    """This run of this firm."""
    return session.scalar(select(LetterRun).where(LetterRun.creditor_id == creditor_id, LetterRun.id == run_id))


def run_locked(session: Session, creditor_id: UUID, run_id: UUID) -> LetterRun | None:
    """This run of this firm, locked and read anew."""
    return session.scalar(
        select(LetterRun)
        .where(LetterRun.creditor_id == creditor_id, LetterRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def runs_of(session: Session, creditor_id: UUID, *, offset: int, limit: int) -> list[tuple[LetterRun, str | None]]:
    """The firm's runs with the name of whoever made them, the newest first."""
    rows = session.execute(
        select(LetterRun, Clerk.name)
        .outerjoin(Clerk, (Clerk.id == LetterRun.clerk_id) & (Clerk.creditor_id == LetterRun.creditor_id))
        .where(LetterRun.creditor_id == creditor_id)
        .order_by(LetterRun.asked_at.desc(), LetterRun.id)
        .offset(offset)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def files_of(session: Session, creditor_id: UUID, run_id: UUID) -> list[LetterFile]:
    """The run's files in their order."""
    return list(
        session.scalars(
            select(LetterFile)
            .where(LetterFile.creditor_id == creditor_id, LetterFile.run_id == run_id)
            .order_by(LetterFile.number)
        )
    )


def file_at(session: Session, creditor_id: UUID, run_id: UUID, file_id: UUID) -> LetterFile | None:
    """This file of this run."""
    return session.scalar(
        select(LetterFile).where(
            LetterFile.creditor_id == creditor_id, LetterFile.run_id == run_id, LetterFile.id == file_id
        )
    )


def still_printing(session: Session, creditor_id: UUID, run_id: UUID, owner: UUID) -> bool:
    """Whether this printer still owns the run, whose row is locked for the rest of the transaction."""
    statement = (
        update(LetterRun)
        .where(
            LetterRun.creditor_id == creditor_id,
            LetterRun.id == run_id,
            LetterRun.owner == owner,
            LetterRun.state == RunState.PRINTING,
        )
        .values(owner=owner)
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def add_picks(session: Session, creditor_id: UUID, run_id: UUID, claim_ids: Iterable[UUID]) -> None:
    """These claims are chosen for the run."""
    rows = [
        {"creditor_id": creditor_id, "run_id": run_id, "claim_id": claim_id, "what": ""}
        for claim_id in dict.fromkeys(claim_ids)
    ]
    if rows:
        session.execute(insert(LetterPick), rows)


def picks_gone(session: Session, creditor_id: UUID, run_id: UUID) -> None:
    """The run has chosen nothing any more."""
    session.execute(delete(LetterPick).where(LetterPick.creditor_id == creditor_id, LetterPick.run_id == run_id))


def hold_back(
    session: Session, creditor_id: UUID, run_id: UUID, references: Collection[str], why: str, what: str
) -> None:
    """These claims of the run got no letter, and why."""
    ids = select(Claim.id).where(
        Claim.creditor_id == creditor_id, Claim.reference.in_(references), Claim.undone_at.is_(None)
    )
    session.execute(
        update(LetterPick)
        .where(LetterPick.creditor_id == creditor_id, LetterPick.run_id == run_id, LetterPick.claim_id.in_(ids))
        .values(held=why, what=what)
        .execution_options(synchronize_session=False)
    )


def held_of(session: Session, creditor_id: UUID, run_id: UUID) -> list[tuple[str, str, str, str]]:
    """Case, name, reason and what it is about, of each claim of the run that got no letter."""
    rows = session.execute(
        select(Claim.reference, Debtor.name, LetterPick.held, LetterPick.what)
        .join(Claim, (Claim.id == LetterPick.claim_id) & (Claim.creditor_id == LetterPick.creditor_id))
        .join(Debtor, (Debtor.id == Claim.debtor_id) & (Debtor.creditor_id == Claim.creditor_id))
        .where(LetterPick.creditor_id == creditor_id, LetterPick.run_id == run_id, LetterPick.held.is_not(None))
        .order_by(Claim.reference)
    )
    return [(row[0], row[1], row[2] or "", row[3]) for row in rows]


def unfiled(session: Session, creditor_id: UUID, run_id: UUID) -> list[UUID]:
    """Letters that were issued for the run and stand in no finished file, so that nobody holds their codes."""
    return list(
        session.scalars(
            select(Letter.id).where(
                Letter.creditor_id == creditor_id, Letter.run_id == run_id, Letter.file_id.is_(None)
            )
        )
    )


def put_in_file(session: Session, creditor_id: UUID, letter_ids: Collection[UUID], file_id: UUID) -> None:
    """These letters stand in this file."""
    session.execute(
        update(Letter)
        .where(Letter.creditor_id == creditor_id, Letter.id.in_(letter_ids))
        .values(file_id=file_id)
        .execution_options(synchronize_session=False)
    )


def all_posted(session: Session, creditor_id: UUID, run_id: UUID, posted_on: date) -> None:
    """The run's letters went to the post on this day."""
    session.execute(
        update(Letter)
        .where(Letter.creditor_id == creditor_id, Letter.run_id == run_id, Letter.file_id.is_not(None))
        .values(posted_on=posted_on)
        .execution_options(synchronize_session=False)
    )


def letters_of_run(
    session: Session, creditor_id: UUID, run_id: UUID, *, file_id: UUID | None = None,
    letter_id: UUID | None = None, offset: int = 0, limit: int | None = None,
) -> list[Sent]:  # fmt: skip
    """The run's letters, or one file's, in the order in which they are printed."""
    query = (
        select(Letter, Debtor, LetterCode.revoked_at, LetterCode.first_used_at)
        .join(Debtor, (Debtor.id == Letter.debtor_id) & (Debtor.creditor_id == Letter.creditor_id))
        .join(LetterCode, (LetterCode.letter_id == Letter.id) & (LetterCode.creditor_id == Letter.creditor_id))
        .join(LetterFile, (LetterFile.id == Letter.file_id) & (LetterFile.creditor_id == Letter.creditor_id))
        .where(Letter.creditor_id == creditor_id, Letter.run_id == run_id)
        .order_by(LetterFile.number, Letter.place)
        .offset(offset)
        .limit(limit)
    )
    if file_id is not None:
        query = query.where(Letter.file_id == file_id)
    if letter_id is not None:
        query = query.where(Letter.id == letter_id)
    rows = session.execute(query).all()
    named = _named(session, creditor_id, [row[0].id for row in rows])
    return [Sent(row[0], row[1], row[2], row[3], tuple(named.get(row[0].id, ()))) for row in rows]


def letter_of_run(session: Session, creditor_id: UUID, run_id: UUID, letter_id: UUID) -> Sent | None:
    """This letter of this run."""
    found = letters_of_run(session, creditor_id, run_id, letter_id=letter_id, limit=1)
    return found[0] if found else None


def claims_by_ids(session: Session, creditor_id: UUID, ids: Collection[UUID]) -> list[Claim]:
    """These claims of this firm."""
    return list(session.scalars(select(Claim).where(Claim.creditor_id == creditor_id, Claim.id.in_(ids))))


def _named(session: Session, creditor_id: UUID, letter_ids: Collection[UUID]) -> dict[UUID, list[tuple[str, int, str]]]:
    found: dict[UUID, list[tuple[str, int, str]]] = {}
    rows = session.execute(
        select(LetterClaim.letter_id, Claim.reference, LetterClaim.amount_minor, Claim.currency)
        .join(Claim, (Claim.id == LetterClaim.claim_id) & (Claim.creditor_id == LetterClaim.creditor_id))
        .where(LetterClaim.creditor_id == creditor_id, LetterClaim.letter_id.in_(letter_ids))
        .order_by(Claim.invoice_on, Claim.reference)
    )
    for row in rows:
        found.setdefault(row[0], []).append((row[1], int(row[2]), row[3]))
    return found


def codes_of_run(session: Session, creditor_id: UUID, run_id: UUID) -> list[LetterCode]:
    """The codes of the run's letters that still open something, locked in the order of their ids."""
    letters = select(Letter.id).where(Letter.creditor_id == creditor_id, Letter.run_id == run_id)
    return list(
        session.scalars(
            select(LetterCode)
            .where(
                LetterCode.creditor_id == creditor_id,
                LetterCode.letter_id.in_(letters),
                LetterCode.revoked_at.is_(None),
            )
            .order_by(LetterCode.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def sessions_of_run(session: Session, creditor_id: UUID, run_id: UUID) -> list[SignedIn]:
    """The sessions of the people that the run's letters went to and that nobody ended."""
    people = select(Letter.debtor_id).where(Letter.creditor_id == creditor_id, Letter.run_id == run_id)
    return list(
        session.scalars(
            select(SignedIn)
            .where(
                SignedIn.creditor_id == creditor_id,
                SignedIn.debtor_id.in_(people),
                SignedIn.audience == "debtor",
                SignedIn.ended_at.is_(None),
            )
            .order_by(SignedIn.started_at, SignedIn.id)
        )
    )


def untold(
    session: Session, creditor_id: UUID, run_id: UUID, kind: EventKind, *, limit: int
) -> list[tuple[UUID, UUID]]:
    """Letter and claim, where the claim's history does not tell yet that this happened to the letter."""
    told = (
        select(Event.seq)
        .where(
            Event.creditor_id == LetterClaim.creditor_id,
            Event.claim_id == LetterClaim.claim_id,
            Event.kind == kind.value,
            Event.subject_id == LetterClaim.letter_id,
        )
        .exists()
    )
    rows = session.execute(
        select(LetterClaim.letter_id, LetterClaim.claim_id)
        .join(Letter, (Letter.id == LetterClaim.letter_id) & (Letter.creditor_id == LetterClaim.creditor_id))
        .where(Letter.creditor_id == creditor_id, Letter.run_id == run_id, Letter.file_id.is_not(None), ~told)
        .order_by(LetterClaim.claim_id, LetterClaim.letter_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def lying_around(session: Session, creditor_id: UUID, printed_before: datetime) -> list[LetterRun]:
    """Runs printed before a moment whose files still lie on the server, locked."""
    there = (
        select(LetterFile.id)
        .where(
            LetterFile.creditor_id == LetterRun.creditor_id,
            LetterFile.run_id == LetterRun.id,
            LetterFile.file_key.is_not(None),
        )
        .exists()
    )
    return list(
        session.scalars(
            select(LetterRun)
            .where(LetterRun.creditor_id == creditor_id, LetterRun.printed_at < printed_before, there)
            .order_by(LetterRun.id)
            .with_for_update()
        )
    )


def old_drafts(session: Session, creditor_id: UUID, before: datetime) -> list[LetterRun]:
    """Drafts that nobody printed since before a moment, locked."""
    return _asked_before(session, creditor_id, RunState.DRAFT, before)


def stuck(session: Session, creditor_id: UUID, before: datetime) -> list[LetterRun]:
    """Runs that are being printed since before a moment, locked."""
    return _asked_before(session, creditor_id, RunState.PRINTING, before)


def _asked_before(session: Session, creditor_id: UUID, state: RunState, before: datetime) -> list[LetterRun]:
    return list(
        session.scalars(
            select(LetterRun)
            .where(LetterRun.creditor_id == creditor_id, LetterRun.state == state, LetterRun.asked_at < before)
            .order_by(LetterRun.id)
            .with_for_update()
        )
    )


def count_picks(session: Session, creditor_id: UUID, run_id: UUID) -> int:
    """How many claims were chosen for the run."""
    found = session.scalar(
        select(func.count())
        .select_from(LetterPick)
        .where(LetterPick.creditor_id == creditor_id, LetterPick.run_id == run_id)
    )
    return found or 0


def keys_of_files(session: Session) -> set[str]:
    """Every key under which a run's file lies, of every creditor; for the sweep only."""
    return {key for key in session.scalars(select(LetterFile.file_key)) if key is not None}
