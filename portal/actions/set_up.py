"""What happens when a step of the first hour stays as it came, the list is put away, or the test letter arrives?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.rules.set_up import MAY_STAY, WHOLE, Step
from portal.store.database import Database
from portal.store.set_up import TRIED, SetUpMark, marks_of
from portal.store.settings import creditor_by_id_locked


def keep(session: Session, creditor_id: UUID, step: Step, *, clerk_id: UUID, now: datetime) -> bool:
    """The step stays as it came and is not open any more; False for one that has nothing to stay with."""
    if step not in MAY_STAY:
        return False
    _mark(session, creditor_id, step.value, clerk_id, now)
    return True


def put_away(session: Session, creditor_id: UUID, *, clerk_id: UUID, now: datetime) -> None:
    """Today leads on to no step any more; the list itself stays."""
    _mark(session, creditor_id, WHOLE, clerk_id, now)


def show_again(session: Session, creditor_id: UUID) -> None:
    """Today leads on again, if something is open."""
    found = marks_of(session, creditor_id).get(WHOLE)
    if found is not None:
        session.delete(found)


def letter_arrived(database: Database, creditor_id: UUID, *, now: datetime) -> None:
    """Somebody has entered the test letter's code, so paper, code and page fit together; noted once."""
    with database.reading() as session:
        if TRIED in marks_of(session, creditor_id):
            return
    with database.writing() as session:
        _mark(session, creditor_id, TRIED, None, now)


def _mark(session: Session, creditor_id: UUID, step: str, clerk_id: UUID | None, now: datetime) -> None:
    creditor_by_id_locked(session, creditor_id)
    if step not in marks_of(session, creditor_id):
        session.add(SetUpMark(creditor_id=creditor_id, step=step, clerk_id=clerk_id, at=now))
        session.flush()
