"""What happens when a comparison of books has found something: it has an owner, and one task at the desk counts all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.rules import reconciliation as rules
from portal.rules.access import Role
from portal.rules.reconciliation import FindingKind
from portal.store.people import clerks_of
from portal.store.reconciliation import Finding, count_open, finding_about
from portal.store.settings import Creditor
from portal.store.today import Task

TASK = "reconciliation"


def found(
    session: Session,
    creditor_id: UUID,
    kind: FindingKind,
    object_id: str,
    *,
    now: datetime,
    minor: int | None = None,
    currency: str | None = None,
) -> None:
    """This stands at the desk, once per object; what a person has closed comes up again only with other figures."""
    _alone(session, creditor_id)
    row = finding_about(session, creditor_id, kind, object_id)
    if row is None:
        row = Finding(
            creditor_id=creditor_id, kind=kind.value, object_id=object_id, minor=minor, currency=currency, since=now,
            owner_id=_owner(session, creditor_id),
        )  # fmt: skip
        session.add(row)
    elif row.done_at is not None and (row.minor != minor or row.done_by is None):
        row.since, row.done_at, row.done_by = now, None, None
    row.minor, row.currency = minor, currency
    _count(session, creditor_id, now)


def gone(session: Session, creditor_id: UUID, kind: FindingKind, object_id: str, *, now: datetime) -> None:
    """A later comparison finds nothing about this object any more."""
    row = finding_about(session, creditor_id, kind, object_id)
    if row is not None and row.done_at is None:
        _alone(session, creditor_id)
        row.done_at = now
        _count(session, creditor_id, now)


def take(session: Session, finding: Finding, *, clerk_id: UUID) -> None:
    """The finding belongs to this clerk."""
    finding.owner_id = clerk_id


def close(session: Session, finding: Finding, *, clerk_id: UUID, now: datetime) -> None:
    """A clerk has looked at it and there is nothing more to do; a second time changes nothing."""
    if finding.done_at is not None:
        return
    _alone(session, finding.creditor_id)
    finding.done_at, finding.done_by = now, clerk_id
    _count(session, finding.creditor_id, now)


def _alone(session: Session, creditor_id: UUID) -> None:
    """One comparison of a creditor's books writes at a time, so that there is one finding and one task."""
    session.execute(select(Creditor.id).where(Creditor.id == creditor_id).with_for_update(key_share=True))


def _owner(session: Session, creditor_id: UUID) -> UUID | None:
    clerks = clerks_of(session, creditor_id)
    place = rules.owner([(clerk.name, Role(clerk.role)) for clerk in clerks])
    return None if place is None else clerks[place].id


def _count(session: Session, creditor_id: UUID, now: datetime) -> None:
    session.flush()
    open_now = count_open(session, creditor_id)
    task = session.scalar(
        select(Task).where(Task.creditor_id == creditor_id, Task.kind == TASK, Task.done_at.is_(None))
    )
    if task is None and open_now:
        task = Task(creditor_id=creditor_id, kind=TASK, since=now)
        session.add(task)
    if task is not None:
        task.details = {"open": open_now}
        task.done_at = None if open_now else now
