"""Is every table read as its author wrote it, and a hostile one refused with a reason?"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from portal.gateways.tables import LONGEST_CELL, MOST_COLUMNS, Table, read_table
from portal.rules.imports import RowFault, TableFault, TableRefused

TEXT = 'name;ort;betrag\r\nMüller;Zürich;"1\'234,50"\r\n"Anna\nMuster";"a ""b"" c";5\r\n'


def read(content: bytes) -> Table:
    return read_table(io.BytesIO(content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_any_usual_encoding_and_separator(encoding: str, separator: str) -> None:
    table = read(TEXT.replace(";", separator).encode(encoding))
    assert table.header == ("name", "ort", "betrag")
    first, second = table.rows
    assert (first.line, first.cells) == (2, ("Müller", "Zürich", "1'234,50"))
    assert (second.line, second.cells) == (3, ("Anna\nMuster", 'a "b" c', "5"))


def test_the_separator_may_be_named_by_the_spreadsheet() -> None:
    table = read(b"sep=|\r\na|b,c\r\n1|2\r\n")
    assert table.header == ("a", "b,c")
    assert [row.cells for row in table.rows] == [("1", "2")]


def fault(content: bytes) -> TableFault:
    with pytest.raises(TableRefused) as refused:
        list(read(content).rows)
    return refused.value.fault


def test_what_is_no_table_is_refused_whole() -> None:
    assert fault(b"") is TableFault.EMPTY
    assert fault(b"\n\n") is TableFault.NO_HEADER
    assert fault(b"\xd0\xcf\x11\xe0rest") is TableFault.OLD_FORMAT
    assert fault(b"PK\x03\x04rest") is TableFault.DAMAGED
    assert fault(b"a;b\n\x81;1\n") is TableFault.ENCODING
    assert fault(";".join(f"c{n}" for n in range(10_000)).encode()) is TableFault.TOO_MANY_COLUMNS
    with pytest.raises(TableRefused) as refused:
        read_table(io.BytesIO(b"a;b\n1;2\n"), most=4)
    assert refused.value.fault is TableFault.TOO_LARGE


def test_a_bad_row_leaves_its_neighbours_alone() -> None:
    big = "x" * (10 * 1024 * 1024)
    wide = ";".join(["1"] * (MOST_COLUMNS + 5))
    rows = list(read(f'a;b\n1;2\n"x"y;3\n{big};4\n{wide}\nA\0B;5\n6;7\n'.encode()).rows)
    assert [row.fault for row in rows] == [
        None, RowFault.UNREADABLE, RowFault.CELL_TOO_LONG, RowFault.TOO_MANY_CELLS, None, None,
    ]  # fmt: skip
    assert rows[-1].cells == ("6", "7")
    assert [row.line for row in rows] == [2, 3, 4, 5, 6, 7]
    assert max(map(len, rows[2].cells)) <= LONGEST_CELL


def book(*rows: tuple[object, ...]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_spreadsheet_says_the_same_as_text() -> None:
    table = read(book(
        (), ("name", "am", "tag", "betrag", "plz"),
        ("Müller", date(2026, 3, 14), datetime(2026, 3, 14, 8), 1234.5, 4900),  # noqa: DTZ001
        (None,), ("x", None, None, 0.1 + 0.2, "01067"),
    ))  # fmt: skip
    assert table.header == ("name", "am", "tag", "betrag", "plz")
    first, second = table.rows
    assert (first.line, first.cells) == (3, ("Müller", "2026-03-14", "2026-03-14", "1234.5", "4900"))
    assert second.cells[3:] == ("0.3", "01067")


def test_a_spreadsheet_with_entities_or_without_end_is_refused() -> None:
    good = book(("a",), ("1",))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.infolist():
            text = old.read(one)
            if one.filename.endswith("sheet1.xml"):
                text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + text.split(b"?>", 1)[-1]
            new.writestr(one, text)
    assert fault(out.getvalue()) is TableFault.DAMAGED
    assert fault(good[: len(good) // 2]) is TableFault.DAMAGED


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The spreadsheet with these files in the place of its own, by the end of their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            new.writestr(one, parts.get(one.filename.rpartition("/")[2].partition(".")[0], old.read(one)))
    return out.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def test_a_spreadsheet_that_unpacks_to_more_than_it_says_or_to_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = book(("a", "b"), ("1", "2"))
    monkeypatch.setattr("portal.gateways.tables.MOST_UNPACKED", 1024 * 1024)
    assert fault(repacked(good, sheet1=b" " * (2 * 1024 * 1024))) is TableFault.TOO_LARGE
    monkeypatch.setattr("portal.gateways.tables.MOST_MEMBERS", 3)
    assert fault(good) is TableFault.TOO_LARGE


def test_a_spreadsheet_says_of_a_formula_what_its_author_saw() -> None:
    rows = (
        b'<row r="1"><c r="A1" t="str"><v>name</v></c><c r="B1" t="str"><v>sum</v></c></row>'
        b'<row r="2"><c r="A2" t="str"><f>HYPERLINK("http://x","y")</f><v>y</v></c><c r="B2"><f>1+1</f><v>2</v></c>'
        b'</row><row r="3"><c r="A3"><f>1+1</f></c><c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    table = read(repacked(book(("x",)), sheet1=SHEET % rows))
    assert [row.cells for row in table.rows] == [("y", "2"), ("", "#DIV/0!")]


def test_a_wide_or_a_long_row_of_a_spreadsheet_is_refused_alone() -> None:
    big = "x" * (LONGEST_CELL + 1)
    rows = list(read(book(("a", "b"), (1, 2), (big, 1), tuple(range(MOST_COLUMNS + 5)), (3, 4))).rows)
    assert [row.fault for row in rows] == [None, RowFault.CELL_TOO_LONG, RowFault.TOO_MANY_CELLS, None]
    assert fault(book(tuple(f"c{number}" for number in range(10_000)))) is TableFault.TOO_MANY_COLUMNS


def test_a_quote_that_is_never_closed_takes_only_its_own_row() -> None:
    rows = list(read(b'a;b\n1;2\n"x;3\n4;5\n').rows)
    assert (rows[0].fault, rows[0].cells) == (None, ("1", "2"))
    assert [row.fault for row in rows[1:]] == [RowFault.UNREADABLE]


def test_line_ends_of_every_kind_and_an_empty_line() -> None:
    for end in ("\n", "\r\n", "\r"):
        rows = read(end.join(("a;b", "1;2", "", "3;4")).encode()).rows
        assert [row.cells for row in rows] == [("1", "2"), ("3", "4")]
