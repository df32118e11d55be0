"""What does the data say about a firm's first hour, and which steps did somebody leave as they came?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.rules.access import Right, Role, allowed
from portal.rules.firm import COLUMNS, problems
from portal.rules.set_up import WHOLE, Known, Step
from portal.store.claims import Claim
from portal.store.connections import status_now
from portal.store.database import Table
from portal.store.letters import Letter
from portal.store.people import clerks_of
from portal.store.settings import Creditor, currencies_of
from portal.store.stationery import has_look, has_texts
from portal.store.today import Task

LIMITS_TASKS = ("limits_changed", "standing_rule_changed")


class SetUpMark(Table):
    """A decision that leaves no other trace: a step stays as it came, the test letter arrived, the list is put away."""

    __tablename__ = "set_up_mark"

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    #: Nobody: the portal saw it by itself.
    clerk_id: Mapped[UUID | None]

    __table_args__ = (ForeignKeyConstraint(["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"]),)


#: The test letter's code was entered on the portal's own page.
TRIED = "tried"


def marks_of(session: Session, creditor_id: UUID) -> dict[str, SetUpMark]:
    """What somebody decided about this firm's steps."""
    rows = session.scalars(select(SetUpMark).where(SetUpMark.creditor_id == creditor_id))
    return {row.step: row for row in rows}


def known_of(session: Session, creditor: Creditor) -> Known:
    """Everything that says which steps are done, read from where it stands."""
    marks = marks_of(session, creditor.id)
    staff = [one for one in clerks_of(session, creditor.id) if allowed(Role(one.role), Right.ANSWER)]
    return Known(
        address=not problems({name: getattr(creditor, name) for name in COLUMNS}),
        look=has_look(session, creditor.id),
        person=any(one.phone or creditor.phone for one in staff),
        account=bool(currencies_of(session, creditor.id)),
        card=status_now(session, creditor.id, creditor.stripe_account),
        limits=_any_task(session, creditor.id),
        texts=has_texts(session, creditor.id),
        claims=_is_there(session, exists().where(Claim.creditor_id == creditor.id, Claim.undone_at.is_(None))),
        letters=letters_out(session, creditor.id),
        tried=TRIED in marks,
        kept=frozenset(step for step in Step if step.value in marks),
        put_away=WHOLE in marks,
    )


def letters_out(session: Session, creditor_id: UUID) -> bool:
    """Whether any real letter of this firm was issued."""
    return _is_there(session, exists().where(Letter.creditor_id == creditor_id))


def claims_there(session: Session, creditor_id: UUID) -> bool:
    """Whether any claim of this firm was ever written down, an undone one included."""
    return _is_there(session, exists().where(Claim.creditor_id == creditor_id))


def _any_task(session: Session, creditor_id: UUID) -> bool:
    return _is_there(session, exists().where(Task.creditor_id == creditor_id, Task.kind.in_(LIMITS_TASKS)))


def _is_there(session: Session, question: object) -> bool:
    return bool(session.scalar(select(question)))  # type: ignore[call-overload]
