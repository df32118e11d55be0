"""What happens when somebody enters a rate of the law, and when one is missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.rules.countries import profile_of, rate_table
from portal.rules.rates import NOTICE, RateProblem, filled, first_without, problems_of_entry
from portal.store.rates import Rate, own_rates, tables_in_use
from portal.store.settings import Creditor
from portal.store.today import Task

#: The task that names the rate and the first day without one.
MISSING_TASK = "rate_missing"


def enter_rate(
    session: Session,
    creditor: Creditor,
    key: str,
    first: date | None,
    last: date | None,
    percent: Decimal | None,
    source: str,
    *,
    op: UUID,
    clerk_id: UUID,
    now: datetime,
) -> list[RateProblem]:
    """From the first to the last day interest of lines under this table is counted with this rate; or what is wrong.

    It holds for the creditor's claims, past days included, wherever the portal's own table is silent; of two rates for
    one day the one entered last holds. The same `op` again changes nothing.
    """
    identity = uuid5(creditor.id, f"rate {op}")
    if session.get(Rate, identity) is not None:
        return []
    law = next((table for table in profile_of(creditor.country).tables if table.key == key), None)
    found = problems_of_entry(law, first, last, percent, source)
    if found or first is None or last is None or percent is None:
        return found
    session.add(
        Rate(
            id=identity,
            creditor_id=creditor.id,
            table_key=key,
            from_on=first,
            until_on=last + timedelta(days=1),
            percent=str(percent),
            source=source.strip(),
            clerk_id=clerk_id,
            entered_at=now,
        )
    )
    session.flush()
    return []


def daily(session: Session, creditor: Creditor, *, today: date, now: datetime) -> None:
    """While a rate that open claims follow is not known for each day of the next two weeks, one task says which."""
    own = own_rates(session, creditor.id)
    missing = {}
    for key in tables_in_use(session, creditor.id):
        law = rate_table(key)
        day = first_without(filled(law.changes, own.get(key, ())), today, today + NOTICE)
        if day is not None:
            missing[key] = {"law": law.law, "day": day.isoformat()}
    open_tasks = session.scalars(
        select(Task).where(Task.creditor_id == creditor.id, Task.kind == MISSING_TASK, Task.done_at.is_(None))
    )
    there = {str(task.details.get("key")): task for task in open_tasks}
    for key, task in there.items():
        if key not in missing:
            task.done_at = now
    for key, details in missing.items():
        if key not in there:
            session.add(Task(creditor_id=creditor.id, kind=MISSING_TASK, details={"key": key, **details}, since=now))
