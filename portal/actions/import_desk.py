"""What happens to a file of claims at the desk, from the moment it is handed in until nothing of it is kept?

Its rows become claims in `actions/imports`; here stands what a clerk does before and after, and what is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.imports import Figures, remember
from portal.actions.jobs import enqueue
from portal.rules.import_evidence import file_key
from portal.rules.import_rows import Light
from portal.rules.import_stages import (
    KEPT,
    MOST_DOCUMENT_BYTES,
    MOST_DOCUMENTS,
    Beside,
    GivenProblem,
    Stage,
)
from portal.rules.imports import Column
from portal.rules.jobs import JobKind
from portal.store.import_files import ImportFile, files_beside, forgotten, let_go, older_files
from portal.store.imports import ClaimImport, import_at


@dataclass(frozen=True, slots=True)
class Checked:
    """What would come of a file, as it was found at this moment."""

    at: str
    total: int
    taken: int
    refused: int
    unchanged: int
    ready: int
    lights: Mapping[str, int] = field(default_factory=dict)
    not_due: int = 0

    @property
    def moment(self) -> datetime:
        """When it was checked."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked the worker for something, and as what."""

    clerk_id: UUID | None
    signed_in_id: UUID | None


def hand_in(
    session: Session, creditor_id: UUID, clerk_id: UUID, name: str, sha256: bytes, store_key: str,
    columns: Mapping[Column, int] | None, *, small: bool, now: datetime, import_id: UUID | None = None,
) -> ClaimImport:  # fmt: skip
    """The file waits for its columns, or with known ones for its check; nobody's claim is there yet.

    A `small` one is checked while the clerk waits.
    """
    row = ClaimImport(
        id=import_id or uuid4(), creditor_id=creditor_id, clerk_id=clerk_id, name=name, sha256=sha256, state="given",
        file_key=store_key, started_at=now, details={"small": small},
    )  # fmt: skip
    session.add(row)
    session.flush()
    if columns is not None:
        _note(row, columns=_stored(columns))
    return row


def match(
    session: Session, row: ClaimImport, header: Sequence[str], columns: Mapping[Column, int], answering: UUID | None, *,
    now: datetime,
) -> None:  # fmt: skip
    """The clerk has said which column says what: for this file, and for all with this header from now on.

    `answering` is who answers where a row names nobody.
    """
    remember(session, row.creditor_id, header, columns, now=now)
    _note(row, columns=_stored(columns), answering=str(answering) if answering else None, check=None)


def columns_of(row: ClaimImport) -> dict[Column, int] | None:
    """Which column says what in this file, as far as a clerk has said so."""
    kept = row.details.get("columns")
    return None if kept is None else {Column(name): place for name, place in kept.items() if name in set(Column)}


def answering(row: ClaimImport) -> UUID | None:
    """Who answers where a row of this file names nobody: whom the clerk has chosen, else who handed it in."""
    kept = row.details.get("answering")
    return UUID(kept) if kept else row.clerk_id


def checked(row: ClaimImport) -> Checked | None:
    """What the last check has found."""
    kept = row.details.get("check")
    return None if kept is None else Checked(**kept)


def put_beside(
    session: Session, row: ClaimImport, new: Sequence[ImportFile], remove: Collection[UUID]
) -> list[str] | None:
    """These documents wait beside the file instead of those with the same names, and others are taken away.

    The keys of bytes that nobody needs any more, or None if there would be too many: then nothing has changed.
    """
    there = files_beside(session, row.creditor_id, row.id, Beside.DOCUMENT)
    named = {file_key(file.name) for file in new}
    gone = [file for file in there if file.id in remove or file_key(file.name) in named]
    count = len(there) - len(gone) + len(new)
    size = sum(file.size for file in there) - sum(file.size for file in gone) + sum(file.size for file in new)
    if new and (count > MOST_DOCUMENTS or size > MOST_DOCUMENT_BYTES):
        return None
    for file in gone:
        session.delete(file)
    session.add_all(new)
    session.flush()
    return [file.store_key for file in gone]


def is_small(row: ClaimImport) -> bool:
    """Whether nobody waits long for the check of this file."""
    return bool(row.details.get("small"))


def ask(session: Session, row: ClaimImport, what: Stage, asked: Asked, *, now: datetime) -> int:
    """The worker will check the file, bring it in or take it back; the turn by which it knows that it still should."""
    turn = int(row.details.get("turn", 0)) + 1
    by = {name: str(value) for name, value in asdict(asked).items() if value is not None}
    _note(row, turn=turn, wants=what.value, by=by, problem=None)
    payload = {"creditor_id": str(row.creditor_id), "import_id": str(row.id), "turn": turn}
    enqueue(session, JobKind.IMPORT, f"import:{row.id}:{turn}", payload, now=now)
    return turn


