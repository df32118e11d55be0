"""How is each refused row of a file of claims told, with a sentence for each reason, and handed back as a file?"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TextIO

from portal.actions.import_evidence import NameProblem
from portal.actions.import_evidence import RefusedFile as RefusedDocument
from portal.actions.imports import Refused
from portal.rules.attachments import spoken_name
from portal.rules.claims import PositionKind
from portal.rules.countries import Profile
from portal.rules.import_rows import Problem, RowProblem
from portal.rules.imports import REASON, Column, RowFault, TableFault, TableRefused, guarded
from portal.rules.openings import SHORTEST_TO_PAY, OpeningProblem
from portal.web.labels.attachments import PROBLEMS as DOCUMENT_PROBLEMS
from portal.web.labels.imports import COLUMNS, FILE_FAULTS, IN_A_FILE, NAME_PROBLEMS, ROW_FAULTS, ROW_PROBLEMS
from portal.web.labels.openings import PROBLEMS

Say = Callable[..., str]
SEPARATOR = ";"


def plainly(text: str, **values: object) -> str:
    """The English sentence, for the command line."""
    return text % values if values else text


@dataclass(frozen=True, slots=True)
class Why:
    """What stands against a row, with everything that the sentences about it name."""

    problems: tuple[Problem, ...]
    about: tuple[Column, ...] = ()
    line: int = 0
    company: bool = False
    start: date | None = None


def why(refused: Refused) -> Why:
    """What stands against this row, without the row."""
    opening = refused.read.opening
    company, start = (opening.company, opening.interest_from) if opening is not None else (False, None)
    return Why(refused.problems, refused.about, refused.line, company, start)


def sentences(refused: Refused, profile: Profile, today: date, say: Say = plainly) -> list[str]:
    """One sentence for each thing that stands against this row."""
    return told(why(refused), profile, today, say)


def told(against: Why, profile: Profile, today: date, say: Say = plainly) -> list[str]:
    """One sentence for each of these things."""
    values: dict[str, object] = {
        "line": against.line,
        "columns": ", ".join(say(COLUMNS[column]) for column in against.about),
        "example": f"{today:%d.%m.%Y}",
        "earliest": f"{today + SHORTEST_TO_PAY:%d.%m.%Y}",
        "missing": f"{against.start or today:%d.%m.%Y}",
        "rate_law": getattr(profile.rate_table(consumer=not against.company), "law", ""),
        "cost_law": profile.consumer_law.get(PositionKind.AGENCY_COST, ""),
        "lump_law": profile.business_lump_law,
    }
    return [say(_text(problem), **values) for problem in against.problems]


def of_file(refused: TableRefused, say: Say = plainly) -> str:
    """The sentence that says why nothing of the file was taken."""
    columns = ", ".join(say(COLUMNS[column]) for column in COLUMNS if column in refused.columns)
    if refused.fault is not TableFault.COLUMNS_MISSING:
        return say(FILE_FAULTS[refused.fault])
    return say(FILE_FAULTS[refused.fault], columns=columns)


def of_document(refused: RefusedDocument, say: Say = plainly) -> str:
    """The sentence that names a document that was not taken, and why."""
    reasons = [
        say(NAME_PROBLEMS[problem] if isinstance(problem, NameProblem) else DOCUMENT_PROBLEMS[problem])
        for problem in refused.problems
    ]
    return say("%(name)s: %(reason)s", name=spoken_name(refused.name), reason=" ".join(reasons))


class RefusedFile:
    """The refused rows as CSV with the columns they came with and one more that says why."""

    def __init__(self, stream: TextIO, header: tuple[str, ...]) -> None:
        self._csv = csv.writer(stream, delimiter=SEPARATOR, lineterminator="\r\n")
        self._width = len(header) - (header[-1:] == (REASON,))
        self._csv.writerow([*header[: self._width], REASON])

    def add(self, refused: Refused, reasons: Sequence[str]) -> None:
        """This row, as it was, with its reasons behind it."""
        cells = [guarded(cell.replace("\0", "")) for cell in refused.read.cells[: self._width]]
        self._csv.writerow([*cells, *[""] * (self._width - len(cells)), " ".join(reasons)])


def _text(problem: object) -> str:
    if isinstance(problem, OpeningProblem):
        return IN_A_FILE.get(problem, PROBLEMS[problem])
    return ROW_FAULTS[problem] if isinstance(problem, RowFault) else ROW_PROBLEMS[RowProblem(str(problem))]
