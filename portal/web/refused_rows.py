"""How is each refused row of a file of claims told, with a sentence for each reason, and handed back as a file?"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date
from typing import TextIO

from portal.actions.imports import Refused
from portal.rules.claims import PositionKind
from portal.rules.countries import Profile
from portal.rules.import_rows import RowProblem
from portal.rules.imports import REASON, RowFault, TableFault, TableRefused, guarded
from portal.rules.openings import SHORTEST_TO_PAY, OpeningProblem
from portal.web.labels.imports import COLUMNS, FILE_FAULTS, ROW_FAULTS, ROW_PROBLEMS
from portal.web.labels.openings import PROBLEMS

Say = Callable[..., str]


def plainly(text: str, **values: object) -> str:
    """The English sentence, for the command line."""
    return text % values if values else text


def sentences(refused: Refused, profile: Profile, today: date, say: Say = plainly) -> list[str]:
    """One sentence for each thing that stands against this row."""
    values: dict[str, object] = {
        "line": refused.line,
        "columns": ", ".join(say(COLUMNS[column]) for column in refused.about),
        "example": f"{today:%d.%m.%Y}",
        "earliest": f"{today + SHORTEST_TO_PAY:%d.%m.%Y}",
        "missing": _start(refused, today),
        "rate_law": getattr(profile.rate_table(consumer=not _company(refused)), "law", ""),
        "cost_law": profile.consumer_law.get(PositionKind.AGENCY_COST, ""),
        "lump_law": profile.business_lump_law,
    }
    return [say(_text(problem), **values) for problem in refused.problems]


def of_file(refused: TableRefused, say: Say = plainly) -> str:
    """The sentence that says why nothing of the file was taken."""
    columns = ", ".join(say(COLUMNS[column]) for column in COLUMNS if column in refused.columns)
    if refused.fault is not TableFault.COLUMNS_MISSING:
        return say(FILE_FAULTS[refused.fault])
    return say(FILE_FAULTS[refused.fault], columns=columns)


class RefusedFile:
    """The refused rows as CSV with the columns they came with and one more that says why."""

    def __init__(self, stream: TextIO, header: tuple[str, ...]) -> None:
        self._csv = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        self._width = len(header) - (header[-1:] == (REASON,))
        self._csv.writerow([*header[: self._width], REASON])

    def add(self, refused: Refused, reasons: Sequence[str]) -> None:
        """This row, as it was, with its reasons behind it."""
        cells = [guarded(cell.replace("\0", "")) for cell in refused.read.cells[: self._width]]
        self._csv.writerow([*cells, *[""] * (self._width - len(cells)), " ".join(reasons)])


def _text(problem: object) -> str:
    if isinstance(problem, OpeningProblem):
        return PROBLEMS[problem]
    return ROW_FAULTS[problem] if isinstance(problem, RowFault) else ROW_PROBLEMS[RowProblem(str(problem))]


def _company(refused: Refused) -> bool:
    return refused.read.opening is not None and refused.read.opening.company


def _start(refused: Refused, today: date) -> str:
    opening = refused.read.opening
    start = opening.interest_from if opening is not None and opening.interest_from is not None else today
    return f"{start:%d.%m.%Y}"
