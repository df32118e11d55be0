"""How far is a file of claims that was handed in at the desk, and what keeps it from going on?"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

#: A file that nobody brought in, and what was refused of one, is kept so long.
KEPT = timedelta(days=7)
#: So many documents may wait beside one file of claims, and so many bytes.
MOST_DOCUMENTS = 2_000
MOST_DOCUMENT_BYTES = 1024 * 1024 * 1024


class Stage(StrEnum):
    """What a clerk sees of a file, from its columns to its claims and back."""

    COLUMNS = "columns"
    CHECKING = "checking"
    CHECKED = "checked"
    ASKED = "asked"
    WRITING = "writing"
    BROKEN = "broken"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


#: While a file is in one of these, the page changes by itself.
MOVING = frozenset({Stage.CHECKING, Stage.ASKED, Stage.WRITING, Stage.UNDOING})


class Beside(StrEnum):
    """What a file beside an import is: a document, the check list, or the rows that were refused."""

    DOCUMENT = "document"
    LIST = "list"
    REFUSED = "refused"


class GivenProblem(StrEnum):
    """What stands against handing a file in, or against going on with it."""

    FILE_MISSING = "file_missing"
    NO_TABLE = "no_table"
    NO_ROWS = "no_rows"
    ANOTHER_RUNS = "another_runs"
    NOTHING_READY = "nothing_ready"
    FILE_GONE = "file_gone"
    TOO_MANY_DOCUMENTS = "too_many_documents"
    STAYS = "stays"
    TOO_LATE = "too_late"
