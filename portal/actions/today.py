"""What happens when a clerk has done what a task asked for, or something that only has to be remembered?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.rules.history import Actor, EventKind
from portal.store.claims import lock
from portal.store.today import Task


def finish(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """The task is done by this clerk and leaves everybody's list; doing it twice changes nothing."""
    if task.done_at is not None:
        return
    task.done_at, task.done_by = now, actor.clerk_id
    if task.claim_id is not None:
        claim = lock(session, task.creditor_id, task.claim_id)
        record(session, claim, EventKind.TASK_DONE, actor=actor, now=now, subject="task", subject_id=task.id)


def remember(
    session: Session,
    creditor_id: UUID,
    kind: str,
    details: dict[str, Any],
    *,
    by: UUID,
    now: datetime,
    subject_id: UUID | None = None,
) -> None:
    """Who changed what when is kept as a task that is done already; about this colleague if nothing else is named."""
    row = Task(
        creditor_id=creditor_id, kind=kind, subject_id=subject_id or by, details=details, since=now, done_at=now,
        done_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
