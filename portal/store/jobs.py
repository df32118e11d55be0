"""Work that waits for the worker: one queue in the business database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, Index, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.jobs import JobState
from portal.store.database import Table


class Job(Table):
    __tablename__ = "job"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(default="due")
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_job_due", "state", "run_at"),
        CheckConstraint("state IN ('due', 'done', 'failed')", "state"),
    )

def next_due(session: Session, now: datetime) -> Job | None:
    """The job that is due longest and that nobody works on; on PostgreSQL one that no other worker is taking now."""
    return session.scalar(
        select(Job)
        .where(
            Job.state == JobState.DUE,
            Job.run_at <= now,
            or_(Job.leased_until.is_(None), Job.leased_until <= now),
        )
        .order_by(Job.run_at, Job.created_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def leased_job(session: Session, job_id: UUID, attempts: int) -> Job | None:
    """The job if this very try still holds it; None when its lease ran out and somebody else took it."""
    return session.scalar(
        select(Job)
        .where(Job.id == job_id, Job.attempts == attempts, Job.state == JobState.DUE)
        .with_for_update()
    )


def add_once(session: Session, row: dict[str, Any]) -> bool:
    """Put the job into the queue unless one with its key is there already; True if it was put there."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    added = session.execute(
        insert(Job).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(Job.id)
    )
    return added.first() is not None


def failed_jobs(session: Session) -> list[Job]:
    """Work that was given up, the newest first; `portal check` shows it."""
    return list(session.scalars(select(Job).where(Job.state == JobState.FAILED).order_by(Job.created_at.desc())))


def job_under(session: Session, key: str) -> Job | None:
    """The job with this key, whatever became of it."""
    return session.scalar(select(Job).where(Job.dedupe_key == key))


def old_jobs_gone(session: Session, before: datetime) -> int:
    """Jobs done before a moment are gone from the queue, those given up stay; how many were."""
    gone = session.execute(delete(Job).where(Job.state == JobState.DONE, Job.created_at < before).returning(Job.id))
    return len(gone.all())
