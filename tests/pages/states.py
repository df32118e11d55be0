"""Which pages are there, and in which states is each of them looked at?"""

from __future__ import annotations

from pathlib import Path

from tests.pages import debtor_states, desk_states, import_states, letter_states
from tests.pages.stage import State

ROOT = Path(__file__).resolve().parents[2]
DEBTOR: list[State] = debtor_states.STATES
DESK: list[State] = [*desk_states.STATES, *import_states.STATES, *letter_states.STATES]
#: Shown only after an expired letter's code and postcode; `tests/web/debtor/test_access.py` reads it.
ELSEWHERE = {"debtor/access/_expired.html"}


def every_template() -> set[str]:
    """The template of every page, by its path below `templates`; e-mails are no pages."""
    folder = ROOT / "templates"
    found = {str(file.relative_to(folder)) for file in folder.rglob("*.html")}
    return {name for name in found if not name.startswith(("shared/", "emails/"))} - ELSEWHERE
