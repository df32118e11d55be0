"""What happens to a run after it was printed: posted, called back as a whole, told in each history, its files gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.actions.jobs import enqueue
from portal.actions.letter_prints import RULE, begin
from portal.actions.letters import revoke_letter
from portal.rules.history import Actor, ActorKind, EventKind, system
from portal.rules.jobs import JobKind
from portal.rules.letter_runs import (
    DRAFT_LIFE,
    FILE_LIFE,
    STUCK_AFTER,
    PostedProblem,
    RunState,
    moved,
    problems_of_posting,
)
from portal.rules.letters import LetterKind, RevokeReason
from portal.store.access import code_of_letter
from portal.store.claims import lock
from portal.store.database import Database
from portal.store.letter_runs import (
    LetterRun,
    all_posted,
    codes_of_run,
    files_of,
    lying_around,
    old_drafts,
    picks_gone,
    run_at,
    sessions_of_run,
    stuck,
    unfiled,
    untold,
)
from portal.store.letters import claims_of_letter, letter_by_id

#: So many histories are written in one transaction.
TOLD_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Ended:
    """What was decided about a run; the keys of its files, which are deleted once that is kept."""

    keys: tuple[str, ...]


def printed_on(run: LetterRun, zone: str) -> date:
    """The day on which the run's letters are dated, where the firm is."""
    return (run.printed_at or run.asked_at).astimezone(ZoneInfo(zone)).date()


def mark_posted(
    session: Session, run: LetterRun, posted_on: date | None, *, clerk_id: UUID, zone: str, now: datetime, today: date
) -> Ended | list[PostedProblem]:
    """The letters went to the post on this day and nobody can print them again; or what stands against the day."""
    found = problems_of_posting(posted_on, printed_on(run, zone), today)
    if found or posted_on is None:
        return found
    run.state = moved(run.state, RunState.POSTED)
    run.posted_on, run.posted_by = posted_on, clerk_id
    all_posted(session, run.creditor_id, run.id, posted_on)
    return _ended(session, run, "posted", now)


def revoke_run(session: Session, run: LetterRun, *, clerk_id: UUID, now: datetime) -> Ended:
    """Every code of the run is dead at once, and everybody who came in with one is out."""
    run.state = moved(run.state, RunState.REVOKED)
    run.revoked_at, run.revoked_by = now, clerk_id
    letters = set()
    for code in codes_of_run(session, run.creditor_id, run.id):
        code.revoked_at, code.revoke_reason = now, RevokeReason.RUN.value
        letters.add(str(code.letter_id))
    for signed in sessions_of_run(session, run.creditor_id, run.id):
        if letters & set(signed.letters):
            signed.ended_at = now
    return _ended(session, run, "revoked", now)


def reissue(
    session: Session, creditor_id: UUID, letter_id: UUID, *, run_id: UUID, clerk_id: UUID, actor: Actor, now: datetime
) -> LetterRun | None:
    """The letter's code is dead and a run of one new letter about its open claims is being printed.

    None if there is no such letter; the same `run_id` again gives the run that is there.
    """
    known = run_at(session, creditor_id, run_id)
    letter = letter_by_id(session, creditor_id, letter_id)
    code = code_of_letter(session, creditor_id, letter_id)
    if known is not None or letter is None or code is None:
        return known
    claims = [claim.id for claim in claims_of_letter(session, creditor_id, letter_id) if claim.ended_on is None]
    if code.revoked_at is None:
        revoke_letter(session, code, RevokeReason.REISSUED, actor=actor, now=now)
    return begin(session, creditor_id, claims, clerk_id=clerk_id, now=now, kind=LetterKind.REISSUE, run_id=run_id)


def tell(database: Database, creditor_id: UUID, run_id: UUID, *, now: datetime, most: int | None = None) -> int:
    """The history of each claim says what became of its letter of this run; how many lines were written.

    So many at most; what is told already is not told twice.
    """
    told = 0
    while most is None or told < most:
        with database.writing() as session:
            run = run_at(session, creditor_id, run_id)
            written = 0 if run is None else _tell_some(session, run, now)
        if not written:
            return told
        told += written
    return told


def _tell_some(session: Session, run: LetterRun, now: datetime) -> int:
    told = 0
    if run.posted_on is not None:
        told = _write(session, run, EventKind.LETTER_POSTED, run.posted_by, now, posted_on=run.posted_on)
    if not told and run.revoked_at is not None:
        told = _write(session, run, EventKind.LETTER_REVOKED, run.revoked_by, now, reason=RevokeReason.RUN)
    return told


def _write(
    session: Session, run: LetterRun, kind: EventKind, clerk_id: UUID | None, now: datetime, **details: object
) -> int:
    """This happened to some more of the run's letters, as long as any claim does not tell it."""
    rows = untold(session, run.creditor_id, run.id, kind, limit=TOLD_AT_ONCE)
    for letter_id, claim_id in rows:
        claim = lock(session, run.creditor_id, claim_id)
        record(session, claim, kind, actor=_by(clerk_id), now=now, subject="letter", subject_id=letter_id, **details)
    return len(rows)


def _by(clerk_id: UUID | None) -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk_id) if clerk_id is not None else system(RULE)


def clear_away(session: Session, creditor_id: UUID, *, now: datetime) -> list[str]:
    """No row names the files of letters that were printed a week ago, and drafts of a week ago are gone.

    Runs whose printing broke off a day ago have ended. The keys of the files, deleted once that is kept.
    """
    for run in stuck(session, creditor_id, now - STUCK_AFTER):
        _give_up(session, run, now)
    keys = [
        key for run in lying_around(session, creditor_id, now - FILE_LIFE) for key in _files_gone(session, run, now)
    ]
    for draft in old_drafts(session, creditor_id, now - DRAFT_LIFE):
        picks_gone(session, creditor_id, draft.id)
        session.delete(draft)
    session.flush()
    return keys


def _give_up(session: Session, run: LetterRun, now: datetime) -> None:
    """What stands in a file is printed; codes in no file are dead."""
    for letter_id in unfiled(session, run.creditor_id, run.id):
        code = code_of_letter(session, run.creditor_id, letter_id)
        if code is not None and code.revoked_at is None:
            revoke_letter(session, code, RevokeReason.STAFF, actor=system(RULE), now=now)
    run.letters = sum(file.letters for file in files_of(session, run.creditor_id, run.id))
    run.state = moved(run.state, RunState.PRINTED if run.letters else RunState.FAILED)
    run.printed_at, run.owner = now, None


def _ended(session: Session, run: LetterRun, what: str, now: datetime) -> Ended:
    payload = {"creditor_id": str(run.creditor_id), "run_id": str(run.id)}
    enqueue(session, JobKind.LETTERS, f"letters {what} {run.id}", payload, now=now)
    return Ended(tuple(_files_gone(session, run, now)))


def _files_gone(session: Session, run: LetterRun, now: datetime) -> list[str]:
    """No row names the run's files any more; the caller deletes them once that is kept."""
    keys = []
    for file in files_of(session, run.creditor_id, run.id):
        if file.file_key is not None:
            keys.append(file.file_key)
            file.file_key = None
    if keys:
        run.files_gone_at = now
    session.flush()
    return keys
