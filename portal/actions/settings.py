"""What happens when an admin changes the creditor's limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.today import remember
from portal.rules.settings import LIMITS, SettingsProblem, problems
from portal.store.settings import Creditor

#: A task that is done already: it keeps who changed which limit when, with the old and the new value.
LIMITS_TASK = "limits_changed"


def change_limits(
    session: Session, creditor: Creditor, values: Mapping[str, int | None], *, clerk_id: UUID, now: datetime
) -> list[tuple[str, SettingsProblem]]:
    """These limits hold from now on, for what is decided from now on; or everything that stands against them."""
    found = problems(values)
    if found:
        return found
    row = session.get_one(Creditor, creditor.id)
    changed = {name: [getattr(row, name), values[name]] for name in LIMITS if getattr(row, name) != values[name]}
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        remember(session, creditor.id, LIMITS_TASK, {"changed": changed}, by=clerk_id, now=now)
    return []
