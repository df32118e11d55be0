"""What happens when an admin changes the look of the letters, or what they say in the creditor's own words?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.today import remember
from portal.rules.letters import Window
from portal.rules.stationery import Part, TextFault, all_faults, tidy
from portal.store.settings import creditor_by_id_locked
from portal.store.stationery import LetterLook, LetterText, Logo, look_locked, texts_in

#: Tasks that are done already: they keep who changed what when, with the old and the new words.
LOOK_TASK, TEXTS_TASK = "letter_look_changed", "letter_texts_changed"


def change_look(
    session: Session,
    creditor_id: UUID,
    window: Window | None,
    *,
    logo: Logo | None = None,
    without_logo: bool = False,
    clerk_id: UUID,
    now: datetime,
) -> None:
    """Letters from now on have this window (None: the country's) and this logo; no logo given keeps the one there."""
    creditor_by_id_locked(session, creditor_id)
    row = look_locked(session, creditor_id)
    if row is None:
        row = LetterLook(creditor_id=creditor_id, window="", changed_at=now)
        session.add(row)
    before = {"window": row.window, "logo": row.logo is not None}
    row.window, row.changed_at = window.value if window else "", now
    if logo is not None:
        row.logo, row.logo_width, row.logo_height = logo.jpeg, logo.width, logo.height
    elif without_logo:
        row.logo = row.logo_width = row.logo_height = None
    after = {"window": row.window, "logo": row.logo is not None, "new_logo": logo is not None}
    remember(session, creditor_id, LOOK_TASK, {"before": before, "after": after}, by=clerk_id, now=now)


def change_texts(
    session: Session, creditor_id: UUID, language: str, texts: Mapping[Part, str], *, clerk_id: UUID, now: datetime
) -> dict[Part, list[TextFault]]:
    """Letters in this language say this from now on, an empty part says ours; or everything that stands against it."""
    wanted = {part: tidy(texts.get(part, "")) for part in Part}
    if found := all_faults(wanted):
        return found
    creditor_by_id_locked(session, creditor_id)
    there = texts_in(session, creditor_id, language)
    changed = {}
    for part, text in wanted.items():
        row = there.get(part)
        before = row.text if row else ""
        if before == text:
            continue
        changed[part.value] = [before, text]
        if row is not None and not text:
            session.delete(row)
        elif row is not None:
            row.text, row.changed_at = text, now
        else:
            new = LetterText(creditor_id=creditor_id, language=language, part=part.value, text=text, changed_at=now)
            session.add(new)
    if changed:
        details = {"language": language, "changed": changed}
        remember(session, creditor_id, TEXTS_TASK, details, by=clerk_id, now=now)
    return {}
