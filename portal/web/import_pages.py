"""What stands on the desk's pages about a file of claims: how it is read, what the check has found, what came of it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for

from portal.actions import import_desk
from portal.actions.import_desk import Checked, light_counts
from portal.actions.import_undo import UNDO_FOR, may_undo
from portal.gateways.tables import Table
from portal.rules.countries import Profile
from portal.rules.import_rows import Read, Setting, read_row
from portal.rules.import_stages import KEPT, MOVING, Stage
from portal.rules.imports import Column, Row
from portal.rules.money import Money
from portal.store.imports import ClaimImport
from portal.web import i18n
from portal.web.i18n import gettext as _
from portal.web.import_lists import NOT_DUE, READY, REFUSED, Found, Line
from portal.web.labels.imports import ENCODINGS, GIVEN_PROBLEMS, LIGHTS, SEPARATORS, STAGES, TINTS
from portal.web.refused_rows import Why, told

Shown = dict[str, Any]
SAMPLE = 5
ON_ONE_PAGE = 50
LONGEST_CELL = 40


def undo_until(row: ClaimImport, now: datetime) -> str:
    """Until when everything can be taken back, in words; empty if it can't."""
    if row.state != "done" or row.done_at is None or not may_undo(row, now) or not row.taken:
        return ""
    return i18n.moment(row.done_at + UNDO_FOR)


def overview_row(row: ClaimImport, clerk: str | None, now: datetime) -> list[Any]:
    """One file in the list of all."""
    stage = import_desk.stage(row)
    brought = stage in (Stage.DONE, Stage.UNDONE, Stage.UNDOING)
    return [
        {"text": row.name, "href": url_for("creditor.imports.one", id=row.id)},
        {"tag": _(STAGES[stage]), "tint": TINTS.get(stage, ""), "text": ""},
        row.taken if brought else "",
        row.refused if brought else "",
        clerk or _("Command line"),
        i18n.moment(row.started_at),
        undo_until(row, now),
    ]


def head_of(row: ClaimImport, clerk: str | None, now: datetime) -> Shown:
    """What every page about one file says first."""
    stage, problem = import_desk.stage(row), import_desk.problem_of(row)
    return {
        "row": row,
        "stage": stage.value,
        "state": _(STAGES[stage]),
        "tint": TINTS.get(stage, ""),
        "moving": stage in MOVING,
        "who": clerk or _("Command line"),
        "since": i18n.moment(row.started_at),
        "kept_until": i18n.day((row.started_at + KEPT).date()),
        "stopped": _(GIVEN_PROBLEMS[problem]) if problem is not None else "",
        "undo_until": undo_until(row, now),
    }


# --- the columns ---


def read_as(table: Table) -> str:
    """How the file was read: its encoding, what separates its cells, its sheet."""
    encoding = ENCODINGS.get(table.encoding, table.encoding)
    if table.sheet:
        return _("%(encoding)s, the first sheet: %(sheet)s", encoding=encoding, sheet=table.sheet)
    return f"{encoding}, {_(SEPARATORS.get(table.separator, table.separator))}"


def options_of(header: Sequence[str]) -> list[tuple[str, str]]:
    """The file's columns to choose from, by their places."""
    return [(str(at), name or _("Column %(number)s", number=at + 1)) for at, name in enumerate(header)]


def cut(cell: str) -> str:
    """A cell as far as it fits into a table."""
    text = " ".join(cell.split())
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def as_it_stands(header: Sequence[str], rows: Iterable[Row]) -> list[list[str]]:
    """The first rows of the file, cell by cell."""
    width = len(header)
    return [[cut(cell) for cell in (*row.cells, *[""] * width)[:width]] for row in rows]


def as_it_is_read(rows: Iterable[Row], columns: Mapping[Column, int], width: int, setting: Setting) -> list[list[Any]]:
    """What the portal makes of these rows with these columns."""
    return [_read_line(read_row(row, columns, width, setting), setting) for row in rows]


def _read_line(read: Read, setting: Setting) -> list[Any]:
    opening = read.opening
    if opening is None:
        return [_("Line %(line)s", line=read.line), "", "", "", "", _against(read, setting)]
    address = f"{opening.street} {read.house_number}, {opening.postcode or ''} {opening.town}"
    return [
        opening.name,
        cut(address.strip(" ,")),
        f"{opening.invoice_number}, {i18n.day(opening.invoice_on)}" if opening.invoice_on else opening.invoice_number,
        i18n.day(opening.due_on) if opening.due_on else "",
        i18n.money(opening.principal) if opening.principal is not None else "",
        _against(read, setting),
    ]


def _against(read: Read, setting: Setting) -> str:
    from_row = Why(read.problems, (), 0, bool(read.opening and read.opening.company))
    return " ".join(told(from_row, setting.profile, setting.today, _))


# --- the check list ---


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, with the numbers of the pages before and after it, or 0."""

    lines: list[Line]
    earlier: int
    later: int


def page_of_lines(found: Found | None, view: str, number: int) -> Page:
    """So many lines of this view."""
    lines = found.lines(view, (number - 1) * ON_ONE_PAGE, ON_ONE_PAGE + 1) if found is not None else []
    return Page(lines[:ON_ONE_PAGE], number - 1, number + 1 if len(lines) > ON_ONE_PAGE else 0)


def counts(row: ClaimImport, check: Checked, view: str) -> list[Shown]:
    """How many rows there are of each kind, each with the way to them."""
    told: list[tuple[str, str, int]] = [
        ("", _("All rows"), check.total),
        (READY, _("ready to bring in"), check.ready),
        *((light.value, _(LIGHTS[light]), count) for light, count in light_counts(check)),
    ]
    if check.not_due:
        told.append((NOT_DUE, _("not yet due"), check.not_due))
    if check.refused:
        told.append((REFUSED, _("refused"), check.refused))
    return [
        {
            "title": title,
            "count": count,
            "href": url_for("creditor.imports.one", id=row.id, show=name or None),
            "current": view == name,
        }
        for name, title, count in told
    ]


def line_row(line: Line, profile: Profile, today: date) -> Shown:
    """One row of the check list with everything that was found."""
    return {
        "line": line.line,
        "name": line.name,
        "invoice": line.invoice,
        "amount": i18n.money(Money(line.minor, line.currency)) if line.minor is not None else line.amount,
        "due": i18n.day(line.due_on) if line.due_on else line.due,
        "tags": _tags(line),
        "sentence": _sentence(line, profile, today),
    }


def _tags(line: Line) -> list[tuple[str, str]]:
    if line.why is not None:
        return [(_("refused"), "pause")]
    if not line.lights:
        return [(_("ready to bring in"), "good")]
    return [(_(LIGHTS[light]), "wait") for light in line.lights]


def _sentence(line: Line, profile: Profile, today: date) -> str:
    if line.why is not None:
        return " ".join(told(line.why, profile, today, _))
    if line.missing:
        return _("Not here yet: %(names)s", names=", ".join(line.missing))
    return ""
