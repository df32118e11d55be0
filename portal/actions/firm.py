"""What happens when an admin says who the firm is: name, address, language, and where it can be called?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.today import remember
from portal.rules.firm import COLUMNS, FirmProblem, problems, tidy
from portal.store.set_up import claims_there
from portal.store.settings import Creditor, creditor_by_id_locked

#: A task that is done already: it keeps who changed what when, with the old and the new words.
FIRM_TASK = "firm_changed"


def change_firm(
    session: Session, creditor: Creditor, values: Mapping[str, str], *, clerk_id: UUID, now: datetime
) -> list[tuple[str, FirmProblem]]:
    """Letters and pages carry this from now on; or everything that stands against it."""
    row = creditor_by_id_locked(session, creditor.id)
    wanted = tidy(values)
    found = problems(wanted, country_in_use=row.country if claims_there(session, row.id) else "")
    if found:
        return found
    changed = {name: [getattr(row, name), wanted[name]] for name in COLUMNS if getattr(row, name) != wanted[name]}
    for name, (_old, new) in changed.items():
        setattr(row, name, new)
    if changed:
        remember(session, row.id, FIRM_TASK, {"changed": changed}, by=clerk_id, now=now)
    return []
