"""What does the desk keep of going through a file: a line for each row, in no language, and the refused rows?"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from itertools import islice
from typing import Any
from uuid import UUID

from portal.actions.imports import Refused
from portal.gateways.sheets import sheet_of
from portal.rules.import_evidence import file_key
from portal.rules.import_rows import Light, Problem, Read, RowProblem, Setting
from portal.rules.imports import Column, RowFault
from portal.rules.openings import OpeningProblem
from portal.web.refused_rows import SEPARATOR, RefusedFile, Say, Why, sentences, why

#: So many rows stand in the list; those that follow are counted, and the refused ones among them are in the file.
MOST_LISTED = 20_000
LONGEST_SHOWN = 80
READY, REFUSED, NOT_DUE = "ready", "refused", "not_due"
#: Where the lights and the reasons stand in a kept row.
_LIGHTS, _WHY = 8, 10
_VIEWS = frozenset(Light)
_PROBLEMS: Mapping[str, Problem] = {
    problem.value: problem for kind in (OpeningProblem, RowProblem, RowFault) for problem in kind
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file as the check list shows it; `missing` are documents that it names and nobody handed in."""

    line: int
    name: str
    invoice: str
    amount: str
    due: str
    minor: int | None = None
    currency: str = ""
    due_on: date | None = None
    lights: tuple[Light, ...] = ()
    missing: tuple[str, ...] = ()
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A check list as it is kept: its rows, names of documents that are missing, and of those that no row names."""

    rows: list[list[Any]]
    missing: list[str]
    unused: list[str]

    def lines(self, view: str, start: int, count: int) -> list[Line]:
        """So many lines of this view from this one on: refused, ready, not due, a light, or else all."""
        seen = (row for row in self.rows if _is_in(row, view))
        return [_line(row) for row in islice(seen, start, start + count)]


@dataclass
class CheckList:
    """The lines and the refused rows of a file while it is gone through."""

    header: tuple[str, ...]
    columns: Mapping[Column, int]
    setting: Setting
    say: Say
    sheet: bool = False
    lines: list[Line] = field(default_factory=list)
    refused_count: int = 0
    problems: Counter[Problem] = field(default_factory=Counter)
    named: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._text = StringIO(newline="")
        self._refused = RefusedFile(self._text, self.header)

    def on_refused(self, refused: Refused) -> None:
        """The row stands in the file with its reasons, and in the list."""
        self.refused_count += 1
        self.problems.update(refused.problems)
        self._refused.add(refused, sentences(refused, self.setting.profile, self.setting.today, self.say))
        self._list(refused.read, why(refused))

    def on_taken(self, read: Read, claim_id: UUID) -> None:
        """The row stands in the list."""
        self._list(read, None)

    def _list(self, read: Read, against: Why | None) -> None:
        opening, here = read.opening, self.setting.evidence
        if against is None:
            self.named.update((file_key(name), name) for name in read.evidence)
        if len(self.lines) >= MOST_LISTED:
            return
        amount = opening.principal if opening is not None else None
        self.lines.append(
            Line(
                read.line, self._cell(read, Column.DEBTOR_NAME), self._cell(read, Column.INVOICE_NUMBER),
                self._cell(read, Column.PRINCIPAL), self._cell(read, Column.DUE_DATE),
                amount.minor if amount is not None else None, amount.currency if amount is not None else "",
                opening.due_on if opening is not None else None, read.lights if against is None else (),
                tuple(name[:LONGEST_SHOWN] for name in read.evidence if file_key(name) not in here), against,
            )
        )  # fmt: skip

    def _cell(self, read: Read, column: Column) -> str:
        place = self.columns.get(column)
        return read.cells[place][:LONGEST_SHOWN] if place is not None and place < len(read.cells) else ""

    def refused_file(self) -> bytes:
        """The refused rows in the form in which the file came, with one more column."""
        if not self.sheet:
            return self._text.getvalue().encode("utf-8-sig")
        self._text.seek(0)
        return sheet_of(csv.reader(self._text, delimiter=SEPARATOR))

    def packed(self, documents: Sequence[str]) -> bytes:
        """The list as it is kept, beside these documents."""
        kept = {
            "lines": [_plain(line) for line in self.lines],
            "missing": sorted(name for key, name in self.named.items() if key not in self.setting.evidence),
            "unused": [name for name in documents if file_key(name) not in self.named],
        }
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(data: bytes) -> Found:
    """The list as it was kept."""
    kept = json.loads(data)
    return Found(kept["lines"], kept["missing"], kept["unused"])


def _is_in(row: list[Any], view: str) -> bool:
    """Only a page of a long list is ever put together, so the kept row itself is looked at."""
    lights, against = row[_LIGHTS], row[_WHY]
    if view == REFUSED:
        return against is not None
    if view == NOT_DUE:
        return against is not None and OpeningProblem.NOT_DUE_YET in against[0]
    if view == READY:
        return against is None and not lights
    return view not in _VIEWS or view in lights


def _plain(line: Line) -> list[Any]:
    against = line.why
    return [
        line.line, line.name, line.invoice, line.amount, line.due, line.minor, line.currency, _iso(line.due_on),
        [light.value for light in line.lights], list(line.missing),
        against and [[problem.value for problem in against.problems], [column.value for column in against.about],
                     against.line, against.company, _iso(against.start)],
    ]  # fmt: skip


def _line(row: list[Any]) -> Line:
    number, name, invoice, amount, due, minor, currency, due_on, lights, missing, against = row
    return Line(
        number, name, invoice, amount, due, minor, currency, _day(due_on), tuple(map(Light, lights)), tuple(missing),
        _why(against) if against else None,
    )  # fmt: skip


def _why(kept: list[Any]) -> Why:
    problems, about, line, company, start = kept
    return Why(tuple(_PROBLEMS[name] for name in problems), tuple(map(Column, about)), line, company, _day(start))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
