"""What happens to work that waits: it is put into the queue, taken, done, tried again or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.rules.jobs import KEPT, LEASE, JobKind, JobState, gives_up, waits
from portal.store.database import Database
from portal.store.jobs import add_once, job_under, leased_job, next_due, old_jobs_gone


@dataclass(frozen=True, slots=True)
class Taken:
    """One try at a job: what to do, and the number of the try, which proves that the job is still ours."""

    id: UUID
    kind: JobKind
    payload: dict[str, Any]
    attempts: int


def enqueue(
    session: Session, kind: JobKind, key: str, payload: dict[str, Any], *, now: datetime, run_at: datetime | None = None
) -> bool:
    """The work waits for the worker as soon as this transaction is kept; the same key waits only once, ever.

    `payload` holds ids and figures, never personal text. True if it was not in the queue before.
    """
    return add_once(session, waiting(kind, key, payload, now=now, run_at=run_at))


def waiting(
    kind: JobKind, key: str, payload: dict[str, Any], *, now: datetime, run_at: datetime | None = None
) -> dict[str, Any]:
    """The row of work that waits, for those who write many at once."""
    return {
        "id": uuid4(),
        "kind": kind.value,
        "dedupe_key": key,
        "payload": payload,
        "state": JobState.DUE.value,
        "run_at": run_at or now,
        "attempts": 0,
        "created_at": now,
    }


def is_queued(database: Database, key: str) -> bool:
    """True if work with this key waits, is done, or was given up."""
    with database.reading() as session:
        return job_under(session, key) is not None


def forget_old(database: Database, *, now: datetime) -> int:
    """Work that was done more than 30 days ago is gone from the queue; how many rows were."""
    with database.writing() as session:
        return old_jobs_gone(session, now - KEPT)


def take(database: Database, *, now: datetime) -> Taken | None:
    """The longest due job is ours for 60 s; None when nothing is due. Kept at once, before the work begins."""
    with database.writing() as session:
        while (job := next_due(session, now)) is not None and gives_up(job.attempts):
            job.state, job.leased_until = JobState.FAILED.value, None
            session.flush()
        if job is None:
            return None
        job.attempts += 1
        job.leased_until = now + LEASE
        return Taken(job.id, JobKind(job.kind), dict(job.payload), job.attempts)


def hold_on(database: Database, taken: Taken, *, now: datetime) -> None:
    """Work that takes long stays ours for another 60 s, unless somebody else took it."""
    with database.writing() as session:
        job = leased_job(session, taken.id, taken.attempts)
        if job is not None:
            job.leased_until = now + LEASE


def done(database: Database, taken: Taken) -> None:
    """The work is over; a try whose lease somebody else took changes nothing."""
    with database.writing() as session:
        job = leased_job(session, taken.id, taken.attempts)
        if job is not None:
            job.state, job.leased_until, job.error = JobState.DONE.value, None, None


def failed(database: Database, taken: Taken, error: str, *, now: datetime) -> None:
    """This try came to nothing: the job is due again later, or after the last try it waits for a person."""
    with database.writing() as session:
        job = leased_job(session, taken.id, taken.attempts)
        if job is None:
            return
        job.leased_until, job.error = None, error[:300]
        job.run_at = now + waits(taken.attempts)
        if gives_up(taken.attempts):
            job.state = JobState.FAILED.value