def wanted(row: ClaimImport, turn: int) -> Stage | None:
    """What the worker should do in this turn; None if somebody has decided otherwise since."""
    wants = row.details.get("wants")
    return Stage(wants) if wants and row.details.get("turn") == turn else None


def asked_by(row: ClaimImport) -> Asked:
    """Who wanted this."""
    by = row.details.get("by") or {}
    found = {name: UUID(by[name]) if name in by else None for name in ("clerk_id", "signed_in_id")}
    return Asked(**found)


def stage(row: ClaimImport) -> Stage:
    """How far this file is."""
    wants = row.details.get("wants")
    if row.state in ("writing", "done") and wants == Stage.UNDOING:
        return Stage.UNDOING
    if row.state == "writing":
        return Stage.WRITING if wants == Stage.ASKED else Stage.BROKEN
    if row.state in ("done", "undone"):
        return Stage(row.state)
    if wants in (Stage.ASKED, Stage.CHECKING):
        return Stage(wants)
    return Stage.CHECKED if row.details.get("check") else Stage.COLUMNS


def found(
    session: Session, row: ClaimImport, figures: Figures, not_due: int, files: Sequence[ImportFile], *, now: datetime
) -> list[str]:
    """The check list stands beside the file instead of the one before, whose keys are given back."""
    gone = replace_files(session, row, files)
    lights = {light.value: count for light, count in figures.lights.items() if count}
    check = Checked(
        now.isoformat(), figures.total, figures.taken, figures.refused, figures.unchanged, figures.ready, lights,
        not_due,
    )  # fmt: skip
    _note(row, check=asdict(check), wants=None)
    return gone


def replace_files(session: Session, row: ClaimImport, files: Sequence[ImportFile]) -> list[str]:
    """These lists are the import's; the keys of the earlier ones are given back."""
    gone = let_go(session, row.creditor_id, row.id, Beside.LIST, Beside.REFUSED)
    session.add_all(files)
    session.flush()
    return gone


def settle(
    session: Session, row: ClaimImport, figures: Figures, refused: Sequence[ImportFile], *, now: datetime
) -> list[str]:
    """The file is brought in and only its refused rows are kept; the keys of everything else are given back."""
    if row.state == "given":
        row.state, row.done_at = "done", now
        row.total, row.taken = figures.total, 0
        row.refused, row.unchanged = figures.refused, figures.unchanged
    _note(row, wants=None, check=None)
    return [*replace_files(session, row, refused), *_let_go(session, row, Beside.DOCUMENT)]


def taken_back(session: Session, row: ClaimImport, withdrawn: int, stay: int) -> list[str]:
    """It is noted how many claims are withdrawn and how many stay; nothing else of the file is kept."""
    _note(row, wants=None, check=None, withdrawn=withdrawn, stay=stay)
    return _let_go(session, row, *Beside)


def stop(row: ClaimImport) -> None:
    """The worker leaves the file alone, if it has not begun."""
    _note(row, wants=None)


def came_to_nothing(row: ClaimImport, problem: GivenProblem) -> None:
    """What was asked for can't be done; the page says why."""
    _note(row, wants=None, problem=problem.value)


def problem_of(row: ClaimImport) -> GivenProblem | None:
    """Why the last thing that was asked for came to nothing."""
    kept = row.details.get("problem")
    return GivenProblem(kept) if kept else None


def drop(session: Session, row: ClaimImport) -> list[str]:
    """A file that was not brought in is gone, as if it had never been handed in; the keys of its bytes."""
    gone = _let_go(session, row, *Beside)
    session.delete(row)
    session.flush()
    return gone


def forget_old(session: Session, creditor_id: UUID, *, now: datetime) -> int:
    """Files that lie there for a week are gone from the rows; the sweep takes their bytes. How many imports."""
    dropped = forgotten(session, creditor_id, now - KEPT)
    for row in dropped:
        drop(session, row)
    older = older_files(session, creditor_id, now - KEPT)
    for import_id in older:
        left = import_at(session, creditor_id, import_id)
        if left is not None and left.state != "given":
            _let_go(session, left, *Beside)
    return len(dropped) + len(older)


def _let_go(session: Session, row: ClaimImport, *purposes: Beside) -> list[str]:
    gone = let_go(session, row.creditor_id, row.id, *purposes)
    if row.file_key is not None:
        gone.append(row.file_key)
        row.file_key = None
    return gone


def _note(row: ClaimImport, **what: Any) -> None:
    row.details = {**row.details, **what}


def _stored(columns: Mapping[Column, int]) -> dict[str, int]:
    return {column.value: place for column, place in columns.items()}


def light_counts(figures: Checked) -> list[tuple[Light, int]]:
    """How many claims somebody should look at, by what for."""
    return [(light, figures.lights[light]) for light in Light if figures.lights.get(light)]
