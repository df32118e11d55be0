"""What stands in a table that somebody's accounting has written, CSV or XLSX, row by row and without trusting a byte?

CSV in UTF-8, UTF-16 or Windows-1252 with any usual separator; XLSX through openpyxl, read as a stream. Nothing is ever
computed: of a formula only the value that its author saw is read.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from portal.rules.imports import Row, RowFault, TableFault, TableRefused

#: What the desk takes (`security.md` 4.2); the command line reads larger ones.
MOST_BYTES = 50 * 1024 * 1024
MOST_COLUMNS = 200
LONGEST_CELL = 10_000
#: Above this the reader itself gives up; a quote that is never closed would else be one cell to the end.
LONGEST_READ = 32 * 1024 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_SHARED = 128 * 1024 * 1024
MOST_MEMBERS = 2_000
SEPARATORS = ";,\t|"
CHUNK = 1024 * 1024
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

csv.field_size_limit(LONGEST_READ)


@dataclass(frozen=True, slots=True)
class Table:
    """The columns' names as written, and the rows below them, which can be read once."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str
    separator: str
    sheet: str = ""


def read_table(stream: BinaryIO, *, most: int = MOST_BYTES) -> Table:
    """The first sheet of this file. Raises `TableRefused` for what is no table, too large or damaged."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise TableRefused(TableFault.EMPTY)
    if size > most:
        raise TableRefused(TableFault.TOO_LARGE)
    start = stream.read(4)
    stream.seek(0)
    if start == OLD_OFFICE:
        raise TableRefused(TableFault.OLD_FORMAT)
    return _from_xlsx(stream) if start == ZIP else _from_csv(stream)


def _from_csv(stream: BinaryIO) -> Table:
    encoding = _encoding(stream)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        return _csv_table(text, encoding)
    except TableRefused:
        _let_go(text)
        raise


def _csv_table(text: io.TextIOWrapper, encoding: str) -> Table:
    first = text.readline(LONGEST_READ)
    number, named = 1, first.strip().lower().strip('"')
    if named.startswith("sep=") and len(named) == 5:
        separator, number = named[4], 2
    else:
        separator = _separator(first)
        text.seek(0)
    read = _records(text, csv.reader(text, delimiter=separator, strict=True), number)
    header = next(read, None)
    return Table(_columns(header), read, encoding, separator)


def _columns(header: Row | None) -> tuple[str, ...]:
    if header is not None and header.fault is RowFault.TOO_MANY_CELLS:
        raise TableRefused(TableFault.TOO_MANY_COLUMNS)
    if header is None or header.fault or not any(cell.strip() for cell in header.cells):
        raise TableRefused(TableFault.NO_HEADER)
    found = tuple(" ".join(cell.split()) for cell in header.cells)
    while found and not found[-1]:
        found = found[:-1]
    if any(len(name) > 200 or "\0" in name for name in found):
        raise TableRefused(TableFault.NO_HEADER)
    return found


def _records(text: io.TextIOWrapper, reader: Any, number: int) -> Iterator[Row]:
    """Each record with the line on which it begins; one that can't be read is a row with its fault.

    At the end the stream below is its owner's again.
    """
    try:
        while True:
            line = reader.line_num + number
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Row(line, (), RowFault.UNREADABLE)
                continue
            if any(cells):
                yield _row(line, tuple(cells))
    finally:
        _let_go(text)


def _let_go(text: io.TextIOWrapper) -> None:
    with suppress(ValueError):  # the stream below was closed or given back before
        text.detach()


def _row(line: int, cells: tuple[str, ...]) -> Row:
    if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
        return Row(line, cells[:MOST_COLUMNS], RowFault.TOO_MANY_CELLS)
    if max(map(len, cells)) > LONGEST_CELL:
        return Row(line, tuple(cell[:200] for cell in cells[:MOST_COLUMNS]), RowFault.CELL_TOO_LONG)
    return Row(line, cells[:MOST_COLUMNS])


def _separator(first: str) -> str:
    """The separator that stands most often outside quotes in the line of the columns' names."""
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def _encoding(stream: BinaryIO) -> str:
    start = stream.read(4096)
    if start.startswith(codecs.BOM_UTF8):
        return _tried(stream, "utf-8-sig")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _tried(stream, "utf-16")
    evens, odds = start[::2].count(0), start[1::2].count(0)
    if max(evens, odds) > len(start) // 4:
        return _tried(stream, "utf-16-be" if evens > odds else "utf-16-le")
    try:
        return _tried(stream, "utf-8")
    except TableRefused:
        return _tried(stream, "cp1252")


def _tried(stream: BinaryIO, encoding: str) -> str:
    """This encoding, if the whole file can be read in it."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := stream.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise TableRefused(TableFault.ENCODING) from None
    return encoding


def _from_xlsx(stream: BinaryIO) -> Table:
    try:
        _look_inside(stream)
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows = _cells(_values(book, sheet))
        header = next((row for row in itertools.islice(rows, 50) if any(row.cells)), None)
    except TableRefused:
        raise
    except _DAMAGE:
        raise TableRefused(TableFault.DAMAGED) from None
    return Table(_columns(header), (row for row in rows if any(row.cells)), "xlsx", "", str(sheet.title))


_DAMAGE = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, IndexError, TypeError, AttributeError,
    OSError, EOFError, OverflowError, NotImplementedError,
)  # fmt: skip


def _look_inside(stream: BinaryIO) -> None:
    """Nothing in it unpacks to more than a large firm's file, and nothing declares entities."""
    with zipfile.ZipFile(stream) as packed:
        members = packed.infolist()
        if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
            raise TableRefused(TableFault.TOO_LARGE)
        for one in members:
            if one.filename.endswith("sharedStrings.xml") and one.file_size > MOST_SHARED:
                raise TableRefused(TableFault.TOO_LARGE)
            if one.filename.endswith((".xml", ".rels")):
                with packed.open(one) as part:
                    if b"<!DOCTYPE" in part.read(4096):
                        raise TableRefused(TableFault.DAMAGED)
    stream.seek(0)


class _Cells(WorkSheetParser):  # type: ignore[misc]
    """The library's own reader, but for texts that stand in the cell, which it reads ten times as slowly."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        if element.get("t") != "inlineStr" or not element.get("r"):
            found: dict[str, Any] = super().parse_cell(element)
            return found
        _, self.col_counter = coordinate_to_tuple(element.get("r"))
        written = element.find(f"{_NAMES}is")
        parts = [] if written is None else [*written.findall(f"{_NAMES}t"), *written.findall(f"{_NAMES}r/{_NAMES}t")]
        return {"column": self.col_counter, "value": "".join(part.text or "" for part in parts)}


_NAMES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _values(book: Any, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Each row's number, which only grows, and its values up to the last."""
    line = 0
    with sheet._get_source() as source:
        parser = _Cells(
            source, sheet._shared_strings, data_only=True, epoch=book.epoch, date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        for number, cells in parser.parse():
            line = max(number, line + 1)
            values: list[Any] = [None] * max((cell["column"] for cell in cells), default=0)
            for cell in cells:
                values[cell["column"] - 1] = cell["value"]
            yield line, values


def _cells(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[Row]:
    while True:
        try:
            line, values = next(rows)
        except StopIteration:
            return
        except _DAMAGE:
            raise TableRefused(TableFault.DAMAGED) from None
        yield _row(line, tuple(map(_text, values)) or ("",))


def _text(value: Any) -> str:
    """A cell as somebody would type it: a day as YYYY-MM-DD, a number with a point and no exponent."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, int) else format(value, ".15g")
