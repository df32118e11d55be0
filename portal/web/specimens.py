"""How does a test letter say on each of its pages that it is one?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.actions.specimens import Write
from portal.rules.letter_code import Code
from portal.store.claims import Claim
from portal.store.letters import Letter
from portal.store.people import Debtor
from portal.store.settings import Creditor
from portal.store.stationery import Stationery
from portal.web import i18n
from portal.web.i18n import N_
from portal.web.letter_paper import Writing, letter_data

TITLE = N_("Test letter, nothing is owed")


def title_in(tongue: str) -> str:
    """What a test letter is about, in its language."""
    return i18n.gettext_in(tongue, TITLE)


def stamped(base_url: str, today: date, stationery: Stationery | None = None) -> Write:
    """Sets a test letter as any other, with the words beside its date, which stands on every page."""

    def write(
        session: Session, firm: Creditor, letter: Letter, code: Code, person: Debtor, claims: Sequence[Claim]
    ) -> dict[str, Any]:
        data = letter_data(session, Writing(firm, letter, code, person, claims, base_url, today, stationery))
        return {**data, "place": f"{data['place']} · {title_in(letter.language)}"}

    return write
